/* graph_clauses.c - clauses of gates. */
#include "graph_clauses.h"

#include <stdlib.h>

void dlca_graph_clauses_free(DlcaGraphClauses *clauses) {
    dlca_sat_free(clauses->sat);
    free(clauses->variable);
    free(clauses->stack);
    *clauses = (DlcaGraphClauses){0};
}

bool dlca_graph_clauses_create(DlcaGraphClauses *clauses, const DlcaGateGraph *graph, DlcaError *error) {
    const size_t nodes = (size_t)graph->capacity + 1;
    *clauses = (DlcaGraphClauses){.graph = graph, .sat = dlca_sat_create(error), .nodes = graph->capacity};
    if (!clauses->sat) {
        return false;
    }
    clauses->variable = calloc(nodes, sizeof *clauses->variable);
    clauses->stack = malloc(nodes * sizeof *clauses->stack);
    if (!clauses->variable || !clauses->stack) {
        dlca_graph_clauses_free(clauses);
        return dlca_fail(error, DLCA_FAILED, "no memory for the clauses of %zu nodes", nodes);
    }
    return true;
}

/* For each row of the gate's table: when the inputs are so, the output is so. */
static void state_gate(DlcaGraphClauses *clauses, int32_t n) {
    const DlcaGraphNode node = clauses->graph->node[n];
    const int32_t a = clauses->variable[node.a], b = clauses->variable[node.b];
    const int32_t output = dlca_sat_variable(clauses->sat);
    clauses->variable[n] = output;
    for (int row = 0; row < 4; row++) {
        const bool a_is_1 = (row & 2) != 0, b_is_1 = (row & 1) != 0;
        const int32_t clause[3] = {a_is_1 ? -a : a, b_is_1 ? -b : b,
                                   dlca_op_bit(node.op, a_is_1, b_is_1) ? output : -output};
        dlca_sat_clause(clauses->sat, clause, 3);
    }
}

/* A leaf is free; the constant is false. */
static void state_leaf(DlcaGraphClauses *clauses, int32_t n) {
    clauses->variable[n] = dlca_sat_variable(clauses->sat);
    if (n == 0) {
        const int32_t clause = -clauses->variable[n];
        dlca_sat_clause(clauses->sat, &clause, 1);
    }
}

/* Depth first, what a gate reads before the gate: a node stays on the stack until its inputs are stated. Each push is
 * of a node smaller than the one below it, so the stack never holds more than there are nodes. */
static void state_cone(DlcaGraphClauses *clauses, int32_t root) {
    int32_t depth = 0;
    clauses->stack[depth++] = root;
    while (depth > 0) {
        const int32_t n = clauses->stack[depth - 1];
        if (clauses->variable[n]) {
            depth--;
        } else if (n <= clauses->graph->inputs) {
            state_leaf(clauses, n);
        } else if (!clauses->variable[clauses->graph->node[n].b]) {
            clauses->stack[depth++] = clauses->graph->node[n].b;
        } else if (!clauses->variable[clauses->graph->node[n].a]) {
            clauses->stack[depth++] = clauses->graph->node[n].a;
        } else {
            state_gate(clauses, n);
        }
    }
}

int32_t dlca_graph_clauses_literal(DlcaGraphClauses *clauses, DlcaLiteral literal) {
    const int32_t n = dlca_literal_value(literal);
    state_cone(clauses, n);
    return dlca_literal_inverted(literal) ? -clauses->variable[n] : clauses->variable[n];
}

DlcaSatAnswer dlca_graph_clauses_can_be_true(DlcaGraphClauses *clauses, DlcaLiteral literal, int32_t conflicts) {
    if (literal == DLCA_LITERAL_FALSE) {
        return DLCA_SAT_IMPOSSIBLE;
    }
    const int32_t assumed = dlca_graph_clauses_literal(clauses, literal);
    return dlca_sat_solve(clauses->sat, &assumed, 1, conflicts);
}

void dlca_graph_clauses_state(DlcaGraphClauses *clauses, DlcaLiteral literal) {
    const int32_t stated = dlca_graph_clauses_literal(clauses, literal);
    dlca_sat_clause(clauses->sat, &stated, 1);
}

bool dlca_graph_clauses_value(DlcaGraphClauses *clauses, int32_t node) {
    return clauses->variable[node] != 0 && dlca_sat_value(clauses->sat, clauses->variable[node]);
}
