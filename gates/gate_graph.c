/* gate_graph.c - the graph of unique gates: memory, hashing, simplification while adding. */
#include "gate_graph.h"

#include <stdlib.h>
#include <string.h>

void dlca_graph_free(DlcaGateGraph *graph) {
    free(graph->node);
    free(graph->slot);
    free(graph->table);
    *graph = (DlcaGateGraph){0};
}

bool dlca_graph_reserve(DlcaGateGraph *graph, int32_t inputs, int32_t gates, DlcaError *error) {
    const int64_t nodes = 1 + (int64_t)inputs + gates;
    if (nodes > DLCA_CIRCUIT_MAX_NODES + (int64_t)1) {
        return dlca_fail(error, DLCA_BAD_INPUT, "a graph of %lld nodes: at most %d", (long long)nodes - 1,
                         (int)DLCA_CIRCUIT_MAX_NODES);
    }
    if (graph->capacity < nodes) {
        uint32_t table_size = 16;
        while (table_size < 2 * (uint64_t)nodes) {
            table_size *= 2;
        }
        dlca_graph_free(graph);
        graph->node = malloc((size_t)nodes * sizeof *graph->node);
        graph->slot = malloc((size_t)nodes * sizeof *graph->slot);
        graph->table = calloc(table_size, sizeof *graph->table);
        if (!graph->node || !graph->slot || !graph->table) {
            dlca_graph_free(graph);
            return dlca_fail(error, DLCA_FAILED, "no memory for a graph of %lld nodes", (long long)nodes);
        }
        graph->capacity = (int32_t)nodes;
        graph->table_size = table_size;
    }
    dlca_graph_clear(graph, inputs);
    return true;
}

void dlca_graph_clear(DlcaGateGraph *graph, int32_t inputs) {
    for (int32_t n = 1 + graph->inputs; n < graph->nodes; n++) {
        graph->table[graph->slot[n]] = 0;
    }
    for (int32_t n = 0; n <= inputs; n++) {
        graph->node[n] = (DlcaGraphNode){0};
    }
    graph->inputs = inputs;
    graph->nodes = 1 + inputs;
}

/* The slot of the gate, or the empty one where it would go. */
static uint32_t find_slot(const DlcaGateGraph *graph, int32_t op, int32_t a, int32_t b) {
    const uint32_t mask = graph->table_size - 1;
    uint32_t hash = (uint32_t)a * 0x9e3779b1u ^ (uint32_t)b * 0x85ebca77u ^ (uint32_t)op * 0xc2b2ae3du;
    hash ^= hash >> 15;
    for (uint32_t slot = hash & mask;; slot = (slot + 1) & mask) {
        const int32_t n = graph->table[slot];
        if (n == 0 || (graph->node[n].a == a && graph->node[n].b == b && graph->node[n].op == op)) {
            return slot;
        }
    }
}

static bool exists(const DlcaGateGraph *graph, DlcaValueGate gate) {
    const bool swap = gate.a > gate.b;
    const int op = swap ? dlca_op_swap(gate.op) : gate.op;
    return graph->table[find_slot(graph, dlca_op_normal(op), swap ? gate.b : gate.a, swap ? gate.a : gate.b)] != 0;
}

/* Functions of up to three leaves u, v, w as tables of eight bits; these are the leaves themselves. */
enum { TABLE_U = 0xf0, TABLE_V = 0xcc, TABLE_W = 0xaa };

static int table_of(int op, int a, int b) {
    return ((op & 8 ? ~a & ~b : 0) | (op & 4 ? ~a & b : 0) | (op & 2 ? a & ~b : 0) | (op & 1 ? a & b : 0)) & 0xff;
}

/* The op for which table = op(p, q), -1 when there is none. p and q are independent: each pair of values occurs. */
static int as_function_of(int table, int p, int q) {
    const int minterm[4] = {p & q, p & ~q, ~p & q, ~(p | q) & 0xff}; /* in the order of an operation's bits 0..3 */
    int op = 0;
    for (int i = 0; i < 4; i++) {
        const int part = table & minterm[i];
        if (part == minterm[i]) {
            op |= 1 << i;
        } else if (part != 0) {
            return -1;
        }
    }
    return op;
}

/* The gate reads two gates x(u, v) and y(u, w) that share one leaf. Where its function of u, v, w is a function of two
 * leaves, or of a leaf and x or y, one gate of these does the same and sets x, y or both free: a & (a & b) = a & b,
 * (u & v) & (u & w) = (u & v) & w, (u ^ v) ^ (u ^ w) = v ^ w, !(u & v) & u = u & !v are of this kind. */
static bool simplify_sharing_one(const DlcaGateGraph *graph, DlcaValueGate *gate, int32_t u) {
    const DlcaGraphNode x = graph->node[gate->a], y = graph->node[gate->b];
    const int32_t v = x.a == u ? x.b : x.a, w = y.a == u ? y.b : y.a;
    const int x_table = x.a == u ? table_of(x.op, TABLE_U, TABLE_V) : table_of(x.op, TABLE_V, TABLE_U);
    const int y_table = y.a == u ? table_of(y.op, TABLE_U, TABLE_W) : table_of(y.op, TABLE_W, TABLE_U);
    const int table = table_of(gate->op, x_table, y_table);
    const DlcaValueGate of_leaves[3] = {{as_function_of(table, TABLE_V, TABLE_W), v, w},
                                        {as_function_of(table, TABLE_U, TABLE_V), u, v},
                                        {as_function_of(table, TABLE_U, TABLE_W), u, w}};
    for (int i = 0; i < 3; i++) {
        if (of_leaves[i].op >= 0) {
            *gate = of_leaves[i];
            return true;
        }
    }
    const DlcaValueGate without_y = {as_function_of(table, x_table, TABLE_W), gate->a, w};
    const DlcaValueGate without_x = {as_function_of(table, y_table, TABLE_V), gate->b, v};
    if (without_y.op >= 0 && (without_x.op < 0 || !exists(graph, without_x))) {
        *gate = without_y;
        return true;
    }
    if (without_x.op >= 0) {
        *gate = without_x;
        return true;
    }
    return false;
}

/* One rewriting step of a gate with a < b into a gate of earlier nodes; false when there is none. The sum of the two
 * node numbers falls each time, so a chain of steps ends. */
static bool simplify(const DlcaGateGraph *graph, DlcaValueGate *gate) {
    if (gate->b <= graph->inputs) {
        return false;
    }
    const DlcaGraphNode y = graph->node[gate->b];
    if (y.a == gate->a || y.b == gate->a) {
        const int y_table = y.a == gate->a ? table_of(y.op, TABLE_U, TABLE_V) : table_of(y.op, TABLE_V, TABLE_U);
        gate->b = y.a == gate->a ? y.b : y.a;
        gate->op = as_function_of(table_of(gate->op, TABLE_U, y_table), TABLE_U, TABLE_V);
        return true;
    }
    if (gate->a <= graph->inputs) {
        return false;
    }
    const DlcaGraphNode x = graph->node[gate->a];
    if (x.a == y.a && x.b == y.b) {
        const int table = table_of(gate->op, table_of(x.op, TABLE_U, TABLE_V), table_of(y.op, TABLE_U, TABLE_V));
        *gate = (DlcaValueGate){as_function_of(table, TABLE_U, TABLE_V), x.a, x.b};
        return true;
    }
    if (x.a == y.a || x.a == y.b) {
        return simplify_sharing_one(graph, gate, x.a);
    }
    return (x.b == y.a || x.b == y.b) && simplify_sharing_one(graph, gate, x.b);
}

/* True when the gate is, after simplifying, a literal that is there already. False when it would be a new node: then
 * `gate` is what it should be, a < b, and `slot` where it goes. */
static bool resolve(const DlcaGateGraph *graph, DlcaValueGate *gate, uint32_t *slot, DlcaLiteral *literal) {
    do {
        if (dlca_gate_degenerate(*gate, literal)) {
            return true;
        }
        if (gate->a > gate->b) {
            *gate = (DlcaValueGate){dlca_op_swap(gate->op), gate->b, gate->a};
        }
        *slot = find_slot(graph, dlca_op_normal(gate->op), gate->a, gate->b);
        if (graph->table[*slot] != 0) { /* one that is there could not be simplified when it came */
            *literal = 2 * graph->table[*slot] + (gate->op >> 3 & 1);
            return true;
        }
    } while (simplify(graph, gate));
    return false;
}

DlcaLiteral dlca_graph_gate(DlcaGateGraph *graph, int op, DlcaLiteral a, DlcaLiteral b) {
    DlcaValueGate gate = dlca_value_gate(op, a, b);
    uint32_t slot;
    DlcaLiteral literal;
    if (!resolve(graph, &gate, &slot, &literal)) {
        const int32_t node = graph->nodes++;
        graph->node[node] = (DlcaGraphNode){gate.a, gate.b, dlca_op_normal(gate.op)};
        graph->slot[node] = (int32_t)slot;
        graph->table[slot] = node;
        literal = 2 * node + (gate.op >> 3 & 1);
    }
    return literal;
}

DlcaLiteral dlca_graph_find(const DlcaGateGraph *graph, int op, DlcaLiteral a, DlcaLiteral b) {
    DlcaValueGate gate = dlca_value_gate(op, a, b);
    uint32_t slot;
    DlcaLiteral literal;
    return resolve(graph, &gate, &slot, &literal) ? literal : DLCA_LITERAL_NONE;
}
