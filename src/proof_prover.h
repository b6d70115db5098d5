/* proof_prover.h - what the parts of a proof share: time, progress, questions. Internal to the proof.
 *
 * Leaves alone: what is asked (proof.c, proof_hold.c). */
#ifndef DLCA_PROOF_PROVER_H
#define DLCA_PROOF_PROVER_H

#include "../gates/graph_clauses.h"
#include "proof_samples.h"
#include "unroll.h"

/* Steps after the trained one, in units of it, at which the invariant may begin. */
enum { DLCA_PROOF_FURTHER = 2 };

typedef struct DlcaProver {
    const DlcaProofQuestion *question;
    DlcaProof *proof;
    double started, deadline, shown; /* seconds of dlca_now; deadline 0: none */
    int32_t cells, bits;
    DlcaProofSamples samples;
    DlcaUnrolled unrolled;    /* from the starts */
    DlcaGraphClauses clauses; /* of it */
} DlcaProver;

bool dlca_prover_late(const DlcaProver *prover);

/* Tells the user where things stand, at most ten times a second. */
void dlca_prover_show(DlcaProver *prover, const char *doing, int32_t step, int32_t steps, int64_t nodes,
                      int64_t clauses);

/* Whether the literal can be true; within the deadline. */
DlcaSatAnswer dlca_prover_ask(DlcaProver *prover, DlcaGraphClauses *clauses, DlcaLiteral literal, int32_t conflicts);

/* The target's bit, by number in a state [C][cell] of scored channels. */
static inline int dlca_prover_target(const DlcaProver *prover, int32_t bit) {
    const int32_t cell = bit % prover->cells, channel = bit / prover->cells;
    return prover->question->target[cell * prover->question->scored_channels + channel];
}

/* The samples and the unrolled graph take one more step; what can be shown constant becomes so. */
bool dlca_prover_step(DlcaProver *prover, const char *doing, DlcaError *error);

/* Whether all scored bits are the target's at this step for every start: sets *answer, and the counterexample when not.
 */
bool dlca_prover_check(DlcaProver *prover, DlcaProven *answer, DlcaError *error);

/* The hold, once exact is decided. */
bool dlca_prover_hold(DlcaProver *prover, DlcaError *error);

bool dlca_prover_refute_by_sample(DlcaProver *prover, int32_t number, int32_t step, DlcaError *error);

#endif
