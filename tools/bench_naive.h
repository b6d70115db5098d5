/* bench_naive.h - one epoch the plain way, cell by cell in plain C: what each idea of the fast one is measured against.
 *
 * Forward and backward of a synchronous rollout on one grid without wrap, activations of all cells and steps stored,
 * one thread. Agrees with the fast rollout up to rounding; bench_variants.c checks that. Leaves alone: timing. */
#ifndef DLCA_TOOLS_BENCH_NAIVE_H
#define DLCA_TOOLS_BENCH_NAIVE_H

#include "../src/backend.h"

typedef enum BenchNaiveGate {
    BENCH_GATE_EXP,     /* sixteen exponentials and sixteen terms in every gate evaluation */
    BENCH_GATE_SIXTEEN, /* sixteen terms; the softmax once per update */
    BENCH_GATE_FOUR     /* four coefficients */
} BenchNaiveGate;

typedef struct BenchNaive BenchNaive;

/* The model's configuration says how large; batch 1. Buffers stay the caller's. */
BenchNaive *bench_naive_create(const DlcaModel *model, const DlcaBatch *batch, BenchNaiveGate gate, DlcaError *error);
void bench_naive_free(BenchNaive *naive);

/* For BenchItem: context is the BenchNaive. Softmax, forward, backward. */
void bench_run_naive(void *context);

/* Of the last run. */
double bench_naive_loss(const BenchNaive *naive);
const float *bench_naive_gradient(const BenchNaive *naive); /* [gates][16] */

#endif
