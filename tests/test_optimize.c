/* test_optimize.c - the optimizer: the same function, never more gates, nothing left to do, known identities. */
#include "../gates/optimize.h"
#include "random_circuit.h"

#include <criterion/criterion.h>
#include <string.h>

static DlcaCircuit optimized(const DlcaCircuit *circuit) {
    DlcaCircuit result;
    DlcaError error = {0};
    cr_assert(dlca_circuit_optimize(&result, circuit, &error), "%s", error.message);
    cr_assert(dlca_circuit_check(&result, &error), "%s", error.message);
    return result;
}

static void assert_same_circuit(const DlcaCircuit *left, const DlcaCircuit *right) {
    cr_assert_eq(left->gates, right->gates);
    for (int32_t i = 0; i < left->gates; i++) {
        const DlcaGate l = left->gate[i], r = right->gate[i];
        cr_assert(l.a == r.a && l.b == r.b && l.op == r.op, "gate %d", i);
    }
    for (int32_t i = 0; i < left->outputs; i++) {
        cr_assert_eq(left->output[i], right->output[i]);
    }
}

/* Every assignment of up to ten inputs, evaluated bit by bit, without help of the code under test. */
static void assert_same_function(const DlcaCircuit *left, const DlcaCircuit *right) {
    bool left_values[256], right_values[256];
    cr_assert(left->inputs + left->gates <= 256 && right->inputs + right->gates <= 256);
    for (int assignment = 0; assignment < 1 << left->inputs; assignment++) {
        for (int32_t i = 0; i < left->inputs; i++) {
            left_values[i] = right_values[i] = assignment >> i & 1;
        }
        evaluate_plainly(left, left_values);
        evaluate_plainly(right, right_values);
        for (int32_t i = 0; i < left->outputs; i++) {
            cr_assert_eq(left_values[left->output[i]], right_values[right->output[i]], "output %d at %x", i,
                         (unsigned)assignment);
        }
    }
}

static void try_random_circuits(RandomOps ops, uint64_t seed, int rounds) {
    TestRandom random = test_random(seed);
    for (int round = 0; round < rounds; round++) {
        const int32_t inputs = 1 + test_random_below(&random, 6), outputs = 1 + test_random_below(&random, 6);
        DlcaCircuit circuit = random_circuit(&random, inputs, outputs, test_random_below(&random, 80), ops);
        DlcaCircuit small = optimized(&circuit);
        assert_same_function(&circuit, &small);
        cr_assert_leq(small.gates, dlca_circuit_live_gates(&circuit));
        cr_assert_eq(small.gates, dlca_circuit_live_gates(&small));
        DlcaCircuit again = optimized(&small);
        assert_same_circuit(&small, &again);
        dlca_circuit_free(&again);
        dlca_circuit_free(&small);
        dlca_circuit_free(&circuit);
    }
}

Test(optimize, random_circuits_of_any_operations) {
    try_random_circuits(ANY_OPS, 1, 3000);
}

Test(optimize, random_circuits_of_real_operations) {
    try_random_circuits(REAL_OPS, 2, 3000);
}

Test(optimize, random_circuits_of_and_and_xor) {
    try_random_circuits(AND_XOR_OPS, 3, 3000);
}

Test(optimize, random_circuits_of_pass_throughs) {
    try_random_circuits(TRAINED_OPS, 4, 3000);
}

Test(optimize, large_circuits_on_samples) {
    TestRandom random = test_random(5);
    DlcaError error = {0};
    for (int round = 0; round < 20; round++) {
        DlcaCircuit circuit = random_circuit(&random, 72, 8, 4600, (RandomOps)(round % 4));
        DlcaCircuit small = optimized(&circuit);
        cr_assert(dlca_circuit_same_on_samples(&circuit, &small, 16, (uint64_t)round, &error), "%s", error.message);
        dlca_circuit_free(&small);
        dlca_circuit_free(&circuit);
    }
}

Test(optimize, a_kept_optimizer_gives_the_same_circuits) {
    TestRandom random = test_random(6);
    DlcaError error = {0};
    DlcaOptimizer *optimizer = dlca_optimizer_create(&error);
    for (int round = 0; round < 300; round++) { /* sizes up and down, so that memory is kept and grown */
        const int32_t inputs = 1 + test_random_below(&random, 40), outputs = 1 + test_random_below(&random, 40);
        DlcaCircuit circuit = random_circuit(&random, inputs, outputs, test_random_below(&random, 300), ANY_OPS);
        DlcaCircuit once = optimized(&circuit);
        const DlcaCircuit *kept = dlca_optimizer_run(optimizer, &circuit, &error);
        cr_assert_not_null(kept);
        assert_same_circuit(&once, kept);
        dlca_circuit_free(&once);
        dlca_circuit_free(&circuit);
    }
    dlca_optimizer_free(optimizer);
    dlca_optimizer_free(NULL);
}

/* ---- identities, each written as gates over inputs 0, 1, 2 (nodes 3, 4, ... are the gates), the last one the output
 * --- */

typedef struct Identity {
    const char *text;
    int count;
    DlcaGate gate[6];
    int32_t gates, inverters, constants; /* what must be left */
} Identity;

static const Identity identities[] = {
    {"a & a = a", 1, {{0, 0, DLCA_OP_AND}}, 0, 0, 0},
    {"a ^ a = 0", 1, {{0, 0, DLCA_OP_XOR}}, 0, 0, 1},
    {"a | !a = 1", 2, {{0, 0, DLCA_OP_NOT_A}, {0, 3, DLCA_OP_OR}}, 0, 0, 1},
    {"!!a = a", 2, {{0, 1, DLCA_OP_NOT_A}, {1, 3, DLCA_OP_NOT_B}}, 0, 0, 0},
    {"!a stays an inverter", 1, {{0, 1, DLCA_OP_NOT_A}}, 0, 1, 0},
    {"a & 1 = a", 2, {{0, 0, DLCA_OP_TRUE}, {0, 3, DLCA_OP_AND}}, 0, 0, 0},
    {"a & 0 = 0", 2, {{0, 0, DLCA_OP_FALSE}, {0, 3, DLCA_OP_AND}}, 0, 0, 1},
    {"a ^ 1 = !a", 2, {{0, 0, DLCA_OP_TRUE}, {0, 3, DLCA_OP_XOR}}, 0, 1, 0},
    {"(a & b) | (b & a) = a & b", 3, {{0, 1, DLCA_OP_AND}, {1, 0, DLCA_OP_AND}, {3, 4, DLCA_OP_OR}}, 1, 0, 0},
    {"(a ^ b) ^ !(b ^ a) = 1", 3, {{0, 1, DLCA_OP_XOR}, {1, 0, DLCA_OP_XNOR}, {3, 4, DLCA_OP_XOR}}, 0, 0, 1},
    {"a & (a & b) = a & b", 2, {{0, 1, DLCA_OP_AND}, {0, 3, DLCA_OP_AND}}, 1, 0, 0},
    {"a & (!a & b) = 0", 2, {{0, 1, DLCA_OP_NOT_A_AND_B}, {0, 3, DLCA_OP_AND}}, 0, 0, 1},
    {"a ^ (a ^ b) = b", 2, {{0, 1, DLCA_OP_XOR}, {0, 3, DLCA_OP_XOR}}, 0, 0, 0},
    {"a ^ (a & b) = a & !b", 2, {{0, 1, DLCA_OP_AND}, {0, 3, DLCA_OP_XOR}}, 1, 0, 0},
    {"a | (a & b) = a", 2, {{0, 1, DLCA_OP_AND}, {0, 3, DLCA_OP_OR}}, 0, 0, 0},
    {"!(a & b) & b = !a & b", 2, {{0, 1, DLCA_OP_NAND}, {3, 1, DLCA_OP_AND}}, 1, 0, 0},
    {"(a & b) | (a & !b) = a", 3, {{0, 1, DLCA_OP_AND}, {0, 1, DLCA_OP_A_AND_NOT_B}, {3, 4, DLCA_OP_OR}}, 0, 0, 0},
    {"(a | b) & !(a & b) = a ^ b", 3, {{0, 1, DLCA_OP_OR}, {0, 1, DLCA_OP_NAND}, {3, 4, DLCA_OP_AND}}, 1, 0, 0},
    {"(a & b) | (a ^ b) = a | b", 3, {{0, 1, DLCA_OP_AND}, {0, 1, DLCA_OP_XOR}, {3, 4, DLCA_OP_OR}}, 1, 0, 0},
    {"(a ^ b) ^ (a ^ c) = b ^ c", 3, {{0, 1, DLCA_OP_XOR}, {0, 2, DLCA_OP_XOR}, {3, 4, DLCA_OP_XOR}}, 1, 0, 0},
    {"(a ^ c) ^ (b ^ c) = a ^ b", 3, {{0, 2, DLCA_OP_XOR}, {1, 2, DLCA_OP_XOR}, {3, 4, DLCA_OP_XOR}}, 1, 0, 0},
    {"(b ^ a) ^ (c ^ b) = a ^ c", 3, {{1, 0, DLCA_OP_XOR}, {2, 1, DLCA_OP_XOR}, {3, 4, DLCA_OP_XOR}}, 1, 0, 0},
    {"(a & b) & (!a & c) = 0", 3, {{0, 1, DLCA_OP_AND}, {0, 2, DLCA_OP_NOT_A_AND_B}, {3, 4, DLCA_OP_AND}}, 0, 0, 1},
    {"(a & b) & (a & c): two gates", 3, {{0, 1, DLCA_OP_AND}, {0, 2, DLCA_OP_AND}, {3, 4, DLCA_OP_AND}}, 2, 0, 0},
    {"!(a & b) & (b & c) = !a & (b & c)", 3, {{0, 1, DLCA_OP_NAND}, {1, 2, DLCA_OP_AND}, {3, 4, DLCA_OP_AND}}, 2, 0, 0},
    {"(a ^ b) ^ c ^ (a ^ b) = c", 3, {{0, 1, DLCA_OP_XOR}, {3, 2, DLCA_OP_XOR}, {3, 4, DLCA_OP_XOR}}, 0, 0, 0},
    {"!(!a & !b) = a | b",
     4,
     {{0, 0, DLCA_OP_NOT_A}, {1, 1, DLCA_OP_NOT_A}, {3, 4, DLCA_OP_AND}, {5, 5, DLCA_OP_NOT_A}},
     1,
     0,
     0},
};

Test(optimize, identities) {
    for (size_t i = 0; i < sizeof identities / sizeof *identities; i++) {
        const Identity identity = identities[i];
        DlcaGate gates[6];
        int32_t output = 2 + identity.count;
        memcpy(gates, identity.gate, sizeof gates);
        const DlcaCircuit circuit = {3, 1, identity.count, gates, &output};
        DlcaCircuit small = optimized(&circuit);
        assert_same_function(&circuit, &small);
        const DlcaCircuitSize size = dlca_circuit_size(&small);
        cr_expect(size.gates == identity.gates && size.inverters == identity.inverters &&
                      size.constants == identity.constants,
                  "%s: %d gates, %d inverters, %d constants are left", identity.text, size.gates, size.inverters,
                  size.constants);
        cr_expect_eq(small.gates, identity.gates + identity.inverters + identity.constants, "%s", identity.text);
        dlca_circuit_free(&small);
    }
}

/* (a & b) & (a & c) may become c & (a & b) or b & (a & c): the one that is there already. */
Test(optimize, of_two_rewritings_the_one_that_exists) {
    for (int which = 0; which < 2; which++) {
        DlcaGate gates[] = {
            {0, 1, DLCA_OP_AND}, {0, 2, DLCA_OP_AND}, {which ? 4 : 3, which ? 1 : 2, DLCA_OP_AND}, {3, 4, DLCA_OP_AND}};
        int32_t outputs[] = {5, 6};
        const DlcaCircuit circuit = {3, 2, 4, gates, outputs};
        DlcaCircuit small = optimized(&circuit);
        assert_same_function(&circuit, &small);
        cr_assert_eq(small.gates, 2);
        cr_assert_eq(small.output[0], small.output[1]);
        dlca_circuit_free(&small);
    }
}

Test(optimize, inverted_outputs_need_no_inverter) {
    DlcaGate gates[] = {{0, 1, DLCA_OP_AND}, {2, 2, DLCA_OP_NOT_A}, {3, 0, DLCA_OP_XOR}};
    int32_t output[] = {3, 4};
    const DlcaCircuit circuit = {2, 2, 3, gates, output};
    DlcaCircuit small = optimized(&circuit); /* NAND, and something that reads it */
    assert_same_function(&circuit, &small);
    cr_assert_eq(dlca_circuit_size(&small).inverters, 0);
    cr_assert_eq(small.gates, 2);
    dlca_circuit_free(&small);

    int32_t both[] = {2, 3};
    const DlcaCircuit two = {2, 2, 2, gates, both};
    small = optimized(&two);
    assert_same_function(&two, &small);
    cr_assert_eq(dlca_circuit_size(&small).gates, 1);
    cr_assert_eq(dlca_circuit_size(&small).inverters, 1);
    dlca_circuit_free(&small);
}

/* ---- the comparison that other tests lean on must see differences ---- */

Test(optimize, comparison_finds_a_single_wrong_assignment) {
    DlcaError error = {0};
    for (int32_t inputs = 2; inputs <= 16; inputs++) { /* AND of all against constant 0: one assignment differs */
        TestRandom random = test_random(7);
        DlcaCircuit all = random_circuit(&random, inputs, 1, inputs - 1, ANY_OPS);
        for (int32_t i = 0; i < inputs - 1; i++) {
            all.gate[i] = (DlcaGate){i == 0 ? 0 : inputs + i - 1, i + 1, DLCA_OP_AND};
        }
        all.output[0] = 2 * inputs - 2;
        DlcaCircuit none;
        cr_assert(dlca_circuit_copy(&none, &all, &error));
        cr_assert(dlca_circuit_same_on_samples(&all, &none, 1, 1, &error));
        none.gate[inputs - 2].op = DLCA_OP_FALSE;
        cr_assert_not(dlca_circuit_same_on_samples(&all, &none, 1, 1, &error), "%d inputs", inputs);
        cr_assert_not_null(strstr(error.message, "output 0"));
        dlca_circuit_free(&all);
        dlca_circuit_free(&none);
    }
}

Test(optimize, comparison_samples_many_inputs) {
    TestRandom random = test_random(8);
    DlcaError error = {0};
    DlcaCircuit circuit = random_circuit(&random, 40, 2, 0, ANY_OPS), other;
    cr_assert(dlca_circuit_copy(&other, &circuit, &error));
    other.output[1] = (circuit.output[1] + 1) % 40;
    cr_assert_not(dlca_circuit_same_on_samples(&circuit, &other, 4, 9, &error));
    cr_assert_not_null(strstr(error.message, "output 1"));
    cr_assert(dlca_circuit_same_on_samples(&circuit, &circuit, 4, 9, &error));
    other.outputs = 1;
    cr_assert_not(dlca_circuit_same_on_samples(&circuit, &other, 4, 9, &error));
    dlca_circuit_free(&circuit);
    dlca_circuit_free(&other);
}
