/* test_circuit.c - circuits: checking, copying, evaluating, counting. */
#include "../gates/circuit.h"
#include "random_circuit.h"

#include <criterion/criterion.h>
#include <string.h>

static DlcaCircuit created(int32_t inputs, int32_t outputs, int32_t gates) {
    DlcaCircuit circuit;
    DlcaError error = {0};
    cr_assert(dlca_circuit_create(&circuit, inputs, outputs, gates, &error), "%s", error.message);
    return circuit;
}

Test(circuit, evaluation_is_bit_by_bit) {
    TestRandom random = test_random(1);
    for (int round = 0; round < 200; round++) {
        const int32_t inputs = 1 + test_random_below(&random, 20), gates = test_random_below(&random, 60);
        DlcaCircuit circuit = random_circuit(&random, inputs, 3, gates, ANY_OPS);
        uint64_t words[80];
        for (int32_t i = 0; i < inputs; i++) {
            words[i] = test_random_word(&random);
        }
        dlca_circuit_evaluate(&circuit, words);
        for (int bit = 0; bit < 64; bit += 21) {
            bool values[80];
            for (int32_t i = 0; i < inputs; i++) {
                values[i] = words[i] >> bit & 1;
            }
            evaluate_plainly(&circuit, values);
            for (int32_t n = 0; n < inputs + gates; n++) {
                cr_assert_eq(words[n] >> bit & 1, values[n], "round %d, node %d, bit %d", round, n, bit);
            }
        }
        dlca_circuit_free(&circuit);
    }
}

Test(circuit, check_accepts_good_and_names_bad) {
    DlcaError error = {0};
    DlcaCircuit circuit = created(2, 1, 2);
    circuit.gate[0] = (DlcaGate){0, 1, DLCA_OP_XOR};
    circuit.gate[1] = (DlcaGate){2, 1, DLCA_OP_AND};
    circuit.output[0] = 3;
    cr_assert(dlca_circuit_check(&circuit, &error), "%s", error.message);

    circuit.gate[1].a = 3; /* itself */
    cr_assert_not(dlca_circuit_check(&circuit, &error));
    cr_assert_eq(error.kind, DLCA_BAD_INPUT);
    cr_assert_not_null(strstr(error.message, "gate 1"));
    circuit.gate[1].a = -1;
    cr_assert_not(dlca_circuit_check(&circuit, &error));
    circuit.gate[1].a = 2;
    circuit.gate[0].b = 2; /* forward */
    cr_assert_not(dlca_circuit_check(&circuit, &error));
    cr_assert_not_null(strstr(error.message, "gate 0"));
    circuit.gate[0].b = 1;
    circuit.gate[0].op = 16;
    cr_assert_not(dlca_circuit_check(&circuit, &error));
    cr_assert_not_null(strstr(error.message, "operation 16"));
    circuit.gate[0].op = 6;
    circuit.output[0] = 4;
    cr_assert_not(dlca_circuit_check(&circuit, &error));
    cr_assert_not_null(strstr(error.message, "output 0"));
    circuit.output[0] = -1;
    cr_assert_not(dlca_circuit_check(&circuit, &error));
    circuit.output[0] = 3;
    cr_assert(dlca_circuit_check(&circuit, &error));
    dlca_circuit_free(&circuit);
    cr_assert_null(circuit.gate);
}

Test(circuit, sizes_beyond_the_limit_are_refused) {
    DlcaCircuit circuit;
    DlcaError error = {0};
    cr_assert_not(dlca_circuit_create(&circuit, 1, 1, DLCA_CIRCUIT_MAX_NODES, &error));
    cr_assert_eq(error.kind, DLCA_BAD_INPUT);
    cr_assert_null(circuit.gate);
    cr_assert_not(dlca_circuit_create(&circuit, INT32_MAX, 1, INT32_MAX, &error));
    cr_assert_not(dlca_circuit_create(&circuit, 1, -1, 1, &error));
    cr_assert_not(dlca_circuit_create(&circuit, -1, 1, 1, NULL));
    dlca_circuit_free(&circuit);
}

Test(circuit, a_copy_is_its_own) {
    TestRandom random = test_random(2);
    DlcaCircuit circuit = random_circuit(&random, 5, 4, 30, ANY_OPS), copy;
    DlcaError error = {0};
    cr_assert(dlca_circuit_copy(&copy, &circuit, &error));
    cr_assert_arr_eq(copy.output, circuit.output, 4 * sizeof *copy.output);
    for (int i = 0; i < 30; i++) {
        cr_assert(copy.gate[i].a == circuit.gate[i].a && copy.gate[i].b == circuit.gate[i].b &&
                  copy.gate[i].op == circuit.gate[i].op);
    }
    dlca_circuit_free(&circuit);
    cr_assert(dlca_circuit_check(&copy, &error));
    dlca_circuit_free(&copy);
    const DlcaCircuit empty = {0};
    cr_assert(dlca_circuit_copy(&copy, &empty, &error));
    dlca_circuit_free(&copy);
}

Test(circuit, live_gates_and_depth) {
    DlcaCircuit circuit = created(2, 1, 5);
    circuit.gate[0] = (DlcaGate){0, 1, DLCA_OP_AND};  /* 2 */
    circuit.gate[1] = (DlcaGate){0, 1, DLCA_OP_OR};   /* 3, only read by an operation that ignores it */
    circuit.gate[2] = (DlcaGate){2, 3, DLCA_OP_A};    /* 4 */
    circuit.gate[3] = (DlcaGate){4, 0, DLCA_OP_XOR};  /* 5 */
    circuit.gate[4] = (DlcaGate){5, 1, DLCA_OP_NAND}; /* 6, dead */
    circuit.output[0] = 5;
    cr_assert_eq(dlca_circuit_live_gates(&circuit), 3);
    cr_assert_eq(dlca_circuit_depth(&circuit), 3);
    circuit.output[0] = 6;
    cr_assert_eq(dlca_circuit_live_gates(&circuit), 4);
    cr_assert_eq(dlca_circuit_depth(&circuit), 4);
    circuit.output[0] = 1;
    cr_assert_eq(dlca_circuit_live_gates(&circuit), 0);
    cr_assert_eq(dlca_circuit_depth(&circuit), 0);
    dlca_circuit_free(&circuit);
}
