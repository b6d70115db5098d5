/* planes_look.c - cells of a fast rollout read, set and counted, and what was chosen for it. Leaves alone: steps. */
#include "planes_parts.h"

#include <omp.h>

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
