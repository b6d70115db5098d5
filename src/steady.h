/* steady.h - what is left of a rule once it has run for a few steps: often a smaller one, with the same cells.
 *
 * Whatever the start, after the first steps some channels are constant or equal to others, and what reads them gets
 * simpler (across_time.h). Channels that from then on keep their value need no gate, and with two states that take
 * turns no store either. Learned lizards of 500 to 1200 gates lose 10 to 20% of them that way, 11 to 20% of what they
 * read and 16 to 24% of what they write. Preserves: every channel of every cell at every step, for every start. Leaves
 * alone: asynchronous rules, whose cells may wait for ever before they first fire. */
#ifndef DLCA_STEADY_H
#define DLCA_STEADY_H

#include "dlca.h"

typedef struct DlcaSteadyRule {
    int32_t after;       /* steps of the rule itself, from any state, after which `circuit` gives the same */
    DlcaCircuit circuit; /* 9*C inputs; an output for each channel that may still change; no outputs: nothing is gained
                          */
    int32_t *channel;    /* [circuit.outputs] ascending */
} DlcaSteadyRule;

/* `rule` has 9*C inputs and C outputs. */
bool dlca_steady_rule_create(DlcaSteadyRule *steady, const DlcaCircuit *rule, bool periodic, DlcaError *error);
void dlca_steady_rule_free(DlcaSteadyRule *steady); /* leaves it empty; an empty one is fine */

#endif
