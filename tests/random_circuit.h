/* random_circuit.h - circuits drawn at random for the tests, and the plainest way to evaluate one. */
#ifndef RANDOM_CIRCUIT_H
#define RANDOM_CIRCUIT_H

#include "../gates/circuit.h"

/* xorshift64* (Vigna, 2016); state is never 0. */
typedef struct TestRandom {
    uint64_t state;
} TestRandom;

TestRandom test_random(uint64_t seed);
uint64_t test_random_word(TestRandom *random);
int32_t test_random_below(TestRandom *random, int32_t bound);

typedef enum RandomOps {
    ANY_OPS,     /* all 16, equally often */
    REAL_OPS,    /* only those that depend on both inputs */
    TRAINED_OPS, /* mostly pass-throughs, as in a trained model */
    AND_XOR_OPS  /* AND with any inversions, XOR, XNOR */
} RandomOps;

/* Gates read any earlier node; half of them one of the last eight. Free with dlca_circuit_free. */
DlcaCircuit random_circuit(TestRandom *random, int32_t inputs, int32_t outputs, int32_t gates, RandomOps ops);

int random_op(TestRandom *random, RandomOps ops);

/* One assignment, bit by bit, with dlca_op_bit; values [inputs + gates], the inputs given. */
void evaluate_plainly(const DlcaCircuit *circuit, bool *values);

#endif
