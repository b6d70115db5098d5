/* simulate_start.c - the first state: what the task starts from, random bits, a cell, a pattern, a saved state. */
#include "../src/file.h"
#include "../train/task.h"
#include "simulate_run.h"

#include <stdlib.h>
#include <string.h>

enum { LARGEST_PATTERN = 1 << 30, MOST_TASK_BITS = 1 << 24 };

/* ---- files ---- */

static bool read_pattern(DlcaSimulateRun *run, DlcaError *error) {
    DlcaSimulateOptions *options = &run->options;
    DlcaPattern *pattern = &run->pattern;
    DlcaBytes bytes = {0};
    const bool read =
        dlca_file_read(options->pattern, LARGEST_PATTERN, &bytes, error) &&
        dlca_pattern_parse(bytes.data, bytes.size, run->rule.config.scored_channels, options->pattern, pattern, error);
    dlca_bytes_free(&bytes);
    if (!read) {
        return false;
    }
    if (options->at.x == DLCA_NOT_GIVEN) {
        options->at = (DlcaPoint){(int32_t)(options->width - pattern->width) / 2,
                                  (int32_t)(options->height - pattern->height) / 2};
    }
    if (pattern->width > options->width || pattern->height > options->height ||
        options->at.x + pattern->width > options->width || options->at.y + pattern->height > options->height) {
        return dlca_fail(error, DLCA_BAD_INPUT,
                         "--pattern: %s has %dx%d cells and does not fit at %d,%d into a grid of %dx%d (--width, "
                         "--height, --at)",
                         options->pattern, pattern->width, pattern->height, options->at.x > 0 ? options->at.x : 0,
                         options->at.y > 0 ? options->at.y : 0, (int)options->width, (int)options->height);
    }
    return true;
}

static bool read_state(DlcaSimulateRun *run, DlcaError *error) {
    DlcaSimulateOptions *options = &run->options;
    const DlcaState *state = &run->state;
    if (!dlca_state_read(&run->state, options->state, error)) {
        return false;
    }
    if (state->channels != run->rule.config.channels) {
        return dlca_fail(error, DLCA_BAD_INPUT, "--state: %s has %d bits per cell; the rule takes %d", options->state,
                         state->channels, run->rule.config.channels);
    }
    if ((options->width && options->width != state->width) || (options->height && options->height != state->height)) {
        return dlca_fail(error, DLCA_BAD_INPUT, "--state: %s has %dx%d cells; leave --width and --height out",
                         options->state, state->width, state->height);
    }
    options->width = state->width;
    options->height = state->height;
    return true;
}

bool dlca_simulate_read_start(DlcaSimulateRun *run, DlcaError *error) {
    if (!dlca_simulate_options_start(&run->options, error) || (run->options.state && !read_state(run, error))) {
        return false;
    }
    return dlca_simulate_options_complete(&run->options, &run->rule.config, error) &&
           (!run->options.pattern || read_pattern(run, error));
}

/* ---- cells ---- */

static void set_cells(DlcaSimulateRun *run, const uint8_t *bits, int32_t x, int32_t y, int32_t width, int32_t height,
                      int32_t channels) {
    for (int32_t row = 0; row < height; row++) {
        for (int32_t channel = 0; channel < channels; channel++) {
            dlca_planes_set(run->planes, channel, x, y + row, width, bits + (int64_t)row * width * channels + channel,
                            channels);
        }
    }
}

/* The task knows what its grids start as. One whose starts are all states of its own small grid, and one of another
 * program, start from random bits. */
static DlcaStart start_of_task(const DlcaSimulateRun *run, DlcaTask *task) {
    const DlcaConfig *trained = &run->rule.config;
    if (run->rule.of_picture) {
        task->start = run->rule.start;
    } else if (!dlca_task_create(task, trained->task, trained->asynchronous, false, false, trained->seed, NULL)) {
        dlca_task_free(task);
        task->start = DLCA_START_RANDOM;
    }
    if (task->start == DLCA_START_ALL) {
        task->start = DLCA_START_RANDOM;
    }
    task->config.height = (int32_t)run->options.height;
    task->config.width = (int32_t)run->options.width;
    task->config.channels = trained->channels;
    return task->start;
}

/* One draw of 32 bits per bit, keyed by channel, row and column. */
static bool set_random(DlcaSimulateRun *run, double density, DlcaError *error) {
    const int32_t width = (int32_t)run->options.width, height = (int32_t)run->options.height;
    const uint64_t threshold = (uint64_t)(density * 4294967296.0 + 0.5);
    uint8_t *row = malloc((size_t)width);
    if (!row) {
        return dlca_fail(error, DLCA_FAILED, "no memory for a row of %d cells", width);
    }
    for (int32_t channel = 0; channel < run->rule.config.channels; channel++) {
        for (int32_t y = 0; y < height; y++) {
            uint32_t draw[4] = {0};
            for (int32_t x = 0; x < width; x++) {
                if (x % 4 == 0) {
                    dlca_random(run->seed, DLCA_RANDOM_SAMPLE, (uint32_t)channel, (uint32_t)y, (uint32_t)x / 4, draw);
                }
                row[x] = draw[x % 4] < threshold;
            }
            dlca_planes_set(run->planes, channel, 0, y, width, row, 1);
        }
    }
    free(row);
    return true;
}

static void set_cell(DlcaSimulateRun *run) {
    const uint8_t one = 1;
    for (int32_t channel = 0; channel < run->rule.config.channels; channel++) {
        dlca_planes_set(run->planes, channel, (int32_t)run->options.width / 2, (int32_t)run->options.height / 2, 1,
                        &one, 1);
    }
}

static bool set_trained(DlcaSimulateRun *run, DlcaError *error) {
    DlcaTask task = {0};
    const DlcaStart start = start_of_task(run, &task);
    const int64_t bits = run->options.width * run->options.height * run->rule.config.channels;
    bool good = true;
    if (start == DLCA_START_SEED) {
        set_cell(run);
    } else if (start == DLCA_START_RANDOM && bits > MOST_TASK_BITS) {
        good = set_random(run, 0.5, error);
    } else if (start == DLCA_START_RANDOM) {
        uint8_t *cells = malloc((size_t)bits);
        good = cells && dlca_task_start(&task, run->seed, DLCA_RANDOM_SIMULATE, 0, 0, cells);
        if (good) {
            set_cells(run, cells, 0, 0, (int32_t)run->options.width, (int32_t)run->options.height,
                      run->rule.config.channels);
        } else {
            dlca_fail(error, DLCA_FAILED, "no memory for a start of %lld bits", (long long)bits);
        }
        free(cells);
    }
    dlca_task_free(&task);
    return good;
}

bool dlca_simulate_set_start(DlcaSimulateRun *run, DlcaError *error) {
    const DlcaSimulateOptions *options = &run->options;
    bool good = true;
    if (options->state) {
        good = dlca_state_load(&run->state, run->planes, error);
        dlca_state_free(&run->state);
        return good;
    }
    switch ((DlcaSimulateStart)options->start) {
    case DLCA_BEGIN_TRAINED:
        good = set_trained(run, error);
        break;
    case DLCA_BEGIN_RANDOM:
        good = set_random(run, options->density >= 0 ? options->density : 0.5, error);
        break;
    case DLCA_BEGIN_CELL:
        set_cell(run);
        break;
    case DLCA_BEGIN_ZEROS:
        break;
    }
    if (good && options->pattern) {
        set_cells(run, run->pattern.bits, options->at.x, options->at.y, run->pattern.width, run->pattern.height,
                  run->pattern.channels);
        dlca_pattern_free(&run->pattern);
    }
    return good;
}
