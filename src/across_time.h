/* across_time.h - a rule made smaller by what is true of the states that it makes, not only of its gates.
 *
 * A rule is a circuit with 9*C inputs (neighbour * C + channel) and C outputs that is applied again and again, so
 *   - a channel that no scored channel ever depends on is dead: its output becomes its own old value, no gate;
 *   - channels that start equal (or inverse, or constant) and stay so, by induction over one step, are one channel;
 * cells that do not fire keep what they have, so this holds for any firing too. It needs to be told what is known of
 * the starts; of random starts nothing is;
 *   - channels that are equal, inverse or constant from some step on whatever the start, are so in the steady rule.
 * Each is applied until nothing changes, and each makes room for the others. Outside a grid that does not wrap every
 * channel reads 0, so a neighbour outside is neither inverse to another nor 1.
 *
 * Preserves, for every start of which `start` is true: the scored channels of every cell at every step, for any firing.
 * With `steady` instead: the scored channels of every cell at every step from `report.steady_after` + n on, when the
 * rule that comes out is run from the state that the given rule has after `steady_after` steps; all cells fire.
 * Equality is seen where the gate graph makes it the same literal: what it misses stays. Leaves alone: proof by search.
 */
#ifndef DLCA_ACROSS_TIME_H
#define DLCA_ACROSS_TIME_H

#include "../gates/literal.h"
#include "dlca.h"

typedef struct DlcaRuleFacts {
    int32_t channels, scored_channels;
    bool periodic;
    /* [channels] what is true of every cell at the start: 0 and 1 (literals) say that the channel is constant,
     * 2 * (r + 1) + i, r <= channel, that it equals channel r, inverted when i is 1. NULL: nothing is known. */
    const DlcaLiteral *start;
    bool steady;
} DlcaRuleFacts;

typedef struct DlcaRuleReport {
    int32_t dead;         /* channels that no scored one depends on */
    int32_t constant;     /* channels found constant */
    int32_t merged;       /* channels found equal or inverse to an earlier one */
    int32_t steady_after; /* steps after which that is true; 0 without `steady` */
} DlcaRuleReport;

/* `to` is created here. `from` must pass dlca_circuit_check. */
bool dlca_rule_across_time(DlcaCircuit *to, const DlcaCircuit *from, const DlcaRuleFacts *facts, DlcaRuleReport *report,
                           DlcaError *error);

#endif
