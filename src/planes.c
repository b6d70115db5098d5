/* planes.c - steps of a fast rollout: passes over the grid, tile by tile. */
#include "planes_parts.h"

#include <omp.h>
#include <string.h>

/* Blocks first_row .. last_row-1, first_column .. last_column-1. */
typedef struct Area {
    int32_t first_row, last_row, first_column, last_column;
} Area;

static int32_t at_most(int32_t a, int32_t b) {
    return a < b ? a : b;
}

static Area tile_area(const DlcaPlanes *planes, int32_t tile) {
    const int32_t across = (planes->blocks.columns + planes->plan.columns - 1) / planes->plan.columns;
    const int32_t row = tile / across * planes->plan.rows, column = tile % across * planes->plan.columns;
    return (Area){row, at_most(row + planes->plan.rows, planes->blocks.rows), column,
                  at_most(column + planes->plan.columns, planes->blocks.columns)};
}

static int32_t tile_count(const DlcaPlanes *planes) {
    return ((planes->blocks.columns + planes->plan.columns - 1) / planes->plan.columns) *
           ((planes->blocks.rows + planes->plan.rows - 1) / planes->plan.rows);
}

/* Draws which cells of blocks first_column .. last_column-1 of a row fire: for 64 columns at a time and each segment
 * the 64 bands are drawn along their rows and turned round. */
static void draw_fire(const DlcaPlanes *planes, int64_t step, int32_t row, int32_t first_column, int32_t last_column,
                      uint64_t *fire) {
    const DlcaCellBlocks *blocks = &planes->blocks;
    for (int32_t column = first_column; column < last_column; column += 64) {
        const int32_t count = at_most(64, last_column - column);
        for (int32_t segment = 0; segment <= blocks->last_segment; segment++) {
            uint64_t words[64] = {0};
            for (int32_t band = 0; band <= blocks->last_band; band++) {
                const int64_t cell =
                    ((int64_t)band * blocks->rows + row) * blocks->width + (int64_t)segment * blocks->columns + column;
                words[band] =
                    planes->words->fire(planes->setup.seed, (uint32_t)step, planes->fire_threshold, cell, count);
            }
            planes->words->transpose(words);
            for (int32_t i = 0; i < count; i++) {
                fire[(int64_t)(column - first_column + i) * DLCA_BLOCK_WORDS + segment] = words[i];
            }
        }
    }
}

/* One step of an area from grid to grid. */
static void step_grid(const DlcaPlanes *planes, Worker *worker, bool steady, const uint64_t *from, uint64_t *to,
                      int64_t step, Area area) {
    const int64_t words = (int64_t)(area.last_column - area.first_column) * DLCA_BLOCK_WORDS;
    for (int32_t row = area.first_row; row < area.last_row; row++) {
        const int64_t offset = dlca_block_offset(&planes->blocks, 0, row, area.first_column);
        if (planes->setup.asynchronous) {
            draw_fire(planes, step, row, area.first_column, area.last_column, worker->fire);
        }
        const bool at_edge = planes->edges && (row == 0 || row == planes->blocks.rows - 1);
        const DlcaRowKernel *kernel =
            at_edge ? &worker->edge[steady][row == 0 ? TOP : BOTTOM] : &worker->kernel[steady ? STEADY : 0];
        dlca_row_kernel_run(kernel, from + offset, to + offset, worker->fire, words);
    }
}

/* A tile's buffer begins with the block that lies `around` blocks above and left of the tile. */
typedef struct Tile {
    Area area;
    int32_t around;
    int64_t plane, row; /* words */
} Tile;

static int64_t tile_offset(const Tile *tile, int32_t row, int32_t column) {
    return (row - (tile->area.first_row - tile->around)) * tile->row +
           (int64_t)(column - (tile->area.first_column - tile->around)) * DLCA_BLOCK_WORDS;
}

/* Outside reads 0 at every step: a row of a tile, wherever it leaves the grid. */
static void clear_outside(const DlcaPlanes *planes, uint64_t *blocks_of_row, int64_t plane, int32_t row,
                          int32_t first_column, int32_t last_column) {
    const DlcaCellBlocks *blocks = &planes->blocks;
    const uint64_t row_mask = planes->row_mask[row + blocks->frame];
    const uint64_t *column_mask = planes->column_mask + (int64_t)(first_column + blocks->frame) * DLCA_BLOCK_WORDS;
    const int64_t words = (int64_t)(last_column - first_column) * DLCA_BLOCK_WORDS;
    if (row_mask == ~(uint64_t)0 && first_column >= 0 && last_column <= blocks->last_columns) {
        return;
    }
    for (int32_t channel = 0; channel < blocks->channels; channel++) {
        uint64_t *word = blocks_of_row + channel * plane;
        for (int64_t i = 0; i < words; i++) {
            word[i] &= row_mask & column_mask[i];
        }
    }
}

/* Several steps of a tile: from the grid into one buffer, from buffer to buffer, and into the other grid, over an area
 * that is one block narrower on each side every time. */
static void step_tile(const DlcaPlanes *planes, Worker *worker, const uint64_t *from, uint64_t *to, int32_t steps,
                      Area area) {
    const Tile tile = {area, steps - 1, planes->tile_plane, planes->tile_plane * planes->blocks.channels};
    for (int32_t t = 1; t <= steps; t++) {
        const bool first = t == 1, last = t == steps;
        const int32_t around = steps - t;
        const int32_t first_column = area.first_column - around, last_column = area.last_column + around;
        const DlcaRowKernel *kernel = &worker->kernel[(first ? 0 : FROM_TILE) + (last ? 0 : TO_TILE)];
        const uint64_t *source = first ? from : worker->tile[t % 2];
        uint64_t *target = last ? to : worker->tile[(t + 1) % 2];
        for (int32_t row = area.first_row - around; row < area.last_row + around; row++) {
            const int64_t in_grid = dlca_block_offset(&planes->blocks, 0, row, first_column);
            const int64_t in_tile = tile_offset(&tile, row, first_column);
            uint64_t *written = target + (last ? in_grid : in_tile);
            dlca_row_kernel_run(kernel, source + (first ? in_grid : in_tile), written, NULL,
                                (int64_t)(last_column - first_column) * DLCA_BLOCK_WORDS);
            if (!last && !planes->setup.periodic) {
                clear_outside(planes, written, tile.plane, row, first_column, last_column);
            }
        }
    }
}

/* This thread's part of 0 .. count-1. */
static void share(int32_t count, int32_t threads, int32_t thread, int32_t *first, int32_t *last) {
    *first = (int32_t)((int64_t)count * thread / threads);
    *last = (int32_t)((int64_t)count * (thread + 1) / threads);
}

static void fill_frame(const DlcaPlanes *planes, const uint8_t *sides, uint64_t *grid, int32_t threads,
                       int32_t thread) {
    const DlcaCellBlocks *blocks = &planes->blocks;
    int32_t first, last;
    share(blocks->rows, threads, thread, &first, &last);
    dlca_frame_columns(blocks, grid, sides, first, last);
#pragma omp barrier
    if (planes->edges) {
        return;
    }
    share(blocks->columns + 2 * blocks->frame, threads, thread, &first, &last);
    dlca_frame_rows(blocks, planes->words, grid, sides, first, last);
#pragma omp barrier
}

/* Whether the grid that is written has channels that keep their value already, because it was steady a step earlier. */
static bool is_steady(const DlcaPlanes *planes, int64_t done) {
    return planes->steady.channel && planes->undisturbed + done >= planes->steady.after + 1;
}

/* What every thread does: passes until the steps are done. The barriers meet those of the other threads. */
static void run_passes(const DlcaPlanes *planes, int64_t steps, int32_t threads, int32_t thread) {
    uint64_t *from = planes->current, *to = planes->next;
    const int32_t tiles = tile_count(planes);
    for (int64_t done = 0; done < steps;) {
        const int32_t taken = steps - done < planes->plan.steps ? (int32_t)(steps - done) : planes->plan.steps;
        const bool steady = is_steady(planes, done), frames_steady = steady && is_steady(planes, done - 1);
        fill_frame(planes, frames_steady ? planes->steady_rule.sides : planes->rule.sides, from, threads, thread);
#pragma omp for schedule(dynamic, 1) /* a thread that loses its processor for a while gets fewer tiles */
        for (int32_t tile = 0; tile < tiles; tile++) {
            if (taken == 1) {
                step_grid(planes, &planes->worker[thread], steady, from, to, planes->step + done,
                          tile_area(planes, tile));
            } else {
                step_tile(planes, &planes->worker[thread], from, to, taken, tile_area(planes, tile));
            }
        }
        uint64_t *other = from;
        from = to;
        to = other;
        done += taken;
    }
}

void dlca_planes_run(DlcaPlanes *planes, int64_t steps) {
    if (steps < 1) {
        return;
    }
    if (planes->plan.threads == 1) {
        run_passes(planes, steps, 1, 0);
    } else {
#pragma omp parallel num_threads(planes->plan.threads)
        {
            /* fewer may come than were asked for; each share is then larger */
            run_passes(planes, steps, omp_get_num_threads(), omp_get_thread_num());
        }
    }
    const int64_t passes = (steps + planes->plan.steps - 1) / planes->plan.steps;
    if (passes % 2 != 0) {
        uint64_t *other = planes->current;
        planes->current = planes->next;
        planes->next = other;
    }
    planes->step += steps;
    planes->undisturbed += steps;
}
