/* tile_plan.h - how many steps per pass over memory, and in tiles of which size. An estimate; the cells do not depend
 * on it. Leaves alone: running the tiles (planes.c). */
#ifndef DLCA_TILE_PLAN_H
#define DLCA_TILE_PLAN_H

#include "cell_blocks.h"

enum { DLCA_MOST_STEPS_PER_PASS = 8 };

typedef struct DlcaTilePlan {
    int32_t steps;         /* per pass, at least 1 */
    int32_t rows, columns; /* blocks of a tile, without what is computed around it */
    int32_t threads;       /* fewer than asked for where there is too little to do */
} DlcaTilePlan;

/* `block_cycles`: what a block of one step costs in the cache, about. `steps` 0: free choice, otherwise exactly so many
 * where the grid permits. */
DlcaTilePlan dlca_tile_plan(const DlcaCellBlocks *blocks, double block_cycles, int32_t threads, int32_t steps);

/* Blocks of one channel that a tile's buffer has room for. */
static inline int64_t dlca_tile_room(const DlcaTilePlan *plan) {
    return (int64_t)(plan->rows + 2 * (plan->steps - 1)) * (plan->columns + 2 * (plan->steps - 1));
}

#endif
