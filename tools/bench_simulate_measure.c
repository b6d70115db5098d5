/* bench_simulate_measure.c - grids that step in turn, and the memory's speed. Leaves alone: what is compared. */
#include "bench_simulate.h"
#include "hand_life.h"

#include <stdlib.h>
#include <string.h>

typedef struct Runner {
    DlcaPlanes *planes;
    DlcaCompiledRule compiled;
    int32_t steps; /* of one call */
} Runner;

static DlcaCompiledRow *hand_life_for(DlcaIsa isa) {
    return isa == DLCA_ISA_AVX512 ? dlca_hand_life_avx512()
           : isa == DLCA_ISA_AVX2 ? dlca_hand_life_avx2()
                                  : dlca_hand_life_scalar();
}

static void fill_randomly(DlcaPlanes *planes, int32_t side, int32_t channels) {
    uint8_t *row = malloc((size_t)side);
    uint64_t state = 88172645463325252u; /* xorshift64 (Marsaglia, 2003) */
    for (int32_t y = 0; row && y < side; y++) {
        for (int32_t c = 0; c < channels; c++) {
            for (int32_t x = 0; x < side; x++) {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                row[x] = state >> 60 & 1;
            }
            dlca_planes_set(planes, c, 0, y, side, row, 1);
        }
    }
    free(row);
}

static bool start(Runner *runner, const SimulateCase *test, const DlcaCircuit *circuit) {
    DlcaPlanesSetup setup = dlca_planes_setup(test->side, test->side, test->channels, true);
    setup.isa = test->isa;
    setup.threads = test->threads;
    setup.native = test->engine == ENGINE_NATIVE;
    setup.asynchronous = test->asynchronous;
    setup.steady = !test->as_learned;
    setup.fire_rate = 0.6;
    runner->planes = dlca_planes_create(&setup, circuit, NULL);
    if (!runner->planes) {
        return false;
    }
    if (test->engine == ENGINE_BY_HAND) {
        DlcaCompiledRow *row = hand_life_for(test->isa);
        DlcaCompiledRows rows = {row, row, row, row};
        return row && dlca_planes_use_compiled(runner->planes, rows, NULL);
    }
    return test->engine != ENGINE_JIT ||
           (dlca_compiled_rule_create(&runner->compiled, runner->planes, test->isa, NULL) &&
            dlca_planes_use_compiled(runner->planes, runner->compiled.rows, NULL));
}

static void run_steps(void *context) {
    const Runner *runner = context;
    dlca_planes_run(runner->planes, runner->steps);
}

/* What a pass reads, with what lies around its tiles, fetches before writing, and writes; nothing where both states fit
 * into the second-level cache. */
static double bytes_per_cell(const DlcaPlanesPlan *plan, const SimulateCase *test) {
    const double both_states = 2.0 * test->side * test->side * test->channels / 8;
    const double around = 2.0 * plan->steps_per_pass;
    const double read = plan->steps_per_pass == 1 ? 1
                                                  : (plan->tile_rows + around) * (plan->tile_columns + around) /
                                                        ((double)plan->tile_rows * plan->tile_columns);
    const double second_level_cache = 640 * 1024;
    const double channels = read * plan->channels_read + 2 * plan->channels_written;
    return both_states < second_level_cache ? 0 : channels / 8 / plan->steps_per_pass;
}

void bench_simulate_group(SimulateCase *cases, const DlcaCircuit *const *circuit, int32_t count, int32_t by_hand,
                          int32_t rounds, double seconds) {
    static BenchItem items[SIMULATE_GROUP];
    Runner runners[SIMULATE_GROUP] = {0};
    bool there[SIMULATE_GROUP] = {false};
    for (int32_t i = 0; i < count; i++) {
        there[i] = start(&runners[i], &cases[i], circuit[i]);
        if (there[i]) {
            const DlcaPlanesPlan plan = dlca_planes_plan(runners[i].planes);
            fill_randomly(runners[i].planes, cases[i].side, cases[i].channels);
            runners[i].steps = plan.steps_per_pass * 2;
            cases[i].steps_per_pass = plan.steps_per_pass;
            cases[i].bytes_per_cell = bytes_per_cell(&plan, &cases[i]);
            items[i] = (BenchItem){.run = run_steps, .context = &runners[i], .calls = 1};
            run_steps(&runners[i]);
            bench_calibrate(&items[i], seconds);
        }
    }
    for (int32_t round = 0; round < rounds; round++) {
        for (int32_t i = 0; i < count; i++) {
            if (there[i]) {
                run_steps(&runners[i]); /* its grid comes back into the cache that the others of the group had */
                bench_round(&items[i], round);
            }
        }
    }
    for (int32_t i = 0; i < count; i++) {
        double rate[BENCH_MOST_ROUNDS] = {0}, ratio[BENCH_MOST_ROUNDS] = {0};
        for (int32_t round = 0; there[i] && round < rounds; round++) {
            rate[round] = (double)cases[i].side * cases[i].side * runners[i].steps / items[i].seconds[round];
            cases[i].best = rate[round] > cases[i].best ? rate[round] : cases[i].best;
            if (by_hand >= 0 && there[by_hand]) {
                const double hand_rate = (double)cases[by_hand].side * cases[by_hand].side * runners[by_hand].steps /
                                         items[by_hand].seconds[round];
                ratio[round] = rate[round] / hand_rate;
            }
        }
        cases[i].cells = bench_spread(rate, rounds);
        cases[i].by_hand = bench_spread(ratio, rounds).median;
    }
    for (int32_t i = 0; i < count; i++) {
        dlca_planes_free(runners[i].planes);
        dlca_compiled_rule_free(&runners[i].compiled);
    }
}

/* ---- memory ---- */

enum { COPY_WORDS = 8 << 20 }; /* 64 MiB, beyond any cache here */

double bench_simulate_bandwidth(int32_t threads) {
    const size_t words = (size_t)COPY_WORDS * (size_t)threads;
    uint64_t *from = malloc(words * sizeof *from), *to = malloc(words * sizeof *to);
    double best = 0;
    if (from && to) {
        memset(from, 1, words * sizeof *from);
    }
    for (int repeat = 0; from && to && repeat < 7; repeat++) {
        const double began = bench_now();
#pragma omp parallel for num_threads(threads) schedule(static)
        for (size_t i = 0; i < words; i++) {
            to[i] = ~from[i] + (uint64_t)repeat;
        }
        const double rate = 3 * 8 * (double)words / (bench_now() - began);
        best = repeat > 0 && rate > best ? rate : best; /* the first one takes the pages from the system */
    }
    free(from);
    free(to);
    return best;
}
