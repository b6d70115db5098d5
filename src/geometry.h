/* geometry.h - which cells stand beside which, as spans of lanes that the gather kernel copies.
 *
 * Cells of all grids of a batch are numbered in one row: grid * height * width + y * width + x. A tile is DLCA_TILE
 * columns: cells that are computed together. For each of the nine neighbours a tile's plan says where its lanes' values
 * lie in a source row; cells outside the grid have no place there and read 0, so no kernel knows about borders.
 * Leaves alone: what the rows hold. */
#ifndef DLCA_GEOMETRY_H
#define DLCA_GEOMETRY_H

#include "../gates/kernels.h"
#include "dlca.h"

typedef struct DlcaGeometry {
    int32_t height, width, grids; /* grids: the batch */
    bool periodic;
} DlcaGeometry;

/* Floats of a row that holds `columns` values: whole tiles, then 16 zeros. Zeros start at dlca_row_zeros. */
static inline int32_t dlca_row_zeros(int32_t columns) {
    return (columns + DLCA_TILE - 1) / DLCA_TILE * DLCA_TILE;
}
static inline size_t dlca_row_pitch(int32_t columns) {
    return (size_t)dlca_row_zeros(columns) + 16;
}

/* The neighbour of a cell, -1 when it lies outside. */
int32_t dlca_neighbour(const DlcaGeometry *geometry, int32_t cell, int neighbour);

/* Groups `DLCA_TILE` source indices (negative: zero) into spans, at most one per lane; returns their number. */
int32_t dlca_spans(const int32_t sources[DLCA_TILE], DlcaSpan *spans);

/* Runs for tiles x 9 neighbours: those of tile t and neighbour n are spans[first[9 t + n]] up to first[9 t + n + 1]. */
typedef struct DlcaPatchPlan {
    int32_t tiles;
    int32_t *first;
    DlcaSpan *spans;
} DlcaPatchPlan;

/* Every cell is a column, and sources are cells in a row: what a tile's patches are gathered from. */
bool dlca_patch_plan_create(DlcaPatchPlan *plan, const DlcaGeometry *geometry, DlcaError *error);

/* The way back: for cell i and neighbour n, where the patch gradient of the cell whose neighbour n is i lies. Patch
 * gradients of a tile begin tile_floats after those of the tile before, those of a neighbour neighbour_floats after the
 * neighbour before. */
bool dlca_patch_plan_reverse(DlcaPatchPlan *plan, const DlcaGeometry *geometry, size_t tile_floats,
                             size_t neighbour_floats, DlcaError *error);
void dlca_patch_plan_free(DlcaPatchPlan *plan);

#endif
