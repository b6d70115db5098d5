/* reads.c - operations and supports of a circuit. Leaves alone: expressions (explain.c). */
#include "reads.h"

#include <stdlib.h>
#include <string.h>

void dlca_circuit_histogram(const DlcaCircuit *circuit, int64_t count[DLCA_OPS]) {
    memset(count, 0, DLCA_OPS * sizeof *count);
    for (int32_t i = 0; i < circuit->gates; i++) {
        count[circuit->gate[i].op]++;
    }
}

static void mark_cone(const DlcaCircuit *circuit, int32_t output, bool *marked) {
    memset(marked, 0, (size_t)circuit->inputs + (size_t)circuit->gates);
    marked[output] = true;
    for (int32_t i = output - circuit->inputs; i >= 0; i--) {
        const DlcaGate gate = circuit->gate[i];
        if (marked[circuit->inputs + i]) {
            marked[gate.a] |= dlca_op_uses_a(gate.op);
            marked[gate.b] |= dlca_op_uses_b(gate.op);
        }
    }
}

bool dlca_circuit_support(const DlcaCircuit *circuit, bool *reads, DlcaError *error) {
    bool *marked = malloc((size_t)circuit->inputs + (size_t)circuit->gates + 1);
    if (!marked) {
        return dlca_fail(error, DLCA_FAILED, "no memory to read a circuit of %d gates", circuit->gates);
    }
    for (int32_t i = 0; i < circuit->outputs; i++) {
        mark_cone(circuit, circuit->output[i], marked);
        memcpy(reads + (size_t)i * (size_t)circuit->inputs, marked, (size_t)circuit->inputs);
    }
    free(marked);
    return true;
}
