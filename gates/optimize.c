/* optimize.c - circuit to graph of unique gates to circuit, with memory that is kept. */
#include "optimize.h"

#include "gate_graph.h"

#include <stdlib.h>
#include <string.h>

struct DlcaOptimizer {
    DlcaGateGraph graph;
    DlcaLiteral *literal;   /* [from nodes] what became of each node; first used as the mark of live ones */
    int32_t *scratch;       /* [from nodes + 1] */
    DlcaLiteral *output;    /* [outputs] */
    int32_t nodes, outputs; /* room in the arrays above */
    DlcaCircuit result;
};

DlcaOptimizer *dlca_optimizer_create(DlcaError *error) {
    DlcaOptimizer *optimizer = calloc(1, sizeof *optimizer);
    if (!optimizer) {
        dlca_fail(error, DLCA_FAILED, "no memory for the optimizer");
    }
    return optimizer;
}

static void release(DlcaOptimizer *optimizer) {
    dlca_graph_free(&optimizer->graph);
    free(optimizer->literal);
    free(optimizer->scratch);
    free(optimizer->output);
    dlca_circuit_free(&optimizer->result);
    *optimizer = (DlcaOptimizer){0};
}

void dlca_optimizer_free(DlcaOptimizer *optimizer) {
    if (optimizer) {
        release(optimizer);
        free(optimizer);
    }
}

static bool reserve(DlcaOptimizer *optimizer, const DlcaCircuit *from, DlcaError *error) {
    const int32_t nodes = from->inputs + from->gates;
    if (nodes > optimizer->nodes || from->outputs > optimizer->outputs || !optimizer->literal) {
        const int32_t most_outputs = from->outputs > optimizer->outputs ? from->outputs : optimizer->outputs;
        const int32_t most_nodes = nodes > optimizer->nodes ? nodes : optimizer->nodes;
        release(optimizer);
        const size_t room = (size_t)most_nodes + 1;
        optimizer->literal = malloc(room * sizeof *optimizer->literal);
        optimizer->scratch = malloc(room * sizeof *optimizer->scratch);
        optimizer->output = malloc(((size_t)most_outputs + 1) * sizeof *optimizer->output);
        optimizer->result.gate = malloc((room + (size_t)most_outputs + 2) * sizeof *optimizer->result.gate);
        optimizer->result.output = malloc(((size_t)most_outputs + 1) * sizeof *optimizer->result.output);
        if (!optimizer->literal || !optimizer->scratch || !optimizer->output || !optimizer->result.gate ||
            !optimizer->result.output) {
            release(optimizer);
            return dlca_fail(error, DLCA_FAILED, "no memory to optimize a circuit of %d nodes", nodes);
        }
        optimizer->nodes = most_nodes;
        optimizer->outputs = most_outputs;
    }
    return dlca_graph_reserve(&optimizer->graph, from->inputs, from->gates, error);
}

/* Gates that an output depends on get literal 1, others 0: only those are built. */
static void mark_live(const DlcaCircuit *from, DlcaLiteral *live) {
    memset(live, 0, ((size_t)from->inputs + (size_t)from->gates) * sizeof *live);
    for (int32_t i = 0; i < from->outputs; i++) {
        live[from->output[i]] = 1;
    }
    for (int32_t i = from->gates - 1; i >= 0; i--) {
        const DlcaGate gate = from->gate[i];
        if (live[from->inputs + i]) {
            live[gate.a] |= dlca_op_uses_a(gate.op);
            live[gate.b] |= dlca_op_uses_b(gate.op);
        }
    }
}

const DlcaCircuit *dlca_optimizer_run(DlcaOptimizer *optimizer, const DlcaCircuit *from, DlcaError *error) {
    if (!reserve(optimizer, from, error)) {
        return NULL;
    }
    DlcaLiteral *literal = optimizer->literal;
    mark_live(from, literal);
    for (int32_t i = 0; i < from->inputs; i++) {
        literal[i] = dlca_literal_input(i);
    }
    for (int32_t i = 0; i < from->gates; i++) {
        const DlcaGate gate = from->gate[i];
        if (literal[from->inputs + i]) {
            /* An ignored input may be dead and its literal meaningless, but then the operation ignores that too. */
            literal[from->inputs + i] = dlca_graph_gate(&optimizer->graph, gate.op, literal[gate.a], literal[gate.b]);
        }
    }
    for (int32_t i = 0; i < from->outputs; i++) {
        optimizer->output[i] = literal[from->output[i]];
    }
    dlca_graph_write(&optimizer->graph, optimizer->output, from->outputs, optimizer->scratch, &optimizer->result);
    return &optimizer->result;
}

bool dlca_circuit_optimize(DlcaCircuit *to, const DlcaCircuit *from, DlcaError *error) {
    *to = (DlcaCircuit){0};
    DlcaOptimizer *optimizer = dlca_optimizer_create(error);
    const DlcaCircuit *result = optimizer ? dlca_optimizer_run(optimizer, from, error) : NULL;
    const bool done = result && dlca_circuit_copy(to, result, error);
    dlca_optimizer_free(optimizer);
    return done;
}

DlcaCircuitSize dlca_circuit_size(const DlcaCircuit *circuit) {
    DlcaCircuitSize size = {0};
    for (int32_t i = 0; i < circuit->gates; i++) {
        const int op = circuit->gate[i].op;
        const bool uses_a = dlca_op_uses_a(op), uses_b = dlca_op_uses_b(op);
        size.gates += uses_a && uses_b;
        size.inverters += op == DLCA_OP_NOT_A || op == DLCA_OP_NOT_B;
        size.constants += op == DLCA_OP_FALSE || op == DLCA_OP_TRUE;
    }
    return size;
}
