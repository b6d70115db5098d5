/* scenario.c - runs a rule under changed conditions, 64 starts at a time. */
#include "scenario.h"

#include <stdlib.h>
#include <string.h>

enum { LANES = 64, SHIFTS = 16, COUNTER_BITS = 32 };

typedef struct Trial {
    const DlcaScenario *scenario;
    DlcaTask task; /* resized copy */
    DlcaHardGrid *grid;
    size_t cells, bits; /* of one grid; bits = cells * C */
    uint64_t *planes, *held, *expected, *stuck, *fire;
    DlcaRandom random;
    uint64_t counted;                              /* starts of a block that count: one when all are alike */
    int64_t wrong[LANES];                          /* cells of each start now, in its best shift */
    int64_t last_wrong[LANES], first_wrong[LANES]; /* steps; the first from the trained one on; -1: none */
    int64_t *settled;                              /* [starts so far] */
    int64_t starts;
} Trial;

static void trial_free(Trial *trial) {
    dlca_task_free(&trial->task);
    dlca_hard_free(trial->grid);
    free(trial->planes);
    free(trial->held);
    free(trial->expected);
    free(trial->stuck);
    free(trial->fire);
    free(trial->settled);
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

static bool trial_create(Trial *trial, const DlcaScenario *scenario, const DlcaTask *task, const DlcaCircuit *rule,
                         uint64_t seed, int32_t blocks, DlcaError *error) {
    *trial = (Trial){.scenario = scenario, .random = dlca_random_stream(seed, DLCA_RANDOM_DAMAGE, 0, 0)};
    if (!copy_task(&trial->task, task, error) ||
        (scenario->height > 0 && !dlca_task_resize(&trial->task, scenario->height, scenario->width, error))) {
        return false;
    }
    DlcaConfig *config = &trial->task.config;
    if (scenario->fire_rate > 0.0) {
        config->fire_rate = scenario->fire_rate;
    }
    trial->counted = dlca_task_one_start(&trial->task) && !config->asynchronous ? 1 : UINT64_MAX;
    trial->cells = (size_t)config->height * (size_t)config->width;
    trial->bits = trial->cells * (size_t)config->channels;
    trial->planes = malloc(trial->bits * sizeof(uint64_t));
    trial->held = malloc(trial->bits * sizeof(uint64_t));
    trial->expected = malloc(trial->cells * (size_t)config->scored_channels * sizeof(uint64_t));
    trial->stuck = calloc(trial->cells, sizeof(uint64_t));
    trial->fire = malloc(trial->cells * sizeof(uint64_t));
    trial->settled = malloc((size_t)blocks * LANES * sizeof *trial->settled);
    if (!trial->planes || !trial->held || !trial->expected || !trial->stuck || !trial->fire || !trial->settled) {
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
        case DLCA_STARTS_ZEROS:
            trial->planes[i] = 0;
            break;
        case DLCA_STARTS_ONES:
            trial->planes[i] = UINT64_MAX;
            break;
        case DLCA_STARTS_SPARSE: /* one bit in eight */
            trial->planes[i] &= dlca_random_u64(&random) & dlca_random_u64(&random);
            break;
        case DLCA_STARTS_DENSE:
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
    if (trial->scenario->damage == DLCA_DAMAGE_BLOCK) {
        const bool inside =
            x >= width / 4 && x < width / 4 + width / 2 && y >= height / 4 && y < height / 4 + height / 2;
        return inside ? UINT64_MAX : 0;
    }
    const double part = trial->scenario->damage == DLCA_DAMAGE_FLIPS ? 0.1 : 0.02;
    uint64_t word = 0;
    for (int s = 0; s < 64; s++) {
        word |= (uint64_t)(dlca_random_unit(&trial->random) < part) << s;
    }
    return word;
}

static void damage(Trial *trial) {
    const bool stays = trial->scenario->damage == DLCA_DAMAGE_STUCK;
    const bool flips = trial->scenario->damage == DLCA_DAMAGE_FLIPS;
    dlca_hard_get_state(trial->grid, trial->planes);
    for (size_t cell = 0; cell < trial->cells; cell++) {
        const uint64_t hit = hit_word(trial, cell);
        trial->stuck[cell] = stays ? hit : 0;
        for (size_t i = cell; i < trial->bits; i += trial->cells) {
            const uint64_t drawn = flips ? ~trial->planes[i] : dlca_random_u64(&trial->random);
            trial->planes[i] = (trial->planes[i] & ~hit) | (drawn & hit);
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

/* Adds a bit of each start to its counter: bit i of all counters is slice i. */
static void count_bits(uint64_t slice[COUNTER_BITS], uint64_t bits) {
    for (int i = 0; bits; i++) {
        const uint64_t carry = slice[i] & bits;
        slice[i] ^= bits;
        bits = carry;
    }
}

/* Wrong cells of each start against the target shifted by (dy, dx). Cells that are stuck, and with a shift those that
 * it moves out of the picture, do not count. */
static void compare_shifted(const Trial *trial, int32_t dy, int32_t dx, int64_t wrong[LANES]) {
    const DlcaConfig *config = &trial->task.config;
    uint64_t slice[COUNTER_BITS] = {0};
    for (int32_t y = 0; y + dy < config->height; y++) {
        for (int32_t x = 0; x + dx < config->width; x++) {
            const size_t cell = (size_t)y * (size_t)config->width + (size_t)x;
            const size_t target = cell + (size_t)dy * (size_t)config->width + (size_t)dx;
            uint64_t any = 0;
            for (size_t s = 0; s < (size_t)config->scored_channels; s++) {
                any |= trial->planes[s * trial->cells + cell] ^ trial->expected[s * trial->cells + target];
            }
            count_bits(slice, any & ~trial->stuck[cell]);
        }
    }
    for (int start = 0; start < LANES; start++) {
        wrong[start] = 0;
        for (int i = 0; i < COUNTER_BITS; i++) {
            wrong[start] += (int64_t)(slice[i] >> start & 1) << i;
        }
    }
}

/* With every start in the shift that suits it best. */
static void compare_in_any_phase(const Trial *trial, int64_t best[LANES]) {
    for (int32_t shift = 0; shift < SHIFTS; shift++) {
        int64_t wrong[LANES];
        compare_shifted(trial, shift / 4, shift % 4, wrong);
        for (int start = 0; start < LANES; start++) {
            best[start] = shift == 0 || wrong[start] < best[start] ? wrong[start] : best[start];
        }
    }
}

static void compare(Trial *trial, int64_t step, DlcaScenarioResult *result) {
    const int64_t trained = trial->task.config.steps;
    dlca_hard_get_state(trial->grid, trial->planes);
    if (trial->scenario->any_phase) {
        compare_in_any_phase(trial, trial->wrong);
    } else {
        compare_shifted(trial, 0, 0, trial->wrong);
    }
    for (int start = 0; start < LANES && trial->counted >> start & 1; start++) {
        result->wrong[step] += (double)trial->wrong[start];
        if (trial->wrong[start] > 0) {
            trial->last_wrong[start] = step;
            trial->first_wrong[start] =
                trial->first_wrong[start] < 0 && step >= trained ? step : trial->first_wrong[start];
        }
    }
    if (!trial->task.target && step >= trained) { /* what is right moves on with every step */
        memcpy(trial->held, trial->expected, trial->cells * sizeof(uint64_t));
        dlca_task_target_words(&trial->task, trial->held, trial->expected);
    }
}

/* ---- a block ---- */

static void take_step(Trial *trial, uint64_t seed, uint32_t block, int64_t step) {
    const DlcaScenario *scenario = trial->scenario;
    const bool asynchronous = trial->task.config.asynchronous;
    if (asynchronous) {
        dlca_task_fire_words(&trial->task, seed, DLCA_RANDOM_FRESH_FIRE, 0, block, (uint32_t)step, trial->fire);
    }
    dlca_hard_step(trial->grid, asynchronous ? trial->fire : NULL);
    if (scenario->damage == DLCA_DAMAGE_STUCK && step > scenario->damage_after) {
        hold_stuck(trial);
    }
    if (scenario->damage != DLCA_DAMAGE_NONE && step == scenario->damage_after) {
        damage(trial);
    }
}

/* What the starts of a block came to. */
static void note_block(Trial *trial, DlcaScenarioResult *result) {
    const int64_t steps = trial->scenario->steps, trained = trial->task.config.steps;
    int64_t shifted[LANES];
    memcpy(shifted, trial->wrong, sizeof shifted);
    if (trial->task.target) {
        compare_in_any_phase(trial, shifted);
    }
    for (int start = 0; start < LANES && trial->counted >> start & 1; start++) {
        const int64_t hold = (trial->first_wrong[start] < 0 ? steps + 1 : trial->first_wrong[start]) - trained - 1;
        const int64_t since = trial->last_wrong[start] + 1 - trial->scenario->damage_after;
        trial->settled[trial->starts++] = trial->wrong[start] > 0 ? INT64_MAX : since > 0 ? since : 0;
        result->right_at_end += trial->wrong[start] == 0;
        result->shifted_at_end += shifted[start] == 0;
        result->longest_hold = hold < result->longest_hold ? hold : result->longest_hold;
    }
}

static void run_block(Trial *trial, uint64_t seed, uint32_t block, DlcaScenarioResult *result) {
    memset(trial->stuck, 0, trial->cells * sizeof(uint64_t));
    for (int start = 0; start < LANES; start++) {
        trial->last_wrong[start] = trial->first_wrong[start] = -1;
    }
    set_start(trial, seed, block);
    dlca_hard_set_state(trial->grid, trial->planes);
    for (int64_t step = trial->task.target ? 0 : 1; step <= trial->scenario->steps; step++) {
        if (step > 0) {
            take_step(trial, seed, block, step);
        }
        compare(trial, step, result);
    }
    note_block(trial, result);
}

static int compare_steps(const void *a, const void *b) {
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void summarize(Trial *trial, DlcaScenarioResult *result) {
    result->starts = trial->starts;
    qsort(trial->settled, (size_t)trial->starts, sizeof *trial->settled, compare_steps);
    const int64_t half = trial->settled[(trial->starts - 1) / 2], all = trial->settled[trial->starts - 1];
    result->half_settled = half == INT64_MAX ? -1 : half;
    result->all_settled = all == INT64_MAX ? -1 : all;
    for (int64_t step = 0; step <= result->steps; step++) {
        result->wrong[step] /= (double)trial->starts;
    }
    result->wrong_cells_at_end = result->wrong[result->steps];
}

void dlca_scenario_result_free(DlcaScenarioResult *result) {
    free(result->wrong);
    *result = (DlcaScenarioResult){0};
}

bool dlca_scenario_run(const DlcaScenario *scenario, const DlcaTask *task, const DlcaCircuit *rule, uint64_t seed,
                       int32_t blocks, DlcaScenarioResult *result, DlcaError *error) {
    Trial trial;
    *result = (DlcaScenarioResult){.longest_hold = INT64_MAX, .steps = scenario->steps};
    result->wrong = calloc((size_t)scenario->steps + 1, sizeof *result->wrong);
    const bool created =
        trial_create(&trial, scenario, task, rule, seed, blocks, error) &&
        (result->wrong || dlca_fail(error, DLCA_FAILED, "no memory for %lld steps", (long long)scenario->steps));
    for (int32_t block = 0; created && block < blocks; block++) {
        run_block(&trial, seed, (uint32_t)block, result);
    }
    if (created) {
        summarize(&trial, result);
    } else {
        dlca_scenario_result_free(result);
    }
    trial_free(&trial);
    return created;
}
