/* export_blif.c - a circuit as BLIF: a table per gate, XOR too (counting AND gates alone would make it three).
 *
 * Berkeley Logic Interchange Format (University of California, Berkeley, 1992). */
#include "export_view.h"

enum { LINE = 100 };

/* The rows of a gate's table for which it is 1, by truth table: "-" stands for an input that it ignores. */
static const char *const rows[DLCA_OPS] = {
    [DLCA_OP_FALSE] = "",
    [DLCA_OP_AND] = "11 1\n",
    [DLCA_OP_A_AND_NOT_B] = "10 1\n",
    [DLCA_OP_A] = "1 1\n",
    [DLCA_OP_NOT_A_AND_B] = "01 1\n",
    [DLCA_OP_B] = "1 1\n",
    [DLCA_OP_XOR] = "10 1\n01 1\n",
    [DLCA_OP_OR] = "1- 1\n-1 1\n",
    [DLCA_OP_NOR] = "00 1\n",
    [DLCA_OP_XNOR] = "00 1\n11 1\n",
    [DLCA_OP_NOT_B] = "0 1\n",
    [DLCA_OP_A_OR_NOT_B] = "1- 1\n-0 1\n",
    [DLCA_OP_NOT_A] = "0 1\n",
    [DLCA_OP_NOT_A_OR_B] = "0- 1\n-1 1\n",
    [DLCA_OP_NAND] = "0- 1\n-0 1\n",
    [DLCA_OP_TRUE] = "1\n",
};

static void add_word(DlcaText *text, const char *word, size_t *column) {
    const size_t before = text->size;
    if (*column > LINE) {
        dlca_text_add(text, " \\\n   ");
        *column = 0;
    }
    dlca_text_add(text, " %s", word);
    *column += text->size - before;
}

static void add_list(const DlcaExportView *view, DlcaText *text, bool inputs) {
    const int32_t count = inputs ? view->circuit->inputs : view->circuit->outputs;
    size_t column = 0;
    dlca_text_add(text, inputs ? ".inputs" : ".outputs");
    for (int32_t i = 0; i < count; i++) {
        char name[DLCA_PATCH_NAME_BYTES];
        inputs ? dlca_input_name(name, i, view->channels) : dlca_output_name(name, i);
        add_word(text, name, &column);
    }
    dlca_text_add(text, "\n");
}

static void add_gate(const DlcaExportView *view, DlcaText *text, int32_t index) {
    const DlcaGate gate = view->circuit->gate[index];
    const int32_t read[2] = {gate.a, gate.b};
    const bool uses[2] = {dlca_op_uses_a(gate.op), dlca_op_uses_b(gate.op)};
    char name[DLCA_PATCH_NAME_BYTES];
    dlca_text_add(text, ".names");
    for (int i = 0; i < 2; i++) {
        if (uses[i]) {
            dlca_node_name(name, read[i], view->channels);
            dlca_text_add(text, " %s", name);
        }
    }
    dlca_text_add(text, " g%d\n%s", index, rows[gate.op]);
}

void dlca_export_blif(const DlcaExportView *view, DlcaText *text) {
    const DlcaCircuit *circuit = view->circuit;
    char name[DLCA_PATCH_NAME_BYTES];
    dlca_text_add(text, "# dlca: ");
    dlca_export_title(view, text);
    dlca_text_add(text, "\n.model dlca_cell\n");
    add_list(view, text, true);
    add_list(view, text, false);
    for (int32_t i = 0; i < circuit->gates; i++) {
        if (view->live[circuit->inputs + i]) {
            add_gate(view, text, i);
        }
    }
    for (int32_t i = 0; i < circuit->outputs; i++) {
        dlca_node_name(name, circuit->output[i], view->channels);
        dlca_text_add(text, ".names %s next_%d\n1 1\n", name, i);
    }
    dlca_text_add(text, ".end\n");
}
