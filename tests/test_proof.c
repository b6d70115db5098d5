/* test_proof.c - proofs over all starts: what is right is proven, what is broken is refuted by a start that replays. */
#include "../gates/circuit_json.h"
#include "../gates/graph_clauses.h"
#include "../src/file.h"
#include "../train/prove.h"
#include "random_circuit.h"

#include <criterion/criterion.h>
#include <stdlib.h>

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

static DlcaTask task_of(const char *name) {
    DlcaTask task;
    DlcaError error = {0};
    cr_assert(dlca_task_create(&task, name, false, false, false, 1, &error), "%s", error.message);
    return task;
}

static DlcaProof prove(const DlcaTask *task, const DlcaCircuit *rule, double seconds) {
    DlcaProof proof;
    DlcaError error = {0};
    const DlcaProveOptions options = {.seconds = seconds, .seed = 1};
    cr_assert(dlca_prove_task(&proof, task, rule, &options, &error), "%s", error.message);
    return proof;
}

/* Wrong scored bits of the counterexample, cell by cell with the plainest evaluation. */
static int32_t replayed(const DlcaTask *task, const DlcaCircuit *rule, const DlcaProof *proof) {
    const DlcaConfig *config = &task->config;
    const int32_t h = config->height, w = config->width, channels = config->channels;
    bool *now = malloc((size_t)(h * w * channels)), *next = malloc((size_t)(h * w * channels));
    bool *values = malloc((size_t)(rule->inputs + rule->gates));
    int32_t wrong = 0;
    for (int32_t i = 0; i < h * w * channels; i++) {
        now[i] = proof->counterexample[i] != 0;
    }
    for (int32_t step = 0; step < proof->wrong_step; step++) {
        for (int32_t cell = 0; cell < h * w; cell++) {
            for (int32_t n = 0; n < 9; n++) {
                const int32_t y = cell / w + n / 3 - 1, x = cell % w + n % 3 - 1;
                const bool inside = y >= 0 && y < h && x >= 0 && x < w;
                for (int32_t c = 0; c < channels; c++) {
                    values[n * channels + c] = inside && now[(y * w + x) * channels + c];
                }
            }
            evaluate_plainly(rule, values);
            for (int32_t c = 0; c < channels; c++) {
                next[cell * channels + c] = values[rule->output[c]];
            }
        }
        bool *swap = now;
        now = next;
        next = swap;
    }
    for (int32_t cell = 0; cell < h * w; cell++) {
        wrong += now[cell * channels] != (task->target[cell] != 0);
    }
    free(now);
    free(next);
    free(values);
    return wrong;
}

Test(proof, a_trained_checkerboard_is_right_for_every_start_for_ever) {
    DlcaTask task = task_of("checkerboard");
    DlcaCircuit rule = load("tests/golden/checkerboard_circuit.json");
    DlcaProof proof = prove(&task, &rule, 0);
    cr_assert_eq(task.config.height * task.config.width * task.config.channels, 2048);
    cr_assert_eq(proof.exact, DLCA_PROVEN);
    cr_assert_eq(proof.hold, DLCA_PROVEN);
    cr_assert_geq(proof.invariant_bits, 256);
    dlca_proof_free(&proof);
    dlca_circuit_free(&rule);
    dlca_task_free(&task);
}

/* Its constants do not show by simplification alone. */
Test(proof, a_checkerboard_that_needs_the_solver) {
    DlcaTask task = task_of("checkerboard");
    DlcaCircuit rule = load("tests/golden/checkerboard_circuit_sat.json");
    DlcaProof proof = prove(&task, &rule, 0);
    if (dlca_sat_solver()) {
        cr_assert_eq(proof.exact, DLCA_PROVEN);
        cr_assert_eq(proof.hold, DLCA_PROVEN);
        cr_assert_gt(proof.clauses, 0);
    } else {
        cr_assert_neq(proof.exact, DLCA_REFUTED);
    }
    dlca_proof_free(&proof);
    dlca_circuit_free(&rule);
    dlca_task_free(&task);
}

Test(proof, no_time_is_not_decided) {
    DlcaTask task = task_of("checkerboard");
    DlcaCircuit rule = load("tests/golden/checkerboard_circuit_sat.json");
    DlcaProof proof = prove(&task, &rule, 1e-9);
    cr_assert_eq(proof.exact, DLCA_NOT_DECIDED);
    cr_assert_eq(proof.hold, DLCA_NOT_DECIDED);
    dlca_proof_free(&proof);
    dlca_circuit_free(&rule);
    dlca_task_free(&task);
}

/* One gate with another operation: still right (then proven, as the samples of the trainer agree), or refuted by a
 * start that ends wrong, or by one that leaves the target later. */
Test(proof, fifty_rules_broken_by_one_gate_are_refuted) {
    DlcaTask task = task_of("checkerboard");
    DlcaCircuit rule = load("tests/golden/checkerboard_circuit.json");
    int32_t refuted = 0, right = 0;
    for (int32_t i = 0; i < rule.gates; i++) {
        const uint8_t op = rule.gate[i].op;
        for (uint8_t other = 0; other < DLCA_OPS; other++) {
            if (other == op) {
                continue;
            }
            rule.gate[i].op = other;
            DlcaProof proof = prove(&task, &rule, 0);
            if (proof.exact == DLCA_REFUTED || proof.hold == DLCA_REFUTED) {
                cr_assert_not_null(proof.counterexample);
                cr_assert_geq(proof.wrong_step, task.config.steps);
                cr_assert_gt(replayed(&task, &rule, &proof), 0, "gate %d as %s", i, dlca_op_name(other));
                refuted++;
            } else {
                right += proof.exact == DLCA_PROVEN;
            }
            dlca_proof_free(&proof);
        }
        rule.gate[i].op = op;
    }
    cr_assert_geq(refuted, 50, "%d refuted, %d right", refuted, right);
    dlca_circuit_free(&rule);
    dlca_task_free(&task);
}

/* Right for almost every start. Channels 1 to 7 become the AND of channel 2 over the patch, channel 0 the cell's own
 * channel 1, so after three steps channel 0 is 1 where channel 2 was 1 in 5x5 cells: on a 4x4 grid that wraps only when
 * all sixteen were, one start in 65536; on one that does not, never. */
Test(proof, a_start_that_no_sample_meets_is_found) {
    if (!dlca_sat_solver()) {
        return;
    }
    DlcaError error;
    DlcaTask task = task_of("checkerboard");
    task.config.height = task.config.width = 4;
    task.config.steps = 3;
    for (int32_t cell = 0; cell < 16; cell++) {
        task.target[cell] = 0;
    }
    DlcaCircuit rule;
    cr_assert(dlca_circuit_create(&rule, 72, 8, 8, &error));
    for (int32_t n = 1; n < 9; n++) {
        rule.gate[n - 1] = (DlcaGate){n == 1 ? 2 : 72 + n - 2, 8 * n + 2, DLCA_OP_AND};
    }
    for (int32_t c = 0; c < 8; c++) {
        rule.output[c] = 72 + 7;
    }
    rule.output[0] = 4 * 8 + 1;
    DlcaProof proof = prove(&task, &rule, 0);
    cr_assert_eq(proof.exact, DLCA_PROVEN);
    dlca_proof_free(&proof);
    task.config.periodic = true;
    proof = prove(&task, &rule, 0);
    cr_assert_eq(proof.exact, DLCA_REFUTED);
    cr_assert_not_null(proof.counterexample);
    for (int32_t cell = 0; cell < 16; cell++) {
        cr_assert_eq(proof.counterexample[cell * 8 + 2], 1);
    }
    dlca_proof_free(&proof);
    dlca_circuit_free(&rule);
    dlca_task_free(&task);
}

Test(proof, life_is_right_in_all_neighbourhoods_and_a_broken_one_is_not) {
    DlcaTask task = task_of("life");
    DlcaCircuit rule = load("tests/golden/learned_life.json");
    DlcaProof proof = prove(&task, &rule, 0);
    cr_assert_eq(proof.exact, DLCA_PROVEN);
    cr_assert_eq(proof.hold, DLCA_PROVEN);
    dlca_proof_free(&proof);
    rule.gate[rule.gates - 1].op = (uint8_t)dlca_op_invert(rule.gate[rule.gates - 1].op);
    proof = prove(&task, &rule, 0);
    cr_assert_eq(proof.exact, DLCA_REFUTED);
    cr_assert_not_null(proof.counterexample);
    dlca_proof_free(&proof);
    dlca_circuit_free(&rule);
    dlca_task_free(&task);
}
