/* graph_clauses.h - nodes of a gate graph as variables of a SAT solver, each with the clauses that define it (Tseitin,
 * 1968), added when first asked for: only the cone of what is asked is ever stated.
 *
 * Leaves alone: building the graph, the questions. */
#ifndef DLCA_GRAPH_CLAUSES_H
#define DLCA_GRAPH_CLAUSES_H

#include "gate_graph.h"
#include "sat.h"

typedef struct DlcaGraphClauses {
    const DlcaGateGraph *graph;
    DlcaSat *sat;
    int32_t nodes;     /* room */
    int32_t *variable; /* [node] 0: not stated yet */
    int32_t *stack;    /* [node] */
} DlcaGraphClauses;

/* For graphs up to graph->capacity nodes, which may still grow and must not be cleared. */
bool dlca_graph_clauses_create(DlcaGraphClauses *clauses, const DlcaGateGraph *graph, DlcaError *error);
void dlca_graph_clauses_free(DlcaGraphClauses *clauses); /* leaves it empty; an empty one is fine */

/* The solver's literal; states the cone. */
int32_t dlca_graph_clauses_literal(DlcaGraphClauses *clauses, DlcaLiteral literal);

/* Whether the literal can be true. */
DlcaSatAnswer dlca_graph_clauses_can_be_true(DlcaGraphClauses *clauses, DlcaLiteral literal, int32_t conflicts);

/* From now on the literal is true: to be used when it was shown to be. */
void dlca_graph_clauses_state(DlcaGraphClauses *clauses, DlcaLiteral literal);

/* The value of a node in the assignment found; false for nodes outside the cones asked about. */
bool dlca_graph_clauses_value(DlcaGraphClauses *clauses, int32_t node);

#endif
