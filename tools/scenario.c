/* scenario.c - runs a rule under changed conditions, 64 starts at a time. */
#include "scenario.h"

#include <stdlib.h>
#include <string.h>

typedef struct Trial {
    const Scenario *scenario;
    DlcaTask task; /* resized copy */
    DlcaHardGrid *grid;
    size_t cells, bits; /* of one grid; bits = cells * C */
    uint64_t *planes, *held, *expected, *stuck, *fire;
    uint64_t *wrong; /* [cell] */
    DlcaRandom random;
    int64_t settled; /* of this block; -1 while wrong */
    uint64_t right;  /* starts that are right now */
    int64_t wrong_now;
} Trial;

static void trial_free(Trial *trial) {
    dlca_task_free(&trial->task);
    dlca_hard_free(trial->grid);
    free(trial->planes);
    free(trial->held);
    free(trial->expected);
    free(trial->stuck);
    free(trial->fire);
    free(trial->wrong);
}

static bool copy_task(DlcaTask *to, const DlcaTask *from, DlcaError *error) {
    *to = *from;
    if (from->target) {
        const size_t bits =
            (size_t)from->config.height * (size_t)from->config.width * (size_t)from->config.scored_channels;
        to->target = malloc(bits);
        if (!to->target) {
            return dlca_fail(error, DLCA_FAILED, "no memory for a target");
        }
        memcpy(to->target, from->target, bits);
    }
    return true;
}

static bool trial_create(Trial *trial, const Scenario *scenario, const DlcaTask *task, const DlcaCircuit *rule,
                         uint64_t seed, DlcaError *error) {
    *trial = (Trial){.scenario = scenario, .random = dlca_random_stream(seed, DLCA_RANDOM_DAMAGE, 0, 0)};
    if (!copy_task(&trial->task, task, error) ||
        (scenario->height > 0 && !dlca_task_resize(&trial->task, scenario->height, scenario->width, error))) {
        return false;
    }
    DlcaConfig *config = &trial->task.config;
    if (scenario->fire_rate > 0.0) {
        config->fire_rate = scenario->fire_rate;
    }
    trial->cells = (size_t)config->height * (size_t)config->width;
    trial->bits = trial->cells * (size_t)config->channels;
    trial->planes = malloc(trial->bits * sizeof(uint64_t));
    trial->held = malloc(trial->bits * sizeof(uint64_t));
    trial->expected = malloc(trial->cells * (size_t)config->scored_channels * sizeof(uint64_t));
    trial->stuck = calloc(trial->cells, sizeof(uint64_t));
    trial->fire = malloc(trial->cells * sizeof(uint64_t));
    trial->wrong = malloc(trial->cells * sizeof(uint64_t));
    if (!trial->planes || !trial->held || !trial->expected || !trial->stuck || !trial->fire || !trial->wrong) {
        return dlca_fail(error, DLCA_FAILED, "no memory for %zu cells", trial->cells);
    }
    trial->grid = dlca_hard_create(config->height, config->width, config->channels, config->periodic, error);
    return trial->grid && dlca_hard_set_rule(trial->grid, rule, error);
}

/* ---- starts and damage ---- */

static void set_start(Trial *trial, uint64_t seed, uint32_t block) {
    dlca_task_start_words(&trial->task, seed, DLCA_RANDOM_FRESH_START, 0, block, trial->planes);
    DlcaRandom random = dlca_random_stream(seed, DLCA_RANDOM_SAMPLE, block, 0);
    for (size_t i = 0; i < trial->bits; i++) {
        switch (trial->scenario->start) {
        case START_ZEROS:
            trial->planes[i] = 0;
            break;
        case START_ONES:
            trial->planes[i] = UINT64_MAX;
            break;
        case START_SPARSE: /* one bit in eight */
            trial->planes[i] &= dlca_random_u64(&random) & dlca_random_u64(&random);
            break;
        case START_DENSE:
            trial->planes[i] |= dlca_random_u64(&random) | dlca_random_u64(&random);
            break;
        default:
            break;
        }
    }
    dlca_task_target_words(&trial->task, trial->planes, trial->expected);
}

/* The starts (bits) in which this cell is hit. */
static uint64_t hit_word(Trial *trial, size_t cell) {
    const size_t width = (size_t)trial->task.config.width, height = (size_t)trial->task.config.height;
    const size_t x = cell % width, y = cell / width;
    if (trial->scenario->damage == DAMAGE_BLOCK) {
        const bool inside =
            x >= width / 4 && x < width / 4 + width / 2 && y >= height / 4 && y < height / 4 + height / 2;
        return inside ? UINT64_MAX : 0;
    }
    const double part = trial->scenario->damage == DAMAGE_FLIPS ? 0.1 : 0.02;
    uint64_t word = 0;
    for (int s = 0; s < 64; s++) {
        word |= (uint64_t)(dlca_random_unit(&trial->random) < part) << s;
    }
    return word;
}

static void damage(Trial *trial) {
    const bool stays = trial->scenario->damage == DAMAGE_STUCK;
    dlca_hard_get_state(trial->grid, trial->planes);
    for (size_t cell = 0; cell < trial->cells; cell++) {
        const uint64_t hit = hit_word(trial, cell);
        trial->stuck[cell] = stays ? hit : 0;
        for (size_t i = cell; i < trial->bits; i += trial->cells) {
            trial->planes[i] = (trial->planes[i] & ~hit) | (dlca_random_u64(&trial->random) & hit);
        }
    }
    memcpy(trial->held, trial->planes, trial->bits * sizeof(uint64_t));
    dlca_hard_set_state(trial->grid, trial->planes);
}

static void hold_stuck(Trial *trial) {
    dlca_hard_get_state(trial->grid, trial->planes);
    for (size_t i = 0; i < trial->bits; i++) {
        const uint64_t stuck = trial->stuck[i % trial->cells];
        trial->planes[i] = (trial->planes[i] & ~stuck) | (trial->held[i] & stuck);
    }
    dlca_hard_set_state(trial->grid, trial->planes);
}

/* ---- comparing ---- */

static int64_t count_ones(uint64_t word) {
    return __builtin_popcountll(word);
}

/* Wrong cells against the target shifted by (dy, dx); *starts gets those that have any. Cells that are stuck, and with
 * a shift those that it moves out of the picture, do not count. */
static int64_t compare_shifted(Trial *trial, int32_t dy, int32_t dx, uint64_t *starts) {
    const DlcaConfig *config = &trial->task.config;
    int64_t wrong = 0;
    *starts = 0;
    for (int32_t y = 0; y + dy < config->height; y++) {
        for (int32_t x = 0; x + dx < config->width; x++) {
            const size_t cell = (size_t)(y * config->width + x);
            const size_t target = (size_t)((y + dy) * config->width + x + dx);
            uint64_t any = 0;
            for (size_t s = 0; s < (size_t)config->scored_channels; s++) {
                any |= trial->planes[s * trial->cells + cell] ^ trial->expected[s * trial->cells + target];
            }
            any &= ~trial->stuck[cell];
            *starts |= any;
            wrong += count_ones(any);
        }
    }
    return wrong;
}

static void compare(Trial *trial, bool one_start) {
    dlca_hard_get_state(trial->grid, trial->planes);
    const uint64_t counted = one_start ? 1 : UINT64_MAX;
    uint64_t right = 0;
    trial->wrong_now = INT64_MAX;
    for (int32_t shift = 0; shift < (trial->scenario->any_phase ? 16 : 1); shift++) {
        uint64_t starts;
        const int64_t wrong = compare_shifted(trial, shift / 4, shift % 4, &starts);
        right |= ~starts;
        trial->wrong_now = wrong < trial->wrong_now ? wrong : trial->wrong_now;
    }
    trial->right = right & counted;
}

/* ---- a block ---- */

static void run_block(Trial *trial, uint64_t seed, uint32_t block, ScenarioResult *result) {
    const Scenario *scenario = trial->scenario;
    const bool one_start = dlca_task_one_start(&trial->task) && !trial->task.config.asynchronous;
    const uint64_t counted = one_start ? 1 : UINT64_MAX;
    const int64_t steps = scenario->steps, trained = trial->task.config.steps;
    int64_t settled = -1, hold = -1;
    bool holding = true;
    memset(trial->stuck, 0, trial->cells * sizeof(uint64_t));
    set_start(trial, seed, block);
    dlca_hard_set_state(trial->grid, trial->planes);
    for (int64_t step = 1; step <= steps; step++) {
        if (trial->task.config.asynchronous) {
            dlca_task_fire_words(&trial->task, seed, DLCA_RANDOM_FRESH_FIRE, 0, block, (uint32_t)step, trial->fire);
        }
        dlca_hard_step(trial->grid, trial->task.config.asynchronous ? trial->fire : NULL);
        if (scenario->damage == DAMAGE_STUCK && step > scenario->damage_after) {
            hold_stuck(trial);
        }
        if (scenario->damage != DAMAGE_NONE && step == scenario->damage_after) {
            damage(trial);
        }
        if (step >= trained || scenario->any_phase) {
            compare(trial, one_start);
            settled = trial->right != counted ? -1 : settled < 0 ? step : settled;
            holding = holding && trial->right == counted;
            hold = holding ? step - trained : hold;
            if (!trial->task.target) { /* what is right moves on with every step */
                memcpy(trial->wrong, trial->expected, trial->cells * sizeof(uint64_t));
                dlca_task_target_words(&trial->task, trial->wrong, trial->expected);
            }
        }
    }
    result->starts += count_ones(counted);
    result->right_at_end += count_ones(trial->right);
    result->wrong_cells_at_end += (double)trial->wrong_now;
    result->settled = settled < 0 || result->settled < 0 ? -1 : settled > result->settled ? settled : result->settled;
    result->longest_hold = hold < result->longest_hold ? hold : result->longest_hold;
}

bool scenario_run(const Scenario *scenario, const DlcaTask *task, const DlcaCircuit *rule, uint64_t seed,
                  int32_t blocks, ScenarioResult *result, DlcaError *error) {
    *result = (ScenarioResult){.longest_hold = INT64_MAX};
    Trial trial;
    const bool created = trial_create(&trial, scenario, task, rule, seed, error);
    for (int32_t block = 0; created && block < blocks; block++) {
        run_block(&trial, seed, (uint32_t)block, result);
    }
    if (created) {
        result->wrong_cells_at_end /= (double)(result->starts > 0 ? 64 * blocks : 1);
    }
    trial_free(&trial);
    return created;
}
