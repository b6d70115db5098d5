/* proof_samples.h - random rollouts beside a proof: they refute fast and say which bits are worth proving constant.
 *
 * Internal to the proof (proof.c). Leaves alone: the proof. */
#ifndef DLCA_PROOF_SAMPLES_H
#define DLCA_PROOF_SAMPLES_H

#include "proof.h"

/* Blocks of 64 starts; firing is costly to draw. */
enum { DLCA_PROOF_BLOCKS = 16, DLCA_PROOF_BLOCKS_FIRING = 2 };

typedef struct DlcaProofSamples {
    const DlcaProofQuestion *question;
    int32_t blocks, cells, channels;
    int32_t step;
    DlcaHardGrid *grid;
    uint64_t *planes; /* [block][C][cell] after `step` steps */
    uint64_t *fire;   /* [cell] */
    uint8_t *mask;    /* [cell] */
} DlcaProofSamples;

bool dlca_proof_samples_create(DlcaProofSamples *samples, const DlcaProofQuestion *question, DlcaError *error);
void dlca_proof_samples_free(DlcaProofSamples *samples); /* leaves it empty; an empty one is fine */

void dlca_proof_samples_restart(DlcaProofSamples *samples);
void dlca_proof_samples_step(DlcaProofSamples *samples);

/* Whether the bit is the same in all of them, and which. */
bool dlca_proof_samples_constant(const DlcaProofSamples *samples, int32_t bit, int *value);

/* The number of a start with a wrong scored bit now, -1 when all are right. */
int32_t dlca_proof_samples_wrong(const DlcaProofSamples *samples);

/* Start `number` as bits [H][W][C]; the samples are at step 0 afterwards. */
void dlca_proof_samples_get(DlcaProofSamples *samples, int32_t number, uint8_t *bits);

#endif
