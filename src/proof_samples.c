/* proof_samples.c - a thousand random starts, run step by step. */
#include "proof_samples.h"

#include <stdlib.h>
#include <string.h>

void dlca_proof_samples_free(DlcaProofSamples *samples) {
    dlca_hard_free(samples->grid);
    free(samples->planes);
    free(samples->fire);
    free(samples->mask);
    *samples = (DlcaProofSamples){0};
}

bool dlca_proof_samples_create(DlcaProofSamples *samples, const DlcaProofQuestion *question, DlcaError *error) {
    const int32_t cells = question->height * question->width, channels = question->rule->outputs;
    const size_t bits = (size_t)cells * (size_t)channels;
    *samples = (DlcaProofSamples){.question = question, .cells = cells, .channels = channels};
    samples->blocks = question->asynchronous ? DLCA_PROOF_BLOCKS_FIRING : DLCA_PROOF_BLOCKS;
    samples->planes = malloc((size_t)samples->blocks * bits * sizeof *samples->planes);
    samples->fire = malloc((size_t)cells * sizeof *samples->fire);
    samples->mask = malloc((size_t)cells * sizeof *samples->mask);
    samples->grid = dlca_hard_create(question->height, question->width, channels, question->periodic, error);
    if (!samples->planes || !samples->fire || !samples->mask) {
        dlca_fail(error, DLCA_FAILED, "no memory for sample grids of %zu bits", bits);
    } else if (samples->grid && dlca_hard_set_rule(samples->grid, question->rule, error)) {
        dlca_proof_samples_restart(samples);
        return true;
    }
    dlca_proof_samples_free(samples);
    return false;
}

static uint64_t *block_of(const DlcaProofSamples *samples, int32_t block) {
    return samples->planes + (size_t)block * (size_t)samples->cells * (size_t)samples->channels;
}

void dlca_proof_samples_restart(DlcaProofSamples *samples) {
    const int32_t bits = samples->cells * samples->channels;
    samples->step = 0;
    for (int32_t block = 0; block < samples->blocks; block++) {
        DlcaRandom random = dlca_random_stream(samples->question->seed, DLCA_RANDOM_SAMPLE, 0, (uint32_t)block);
        for (int32_t i = 0; i < bits; i++) {
            block_of(samples, block)[i] = dlca_random_u64(&random);
        }
    }
}

/* A firing of its own for each start of a block. */
static void draw_fire(DlcaProofSamples *samples, int32_t block) {
    memset(samples->fire, 0, (size_t)samples->cells * sizeof *samples->fire);
    for (int32_t start = 0; start < 64; start++) {
        dlca_fire_mask(samples->question->seed, DLCA_RANDOM_SAMPLE, (uint32_t)(1 + 64 * block + start),
                       (uint32_t)samples->step, samples->question->fire_rate, samples->cells, samples->mask);
        for (int32_t cell = 0; cell < samples->cells; cell++) {
            samples->fire[cell] |= (uint64_t)samples->mask[cell] << start;
        }
    }
}

void dlca_proof_samples_step(DlcaProofSamples *samples) {
    const bool asynchronous = samples->question->asynchronous;
    for (int32_t block = 0; block < samples->blocks; block++) {
        if (asynchronous) {
            draw_fire(samples, block);
        }
        dlca_hard_set_state(samples->grid, block_of(samples, block));
        dlca_hard_step(samples->grid, asynchronous ? samples->fire : NULL);
        dlca_hard_get_state(samples->grid, block_of(samples, block));
    }
    samples->step++;
}

bool dlca_proof_samples_constant(const DlcaProofSamples *samples, int32_t bit, int *value) {
    uint64_t any = 0, all = ~(uint64_t)0;
    for (int32_t block = 0; block < samples->blocks; block++) {
        any |= block_of(samples, block)[bit];
        all &= block_of(samples, block)[bit];
    }
    *value = any != 0;
    return any == 0 || all == ~(uint64_t)0;
}

int32_t dlca_proof_samples_wrong(const DlcaProofSamples *samples) {
    const int32_t scored = samples->question->scored_channels;
    for (int32_t block = 0; block < samples->blocks; block++) {
        uint64_t wrong = 0;
        for (int32_t cell = 0; cell < samples->cells; cell++) {
            for (int32_t c = 0; c < scored; c++) {
                wrong |= block_of(samples, block)[c * samples->cells + cell] ^
                         (0 - (uint64_t)samples->question->target[cell * scored + c]);
            }
        }
        if (wrong) {
            return 64 * block + __builtin_ctzll(wrong);
        }
    }
    return -1;
}

void dlca_proof_samples_get(DlcaProofSamples *samples, int32_t number, uint8_t *bits) {
    dlca_proof_samples_restart(samples);
    const uint64_t *planes = block_of(samples, number / 64);
    for (int32_t cell = 0; cell < samples->cells; cell++) {
        for (int32_t c = 0; c < samples->channels; c++) {
            *bits++ = (uint8_t)(planes[c * samples->cells + cell] >> (number % 64) & 1);
        }
    }
}
