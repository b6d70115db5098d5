/* gate_graph.h - circuits as a graph in which equal gates are one node and inverters are free.
 *
 * A literal is a node or its inverse: 2 * node + inverted. Node 0 is the constant false, nodes 1..inputs are the
 * inputs, then come gates, each after those it reads. A gate node is stored normal: it depends on both its inputs, a <
 * b, and it is 0 when both are 0 (the inverse of any other gate is), so of the ten such operations five are left, and
 * two gates with equal functions of the same two nodes are always the same node. Related: and-inverter graphs with
 * structural hashing (Kuehlmann et al., 2002), here with XOR as a node of its own.
 *
 * dlca_graph_gate simplifies as it adds, by looking two levels deep; it never adds more than one node. Leaves alone:
 * what needs the whole graph (fan-out, cuts), circuits in files. */
#ifndef DLCA_GATE_GRAPH_H
#define DLCA_GATE_GRAPH_H

#include "circuit.h"
#include "literal.h"

/* The literal of a circuit's input. */
static inline DlcaLiteral dlca_literal_input(int32_t input) {
    return 2 * (input + 1);
}

typedef struct DlcaGraphNode {
    int32_t a, b; /* nodes, a < b */
    int32_t op;   /* AND, A_AND_NOT_B, NOT_A_AND_B, XOR or OR */
} DlcaGraphNode;

typedef struct DlcaGateGraph {
    int32_t inputs;
    int32_t nodes;       /* 1 + inputs + gates */
    int32_t capacity;    /* room for nodes */
    DlcaGraphNode *node; /* [capacity] */
    int32_t *slot;       /* [capacity] where a gate stands in the table, to empty it again at a cost per gate */
    int32_t *table;      /* [table_size] open addressing, linear probing: gate node or 0 */
    uint32_t table_size; /* a power of two, at least twice the capacity */
} DlcaGateGraph;

/* Makes room for so many inputs and gates; keeps the memory when it suffices; the graph is empty afterwards. A zeroed
 * struct is a graph without memory. */
bool dlca_graph_reserve(DlcaGateGraph *graph, int32_t inputs, int32_t gates, DlcaError *error);
void dlca_graph_free(DlcaGateGraph *graph);

/* Empties it, for `inputs` inputs (within what was reserved). */
void dlca_graph_clear(DlcaGateGraph *graph, int32_t inputs);

/* op(a, b) as a literal. Room for one more gate must have been reserved. */
DlcaLiteral dlca_graph_gate(DlcaGateGraph *graph, int op, DlcaLiteral a, DlcaLiteral b);

/* The same without adding: DLCA_LITERAL_NONE when it would be a new node. */
DlcaLiteral dlca_graph_find(const DlcaGateGraph *graph, int op, DlcaLiteral a, DlcaLiteral b);

/* Writes the part of the graph that `outputs` literals depend on as a circuit whose memory the caller provides:
 * gate [graph gates + outputs + 2] and output [outputs]. Inverters go into operations; where an output is nothing but
 * the inverse of an input, a constant, or both a node and its inverse are outputs, there is a NOT or constant gate.
 * `scratch` [graph nodes]. */
void dlca_graph_write(const DlcaGateGraph *graph, const DlcaLiteral *output, int32_t outputs, int32_t *scratch,
                      DlcaCircuit *circuit);

#endif
