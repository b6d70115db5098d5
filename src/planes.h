/* planes.h - one hard rollout at full speed: grids of any size, one bit per cell and channel, 512 cells at a time.
 *
 * The grid lies in blocks (cell_blocks.h), the rule is a kernel over runs of them (row_kernel.h). Where the grid is
 * larger than the cache several steps are taken per pass over memory: a tile and as many blocks around it as there are
 * steps is computed in a buffer of the thread's, shrinking by one block a step (overlapped time tiling). The cells are
 * the same for every instruction set, kernel, number of threads and steps per pass; firing follows dlca_fire_mask.
 * Leaves alone: 64 rollouts at once on small grids (hard.c), starts, pictures, files. */
#ifndef DLCA_PLANES_H
#define DLCA_PLANES_H

#include "cell_blocks.h"
#include "row_kernel.h"

typedef struct DlcaPlanesSetup {
    int32_t height, width, channels; /* cells, cells, bits of a cell */
    bool periodic;
    bool asynchronous;
    double fire_rate; /* (0, 1]; used when asynchronous */
    uint64_t seed;    /* of the firing */
    DlcaIsa isa;
    bool native;            /* machine code where possible, otherwise the word kernels */
    int32_t threads;        /* at least 1 */
    int32_t steps_per_pass; /* at most; 0: what is estimated to be fastest */
    bool steady;            /* go over to the smaller rule that the first steps leave (steady.h) */
} DlcaPlanesSetup;

/* The widest instruction set, native code, all processors, the steady rule. */
DlcaPlanesSetup dlca_planes_setup(int32_t height, int32_t width, int32_t channels, bool periodic);

typedef struct DlcaPlanes DlcaPlanes;

/* Bytes that such a grid takes: two states and their frames. */
int64_t dlca_planes_bytes(const DlcaPlanesSetup *setup);

/* All bits 0, at step 0. `rule` has 9*channels inputs (neighbour * channels + channel) and `channels` outputs; it is
 * not needed afterwards. */
DlcaPlanes *dlca_planes_create(const DlcaPlanesSetup *setup, const DlcaCircuit *rule, DlcaError *error);
void dlca_planes_free(DlcaPlanes *planes);

int64_t dlca_planes_step_count(const DlcaPlanes *planes);
void dlca_planes_set_step_count(DlcaPlanes *planes, int64_t step);

/* Takes so many steps. */
void dlca_planes_run(DlcaPlanes *planes, int64_t steps);

/* Cells x .. x+count-1 of row y of a channel: bits[i * distance] of 0 or 1. */
void dlca_planes_get(const DlcaPlanes *planes, int32_t channel, int32_t x, int32_t y, int32_t count, uint8_t *bits,
                     int32_t distance);
void dlca_planes_set(DlcaPlanes *planes, int32_t channel, int32_t x, int32_t y, int32_t count, const uint8_t *bits,
                     int32_t distance);

/* Cells with a one in the first `channels` channels; ones there; cells of which any bit differs from what it was one
 * step before (after dlca_planes_run of one step). */
typedef struct DlcaPlanesCount {
    int64_t live, ones, changed;
} DlcaPlanesCount;
DlcaPlanesCount dlca_planes_count(const DlcaPlanes *planes, int32_t channels);

/* What was chosen, for reports. */
typedef struct DlcaPlanesPlan {
    int32_t steps_per_pass, tile_rows, tile_columns; /* steps, blocks, blocks */
    int32_t threads;
    int32_t instructions;                    /* two-input operations per block, of the steady rule where there is one */
    int32_t channels_read, channels_written; /* of the same rule */
    bool native, compiled;
} DlcaPlanesPlan;
DlcaPlanesPlan dlca_planes_plan(const DlcaPlanes *planes);

/* The next steps use these functions, one for each case of dlca_planes_strides; they must stay loaded. */
enum { DLCA_PLANES_CASES = 5 };
typedef DlcaCompiledRow *DlcaCompiledRows[DLCA_PLANES_CASES];
bool dlca_planes_use_compiled(DlcaPlanes *planes, DlcaCompiledRows rows, DlcaError *error);

/* What a case computes, and the channels that its outputs are: NULL: all. */
const DlcaProgram *dlca_planes_program(const DlcaPlanes *planes, int32_t which);
const int32_t *dlca_planes_written(const DlcaPlanes *planes, int32_t which);

/* Case 2 * (reads a tile) + (writes a tile), and 4, the steady rule from grid to grid; a case that this grid does not
 * need has strides 0. */
DlcaRowStrides dlca_planes_strides(const DlcaPlanes *planes, int32_t which);
bool dlca_planes_masked(const DlcaPlanes *planes);

#endif
