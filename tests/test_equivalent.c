/* test_equivalent.c - proofs that two circuits are the same: every change of one gate that matters is caught. */
#include "../gates/equivalent.h"
#include "../gates/optimize.h"
#include "../gates/sat.h"
#include "random_circuit.h"

#include <criterion/criterion.h>

enum { CIRCUITS = 50, GATES = 30, INPUTS = 9, MANY_INPUTS = 27 };

/* The same circuit with inputs that nothing reads: too many to try all assignments, so graph and solver decide. */
static DlcaCircuit widened(const DlcaCircuit *circuit) {
    DlcaCircuit wide;
    const int32_t more = MANY_INPUTS - circuit->inputs;
    cr_assert(dlca_circuit_create(&wide, MANY_INPUTS, circuit->outputs, circuit->gates, NULL));
    for (int32_t i = 0; i < circuit->gates; i++) {
        const DlcaGate gate = circuit->gate[i];
        wide.gate[i] =
            (DlcaGate){gate.a < INPUTS ? gate.a : gate.a + more, gate.b < INPUTS ? gate.b : gate.b + more, gate.op};
    }
    for (int32_t i = 0; i < circuit->outputs; i++) {
        wide.output[i] = circuit->output[i] < INPUTS ? circuit->output[i] : circuit->output[i] + more;
    }
    return wide;
}

static DlcaEquivalence answer_of(const DlcaCircuit *left, const DlcaCircuit *right) {
    DlcaEquivalenceProof proof;
    DlcaError error = {0};
    cr_assert(dlca_circuit_equivalent(left, right, 0, &proof, &error), "%s", error.message);
    cr_assert_eq(proof.assignments > 0, left->inputs <= DLCA_EQUIVALENT_ALL_INPUTS);
    return proof.answer;
}

static void check(const DlcaCircuit *left, const DlcaCircuit *right) {
    const bool same = dlca_circuit_same_on_samples(left, right, 8, 1, NULL); /* all 512 */
    cr_assert_eq(answer_of(left, right), same ? DLCA_EQUIVALENT : DLCA_DIFFERENT);
    if (dlca_sat_solver()) {
        DlcaCircuit wide_left = widened(left), wide_right = widened(right);
        cr_assert_eq(answer_of(&wide_left, &wide_right), same ? DLCA_EQUIVALENT : DLCA_DIFFERENT);
        dlca_circuit_free(&wide_left);
        dlca_circuit_free(&wide_right);
    }
}

/* Every gate of every circuit, with another operation or another input. */
Test(equivalent, every_change_of_one_gate_that_matters_is_caught) {
    TestRandom random = test_random(61);
    for (int round = 0; round < CIRCUITS; round++) {
        DlcaCircuit circuit = random_circuit(&random, INPUTS, 3, GATES, ANY_OPS), changed, small;
        cr_assert(dlca_circuit_copy(&changed, &circuit, NULL));
        for (int32_t i = 0; i < GATES; i++) {
            DlcaGate *gate = &changed.gate[i];
            gate->op = (uint8_t)((gate->op + 1 + test_random_below(&random, 15)) % 16);
            check(&circuit, &changed);
            *gate = circuit.gate[i];
            gate->a = test_random_below(&random, INPUTS + i);
            check(&circuit, &changed);
            *gate = circuit.gate[i];
        }
        cr_assert(dlca_circuit_optimize(&small, &circuit, NULL));
        check(&circuit, &small);
        dlca_circuit_free(&small);
        dlca_circuit_free(&changed);
        dlca_circuit_free(&circuit);
    }
}

Test(equivalent, other_numbers_of_inputs_are_refused) {
    TestRandom random = test_random(62);
    DlcaCircuit left = random_circuit(&random, 9, 1, 5, ANY_OPS), right = random_circuit(&random, 18, 1, 5, ANY_OPS);
    DlcaEquivalenceProof proof;
    DlcaError error = {0};
    cr_assert_not(dlca_circuit_equivalent(&left, &right, 0, &proof, &error));
    cr_assert_eq(error.kind, DLCA_BAD_INPUT);
    dlca_circuit_free(&left);
    dlca_circuit_free(&right);
}
