/* resubstitute.h - fewer gates by a random walk among circuits of the same function.
 *
 * One move: draw a gate; find where its value matters at all (where inverting it changes an output); look for other
 * nodes of which one operation, or two, gives the value needed there; replace the gate by such. What frees gates is
 * taken first, else what keeps their number, now and then one more, so the walk drifts among equal circuits until
 * something comes free ("resubstitution with don't-cares", Mishchenko et al., 2011, here as a walk instead of a pass).
 * Values are tables over all assignments, so every move is exact. Trained Life circuits of 87 to 156 gates come to 26
 * to 31; structural rewriting (rewrite.h) is what left those.
 *
 * Preserves: every output as a function of the inputs. Leaves alone: circuits that read too many inputs. */
#ifndef DLCA_RESUBSTITUTE_H
#define DLCA_RESUBSTITUTE_H

#include "circuit.h"

/* Tables have 2^inputs bits; inputs that no live gate reads do not count. */
enum { DLCA_RESUBSTITUTE_MOST_INPUTS = 14 };

typedef struct DlcaResubstitution {
    uint64_t seed;
    int64_t checks; /* at most so many candidates, about 3 ns each with 9 inputs: the result does not depend on time */
    int32_t enough; /* stop at so few gates */
} DlcaResubstitution;

/* `to` is created here: never more gates than dlca_circuit_optimize leaves, and just that where more than
 * DLCA_RESUBSTITUTE_MOST_INPUTS inputs are read. The same circuit and options give the same result. */
bool dlca_circuit_resubstitute(DlcaCircuit *to, const DlcaCircuit *from, const DlcaResubstitution *options,
                               DlcaError *error);

#endif
