/* batch.c - draws what one epoch trains on. */
#include "batch.h"

#include <stdlib.h>

static size_t cells_of(const DlcaTask *task) {
    return (size_t)task->config.height * (size_t)task->config.width;
}

int32_t dlca_batch_most_steps(const DlcaRecipe *recipe) {
    return recipe->steps_max + recipe->hold;
}

void dlca_batch_source_free(DlcaBatchSource *source) {
    free(source->input);
    free(source->target);
    free(source->planes);
    free(source->targets);
    free(source->fire);
    free(source->weight);
    *source = (DlcaBatchSource){0};
}

/* Bit `grid` of words [channels][cell] as floats [cell][channels]. */
static void spread(const uint64_t *words, size_t cells, size_t channels, int32_t grid, float *to) {
    for (size_t cell = 0; cell < cells; cell++) {
        for (size_t c = 0; c < channels; c++) {
            *to++ = (float)(words[c * cells + cell] >> grid & 1);
        }
    }
}

/* Of the starts in source->planes, or of any where the target is a picture. */
static void set_target(DlcaBatchSource *source, int32_t grid) {
    const size_t cells = cells_of(source->task), scored = (size_t)source->task->config.scored_channels;
    if (grid % 64 == 0) {
        dlca_task_target_words(source->task, source->planes, source->targets);
    }
    spread(source->targets, cells, scored, grid % 64, source->target + (size_t)grid * cells * scored);
}

bool dlca_batch_source_create(DlcaBatchSource *source, const DlcaTask *task, const DlcaRecipe *recipe, uint64_t seed,
                              DlcaError *error) {
    const DlcaConfig *config = &task->config;
    const size_t cells = cells_of(task), channels = (size_t)config->channels, batch = (size_t)config->batch;
    const size_t scored = cells * (size_t)config->scored_channels;
    *source =
        (DlcaBatchSource){.task = task, .recipe = recipe, .seed = seed, .most_steps = dlca_batch_most_steps(recipe)};
    const size_t steps = (size_t)source->most_steps;
    source->input = malloc(batch * cells * channels * sizeof *source->input);
    source->target = malloc(batch * scored * sizeof *source->target);
    source->planes = malloc(cells * channels * sizeof *source->planes);
    source->targets = malloc(scored * sizeof *source->targets);
    source->fire = config->asynchronous ? malloc(steps * cells) : NULL;
    source->weight = malloc(steps * sizeof *source->weight);
    if (!source->input || !source->target || !source->planes || !source->targets || !source->weight ||
        (config->asynchronous && !source->fire)) {
        dlca_batch_source_free(source);
        return dlca_fail(error, DLCA_FAILED, "no memory for a batch of %d grids", config->batch);
    }
    for (int32_t grid = 0; task->target && grid < config->batch; grid++) {
        set_target(source, grid);
    }
    return true;
}

/* ---- starts and targets ---- */

static void draw_grids(DlcaBatchSource *source, uint32_t epoch) {
    const DlcaTask *task = source->task;
    const size_t cells = cells_of(task), channels = (size_t)task->config.channels;
    for (int32_t grid = 0; !source->holds_the_start && grid < task->config.batch; grid++) {
        if (grid % 64 == 0) {
            dlca_task_start_words(task, source->seed, DLCA_RANDOM_START, epoch, (uint32_t)grid / 64, source->planes);
        }
        spread(source->planes, cells, channels, grid % 64, source->input + (size_t)grid * cells * channels);
        if (!task->target) {
            set_target(source, grid);
        }
    }
    source->holds_the_start = dlca_task_one_start(task);
}

/* Masks of `steps` steps, numbered from `first` on in their draws. */
static void draw_fire(DlcaBatchSource *source, uint32_t epoch, int32_t first, int32_t steps) {
    const size_t cells = cells_of(source->task);
    for (int32_t step = 0; source->fire && step < steps; step++) {
        dlca_fire_mask(source->seed, DLCA_RANDOM_FIRE, epoch, (uint32_t)(first + step), source->task->config.fire_rate,
                       (int32_t)cells, source->fire + (size_t)step * cells);
    }
}

/* ---- steps ---- */

static int32_t draw_steps(const DlcaBatchSource *source, uint32_t epoch) {
    const DlcaRecipe *recipe = source->recipe;
    DlcaRandom stream = dlca_random_stream(source->seed, DLCA_RANDOM_STEPS, epoch, 0);
    return recipe->steps_min +
           (int32_t)dlca_random_below(&stream, (uint32_t)(recipe->steps_max - recipe->steps_min + 1));
}

/* 1 after the trained step and hold_weight for all further ones together, divided by their sum: the loss stays one of a
 * single step in size, and comparable with the hard one. */
static void weigh_steps(DlcaBatchSource *source, int32_t trained) {
    const int32_t hold = source->recipe->hold;
    const float sum = 1.0f + (hold > 0 ? source->recipe->hold_weight : 0.0f);
    for (int32_t step = 0; step < trained + hold; step++) {
        source->weight[step] = step + 1 < trained    ? 0.0f
                               : step + 1 == trained ? 1.0f / sum
                                                     : source->recipe->hold_weight / (sum * (float)hold);
    }
}

/* All but what is drawn for each cell. */
static DlcaBatch outline(DlcaBatchSource *source, uint32_t epoch) {
    const int32_t trained = draw_steps(source, epoch);
    weigh_steps(source, trained);
    return (DlcaBatch){.input = source->input,
                       .target = source->target,
                       .target_per_grid = true,
                       .steps = trained + source->recipe->hold,
                       .fire = source->fire,
                       .step_weight = source->weight,
                       .fixed_input = dlca_task_one_start(source->task),
                       .epoch = epoch};
}

DlcaBatch dlca_batch_draw(DlcaBatchSource *source, uint32_t epoch) {
    const DlcaBatch batch = outline(source, epoch);
    draw_grids(source, epoch);
    draw_fire(source, epoch, 0, batch.steps);
    return batch;
}

DlcaBatch dlca_batch_for_device(DlcaBatchSource *source, uint32_t epoch) {
    const DlcaTask *task = source->task;
    if (dlca_batch_damage_after(source, epoch) > 0) {
        return dlca_batch_draw(source, epoch);
    }
    DlcaBatch batch = outline(source, epoch);
    batch.draws = (DlcaBatchDraws){.starts = !dlca_task_one_start(task),
                                   .next_generation = !task->target,
                                   .fire_rate = source->fire ? task->config.fire_rate : 0.0,
                                   .seed = source->seed};
    batch.fire = NULL;
    if (batch.draws.starts) {
        batch.input = NULL;
    } else {
        draw_grids(source, epoch);
    }
    return batch;
}

/* ---- damage ---- */

static DlcaRandom damage_stream(const DlcaBatchSource *source, uint32_t epoch, uint32_t part) {
    return dlca_random_stream(source->seed, DLCA_RANDOM_TRAIN_DAMAGE, epoch, part);
}

int32_t dlca_batch_damage_after(const DlcaBatchSource *source, uint32_t epoch) {
    DlcaRandom stream = damage_stream(source, epoch, 0);
    if (source->recipe->damage <= 0.0f || dlca_random_unit(&stream) >= (double)source->recipe->damage) {
        return 0;
    }
    return 1 + (int32_t)dlca_random_below(&stream, (uint32_t)source->recipe->steps_max);
}

DlcaBatch dlca_batch_grow(DlcaBatchSource *source, const DlcaBatch *batch, int32_t steps) {
    DlcaBatch growing = *batch;
    draw_fire(source, batch->epoch, source->most_steps, steps);
    growing.steps = steps;
    growing.step_weight = NULL;
    return growing;
}

static void damage_grid(const DlcaConfig *config, DlcaRandom *stream, float *grid) {
    const int32_t height = (config->height + 1) / 2, width = (config->width + 1) / 2;
    const int32_t top = (int32_t)dlca_random_below(stream, (uint32_t)(config->height - height + 1));
    const int32_t left = (int32_t)dlca_random_below(stream, (uint32_t)(config->width - width + 1));
    for (int32_t y = top; y < top + height; y++) {
        float *row = grid + (size_t)(y * config->width + left) * (size_t)config->channels;
        for (int32_t i = 0; i < width * config->channels; i++) {
            row[i] = (float)(dlca_random_u32(stream) >> 31);
        }
    }
}

void dlca_batch_damage(DlcaBatchSource *source, DlcaBatch *batch) {
    const DlcaConfig *config = &source->task->config;
    const size_t values = cells_of(source->task) * (size_t)config->channels;
    DlcaRandom stream = damage_stream(source, batch->epoch, 1);
    for (int32_t grid = 0; grid < config->batch; grid++) {
        damage_grid(config, &stream, source->input + (size_t)grid * values);
    }
    draw_fire(source, batch->epoch, 0, batch->steps);
    source->holds_the_start = false;
    batch->input = source->input;
    batch->fixed_input = false;
}
