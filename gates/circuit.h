/* circuit.h - a hard circuit: two-input gates in topological order. Built here, checked here, evaluated here.
 *
 * Nodes are numbered: 0 .. inputs-1 are the inputs, inputs + i is gate i. A gate reads nodes with smaller numbers than
 * its own, so one pass from front to back evaluates it. Operations that ignore an input (A, NOT B, TRUE, ...) still
 * carry two valid node numbers. An output may be any node, an input too.
 *
 * For a cell's rule (src/) input `neighbour * channels + channel` is a bit of the 3x3 patch, and output i is channel i
 * of the new state; this folder knows nothing of that. Leaves alone: grids, files (circuit_json.h), optimization
 * (optimize.h). */
#ifndef DLCA_CIRCUIT_H
#define DLCA_CIRCUIT_H

#include "error.h"
#include "ops.h"

#include <stddef.h>
#include <stdint.h>

enum { DLCA_CIRCUIT_MAX_NODES = 1 << 24 };

typedef struct DlcaGate {
    int32_t a, b; /* node numbers */
    uint8_t op;   /* DlcaOp */
} DlcaGate;

typedef struct DlcaCircuit {
    int32_t inputs;
    int32_t outputs;
    int32_t gates;
    DlcaGate *gate;  /* [gates] */
    int32_t *output; /* [outputs] node numbers */
} DlcaCircuit;

/* Allocates room for `gates` gates and `outputs` outputs, zeroed; free with dlca_circuit_free. */
bool dlca_circuit_create(DlcaCircuit *circuit, int32_t inputs, int32_t outputs, int32_t gates, DlcaError *error);
void dlca_circuit_free(DlcaCircuit *circuit); /* leaves it empty; an empty one is fine */
bool dlca_circuit_copy(DlcaCircuit *to, const DlcaCircuit *from, DlcaError *error);

/* Every index in range, gates topologically ordered, operations below 16, node count within the limit. */
bool dlca_circuit_check(const DlcaCircuit *circuit, DlcaError *error);

/* Evaluates 64 assignments at once. `values` [inputs + gates]: the first `inputs` words are given, the rest written. */
void dlca_circuit_evaluate(const DlcaCircuit *circuit, uint64_t *values);

/* Gates that some output depends on (through operations that do not ignore the input), whatever their operation. -1
 * when there is no memory to count. */
int32_t dlca_circuit_live_gates(const DlcaCircuit *circuit);

/* Longest path from an input to an output, in gates; operations that ignore an input end a path there. -1 when there is
 * no memory to count. */
int32_t dlca_circuit_depth(const DlcaCircuit *circuit);

#endif
