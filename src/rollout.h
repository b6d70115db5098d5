/* rollout.h - what the two files of the rollout share: one thread's part of it. rollout.c goes from step to step,
 * state_gradient.c is about the states between steps: loss, and where their gradients come from. */
#ifndef DLCA_ROLLOUT_H
#define DLCA_ROLLOUT_H

#include "backend_cpu.h"

/* One thread's part of a rollout. */
typedef struct DlcaShare {
    DlcaBackend *backend;
    const DlcaBatch *batch;
    DlcaTileWork work;
    DlcaColumns columns;
    int32_t first_group, last_group; /* its groups, last excluded */
    int32_t thread, threads;
    double loss; /* thread 0's is the sum */
} DlcaShare;

/* Weighted loss of the states after a step, over all cells: thread 0's work. */
double dlca_loss_after(const DlcaShare *share, int32_t step);

/* Fills state_gradient for a tile of states after `step`, from the patch gradients of the step after it and the loss.
 */
void dlca_gather_state_gradient(const DlcaShare *share, int32_t step, int32_t tile);

#endif
