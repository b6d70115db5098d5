/* judge.c - runs hard circuits on many starts and compares. */
#include "judge.h"

#include <stdlib.h>
#include <xxhash.h>

static size_t cells_of(const DlcaTask *task) {
    return (size_t)task->config.height * (size_t)task->config.width;
}

int32_t dlca_starts_blocks(const DlcaTask *task, int32_t wanted) {
    if (dlca_task_one_start(task)) {
        return task->config.asynchronous ? (wanted + 63) / 64 : 1;
    }
    const int64_t all = dlca_task_starts(task);
    return (int32_t)((all > 0 && all < wanted ? all : wanted) + 63) / 64;
}

int64_t dlca_starts_count(const DlcaStarts *starts) {
    return starts->counted == UINT64_MAX ? 64 * (int64_t)starts->blocks : starts->blocks;
}

/* The starts of a task follow from these; its name and size stay the same where scores are compared. */
static uint64_t identity_of(uint64_t seed, DlcaPurpose starts, DlcaPurpose fire, uint32_t epoch, DlcaBlocks which) {
    const uint64_t drawn_from[] = {seed, starts, fire, epoch, (uint64_t)which.first, (uint64_t)which.count};
    return XXH3_64bits(drawn_from, sizeof drawn_from);
}

bool dlca_starts_create(DlcaStarts *starts, const DlcaTask *task, uint64_t seed, DlcaPurpose starts_purpose,
                        DlcaPurpose fire_purpose, uint32_t epoch, DlcaBlocks which, int32_t steps, DlcaError *error) {
    const int32_t blocks = which.count;
    const size_t cells = cells_of(task), plane = cells * (size_t)task->config.channels;
    const size_t scored = cells * (size_t)task->config.scored_channels;
    const bool fires = task->config.asynchronous;
    *starts = (DlcaStarts){.task = task, .blocks = blocks, .steps = steps};
    starts->identity = identity_of(seed, starts_purpose, fire_purpose, epoch, which);
    starts->counted = dlca_task_one_start(task) && !fires ? 1 : UINT64_MAX;
    starts->planes = malloc((size_t)blocks * plane * sizeof *starts->planes);
    starts->target = malloc((size_t)blocks * scored * sizeof *starts->target);
    starts->fire = fires ? malloc(((size_t)blocks * (size_t)steps * cells + 1) * sizeof *starts->fire) : NULL;
    if (!starts->planes || !starts->target || (fires && !starts->fire)) {
        dlca_starts_free(starts);
        return dlca_fail(error, DLCA_FAILED, "no memory for %d starts", 64 * blocks);
    }
    for (int32_t block = 0; block < blocks; block++) {
        uint64_t *planes = starts->planes + (size_t)block * plane;
        const uint32_t number = (uint32_t)(which.first + block);
        dlca_task_start_words(task, seed, starts_purpose, epoch, number, planes);
        dlca_task_target_words(task, planes, starts->target + (size_t)block * scored);
        for (int32_t step = 0; fires && step < steps; step++) {
            dlca_task_fire_words(task, seed, fire_purpose, epoch, number, (uint32_t)step,
                                 starts->fire + ((size_t)block * (size_t)steps + (size_t)step) * cells);
        }
    }
    return true;
}

void dlca_starts_free(DlcaStarts *starts) {
    free(starts->planes);
    free(starts->fire);
    free(starts->target);
    *starts = (DlcaStarts){0};
}

static bool create_grid(DlcaBench *bench, const DlcaConfig *config, DlcaError *error) {
    *bench = (DlcaBench){0};
    bench->grid = dlca_hard_create(config->height, config->width, config->channels, config->periodic, error);
    bench->fire = malloc((size_t)config->height * (size_t)config->width * sizeof *bench->fire);
    if (bench->grid && bench->fire) {
        return true;
    }
    const bool no_memory = bench->grid != NULL;
    dlca_bench_free(bench);
    return no_memory ? dlca_fail(error, DLCA_FAILED, "no memory to judge a circuit") : false;
}

bool dlca_bench_create(DlcaBench *bench, const DlcaModel *model, DlcaError *error) {
    if (!create_grid(bench, &model->config, error)) {
        return false;
    }
    bench->hardener = dlca_hardener_create(model, error);
    if (!bench->hardener) {
        dlca_bench_free(bench);
    }
    return bench->hardener != NULL;
}

bool dlca_bench_create_grid(DlcaBench *bench, const DlcaTask *task, DlcaError *error) {
    return create_grid(bench, &task->config, error);
}

bool dlca_bench_widen(DlcaBench *bench, const DlcaStarts *others, DlcaError *error) {
    for (; others; others = others->with, bench = bench->with) {
        DlcaBench *with = malloc(sizeof *with);
        if (!with) {
            return dlca_fail(error, DLCA_FAILED, "no memory to judge a circuit");
        }
        if (!create_grid(with, &others->task->config, error)) {
            free(with);
            return false;
        }
        bench->with = with;
    }
    return true;
}

void dlca_bench_free(DlcaBench *bench) {
    if (bench->with) {
        dlca_bench_free(bench->with);
        free(bench->with);
    }
    dlca_hard_free(bench->grid);
    dlca_hardener_free(bench->hardener);
    free(bench->fire);
    *bench = (DlcaBench){0};
}

static void add_score(DlcaHardScore *total, DlcaHardScore score) {
    total->wrong_starts |= score.wrong_starts;
    total->wrong_bits += score.wrong_bits;
    total->wrong_cells += score.wrong_cells;
}

/* Adds to *score. */
static bool judge_one(DlcaBench *bench, const DlcaStarts *starts, const DlcaCircuit *circuit, int32_t steps,
                      int64_t most, DlcaHardScore *score, DlcaError *error) {
    const DlcaConfig *config = &starts->task->config;
    const size_t cells = cells_of(starts->task), plane = cells * (size_t)config->channels;
    if (!dlca_hard_set_rule(bench->grid, circuit, error)) {
        return false;
    }
    for (int32_t block = 0; block < starts->blocks && score->wrong_cells <= most; block++) {
        dlca_hard_set_state(bench->grid, starts->planes + (size_t)block * plane);
        for (int32_t step = 0; step < steps; step++) {
            const size_t at = ((size_t)block * (size_t)starts->steps + (size_t)step) * cells;
            dlca_hard_step(bench->grid, starts->fire ? starts->fire + at : NULL);
        }
        const uint64_t *target = starts->target + (size_t)block * cells * (size_t)config->scored_channels;
        add_score(score, dlca_hard_compare(bench->grid, target, config->scored_channels, starts->counted));
    }
    return true;
}

bool dlca_judge_until(DlcaBench *bench, const DlcaStarts *starts, const DlcaCircuit *circuit, int32_t steps,
                      int64_t most, DlcaHardScore *score, DlcaError *error) {
    *score = (DlcaHardScore){0};
    bool good = true;
    for (; good && starts && score->wrong_cells <= most; starts = starts->with, bench = bench->with) {
        good = judge_one(bench, starts, circuit, steps + starts->further, most, score, error);
    }
    return good;
}

bool dlca_judge(DlcaBench *bench, const DlcaStarts *starts, const DlcaCircuit *circuit, int32_t steps,
                DlcaHardScore *score, DlcaError *error) {
    return dlca_judge_until(bench, starts, circuit, steps, INT64_MAX, score, error);
}

int32_t dlca_late_steps(const DlcaTask *task) {
    return (task->config.steps + 4) / 8;
}

double dlca_verdict_late(const DlcaVerdict *verdict) {
    const double once = (double)verdict->late_once;
    return verdict->late_twice == 0 ? 0.0 : once * once / (double)verdict->late_twice / (double)verdict->starts;
}

/* Notes the score after a step of those that a verdict looks at. */
static void note_step(DlcaVerdict *verdict, const DlcaTask *task, int32_t steps, DlcaHardScore score) {
    const int32_t before = task->config.steps - steps, late = dlca_late_steps(task);
    const int64_t wrong = __builtin_popcountll(score.wrong_starts);
    verdict->late_twice += before == 2 * late ? wrong : 0;
    verdict->late_once += before == late ? wrong : 0;
    if (before == 0) {
        add_score(&verdict->score, score);
    }
}

/* One block of fresh starts; returns the steps for which it stays right. */
static int64_t judge_block(DlcaBench *bench, DlcaStarts *starts, uint64_t seed, uint32_t epoch, uint32_t block,
                           int32_t further, DlcaVerdict *verdict) {
    const DlcaTask *task = starts->task;
    const bool fires = task->config.asynchronous;
    const int32_t trained = task->config.steps, late = dlca_late_steps(task);
    dlca_hard_set_state(bench->grid, starts->planes);
    for (int32_t steps = 1; steps <= trained + further; steps++) {
        if (fires) {
            dlca_task_fire_words(task, seed, DLCA_RANDOM_FRESH_FIRE, epoch, block, (uint32_t)steps - 1, bench->fire);
        }
        dlca_hard_step(bench->grid, fires ? bench->fire : NULL);
        if (steps < trained && !(fires && (steps == trained - late || steps == trained - 2 * late))) {
            continue;
        }
        const DlcaHardScore score =
            dlca_hard_compare(bench->grid, starts->target, task->config.scored_channels, starts->counted);
        note_step(verdict, task, steps, score);
        if (steps < trained) {
            continue;
        }
        if (score.wrong_starts) {
            return steps - 1 - trained; /* -1 when wrong at the trained step itself */
        }
        dlca_task_advance_target(task, starts->target);
    }
    return further;
}

bool dlca_judge_fresh(DlcaBench *bench, const DlcaTask *task, const DlcaCircuit *circuit, uint64_t seed, uint32_t epoch,
                      DlcaFreshLook look, DlcaVerdict *verdict, DlcaError *error) {
    *verdict = (DlcaVerdict){.exact = true, .hold = look.further};
    DlcaStarts starts;
    if (!dlca_hard_set_rule(bench->grid, circuit, error) ||
        !dlca_starts_create(&starts, task, seed, DLCA_RANDOM_FRESH_START, DLCA_RANDOM_FRESH_FIRE, epoch,
                            (DlcaBlocks){.count = 1}, 0, error)) {
        return false;
    }
    for (int32_t block = 0; block < look.blocks; block++) {
        const int32_t further = block < look.hold_blocks ? look.further : 0;
        dlca_task_start_words(task, seed, DLCA_RANDOM_FRESH_START, epoch, (uint32_t)block, starts.planes);
        dlca_task_target_words(task, starts.planes, starts.target);
        const int64_t held = judge_block(bench, &starts, seed, epoch, (uint32_t)block, further, verdict);
        verdict->starts += dlca_starts_count(&starts);
        verdict->exact = verdict->exact && held >= 0;
        verdict->hold = held < further && held < verdict->hold ? held : verdict->hold;
        if (look.strict && held < further) {
            verdict->refuted_by = block;
            break;
        }
    }
    verdict->hold = verdict->hold < 0 ? 0 : verdict->hold;
    dlca_starts_free(&starts);
    return true;
}
