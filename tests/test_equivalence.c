/* test_equivalence.c - equal circuits are proven equal; every change of one gate that matters is caught. */
#include "../gates/equivalence.h"
#include "../gates/optimize.h"
#include "../gates/rewrite.h"
#include "../gates/sat.h"
#include "random_circuit.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static DlcaEquivalenceProof compare(const DlcaCircuit *left, const DlcaCircuit *right) {
    DlcaEquivalenceProof proof;
    DlcaError error = {0};
    cr_assert(dlca_circuit_equivalence(&proof, left, right, 0, &error), "%s", error.message);
    return proof;
}

static void assert_differs(const DlcaCircuit *left, const DlcaCircuit *right, const DlcaEquivalenceProof *proof) {
    bool *a = calloc((size_t)(left->inputs + left->gates + 1), 1),
         *b = calloc((size_t)(left->inputs + right->gates + 1), 1);
    cr_assert_not_null(proof->assignment);
    for (int32_t i = 0; i < left->inputs; i++) {
        a[i] = b[i] = proof->assignment[i] != 0;
    }
    evaluate_plainly(left, a);
    evaluate_plainly(right, b);
    cr_assert_neq(a[left->output[proof->output]], b[right->output[proof->output]], "by %s", proof->means);
    free(a);
    free(b);
}

/* The reference: all assignments, by another code. */
static bool truly_same(const DlcaCircuit *left, const DlcaCircuit *right) {
    DlcaError error;
    return dlca_circuit_same_on_samples(left, right, 1 << 14, 1, &error);
}

/* All 15 other operations of each gate of 50 circuits of 30 gates, over 9 inputs, each against the circuit rewritten
 * before: 24 000 comparisons. */
Test(equivalence, every_mutation_of_a_gate_that_matters_is_caught) {
    TestRandom random = test_random(91);
    DlcaError error;
    int32_t caught = 0, harmless = 0;
    for (int round = 0; round < 50; round++) {
        DlcaCircuit circuit = random_circuit(&random, 9, 3, 30, REAL_OPS), small;
        cr_assert(dlca_circuit_rewrite(&small, &circuit, 5, &error));
        for (int32_t i = 0; i < circuit.gates; i++) {
            const uint8_t op = circuit.gate[i].op;
            for (uint8_t other = 0; other < DLCA_OPS; other++) {
                circuit.gate[i].op = other;
                DlcaEquivalenceProof proof = compare(&small, &circuit);
                const bool same = truly_same(&small, &circuit);
                cr_assert_eq(proof.verdict, same ? DLCA_EQUIVALENT : DLCA_DIFFERENT, "gate %d as %s: %s", i,
                             dlca_op_name(other), proof.means);
                if (!same) {
                    assert_differs(&small, &circuit, &proof);
                }
                caught += !same;
                harmless += same;
                dlca_equivalence_free(&proof);
            }
            circuit.gate[i].op = op;
        }
        dlca_circuit_free(&small);
        dlca_circuit_free(&circuit);
    }
    cr_assert_gt(caught, 5000, "%d caught, %d harmless", caught, harmless);
}

/* a & b & ... & z over 40 inputs: another order is the same, one input left out differs on one assignment in 2^39. */
Test(equivalence, what_samples_cannot_see_the_solver_does) {
    enum { INPUTS = 40 };
    DlcaGate forward[INPUTS - 1], backward[INPUTS - 1], shorter[INPUTS - 1];
    int32_t output[] = {2 * INPUTS - 2};
    for (int32_t i = 0; i < INPUTS - 1; i++) {
        const int32_t before = INPUTS + i - 1;
        forward[i] = (DlcaGate){i ? before : 0, i + 1, DLCA_OP_AND};
        backward[i] = (DlcaGate){i ? before : INPUTS - 1, INPUTS - 2 - i, DLCA_OP_AND};
        shorter[i] = backward[i];
    }
    shorter[20] = (DlcaGate){INPUTS + 19, INPUTS + 19, DLCA_OP_A};
    const DlcaCircuit left = {INPUTS, 1, INPUTS - 1, forward, output},
                      right = {INPUTS, 1, INPUTS - 1, backward, output};
    const DlcaCircuit wrong = {INPUTS, 1, INPUTS - 1, shorter, output};
    DlcaEquivalenceProof same = compare(&left, &right), different = compare(&left, &wrong);
    if (dlca_sat_solver()) {
        cr_assert_eq(same.verdict, DLCA_EQUIVALENT);
        cr_assert_eq(different.verdict, DLCA_DIFFERENT);
        assert_differs(&left, &wrong, &different);
    } else {
        cr_assert_eq(same.verdict, DLCA_EQUIVALENCE_NOT_DECIDED);
        cr_assert_eq(different.verdict, DLCA_EQUIVALENCE_NOT_DECIDED);
    }
    dlca_equivalence_free(&same);
    dlca_equivalence_free(&different);
}

Test(equivalence, constants_inputs_and_shapes) {
    DlcaGate gates[] = {{0, 0, DLCA_OP_TRUE}, {0, 1, DLCA_OP_AND}};
    int32_t constant[] = {2}, input[] = {0}, both[] = {3};
    const DlcaCircuit ones = {2, 1, 2, gates, constant}, first = {2, 1, 2, gates, input}, and = {2, 1, 2, gates, both};
    const DlcaCircuit narrow = {1, 1, 0, gates, input};
    const DlcaCircuit *all[] = {&ones, &first, &and};
    DlcaError error;
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++) {
            DlcaEquivalenceProof proof = compare(all[i], all[j]);
            cr_assert_eq(proof.verdict, i == j ? DLCA_EQUIVALENT : DLCA_DIFFERENT, "%d %d", i, j);
            if (i != j) {
                assert_differs(all[i], all[j], &proof);
            }
            dlca_equivalence_free(&proof);
        }
    }
    DlcaEquivalenceProof proof;
    cr_assert_not(dlca_circuit_equivalence(&proof, &ones, &narrow, 0, &error));
    cr_assert_eq(error.kind, DLCA_BAD_INPUT);
}
