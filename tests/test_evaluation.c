/* test_evaluation.c - rules tried beyond their training, on rules of which all is known: two gates that make squares
 * from the upper right corner on, Life, and rules that do nothing. */
#include "../train/evaluation.h"
#include "rounds.h"

#include <criterion/criterion.h>
#include <string.h>

enum { CHANNELS = 8, INPUTS = DLCA_NEIGHBOURS * CHANNELS, NW = 0, NE = 2, SE = 8 };

/* next_3 = ne_0, next_0 = ne_3 | !(nw_3 | se_3), others keep what they hold: found by dlca circuit --shrink from
 * seed 3. After two steps channel 0 of (x, y) is that of (x+2, y-2), or 1 where those of (x, y-2) and (x+2, y) are 0:
 * squares that begin at the upper right corner, which is right where the width is a multiple of 4. In the lowest row
 * se_3 is outside; its first cell is then 1, which is right where the height is a multiple of 4. */
static DlcaCircuit squares(void) {
    DlcaCircuit rule = {0};
    DlcaError error = {0};
    cr_assert(dlca_circuit_create(&rule, INPUTS, CHANNELS, 2, &error), "%s", error.message);
    rule.gate[0] = (DlcaGate){.op = DLCA_OP_NOR, .a = NW * CHANNELS + 3, .b = SE * CHANNELS + 3};
    rule.gate[1] = (DlcaGate){.op = DLCA_OP_OR, .a = NE * CHANNELS + 3, .b = INPUTS};
    for (int32_t c = 0; c < CHANNELS; c++) {
        rule.output[c] = DLCA_CENTRE * CHANNELS + c;
    }
    rule.output[0] = INPUTS + 1;
    rule.output[3] = NE * CHANNELS;
    return rule;
}

static DlcaCircuit nothing(int32_t channels) {
    DlcaCircuit rule = {0};
    DlcaError error = {0};
    cr_assert(dlca_circuit_create(&rule, DLCA_NEIGHBOURS * channels, channels, 0, &error), "%s", error.message);
    for (int32_t c = 0; c < channels; c++) {
        rule.output[c] = DLCA_CENTRE * channels + c;
    }
    return rule;
}

static DlcaTask task_named(const char *name, bool asynchronous) {
    DlcaTask task = {0};
    DlcaError error = {0};
    cr_assert(dlca_task_create(&task, name, asynchronous, false, false, 1, &error), "%s", error.message);
    return task;
}

static DlcaScenarioResult run(const DlcaScenario *scenario, const DlcaTask *task, const DlcaCircuit *rule) {
    DlcaScenarioResult result;
    DlcaError error = {0};
    cr_assert(dlca_scenario_run(scenario, task, rule, 5, 2, &result, &error), "%s", error.message);
    cr_assert_eq(result.steps, scenario->steps);
    return result;
}

static void expect_settled(const DlcaScenario *scenario, int64_t within) {
    DlcaTask task = task_named("checkerboard", false);
    DlcaCircuit rule = squares();
    DlcaScenarioResult result = run(scenario, &task, &rule);
    cr_assert_eq(result.starts, 128);
    cr_assert_eq(result.right_at_end, 128, "%s: %lld right", scenario->name, (long long)result.right_at_end);
    cr_assert(result.all_settled >= result.half_settled && result.half_settled >= 0);
    cr_assert_leq(result.all_settled, within, "%s: from %lld", scenario->name, (long long)result.all_settled);
    cr_assert_eq(result.wrong_cells_at_end, 0.0);
    dlca_scenario_result_free(&result);
    dlca_circuit_free(&rule);
    dlca_task_free(&task);
}

/* Order comes two cells in two steps, from the corner. */
Test(evaluation, as_trained_and_further) {
    expect_settled(&(DlcaScenario){.name = "as trained", .steps = 20}, 16);
    DlcaTask task = task_named("checkerboard", false);
    DlcaCircuit rule = squares();
    DlcaScenarioResult result = run(&(DlcaScenario){.steps = 320}, &task, &rule);
    cr_assert_eq(result.longest_hold, 300);
    cr_assert(result.wrong[0] > 100.0 && result.wrong[0] < 156.0, "%g of 256 at the start", result.wrong[0]);
    cr_assert_eq(result.wrong[20], 0.0);
    dlca_scenario_result_free(&result);
    dlca_circuit_free(&rule);
    dlca_task_free(&task);
}

Test(evaluation, larger_grids) {
    expect_settled(&(DlcaScenario){.name = "64x64", .steps = 80, .height = 64, .width = 64}, 64);
    expect_settled(&(DlcaScenario){.name = "100x20", .steps = 120, .height = 20, .width = 100}, 100);
}

Test(evaluation, a_size_that_cuts_squares_in_half) {
    DlcaTask task = task_named("checkerboard", false);
    DlcaCircuit rule = squares();
    DlcaScenarioResult result = run(&(DlcaScenario){.steps = 120, .height = 37, .width = 100}, &task, &rule);
    cr_assert_eq(result.right_at_end, 0);
    cr_assert_eq(result.wrong_cells_at_end, 1.0); /* the first of the lowest row */
    cr_assert_eq(result.half_settled, -1);
    dlca_scenario_result_free(&result);
    /* a width of 18: all squares begin half a period away */
    result = run(&(DlcaScenario){.steps = 40, .height = 16, .width = 18}, &task, &rule);
    cr_assert_eq(result.right_at_end, 0);
    cr_assert_gt(result.wrong_cells_at_end, 200.0);
    cr_assert_eq(result.shifted_at_end, 128);
    dlca_scenario_result_free(&result);
    result = run(&(DlcaScenario){.steps = 40, .height = 16, .width = 18, .any_phase = true}, &task, &rule);
    cr_assert_eq(result.right_at_end, 128);
    cr_assert_eq(result.wrong_cells_at_end, 0.0);
    dlca_scenario_result_free(&result);
    dlca_circuit_free(&rule);
    dlca_task_free(&task);
}

Test(evaluation, damage_heals) {
    expect_settled(&(DlcaScenario){.steps = 60, .damage = DLCA_DAMAGE_BLOCK, .damage_after = 20}, 16);
    expect_settled(&(DlcaScenario){.steps = 60, .damage = DLCA_DAMAGE_FLIPS, .damage_after = 20}, 16);
    DlcaTask task = task_named("checkerboard", false);
    DlcaCircuit rule = squares();
    DlcaScenarioResult result =
        run(&(DlcaScenario){.steps = 60, .damage = DLCA_DAMAGE_BLOCK, .damage_after = 20}, &task, &rule);
    cr_assert_eq(result.wrong[19], 0.0);
    cr_assert(result.wrong[20] > 24.0 && result.wrong[20] < 40.0, "%g of 64", result.wrong[20]);
    dlca_scenario_result_free(&result);
    result = run(&(DlcaScenario){.steps = 60, .damage = DLCA_DAMAGE_FLIPS, .damage_after = 20}, &task, &rule);
    cr_assert(result.wrong[20] > 20.0 && result.wrong[20] < 31.0, "%g of 256", result.wrong[20]);
    dlca_scenario_result_free(&result);
    dlca_circuit_free(&rule);
    dlca_task_free(&task);
}

/* The rule that keeps everything: damage stays, stuck cells do not count. */
Test(evaluation, damage_stays) {
    DlcaTask task = task_named("checkerboard", false);
    DlcaCircuit rule = nothing(CHANNELS);
    DlcaScenarioResult result =
        run(&(DlcaScenario){.steps = 30, .damage = DLCA_DAMAGE_FLIPS, .damage_after = 20}, &task, &rule);
    cr_assert_eq(result.right_at_end, 0);
    cr_assert_eq(result.all_settled, -1);
    cr_assert_eq(result.longest_hold, -1);
    cr_assert_eq(result.wrong[30], result.wrong[20]);
    cr_assert_eq(result.wrong[19], result.wrong[0]);
    const double before = result.wrong[19];
    dlca_scenario_result_free(&result);
    result = run(&(DlcaScenario){.steps = 30, .damage = DLCA_DAMAGE_STUCK, .damage_after = 20}, &task, &rule);
    cr_assert(result.wrong[30] < before && result.wrong[30] > 0.95 * before, "%g and %g", result.wrong[30], before);
    dlca_scenario_result_free(&result);
    dlca_circuit_free(&rule);
    dlca_task_free(&task);
}

Test(evaluation, starts) {
    DlcaTask task = task_named("checkerboard", false);
    DlcaCircuit rule = nothing(CHANNELS);
    static const double ones[] = {[DLCA_STARTS_AS_TRAINED] = 0.5,
                                  [DLCA_STARTS_ZEROS] = 0.0,
                                  [DLCA_STARTS_ONES] = 1.0,
                                  [DLCA_STARTS_SPARSE] = 0.125,
                                  [DLCA_STARTS_DENSE] = 0.875};
    memset(task.target, 0, 256); /* so that wrong cells are ones */
    for (int start = 0; start <= DLCA_STARTS_DENSE; start++) {
        DlcaScenarioResult result = run(&(DlcaScenario){.steps = 20, .start = (DlcaScenarioStart)start}, &task, &rule);
        cr_assert_float_eq(result.wrong[0] / 256.0, ones[start], 0.02, "%d: %g", start, result.wrong[0] / 256.0);
        dlca_scenario_result_free(&result);
    }
    dlca_circuit_free(&rule);
    dlca_task_free(&task);
}

/* ---- the list ---- */

static int32_t count_named(const DlcaEvaluation *evaluation, const char *word) {
    int32_t count = 0;
    for (int32_t i = 0; i < evaluation->count; i++) {
        count += strncmp(evaluation->scenario[i].name, word, strlen(word)) == 0;
    }
    return count;
}

static void expect_list(const char *task_name, bool asynchronous, bool brief, const int32_t expected[5]) {
    static const char *const words[] = {"further steps", "grid", "damage", "start", "firing rate"};
    DlcaTask task = task_named(task_name, asynchronous);
    DlcaCircuit rule = nothing(task.config.channels);
    DlcaEvaluation evaluation;
    DlcaError error = {0};
    const DlcaEvaluationOptions options = {.seed = 1, .starts = 1, .brief = brief};
    cr_assert(dlca_evaluate(&task, &rule, &options, &evaluation, &error), "%s", error.message);
    for (int i = 0; i < 5; i++) {
        cr_assert_eq(count_named(&evaluation, words[i]), expected[i], "%s: %s", task_name, words[i]);
    }
    DlcaText text = {0};
    cr_assert(dlca_report_evaluation(&text, &evaluation, &error));
    for (int32_t i = 0; i < evaluation.count; i++) {
        cr_assert(strstr(text.data, evaluation.scenario[i].name));
    }
    dlca_text_free(&text);
    dlca_evaluation_free(&evaluation);
    dlca_circuit_free(&rule);
    dlca_task_free(&task);
}

Test(evaluation, each_task_has_its_scenarios) {
    expect_list("life", false, true, (const int32_t[]){1, 1, 0, 0, 0});
    expect_list("checkerboard", false, true, (const int32_t[]){1, 1, 3, 4, 0});
    if (test_rounds(1, 0)) {
        expect_list("checkerboard", true, true, (const int32_t[]){1, 1, 3, 4, 5});
        expect_list("checkerboard", false, false, (const int32_t[]){1, 3, 3, 4, 0});
        expect_list("checkerboard", true, false, (const int32_t[]){1, 4, 3, 4, 5});
        expect_list("colors", false, true, (const int32_t[]){1, 0, 3, 0, 0});
    }
}
