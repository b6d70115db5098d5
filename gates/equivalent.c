/* equivalent.c - proves that two circuits compute the same. */
#include "equivalent.h"

#include "graph_clauses.h"
#include "optimize.h"

#include <stdlib.h>
#include <time.h>

static bool try_all(const DlcaCircuit *left, const DlcaCircuit *right, DlcaEquivalenceProof *proof, DlcaError *error) {
    DlcaError difference = {0};
    proof->assignments = (int64_t)1 << left->inputs;
    const bool same = dlca_circuit_same_on_samples(left, right, proof->assignments, 0, &difference);
    if (!same && difference.kind != DLCA_BAD_INPUT) {
        return dlca_fail(error, difference.kind, "%s", difference.message);
    }
    proof->answer = same ? DLCA_EQUIVALENT : DLCA_DIFFERENT;
    return true;
}

/* Literals of the circuit's nodes; the inputs are the graph's. */
static void build(DlcaGateGraph *graph, const DlcaCircuit *circuit, DlcaLiteral *literal) {
    for (int32_t i = 0; i < circuit->inputs; i++) {
        literal[i] = dlca_literal_input(i);
    }
    for (int32_t i = 0; i < circuit->gates; i++) {
        const DlcaGate gate = circuit->gate[i];
        literal[circuit->inputs + i] = dlca_graph_gate(graph, gate.op, literal[gate.a], literal[gate.b]);
    }
}

/* Sets the answer for one output; false when it need not be looked further. */
static bool decide(DlcaGraphClauses *clauses, DlcaLiteral differ, DlcaEquivalenceProof *proof) {
    if (differ == DLCA_LITERAL_FALSE) {
        proof->by_graph++;
        return true;
    }
    const DlcaSatAnswer answer =
        differ == DLCA_LITERAL_TRUE ? DLCA_SAT_POSSIBLE : dlca_graph_clauses_can_be_true(clauses, differ, 0);
    proof->by_solver += answer != DLCA_SAT_UNDECIDED;
    proof->answer = answer == DLCA_SAT_POSSIBLE    ? DLCA_DIFFERENT
                    : answer == DLCA_SAT_UNDECIDED ? DLCA_EQUIVALENCE_UNDECIDED
                                                   : proof->answer;
    return answer == DLCA_SAT_IMPOSSIBLE;
}

static bool ask(DlcaGateGraph *graph, const DlcaCircuit *left, const DlcaCircuit *right,
                const DlcaLiteral *left_literal, const DlcaLiteral *right_literal, double seconds,
                DlcaEquivalenceProof *proof, DlcaError *error) {
    DlcaGraphClauses clauses;
    struct timespec now;
    if (!dlca_graph_clauses_create(&clauses, graph, error)) {
        return false;
    }
    clock_gettime(CLOCK_MONOTONIC, &now);
    dlca_sat_deadline(clauses.sat, seconds > 0 ? (double)now.tv_sec + 1e-9 * (double)now.tv_nsec + seconds : 0);
    proof->answer = DLCA_EQUIVALENT;
    bool going = true;
    for (int32_t i = 0; going && i < left->outputs; i++) {
        const DlcaLiteral differ =
            dlca_graph_gate(graph, DLCA_OP_XOR, left_literal[left->output[i]], right_literal[right->output[i]]);
        going = decide(&clauses, differ, proof);
        proof->output = i;
    }
    dlca_graph_clauses_free(&clauses);
    return true;
}

static bool by_graph(const DlcaCircuit *left, const DlcaCircuit *right, double seconds, DlcaEquivalenceProof *proof,
                     DlcaError *error) {
    const size_t left_nodes = (size_t)left->inputs + (size_t)left->gates;
    const size_t nodes = left_nodes + (size_t)right->inputs + (size_t)right->gates;
    const int64_t room = (int64_t)left->gates + right->gates + left->outputs;
    DlcaGateGraph graph = {0};
    DlcaLiteral *literal = malloc((nodes + 1) * sizeof *literal);
    bool good = room <= DLCA_CIRCUIT_MAX_NODES && literal
                    ? dlca_graph_reserve(&graph, left->inputs, (int32_t)room, error)
                    : dlca_fail(error, DLCA_FAILED, "no memory to compare circuits of %zu nodes", nodes);
    if (good) {
        build(&graph, left, literal);
        build(&graph, right, literal + left_nodes);
        good = ask(&graph, left, right, literal, literal + left_nodes, seconds, proof, error);
    }
    dlca_graph_free(&graph);
    free(literal);
    return good;
}

bool dlca_circuit_equivalent(const DlcaCircuit *left, const DlcaCircuit *right, double seconds,
                             DlcaEquivalenceProof *proof, DlcaError *error) {
    *proof = (DlcaEquivalenceProof){0};
    if (left->inputs != right->inputs || left->outputs != right->outputs) {
        return dlca_fail(error, DLCA_BAD_INPUT, "the circuits have %d and %d inputs, %d and %d outputs", left->inputs,
                         right->inputs, left->outputs, right->outputs);
    }
    return left->inputs <= DLCA_EQUIVALENT_ALL_INPUTS ? try_all(left, right, proof, error)
                                                      : by_graph(left, right, seconds, proof, error);
}
