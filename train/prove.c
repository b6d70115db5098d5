/* prove.c - which proof for which task, and the two that need no solver. */
#include "prove.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LONGEST_ROLLOUT = 1 << 20 }; /* steps of the one start until it must have repeated */

static double seconds_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* A grid with the memory that both proofs below need. */
typedef struct Rollout {
    DlcaHardGrid *grid;
    size_t bits;      /* of a state */
    uint64_t *state;  /* [C][cell] */
    uint64_t *mark;   /* [C][cell] an earlier state */
    uint64_t *target; /* [S][cell] */
} Rollout;

static void rollout_free(Rollout *rollout) {
    dlca_hard_free(rollout->grid);
    free(rollout->state);
    free(rollout->mark);
    free(rollout->target);
}

static bool rollout_create(Rollout *rollout, const DlcaTask *task, const DlcaCircuit *rule, DlcaError *error) {
    const DlcaConfig *config = &task->config;
    rollout->bits = (size_t)config->height * (size_t)config->width * (size_t)config->channels;
    rollout->grid = dlca_hard_create(config->height, config->width, config->channels, config->periodic, error);
    rollout->state = malloc(rollout->bits * sizeof *rollout->state);
    rollout->mark = malloc(rollout->bits * sizeof *rollout->mark);
    rollout->target = malloc(rollout->bits * sizeof *rollout->target);
    if (!rollout->state || !rollout->mark || !rollout->target) {
        return dlca_fail(error, DLCA_FAILED, "no memory for a grid of %zu bits", rollout->bits);
    }
    return rollout->grid && dlca_hard_set_rule(rollout->grid, rule, error);
}

static void start_block(Rollout *rollout, const DlcaTask *task, uint32_t block) {
    dlca_task_start_words(task, 0, DLCA_RANDOM_SAMPLE, 0, block, rollout->state);
    dlca_task_target_words(task, rollout->state, rollout->target);
    dlca_hard_set_state(rollout->grid, rollout->state);
}

static bool keep_counterexample(DlcaProof *proof, const DlcaTask *task, uint32_t index, int32_t step,
                                DlcaError *error) {
    const DlcaConfig *config = &task->config;
    proof->counterexample = malloc((size_t)config->height * (size_t)config->width * (size_t)config->channels);
    proof->wrong_step = step;
    return (proof->counterexample && dlca_task_start(task, 0, DLCA_RANDOM_SAMPLE, 0, index, proof->counterexample)) ||
           dlca_fail(error, DLCA_FAILED, "no memory for a start");
}

/* ---- every start ---- */

static bool prove_all_starts(Rollout *rollout, DlcaProof *proof, const DlcaTask *task, DlcaError *error) {
    const DlcaConfig *config = &task->config;
    const int64_t starts = dlca_task_starts(task);
    proof->exact = DLCA_PROVEN;
    for (int64_t first = 0; first < starts; first += 64) {
        start_block(rollout, task, (uint32_t)(first / 64));
        for (int32_t step = 0; step < config->steps; step++) {
            dlca_hard_step(rollout->grid, NULL);
        }
        const uint64_t counted = starts - first >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << (starts - first)) - 1;
        const DlcaHardScore score = dlca_hard_compare(rollout->grid, rollout->target, config->scored_channels, counted);
        if (score.wrong_starts) {
            proof->exact = proof->hold = DLCA_REFUTED;
            return keep_counterexample(proof, task, (uint32_t)(first + __builtin_ctzll(score.wrong_starts)),
                                       config->steps, error);
        }
    }
    /* Each step's targets are the next generation of what the rule itself made, which is right, and so on. */
    proof->hold = task->target || config->steps != 1 ? DLCA_NOT_DECIDED : DLCA_PROVEN;
    return true;
}

/* ---- one start ---- */

/* Brent (1980): the mark moves on to the present state whenever the steps since have doubled, so it comes to lie in the
 * cycle, and the state comes back to it. */
static bool prove_one_start(Rollout *rollout, DlcaProof *proof, const DlcaTask *task, double deadline,
                            DlcaError *error) {
    const DlcaConfig *config = &task->config;
    const size_t bytes = rollout->bits * sizeof *rollout->state;
    int32_t mark_step = 0;
    start_block(rollout, task, 0);
    dlca_hard_get_state(rollout->grid, rollout->mark);
    for (int32_t step = 1; step <= LONGEST_ROLLOUT && (deadline <= 0.0 || seconds_now() < deadline); step++) {
        dlca_hard_step(rollout->grid, NULL);
        const bool wrong = step >= config->steps &&
                           dlca_hard_compare(rollout->grid, rollout->target, config->scored_channels, 1).wrong_bits > 0;
        if (wrong) {
            proof->exact = step == config->steps ? DLCA_REFUTED : DLCA_PROVEN;
            proof->hold = DLCA_REFUTED;
            return keep_counterexample(proof, task, 0, step, error);
        }
        proof->exact = step >= config->steps ? DLCA_PROVEN : DLCA_NOT_DECIDED;
        dlca_hard_get_state(rollout->grid, rollout->state);
        const bool repeats = memcmp(rollout->state, rollout->mark, bytes) == 0;
        if (repeats && step >= config->steps + (step - mark_step)) {
            proof->hold = DLCA_PROVEN;
            proof->period = step - mark_step;
            proof->invariant_from = config->steps;
            return true;
        }
        if (!repeats && step == 2 * mark_step + (mark_step == 0)) {
            memcpy(rollout->mark, rollout->state, bytes);
            mark_step = step;
        }
    }
    return true;
}

/* ---- which ---- */

static bool prove_by_running(DlcaProof *proof, const DlcaTask *task, const DlcaCircuit *rule, double deadline,
                             DlcaError *error) {
    Rollout rollout = {0};
    bool done = rollout_create(&rollout, task, rule, error);
    if (done && !task->config.asynchronous) {
        done = task->start == DLCA_START_ALL ? prove_all_starts(&rollout, proof, task, error)
                                             : prove_one_start(&rollout, proof, task, deadline, error);
    }
    rollout_free(&rollout);
    if (!done) {
        dlca_proof_free(proof);
    }
    return done;
}

bool dlca_prove_task(DlcaProof *proof, const DlcaTask *task, const DlcaCircuit *rule, const DlcaProveOptions *options,
                     DlcaError *error) {
    const DlcaConfig *config = &task->config;
    const double started = seconds_now();
    *proof = (DlcaProof){0};
    if (task->start == DLCA_START_RANDOM && task->target) {
        const DlcaProofQuestion question = {.rule = rule,
                                            .height = config->height,
                                            .width = config->width,
                                            .scored_channels = config->scored_channels,
                                            .steps = config->steps,
                                            .periodic = config->periodic,
                                            .asynchronous = config->asynchronous,
                                            .fire_rate = config->fire_rate,
                                            .target = task->target,
                                            .seed = options->seed,
                                            .seconds = options->seconds,
                                            .progress = options->progress,
                                            .context = options->context};
        return dlca_prove(proof, &question, error);
    }
    const double deadline = options->seconds > 0.0 ? started + options->seconds : 0.0;
    const bool done = prove_by_running(proof, task, rule, deadline, error);
    proof->seconds = seconds_now() - started;
    return done;
}
