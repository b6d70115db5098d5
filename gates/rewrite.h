/* rewrite.h - fewer gates by looking at every function of up to four nodes, not just at pairs.
 *
 * For each gate and each of its cuts (cuts.h) the optimal structure of the cut's function (optimal_structures.h) is
 * priced: what would be added, given what the graph already has, against what only this gate used and would go. Where
 * it saves, it is taken; where it is even, now and then too, so that later rounds see other structures. "DAG-aware
 * rewriting" (Mishchenko, Chatterjee, Brayton, 2006), with XOR a gate like any other. Preserves: every output as a
 * function of the inputs. Slower than dlca_circuit_optimize (milliseconds): for results, not for search loops. */
#ifndef DLCA_REWRITE_H
#define DLCA_REWRITE_H

#include "circuit.h"

/* `to` is created here: never more gates than dlca_circuit_optimize leaves. It stops after so many rounds without a
 * gain (1: only gates saved at once; 20 is plenty). The same circuit and patience give the same result. */
bool dlca_circuit_rewrite(DlcaCircuit *to, const DlcaCircuit *from, int32_t patience, DlcaError *error);

#endif
