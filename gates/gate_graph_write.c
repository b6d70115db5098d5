/* gate_graph_write.c - from the graph back to two-input gates, with the inverters inside their operations. */
#include "gate_graph.h"

#include <string.h>

/* What is known of a node, in the low bits of its scratch word; above them the number it has in the circuit. */
enum { LIVE = 1, OUTPUT = 2, INVERSE_OUTPUT = 4, STORED_INVERTED = 8, MARKS = 4 };

static void mark_live(const DlcaGateGraph *graph, const DlcaLiteral *output, int32_t outputs, int32_t *mark) {
    memset(mark, 0, (size_t)graph->nodes * sizeof *mark);
    for (int32_t i = 0; i < outputs; i++) {
        mark[dlca_literal_value(output[i])] |= LIVE | (dlca_literal_inverted(output[i]) ? INVERSE_OUTPUT : OUTPUT);
    }
    for (int32_t n = graph->nodes - 1; n > graph->inputs; n--) {
        if (mark[n] & LIVE) {
            mark[graph->node[n].a] |= LIVE;
            mark[graph->node[n].b] |= LIVE;
        }
    }
}

/* Appends a gate; returns its node number. */
static int32_t append(DlcaCircuit *circuit, int op, int32_t a, int32_t b) {
    circuit->gate[circuit->gates] = (DlcaGate){a, b, (uint8_t)op};
    return circuit->inputs + circuit->gates++;
}

/* Constants and inverted inputs that are outputs: the number kept is that of the first gate written for the node. */
static void write_leaves(const DlcaGateGraph *graph, int32_t *mark, DlcaCircuit *circuit) {
    const int32_t next = circuit->inputs + circuit->gates;
    if (mark[0] & OUTPUT) {
        append(circuit, DLCA_OP_FALSE, 0, 0);
    }
    if (mark[0] & INVERSE_OUTPUT) {
        append(circuit, DLCA_OP_TRUE, 0, 0);
    }
    mark[0] |= next << MARKS;
    for (int32_t n = 1; n <= graph->inputs; n++) {
        if (mark[n] & INVERSE_OUTPUT) {
            mark[n] |= append(circuit, DLCA_OP_NOT_A, n - 1, n - 1) << MARKS;
        }
    }
}

/* The circuit's number of a node that a gate reads. */
static int32_t number_of(const DlcaGateGraph *graph, const int32_t *mark, int32_t n) {
    return n <= graph->inputs ? n - 1 : mark[n] >> MARKS;
}

/* A gate that is an output only inverted is stored inverted, and those that read it make up for it; one that is an
 * output both ways gets a NOT directly behind it. */
static void write_gate(const DlcaGateGraph *graph, int32_t n, int32_t *mark, DlcaCircuit *circuit) {
    const DlcaGraphNode node = graph->node[n];
    int op = node.op;
    op = mark[node.a] & STORED_INVERTED ? dlca_op_invert_a(op) : op;
    op = mark[node.b] & STORED_INVERTED ? dlca_op_invert_b(op) : op;
    const bool inverted = (mark[n] & (OUTPUT | INVERSE_OUTPUT)) == INVERSE_OUTPUT;
    const int32_t number = append(circuit, inverted ? dlca_op_invert(op) : op, number_of(graph, mark, node.a),
                                  number_of(graph, mark, node.b));
    if (mark[n] & OUTPUT && mark[n] & INVERSE_OUTPUT) {
        append(circuit, DLCA_OP_NOT_A, number, number);
    }
    mark[n] |= number << MARKS | (inverted ? STORED_INVERTED : 0);
}

static int32_t output_number(const DlcaGateGraph *graph, const int32_t *mark, DlcaLiteral output) {
    const int32_t n = dlca_literal_value(output), number = mark[n] >> MARKS;
    const bool inverted = dlca_literal_inverted(output);
    if (n > 0 && n <= graph->inputs) {
        return inverted ? number : n - 1;
    }
    const bool second = inverted && mark[n] & OUTPUT; /* TRUE after FALSE, NOT after its gate */
    return number + (second ? 1 : 0);
}

void dlca_graph_write(const DlcaGateGraph *graph, const DlcaLiteral *output, int32_t outputs, int32_t *scratch,
                      DlcaCircuit *circuit) {
    circuit->inputs = graph->inputs;
    circuit->outputs = outputs;
    circuit->gates = 0;
    mark_live(graph, output, outputs, scratch);
    write_leaves(graph, scratch, circuit);
    for (int32_t n = graph->inputs + 1; n < graph->nodes; n++) {
        if (scratch[n] & LIVE) {
            write_gate(graph, n, scratch, circuit);
        }
    }
    for (int32_t i = 0; i < outputs; i++) {
        circuit->output[i] = output_number(graph, scratch, output[i]);
    }
}
