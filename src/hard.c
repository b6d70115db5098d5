/* hard.c - a hard rule on a grid, 64 starts at once: bit s of each word belongs to start s.
 *
 * A channel is a plane of words with a border of one cell around the grid. Seen flat, the neighbour (dy, dx) of every
 * cell lies dy * stride + dx words further, so a step is one program over flat rows, from the first cell to the last;
 * the border cells in between are computed along and put right before they are read again. Where outside reads 0 one
 * border column serves the right side of a row and the left side of the next. Leaves alone: circuits (gates/), random
 * starts and firing, files. */
#include "hard.h"

#include "../gates/native.h"
#include "../gates/word_kernels.h"

#include <stdlib.h>
#include <string.h>

/* Rows that a program works on at a time should stay in the second-level cache. Shorter rows that fit the first one
 * were slower: 16x16 cells, 151 gates, 20 steps on a Zen 4 core took 120 us with 272 words, 154 us with 136, 236 us
 * with 56, because each gate and tile costs a dispatch. */
enum { TILE_BYTES = 128 * 1024, TILE_MIN_WORDS = 512, ALIGNMENT = 64, ALIGNMENT_WORDS = ALIGNMENT / 8 };

struct DlcaHardGrid {
    int32_t height, width, channels;
    bool periodic;
    int64_t stride;           /* words from a cell to the one below */
    int64_t first;            /* words from a plane's start to cell (0,0); a multiple of ALIGNMENT_WORDS */
    int64_t span;             /* words from cell (0,0) to the last, rounded up to DLCA_WORD_BLOCK */
    int64_t plane;            /* words of a plane; a multiple of ALIGNMENT_WORDS */
    uint64_t *current, *next; /* [channel][plane] */
    uint64_t *fire;           /* [plane] the fire mask, laid out like a channel */
    uint64_t *any;            /* [width] for comparing */
    const DlcaWordKernels *kernels;
    DlcaNative *native;                                  /* NULL: the kernels compute the steps */
    enum { NOT_BUILT, FOR_ALL, FOR_FIRING } native_code; /* what it holds */
    DlcaProgram program;
    int64_t tile;   /* words of a row that are computed at a time */
    uint64_t **row; /* [program rows] */
    int32_t rows_room;
    uint64_t *scratch;    /* [scratch rows][tile] */
    int64_t scratch_room; /* words */
    int64_t *offset;      /* [used inputs] words from `current` to what cell (0,0) reads as this input */
    int64_t *own_offset;  /* [channel] words from `current` or `next` to cell (0,0) */
    bool *reads_border;   /* [channel] the rule reads a neighbour of this channel */
};

static int64_t rounded(int64_t words) {
    return (words + ALIGNMENT_WORDS - 1) / ALIGNMENT_WORDS * ALIGNMENT_WORDS;
}

static const DlcaWordKernels *kernels_for(DlcaIsa isa) {
    const DlcaWordKernels *kernels = NULL;
    if (isa == DLCA_ISA_AVX512) {
        kernels = dlca_word_kernels_avx512();
    } else if (isa == DLCA_ISA_AVX2) {
        kernels = dlca_word_kernels_avx2();
    }
    return kernels ? kernels : dlca_word_kernels_scalar();
}

void dlca_hard_use(DlcaHardGrid *grid, DlcaIsa isa, bool native) {
    grid->kernels = kernels_for(isa);
    dlca_native_free(grid->native);
    grid->native = NULL;
    grid->native_code = NOT_BUILT;
    if (native && (isa == DLCA_ISA_AVX512 || isa == DLCA_ISA_AVX2)) {
        grid->native = dlca_native_create(isa == DLCA_ISA_AVX512 ? DLCA_NATIVE_AVX512 : DLCA_NATIVE_AVX2);
    }
}

void dlca_hard_free(DlcaHardGrid *grid) {
    if (!grid) {
        return;
    }
    free(grid->current);
    free(grid->next);
    free(grid->fire);
    free(grid->any);
    free(grid->row);
    free(grid->scratch);
    free(grid->offset);
    free(grid->own_offset);
    free(grid->reads_border);
    dlca_native_free(grid->native);
    dlca_program_free(&grid->program);
    free(grid);
}

static uint64_t *zeroed_words(int64_t words) {
    const size_t bytes = (size_t)words * sizeof(uint64_t);
    uint64_t *memory = aligned_alloc(ALIGNMENT, bytes);
    if (memory) {
        memset(memory, 0, bytes);
    }
    return memory;
}

/* The last word that is read belongs to the cell below and right of the last one computed. */
static void lay_out(DlcaHardGrid *grid) {
    grid->stride = (int64_t)grid->width + (grid->periodic ? 2 : 1);
    grid->first = rounded(grid->stride + 1);
    grid->span = (grid->height - 1) * grid->stride + grid->width;
    grid->span = (grid->span + DLCA_WORD_BLOCK - 1) / DLCA_WORD_BLOCK * DLCA_WORD_BLOCK;
    grid->plane = rounded(grid->first + grid->span + grid->stride + 1);
}

DlcaHardGrid *dlca_hard_create(int32_t height, int32_t width, int32_t channels, bool periodic, DlcaError *error) {
    if (height < 1 || height > DLCA_MAX_SIDE || width < 1 || width > DLCA_MAX_SIDE || channels < 1 ||
        channels > DLCA_MAX_CHANNELS) {
        dlca_fail(error, DLCA_BAD_INPUT, "a grid of %d x %d cells and %d channels: at most %d x %d and %d, at least 1",
                  width, height, channels, (int)DLCA_MAX_SIDE, (int)DLCA_MAX_SIDE, (int)DLCA_MAX_CHANNELS);
        return NULL;
    }
    DlcaHardGrid *grid = calloc(1, sizeof *grid);
    if (!grid) {
        dlca_fail(error, DLCA_FAILED, "no memory for a grid");
        return NULL;
    }
    *grid = (DlcaHardGrid){.height = height, .width = width, .channels = channels, .periodic = periodic};
    lay_out(grid);
    grid->current = zeroed_words(channels * grid->plane); /* at most 2^10 * (2^16 + 3)^2 words: fits 64 bits */
    grid->next = zeroed_words(channels * grid->plane);
    grid->fire = zeroed_words(grid->plane);
    grid->any = zeroed_words(rounded(width));
    grid->offset = calloc((size_t)channels * DLCA_NEIGHBOURS, sizeof *grid->offset);
    grid->own_offset = calloc((size_t)channels, sizeof *grid->own_offset);
    grid->reads_border = calloc((size_t)channels, sizeof *grid->reads_border);
    if (!grid->current || !grid->next || !grid->fire || !grid->any || !grid->offset || !grid->own_offset ||
        !grid->reads_border) {
        dlca_hard_free(grid);
        dlca_fail(error, DLCA_FAILED, "no memory for a grid of %d x %d cells and %d channels", width, height, channels);
        return NULL;
    }
    for (int64_t channel = 0; channel < channels; channel++) {
        grid->own_offset[channel] = channel * grid->plane + grid->first;
    }
    dlca_hard_use(grid, dlca_isa_best(), true);
    return grid;
}

/* ---- the rule ---- */

static bool reserve_rows(DlcaHardGrid *grid, DlcaError *error) {
    const int32_t rows = dlca_program_rows(&grid->program);
    if (rows > grid->rows_room) {
        free(grid->row);
        grid->row = malloc((size_t)rows * sizeof *grid->row);
        grid->rows_room = grid->row ? rows : 0;
    }
    const int64_t scratch = grid->program.scratch_rows * grid->tile;
    if (scratch > grid->scratch_room) {
        free(grid->scratch);
        grid->scratch = zeroed_words(scratch);
        grid->scratch_room = grid->scratch ? scratch : 0;
    }
    if (rows > grid->rows_room || scratch > grid->scratch_room) {
        grid->program.instructions = 0; /* no rule rather than half of one */
        return dlca_fail(error, DLCA_FAILED, "no memory for a rule of %d rows", rows);
    }
    return true;
}

/* As long as the cache allows, then evened out so that the last tile is not a stub. */
static int64_t tile_of(const DlcaHardGrid *grid) {
    const int64_t rows = grid->program.scratch_rows + grid->program.used_inputs + grid->program.outputs;
    int64_t most = TILE_BYTES / (int64_t)sizeof(uint64_t) / rows;
    most = most < TILE_MIN_WORDS ? TILE_MIN_WORDS : most;
    const int64_t tiles = (grid->span + most - 1) / most;
    const int64_t even = (grid->span + tiles - 1) / tiles;
    return (even + DLCA_WORD_BLOCK - 1) / DLCA_WORD_BLOCK * DLCA_WORD_BLOCK;
}

/* Where the inputs that the rule reads lie, and which channels it reads across the border. */
static void find_inputs(DlcaHardGrid *grid) {
    memset(grid->reads_border, 0, (size_t)grid->channels * sizeof *grid->reads_border);
    for (int32_t i = 0; i < grid->program.used_inputs; i++) {
        const int32_t input = grid->program.used_input[i];
        const int64_t neighbour = input / grid->channels, channel = input % grid->channels;
        const int64_t cell = (neighbour / 3 - 1) * grid->stride + neighbour % 3 - 1;
        grid->offset[i] = channel * grid->plane + grid->first + cell;
        grid->reads_border[channel] |= neighbour != DLCA_CENTRE;
    }
}

bool dlca_hard_set_rule(DlcaHardGrid *grid, const DlcaCircuit *circuit, DlcaError *error) {
    if (circuit->inputs != DLCA_NEIGHBOURS * grid->channels || circuit->outputs != grid->channels) {
        return dlca_fail(
            error, DLCA_BAD_INPUT, "the circuit has %d inputs and %d outputs: a grid of %d channels needs %d and %d",
            circuit->inputs, circuit->outputs, grid->channels, DLCA_NEIGHBOURS * grid->channels, grid->channels);
    }
    if (!dlca_program_compile(&grid->program, circuit, error)) {
        return false;
    }
    find_inputs(grid);
    grid->native_code = NOT_BUILT;
    grid->tile = tile_of(grid);
    return reserve_rows(grid, error);
}

/* ---- the state ---- */

void dlca_hard_set_state(DlcaHardGrid *grid, const uint64_t *planes) {
    for (int64_t channel = 0; channel < grid->channels; channel++) {
        uint64_t *cell = grid->current + channel * grid->plane + grid->first;
        for (int32_t y = 0; y < grid->height; y++, planes += grid->width, cell += grid->stride) {
            memcpy(cell, planes, (size_t)grid->width * sizeof *planes);
        }
    }
}

void dlca_hard_get_state(const DlcaHardGrid *grid, uint64_t *planes) {
    for (int64_t channel = 0; channel < grid->channels; channel++) {
        const uint64_t *cell = grid->current + channel * grid->plane + grid->first;
        for (int32_t y = 0; y < grid->height; y++, planes += grid->width, cell += grid->stride) {
            memcpy(planes, cell, (size_t)grid->width * sizeof *planes);
        }
    }
}

/* The border of a plane whose outside reads 0. What lies above and left of the grid is never written; the column right
 * of it is, and so are the few words behind the last cell that fill up its block. */
static void clear_border(const DlcaHardGrid *grid, uint64_t *first) {
    const int64_t used = (grid->height - 1) * grid->stride + grid->width;
    for (int64_t right = grid->width; right < used; right += grid->stride) {
        first[right] = 0;
    }
    for (int64_t behind = used; behind < grid->span; behind++) {
        first[behind] = 0;
    }
}

static void wrap_border(const DlcaHardGrid *grid, uint64_t *first) {
    const int64_t width = grid->width;
    uint64_t *row = first;
    for (int32_t y = 0; y < grid->height; y++, row += grid->stride) {
        row[-1] = row[width - 1];
        row[width] = row[0];
    }
    const size_t bytes = (size_t)(width + 2) * sizeof *first; /* corners included */
    memcpy(row - 1, first - 1, bytes);
    memcpy(first - grid->stride - 1, row - grid->stride - 1, bytes);
}

/* ---- the step ---- */

static void place_rows(const DlcaHardGrid *grid, int64_t from) {
    const DlcaProgram *program = &grid->program;
    for (int32_t i = 0; i < program->used_inputs; i++) {
        grid->row[program->used_input[i]] = grid->current + grid->offset[i] + from;
    }
    for (int64_t channel = 0; channel < grid->channels; channel++) {
        grid->row[program->inputs + channel] = grid->next + channel * grid->plane + grid->first + from;
    }
}

static void run_tile(const DlcaHardGrid *grid, int64_t from, bool firing) {
    const int64_t left = grid->span - from, words = left < grid->tile ? left : grid->tile;
    place_rows(grid, from);
    grid->kernels->run(&grid->program, grid->row, words);
    if (firing) {
        for (int64_t channel = 0; channel < grid->channels; channel++) {
            const int64_t at = channel * grid->plane + grid->first + from;
            grid->kernels->select(grid->next + at, grid->current + at, grid->fire + grid->first + from, words);
        }
    }
}

static void step_by_kernels(DlcaHardGrid *grid, bool firing) {
    for (int32_t i = 0; i < grid->program.scratch_rows; i++) {
        grid->row[grid->program.inputs + grid->program.outputs + i] = grid->scratch + i * grid->tile;
    }
    for (int64_t from = 0; from < grid->span; from += grid->tile) {
        run_tile(grid, from, firing);
    }
}

/* False when the code cannot be made: out of reach or of memory. It is made for a rule's first step. */
static bool step_natively(DlcaHardGrid *grid, bool firing) {
    if (!grid->native) {
        return false;
    }
    if (grid->native_code != (firing ? FOR_FIRING : FOR_ALL)) {
        const DlcaNativeLayout layout = {.input_offset = grid->offset,
                                         .output_offset = grid->own_offset,
                                         .old_offset = firing ? grid->own_offset : NULL};
        grid->native_code = NOT_BUILT;
        if (!dlca_native_build(grid->native, &grid->program, &layout)) {
            return false;
        }
        grid->native_code = firing ? FOR_FIRING : FOR_ALL;
    }
    dlca_native_run(grid->native, grid->current, grid->next, grid->fire + grid->first, grid->span);
    return true;
}

static void set_fire(const DlcaHardGrid *grid, const uint64_t *fire) {
    uint64_t *cell = grid->fire + grid->first;
    for (int32_t y = 0; y < grid->height; y++, fire += grid->width, cell += grid->stride) {
        memcpy(cell, fire, (size_t)grid->width * sizeof *fire);
    }
}

void dlca_hard_step(DlcaHardGrid *grid, const uint64_t *fire) {
    if (grid->program.instructions == 0) {
        return; /* no rule yet */
    }
    for (int64_t channel = 0; channel < grid->channels; channel++) {
        uint64_t *first = grid->current + channel * grid->plane + grid->first;
        if (grid->reads_border[channel] && grid->periodic) {
            wrap_border(grid, first);
        } else if (grid->reads_border[channel]) {
            clear_border(grid, first);
        }
    }
    if (fire) {
        set_fire(grid, fire);
    }
    if (!step_natively(grid, fire != NULL)) {
        step_by_kernels(grid, fire != NULL);
    }
    uint64_t *swap = grid->current;
    grid->current = grid->next;
    grid->next = swap;
}

/* ---- the score ---- */

DlcaHardScore dlca_hard_compare(const DlcaHardGrid *grid, const uint64_t *target, int32_t scored_channels,
                                uint64_t counted) {
    DlcaHardScore score = {0};
    const int64_t cells = (int64_t)grid->height * grid->width;
    for (int64_t y = 0; y < grid->height; y++) {
        memset(grid->any, 0, (size_t)grid->width * sizeof *grid->any);
        for (int64_t channel = 0; channel < scored_channels; channel++) {
            const uint64_t *state = grid->current + channel * grid->plane + grid->first + y * grid->stride;
            score.wrong_bits += grid->kernels->count_differences(state, target + channel * cells + y * grid->width,
                                                                 counted, grid->any, grid->width);
        }
        score.wrong_cells += grid->kernels->count_ones(grid->any, grid->width, &score.wrong_starts);
    }
    return score;
}
