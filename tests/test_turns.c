/* test_turns.c - no group reads states that another may still write, nor writes over those that another may still read:
 * from the waits that the phases of a pass (turns.h) prescribe, for every number of steps between kept states.
 *
 * Races between threads are rare; what is waited for can be worked out. */
#include "../src/turns.h"
#include "soft_case.h"

#include <criterion/criterion.h>
#include <string.h>

enum { SIDE = 20, STEPS = 13, MOST_PHASES = 4 * STEPS };

/* Phases that a group is through with when another begins one: [phase][group that begins][group]. */
typedef struct Clocks {
    int32_t through[MOST_PHASES][DLCA_MAX_GROUPS][DLCA_MAX_GROUPS];
} Clocks;

static uint32_t all_groups(const DlcaBackend *backend) {
    return (1u << backend->groups) - 1;
}

static void work_out(const DlcaBackend *backend, Clocks *clocks) {
    memset(clocks, 0, sizeof *clocks);
    for (int32_t p = 1; p < backend->pass_phases; p++) {
        for (int32_t group = 0; group < backend->groups; group++) {
            const uint32_t waits = backend->phase[p].of_cells ? backend->near[group] : all_groups(backend);
            int32_t *through = clocks->through[p][group];
            for (int32_t other = 0; other < backend->groups; other++) {
                const int32_t *before = clocks->through[p - 1][other];
                for (int32_t x = 0; (waits >> other & 1) && x < backend->groups; x++) {
                    const int32_t known = x == other ? p : before[x];
                    through[x] = known > through[x] ? known : through[x];
                }
            }
        }
    }
}

static bool reads_states(const DlcaPhase *phase) {
    return phase->kind != DLCA_PHASE_GATHER;
}

/* The groups whose states of a step a group reads. */
static uint32_t sources_of(const DlcaBackend *backend, DlcaColumns columns, int32_t step, int32_t group) {
    return dlca_are_cells(backend, columns, step) ? backend->near[group] : all_groups(backend);
}

/* What phase p reads has been written by the last forward phase before it that leads to its step. */
static void expect_written(const DlcaBackend *backend, DlcaColumns columns, const Clocks *clocks, int32_t p) {
    const DlcaPhase *phase = &backend->phase[p];
    int32_t written = p - 1;
    while (written >= 0 &&
           (backend->phase[written].kind != DLCA_PHASE_FORWARD || backend->phase[written].step + 1 != phase->step)) {
        written--;
    }
    for (int32_t group = 0; reads_states(phase) && group < backend->groups; group++) {
        const uint32_t sources = sources_of(backend, columns, phase->step, group);
        for (int32_t x = 0; x < backend->groups; x++) {
            cr_assert(!(sources >> x & 1) || clocks->through[p][group][x] > written,
                      "K %d: phase %d, step %d: group %d reads what group %d may not have written",
                      backend->checkpoint_every, p, phase->step, group, x);
        }
    }
}

/* Where phase p writes nobody reads any more, in any earlier phase. */
static void expect_read(const DlcaBackend *backend, DlcaColumns columns, const Clocks *clocks, int32_t p) {
    const DlcaPhase *phase = &backend->phase[p];
    const float *to = dlca_state_at(backend, phase->step + 1);
    for (int32_t earlier = 0; phase->kind == DLCA_PHASE_FORWARD && earlier < p; earlier++) {
        const DlcaPhase *reader = &backend->phase[earlier];
        if (!reads_states(reader) || dlca_state_at(backend, reader->step) != to) {
            continue;
        }
        for (int32_t group = 0; group < backend->groups; group++) {
            for (int32_t x = 0; x < backend->groups; x++) {
                const bool reads = sources_of(backend, columns, reader->step, x) >> group & 1;
                cr_assert(!reads || clocks->through[p][group][x] > earlier,
                          "K %d: phase %d, step %d: group %d writes what group %d may still read in phase %d",
                          backend->checkpoint_every, p, phase->step, group, x, earlier);
            }
        }
    }
}

static void expect_order(DlcaBackend *backend, const DlcaBatch *batch, DlcaColumns expected) {
    static Clocks clocks;
    DlcaError error = {0};
    DlcaColumns columns;
    cr_assert(dlca_columns_load(backend, batch, &columns, &error), "%s", error.message);
    cr_assert_eq(columns, expected);
    dlca_phases_make(backend, columns, STEPS, true);
    cr_assert(backend->groups == DLCA_MAX_GROUPS && backend->pass_phases <= MOST_PHASES);
    work_out(backend, &clocks);
    for (int32_t p = 0; p < backend->pass_phases; p++) {
        expect_written(backend, columns, &clocks, p);
        expect_read(backend, columns, &clocks, p);
    }
}

/* One seed cell: all cells have parted after ten of the thirteen steps. */
Test(turns, what_is_waited_for_is_enough) {
    const DlcaConfig config = {.task = "test",
                               .height = SIDE,
                               .width = SIDE,
                               .channels = 3,
                               .scored_channels = 2,
                               .kernels = 2,
                               .perceive_layers = 3,
                               .perceive = {8, 4, 2},
                               .update_layers = 2,
                               .update = {9, 3},
                               .steps = STEPS,
                               .batch = 1,
                               .fire_rate = 1.0,
                               .wiring = DLCA_WIRING_UNIQUE};
    SoftCase test = soft_case(&config, 3, 4.0f, false, false);
    memset(test.input, 0, sizeof(float) * SIDE * SIDE * 3);
    test.input[(SIDE / 2 * SIDE + SIDE / 2) * 3] = 1.0f;
    for (int32_t every = 1; every <= STEPS; every++) {
        const DlcaBackendOptions options = {.threads = 1, .isa = dlca_isa_best(), .checkpoint_every = every};
        DlcaError error = {0};
        DlcaBackend *backend = dlca_backend_cpu.create(test.model, &options, &error);
        cr_assert_not_null(backend, "%s", error.message);
        test.batch.fixed_input = false;
        expect_order(backend, &test.batch, DLCA_COLUMNS_CELLS);
        test.batch.fixed_input = true;
        expect_order(backend, &test.batch, DLCA_COLUMNS_CLASSES);
        dlca_backend_cpu.destroy(backend);
    }
    soft_case_free(&test);
}
