/* planes.c - passes over the grid, tile by tile. */
#include "planes.h"

#include "block_words.h"
#include "steady.h"
#include "tile_plan.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { FROM_TILE = 2, TO_TILE = 1, STEADY = 4, TOP = 0, BOTTOM = 1, HUGE_PAGE = 2 << 20 };

/* What a thread has of its own. */
typedef struct Worker {
    DlcaRowKernel kernel[DLCA_PLANES_CASES];
    DlcaRowKernel edge[2][2]; /* of the rule and the steady rule: for the first row and the last */
    uint64_t *tile[2];        /* [room][channels] blocks */
    uint64_t *fire;           /* [columns] blocks */
} Worker;

/* A rule as it is run. */
typedef struct RunRule {
    DlcaProgram program;
    uint8_t *sides; /* [channels] what has to be there of the frame */
} RunRule;

struct DlcaPlanes {
    DlcaPlanesSetup setup;
    DlcaCellBlocks blocks;
    DlcaTilePlan plan;
    RunRule rule;
    DlcaSteadyRule steady; /* empty where it is not used */
    RunRule steady_rule;
    const DlcaBlockWords *words;
    uint64_t *current, *next; /* [blocks.words] */
    int64_t tile_plane;       /* words from a channel to the next in a tile's buffer */
    Worker *worker;           /* [plan.threads] */
    uint64_t *row_mask;       /* [frame + rows + frame] bits that are not outside, as far as that matters */
    uint64_t *column_mask;    /* [frame + columns + frame][8] the same for words */
    uint64_t *count_mask;     /* [columns][8] words that are cells */
    uint64_t fire_threshold;
    int64_t step;
    int64_t undisturbed; /* steps since bits were set */
    bool edges;          /* rows at the edge read the other edge: no rows of a frame are needed */
};

DlcaPlanesSetup dlca_planes_setup(int32_t height, int32_t width, int32_t channels, bool periodic) {
    return (DlcaPlanesSetup){.height = height,
                             .width = width,
                             .channels = channels,
                             .periodic = periodic,
                             .fire_rate = 1,
                             .isa = dlca_isa_best(),
                             .native = true,
                             .threads = dlca_cpu_count(),
                             .steady = true};
}

int64_t dlca_planes_bytes(const DlcaPlanesSetup *setup) {
    const DlcaCellBlocks blocks =
        dlca_cell_blocks(setup->height, setup->width, setup->channels, setup->periodic, DLCA_MOST_STEPS_PER_PASS);
    return 2 * (int64_t)sizeof(uint64_t) * blocks.words;
}

/* ---- making ---- */

/* Large ones on large pages: a step would otherwise miss the table of pages for every row of every channel. */
static uint64_t *zeroed_words(int64_t words) {
    const size_t bytes = (size_t)words * sizeof(uint64_t);
    const size_t alignment = bytes > 2 * (size_t)HUGE_PAGE ? HUGE_PAGE : 64;
    uint64_t *memory = aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
    if (memory && alignment == HUGE_PAGE) {
        madvise(memory, bytes, MADV_HUGEPAGE); /* a wish: nothing is wrong where it is not granted */
    }
    if (memory) {
        memset(memory, 0, bytes);
    }
    return memory;
}

static void free_kernels(Worker *worker) {
    for (int32_t i = 0; i < DLCA_PLANES_CASES; i++) {
        dlca_row_kernel_free(&worker->kernel[i]);
    }
    for (int32_t i = 0; i < 4; i++) {
        dlca_row_kernel_free(&worker->edge[i / 2][i % 2]);
    }
}

void dlca_planes_free(DlcaPlanes *planes) {
    if (!planes) {
        return;
    }
    for (int32_t i = 0; planes->worker && i < planes->plan.threads; i++) {
        free_kernels(&planes->worker[i]);
        free(planes->worker[i].tile[0]);
        free(planes->worker[i].tile[1]);
        free(planes->worker[i].fire);
    }
    free(planes->worker);
    free(planes->current);
    free(planes->next);
    free(planes->row_mask);
    free(planes->column_mask);
    free(planes->count_mask);
    dlca_program_free(&planes->rule.program);
    free(planes->rule.sides);
    dlca_program_free(&planes->steady_rule.program);
    free(planes->steady_rule.sides);
    dlca_steady_rule_free(&planes->steady);
    free(planes);
}

DlcaRowStrides dlca_planes_strides(const DlcaPlanes *planes, int32_t which) {
    const DlcaCellBlocks *blocks = &planes->blocks;
    const int64_t tile_plane = planes->tile_plane;
    if (which == STEADY) {
        return planes->steady.channel ? dlca_planes_strides(planes, 0) : (DlcaRowStrides){0};
    }
    if (which > 0 && (planes->plan.steps < 2 || (which == FROM_TILE + TO_TILE && planes->plan.steps < 3))) {
        return (DlcaRowStrides){0};
    }
    const bool from_tile = (which & FROM_TILE) != 0, to_tile = (which & TO_TILE) != 0;
    return (DlcaRowStrides){.row = from_tile ? tile_plane * blocks->channels : blocks->row,
                            .plane = from_tile ? tile_plane : blocks->plane,
                            .plane_written = to_tile ? tile_plane : blocks->plane};
}

static bool create_kernels(DlcaPlanes *planes, Worker *worker, const DlcaCompiledRows *compiled, DlcaError *error) {
    for (int32_t i = 0; i < DLCA_PLANES_CASES; i++) {
        const DlcaRowStrides strides = dlca_planes_strides(planes, i);
        if (strides.row != 0 &&
            !dlca_row_kernel_create(&worker->kernel[i], dlca_planes_program(planes, i), dlca_planes_written(planes, i),
                                    strides, planes->setup.asynchronous, planes->setup.isa, planes->setup.native,
                                    compiled ? (*compiled)[i] : NULL, error)) {
            return false;
        }
    }
    return true;
}

/* The rows of a frame cost as much as computing 2 to 6 rows of 8: a lizard on 512x512 spends 8% of its time on them, on
 * 128x128 30%. Where all bands are full a row at the edge needs none. */
static bool create_edges(DlcaPlanes *planes, Worker *worker, DlcaError *error) {
    const DlcaPlanesSetup *setup = &planes->setup;
    const int32_t rows = planes->blocks.rows;
    for (int32_t i = 0; planes->edges && i < 4; i++) {
        const int32_t which = i / 2 == 0 ? 0 : STEADY;
        const DlcaRowEdge edge = {i % 2 == TOP, i % 2 == BOTTOM || rows == 1, setup->periodic, rows};
        const DlcaRowStrides strides = dlca_planes_strides(planes, which);
        DlcaRowKernel *kernel = &worker->edge[i / 2][i % 2];
        if (strides.row == 0) {
            continue;
        }
        if (!dlca_row_kernel_create_edge(kernel, dlca_planes_program(planes, which), dlca_planes_written(planes, which),
                                         strides, setup->asynchronous, setup->isa, edge, error)) {
            return false;
        }
        planes->edges = kernel->native != NULL;
    }
    return true;
}

bool dlca_planes_use_compiled(DlcaPlanes *planes, DlcaCompiledRows rows, DlcaError *error) {
    planes->edges = false;
    planes->undisturbed = 0; /* the frame's rows have not been kept up */
    for (int32_t i = 0; i < planes->plan.threads; i++) {
        free_kernels(&planes->worker[i]);
        if (!create_kernels(planes, &planes->worker[i], (const DlcaCompiledRows *)rows, error)) {
            return false;
        }
    }
    return true;
}

static bool create_worker(DlcaPlanes *planes, Worker *worker, DlcaError *error) {
    const int64_t tile_words =
        planes->plan.steps < 2 ? 0 : dlca_tile_room(&planes->plan) * planes->setup.channels * DLCA_BLOCK_WORDS;
    worker->fire = planes->setup.asynchronous ? zeroed_words(planes->blocks.plane) : NULL;
    for (int32_t i = 0; i < 2 && tile_words > 0; i++) {
        worker->tile[i] = zeroed_words(tile_words);
    }
    if ((tile_words > 0 && (!worker->tile[0] || !worker->tile[1])) || (planes->setup.asynchronous && !worker->fire)) {
        return dlca_fail(error, DLCA_FAILED, "no memory for the tiles of a thread");
    }
    return create_kernels(planes, worker, NULL, error) && create_edges(planes, worker, error);
}

/* Bands and segments that have no cells at all do not matter to anyone. */
static bool create_masks(DlcaPlanes *planes) {
    const DlcaCellBlocks *blocks = &planes->blocks;
    const int32_t frame = blocks->frame;
    const uint64_t unused_bands = blocks->last_band == 63 ? 0 : ~(uint64_t)0 << (blocks->last_band + 1);
    planes->row_mask = malloc((size_t)(blocks->rows + 2 * frame) * sizeof(uint64_t));
    planes->column_mask = malloc((size_t)blocks->plane * sizeof(uint64_t));
    planes->count_mask = malloc((size_t)blocks->columns * DLCA_BLOCK_WORDS * sizeof(uint64_t));
    if (!planes->row_mask || !planes->column_mask || !planes->count_mask) {
        return false;
    }
    for (int32_t row = -frame; row < blocks->rows + frame; row++) {
        planes->row_mask[row + frame] = dlca_row_mask(blocks, row) | unused_bands;
    }
    for (int32_t column = -frame; column < blocks->columns + frame; column++) {
        const uint32_t mask = dlca_column_mask(blocks, column);
        for (int32_t word = 0; word < DLCA_BLOCK_WORDS; word++) {
            const uint64_t cells = mask >> word & 1 ? ~(uint64_t)0 : 0;
            planes->column_mask[(column + frame) * DLCA_BLOCK_WORDS + word] =
                word > blocks->last_segment ? ~(uint64_t)0 : cells;
            if (column >= 0 && column < blocks->columns) {
                planes->count_mask[column * DLCA_BLOCK_WORDS + word] = cells;
            }
        }
    }
    return true;
}

/* The sides on which a neighbour lies. */
static uint8_t sides_of(int32_t neighbour) {
    static const uint8_t beside[3] = {DLCA_LEFT, 0, DLCA_RIGHT}, above[3] = {DLCA_ABOVE, 0, DLCA_BELOW};
    return beside[neighbour % 3] | above[neighbour / 3];
}

/* With one step per pass only what the rule reads of the frame has to be there: of most channels of large rules nobody
 * reads all neighbours. Corners are filled by way of both sides. */
static void add_sides(const DlcaProgram *program, uint8_t *sides) {
    const int32_t channels = program->inputs / DLCA_NEIGHBOURS;
    for (int32_t i = 0; i < program->used_inputs; i++) {
        sides[program->used_input[i] % channels] |= sides_of(program->used_input[i] / channels);
    }
}

/* Of channels that keep their value the frame does too, once it has been there for both rules. */
static bool find_sides(DlcaPlanes *planes) {
    const size_t channels = (size_t)planes->setup.channels;
    planes->rule.sides = calloc(channels, sizeof *planes->rule.sides);
    planes->steady_rule.sides = calloc(channels, sizeof *planes->steady_rule.sides);
    if (!planes->rule.sides || !planes->steady_rule.sides) {
        return false;
    }
    if (planes->plan.steps > 1) {
        memset(planes->rule.sides, DLCA_SIDES, channels);
    }
    add_sides(&planes->rule.program, planes->rule.sides);
    if (planes->steady.channel) {
        add_sides(&planes->steady_rule.program, planes->rule.sides);
        for (int32_t i = 0; i < planes->steady.circuit.outputs; i++) {
            const int32_t c = planes->steady.channel[i];
            planes->steady_rule.sides[c] = planes->rule.sides[c];
        }
    }
    return true;
}

static const DlcaBlockWords *block_words_for(DlcaIsa isa) {
    const DlcaBlockWords *words = NULL;
    if (isa == DLCA_ISA_AVX512) {
        words = dlca_block_words_avx512();
    } else if (isa == DLCA_ISA_AVX2) {
        words = dlca_block_words_avx2();
    }
    return words ? words : dlca_block_words_scalar();
}

/* Zen 4 and its like: two operations a cycle on 64 bytes, one load, one store; firing costs about a cycle per cell.
 * Narrower words take more of them. */
static double estimate_cycles(const DlcaPlanes *planes) {
    const double operations = planes->setup.isa == DLCA_ISA_AVX512 ? 0.4 : planes->setup.isa == DLCA_ISA_AVX2 ? 0.6 : 4;
    const DlcaProgram *program = &planes->rule.program;
    return 2 + operations * program->instructions + program->used_inputs + planes->setup.channels +
           (planes->setup.asynchronous ? DLCA_BLOCK_CELLS : 0);
}

static void choose_plan(DlcaPlanes *planes) {
    const DlcaPlanesSetup *setup = &planes->setup;
    planes->blocks = dlca_cell_blocks(setup->height, setup->width, setup->channels, setup->periodic, 1);
    planes->plan = dlca_tile_plan(&planes->blocks, estimate_cycles(planes), setup->threads,
                                  setup->asynchronous ? 1 : setup->steps_per_pass);
    planes->blocks =
        dlca_cell_blocks(setup->height, setup->width, setup->channels, setup->periodic, planes->plan.steps);
    planes->tile_plane = (int64_t)(planes->plan.columns + 2 * (planes->plan.steps - 1)) * DLCA_BLOCK_WORDS;
}

/* Tiles' buffers are shared by tiles, so nothing keeps its value there; and rules that fit tiles are small ones. */
static bool find_steady(DlcaPlanes *planes, const DlcaCircuit *rule, DlcaError *error) {
    if (!planes->setup.steady || planes->setup.asynchronous || planes->plan.steps > 1) {
        return true;
    }
    return dlca_steady_rule_create(&planes->steady, rule, planes->setup.periodic, error) &&
           (!planes->steady.channel ||
            dlca_program_compile(&planes->steady_rule.program, &planes->steady.circuit, error));
}

static bool check(const DlcaPlanesSetup *setup, const DlcaCircuit *rule, DlcaError *error) {
    if (setup->height < 1 || setup->height > DLCA_MAX_SIDE || setup->width < 1 || setup->width > DLCA_MAX_SIDE) {
        return dlca_fail(error, DLCA_BAD_INPUT, "a grid of %dx%d cells; accepted: 1 to %d in width and height",
                         setup->width, setup->height, (int)DLCA_MAX_SIDE);
    }
    if (setup->channels < 1 || setup->channels > DLCA_MAX_CHANNELS ||
        rule->inputs != DLCA_NEIGHBOURS * setup->channels || rule->outputs != setup->channels) {
        return dlca_fail(error, DLCA_BAD_INPUT,
                         "a rule of %d inputs and %d outputs for %d channels; accepted: %d and %d", rule->inputs,
                         rule->outputs, setup->channels, DLCA_NEIGHBOURS * setup->channels, setup->channels);
    }
    return true;
}

static bool fill(DlcaPlanes *planes, const DlcaCircuit *rule, DlcaError *error) {
    if (!dlca_program_compile(&planes->rule.program, rule, error)) {
        return false;
    }
    choose_plan(planes);
    if (!find_steady(planes, rule, error)) {
        return false;
    }
    planes->words = block_words_for(planes->setup.isa);
    planes->fire_threshold = (uint64_t)(planes->setup.fire_rate * 4294967296.0 + 0.5);
    planes->current = zeroed_words(planes->blocks.words);
    planes->next = zeroed_words(planes->blocks.words);
    planes->worker = calloc((size_t)planes->plan.threads, sizeof *planes->worker);
    if (!planes->current || !planes->next || !planes->worker || !create_masks(planes) || !find_sides(planes)) {
        return dlca_fail(error, DLCA_FAILED, "no memory for a grid of %dx%d cells with %d bits each",
                         planes->setup.width, planes->setup.height, planes->setup.channels);
    }
    planes->edges = planes->setup.native && planes->plan.steps == 1 && planes->setup.height % DLCA_BLOCK_BANDS == 0;
    for (int32_t i = 0; i < planes->plan.threads; i++) {
        if (!create_worker(planes, &planes->worker[i], error)) {
            return false;
        }
    }
    return true;
}

DlcaPlanes *dlca_planes_create(const DlcaPlanesSetup *setup, const DlcaCircuit *rule, DlcaError *error) {
    if (!check(setup, rule, error)) {
        return NULL;
    }
    DlcaPlanes *planes = calloc(1, sizeof *planes);
    if (!planes) {
        dlca_fail(error, DLCA_FAILED, "no memory for a grid");
        return NULL;
    }
    planes->setup = *setup;
    if (!fill(planes, rule, error)) {
        dlca_planes_free(planes);
        return NULL;
    }
    return planes;
}

/* ---- running ---- */

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

/* ---- looking ---- */

int64_t dlca_planes_step_count(const DlcaPlanes *planes) {
    return planes->step;
}

void dlca_planes_set_step_count(DlcaPlanes *planes, int64_t step) {
    planes->step = step;
}

void dlca_planes_get(const DlcaPlanes *planes, int32_t channel, int32_t x, int32_t y, int32_t count, uint8_t *bits,
                     int32_t distance) {
    dlca_cell_bits_get(&planes->blocks, planes->current, channel, x, y, count, bits, distance);
}

void dlca_planes_set(DlcaPlanes *planes, int32_t channel, int32_t x, int32_t y, int32_t count, const uint8_t *bits,
                     int32_t distance) {
    dlca_cell_bits_set(&planes->blocks, planes->current, channel, x, y, count, bits, distance);
    planes->undisturbed = 0;
}

enum { COUNT_WORDS = 512 };

DlcaPlanesCount dlca_planes_count(const DlcaPlanes *planes, int32_t channels) {
    const DlcaCellBlocks *blocks = &planes->blocks;
    const int64_t words = (int64_t)blocks->columns * DLCA_BLOCK_WORDS;
    int64_t live = 0, ones = 0, changed = 0;
#pragma omp parallel for num_threads(planes->plan.threads) reduction(+ : live, ones, changed) schedule(static)
    for (int32_t row = 0; row < blocks->rows; row++) {
        const uint64_t mask = dlca_row_mask(blocks, row);
        for (int64_t first = 0; first < words; first += COUNT_WORDS) {
            const int64_t count = words - first < COUNT_WORDS ? words - first : COUNT_WORDS;
            const uint64_t *columns = planes->count_mask + first;
            uint64_t any[COUNT_WORDS] = {0}, differ[COUNT_WORDS] = {0};
            for (int32_t channel = 0; channel < blocks->channels; channel++) {
                const int64_t at = dlca_block_offset(blocks, channel, row, 0) + first;
                if (channel < channels) {
                    planes->words->add(any, planes->current + at, NULL, count);
                    ones += planes->words->count(planes->current + at, mask, columns, count);
                }
                planes->words->add(differ, planes->current + at, planes->next + at, count);
            }
            live += planes->words->count(any, mask, columns, count);
            changed += planes->words->count(differ, mask, columns, count);
        }
    }
    return (DlcaPlanesCount){live, ones, changed};
}

static int32_t channels_read(const DlcaProgram *program) {
    const int32_t channels = program->inputs / DLCA_NEIGHBOURS;
    int32_t count = 0;
    for (int32_t c = 0; c < channels; c++) {
        int32_t i = 0;
        while (i < program->used_inputs && program->used_input[i] % channels != c) {
            i++;
        }
        count += i < program->used_inputs;
    }
    return count;
}

DlcaPlanesPlan dlca_planes_plan(const DlcaPlanes *planes) {
    const int32_t which = planes->steady.channel ? STEADY : 0;
    const DlcaRowKernel *kernel = &planes->worker[0].kernel[which];
    const DlcaProgram *program = dlca_planes_program(planes, which);
    return (DlcaPlanesPlan){.steps_per_pass = planes->plan.steps,
                            .tile_rows = planes->plan.rows,
                            .tile_columns = planes->plan.columns,
                            .threads = planes->plan.threads,
                            .instructions = program->instructions,
                            .channels_read = channels_read(program),
                            .channels_written = program->outputs,
                            .native = kernel->native != NULL,
                            .compiled = kernel->compiled != NULL};
}

const DlcaProgram *dlca_planes_program(const DlcaPlanes *planes, int32_t which) {
    return which == STEADY ? &planes->steady_rule.program : &planes->rule.program;
}

const int32_t *dlca_planes_written(const DlcaPlanes *planes, int32_t which) {
    return which == STEADY ? planes->steady.channel : NULL;
}

bool dlca_planes_masked(const DlcaPlanes *planes) {
    return planes->setup.asynchronous;
}
