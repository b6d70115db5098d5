/* circuit_minimize.h - a rule made as small as the passes make it, and whether it is still the same rule. */
#ifndef DLCA_CIRCUIT_MINIMIZE_H
#define DLCA_CIRCUIT_MINIMIZE_H

#include "../src/dlca.h"
#include "../src/minimize.h"

typedef struct DlcaMinimized {
    DlcaCircuit same; /* every output the same function as before */
    DlcaCircuit rule; /* the same scored channels when run; fewer gates, other channels may differ */
    DlcaMinimizeReport outputs, across_time; /* how `same` and then `rule` came about */
} DlcaMinimized;

/* dlca_rule_minimize, first for the outputs alone, then with what is true across time from any start. */
bool dlca_minimize(DlcaMinimized *minimized, const DlcaCircuit *from, const DlcaConfig *config, bool steady,
                   DlcaError *error);
void dlca_minimized_free(DlcaMinimized *minimized); /* leaves it empty; an empty one is fine */

/* Why the rule may be taken for the other one. */
typedef struct DlcaVerdict {
    bool all;         /* every neighbourhood was tried */
    int64_t tried;    /* neighbourhoods */
    int32_t rollouts; /* starts that both rules were run from, 0: the outputs are the same anyway */
    int32_t rollout_steps;
} DlcaVerdict;

/* Every output on every neighbourhood where there are at most 2^24, else on 10^6 random ones. An error when they
 * differ. */
bool dlca_verify_outputs(const DlcaCircuit *left, const DlcaCircuit *right, DlcaVerdict *verdict, DlcaError *error);

/* Both rules on the trained grid from 64 random starts, synchronous and with cells that fire at random, compared in the
 * scored channels of every cell at every step. With `after` > 0 the left one runs so many steps first, all cells fire,
 * and the right one goes on from there. */
bool dlca_verify_rollouts(const DlcaCircuit *left, const DlcaCircuit *right, const DlcaConfig *config, int32_t after,
                          DlcaVerdict *verdict, DlcaError *error);

#endif
