/* test_sizes.c - starts of several grids judged together score as they do one by one; a rule that is right by no
 * means is found to be wrong. */
#include "../train/sizes.h"

#include "random_circuit.h"

#include <criterion/criterion.h>
#include <string.h>

enum { BLOCKS = 1, SEED = 3 };

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

Test(sizes, are_for_patterns_whose_cells_all_fire) {
    DlcaError error;
    DlcaTask task = checkerboard(true);
    cr_assert_not(dlca_sizes_apply(&task, &error));
    cr_assert(strstr(error.message, "--any-size"));
    dlca_task_free(&task);
    cr_assert(dlca_task_create(&task, "colors", false, false, false, SEED, &error));
    cr_assert_not(dlca_sizes_apply(&task, &error));
    dlca_task_free(&task);
}
