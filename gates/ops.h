/* ops.h - the 16 two-input boolean operations: names, truth tables, relaxed forms and their four coefficients.
 *
 * Over the reals in [0,1] each operation is bilinear: op(a,b) = k0 + k1 a + k2 b + k3 ab. A softmax mixture p of the
 * 16 is therefore bilinear too, with coefficients c = p . K, K the 16x4 table below; everything in dlca rests on it.
 * Source of the operations and their order: Petersen et al., "Deep Differentiable Logic Gate Networks" (2022), and
 * Miotti et al., "Differentiable Logic Cellular Automata" (2025). */
#ifndef DLCA_OPS_H
#define DLCA_OPS_H

#include <stdbool.h>
#include <stdint.h>

enum { DLCA_OPS = 16, DLCA_COEFFICIENTS = 4 };

typedef enum DlcaOp {
    DLCA_OP_FALSE,
    DLCA_OP_AND,
    DLCA_OP_A_AND_NOT_B,
    DLCA_OP_A,
    DLCA_OP_NOT_A_AND_B,
    DLCA_OP_B,
    DLCA_OP_XOR,
    DLCA_OP_OR,
    DLCA_OP_NOR,
    DLCA_OP_XNOR,
    DLCA_OP_NOT_B,
    DLCA_OP_A_OR_NOT_B,
    DLCA_OP_NOT_A,
    DLCA_OP_NOT_A_OR_B,
    DLCA_OP_NAND,
    DLCA_OP_TRUE
} DlcaOp;

/* [op][k0, k1, k2, k3] */
extern const float dlca_op_coefficients[DLCA_OPS][DLCA_COEFFICIENTS];

/* "FALSE", "AND", "A_AND_NOT_B", ... never NULL for 0..15. */
const char *dlca_op_name(int op);

/* The operation as a boolean function. Its truth table as four bits is the index itself, read from the high bit:
 * bit 3 of the index is op(0,0), bit 2 op(0,1), bit 1 op(1,0), bit 0 op(1,1). */
static inline bool dlca_op_bit(int op, bool a, bool b) {
    return ((op >> (3 - 2 * (int)a - (int)b)) & 1) != 0;
}

/* 64 independent evaluations at once. */
static inline uint64_t dlca_op_word(int op, uint64_t a, uint64_t b) {
    uint64_t r = 0;
    r |= (op & 8) ? ~a & ~b : 0;
    r |= (op & 4) ? ~a & b : 0;
    r |= (op & 2) ? a & ~b : 0;
    r |= (op & 1) ? a & b : 0;
    return r;
}

/* The relaxed operation by its probabilistic formula (not by the table): the reference of the tests. */
double dlca_op_relaxed(int op, double a, double b);

/* The operation g with g(a,b) = op(b,a), op(!a,b), op(a,!b), !op(a,b). */
int dlca_op_swap(int op);
int dlca_op_invert_a(int op);
int dlca_op_invert_b(int op);
static inline int dlca_op_invert(int op) {
    return op ^ 15;
}

/* Whether the result depends on the input at all: A ignores b, TRUE ignores both. */
static inline bool dlca_op_uses_a(int op) {
    return (((op >> 2) ^ op) & 3) != 0;
}
static inline bool dlca_op_uses_b(int op) {
    return (((op >> 1) ^ op) & 5) != 0;
}

/* A gate is active when its operation is neither A nor B: the count that the paper reports. */
static inline bool dlca_op_active(int op) {
    return op != DLCA_OP_A && op != DLCA_OP_B;
}

#endif
