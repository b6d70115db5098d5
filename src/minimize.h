/* minimize.h - all exact passes in turn until nothing changes: the one way from a hardened rule to a small one.
 *
 * Simplification (optimize.h), counting (counting.h), cut rewriting (rewrite.h) and
 * resubstitution (resubstitute.h) keep every output as a
 * function of the inputs; what comes of them is compared with the original on 10^6 random neighbourhoods, or on all
 * when there are fewer. With `facts` they alternate with what is true across time (across_time.h), which keeps the
 * scored channels of every cell at every step. Deterministic. Leaves alone: changing the way to the target (shrink.h),
 * proof. */
#ifndef DLCA_MINIMIZE_H
#define DLCA_MINIMIZE_H

#include "../gates/optimize.h"
#include "across_time.h"

enum { DLCA_MINIMIZE_PASSES = 64 };

typedef struct DlcaMinimizing {
    const DlcaRuleFacts *facts; /* NULL: every output keeps its function */
    int64_t checks;             /* effort of each resubstitution, about 3 ns each for 9 inputs; 0: by size */
    uint64_t seed;
} DlcaMinimizing;

typedef struct DlcaMinimizePass {
    const char *name;     /* "simplify", "rewrite", "resubstitute", "across time" */
    DlcaCircuitSize size; /* after it */
    double seconds;
} DlcaMinimizePass;

typedef struct DlcaMinimizeReport {
    int32_t reachable; /* gates that an output depends on before anything was done, pass-throughs too */
    int32_t passes;
    DlcaMinimizePass pass[DLCA_MINIMIZE_PASSES]; /* those that ran; the last ones when there were more */
    DlcaRuleReport time;                         /* channels dead, constant, merged in all; steps until steady */
} DlcaMinimizeReport;

/* `to` is created here; `report` may be NULL. */
bool dlca_rule_minimize(DlcaCircuit *to, const DlcaCircuit *from, const DlcaMinimizing *options,
                        DlcaMinimizeReport *report, DlcaError *error);

#endif
