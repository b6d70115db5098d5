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
    int32_t steps; /* of this pass */
    bool whole;    /* the last step's unscored channels are asked for too */
    int64_t first; /* phases before this pass, since the backend was made */
    int64_t meetings;
    int32_t thread, threads;
    double loss;          /* thread 0's is the sum */
    double waited;        /* seconds */
    double spent, budget; /* slots of a gate evaluation, over the steps: how far this thread has seen the pass */
} DlcaShare;

/* Of the loss. */
float dlca_weight_after(const DlcaShare *share, int32_t step);

/* Weighted loss of the states after a step, over all cells: thread 0's work. */
double dlca_loss_after(const DlcaShare *share, int32_t step);

/* Some channels: last excluded; first begins a chunk (tile.h). */
typedef struct DlcaChannels {
    int32_t first, last;
} DlcaChannels;

/* Fills these channels of state_gradient for a tile of states after `step`, from the patch gradients of the step after
 * it and the loss. */
void dlca_gather_state_gradient(const DlcaShare *share, int32_t step, int32_t tile, DlcaChannels channels);

#endif
