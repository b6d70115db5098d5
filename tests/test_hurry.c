/* test_hurry.c - scores that are remembered are the judge's, a judge that stops early has seen too much, a hurry takes
 * only what is earlier, with any number of threads, gates that cost are saved. */
#include "../train/hurry.h"

#include "random_circuit.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 4, STEPS = 6 };

typedef struct Judged {
    DlcaTask task;
    DlcaModel *model;
    DlcaBench bench;
    DlcaStarts starts;
} Judged;

/* A small asynchronous checkerboard; the operations drawn, so that some starts may be right in some cells. */
static Judged *judged(uint64_t seed) {
    Judged *judged = calloc(1, sizeof *judged);
    DlcaError error;
    TestRandom random = test_random(seed);
    cr_assert(judged);
    cr_assert(dlca_task_create(&judged->task, "checkerboard", true, true, false, 1, &error));
    judged->model = dlca_model_create(&judged->task.config, &error);
    cr_assert(judged->model);
    dlca_model_wire(judged->model, seed, 0);
    for (int64_t i = 0; i < judged->model->gates * DLCA_OPS; i++) {
        judged->model->logits[i] = (float)test_random_below(&random, 1000) / 100.0f;
    }
    dlca_model_argmax(judged->model, judged->model->ops);
    judged->model->has_ops = true;
    cr_assert(dlca_bench_create(&judged->bench, judged->model, &error));
    cr_assert(dlca_starts_create(&judged->starts, &judged->task, seed, DLCA_RANDOM_START, DLCA_RANDOM_FIRE, 0,
                                 (DlcaBlocks){.count = BLOCKS}, STEPS, &error));
    return judged;
}

static void judged_free(Judged *judged) {
    dlca_starts_free(&judged->starts);
    dlca_bench_free(&judged->bench);
    dlca_model_free(judged->model);
    dlca_task_free(&judged->task);
    free(judged);
}

static void expect_same(DlcaHardScore a, DlcaHardScore b) {
    cr_assert(a.wrong_cells == b.wrong_cells && a.wrong_bits == b.wrong_bits && a.wrong_starts == b.wrong_starts);
}

Test(known_scores, are_those_of_the_judge) {
    Judged *j = judged(7);
    DlcaKnownScores known;
    DlcaError error;
    cr_assert(dlca_known_scores_create(&known, dlca_model_cell_gates(j->model) + 8, 8, &error));
    for (int round = 0; round < 2; round++) {
        for (int op = 0; op < DLCA_OPS; op++) {
            j->model->ops[j->model->gates - 1 - op % 8] = (uint8_t)op;
            const DlcaCircuit *circuit = dlca_hardener_circuit(j->bench.hardener, j->model->ops);
            for (int32_t steps = 1; steps <= STEPS; steps++) {
                DlcaHardScore plain, remembered;
                cr_assert(dlca_judge(&j->bench, &j->starts, circuit, steps, &plain, &error));
                cr_assert(dlca_known_scores_judge(&known, &j->bench, &j->starts, circuit, steps, INT64_MAX, &remembered,
                                                  &error));
                expect_same(plain, remembered);
            }
        }
    }
    dlca_known_scores_free(&known);
    judged_free(j);
}

/* Remembered scores are of starts with all that they are judged with. */
Test(known_scores, are_other_ones_with_other_starts) {
    Judged *j = judged(7), *other = judged(9);
    DlcaKnownScores known;
    DlcaHardScore alone, together, remembered;
    DlcaError error;
    const DlcaCircuit *circuit = dlca_hardener_circuit(j->bench.hardener, j->model->ops);
    cr_assert(dlca_known_scores_create(&known, dlca_model_cell_gates(j->model) + 8, 8, &error));
    cr_assert(dlca_known_scores_judge(&known, &j->bench, &j->starts, circuit, STEPS, INT64_MAX, &alone, &error));
    cr_assert(dlca_bench_widen(&j->bench, &other->starts, &error));
    j->starts.with = &other->starts;
    cr_assert(dlca_judge(&j->bench, &j->starts, circuit, STEPS, &together, &error));
    cr_assert_neq(alone.wrong_cells, together.wrong_cells);
    cr_assert(dlca_known_scores_judge(&known, &j->bench, &j->starts, circuit, STEPS, INT64_MAX, &remembered, &error));
    expect_same(together, remembered);
    dlca_known_scores_free(&known);
    judged_free(j);
    judged_free(other);
}

Test(known_scores, too_much_stays_too_much) {
    Judged *j = judged(8);
    DlcaKnownScores known;
    DlcaHardScore all, some;
    DlcaError error;
    cr_assert(dlca_known_scores_create(&known, dlca_model_cell_gates(j->model) + 8, 8, &error));
    const DlcaCircuit *circuit = dlca_hardener_circuit(j->bench.hardener, j->model->ops);
    cr_assert(dlca_judge(&j->bench, &j->starts, circuit, STEPS, &all, &error));
    cr_assert_gt(all.wrong_cells, BLOCKS);
    for (int64_t most = 0; most <= all.wrong_cells; most += all.wrong_cells / 7) {
        cr_assert(dlca_judge_until(&j->bench, &j->starts, circuit, STEPS, most, &some, &error));
        cr_assert_eq(some.wrong_cells > most, all.wrong_cells > most);
        cr_assert_leq(some.wrong_cells, all.wrong_cells);
        cr_assert(dlca_known_scores_judge(&known, &j->bench, &j->starts, circuit, STEPS, most, &some, &error));
        cr_assert_eq(some.wrong_cells > most, all.wrong_cells > most);
    }
    cr_assert(dlca_known_scores_judge(&known, &j->bench, &j->starts, circuit, STEPS, INT64_MAX, &some, &error));
    expect_same(all, some);
    dlca_known_scores_free(&known);
    judged_free(j);
}

/* Wrong starts before the trained step, counted anew. */
static int64_t late(Judged *j, const uint8_t *ops, uint32_t key) {
    DlcaVerdict verdict;
    DlcaError error;
    cr_assert(dlca_judge_fresh(&j->bench, &j->task, dlca_hardener_circuit(j->bench.hardener, ops), 5, key,
                               (DlcaFreshLook){.blocks = 64}, &verdict, &error));
    return verdict.late_twice;
}

Test(hurry, takes_only_what_is_earlier) {
    const DlcaRepairBudget budget = {.greedy = 64, .annealing = 400, .turns = 1, .close = INT64_MAX};
    const DlcaHurryDraws draws = {.seed = 5, .epoch = 1, .key = 2, .next_key = 3};
    Judged *j = judged(9);
    const size_t gates = (size_t)j->model->gates;
    uint8_t *ops = malloc(gates), *first = malloc(gates);
    cr_assert(ops && first);
    for (int32_t threads = 1; threads <= 3; threads += 2) {
        DlcaRepair repair;
        DlcaError error;
        bool earlier;
        int64_t evaluations = 0;
        cr_assert(dlca_repair_create(&repair, j->model, threads, &error));
        memcpy(ops, j->model->ops, gates);
        cr_assert(dlca_hurry_run(&repair, &j->bench, &j->task, budget, draws, ops, &earlier, &evaluations, &error));
        cr_assert_gt(evaluations, 0);
        const bool changed = memcmp(ops, j->model->ops, gates) != 0;
        const int64_t before = late(j, j->model->ops, 3), after = late(j, ops, 3);
        cr_assert(changed ? after < before : after == before);
        cr_assert_eq(earlier, (double)after <= DLCA_HURRY_GAIN * (double)before);
        if (threads == 1) {
            memcpy(first, ops, gates);
        }
        cr_assert_arr_eq(first, ops, gates);
        dlca_repair_free(&repair);
    }
    free(ops);
    free(first);
    judged_free(j);
}

Test(verdict, lateness_goes_on_as_it_falls) {
    const DlcaVerdict halving = {.starts = 65536, .late_twice = 64, .late_once = 8}, never = {.starts = 64};
    cr_assert_float_eq(dlca_verdict_late(&halving), 1.0 / 65536.0, 1e-12);
    cr_assert_eq(dlca_verdict_late(&never), 0.0);
}

/* Wrong cells and gates of what repairs of random operations come to, summed. */
static void repair_some(double gate_cost, int64_t *wrong, int64_t *gates) {
    const DlcaRepairBudget budget = {
        .greedy = 64, .annealing = 2000, .turns = 2, .idle = 2, .close = INT64_MAX, .gate_cost = gate_cost};
    *wrong = *gates = 0;
    for (uint64_t seed = 20; seed < 26; seed++) {
        Judged *j = judged(seed);
        DlcaRepair repair;
        DlcaHardScore score, again;
        DlcaError error;
        int64_t evaluations = 0;
        cr_assert(dlca_repair_create(&repair, j->model, 1, &error));
        const DlcaCircuit *circuit = dlca_hardener_circuit(j->bench.hardener, j->model->ops);
        cr_assert(dlca_judge(&j->bench, &j->starts, circuit, STEPS, &score, &error));
        const int64_t before = score.wrong_cells;
        cr_assert(
            dlca_repair_run(&repair, &j->starts, STEPS, budget, seed, 1, j->model->ops, &score, &evaluations, &error));
        circuit = dlca_hardener_circuit(j->bench.hardener, j->model->ops);
        cr_assert(dlca_judge(&j->bench, &j->starts, circuit, STEPS, &again, &error));
        expect_same(score, again);
        cr_assert_leq(score.wrong_cells, before);
        *wrong += score.wrong_cells;
        *gates += circuit->gates;
        dlca_repair_free(&repair);
        judged_free(j);
    }
}

Test(repair, gates_that_cost_are_saved) {
    int64_t free_wrong, free_gates, wrong, gates;
    repair_some(0.0, &free_wrong, &free_gates);
    repair_some(1e6, &wrong, &gates); /* no gate is worth that */
    cr_assert_lt(gates, free_gates);
    cr_assert_leq(free_wrong, wrong);
    repair_some(4.0, &wrong, &gates);
    cr_assert_lt(gates, free_gates, "%lld gates where they cost, %lld where not", (long long)gates,
                 (long long)free_gates);
}
