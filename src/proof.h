/* proof.h - is a rule right for every start, and for ever?
 *
 * Exact: the rule is unrolled over grid and steps (unroll.h), only what the answer depends on. Bits that samples show
 * to be constant at a step are proven so one by one (first by the graph's own simplification, then by SAT) and are
 * constants from there on; what is left of the scored bits at the last step is the final question. A start that ends
 * wrong is handed back.
 *
 * Hold: a set of bits with fixed values ("invariant"), scored bits among them, such that one step from any state in
 * which they have these values gives them these values again, whatever all other bits are. Bits that break it are taken
 * out until none does (Houdini: Flanagan, Leino, 2001). States that alternate between two such sets are found too. With
 * the exact proof it follows that every start is right for ever; with asynchronous firing it says that once there the
 * target stays, whoever fires, and `exact` stays undecided, since some firing never gets there.
 *
 * Preserves nothing, changes nothing; a limit of time only ever gives "not decided". Leaves alone: tasks without a
 * fixed target or with a single start (train/prove.h), words for users. */
#ifndef DLCA_PROOF_H
#define DLCA_PROOF_H

#include "dlca.h"

typedef enum DlcaProven { DLCA_NOT_DECIDED, DLCA_PROVEN, DLCA_REFUTED } DlcaProven;

typedef struct DlcaProofProgress {
    const char *doing; /* "exact", "hold" */
    int32_t step;      /* of the rollout, or round of the search for an invariant */
    int32_t steps;
    int64_t nodes, questions, clauses;
    double seconds;
} DlcaProofProgress;

typedef struct DlcaProofQuestion {
    const DlcaCircuit *rule; /* 9*C inputs, C outputs */
    int32_t height, width, scored_channels, steps;
    bool periodic, asynchronous;
    double fire_rate;                                                   /* for samples when asynchronous */
    const uint8_t *target;                                              /* [H][W][S] bits */
    uint64_t seed;                                                      /* of the samples */
    double seconds;                                                     /* limit; 0: none */
    void (*progress)(void *context, const DlcaProofProgress *progress); /* now and then; may be NULL */
    void *context;
} DlcaProofQuestion;

typedef struct DlcaProof {
    DlcaProven exact, hold;
    uint8_t *counterexample; /* [H][W][C] a start that ends wrong, when exact is refuted; or leaves the target, when
                                only hold is; else NULL. Owned. */
    int32_t wrong_step;      /* steps after which the counterexample has a wrong scored bit */
    int32_t invariant_bits;  /* bits of cells that never change again */
    int32_t invariant_from;  /* steps after which they have their values, for every start */
    int32_t period;          /* 1, or 2 when bits that are not scored go to and fro */
    int64_t nodes;           /* of the unrolled graph */
    int64_t questions;       /* put to the solver */
    int64_t variables, clauses;
    double seconds;
} DlcaProof;

bool dlca_prove(DlcaProof *proof, const DlcaProofQuestion *question, DlcaError *error);
void dlca_proof_free(DlcaProof *proof);

#endif
