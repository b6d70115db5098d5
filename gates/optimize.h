/* optimize.h - exact simplification of a circuit: the same function of the same inputs with fewer gates.
 *
 * The circuit is rebuilt as a graph of unique gates with free inverters (gate_graph.h): constants, pass-throughs,
 * double negation, equal gates up to input order and inversion, what a look two levels deep can see, and dead cones
 * disappear on the way; then it becomes two-input gates again, inverters absorbed into the operations. Preserves: every
 * output as a function of the inputs. Never writes more gates than it read; a second run changes nothing. */
#ifndef DLCA_OPTIMIZE_H
#define DLCA_OPTIMIZE_H

#include "circuit.h"

/* `to` is created here; `from` must pass dlca_circuit_check. */
bool dlca_circuit_optimize(DlcaCircuit *to, const DlcaCircuit *from, DlcaError *error);

/* The same with memory that is kept from run to run, for loops: it grows to the largest circuit it has seen. */
typedef struct DlcaOptimizer DlcaOptimizer;
DlcaOptimizer *dlca_optimizer_create(DlcaError *error);
void dlca_optimizer_free(DlcaOptimizer *optimizer);

/* The result belongs to the optimizer and stays until its next run. NULL when there is no memory. */
const DlcaCircuit *dlca_optimizer_run(DlcaOptimizer *optimizer, const DlcaCircuit *from, DlcaError *error);

/* What users mean by the size: gates that compute something (AND/XOR kinds), and inverters/buffers/constants that
 * nothing could absorb (an output that is a constant or an inverted input). */
typedef struct DlcaCircuitSize {
    int32_t gates;     /* two-input operations that depend on both inputs */
    int32_t inverters; /* NOT gates */
    int32_t constants; /* TRUE or FALSE gates */
} DlcaCircuitSize;
DlcaCircuitSize dlca_circuit_size(const DlcaCircuit *circuit);

/* True when both compute the same outputs on `words` x 64 pseudo-random assignments drawn from `seed`, or on all of
 * them when there are at most 2^16, or as many as asked. False with a message naming the first differing output
 * otherwise. */
bool dlca_circuit_same_on_samples(const DlcaCircuit *left, const DlcaCircuit *right, int64_t words, uint64_t seed,
                                  DlcaError *error);

#endif
