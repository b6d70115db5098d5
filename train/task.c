/* task.c - the tasks that dlca knows by name. */
#include "task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One row of the table. Layers as they are written down: `repeat` layers of `wide` gates, then the tail, 0 at its end. */
typedef struct Preset {
    const char *name;
    bool asynchronous, small;
    int32_t side; /* cells, both ways */
    bool periodic;
    int32_t channels, scored_channels, kernels;
    int32_t perceive[8];
    int32_t repeat, wide, tail[8];
    int32_t steps, paper_batch, batch;
    double fire_rate;
    int64_t epochs;
    float rate;
    DlcaStart start;
    void (*draw_target)(const DlcaConfig *config, uint8_t *target);
} Preset;

/* Squares of 2x2 cells, the first one 0. */
static void draw_checkerboard(const DlcaConfig *config, uint8_t *target) {
    for (int32_t y = 0; y < config->height; y++) {
        for (int32_t x = 0; x < config->width; x++) {
            target[y * config->width + x] = (uint8_t)((y / 2 + x / 2) % 2);
        }
    }
}

static const Preset presets[] = {
    {.name = "checkerboard",
     .side = 16,
     .channels = 8,
     .scored_channels = 1,
     .kernels = 16,
     .perceive = {8, 4, 2},
     .repeat = 10,
     .wide = 256,
     .tail = {128, 64, 32, 16, 8, 8},
     .steps = 20,
     .paper_batch = 2,
     .batch = 1,
     .fire_rate = 1.0,
     .epochs = 1000,
     .rate = 0.05f,
     .start = DLCA_START_RANDOM,
     .draw_target = draw_checkerboard},
    {.name = "checkerboard",
     .asynchronous = true,
     .side = 14,
     .channels = 8,
     .scored_channels = 1,
     .kernels = 16,
     .perceive = {8, 4, 2},
     .repeat = 14,
     .wide = 256,
     .tail = {128, 64, 32, 16, 8, 8},
     .steps = 50,
     .paper_batch = 1,
     .batch = 1,
     .fire_rate = 0.6,
     .epochs = 800,
     .rate = 0.05f,
     .start = DLCA_START_RANDOM,
     .draw_target = draw_checkerboard},
    {.name = "checkerboard",
     .small = true,
     .side = 8,
     .channels = 8,
     .scored_channels = 1,
     .kernels = 8,
     .perceive = {8, 4, 2},
     .repeat = 4,
     .wide = 128,
     .tail = {64, 32, 16, 8},
     .steps = 10,
     .paper_batch = 2,
     .batch = 1,
     .fire_rate = 1.0,
     .epochs = 1000,
     .rate = 0.05f,
     .start = DLCA_START_RANDOM,
     .draw_target = draw_checkerboard},
};

enum { PRESETS = sizeof presets / sizeof *presets };

static const Preset *find_preset(const char *name, bool asynchronous, bool small) {
    for (int i = 0; i < PRESETS; i++) {
        if (strcmp(presets[i].name, name) == 0 && presets[i].asynchronous == asynchronous &&
            presets[i].small == small) {
            return &presets[i];
        }
    }
    return NULL;
}

static bool fail_unknown(const char *name, bool asynchronous, bool small, DlcaError *error) {
    if (find_preset(name, false, false)) {
        return dlca_fail(error, DLCA_BAD_INPUT, "task %s has no %s%s%s variant", name, small ? "small" : "",
                         small && asynchronous ? " " : "", asynchronous ? "asynchronous" : "");
    }
    char names[256] = "";
    for (int i = 0; i < PRESETS; i++) {
        if (!presets[i].asynchronous && !presets[i].small) {
            const size_t used = strlen(names);
            snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "", presets[i].name);
        }
    }
    return dlca_fail(error, DLCA_BAD_INPUT, "there is no task %s; the tasks are: %s", name, names);
}

static void fill_config(DlcaConfig *config, const Preset *preset, bool paper, uint64_t seed) {
    *config = (DlcaConfig){.height = preset->side,
                           .width = preset->side,
                           .channels = preset->channels,
                           .scored_channels = preset->scored_channels,
                           .kernels = preset->kernels,
                           .steps = preset->steps,
                           .batch = paper ? preset->paper_batch : preset->batch,
                           .periodic = preset->periodic,
                           .asynchronous = preset->asynchronous,
                           .fire_rate = preset->fire_rate,
                           .wiring = DLCA_WIRING_UNIQUE,
                           .seed = seed};
    snprintf(config->task, sizeof config->task, "%s", preset->name);
    while (preset->perceive[config->perceive_layers] > 0) {
        config->perceive[config->perceive_layers] = preset->perceive[config->perceive_layers];
        config->perceive_layers++;
    }
    for (int32_t l = 0; l < preset->repeat; l++) {
        config->update[config->update_layers++] = preset->wide;
    }
    for (int32_t l = 0; preset->tail[l] > 0; l++) {
        config->update[config->update_layers++] = preset->tail[l];
    }
}

bool dlca_task_create(DlcaTask *task, const char *name, bool asynchronous, bool small, bool paper, uint64_t seed,
                      DlcaError *error) {
    *task = (DlcaTask){0};
    const Preset *preset = find_preset(name, asynchronous, small);
    if (!preset) {
        return fail_unknown(name, asynchronous, small, error);
    }
    fill_config(&task->config, preset, paper, seed);
    task->start = preset->start;
    task->epochs = preset->epochs;
    task->rate = preset->rate;
    const size_t cells = (size_t)task->config.height * (size_t)task->config.width;
    task->target = malloc(cells * (size_t)task->config.scored_channels);
    if (!task->target) {
        return dlca_fail(error, DLCA_FAILED, "no memory for the target of task %s", name);
    }
    preset->draw_target(&task->config, task->target);
    return dlca_config_check(&task->config, error);
}

void dlca_task_free(DlcaTask *task) {
    free(task->target);
    task->target = NULL;
}

bool dlca_task_one_start(const DlcaTask *task) {
    return task->start != DLCA_START_RANDOM;
}

static int32_t cells_of(const DlcaTask *task) {
    return task->config.height * task->config.width;
}

void dlca_task_start_words(const DlcaTask *task, uint64_t seed, DlcaPurpose purpose, uint32_t epoch, uint32_t block,
                           uint64_t *planes) {
    const size_t area = (size_t)cells_of(task), words = area * (size_t)task->config.channels;
    if (task->start == DLCA_START_RANDOM) {
        DlcaRandom stream = dlca_random_stream(seed, purpose, epoch, block);
        for (size_t i = 0; i < words; i++) {
            planes[i] = dlca_random_u64(&stream);
        }
        return;
    }
    memset(planes, 0, words * sizeof *planes);
    if (task->start == DLCA_START_SEED) {
        const size_t middle = (size_t)(task->config.height / 2) * (size_t)task->config.width +
                              (size_t)(task->config.width / 2);
        for (int32_t c = 0; c < task->config.channels; c++) {
            planes[(size_t)c * area + middle] = UINT64_MAX;
        }
    }
}

void dlca_task_start(const DlcaTask *task, uint64_t seed, DlcaPurpose purpose, uint32_t epoch, uint32_t index,
                     uint8_t *bits) {
    const size_t area = (size_t)cells_of(task), channels = (size_t)task->config.channels;
    if (task->start == DLCA_START_RANDOM) {
        DlcaRandom stream = dlca_random_stream(seed, purpose, epoch, index / 64);
        for (size_t i = 0; i < area * channels; i++) {
            bits[i % area * channels + i / area] = (uint8_t)(dlca_random_u64(&stream) >> (index % 64) & 1);
        }
        return;
    }
    memset(bits, 0, area * channels);
    if (task->start == DLCA_START_SEED) {
        const size_t middle = (size_t)(task->config.height / 2) * (size_t)task->config.width +
                              (size_t)(task->config.width / 2);
        memset(bits + middle * channels, 1, channels);
    }
}

void dlca_task_target_words(const DlcaTask *task, uint64_t *words) {
    const int32_t area = cells_of(task), scored = task->config.scored_channels;
    for (int32_t i = 0; i < area * scored; i++) {
        words[i % scored * area + i / scored] = task->target[i] ? UINT64_MAX : 0;
    }
}

/* Each bit is 1 with probability rate: a bit's random binary digits are compared with those of the rate, highest first,
 * for 64 bits at once, until all are decided (seven or eight digits in the mean, 32 at most). */
static uint64_t draw_fire_word(DlcaRandom *stream, uint32_t threshold) {
    uint64_t fires = 0, undecided = UINT64_MAX;
    for (uint32_t digit = 0x80000000u; digit && undecided; digit >>= 1) {
        const uint64_t drawn = dlca_random_u64(stream);
        if (threshold & digit) {
            fires |= undecided & ~drawn;
            undecided &= drawn;
        } else {
            undecided &= ~drawn;
        }
    }
    return fires;
}

void dlca_task_fire_words(const DlcaTask *task, uint64_t seed, DlcaPurpose purpose, uint32_t epoch, uint32_t block,
                          uint32_t step, uint64_t *fire) {
    const double scaled = task->config.fire_rate * 4294967296.0 + 0.5;
    const uint32_t threshold = scaled >= 4294967295.0 ? UINT32_MAX : (uint32_t)scaled;
    /* blocks and steps share one word of the counter: 2^12 blocks of 2^20 steps */
    DlcaRandom stream = dlca_random_stream(seed, purpose, epoch, block << 20 | step);
    for (int32_t cell = 0; cell < cells_of(task); cell++) {
        fire[cell] = draw_fire_word(&stream, threshold);
    }
}
