/* circuit_verify.c - whether two circuits agree: on neighbourhoods, and as rules that run. */
#include "circuit_minimize.h"

#include "../gates/optimize.h"

#include <stdlib.h>

enum { ALL_INPUTS = 24, SAMPLE_WORDS = 15625 /* 10^6 assignments, 64 in a word */, STARTS = 64 };

bool dlca_verify_outputs(const DlcaCircuit *left, const DlcaCircuit *right, DlcaVerdict *verdict, DlcaError *error) {
    verdict->all = left->inputs <= ALL_INPUTS;
    verdict->tried = verdict->all ? (int64_t)1 << left->inputs : (int64_t)SAMPLE_WORDS * 64;
    return dlca_circuit_same_on_samples(left, right, verdict->all ? (int64_t)1 << (ALL_INPUTS - 6) : SAMPLE_WORDS, 1,
                                        error);
}

typedef struct Pair {
    DlcaHardGrid *left, *right;
    uint64_t *planes; /* [channels][cell] */
    uint64_t *fire;   /* [cell] */
    size_t cells, words;
    DlcaRandom random;
} Pair;

static bool create(Pair *pair, const DlcaCircuit *left, const DlcaCircuit *right, const DlcaConfig *config,
                   DlcaError *error) {
    pair->cells = (size_t)config->height * (size_t)config->width;
    pair->words = pair->cells * (size_t)config->channels;
    pair->random = dlca_random_stream(config->seed, DLCA_RANDOM_SAMPLE, 0, 0);
    pair->planes = malloc(pair->words * sizeof *pair->planes);
    pair->fire = malloc(pair->cells * sizeof *pair->fire);
    if (!pair->planes || !pair->fire) {
        return dlca_fail(error, DLCA_FAILED, "no memory to run a grid of %zu cells", pair->cells);
    }
    pair->left = dlca_hard_create(config->height, config->width, config->channels, config->periodic, error);
    pair->right = dlca_hard_create(config->height, config->width, config->channels, config->periodic, error);
    return pair->left && pair->right && dlca_hard_set_rule(pair->left, left, error) &&
           dlca_hard_set_rule(pair->right, right, error);
}

static void start(Pair *pair, int32_t after) {
    for (size_t i = 0; i < pair->words; i++) {
        pair->planes[i] = dlca_random_u64(&pair->random);
    }
    dlca_hard_set_state(pair->left, pair->planes);
    for (int32_t step = 0; step < after; step++) {
        dlca_hard_step(pair->left, NULL);
    }
    dlca_hard_get_state(pair->left, pair->planes);
    dlca_hard_set_state(pair->right, pair->planes);
}

static bool run(Pair *pair, const DlcaConfig *config, int32_t after, bool fire, DlcaError *error) {
    start(pair, after);
    for (int32_t step = 1; step <= config->steps; step++) {
        for (size_t i = 0; fire && i < pair->cells; i++) {
            pair->fire[i] = dlca_random_u64(&pair->random);
        }
        dlca_hard_step(pair->left, fire ? pair->fire : NULL);
        dlca_hard_step(pair->right, fire ? pair->fire : NULL);
        dlca_hard_get_state(pair->left, pair->planes);
        if (dlca_hard_compare(pair->right, pair->planes, config->scored_channels, ~(uint64_t)0).wrong_bits) {
            return dlca_fail(error, DLCA_BAD_INPUT, "the rules differ after %d steps%s", after + step,
                             fire ? " with cells that fire at random" : "");
        }
    }
    return true;
}

bool dlca_verify_rollouts(const DlcaCircuit *left, const DlcaCircuit *right, const DlcaConfig *config, int32_t after,
                          DlcaVerdict *verdict, DlcaError *error) {
    Pair pair = {0};
    const bool good = create(&pair, left, right, config, error) && run(&pair, config, after, false, error) &&
                      (after > 0 || run(&pair, config, after, true, error));
    verdict->rollouts = STARTS;
    verdict->rollout_steps = config->steps;
    dlca_hard_free(pair.left);
    dlca_hard_free(pair.right);
    free(pair.planes);
    free(pair.fire);
    return good;
}
