/* fire.h - which cells fire at which step, as lists of columns: asynchronous steps compute those cells alone.
 *
 * The cells of one grid that fire are numbered in row-major order; column j of a step is cell j % n of grid j / n with
 * n the number that fire, so a batch shares its masks. Leaves alone: drawing the masks (random.c). */
#ifndef DLCA_FIRE_H
#define DLCA_FIRE_H

#include "dlca.h"

typedef struct DlcaFire {
    int32_t steps, area, grids;
    int32_t *count; /* [T] cells of one grid that fire; owns the two lists too */
    int32_t *cell;  /* [T][area] them, count[t] are valid */
    int32_t *place; /* [T][area] a cell's place in that list, -1 when it keeps its state */
} DlcaFire;

/* Room for the shape of config; a second call does nothing. */
bool dlca_fire_reserve(DlcaFire *fire, const DlcaConfig *config, DlcaError *error);
size_t dlca_fire_bytes(const DlcaConfig *config);

/* mask [steps][H][W], of at most T steps; room was made. */
void dlca_fire_load(DlcaFire *fire, const uint8_t *mask, int32_t steps);
void dlca_fire_free(DlcaFire *fire);

static inline int32_t dlca_fire_columns(const DlcaFire *fire, int32_t step) {
    return fire->count[step] * fire->grids;
}

/* The cells (of all grids) of `count` columns from `first` on, -1 past the last one. */
void dlca_fire_cells(const DlcaFire *fire, int32_t step, int32_t first, int32_t count, int32_t *cells);

/* A cell's place among those of its grid that fire, -1 when it keeps its state; `within` is its number in the grid. Its
 * column is grid * count + place. */
static inline int32_t dlca_fire_place(const DlcaFire *fire, int32_t step, int32_t within) {
    return fire->place[(size_t)step * (size_t)fire->area + (size_t)within];
}

#endif
