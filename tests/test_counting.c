/* test_counting.c - rebuilding by counting: the same function, found where inputs are interchangeable, small for Life.
 */
#include "../gates/counting.h"

#include "../gates/circuit_json.h"
#include "../gates/optimize.h"
#include "random_circuit.h"
#include "scratch.h"

#include <criterion/criterion.h>
#include <stdlib.h>

/* Output: a random function of the number of ones among the first `counted` inputs and of the others, as a chain of
 * comparisons: one term per row where it is 1. */
static DlcaCircuit symmetric_circuit(TestRandom *random, int32_t inputs, int32_t counted) {
    const int32_t others = inputs - counted;
    uint8_t value[16 << 8];
    for (int32_t i = 0; i < (counted + 1) << others; i++) {
        value[i] = test_random_word(random) & 1;
    }
    DlcaCircuit circuit;
    cr_assert(dlca_circuit_create(&circuit, inputs, 1, 1 + (inputs + 2) * (1 << inputs), NULL));
    int32_t gates = 0;
    circuit.gate[gates++] = (DlcaGate){0, 0, DLCA_OP_FALSE};
    int32_t any = inputs;
    for (int32_t row = 0; row < 1 << inputs; row++) {
        const int32_t place = __builtin_popcount((uint32_t)row & ((1u << counted) - 1)) << others | row >> counted;
        if (!value[place]) {
            continue;
        }
        circuit.gate[gates++] = (DlcaGate){0, 0, DLCA_OP_TRUE};
        for (int32_t i = 0; i < inputs; i++) {
            circuit.gate[gates] = (DlcaGate){inputs + gates - 1, i, row >> i & 1 ? DLCA_OP_AND : DLCA_OP_A_AND_NOT_B};
            gates++;
        }
        circuit.gate[gates] = (DlcaGate){any, inputs + gates - 1, DLCA_OP_OR};
        any = inputs + gates++;
    }
    circuit.gates = gates;
    circuit.output[0] = any;
    return circuit;
}

Test(counting, symmetric_functions_stay_the_same) {
    TestRandom random = test_random(11);
    for (int32_t i = 0; i < 40; i++) {
        const int32_t inputs = 4 + i % 5, counted = 4 + i % (inputs - 3);
        DlcaCircuit from = symmetric_circuit(&random, inputs, counted), to, small;
        DlcaError error = {0};
        bool found = false;
        cr_assert(dlca_circuit_check(&from, &error), "%s", error.message);
        cr_assert(dlca_circuit_count_inputs(&to, &from, &found, &error));
        cr_assert(found, "%d of %d inputs", counted, inputs);
        cr_assert(dlca_circuit_check(&to, &error), "%s", error.message);
        cr_assert(dlca_circuit_same_on_samples(&from, &to, 1, 1, &error), "%s", error.message);
        cr_assert(dlca_circuit_smallest(&small, &from, 3, &error));
        cr_assert(dlca_circuit_same_on_samples(&from, &small, 1, 1, &error), "%s", error.message);
        dlca_circuit_free(&from);
        dlca_circuit_free(&to);
        dlca_circuit_free(&small);
    }
}

Test(counting, other_circuits_are_left_alone) {
    TestRandom random = test_random(12);
    const int32_t inputs[] = {3, 9, 13, 27};
    for (int32_t i = 0; i < 40; i++) {
        DlcaCircuit from = random_circuit(&random, inputs[i % 4], 1 + i / 4 % 2, 60, REAL_OPS), to, small;
        DlcaError error = {0};
        bool found = true;
        cr_assert(dlca_circuit_count_inputs(&to, &from, &found, &error));
        cr_assert(found || to.gate == NULL);
        cr_assert(dlca_circuit_smallest(&small, &from, 3, &error));
        cr_assert(dlca_circuit_same_on_samples(&from, &small, 64, 1, &error), "%s", error.message);
        dlca_circuit_free(&from);
        dlca_circuit_free(&to);
        dlca_circuit_free(&small);
    }
}

Test(counting, a_learned_life_becomes_small) {
    size_t size;
    uint8_t *text = scratch_read("tests/golden/learned_life.json", &size);
    DlcaCircuit learned, small;
    cr_assert(dlca_circuit_from_json((const char *)text, size, "learned_life.json", &learned, NULL, NULL));
    cr_assert(dlca_circuit_smallest(&small, &learned, 20, NULL));
    cr_assert(dlca_circuit_same_on_samples(&learned, &small, 8, 1, NULL));
    cr_assert_leq(small.gates, 28, "%d gates", small.gates);
    dlca_circuit_free(&learned);
    dlca_circuit_free(&small);
    free(text);
}
