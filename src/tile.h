/* tile.h - one step of one tile of cells, forward and backward: patch, perception, update.
 *
 * Forward leaves the new states of the tile's columns; backward recomputes the activations from the old states, takes
 * the gradient of the new states and gives that of the nine patch rows, and adds up the coefficient sums. The working
 * set is made to stay in the second-level cache. Leaves alone: which cells a tile holds, time, threads. */
#ifndef DLCA_TILE_H
#define DLCA_TILE_H

#include "geometry.h"
#include "network.h"

/* Where a tile's patch rows come from: row (n, c) gathers sources segments[n] of state row c. */
typedef struct DlcaSources {
    const DlcaSegment *segments[DLCA_NEIGHBOURS];
    int32_t count[DLCA_NEIGHBOURS];
} DlcaSources;

/* Buffers of one thread, in floats; a row has DLCA_TILE. */
typedef struct DlcaTileScratch {
    float *patch;           /* [chunk][9][channels of a chunk] rows */
    float *inputs;          /* [update_inputs] rows: input of the update network */
    float *activations;     /* [update_gates] rows (at least 2 * widest) */
    float *gradients[2];    /* [max(widest, update_inputs)] rows */
    float *kernel_values;   /* [kernel_gates] wide rows: one perception kernel */
    float *kernel_gradients; /* the same */
    float *patch_gradient;  /* [9] wide rows */
    DlcaSegment *segments;  /* [9][DLCA_MAX_SEGMENTS] for plans made on the way */
} DlcaTileScratch;

/* Asks for (or places) one thread's buffers; see arena.h. */
void dlca_tile_scratch_take(DlcaTileScratch *scratch, const DlcaNetwork *network, DlcaArena *arena);

/* Returns rows [C] of new states, inside scratch. */
const float *dlca_tile_forward(const DlcaNetwork *network, const DlcaKernels *kernels, const float *coefficients,
                               const DlcaSources *sources, const float *state, size_t pitch, DlcaTileScratch *scratch);

/* new_gradient [C] rows: gradient of the loss by the tile's new states (0 in lanes without a column). Writes patch
 * gradients to patch_gradient, row (n, c) at (n * C + c) * patch_pitch, and adds to sums [slots][4]. */
void dlca_tile_backward(const DlcaNetwork *network, const DlcaKernels *kernels, const float *coefficients,
                        const DlcaSources *sources, const float *state, size_t pitch, const float *new_gradient,
                        float *patch_gradient, size_t patch_pitch, float *sums, DlcaTileScratch *scratch);

#endif
