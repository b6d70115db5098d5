/* counting.h - circuits whose inputs are interchangeable, rebuilt around a count of them.
 *
 * A learned rule often depends on how many of some inputs are one, not on which (Life: the neighbours). Found in its
 * truth table, that is worth more than any local change: an adder network counts them, and what is left is a function
 * of the count's bits and the other inputs, in which counts that cannot occur are free to choose (symmetric functions:
 * Shannon, 1938; adders as counters: Dadda, 1965). Preserves: the output as a function of the inputs. Leaves alone:
 * rules of more than one output or more than DLCA_COUNTING_MAX_INPUTS inputs, and making the result small (optimize.h,
 * rewrite.h). */
#ifndef DLCA_COUNTING_H
#define DLCA_COUNTING_H

#include "circuit.h"

enum { DLCA_COUNTING_MAX_INPUTS = 12, DLCA_COUNTING_LEAST = 4 };

/* *found: at least DLCA_COUNTING_LEAST inputs are interchangeable, and `to` was created; otherwise `to` is empty. False
 * only for lack of memory. */
bool dlca_circuit_count_inputs(DlcaCircuit *to, const DlcaCircuit *from, bool *found, DlcaError *error);

/* The smallest that is known: `from` rewritten, or rebuilt by counting and rewritten. `to` is created here. */
bool dlca_circuit_smallest(DlcaCircuit *to, const DlcaCircuit *from, int32_t patience, DlcaError *error);

#endif
