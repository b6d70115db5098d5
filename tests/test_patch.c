/* test_patch.c - traces against the judge's engine, and wrong cells that spare gates put right. */
#include "../train/judge.h"
#include "../train/patch.h"
#include "random_model.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* A task with one start, its model with operations drawn so that signals live, and the picture that these make. */
typedef struct Drawn {
    DlcaTask task;
    DlcaModel *model;
} Drawn;

static void judge(const DlcaTask *task, const DlcaModel *model, const uint8_t *ops, int32_t steps,
                  DlcaHardScore *score) {
    DlcaBench bench;
    DlcaStarts starts;
    cr_assert(dlca_bench_create(&bench, model, NULL));
    cr_assert(dlca_starts_create(&starts, task, 1, DLCA_RANDOM_JUDGE_START, DLCA_RANDOM_JUDGE_FIRE, 0,
                                 (DlcaBlocks){.count = 1}, steps, NULL));
    cr_assert(dlca_judge(&bench, &starts, dlca_hardener_circuit(bench.hardener, ops), steps, score, NULL));
    dlca_starts_free(&starts);
    dlca_bench_free(&bench);
}

/* What a gate of a drawn circuit does: mostly hand on, sometimes OR, AND NOT or XOR. */
static uint8_t draw_op(TestRandom *random) {
    static const uint8_t ops[] = {DLCA_OP_OR, DLCA_OP_XOR, DLCA_OP_A_AND_NOT_B, DLCA_OP_NOT_A_AND_B};
    const int32_t draw = test_random_below(random, 40);
    return draw < 4 ? ops[draw] : draw % 2 ? DLCA_OP_B : DLCA_OP_A;
}

/* The target becomes what the circuit makes, as the trace of it says. */
static Drawn draw(uint64_t seed, bool periodic) {
    Drawn drawn;
    TestRandom random = test_random(seed);
    cr_assert(dlca_task_create(&drawn.task, "lizard", false, true, false, seed, NULL));
    drawn.task.config.periodic = periodic;
    drawn.task.start = DLCA_START_SEED;
    drawn.model = dlca_model_create(&drawn.task.config, NULL);
    cr_assert_not_null(drawn.model);
    dlca_model_wire(drawn.model, seed, 0);
    cr_assert(dlca_model_start(drawn.model, &(DlcaGateStart){.pass = 8.0f, .spread = true}, seed, 0, NULL));
    dlca_model_argmax(drawn.model, drawn.model->ops);
    for (int64_t gate = drawn.model->layer[drawn.task.config.perceive_layers].first; gate < drawn.model->gates;
         gate++) {
        drawn.model->ops[gate] = draw_op(&random);
    }
    DlcaTrace trace;
    const DlcaConfig *config = &drawn.task.config;
    cr_assert(dlca_trace_create(&trace, drawn.model, &drawn.task, config->steps, NULL));
    dlca_trace_run(&trace, drawn.model->ops);
    for (int32_t cell = 0; cell < trace.cells; cell++) {
        const uint64_t *output = dlca_trace_signal(&trace, dlca_trace_row(&trace, config->update_layers - 1, 0));
        const uint64_t word = output[(size_t)(config->steps - 1) * trace.words + (size_t)cell / 64];
        drawn.task.target[cell] = (uint8_t)(word >> (cell % 64) & 1);
    }
    dlca_trace_free(&trace);
    return drawn;
}

static void discard(Drawn *drawn) {
    dlca_model_free(drawn->model);
    dlca_task_free(&drawn->task);
}

Test(patch, a_trace_ends_where_the_judge_does) {
    for (uint64_t seed = 1; seed <= 12; seed++) {
        Drawn drawn = draw(seed, seed % 2 == 0);
        cr_assert_eq(drawn.task.config.scored_channels, 1);
        DlcaHardScore score;
        judge(&drawn.task, drawn.model, drawn.model->ops, drawn.task.config.steps, &score);
        cr_assert_eq(score.wrong_cells, 0, "seed %d: %lld cells differ", (int)seed, (long long)score.wrong_cells);
        discard(&drawn);
    }
}

/* Cells that the signal has reached differ in what they see, so each can be put right. */
Test(patch, mends_cells_that_differ_from_all_others) {
    int32_t mended = 0, gates = 0;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        Drawn drawn = draw(seed, true);
        const DlcaConfig *config = &drawn.task.config;
        uint8_t *before = malloc((size_t)drawn.model->gates);
        memcpy(before, drawn.model->ops, (size_t)drawn.model->gates);
        const int32_t middle = config->height / 2 * config->width + config->width / 2;
        drawn.task.target[middle] ^= 1;
        drawn.task.target[middle + 1] ^= 1;
        drawn.task.target[middle - config->width] ^= 1;
        DlcaPatchReport report;
        DlcaHardScore score;
        cr_assert(
            dlca_patch_run(drawn.model, drawn.model->ops, &drawn.task, (DlcaPatchLimits){0, 3, false}, &report, NULL));
        judge(&drawn.task, drawn.model, drawn.model->ops, config->steps, &score);
        cr_assert(score.wrong_cells == 3 - report.patches || score.wrong_cells == 0,
                  "seed %d: %lld wrong after %lld patches", (int)seed, (long long)score.wrong_cells,
                  (long long)report.patches);
        cr_assert_eq(memcmp(before, drawn.model->ops, (size_t)drawn.model->layer[config->perceive_layers].first), 0);
        mended += score.wrong_cells == 0;
        gates += (int32_t)report.gates;
        free(before);
        discard(&drawn);
    }
    cr_assert_geq(mended, 6, "%d of 12 mended", mended);
    cr_assert_gt(gates, mended);
}

Test(patch, leaves_what_is_right_and_what_is_too_much) {
    Drawn drawn = draw(3, true);
    DlcaPatchReport report;
    uint8_t *before = malloc((size_t)drawn.model->gates);
    memcpy(before, drawn.model->ops, (size_t)drawn.model->gates);
    cr_assert(
        dlca_patch_run(drawn.model, drawn.model->ops, &drawn.task, (DlcaPatchLimits){0, 3, false}, &report, NULL));
    cr_assert_eq(report.patches, 0);
    for (int32_t cell = 0; cell < 4; cell++) {
        drawn.task.target[cell] ^= 1;
    }
    cr_assert(
        dlca_patch_run(drawn.model, drawn.model->ops, &drawn.task, (DlcaPatchLimits){0, 3, false}, &report, NULL));
    cr_assert_eq(report.patches, 0);
    cr_assert_eq(memcmp(before, drawn.model->ops, (size_t)drawn.model->gates), 0);
    free(before);
    discard(&drawn);
}

/* No function tells cells apart that see the same: where all are zeros and stay so, one cell cannot be another. */
Test(patch, what_cannot_be_mended_stays_as_it_was) {
    Drawn drawn = draw(5, true);
    drawn.task.start = DLCA_START_ZEROS;
    memset(drawn.task.target, 0, (size_t)(drawn.task.config.height * drawn.task.config.width));
    for (int64_t gate = 0; gate < drawn.model->gates; gate++) {
        drawn.model->ops[gate] = DLCA_OP_A;
    }
    drawn.task.target[7] = 1;
    DlcaPatchReport report;
    DlcaHardScore score;
    cr_assert(
        dlca_patch_run(drawn.model, drawn.model->ops, &drawn.task, (DlcaPatchLimits){2, 3, false}, &report, NULL));
    judge(&drawn.task, drawn.model, drawn.model->ops, drawn.task.config.steps, &score);
    cr_assert_eq(report.patches, 0);
    cr_assert_eq(score.wrong_cells, 1);
    discard(&drawn);
}
