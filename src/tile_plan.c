/* tile_plan.c - weighs bytes that move against blocks that are computed twice. */
#include "tile_plan.h"

#include <math.h>

/* A thread's share of the caches, and bytes per cycle that it moves; measured on a Zen 4 server (1 MiB of second-level
 * cache per core): both states of a grid of 512 KiB ran as fast as small ones; beyond, a plain copy took 3 to 4 bytes
 * per cycle from memory, about 12 from the third level. Wrong by a factor of two, they cost little. */
static const double near_bytes = 640 * 1024, far_bytes = 12.0 * 1024 * 1024, tile_bytes = 448 * 1024;
static const double far_bytes_per_cycle = 12, memory_bytes_per_cycle = 4;
enum { BLOCK_BYTES = DLCA_BLOCK_WORDS * 8, LEAST_THREAD_CYCLES = 1500 };

/* A block is read, its new place is fetched, and written. */
static double moving_cycles(const DlcaCellBlocks *blocks) {
    const double bytes = 2.0 * 8 * (double)blocks->words;
    const double block_bytes = 3.0 * BLOCK_BYTES * blocks->channels;
    if (bytes <= near_bytes) {
        return 0;
    }
    return block_bytes / (bytes <= far_bytes ? far_bytes_per_cycle : memory_bytes_per_cycle);
}

/* Cycles per block and step of the grid. */
static double cost_of(const DlcaTilePlan *plan, double block_cycles, double moving) {
    const double area = (double)plan->rows * plan->columns;
    double computed = 0;
    for (int32_t t = 0; t < plan->steps; t++) {
        computed += (double)(plan->rows + 2 * t) * (plan->columns + 2 * t) / area;
    }
    const double read = (double)(plan->rows + 2 * plan->steps) * (plan->columns + 2 * plan->steps) / area;
    const double call_cycles = 40.0 / plan->columns; /* of a kernel, for each row of a tile */
    return computed / plan->steps * (block_cycles + call_cycles) + moving * (read + 2) / 3 / plan->steps;
}

static int32_t limited(int64_t value, int32_t most) {
    return value < 1 ? 1 : value < most ? (int32_t)value : most;
}

/* How many parts of this size make the whole. */
static int32_t parts(int32_t whole, int32_t part) {
    return part < 1 ? whole : (whole + part - 1) / part;
}

/* The best tile of so many steps: its columns by doubling, its rows what the cache leaves room for. */
static double best_tile(const DlcaCellBlocks *blocks, double block_cycles, double moving, DlcaTilePlan *plan) {
    double best = INFINITY;
    const DlcaTilePlan steps_only = *plan;
    for (int32_t columns = 8;; columns *= 2) {
        DlcaTilePlan tried = steps_only;
        tried.columns = limited(columns, blocks->columns);
        const double around = 2.0 * (tried.steps - 1);
        const double room = tile_bytes / (2.0 * BLOCK_BYTES * blocks->channels);
        tried.rows = limited((int64_t)(room / (tried.columns + around) - around), blocks->rows);
        const double over = (double)dlca_tile_room(&tried) / room;
        const double cost = cost_of(&tried, block_cycles, moving) + (over > 1 ? moving * 2 : 0);
        if (cost < best) {
            best = cost;
            *plan = tried;
        }
        if (columns >= blocks->columns) {
            return best;
        }
    }
}

/* One step per pass needs no buffers: a tile is a thread's share, of rows or else of columns. */
static void share_rows(const DlcaCellBlocks *blocks, DlcaTilePlan *plan) {
    const int32_t threads = plan->threads;
    const bool by_rows = blocks->rows >= 2 * threads || blocks->columns < threads;
    plan->rows = by_rows ? parts(blocks->rows, threads) : blocks->rows;
    plan->columns = by_rows ? blocks->columns : parts(blocks->columns, threads);
}

/* Enough tiles that no thread waits long for the last one. */
static void share_tiles(const DlcaCellBlocks *blocks, DlcaTilePlan *plan) {
    const int32_t tiles =
        ((blocks->rows + plan->rows - 1) / plan->rows) * ((blocks->columns + plan->columns - 1) / plan->columns);
    if (plan->threads > 1 && tiles < 4 * plan->threads) {
        plan->rows = limited((int64_t)plan->rows * tiles / 4 / plan->threads, blocks->rows);
    }
}

DlcaTilePlan dlca_tile_plan(const DlcaCellBlocks *blocks, double block_cycles, int32_t threads, int32_t steps) {
    const double cycles = block_cycles * blocks->rows * blocks->columns;
    const double moving = moving_cycles(blocks);
    const int32_t most = limited(blocks->rows < blocks->columns ? blocks->rows : blocks->columns,
                                 steps > 0 ? steps : DLCA_MOST_STEPS_PER_PASS);
    DlcaTilePlan best = {.steps = 1, .rows = blocks->rows, .columns = blocks->columns};
    double best_cost = block_cycles + moving;
    for (int32_t tried = 2; tried <= most && (moving > 0 || steps > 0); tried++) {
        DlcaTilePlan plan = {.steps = tried};
        const double cost = best_tile(blocks, block_cycles, moving, &plan);
        if (cost < best_cost || steps > 0) {
            best = plan;
            best_cost = cost;
        }
    }
    best.threads = limited((int64_t)(cycles / LEAST_THREAD_CYCLES), threads < 1 ? 1 : threads);
    if (best.steps == 1) {
        share_rows(blocks, &best);
    } else {
        share_tiles(blocks, &best);
    }
    return best;
}
