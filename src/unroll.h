/* unroll.h - a rule over a whole grid for several steps, as one gate graph of the start's bits.
 *
 * Every bit of every cell is a literal; a step builds the rule once per cell, and equal gates are one node. Only
 * channels that the scored ones depend on, now or later, are built; the others stand still. Leaves alone: what is asked
 * of the literals (proof.h). */
#ifndef DLCA_UNROLL_H
#define DLCA_UNROLL_H

#include "../gates/gate_graph.h"
#include "dlca.h"

typedef struct DlcaUnrolled {
    const DlcaCircuit *rule;
    int32_t height, width, channels;
    bool periodic;
    bool *live; /* [C] */
    DlcaGateGraph graph;
    DlcaLiteral *state; /* [C][cell] */
    DlcaLiteral *next;  /* [C][cell] */
    DlcaLiteral *value; /* [rule nodes] */
} DlcaUnrolled;

/* Room for `steps` steps; the rule is used until dlca_unrolled_free. Fails with DLCA_BAD_INPUT where the graph would
 * have more than DLCA_CIRCUIT_MAX_NODES nodes. */
bool dlca_unrolled_create(DlcaUnrolled *unrolled, const DlcaCircuit *rule, int32_t height, int32_t width,
                          int32_t scored_channels, bool periodic, int32_t steps, DlcaError *error);
void dlca_unrolled_free(DlcaUnrolled *unrolled); /* leaves it empty; an empty one is fine */

/* An empty graph; the state is the graph's inputs: bit c of a cell is input c * cells + cell. */
void dlca_unrolled_start(DlcaUnrolled *unrolled);
void dlca_unrolled_step(DlcaUnrolled *unrolled);

/* live [channels]: those that a scored channel depends on, now or later. False: no memory. */
bool dlca_rule_live_channels(const DlcaCircuit *rule, int32_t channels, int32_t scored_channels, bool *live,
                             DlcaError *error);

#endif
