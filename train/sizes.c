/* sizes.c - grids larger than the trained one by one to three cells a side. */
#include "sizes.h"

#include <string.h>

enum { FRESH_BLOCKS = 64 };

/* Cells more, down and across: each number of cells modulo 4 that the trained grid does not have, on both sides. */
static const int32_t more[DLCA_SIZES][2] = {{1, 3}, {3, 2}, {2, 1}};

bool dlca_sizes_apply(const DlcaTask *task, DlcaError *error) {
    if (task->start != DLCA_START_RANDOM || !task->target || task->config.asynchronous) {
        return dlca_fail(error, DLCA_BAD_INPUT,
                         "--any-size 1 is for patterns that go on on any grid and cells that all fire: '%s' has %s",
                         task->config.task,
                         task->config.asynchronous ? "cells that fire at random" : "no other size, or no pattern");
    }
    return true;
}

size_t dlca_sizes_bytes(const DlcaTask *task, int32_t blocks, size_t grids) {
    const DlcaConfig *config = &task->config;
    const size_t starts = (size_t)blocks * (size_t)(config->channels + config->scored_channels);
    size_t words = 0;
    for (int i = 0; i < DLCA_SIZES; i++) {
        const size_t cells = (size_t)(config->height + more[i][0]) * (size_t)(config->width + more[i][1]);
        words += cells * (starts + grids * (size_t)(2 * config->channels + 2));
    }
    return words * sizeof(uint64_t);
}

static bool create_task(DlcaTask *size, const DlcaTask *task, int32_t down, int32_t across, DlcaError *error) {
    const int32_t larger = down > across ? down : across;
    if (!dlca_task_find(size, &task->config, error) ||
        !dlca_task_resize(size, task->config.height + down, task->config.width + across, error)) {
        return false;
    }
    size->config.steps = task->config.steps + 2 * larger;
    return true;
}

bool dlca_sizes_create(DlcaSizes *sizes, const DlcaTask *task, uint64_t seed, int32_t blocks, DlcaError *error) {
    *sizes = (DlcaSizes){0};
    bool good = dlca_sizes_apply(task, error);
    for (int i = 0; good && i < DLCA_SIZES; i++) {
        good = create_task(&sizes->task[i], task, more[i][0], more[i][1], error);
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
    }
    *sizes = (DlcaSizes){0};
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
