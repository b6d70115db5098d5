/* export_dot.c - a circuit as a graph for Graphviz: operations named, a ring where an input is inverted. */
#include "export_view.h"

static void add_node_line(DlcaText *text, const char *name, const char *label, const char *style) {
    dlca_text_add(text, "    %s [label=\"%s\", %s];\n", name, label, style);
}

static void add_inputs(const DlcaExportView *view, DlcaText *text) {
    dlca_text_add(text, "    { rank=source;\n");
    for (int32_t i = 0; i < view->circuit->inputs; i++) {
        if (view->live[i]) {
            char name[DLCA_PATCH_NAME_BYTES], label[DLCA_PATCH_NAME_BYTES];
            dlca_input_name(name, i, view->channels);
            dlca_input_label(label, i, view->channels);
            add_node_line(text, name, label, "shape=plaintext");
        }
    }
    dlca_text_add(text, "    }\n");
}

static void add_edge(const DlcaExportView *view, DlcaText *text, int32_t from, const char *to, bool inverted) {
    char name[DLCA_PATCH_NAME_BYTES];
    dlca_node_name(name, from, view->channels);
    dlca_text_add(text, "    %s -> %s%s;\n", name, to, inverted ? " [arrowhead=odot]" : "");
}

static void add_gates(const DlcaExportView *view, DlcaText *text) {
    static const char *const style[] = {[DLCA_SHAPE_CONSTANT] = "shape=box, style=rounded",
                                        [DLCA_SHAPE_WIRE] = "shape=box, style=rounded",
                                        [DLCA_SHAPE_AND] = "shape=box, style=filled, fillcolor=\"#d9e8fb\"",
                                        [DLCA_SHAPE_OR] = "shape=box, style=filled, fillcolor=\"#fdeacc\"",
                                        [DLCA_SHAPE_XOR] = "shape=box, style=filled, fillcolor=\"#dff2d8\""};
    const DlcaCircuit *circuit = view->circuit;
    for (int32_t i = 0; i < circuit->gates; i++) {
        const DlcaGate gate = circuit->gate[i];
        const DlcaDrawing drawing = dlca_drawing[gate.op];
        char name[DLCA_PATCH_NAME_BYTES];
        if (!view->live[circuit->inputs + i]) {
            continue;
        }
        dlca_node_name(name, circuit->inputs + i, view->channels);
        add_node_line(text, name, drawing.label, style[drawing.shape]);
        if (dlca_op_uses_a(gate.op)) {
            add_edge(view, text, gate.a, name, drawing.invert_a);
        }
        if (dlca_op_uses_b(gate.op)) {
            add_edge(view, text, gate.b, name, drawing.invert_b);
        }
    }
}

void dlca_export_dot(const DlcaExportView *view, DlcaText *text) {
    char name[DLCA_PATCH_NAME_BYTES];
    dlca_text_add(text, "// dlca: ");
    dlca_export_title(view, text);
    dlca_text_add(text, "\ndigraph dlca {\n    rankdir=LR;\n    label=\"");
    dlca_export_title(view, text);
    dlca_text_add(text, "\";\n    fontname=\"sans-serif\"; fontsize=11;\n"
                        "    node [fontname=\"sans-serif\", fontsize=11, height=0.3];\n"
                        "    edge [arrowsize=0.6];\n");
    add_inputs(view, text);
    add_gates(view, text);
    dlca_text_add(text, "    { rank=sink;\n");
    for (int32_t i = 0; i < view->circuit->outputs; i++) {
        char label[DLCA_PATCH_NAME_BYTES];
        dlca_output_name(name, i);
        dlca_output_label(label, i, view->channels);
        add_node_line(text, name, label, "shape=plaintext");
    }
    dlca_text_add(text, "    }\n");
    for (int32_t i = 0; i < view->circuit->outputs; i++) {
        dlca_output_name(name, i);
        add_edge(view, text, view->circuit->output[i], name, false);
    }
    dlca_text_add(text, "}\n");
}
