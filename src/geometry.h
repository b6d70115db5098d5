/* geometry.h - which cells stand beside which, as runs of lanes that the gather kernel copies.
 *
 * Cells of all grids of a batch are numbered in one row: grid * height * width + y * width + x. A tile is DLCA_TILE
 * columns: cells that are computed together. For each of the nine neighbours a tile's plan says where its lanes' values
 * lie in a source row; cells outside the grid read the zeros at the row's end, so no kernel knows about borders.
 * Leaves alone: what the rows hold. */
#ifndef DLCA_GEOMETRY_H
#define DLCA_GEOMETRY_H

#include "../gates/kernels.h"
#include "dlca.h"

typedef struct DlcaGeometry {
    int32_t height, width, grids; /* grids: the batch */
    bool periodic;
} DlcaGeometry;

/* Segments of one tile for one neighbour: at most one per lane. */
enum { DLCA_MAX_SEGMENTS = DLCA_TILE };

/* Floats of a row that holds `columns` values: whole tiles, then 16 zeros. Zeros start at dlca_row_zeros. */
static inline int32_t dlca_row_zeros(int32_t columns) {
    return (columns + DLCA_TILE - 1) / DLCA_TILE * DLCA_TILE;
}
static inline size_t dlca_row_pitch(int32_t columns) {
    return (size_t)dlca_row_zeros(columns) + 16;
}

/* The neighbour of a cell, -1 when it lies outside. */
int32_t dlca_neighbour(const DlcaGeometry *geometry, int32_t cell, int neighbour);

/* Merges `DLCA_TILE` source indices (negative: zero) into segments; returns their number. */
int32_t dlca_segments(const int32_t sources[DLCA_TILE], int32_t zeros, DlcaSegment *segments);

/* Segments for tiles x 9 neighbours: those of tile t and neighbour n are segments[first[9 t + n]] up to first[9 t + n +
 * 1]. */
typedef struct DlcaPatchPlan {
    int32_t tiles;
    int32_t *first;
    DlcaSegment *segments;
} DlcaPatchPlan;

/* Every cell is a column, and sources are cells in a row: what a tile's patches are gathered from. */
bool dlca_patch_plan_create(DlcaPatchPlan *plan, const DlcaGeometry *geometry, DlcaError *error);

/* The way back: for cell i and neighbour n, where the patch gradient of the cell whose neighbour n is i lies. Patch
 * gradients of a tile begin tile_floats after those of the tile before, those of a neighbour neighbour_floats after the
 * neighbour before. A negative source is a zero. */
bool dlca_patch_plan_reverse(DlcaPatchPlan *plan, const DlcaGeometry *geometry, size_t tile_floats,
                             size_t neighbour_floats, DlcaError *error);
void dlca_patch_plan_free(DlcaPatchPlan *plan);

#endif
