/* narrow.c - renumbers inputs and outputs. */
#include "narrow.h"

#include <stdlib.h>
#include <string.h>

void dlca_narrow_free(DlcaNarrow *narrow) {
    dlca_circuit_free(&narrow->circuit);
    free(narrow->input);
    free(narrow->output);
    *narrow = (DlcaNarrow){0};
}

/* Numbers the inputs that are read; the others get -1. place [from inputs]. */
static int32_t place_inputs(const DlcaCircuit *from, int32_t *place) {
    int32_t count = 0;
    memset(place, -1, (size_t)from->inputs * sizeof *place);
    for (int32_t i = 0; i < from->gates; i++) {
        const int32_t read[2] = {from->gate[i].a, from->gate[i].b};
        for (int k = 0; k < 2; k++) {
            if (read[k] < from->inputs) {
                place[read[k]] = 0;
            }
        }
    }
    for (int32_t i = 0; i < from->inputs; i++) {
        place[i] = place[i] < 0 ? -1 : count++;
    }
    return count;
}

static int32_t place_of(int32_t node, const DlcaCircuit *from, const int32_t *place, int32_t inputs) {
    return node < from->inputs ? place[node] : inputs + node - from->inputs;
}

static void fill(DlcaNarrow *narrow, const DlcaCircuit *from, const int32_t *place) {
    DlcaCircuit *circuit = &narrow->circuit;
    for (int32_t i = 0; i < from->inputs; i++) {
        if (place[i] >= 0) {
            narrow->input[place[i]] = i;
        }
    }
    for (int32_t i = 0; i < from->gates; i++) {
        const DlcaGate gate = from->gate[i];
        circuit->gate[i] = (DlcaGate){place_of(gate.a, from, place, circuit->inputs),
                                      place_of(gate.b, from, place, circuit->inputs), gate.op};
    }
    circuit->outputs = 0;
    for (int32_t i = 0; i < from->outputs; i++) {
        if (from->output[i] >= from->inputs) {
            narrow->output[circuit->outputs] = i;
            circuit->output[circuit->outputs++] = place_of(from->output[i], from, place, circuit->inputs);
        }
    }
}

bool dlca_narrow_create(DlcaNarrow *narrow, const DlcaCircuit *from, DlcaError *error) {
    *narrow = (DlcaNarrow){0};
    int32_t *place = malloc(((size_t)from->inputs + 1) * sizeof *place);
    narrow->input = malloc(((size_t)from->inputs + 1) * sizeof *narrow->input);
    narrow->output = malloc(((size_t)from->outputs + 1) * sizeof *narrow->output);
    if (!place || !narrow->input || !narrow->output) {
        free(place);
        dlca_narrow_free(narrow);
        return dlca_fail(error, DLCA_FAILED, "no memory for a circuit of %d gates", from->gates);
    }
    const int32_t inputs = place_inputs(from, place);
    const bool good = dlca_circuit_create(&narrow->circuit, inputs, from->outputs, from->gates, error);
    if (good) {
        fill(narrow, from, place);
    } else {
        dlca_narrow_free(narrow);
    }
    free(place);
    return good;
}

bool dlca_narrow_widen(const DlcaNarrow *narrow, const DlcaCircuit *circuit, const DlcaCircuit *from, DlcaCircuit *to,
                       DlcaError *error) {
    if (!dlca_circuit_create(to, from->inputs, from->outputs, circuit->gates, error)) {
        return false;
    }
    for (int32_t i = 0; i < circuit->gates; i++) {
        const int32_t read[2] = {circuit->gate[i].a, circuit->gate[i].b};
        int32_t node[2];
        for (int k = 0; k < 2; k++) {
            node[k] = read[k] < circuit->inputs ? narrow->input[read[k]] : from->inputs + read[k] - circuit->inputs;
        }
        to->gate[i] = (DlcaGate){node[0], node[1], circuit->gate[i].op};
    }
    for (int32_t i = 0; i < from->outputs; i++) {
        to->output[i] = from->output[i];
    }
    for (int32_t i = 0; i < circuit->outputs; i++) {
        const int32_t node = circuit->output[i];
        to->output[narrow->output[i]] =
            node < circuit->inputs ? narrow->input[node] : from->inputs + node - circuit->inputs;
    }
    return true;
}
