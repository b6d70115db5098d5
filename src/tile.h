/* tile.h - one step of one tile of cells, forward and backward: patch, perception, update.
 *
 * Forward leaves the new states of the tile's columns; backward recomputes the activations from the old states, takes
 * the gradient of the new states and gives that of the nine patch rows, and adds up the coefficient sums. The working
 * set is made to stay in the second-level cache. Leaves alone: which cells a tile holds, time, threads. */
#ifndef DLCA_TILE_H
#define DLCA_TILE_H

#include "geometry.h"
#include "network.h"

/* Channels whose patches make up one wide row: 4 x 32 lanes are 512 bytes, so that a kernel's 9 + 14 rows and their
 * gradients stay in a 32 KiB first-level cache, and the reduction of a gate's sums is paid once for eight vectors. */
enum { DLCA_CHUNK = 4, DLCA_WIDE = DLCA_CHUNK * DLCA_TILE };

static inline int32_t dlca_chunks(const DlcaNetwork *network) {
    return (network->channels + DLCA_CHUNK - 1) / DLCA_CHUNK;
}

/* Patches of a tile, and their gradients, are [chunk][9][DLCA_CHUNK][DLCA_TILE]: floats of all, and where the lanes of
 * channel c begin in neighbour 0; neighbour n lies n * DLCA_WIDE behind. */
static inline size_t dlca_patch_floats(const DlcaNetwork *network) {
    return (size_t)dlca_chunks(network) * DLCA_NEIGHBOURS * DLCA_WIDE;
}
static inline size_t dlca_patch_channel(int32_t channel) {
    return (size_t)(channel / DLCA_CHUNK) * DLCA_NEIGHBOURS * DLCA_WIDE + (size_t)(channel % DLCA_CHUNK) * DLCA_TILE;
}

/* Where the nine rows of a tile's patches come from: planned as spans, row n being spans first[n] to first[n + 1];
 * or, where columns lie anywhere, lane by lane. */
typedef struct DlcaSources {
    const DlcaSpan *spans;
    const int32_t *first;              /* [10] */
    const int32_t (*lanes)[DLCA_TILE]; /* [9][DLCA_TILE]; NULL: spans are used */
    int32_t sixteens;                  /* 1 where the tile's second half has no column, which is then not computed */
} DlcaSources;

/* Buffers of one thread, in floats; a row has DLCA_TILE. */
typedef struct DlcaTileScratch {
    float *patch;                /* patches of the tile */
    float *inputs;               /* [brief_rows] rows: input of the update network; in the first pass all its layers */
    float *activations;          /* [update_slots] rows */
    float *gradients[2];         /* [max(widest, update_inputs)] rows */
    float *kernel_values;        /* [kernel_slots] wide rows: one perception kernel */
    float *kernel_gradients;     /* the same */
    float *new_gradient;         /* [C] rows: gradient of the new states */
    int32_t (*lanes)[DLCA_TILE]; /* [9][DLCA_TILE] for sources made on the way */
} DlcaTileScratch;

/* Asks for (or places) one thread's buffers; see arena.h. */
void dlca_tile_scratch_take(DlcaTileScratch *scratch, const DlcaNetwork *network, DlcaArena *arena);

/* What a tile is evaluated with: the same for all tiles of a step. */
typedef struct DlcaTileWork {
    const DlcaNetwork *network;
    const DlcaKernels *kernels;
    const float *coefficients; /* [slots][4] */
    DlcaTileScratch *scratch;
    bool last; /* only the scored channels of the new states matter (live_cone.h): the others may come to anything */
} DlcaTileWork;

/* Returns scratch->inputs, where the new states of channel c lie in the row at network->brief_outputs[c]. */
const float *dlca_tile_forward(const DlcaTileWork *work, const DlcaSources *sources, const float *state, size_t pitch);

/* Reads scratch->new_gradient: gradient of the loss by the tile's new states (0 in lanes without a column). Writes the
 * patches' gradients and adds to sums [slots][4], in blocks (kernels.h). */
void dlca_tile_backward(const DlcaTileWork *work, const DlcaSources *sources, const float *state, size_t pitch,
                        float *patch_gradient, float *sums);

#endif
