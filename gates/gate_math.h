/* gate_math.h - the one formula of a soft gate, forward and backward, over a vector type.
 *
 * With c the four coefficients (softmax of the logits times the table of ops.h) a gate is
 *     out = c0 + c1 a + c2 b + c3 ab
 * and with g the gradient of the loss by out, ga = g a, gb = g b:
 *     d a = c1 g + c3 gb      d b = c2 g + c3 ga
 *     d c = (sum g, sum ga, sum gb, sum ga b)   over all cells, steps and batch elements.
 * The products ga and gb serve both lines. Exact: no approximation stands between this and sixteen terms per gate. The
 * file that includes it brings Vec and its operations (simd.h). */
#ifndef DLCA_GATE_MATH_H
#define DLCA_GATE_MATH_H

#include "inline.h"

typedef struct GateCoefficients {
    Vec c0, c1, c2, c3;
} GateCoefficients;

/* 3 fma */
DLCA_INLINE Vec gate_forward(GateCoefficients c, Vec a, Vec b) {
    return vec_fma(vec_fma(c.c3, a, c.c2), b, vec_fma(c.c1, a, c.c0));
}

/* linear g + product gx + before: 2 fma. d a: c1, c3, gb; d b: c2, c3, ga. */
DLCA_INLINE Vec gate_input_gradient(Vec linear, Vec product, Vec g, Vec gx, Vec before) {
    return vec_fma(product, gx, vec_fma(linear, g, before));
}

/* The same with nothing before: 1 fma, 1 multiplication. */
DLCA_INLINE Vec gate_first_input_gradient(Vec linear, Vec product, Vec g, Vec gx) {
    return vec_fma(product, gx, vec_mul(linear, g));
}

#endif
