/* task.c - the tasks that dlca knows by name. */
#include "task.h"

#include "../src/block_words.h"
#include "../src/draws.h"

#include "targets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One row of the table. Layers as they are written down: `repeat` layers of `wide` gates, then the tail, 0 at its end.
 */
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
    void (*draw_target)(const DlcaConfig *config, uint8_t *target); /* NULL: the target depends on the start */
} Preset;

/* Squares of 2x2 cells, the first one 0. */
static void draw_checkerboard(const DlcaConfig *config, uint8_t *target) {
    for (int32_t y = 0; y < config->height; y++) {
        for (int32_t x = 0; x < config->width; x++) {
            target[y * config->width + x] = (uint8_t)((y / 2 + x / 2) % 2);
        }
    }
}

/* Drawings are larger than small grids: these show a part of them. */
static void draw_part(const DlcaConfig *config, const uint8_t *drawing, int32_t side, uint8_t *target) {
    const int32_t margin = (side - config->width) / 2, scored = config->scored_channels;
    for (int32_t y = 0; y < config->height; y++) {
        memcpy(target + y * config->width * scored, drawing + ((y + margin) * side + margin) * scored,
               (size_t)(config->width * scored));
    }
}

static void draw_lizard(const DlcaConfig *config, uint8_t *target) {
    draw_part(config, dlca_target_lizard, 20, target);
}

static void draw_letter(const DlcaConfig *config, uint8_t *target) {
    draw_part(config, dlca_target_letter, 16, target);
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
    {.name = "checkerboard",
     .asynchronous = true,
     .small = true,
     .side = 8,
     .channels = 8,
     .scored_channels = 1,
     .kernels = 8,
     .perceive = {8, 4, 2},
     .repeat = 4,
     .wide = 128,
     .tail = {64, 32, 16, 8},
     .steps = 40,
     .paper_batch = 1,
     .batch = 1,
     .fire_rate = 0.6,
     .epochs = 800,
     .rate = 0.05f,
     .start = DLCA_START_RANDOM,
     .draw_target = draw_checkerboard},
    {.name = "life",
     .side = 3,
     .periodic = true,
     .channels = 1,
     .scored_channels = 1,
     .kernels = 16,
     .perceive = {8, 4, 2, 1},
     .repeat = 17,
     .wide = 128,
     .tail = {64, 32, 16, 8, 4, 2, 1},
     .steps = 1,
     .paper_batch = 20,
     .batch = 20,
     .fire_rate = 1.0,
     .epochs = 3000,
     .rate = 0.05f,
     .start = DLCA_START_ALL},
    {.name = "life",
     .small = true,
     .side = 3,
     .periodic = true,
     .channels = 1,
     .scored_channels = 1,
     .kernels = 8,
     .perceive = {8, 4, 2, 1},
     .repeat = 8,
     .wide = 64,
     .tail = {32, 16, 8, 4, 2, 1},
     .steps = 1,
     .paper_batch = 20,
     .batch = 20,
     .fire_rate = 1.0,
     .epochs = 3000,
     .rate = 0.05f,
     .start = DLCA_START_ALL},
    {.name = "lizard",
     .side = 20,
     .periodic = true,
     .channels = 128,
     .scored_channels = 1,
     .kernels = 4,
     .perceive = {8, 4, 2, 1},
     .repeat = 8,
     .wide = 512,
     .tail = {256, 128},
     .steps = 12,
     .paper_batch = 1,
     .batch = 1,
     .fire_rate = 1.0,
     .epochs = 3500,
     .rate = 0.06f,
     .start = DLCA_START_SEED,
     .draw_target = draw_lizard},
    {.name = "lizard",
     .small = true,
     .side = 12,
     .periodic = true,
     .channels = 32,
     .scored_channels = 1,
     .kernels = 4,
     .perceive = {8, 4, 2, 1},
     .repeat = 4,
     .wide = 128,
     .tail = {64, 32},
     .steps = 8,
     .paper_batch = 1,
     .batch = 1,
     .fire_rate = 1.0,
     .epochs = 2000,
     .rate = 0.06f,
     .start = DLCA_START_SEED,
     .draw_target = draw_lizard},
    {.name = "colors",
     .side = 16,
     .channels = 64,
     .scored_channels = 3,
     .kernels = 4,
     .perceive = {8, 4, 2},
     .repeat = 8,
     .wide = 512,
     .tail = {256, 128, 64},
     .steps = 15,
     .paper_batch = 1,
     .batch = 1,
     .fire_rate = 1.0,
     .epochs = 3000,
     .rate = 0.06f,
     .start = DLCA_START_ZEROS,
     .draw_target = draw_letter},
    {.name = "colors",
     .small = true,
     .side = 8,
     .channels = 32,
     .scored_channels = 3,
     .kernels = 4,
     .perceive = {8, 4, 2},
     .repeat = 4,
     .wide = 128,
     .tail = {64, 32},
     .steps = 8,
     .paper_batch = 1,
     .batch = 1,
     .fire_rate = 1.0,
     .epochs = 2000,
     .rate = 0.06f,
     .start = DLCA_START_ZEROS,
     .draw_target = draw_letter},
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

bool dlca_task_has_asynchronous(const char *name) {
    return find_preset(name, true, false) != NULL;
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
    if (!preset->draw_target) {
        return dlca_config_check(&task->config, error);
    }
    const size_t cells = (size_t)task->config.height * (size_t)task->config.width;
    task->target = malloc(cells * (size_t)task->config.scored_channels);
    if (!task->target) {
        return dlca_fail(error, DLCA_FAILED, "no memory for the target of task %s", name);
    }
    preset->draw_target(&task->config, task->target);
    return dlca_config_check(&task->config, error);
}

static bool same_cells(const DlcaConfig *left, const DlcaConfig *right) {
    return left->height == right->height && left->width == right->width && left->channels == right->channels &&
           left->scored_channels == right->scored_channels;
}

bool dlca_task_find(DlcaTask *task, const DlcaConfig *config, DlcaError *error) {
    for (int small = 0; small <= 1; small++) {
        DlcaError inner = {0};
        if (dlca_task_create(task, config->task, config->asynchronous, small != 0, false, config->seed, &inner) &&
            same_cells(&task->config, config)) {
            return true;
        }
        dlca_task_free(task);
        if (inner.kind == DLCA_FAILED) {
            return dlca_fail(error, DLCA_FAILED, "%s", inner.message);
        }
    }
    return dlca_fail(error, DLCA_BAD_INPUT,
                     "its task %s with %dx%d cells of %d bits is none that this program knows (of a picture's, "
                     "model.safetensors knows the target)",
                     config->task, config->width, config->height, config->channels);
}

bool dlca_task_resize(DlcaTask *task, int32_t height, int32_t width, DlcaError *error) {
    const Preset *preset = find_preset(task->config.task, task->config.asynchronous, false);
    if (!preset || (task->target && preset->draw_target != draw_checkerboard)) {
        return dlca_fail(error, DLCA_BAD_INPUT, "task %s is a drawing of %d x %d cells: it has no other size",
                         task->config.task, task->config.width, task->config.height);
    }
    DlcaConfig config = task->config;
    config.height = height;
    config.width = width;
    if (!dlca_config_check(&config, error)) {
        return false;
    }
    if (task->target) {
        uint8_t *target = malloc((size_t)height * (size_t)width * (size_t)config.scored_channels);
        if (!target) {
            return dlca_fail(error, DLCA_FAILED, "no memory for a target of %d x %d cells", width, height);
        }
        preset->draw_target(&config, target);
        free(task->target);
        task->target = target;
    }
    task->config = config;
    return true;
}

void dlca_task_free(DlcaTask *task) {
    free(task->target);
    task->target = NULL;
}

static int32_t cells_of(const DlcaTask *task) {
    return task->config.height * task->config.width;
}

int64_t dlca_task_starts(const DlcaTask *task) {
    if (task->start == DLCA_START_ALL) {
        return (int64_t)1 << (cells_of(task) * task->config.channels);
    }
    return task->start == DLCA_START_RANDOM ? 0 : 1;
}

bool dlca_task_one_start(const DlcaTask *task) {
    return dlca_task_starts(task) == 1;
}

static void fill_seed(const DlcaTask *task, uint64_t *planes) {
    const size_t area = (size_t)cells_of(task);
    const size_t middle =
        (size_t)(task->config.height / 2) * (size_t)task->config.width + (size_t)(task->config.width / 2);
    for (int32_t c = 0; c < task->config.channels; c++) {
        planes[(size_t)c * area + middle] = UINT64_MAX;
    }
}

/* Bit s of word i is bit i of the number 64 * block + s. */
static void fill_all(uint32_t block, size_t words, uint64_t *planes) {
    for (uint32_t s = 0; s < 64; s++) {
        const uint64_t number = (uint64_t)block * 64 + s;
        for (size_t i = 0; i < words; i++) {
            planes[i] |= (number >> i & 1) << s;
        }
    }
}

void dlca_task_start_words(const DlcaTask *task, uint64_t seed, DlcaPurpose purpose, uint32_t epoch, uint32_t block,
                           uint64_t *planes) {
    const size_t words = (size_t)cells_of(task) * (size_t)task->config.channels;
    memset(planes, 0, words * sizeof *planes);
    /* while training, batches are drawn from all states; a judge goes through them */
    if (task->start == DLCA_START_RANDOM || (task->start == DLCA_START_ALL && purpose == DLCA_RANDOM_START)) {
        DlcaRandom stream = dlca_random_stream(seed, purpose, epoch, block);
        for (size_t i = 0; i < words; i++) {
            planes[i] = dlca_random_u64(&stream);
        }
    } else if (task->start == DLCA_START_ALL) {
        fill_all(block, words, planes);
    } else if (task->start == DLCA_START_SEED) {
        fill_seed(task, planes);
    }
}

bool dlca_task_start(const DlcaTask *task, uint64_t seed, DlcaPurpose purpose, uint32_t epoch, uint32_t index,
                     uint8_t *bits) {
    const size_t area = (size_t)cells_of(task), channels = (size_t)task->config.channels;
    uint64_t *planes = malloc(area * channels * sizeof *planes);
    if (!planes) {
        return false;
    }
    dlca_task_start_words(task, seed, purpose, epoch, index / 64, planes);
    for (size_t i = 0; i < area * channels; i++) {
        bits[i % area * channels + i / area] = (uint8_t)(planes[i] >> (index % 64) & 1);
    }
    free(planes);
    return true;
}

/* One generation of Conway's life for 64 grids: neighbours are counted in three bit planes (4 and 8 alike: both die).
 */
static void next_generation(const DlcaTask *task, const uint64_t *now, uint64_t *next) {
    const int32_t height = task->config.height, width = task->config.width;
    for (int32_t cell = 0; cell < height * width; cell++) {
        uint64_t ones = 0, twos = 0, fours = 0;
        for (int n = 0; n < DLCA_NEIGHBOURS; n++) {
            const int32_t y = (cell / width + n / 3 - 1 + height) % height,
                          x = (cell % width + n % 3 - 1 + width) % width;
            const uint64_t alive = n == DLCA_CENTRE ? 0 : now[y * width + x], carry = ones & alive;
            fours |= twos & carry;
            twos ^= carry;
            ones ^= alive;
        }
        next[cell] = twos & ~fours & (ones | now[cell]);
    }
}

void dlca_task_target_words(const DlcaTask *task, const uint64_t *planes, uint64_t *words) {
    const int32_t area = cells_of(task), scored = task->config.scored_channels;
    if (!task->target) {
        next_generation(task, planes, words);
        return;
    }
    for (int32_t i = 0; i < area * scored; i++) {
        words[i % scored * area + i / scored] = task->target[i] ? UINT64_MAX : 0;
    }
}

void dlca_task_advance_target(const DlcaTask *task, uint64_t *words) {
    uint64_t now[DLCA_TASK_ALL_BITS];
    if (!task->target) {
        memcpy(now, words, (size_t)cells_of(task) * sizeof *now);
        next_generation(task, now, words);
    }
}

void dlca_task_fire_words(const DlcaTask *task, uint64_t seed, DlcaPurpose purpose, uint32_t epoch, uint32_t block,
                          uint32_t step, uint64_t *fire) {
    /* blocks and steps share one word of the counter: 2^12 blocks of 2^20 steps */
    dlca_block_words(dlca_isa_best())
        ->fires(seed, purpose, epoch, block << 20 | step, draw_threshold(task->config.fire_rate),
                (int32_t)cells_of(task), fire);
}
