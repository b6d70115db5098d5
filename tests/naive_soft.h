/* naive_soft.h - the soft rollout once more, as plainly as possible and in double: every gate a sum over the 16 relaxed
 * operations written out, cell by cell. Shares no code with what it checks but the model's shape, wires and logits. */
#ifndef DLCA_TESTS_NAIVE_SOFT_H
#define DLCA_TESTS_NAIVE_SOFT_H

#include "../src/backend.h"

#include <stdbool.h>
#include <stddef.h>

/* op over the reals, from its definition */
double naive_relaxed(int op, double a, double b);

/* weights [gates][16]: softmax of the model's logits, or 1 for the most probable operation and 0 for the others. */
void naive_softmax(const DlcaModel *model, double *weights);
void naive_one_hot(const DlcaModel *model, double *weights);

/* Loss of one batch (see DlcaBatch); final states to output [B][H][W][C], which may be NULL. */
double naive_rollout(const DlcaModel *model, const double *weights, const DlcaBatch *batch, double *output);

/* Logit gradient [gates][16] by central differences in the weights, then through the softmax whose values are p;
 * `weights` are what the rollout uses (p itself, or hardened ones). 0 for logits that are left out, of most gates when
 * tests are to be short (rounds.h): there is nothing to compare with. */
void naive_gradient(const DlcaModel *model, const double *p, double *weights, const DlcaBatch *batch, double *gradient);
bool naive_leaves_out(size_t logit);

#endif
