/* import_builder.c - grows a circuit from literals, and orders its inputs and outputs by name. */
#include "import_builder.h"

#include "grown.h"
#include "patch_names.h"

#include <stdlib.h>

bool dlca_import_counts(const char *name, int64_t inputs, int64_t outputs, DlcaError *error) {
    if (inputs < 1 || inputs > DLCA_IMPORT_MAX_INPUTS) {
        return dlca_fail(error, DLCA_BAD_INPUT, "%s: %lld inputs: it must be 1 to %d", name, (long long)inputs,
                         DLCA_IMPORT_MAX_INPUTS);
    }
    if (outputs < 1 || outputs > DLCA_IMPORT_MAX_OUTPUTS) {
        return dlca_fail(error, DLCA_BAD_INPUT, "%s: %lld outputs: it must be 1 to %d", name, (long long)outputs,
                         DLCA_IMPORT_MAX_OUTPUTS);
    }
    return true;
}

/* Node numbers of the circuit are values less one: there is no node for the constant. */
static int32_t add_gate(DlcaImportBuilder *builder, int op, int32_t a, int32_t b) {
    DlcaCircuit *circuit = &builder->circuit;
    if (builder->failed || circuit->inputs + circuit->gates >= DLCA_CIRCUIT_MAX_NODES) {
        builder->failed = true;
        return 0;
    }
    DlcaGate *gates = dlca_grown(circuit->gate, circuit->gates, sizeof *gates);
    if (!gates) {
        builder->failed = true;
        return 0;
    }
    circuit->gate = gates;
    gates[circuit->gates] = (DlcaGate){.a = a, .b = b, .op = (uint8_t)op};
    return circuit->inputs + circuit->gates++;
}

DlcaLiteral dlca_import_gate(DlcaImportBuilder *builder, int op, DlcaLiteral a, DlcaLiteral b) {
    const DlcaValueGate gate = dlca_value_gate(op, a, b);
    DlcaLiteral literal;
    if (dlca_gate_degenerate(gate, &literal)) {
        return literal;
    }
    return 2 * (add_gate(builder, gate.op, gate.a - 1, gate.b - 1) + 1);
}

/* Gates for what an output may be but no node is: a constant, an inverse. */
static int32_t output_node(DlcaImportBuilder *builder, DlcaLiteral literal) {
    const int32_t value = dlca_literal_value(literal);
    if (value == 0) {
        return add_gate(builder, dlca_literal_inverted(literal) ? DLCA_OP_TRUE : DLCA_OP_FALSE, 0, 0);
    }
    return dlca_literal_inverted(literal) ? add_gate(builder, DLCA_OP_NOT_A, value - 1, value - 1) : value - 1;
}

/* Where each input (output) goes by its name; false when one of them has no name of ours. */
static bool places(const DlcaName *name, int32_t count, int32_t channels,
                   int32_t (*of_name)(const char *name, size_t length, int32_t channels), int32_t *place) {
    for (int32_t i = 0; i < count; i++) {
        place[i] = name && name[i].text ? of_name(name[i].text, name[i].length, channels) : -1;
        if (place[i] < 0) {
            return false;
        }
    }
    return true;
}

/* "nw_3" and "nw[3]" are two names of one input. */
static bool places_differ(const int32_t *place, int32_t count, int32_t *seen, int32_t places_in_all) {
    for (int32_t i = 0; i < places_in_all; i++) {
        seen[i] = 0;
    }
    for (int32_t i = 0; i < count; i++) {
        if (seen[place[i]]++) {
            return false;
        }
    }
    return true;
}

static void move_inputs(DlcaCircuit *circuit, const int32_t *place, int32_t inputs) {
    const int32_t before = circuit->inputs;
    for (int32_t i = 0; i < circuit->gates; i++) {
        DlcaGate *gate = &circuit->gate[i];
        gate->a = gate->a < before ? place[gate->a] : gate->a - before + inputs;
        gate->b = gate->b < before ? place[gate->b] : gate->b - before + inputs;
    }
    for (int32_t i = 0; i < circuit->outputs; i++) {
        int32_t *output = &circuit->output[i];
        *output = *output < before ? place[*output] : *output - before + inputs;
    }
    circuit->inputs = inputs;
}

static bool put_in_order(DlcaCircuit *circuit, const char *file, const DlcaName *input_name,
                         const DlcaName *output_name, int32_t *memory, DlcaError *error) {
    const int32_t channels = circuit->outputs, inputs = DLCA_PATCH_CELLS * channels;
    const int32_t most = inputs > circuit->inputs ? inputs : circuit->inputs;
    int32_t *place = memory, *seen = memory + most, *moved = memory + 2 * most;
    if (places(input_name, circuit->inputs, channels, dlca_input_of_name, place)) {
        if (!places_differ(place, circuit->inputs, seen, inputs)) {
            return dlca_fail(error, DLCA_BAD_INPUT, "%s: two inputs have the same name", file);
        }
        move_inputs(circuit, place, inputs);
    }
    if (places(output_name, channels, channels, dlca_output_of_name, place)) {
        if (!places_differ(place, channels, seen, channels)) {
            return dlca_fail(error, DLCA_BAD_INPUT, "%s: two outputs have the same name", file);
        }
        for (int32_t i = 0; i < channels; i++) {
            moved[place[i]] = circuit->output[i];
        }
        for (int32_t i = 0; i < channels; i++) {
            circuit->output[i] = moved[i];
        }
    }
    return true;
}

static bool finish(DlcaImportBuilder *builder, const DlcaLiteral *output, int32_t outputs, const DlcaName *input_name,
                   const DlcaName *output_name, DlcaError *error) {
    DlcaCircuit *circuit = &builder->circuit;
    const size_t most = (size_t)circuit->inputs + (size_t)DLCA_PATCH_CELLS * (size_t)outputs;
    int32_t *memory = calloc(3 * most, sizeof *memory);
    circuit->output = calloc((size_t)outputs + 1, sizeof *circuit->output);
    if (!memory || !circuit->output) {
        free(memory);
        return dlca_fail(error, DLCA_FAILED, "%s: no memory for the circuit", builder->name);
    }
    circuit->outputs = outputs;
    for (int32_t i = 0; i < outputs; i++) {
        circuit->output[i] = output_node(builder, output[i]);
    }
    bool good =
        !builder->failed || dlca_fail(error, DLCA_FAILED, "%s: no memory for the circuit, or more than %d gates",
                                      builder->name, (int)DLCA_CIRCUIT_MAX_NODES);
    good = good && put_in_order(circuit, builder->name, input_name, output_name, memory, error) &&
           dlca_circuit_check(circuit, error);
    free(memory);
    return good;
}

bool dlca_import_finish(DlcaImportBuilder *builder, const DlcaLiteral *output, int32_t outputs,
                        const DlcaName *input_name, const DlcaName *output_name, DlcaCircuit *circuit,
                        DlcaError *error) {
    *circuit = (DlcaCircuit){0};
    const bool good = finish(builder, output, outputs, input_name, output_name, error);
    if (good) {
        *circuit = builder->circuit;
    } else {
        dlca_circuit_free(&builder->circuit);
    }
    *builder = (DlcaImportBuilder){0};
    return good;
}
