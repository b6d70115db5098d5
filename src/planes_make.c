/* planes_make.c - the memory of a fast rollout: grids, masks, kernels, the plan of its passes. Leaves alone: taking
 * steps (planes.c), what others see of it (planes_look.c). */
#include "planes_parts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 2 << 20 };

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
    planes->words = dlca_block_words(planes->setup.isa);
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
