/* gate_math.h - the one formula of a soft gate, forward and backward, over a vector type.
 *
 * With c the four coefficients (softmax of the logits times the table of ops.h) a gate is
 *     out = c0 + c1 a + c2 b + c3 ab
 * and with g the gradient of the loss by out
 *     d a = g (c1 + c3 b)      d b = g (c2 + c3 a)
 *     d c = (sum g, sum ga, sum gb, sum gab)   over all cells, steps and batch elements.
 * Exact: no approximation stands between this and sixteen terms per gate. The file that includes it brings V16 and its
 * operations (simd.h on CPUs). */
#ifndef DLCA_GATE_MATH_H
#define DLCA_GATE_MATH_H

typedef struct GateCoefficients {
    V16 c0, c1, c2, c3;
} GateCoefficients;

typedef struct GateSums {
    V16 g, ga, gb, gab;
} GateSums;

/* 3 fma */
static inline V16 gate_forward(GateCoefficients c, V16 a, V16 b) {
    return v16_fma(v16_fma(c.c3, a, c.c2), b, v16_fma(c.c1, a, c.c0));
}

/* g (c1 + c3 b) + before: 2 fma; for d b swap the roles: pass c2 and a. */
static inline V16 gate_input_gradient(V16 linear, V16 product, V16 other, V16 g, V16 before) {
    return v16_fma(g, v16_fma(product, other, linear), before);
}

/* 2 fma, 2 additions, 1 multiplication */
static inline void gate_sum(GateSums *sums, V16 a, V16 b, V16 g) {
    const V16 ga = v16_mul(g, a);
    sums->g = v16_add(sums->g, g);
    sums->ga = v16_add(sums->ga, ga);
    sums->gb = v16_fma(g, b, sums->gb);
    sums->gab = v16_fma(ga, b, sums->gab);
}

#endif
