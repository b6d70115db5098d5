/* report_rollout.c - runs 64 starts and keeps what they did. Leaves alone: drawing. */
#include "report_rollout.h"

#include <stdlib.h>
#include <string.h>

enum { LARGEST_FRAMES = 256 * 1024 }; /* bytes of the steps beyond the trained ones; a third more as base64 */

typedef struct Runner {
    const DlcaTask *task;
    DlcaHardGrid *grid;
    uint64_t *planes; /* [C][cell] */
    uint64_t *target; /* [S][cell] */
    uint64_t *fire;   /* [cell] */
    uint64_t seed;
    int32_t shown; /* the start that is kept frame by frame */
    uint32_t block;
} Runner;

static size_t cells_of(const DlcaTask *task) {
    return (size_t)task->config.height * (size_t)task->config.width;
}

void dlca_rollout_record_free(DlcaRolloutRecord *record) {
    free(record->frames);
    free(record->step);
    *record = (DlcaRolloutRecord){0};
}

static bool allocate(DlcaRolloutRecord *record, const DlcaTask *task, int32_t further, DlcaError *error) {
    record->frame_bytes = (cells_of(task) * (size_t)task->config.scored_channels + 7) / 8;
    const size_t room = LARGEST_FRAMES / record->frame_bytes;
    record->steps = task->config.steps + ((size_t)further < room ? further : (int32_t)room);
    const size_t frames = (size_t)record->steps + 1;
    record->frames = calloc(2 * frames, record->frame_bytes);
    record->step = calloc(3 * frames, sizeof *record->step);
    if (!record->frames || !record->step) {
        return dlca_fail(error, DLCA_FAILED, "no memory for a rollout of %d steps", record->steps);
    }
    record->targets = record->frames + frames * record->frame_bytes;
    record->mean_wrong = record->step + frames;
    record->most_wrong = record->mean_wrong + frames;
    record->starts = dlca_task_one_start(task) && !task->config.asynchronous ? 1 : 64;
    return true;
}

/* words [S][cell] of 64 starts to the bits [cell][S] of one. */
static void pack(const DlcaTask *task, const uint64_t *words, int32_t start, uint8_t *frame) {
    const size_t cells = cells_of(task), scored = (size_t)task->config.scored_channels;
    for (size_t i = 0; i < cells * scored; i++) {
        const uint64_t bit = words[i % scored * cells + i / scored] >> start & 1;
        frame[i / 8] = (uint8_t)(frame[i / 8] | bit << (i % 8));
    }
}

/* Wrong cells of each counted start: their mean and the most. */
static void count_wrong(const Runner *runner, int32_t starts, double *mean, double *most) {
    const size_t cells = cells_of(runner->task);
    int64_t wrong[64] = {0}, sum = 0, worst = 0;
    for (size_t cell = 0; cell < cells; cell++) {
        uint64_t differs = 0;
        for (int32_t s = 0; s < runner->task->config.scored_channels; s++) {
            const size_t at = (size_t)s * cells + cell;
            differs |= runner->planes[at] ^ runner->target[at];
        }
        for (int32_t start = 0; differs && start < starts; start++) {
            wrong[start] += (int64_t)(differs >> start & 1);
        }
    }
    for (int32_t start = 0; start < starts; start++) {
        sum += wrong[start];
        worst = wrong[start] > worst ? wrong[start] : worst;
    }
    *mean = (double)sum / starts;
    *most = (double)worst;
}

static void keep(Runner *runner, DlcaRolloutRecord *record, int32_t step) {
    if (step > runner->task->config.steps) {
        dlca_task_advance_target(runner->task, runner->target);
    }
    dlca_hard_get_state(runner->grid, runner->planes);
    pack(runner->task, runner->planes, runner->shown, record->frames + (size_t)step * record->frame_bytes);
    pack(runner->task, runner->target, runner->shown, record->targets + (size_t)step * record->frame_bytes);
    record->step[step] = step;
    count_wrong(runner, record->starts, &record->mean_wrong[step], &record->most_wrong[step]);
}

static void roll(Runner *runner, DlcaRolloutRecord *record) {
    const DlcaTask *task = runner->task;
    dlca_task_start_words(task, runner->seed, DLCA_RANDOM_SIMULATE, 0, runner->block, runner->planes);
    dlca_task_target_words(task, runner->planes, runner->target);
    dlca_hard_set_state(runner->grid, runner->planes);
    keep(runner, record, 0);
    for (int32_t step = 1; step <= record->steps; step++) {
        if (task->config.asynchronous) {
            dlca_task_fire_words(task, runner->seed, DLCA_RANDOM_SIMULATE, 0, runner->block, (uint32_t)step - 1,
                                 runner->fire);
        }
        dlca_hard_step(runner->grid, task->config.asynchronous ? runner->fire : NULL);
        keep(runner, record, step);
    }
}

/* Of a task with few starts a block that does not begin with the empty grid; of the others the first. */
static void choose_start(Runner *runner) {
    const int64_t starts = dlca_task_starts(runner->task);
    const int64_t number = starts > 1 ? (int64_t)(1 + runner->seed * 2654435761U % (uint64_t)(starts - 1)) : 0;
    runner->block = (uint32_t)(number / 64);
    runner->shown = (int32_t)(number % 64);
}

bool dlca_rollout_record(DlcaRolloutRecord *record, const DlcaTask *task, const DlcaCircuit *rule, uint64_t seed,
                         int32_t further, DlcaError *error) {
    const DlcaConfig *config = &task->config;
    Runner runner = {.task = task, .seed = seed};
    const size_t words = cells_of(task) * ((size_t)config->channels + (size_t)config->scored_channels + 1);
    *record = (DlcaRolloutRecord){0};
    runner.planes = malloc(words * sizeof *runner.planes);
    runner.grid = dlca_hard_create(config->height, config->width, config->channels, config->periodic, error);
    bool good = runner.grid && dlca_hard_set_rule(runner.grid, rule, error) &&
                (runner.planes || dlca_fail(error, DLCA_FAILED, "no memory for a rollout")) &&
                allocate(record, task, further, error);
    if (good) {
        runner.target = runner.planes + cells_of(task) * (size_t)config->channels;
        runner.fire = runner.target + cells_of(task) * (size_t)config->scored_channels;
        choose_start(&runner);
        roll(&runner, record);
    } else {
        dlca_rollout_record_free(record);
    }
    dlca_hard_free(runner.grid);
    free(runner.planes);
    return good;
}
