/* circuit.c - circuits: memory, checking, evaluation, and two numbers that describe one. */
#include "circuit.h"

#include <stdlib.h>
#include <string.h>

bool dlca_circuit_create(DlcaCircuit *circuit, int32_t inputs, int32_t outputs, int32_t gates, DlcaError *error) {
    *circuit = (DlcaCircuit){0};
    if (inputs < 0 || outputs < 0 || gates < 0 || (int64_t)inputs + gates > DLCA_CIRCUIT_MAX_NODES ||
        outputs > DLCA_CIRCUIT_MAX_NODES) {
        return dlca_fail(error, DLCA_BAD_INPUT,
                         "a circuit of %d inputs, %d gates and %d outputs: at most %d inputs and gates together, and "
                         "as many outputs",
                         inputs, gates, outputs, (int)DLCA_CIRCUIT_MAX_NODES);
    }
    circuit->gate = calloc((size_t)gates + 1, sizeof *circuit->gate); /* + 1: calloc(0) may be NULL */
    circuit->output = calloc((size_t)outputs + 1, sizeof *circuit->output);
    if (!circuit->gate || !circuit->output) {
        dlca_circuit_free(circuit);
        return dlca_fail(error, DLCA_FAILED, "no memory for a circuit of %d gates", gates);
    }
    circuit->inputs = inputs;
    circuit->outputs = outputs;
    circuit->gates = gates;
    return true;
}

void dlca_circuit_free(DlcaCircuit *circuit) {
    free(circuit->gate);
    free(circuit->output);
    *circuit = (DlcaCircuit){0};
}

bool dlca_circuit_copy(DlcaCircuit *to, const DlcaCircuit *from, DlcaError *error) {
    if (!dlca_circuit_create(to, from->inputs, from->outputs, from->gates, error)) {
        return false;
    }
    if (from->gates > 0) {
        memcpy(to->gate, from->gate, (size_t)from->gates * sizeof *to->gate);
    }
    if (from->outputs > 0) {
        memcpy(to->output, from->output, (size_t)from->outputs * sizeof *to->output);
    }
    return true;
}

static bool check_gate(const DlcaCircuit *circuit, int32_t index, DlcaError *error) {
    const DlcaGate *gate = &circuit->gate[index];
    const int32_t nodes = circuit->inputs + index; /* those before the gate */
    if (gate->op >= DLCA_OPS) {
        return dlca_fail(error, DLCA_BAD_INPUT, "gate %d has operation %d: it must be 0 to 15", index, gate->op);
    }
    if (gate->a < 0 || gate->a >= nodes || gate->b < 0 || gate->b >= nodes) {
        return dlca_fail(error, DLCA_BAD_INPUT, "gate %d reads nodes %d and %d: it must read nodes before its own, %d",
                         index, gate->a, gate->b, nodes);
    }
    return true;
}

bool dlca_circuit_check(const DlcaCircuit *circuit, DlcaError *error) {
    if (circuit->inputs < 0 || circuit->gates < 0 || circuit->outputs < 0 ||
        (int64_t)circuit->inputs + circuit->gates > DLCA_CIRCUIT_MAX_NODES) {
        return dlca_fail(error, DLCA_BAD_INPUT, "the circuit has %d inputs, %d gates, %d outputs: at most %d nodes",
                         circuit->inputs, circuit->gates, circuit->outputs, (int)DLCA_CIRCUIT_MAX_NODES);
    }
    for (int32_t i = 0; i < circuit->gates; i++) {
        if (!check_gate(circuit, i, error)) {
            return false;
        }
    }
    const int32_t nodes = circuit->inputs + circuit->gates;
    for (int32_t i = 0; i < circuit->outputs; i++) {
        if (circuit->output[i] < 0 || circuit->output[i] >= nodes) {
            return dlca_fail(error, DLCA_BAD_INPUT, "output %d is node %d: it must be 0 to %d", i, circuit->output[i],
                             nodes - 1);
        }
    }
    return true;
}

/* Without a branch on the operation: its four truth-table bits, spread over words, select the four minterms. */
static uint64_t evaluate_gate(int op, uint64_t a, uint64_t b) {
    const uint64_t when00 = 0 - (uint64_t)(op >> 3 & 1), when01 = 0 - (uint64_t)(op >> 2 & 1);
    const uint64_t when10 = 0 - (uint64_t)(op >> 1 & 1), when11 = 0 - (uint64_t)(op & 1);
    return (~a & ((~b & when00) | (b & when01))) | (a & ((~b & when10) | (b & when11)));
}

void dlca_circuit_evaluate(const DlcaCircuit *circuit, uint64_t *values) {
    uint64_t *result = values + circuit->inputs;
    for (int32_t i = 0; i < circuit->gates; i++) {
        const DlcaGate gate = circuit->gate[i];
        result[i] = evaluate_gate(gate.op, values[gate.a], values[gate.b]);
    }
}

int32_t dlca_circuit_live_gates(const DlcaCircuit *circuit) {
    const int32_t inputs = circuit->inputs;
    bool *live = calloc((size_t)inputs + (size_t)circuit->gates + 1, sizeof *live);
    if (!live) {
        return -1;
    }
    for (int32_t i = 0; i < circuit->outputs; i++) {
        live[circuit->output[i]] = true;
    }
    int32_t count = 0;
    for (int32_t i = circuit->gates - 1; i >= 0; i--) {
        const DlcaGate gate = circuit->gate[i];
        if (live[inputs + i]) {
            count++;
            live[gate.a] |= dlca_op_uses_a(gate.op);
            live[gate.b] |= dlca_op_uses_b(gate.op);
        }
    }
    free(live);
    return count;
}

int32_t dlca_circuit_depth(const DlcaCircuit *circuit) {
    const int32_t inputs = circuit->inputs;
    int32_t *depth = calloc((size_t)inputs + (size_t)circuit->gates + 1, sizeof *depth);
    if (!depth) {
        return -1;
    }
    for (int32_t i = 0; i < circuit->gates; i++) {
        const DlcaGate gate = circuit->gate[i];
        const int32_t a = dlca_op_uses_a(gate.op) ? depth[gate.a] : 0;
        const int32_t b = dlca_op_uses_b(gate.op) ? depth[gate.b] : 0;
        depth[inputs + i] = 1 + (a > b ? a : b);
    }
    int32_t deepest = 0;
    for (int32_t i = 0; i < circuit->outputs; i++) {
        deepest = depth[circuit->output[i]] > deepest ? depth[circuit->output[i]] : deepest;
    }
    free(depth);
    return deepest;
}
