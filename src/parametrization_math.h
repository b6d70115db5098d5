/* parametrization_math.h - what the parametrizations do to a gate's 16 logits, for the processor and for CUDA kernels:
 * written once, so that both give the same bytes.
 *
 * Read by C and by CUDA's C++. Leaves alone: which of it belongs to which parametrization (parametrization.c). */
#ifndef DLCA_PARAMETRIZATION_MATH_H
#define DLCA_PARAMETRIZATION_MATH_H

#include "draws.h"

#include <string.h>

enum { PARAMETRIZED_OPS = 16, TABLE_ROWS = 4 };

/* ---- light: a parameter for each row of the truth table ----
 *
 * Ruettgers, Aczel, Plesner, Wattenhofer, "Light Differentiable Logic Gate Networks" (2025): the output for inputs
 * (0,0), (0,1), (1,0), (1,1) is sigmoid(t) of a parameter t of its own. If each row of the table is drawn by its
 * sigmoid, an operation has the probability of all its rows, which is proportional to e to the sum of t over the rows
 * that it has 1 in: a softmax over logits that are these sums. The mean of the tables is the table of the sigmoids, and
 * relaxed operations are linear in their tables, so coefficients and gradients are those of the light gate, exactly.
 *
 * The parameter of a row is the logit of the operation with that row alone; that of FALSE is 0, the others are sums. */
DLCA_INLINE float light_sum_of_rows(const float *logits, int op) {
    float sum = 0.0f;
    for (int row = 0; row < TABLE_ROWS; row++) {
        sum += op >> row & 1 ? logits[1 << row] : 0.0f;
    }
    return sum;
}

DLCA_INLINE void light_settle(float *logits) {
    for (int op = 0; op < PARAMETRIZED_OPS; op++) {
        logits[op] = light_sum_of_rows(logits, op); /* of one row: itself */
    }
}

DLCA_INLINE void light_pull_back(float *gradient) {
    float rows[TABLE_ROWS] = {0.0f, 0.0f, 0.0f, 0.0f};
    for (int op = 0; op < PARAMETRIZED_OPS; op++) {
        for (int row = 0; row < TABLE_ROWS; row++) {
            rows[row] += op >> row & 1 ? gradient[op] : 0.0f;
        }
    }
    for (int op = 0; op < PARAMETRIZED_OPS; op++) {
        gradient[op] = 0.0f;
    }
    for (int row = 0; row < TABLE_ROWS; row++) {
        gradient[1 << row] = rows[row];
    }
}

/* ---- gumbel: softmax16 of logits with noise ----
 *
 * Gumbel noise, -log(-log u) with u uniform in (0,1), makes the largest logit that of an operation drawn by the softmax
 * (Jang, Gu, Poole, "Categorical reparameterization with Gumbel-softmax", 2017; for gates Yousefi et al., "Mind the
 * gap", 2025). One draw for each gate, operation and epoch, temperature 1. */

/* Natural logarithm to 2 units in the last place of a double, from elementary operations alone: the library's differs
 * between machines. x > 0 and normal. */
DLCA_INLINE double natural_log(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int64_t exponent = (int64_t)(bits >> 52) - 1022;
    bits = (bits & 0xFFFFFFFFFFFFFu) | 0x3FE0000000000000u; /* the fraction, in [1/2, 1) */
    memcpy(&x, &bits, sizeof x);
    if (x < 0.70710678118654752) {
        x += x;
        exponent--;
    }
    /* log x = 2 artanh z = 2 (z + z^3/3 + z^5/5 + ...), |z| < 0.172: the next term is below 1e-18 of the sum */
    const double z = (x - 1.0) / (x + 1.0), square = z * z;
    double series = 0.0;
    for (int term = 21; term >= 1; term -= 2) {
        series = series * square + 1.0 / term;
    }
    return (double)exponent * 0.69314718055994531 + 2.0 * z * series;
}

DLCA_INLINE void gumbel_disturb(uint64_t seed, uint32_t purpose, uint32_t epoch, uint32_t gate, float *logits) {
    uint32_t draws[4] = {0, 0, 0, 0};
    for (int op = 0; op < PARAMETRIZED_OPS; op++) {
        if (op % 4 == 0) {
            draw_words(seed, purpose, epoch, (uint32_t)op / 4, gate, draws);
        }
        const double uniform = ((double)draws[op % 4] + 0.5) / 4294967296.0;
        logits[op] += (float)-natural_log(-natural_log(uniform));
    }
}

#endif
