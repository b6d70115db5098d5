/* shrink.h - a rule that gets a fixed target by any other way with fewer gates.
 *
 * Everything else here keeps what each step shows. This keeps only what the rule was trained for: from every start the
 * target at the trained step, and for ever after. The way there may change, so much more may go: a random walk changes
 * one gate at a time (an operation, an input, a gate gone), keeps what is right on samples at several steps and no
 * larger; every thousand changes what has become smaller is proven for all starts (proof.h), and where a start refutes
 * it that start joins the samples and the walk goes back to what is proven. Deterministic by seed as long as no proof
 * meets its limit of time.
 *
 * Preserves: right at the trained step and for ever, for every start, proven; not the steps before. Leaves alone: rules
 * that are wrong on samples to begin with, and asynchronous ones. */
#ifndef DLCA_SHRINK_H
#define DLCA_SHRINK_H

#include "proof.h"

typedef struct DlcaShrinking {
    int64_t evaluations; /* changes tried, about 30 us each for 10 gates on 16x16 cells */
    uint64_t seed;
    int32_t enough; /* stop at so few gates */
} DlcaShrinking;

/* `to` is created here; a copy of `from` where nothing could be gained. `question->rule` is ignored. */
bool dlca_rule_shrink(DlcaCircuit *to, const DlcaCircuit *from, const DlcaProofQuestion *question,
                      const DlcaShrinking *options, DlcaError *error);

#endif
