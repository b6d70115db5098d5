/* fire.h - which cells fire at which step, as lists of columns: asynchronous steps compute those cells alone.
 *
 * The cells of one grid that fire are numbered in row-major order; column j of a step is cell j % n of grid j / n with n
 * the number that fire, so a batch shares its masks. Leaves alone: drawing the masks (random.c). */
#ifndef DLCA_FIRE_H
#define DLCA_FIRE_H

#include "dlca.h"

typedef struct DlcaFire {
    int32_t steps, area, grids;
    int32_t *count; /* [T] cells of one grid that fire */
    int32_t *cell;  /* [T][area] them, count[t] are valid */
    int32_t *place; /* [T][area] a cell's place in that list, -1 when it keeps its state */
} DlcaFire;

/* mask [T][H][W]. Allocates on first use, for the shape of config. */
bool dlca_fire_load(DlcaFire *fire, const DlcaConfig *config, const uint8_t *mask, DlcaError *error);
void dlca_fire_free(DlcaFire *fire);

static inline int32_t dlca_fire_columns(const DlcaFire *fire, int32_t step) {
    return fire->count[step] * fire->grids;
}

/* The cell (of all grids) of a column, -1 past the last one. */
static inline int32_t dlca_fire_cell(const DlcaFire *fire, int32_t step, int32_t column) {
    const int32_t count = fire->count[step];
    if (column >= count * fire->grids) {
        return -1;
    }
    return column / count * fire->area + fire->cell[(size_t)step * (size_t)fire->area + (size_t)(column % count)];
}

/* The column of a cell, -1 when it keeps its state. */
static inline int32_t dlca_fire_column(const DlcaFire *fire, int32_t step, int32_t cell) {
    const int32_t grid = cell / fire->area;
    const int32_t place = fire->place[(size_t)step * (size_t)fire->area + (size_t)(cell - grid * fire->area)];
    return place < 0 ? -1 : grid * fire->count[step] + place;
}

#endif
