/* batch.h - what one epoch trains on: starts and targets, firing, the number of steps and their weights in the loss.
 *
 * All of it follows from (seed, epoch). Leaves alone: the update, and what the recipe asks for (recipe.c). */
#ifndef DLCA_BATCH_H
#define DLCA_BATCH_H

#include "../src/backend.h"
#include "recipe.h"

typedef struct DlcaBatchSource {
    const DlcaTask *task;
    const DlcaRecipe *recipe;
    uint64_t seed;
    int32_t most_steps;    /* of a pass */
    float *input, *target; /* [B][H][W][C], [B][H][W][S] */
    uint64_t *planes;      /* [C][cell] words */
    uint64_t *targets;     /* [S][cell] words */
    uint8_t *fire;         /* [most_steps][cell] or NULL */
    float *weight;         /* [most_steps] of the loss after step t + 1 */
    bool holds_the_start;  /* `input` is the only start that the task has */
} DlcaBatchSource;

/* The most steps that a pass of this recipe has: what the backend has to be made for. */
int32_t dlca_batch_most_steps(const DlcaRecipe *recipe);

/* `task` and `recipe` stay the caller's and have to outlive the source. */
bool dlca_batch_source_create(DlcaBatchSource *source, const DlcaTask *task, const DlcaRecipe *recipe, uint64_t seed,
                              DlcaError *error);
void dlca_batch_source_free(DlcaBatchSource *source); /* an empty one is fine */

/* The batch of an epoch; its buffers belong to the source, until the next call. */
DlcaBatch dlca_batch_draw(DlcaBatchSource *source, uint32_t epoch);

/* The same for a device: what it can draw by itself is left to it. */
DlcaBatch dlca_batch_for_device(DlcaBatchSource *source, uint32_t epoch);

/* Whether this epoch's starts are to be damaged: for how many steps, from 1 to the recipe's, they grow before; else 0.
 */
int32_t dlca_batch_damage_after(const DlcaBatchSource *source, uint32_t epoch);
/* A pass of `steps` steps from the starts of `batch`, without loss: its final states go to source->input. */
DlcaBatch dlca_batch_grow(DlcaBatchSource *source, const DlcaBatch *batch, int32_t steps);
/* In each grid of source->input a block of half its sides, anywhere, gets random bits; `batch` begins there from now
 * on. */
void dlca_batch_damage(DlcaBatchSource *source, DlcaBatch *batch);

#endif
