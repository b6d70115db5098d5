/* test_sizes.c - starts of several grids judged together score as they do one by one; a rule that is right by no
 * means is found to be wrong; where cells fire at random the phase is the one that suits a rule best. */
#include "../train/sizes.h"

#include "random_circuit.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 1, SEED = 3 };

/* Wrong cells of the first size alone. */
static int64_t first_size_wrong(const DlcaSizes *sizes, DlcaBench *bench, const DlcaCircuit *circuit, int32_t steps) {
    DlcaStarts first = sizes->starts[0];
    DlcaHardScore score;
    DlcaError error;
    first.with = NULL;
    cr_assert(dlca_judge(bench, &first, circuit, steps, &score, &error));
    return score.wrong_cells;
}

static DlcaTask checkerboard(bool asynchronous) {
    DlcaTask task;
    DlcaError error;
    cr_assert(dlca_task_create(&task, "checkerboard", asynchronous, false, false, SEED, &error));
    return task;
}

Test(sizes, none_is_the_trained_one_modulo_four) {
    DlcaTask task = checkerboard(false);
    DlcaSizes sizes;
    DlcaError error;
    cr_assert(dlca_sizes_create(&sizes, &task, SEED, BLOCKS, &error));
    for (int i = 0; i < DLCA_SIZES; i++) {
        const DlcaConfig *config = &sizes.task[i].config;
        cr_assert_neq(config->height % 4, task.config.height % 4);
        cr_assert_neq(config->width % 4, task.config.width % 4);
        cr_assert_gt(config->steps, task.config.steps);
        cr_assert_eq(task.config.steps + sizes.starts[i].further, config->steps);
    }
    dlca_sizes_free(&sizes);
    dlca_task_free(&task);
}

Test(sizes, together_is_the_sum) {
    DlcaTask task = checkerboard(false);
    DlcaSizes sizes;
    DlcaStarts starts;
    DlcaBench bench;
    DlcaError error;
    TestRandom random = test_random(SEED);
    DlcaCircuit circuit = random_circuit(&random, DLCA_NEIGHBOURS * 8, 8, 40, ANY_OPS);
    cr_assert(dlca_sizes_create(&sizes, &task, SEED, BLOCKS, &error));
    cr_assert(dlca_starts_create(&starts, &task, SEED, DLCA_RANDOM_START, DLCA_RANDOM_FIRE, 0,
                                 (DlcaBlocks){.count = BLOCKS}, task.config.steps, &error));
    starts.with = &sizes.starts[0];
    cr_assert(dlca_bench_create_grid(&bench, &task, &error) && dlca_bench_widen(&bench, starts.with, &error));
    DlcaHardScore together, sum = {0};
    cr_assert(dlca_judge(&bench, &starts, &circuit, task.config.steps, &together, &error));
    starts.with = NULL;
    for (int i = -1; i < DLCA_SIZES; i++) {
        DlcaStarts one = i < 0 ? starts : sizes.starts[i];
        const DlcaTask *size = i < 0 ? &task : &sizes.task[i];
        DlcaBench alone;
        DlcaHardScore score;
        one.with = NULL;
        one.further = 0;
        cr_assert(dlca_bench_create_grid(&alone, size, &error));
        cr_assert(dlca_judge(&alone, &one, &circuit, size->config.steps, &score, &error));
        sum.wrong_cells += score.wrong_cells;
        sum.wrong_bits += score.wrong_bits;
        dlca_bench_free(&alone);
    }
    cr_assert_gt(sum.wrong_cells, 0);
    cr_assert_eq(together.wrong_cells, sum.wrong_cells);
    cr_assert_eq(together.wrong_bits, sum.wrong_bits);
    dlca_bench_free(&bench);
    dlca_starts_free(&starts);
    dlca_sizes_free(&sizes);
    dlca_circuit_free(&circuit);
    dlca_task_free(&task);
}

Test(sizes, a_rule_at_random_is_right_on_none) {
    DlcaTask task = checkerboard(false);
    DlcaSizes sizes;
    DlcaError error;
    bool right = true;
    TestRandom random = test_random(SEED);
    DlcaCircuit circuit = random_circuit(&random, DLCA_NEIGHBOURS * 8, 8, 40, ANY_OPS);
    cr_assert(dlca_sizes_create(&sizes, &task, SEED, BLOCKS, &error));
    cr_assert(dlca_sizes_judge(&sizes, &circuit, SEED, 1, &right, &error));
    cr_assert_not(right);
    dlca_sizes_free(&sizes);
    dlca_circuit_free(&circuit);
    dlca_task_free(&task);
}

/* Wrong cells on the first size in a phase of the pattern, counted from its formula. */
static int64_t wrong_in_phase(const DlcaSizes *sizes, DlcaHardGrid *grid, int32_t phase) {
    const DlcaConfig *config = &sizes->task[0].config;
    const int32_t cells = config->height * config->width;
    uint64_t *target = malloc((size_t)cells * sizeof *target);
    cr_assert(target);
    for (int32_t i = 0; i < cells; i++) {
        const int32_t y = i / config->width + phase / 4, x = i % config->width + phase % 4;
        target[i] = (y / 2 + x / 2) % 2 ? UINT64_MAX : 0;
    }
    const int64_t wrong = dlca_hard_compare(grid, target, 1, UINT64_MAX).wrong_cells;
    free(target);
    return wrong;
}

Test(sizes, the_phase_is_the_one_that_suits_best) {
    enum { STEPS = 3 };
    DlcaTask task = checkerboard(true);
    DlcaSizes sizes;
    DlcaBench bench;
    DlcaError error;
    cr_assert(dlca_sizes_create(&sizes, &task, SEED, BLOCKS, &error));
    cr_assert(dlca_bench_create_grid(&bench, &sizes.task[0], &error) &&
              dlca_bench_widen(&bench, sizes.starts[0].with, &error));
    bool settled_elsewhere = false;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        TestRandom random = test_random(seed);
        DlcaCircuit circuit = random_circuit(&random, DLCA_NEIGHBOURS * 8, 8, 40, ANY_OPS);
        cr_assert(dlca_sizes_settle(&sizes, &bench, &circuit, STEPS, &error));
        const int64_t wrong = first_size_wrong(&sizes, &bench, &circuit, STEPS); /* leaves the cells in the grid */
        cr_assert_eq(wrong, wrong_in_phase(&sizes, bench.grid, sizes.phase[0]));
        for (int32_t phase = 0; phase < 16; phase++) {
            cr_assert_leq(wrong, wrong_in_phase(&sizes, bench.grid, phase));
        }
        settled_elsewhere = settled_elsewhere || sizes.phase[0] != 0;
        dlca_circuit_free(&circuit);
    }
    cr_assert(settled_elsewhere);
    dlca_bench_free(&bench);
    dlca_sizes_free(&sizes);
    dlca_task_free(&task);
}

Test(sizes, all_firing_cells_have_one_phase) {
    DlcaTask task = checkerboard(false);
    DlcaSizes sizes;
    DlcaError error;
    TestRandom random = test_random(SEED);
    DlcaCircuit circuit = random_circuit(&random, DLCA_NEIGHBOURS * 8, 8, 40, ANY_OPS);
    cr_assert(dlca_sizes_create(&sizes, &task, SEED, BLOCKS, &error));
    const uint64_t identity = sizes.starts[0].identity;
    cr_assert(dlca_sizes_settle(&sizes, NULL, &circuit, 1, &error));
    cr_assert(sizes.phase[0] == 0 && sizes.starts[0].identity == identity);
    dlca_sizes_free(&sizes);
    dlca_circuit_free(&circuit);
    dlca_task_free(&task);
}

Test(sizes, are_for_patterns) {
    DlcaError error;
    DlcaTask task;
    cr_assert(dlca_task_create(&task, "colors", false, false, false, SEED, &error));
    cr_assert_not(dlca_sizes_apply(&task, &error));
    cr_assert(strstr(error.message, "--any-size"));
    dlca_task_free(&task);
}
