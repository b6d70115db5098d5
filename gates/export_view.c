/* export_view.c - prepares a circuit for the exporters. */
#include "export_view.h"

#include <stdlib.h>
#include <string.h>

const DlcaDrawing dlca_drawing[DLCA_OPS] = {
    [DLCA_OP_FALSE] = {.shape = DLCA_SHAPE_CONSTANT, .label = "0"},
    [DLCA_OP_AND] = {.shape = DLCA_SHAPE_AND, .label = "AND"},
    [DLCA_OP_A_AND_NOT_B] = {.shape = DLCA_SHAPE_AND, .invert_b = true, .label = "AND"},
    [DLCA_OP_A] = {.shape = DLCA_SHAPE_WIRE, .label = "BUF"},
    [DLCA_OP_NOT_A_AND_B] = {.shape = DLCA_SHAPE_AND, .invert_a = true, .label = "AND"},
    [DLCA_OP_B] = {.shape = DLCA_SHAPE_WIRE, .reads_b = true, .label = "BUF"},
    [DLCA_OP_XOR] = {.shape = DLCA_SHAPE_XOR, .label = "XOR"},
    [DLCA_OP_OR] = {.shape = DLCA_SHAPE_OR, .label = "OR"},
    [DLCA_OP_NOR] = {.shape = DLCA_SHAPE_OR, .invert = true, .label = "NOR"},
    [DLCA_OP_XNOR] = {.shape = DLCA_SHAPE_XOR, .invert = true, .label = "XNOR"},
    [DLCA_OP_NOT_B] = {.shape = DLCA_SHAPE_WIRE, .invert = true, .reads_b = true, .label = "NOT"},
    [DLCA_OP_A_OR_NOT_B] = {.shape = DLCA_SHAPE_OR, .invert_b = true, .label = "OR"},
    [DLCA_OP_NOT_A] = {.shape = DLCA_SHAPE_WIRE, .invert = true, .label = "NOT"},
    [DLCA_OP_NOT_A_OR_B] = {.shape = DLCA_SHAPE_OR, .invert_a = true, .label = "OR"},
    [DLCA_OP_NAND] = {.shape = DLCA_SHAPE_AND, .invert = true, .label = "NAND"},
    [DLCA_OP_TRUE] = {.shape = DLCA_SHAPE_CONSTANT, .invert = true, .label = "1"},
};

/* "--" ends an XML comment too early, "?" begins trigraphs, a backslash joins lines, other signs close strings. */
static void make_plain(char *plain, const char *task) {
    for (; *task; task++) {
        const char c = *task;
        const bool word = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.';
        const bool single_dash = c == '-' && task[1] != '-' && task[1] != '\0';
        *plain++ = word || single_dash ? c : '_';
    }
    *plain = '\0';
}

static void find_live(const DlcaCircuit *circuit, bool *live) {
    for (int32_t i = 0; i < circuit->outputs; i++) {
        live[circuit->output[i]] = true;
    }
    for (int32_t i = circuit->gates - 1; i >= 0; i--) {
        const DlcaGate gate = circuit->gate[i];
        if (live[circuit->inputs + i]) {
            live[gate.a] |= dlca_op_uses_a(gate.op);
            live[gate.b] |= dlca_op_uses_b(gate.op);
        }
    }
}

bool dlca_export_view_create(DlcaExportView *view, const DlcaCircuit *circuit, const DlcaCircuitFacts *facts,
                             DlcaError *error) {
    *view = (DlcaExportView){.circuit = circuit, .facts = facts, .channels = facts->channels};
    if (!dlca_circuit_check(circuit, error) || !dlca_circuit_facts_check(circuit, facts, "the circuit", error)) {
        return false;
    }
    view->nodes = circuit->inputs + circuit->gates;
    view->live = calloc((size_t)view->nodes, sizeof *view->live);
    if (!view->live) {
        return dlca_fail(error, DLCA_FAILED, "no memory to export a circuit of %d gates", circuit->gates);
    }
    find_live(circuit, view->live);
    for (int32_t i = 0; i < circuit->gates; i++) {
        if (view->live[circuit->inputs + i]) {
            const DlcaDrawing drawing = dlca_drawing[circuit->gate[i].op];
            view->size.constants += drawing.shape == DLCA_SHAPE_CONSTANT;
            view->size.inverters += drawing.shape == DLCA_SHAPE_WIRE && drawing.invert;
            view->size.gates += drawing.shape >= DLCA_SHAPE_AND;
        }
    }
    make_plain(view->task, facts->task);
    return true;
}

void dlca_export_view_free(DlcaExportView *view) {
    free(view->live);
    *view = (DlcaExportView){0};
}

void dlca_export_title(const DlcaExportView *view, DlcaText *text) {
    const DlcaCircuitFacts *facts = view->facts;
    dlca_text_add(text, "%s, seed %llu, %d gates, %d inverters, %d constants; %lld gates trained, %lld active",
                  view->task, (unsigned long long)facts->seed, view->size.gates, view->size.inverters,
                  view->size.constants, (long long)facts->gates_total, (long long)facts->gates_active);
}
