/* random_circuit.c - see random_circuit.h. */
#include "random_circuit.h"

#include <criterion/criterion.h>

TestRandom test_random(uint64_t seed) {
    TestRandom random = {seed * 0x9e3779b97f4a7c15u | 1};
    for (int i = 0; i < 8; i++) {
        test_random_word(&random);
    }
    return random;
}

uint64_t test_random_word(TestRandom *random) {
    random->state ^= random->state >> 12;
    random->state ^= random->state << 25;
    random->state ^= random->state >> 27;
    return random->state * 0x2545f4914f6cdd1du;
}

int32_t test_random_below(TestRandom *random, int32_t bound) {
    return (int32_t)((test_random_word(random) >> 33) % (uint64_t)bound);
}

int random_op(TestRandom *random, RandomOps ops) {
    static const int real[] = {1, 2, 4, 6, 7, 8, 9, 11, 13, 14};
    static const int and_xor[] = {1, 2, 4, 8, 14, 13, 11, 7, 6, 6, 6, 6, 9, 9, 9, 9};
    switch (ops) {
    case REAL_OPS:
        return real[test_random_below(random, 10)];
    case AND_XOR_OPS:
        return and_xor[test_random_below(random, 16)];
    case TRAINED_OPS:
        return test_random_below(random, 10) < 7 ? DLCA_OP_A : test_random_below(random, 16);
    default:
        return test_random_below(random, 16);
    }
}

static int32_t random_node(TestRandom *random, int32_t nodes) {
    if (nodes > 8 && test_random_below(random, 2) == 0) {
        return nodes - 1 - test_random_below(random, 8);
    }
    return test_random_below(random, nodes);
}

DlcaCircuit random_circuit(TestRandom *random, int32_t inputs, int32_t outputs, int32_t gates, RandomOps ops) {
    DlcaCircuit circuit;
    DlcaError error = {0};
    cr_assert(dlca_circuit_create(&circuit, inputs, outputs, gates, &error), "%s", error.message);
    for (int32_t i = 0; i < gates; i++) {
        const int32_t a = random_node(random, inputs + i), b = random_node(random, inputs + i);
        circuit.gate[i] = (DlcaGate){a, b, (uint8_t)random_op(random, ops)};
    }
    for (int32_t i = 0; i < outputs; i++) {
        circuit.output[i] = random_node(random, inputs + gates);
    }
    return circuit;
}

void evaluate_plainly(const DlcaCircuit *circuit, bool *values) {
    for (int32_t i = 0; i < circuit->gates; i++) {
        const DlcaGate gate = circuit->gate[i];
        values[circuit->inputs + i] = dlca_op_bit(gate.op, values[gate.a], values[gate.b]);
    }
}
