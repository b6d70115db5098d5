/* sizes.c - grids larger than the trained one by one to three cells a side. */
#include "sizes.h"

#include <stdlib.h>
#include <string.h>

enum { FRESH_BLOCKS = 64, PERIOD = 4, PHASES = PERIOD * PERIOD, FURTHER = 2, FURTHER_FIRING = 8 };

/* Cells more, down and across: each number of cells modulo 4 that the trained grid does not have, on both sides. */
static const int32_t more[DLCA_SIZES][2] = {{1, 3}, {3, 2}, {2, 1}};

bool dlca_sizes_apply(const DlcaTask *task, DlcaError *error) {
    if (task->start != DLCA_START_RANDOM || !task->target) {
        return dlca_fail(error, DLCA_BAD_INPUT,
                         "--any-size 1 is for patterns that go on on any grid: '%s' has no other size, or no pattern",
                         task->config.task);
    }
    return true;
}

static int32_t steps_of(const DlcaTask *task, int i) {
    const int32_t larger = more[i][0] > more[i][1] ? more[i][0] : more[i][1];
    return task->config.steps + (task->config.asynchronous ? FURTHER_FIRING : FURTHER) * larger;
}

static size_t pattern_bytes(const DlcaConfig *config) {
    return (size_t)(config->height + PERIOD - 1) * (size_t)(config->width + PERIOD - 1) *
           (size_t)config->scored_channels;
}

size_t dlca_sizes_bytes(const DlcaTask *task, int32_t blocks, size_t grids) {
    size_t bytes = 0;
    for (int i = 0; i < DLCA_SIZES; i++) {
        DlcaConfig config = task->config;
        config.height += more[i][0];
        config.width += more[i][1];
        const size_t masks = config.asynchronous ? (size_t)steps_of(task, i) : 0;
        const size_t starts = (size_t)blocks * ((size_t)(config.channels + config.scored_channels) + masks);
        const size_t states = grids * (size_t)(2 * config.channels + 2);
        bytes += (size_t)config.height * (size_t)config.width * (starts + states) * sizeof(uint64_t);
        bytes += config.asynchronous ? pattern_bytes(&config) : 0;
    }
    return bytes;
}

/* The pattern on a grid of this size, and beyond its lower and right edges. */
static uint8_t *create_pattern(const DlcaTask *task, const DlcaTask *size, DlcaError *error) {
    DlcaTask beyond = {0};
    uint8_t *pattern = malloc(pattern_bytes(&size->config));
    if (!pattern) {
        dlca_fail(error, DLCA_FAILED, "no memory for a pattern of %zu bits", pattern_bytes(&size->config));
        return NULL;
    }
    const bool good =
        dlca_task_find(&beyond, &task->config, error) &&
        dlca_task_resize(&beyond, size->config.height + PERIOD - 1, size->config.width + PERIOD - 1, error);
    if (good) {
        memcpy(pattern, beyond.target, pattern_bytes(&size->config));
    } else {
        free(pattern);
    }
    dlca_task_free(&beyond);
    return good ? pattern : NULL;
}

/* The first parts of size i: its task, and the pattern where phases are to be tried. */
static bool create_task(DlcaSizes *sizes, int i, const DlcaTask *task, DlcaError *error) {
    DlcaTask *size = &sizes->task[i];
    const int32_t height = task->config.height + more[i][0], width = task->config.width + more[i][1];
    if (!dlca_task_find(size, &task->config, error) || !dlca_task_resize(size, height, width, error)) {
        return false;
    }
    sizes->pattern[i] = task->config.asynchronous ? create_pattern(task, size, error) : NULL;
    size->config.steps = steps_of(task, i);
    return sizes->pattern[i] || !task->config.asynchronous;
}

bool dlca_sizes_create(DlcaSizes *sizes, const DlcaTask *task, uint64_t seed, int32_t blocks, DlcaError *error) {
    *sizes = (DlcaSizes){0};
    bool good = dlca_sizes_apply(task, error);
    for (int i = 0; good && i < DLCA_SIZES; i++) {
        good = create_task(sizes, i, task, error);
    }
    for (int i = 0; good && i < DLCA_SIZES; i++) {
        const int32_t steps = sizes->task[i].config.steps;
        good = dlca_starts_create(&sizes->starts[i], &sizes->task[i], seed, DLCA_RANDOM_JUDGE_START,
                                  DLCA_RANDOM_JUDGE_FIRE, 0, (DlcaBlocks){.count = blocks}, steps, error);
        sizes->starts[i].further = steps - task->config.steps;
        sizes->starts[i].with = i + 1 < DLCA_SIZES ? &sizes->starts[i + 1] : NULL;
    }
    if (!good) {
        dlca_sizes_free(sizes);
    }
    return good;
}

void dlca_sizes_free(DlcaSizes *sizes) {
    for (int i = 0; i < DLCA_SIZES; i++) {
        dlca_starts_free(&sizes->starts[i]);
        dlca_task_free(&sizes->task[i]);
        free(sizes->pattern[i]);
    }
    *sizes = (DlcaSizes){0};
}

/* ---- phases ---- */

/* Into the task and all its starts. */
static void set_phase(DlcaSizes *sizes, int i, int32_t phase) {
    DlcaTask *task = &sizes->task[i];
    DlcaStarts *starts = &sizes->starts[i];
    const size_t scored = (size_t)task->config.scored_channels, row = (size_t)task->config.width * scored;
    const size_t pitch = row + (PERIOD - 1) * scored;
    const uint8_t *from = sizes->pattern[i] + (size_t)(phase / PERIOD) * pitch + (size_t)(phase % PERIOD) * scored;
    for (int32_t y = 0; y < task->config.height; y++) {
        memcpy(task->target + (size_t)y * row, from + (size_t)y * pitch, row);
    }
    for (int32_t block = 0; block < starts->blocks; block++) {
        const size_t cells = (size_t)task->config.height * (size_t)task->config.width;
        dlca_task_target_words(task, starts->planes + (size_t)block * cells * (size_t)task->config.channels,
                               starts->target + (size_t)block * cells * scored);
    }
    starts->identity += (uint64_t)(int64_t)(phase - sizes->phase[i]);
    sizes->phase[i] = phase;
}

static bool settle_one(DlcaSizes *sizes, int i, DlcaBench *bench, const DlcaCircuit *circuit, int32_t steps,
                       DlcaError *error) {
    int64_t fewest = INT64_MAX;
    int32_t best = 0;
    for (int32_t phase = 0; phase < PHASES && fewest > 0; phase++) {
        DlcaHardScore score;
        set_phase(sizes, i, phase);
        DlcaStarts alone = sizes->starts[i];
        alone.with = NULL;
        if (!dlca_judge(bench, &alone, circuit, steps, &score, error)) {
            return false;
        }
        if (score.wrong_cells < fewest) {
            fewest = score.wrong_cells;
            best = phase;
        }
    }
    set_phase(sizes, i, best);
    return true;
}

bool dlca_sizes_settle(DlcaSizes *sizes, DlcaBench *bench, const DlcaCircuit *circuit, int32_t steps,
                       DlcaError *error) {
    bool good = true;
    for (int i = 0; good && i < DLCA_SIZES && sizes->pattern[i]; i++, bench = bench->with) {
        good = settle_one(sizes, i, bench, circuit, steps, error);
    }
    return good;
}

bool dlca_sizes_judge(const DlcaSizes *sizes, const DlcaCircuit *circuit, uint64_t seed, uint32_t epoch, bool *right,
                      DlcaError *error) {
    *right = true;
    for (int i = 0; i < DLCA_SIZES && *right; i++) {
        const DlcaTask *task = &sizes->task[i];
        const DlcaFreshLook look = {
            .blocks = FRESH_BLOCKS, .hold_blocks = FRESH_BLOCKS, .further = task->config.steps, .strict = true};
        DlcaBench bench = {0};
        DlcaVerdict verdict;
        const bool judged = dlca_bench_create_grid(&bench, task, error) &&
                            dlca_judge_fresh(&bench, task, circuit, seed, epoch, look, &verdict, error);
        dlca_bench_free(&bench);
        if (!judged) {
            return false;
        }
        *right = verdict.exact && verdict.hold >= look.further;
    }
    return true;
}
