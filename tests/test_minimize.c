/* test_minimize.c - the passes in turn on trained circuits and random rules; the same target with fewer gates. */
#include "../gates/circuit_json.h"
#include "../src/file.h"
#include "../src/minimize.h"
#include "../src/shrink.h"
#include "../train/task.h"
#include "random_circuit.h"

#include <criterion/criterion.h>

static DlcaCircuit load(const char *path) {
    DlcaBytes bytes;
    DlcaCircuit circuit;
    DlcaError error = {0};
    cr_assert(dlca_file_read(path, 1 << 20, &bytes, &error), "%s", error.message);
    cr_assert(dlca_circuit_from_json((const char *)bytes.data, bytes.size, path, &circuit, NULL, &error), "%s",
              error.message);
    dlca_bytes_free(&bytes);
    return circuit;
}

Test(minimize, every_output_stays_on_all_assignments) {
    TestRandom random = test_random(81);
    DlcaError error = {0};
    for (int round = 0; round < 60; round++) {
        const int32_t inputs = 9 * (1 + test_random_below(&random, 2));
        DlcaCircuit from = random_circuit(&random, inputs, inputs / 9, 1 + test_random_below(&random, 80),
                                          (RandomOps)(round % 4)),
                    to;
        DlcaMinimizeReport report;
        const DlcaMinimizing options = {.checks = 300000, .seed = (uint64_t)round};
        cr_assert(dlca_rule_minimize(&to, &from, &options, &report, &error), "%s", error.message);
        cr_assert(dlca_circuit_check(&to, &error), "%s", error.message);
        cr_assert(dlca_circuit_same_on_samples(&from, &to, 1 << 12, 7, &error), "%s", error.message);
        cr_assert_eq(report.reachable, dlca_circuit_live_gates(&from));
        cr_assert_gt(report.passes, 1);
        for (int32_t pass = 1; pass < report.passes; pass++) {
            cr_assert_leq(report.pass[pass].size.gates, report.pass[pass - 1].size.gates);
        }
        cr_assert_eq(report.pass[report.passes - 1].size.gates, dlca_circuit_size(&to).gates);
        dlca_circuit_free(&to);
        dlca_circuit_free(&from);
    }
}

/* The scored channels of two rules from the same 64 starts at each of 40 steps. */
static void assert_same_when_run(const DlcaCircuit *left, const DlcaCircuit *right, int32_t scored,
                                 TestRandom *random) {
    enum { SIDE = 9, CELLS = SIDE * SIDE };
    DlcaError error = {0};
    uint64_t planes[8 * CELLS];
    DlcaHardGrid *grid[2];
    for (int32_t i = 0; i < left->outputs * CELLS; i++) {
        planes[i] = test_random_word(random);
    }
    for (int i = 0; i < 2; i++) {
        grid[i] = dlca_hard_create(SIDE, SIDE, left->outputs, false, &error);
        cr_assert(dlca_hard_set_rule(grid[i], i ? right : left, &error), "%s", error.message);
        dlca_hard_set_state(grid[i], planes);
    }
    for (int step = 0; step < 40; step++) {
        dlca_hard_step(grid[0], NULL);
        dlca_hard_step(grid[1], NULL);
        dlca_hard_get_state(grid[0], planes);
        cr_assert_eq(dlca_hard_compare(grid[1], planes, scored, ~(uint64_t)0).wrong_bits, 0, "step %d", step);
    }
    dlca_hard_free(grid[0]);
    dlca_hard_free(grid[1]);
}

Test(minimize, scored_channels_stay_when_run) {
    TestRandom random = test_random(82);
    DlcaError error = {0};
    for (int round = 0; round < 60; round++) {
        const int32_t channels = 1 + test_random_below(&random, 5);
        DlcaCircuit from =
                        random_circuit(&random, 9 * channels, channels, 1 + test_random_below(&random, 40), REAL_OPS),
                    to;
        const DlcaRuleFacts facts = {.channels = channels, .scored_channels = 1};
        const DlcaMinimizing options = {.facts = &facts, .checks = 300000};
        cr_assert(dlca_rule_minimize(&to, &from, &options, NULL, &error), "%s", error.message);
        assert_same_when_run(&from, &to, 1, &random);
        dlca_circuit_free(&to);
        dlca_circuit_free(&from);
    }
}

Test(minimize, a_learned_life_comes_to_at_most_30_gates) {
    DlcaError error = {0};
    DlcaCircuit from = load("tests/golden/learned_life.json"), to;
    const DlcaRuleFacts facts = {.channels = 1, .scored_channels = 1, .periodic = true};
    const DlcaMinimizing options = {.facts = &facts};
    cr_assert(dlca_rule_minimize(&to, &from, &options, NULL, &error), "%s", error.message);
    cr_assert(dlca_circuit_same_on_samples(&from, &to, 8, 1, &error), "%s", error.message);
    cr_assert_leq(dlca_circuit_size(&to).gates, 30, "%d gates", dlca_circuit_size(&to).gates);
    dlca_circuit_free(&to);
    dlca_circuit_free(&from);
}

Test(minimize, a_checkerboard_by_any_way_takes_three_gates_and_is_proven) {
    DlcaError error = {0};
    DlcaTask task;
    cr_assert(dlca_task_create(&task, "checkerboard", false, false, false, 1, &error), "%s", error.message);
    DlcaCircuit from = load("tests/golden/checkerboard_circuit.json"), to;
    DlcaProofQuestion question = {.height = task.config.height,
                                  .width = task.config.width,
                                  .scored_channels = 1,
                                  .steps = task.config.steps,
                                  .target = task.target,
                                  .seed = 5};
    const DlcaShrinking options = {.evaluations = 4000, .seed = 1, .enough = 3};
    cr_assert(dlca_rule_shrink(&to, &from, &question, &options, &error), "%s", error.message);
    cr_assert_leq(dlca_circuit_size(&to).gates, 3, "%d gates", dlca_circuit_size(&to).gates);
    question.rule = &to;
    DlcaProof proof;
    cr_assert(dlca_prove(&proof, &question, &error), "%s", error.message);
    cr_assert(proof.exact == DLCA_PROVEN && proof.hold == DLCA_PROVEN);
    dlca_proof_free(&proof);
    dlca_circuit_free(&to);

    /* What is not right stays as it is. */
    from.gate[0].op = (uint8_t)dlca_op_invert(from.gate[0].op);
    cr_assert(dlca_rule_shrink(&to, &from, &question, &options, &error), "%s", error.message);
    cr_assert_eq(to.gates, from.gates);
    for (int32_t i = 0; i < to.gates; i++) {
        cr_assert(to.gate[i].a == from.gate[i].a && to.gate[i].b == from.gate[i].b && to.gate[i].op == from.gate[i].op);
    }
    dlca_circuit_free(&to);
    dlca_circuit_free(&from);
    dlca_task_free(&task);
}
