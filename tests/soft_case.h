/* soft_case.h - a model with a batch for it, filled at random: what the tests of the soft rollout start from. */
#ifndef DLCA_TESTS_SOFT_CASE_H
#define DLCA_TESTS_SOFT_CASE_H

#include "../src/backend.h"
#include "random_circuit.h"

typedef struct SoftCase {
    DlcaModel *model;
    DlcaBatch batch;
    float *input, *target, *step_weight; /* the batch's, owned */
    uint8_t *fire;
} SoftCase;

/* Logits normal-like with this spread; inputs in [0,1]; the batch has masks when the configuration is asynchronous.
 * Fills target as DlcaBatch.target_per_grid wants it, weights for all steps when every_step. */
SoftCase soft_case(const DlcaConfig *config, uint64_t seed, float spread, bool target_per_grid, bool every_step);
void soft_case_free(SoftCase *test);

/* The CPU backend; fails the test when it cannot be made. */
DlcaBackend *soft_backend(const DlcaModel *model, DlcaIsa isa, int32_t threads);

/* Forward and backward; returns the loss. gradient [gates][16] may be NULL. */
double soft_gradient(DlcaBackend *backend, const DlcaBatch *batch, float *gradient);

/* Floats of the parameters. */
size_t soft_logits(const DlcaModel *model);

#endif
