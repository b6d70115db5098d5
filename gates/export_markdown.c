/* export_markdown.c - a circuit as a page to read: facts, operations, what each channel depends on, expressions. */
#include "export_view.h"
#include "reads.h"

#include <stdlib.h>

enum { MOST_GATES_LISTED = 1000 };

static void add_facts(const DlcaExportView *view, DlcaText *text) {
    const DlcaCircuitFacts *facts = view->facts;
    const int32_t depth = dlca_circuit_depth(view->circuit);
    text->failed = text->failed || depth < 0;
    dlca_text_add(text, "# %s\n\n<!-- dlca: ", view->task);
    dlca_export_title(view, text);
    dlca_text_add(text, " -->\n\n| | |\n|---|---|\n| task, seed | %s, %llu |\n", view->task,
                  (unsigned long long)facts->seed);
    dlca_text_add(text, "| grid | %d x %d cells, %s |\n", facts->width, facts->height,
                  facts->periodic ? "wraps" : "outside reads 0");
    dlca_text_add(text, "| bits of a cell | %d, of them scored: %d |\n", facts->channels, facts->scored_channels);
    dlca_text_add(text, "| steps | %d, %s |\n", facts->steps, facts->asynchronous ? "asynchronous" : "synchronous");
    dlca_text_add(text, "| circuit | %d gates, %d inverters, %d constants, depth %d |\n", view->size.gates,
                  view->size.inverters, view->size.constants, depth);
    dlca_text_add(text, "| trained | %lld gates, %lld active |\n\n", (long long)facts->gates_total,
                  (long long)facts->gates_active);
}

static void add_histogram(const DlcaExportView *view, DlcaText *text) {
    int64_t count[DLCA_OPS];
    dlca_circuit_histogram(view->circuit, count);
    dlca_text_add(text, "## Operations\n\n| operation | gates |\n|---|---|\n");
    for (int op = 0; op < DLCA_OPS; op++) {
        if (count[op] > 0) {
            dlca_text_add(text, "| %s | %lld |\n", dlca_op_name(op), (long long)count[op]);
        }
    }
    dlca_text_add(text, "\n");
}

static void add_channels(const DlcaExportView *view, DlcaText *text) {
    const DlcaCircuit *circuit = view->circuit;
    dlca_text_add(text,
                  "## Channels\n\nCells by compass point, c the cell itself, the channel behind; `!` not, `&` and, "
                  "`^` exclusive or, `|` or.\n\n");
    for (int32_t i = 0; i < circuit->outputs; i++) {
        dlca_circuit_explain(circuit, i, "    ", text);
        dlca_text_add(text, "\n");
    }
}

static void add_gates(const DlcaExportView *view, DlcaText *text) {
    const DlcaCircuit *circuit = view->circuit;
    char a[DLCA_PATCH_NAME_BYTES], b[DLCA_PATCH_NAME_BYTES];
    if (circuit->gates > MOST_GATES_LISTED) {
        return;
    }
    dlca_text_add(text, "## Gates\n\n| gate | operation | a | b |\n|---|---|---|---|\n");
    for (int32_t i = 0; i < circuit->gates; i++) {
        const DlcaGate gate = circuit->gate[i];
        if (view->live[circuit->inputs + i]) {
            dlca_node_name(a, gate.a, view->channels);
            dlca_node_name(b, gate.b, view->channels);
            dlca_text_add(text, "| g%d | %s | %s | %s |\n", i, dlca_op_name(gate.op), dlca_op_uses_a(gate.op) ? a : "",
                          dlca_op_uses_b(gate.op) ? b : "");
        }
    }
    for (int32_t i = 0; i < circuit->outputs; i++) {
        dlca_node_name(a, circuit->output[i], view->channels);
        dlca_text_add(text, "| next_%d | | %s | |\n", i, a);
    }
}

void dlca_export_markdown(const DlcaExportView *view, DlcaText *text) {
    add_facts(view, text);
    add_histogram(view, text);
    add_channels(view, text);
    add_gates(view, text);
}
