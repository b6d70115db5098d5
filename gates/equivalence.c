/* equivalence.c - structure, then all assignments or samples, then SAT. */
#include "equivalence.h"

#include "graph_clauses.h"
#include "narrow.h"

#include <stdlib.h>
#include <time.h>

enum { SAMPLE_WORDS = 1024 };

typedef struct Miter {
    DlcaGateGraph graph;
    DlcaCircuit differences; /* output i: 1 where output i of left and right differ */
    DlcaNarrow narrow;       /* of it: what is not the same by structure */
    DlcaLiteral *literal;    /* [outputs] the same in the graph */
    DlcaGraphClauses clauses;
} Miter;

static void release(Miter *miter) {
    dlca_graph_free(&miter->graph);
    dlca_circuit_free(&miter->differences);
    dlca_narrow_free(&miter->narrow);
    dlca_graph_clauses_free(&miter->clauses);
    free(miter->literal);
}

void dlca_equivalence_free(DlcaEquivalenceProof *proof) {
    free(proof->assignment);
    *proof = (DlcaEquivalenceProof){0};
}

/* ---- one graph ---- */

/* literal [nodes] of one circuit. */
static void add_circuit(DlcaGateGraph *graph, const DlcaCircuit *circuit, DlcaLiteral *literal) {
    for (int32_t i = 0; i < circuit->inputs; i++) {
        literal[i] = dlca_literal_input(i);
    }
    for (int32_t i = 0; i < circuit->gates; i++) {
        const DlcaGate gate = circuit->gate[i];
        literal[circuit->inputs + i] = dlca_graph_gate(graph, gate.op, literal[gate.a], literal[gate.b]);
    }
}

static bool build(Miter *miter, const DlcaCircuit *left, const DlcaCircuit *right, DlcaError *error) {
    const int32_t gates = left->gates + right->gates + left->outputs;
    const size_t nodes = (size_t)left->inputs + (size_t)gates + 1;
    DlcaLiteral *of_left = malloc(nodes * sizeof *of_left), *of_right = malloc(nodes * sizeof *of_right);
    int32_t *scratch = malloc((nodes + 1) * sizeof *scratch);
    miter->literal = malloc(((size_t)left->outputs + 1) * sizeof *miter->literal);
    bool good = of_left && of_right && scratch && miter->literal;
    if (!good) {
        dlca_fail(error, DLCA_FAILED, "no memory to compare circuits of %zu nodes", nodes);
    }
    good = good && dlca_graph_reserve(&miter->graph, left->inputs, gates, error) &&
           dlca_circuit_create(&miter->differences, left->inputs, left->outputs, gates + left->outputs + 2, error);
    if (good) {
        add_circuit(&miter->graph, left, of_left);
        add_circuit(&miter->graph, right, of_right);
        for (int32_t i = 0; i < left->outputs; i++) {
            miter->literal[i] =
                dlca_graph_gate(&miter->graph, DLCA_OP_XOR, of_left[left->output[i]], of_right[right->output[i]]);
        }
        dlca_graph_write(&miter->graph, miter->literal, left->outputs, scratch, &miter->differences);
    }
    free(of_left);
    free(of_right);
    free(scratch);
    return good && dlca_narrow_create(&miter->narrow, &miter->differences, error);
}

/* ---- assignments ---- */

static uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13; /* xorshift64 (Marsaglia, 2003) */
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Input i over the assignments 64 w .. 64 w + 63: bit i of the assignment's number. */
static uint64_t counting_word(int32_t i, int64_t w) {
    static const uint64_t within[6] = {0xaaaaaaaaaaaaaaaau, 0xccccccccccccccccu, 0xf0f0f0f0f0f0f0f0u,
                                       0xff00ff00ff00ff00u, 0xffff0000ffff0000u, 0xffffffff00000000u};
    return i < 6 ? within[i] : 0 - (uint64_t)(w >> (i - 6) & 1);
}

static bool note_difference(DlcaEquivalenceProof *proof, const Miter *miter, const uint64_t *value, int32_t output,
                            int bit, DlcaError *error) {
    proof->verdict = DLCA_DIFFERENT;
    proof->output = miter->narrow.output[output];
    proof->assignment = calloc((size_t)miter->differences.inputs + 1, 1);
    if (!proof->assignment) {
        return dlca_fail(error, DLCA_FAILED, "no memory for an assignment");
    }
    for (int32_t i = 0; i < miter->narrow.circuit.inputs; i++) {
        proof->assignment[miter->narrow.input[i]] = (uint8_t)(value[i] >> bit & 1);
    }
    return true;
}

/* The word's difference in one assignment becomes the verdict; none leaves it as it is. */
static bool look_at_word(DlcaEquivalenceProof *proof, const Miter *miter, const uint64_t *value, DlcaError *error) {
    const DlcaCircuit *circuit = &miter->narrow.circuit;
    for (int32_t i = 0; i < circuit->outputs; i++) {
        if (value[circuit->output[i]]) {
            return note_difference(proof, miter, value, i, __builtin_ctzll(value[circuit->output[i]]), error);
        }
    }
    return true;
}

static bool try_assignments(DlcaEquivalenceProof *proof, const Miter *miter, DlcaError *error) {
    const DlcaCircuit *circuit = &miter->narrow.circuit;
    const bool all = circuit->inputs <= DLCA_EQUIVALENCE_ALL_INPUTS;
    const int64_t words = !all ? SAMPLE_WORDS : circuit->inputs <= 6 ? 1 : (int64_t)1 << (circuit->inputs - 6);
    uint64_t *value = malloc(((size_t)circuit->inputs + (size_t)circuit->gates + 1) * sizeof *value);
    uint64_t random = 0x9e3779b97f4a7c15u;
    if (!value) {
        return dlca_fail(error, DLCA_FAILED, "no memory to evaluate %d gates", circuit->gates);
    }
    bool good = true;
    for (int64_t w = 0; good && w < words && proof->verdict == DLCA_EQUIVALENCE_NOT_DECIDED; w++) {
        for (int32_t i = 0; i < circuit->inputs; i++) {
            value[i] = all ? counting_word(i, w) : next_random(&random);
        }
        dlca_circuit_evaluate(circuit, value);
        good = look_at_word(proof, miter, value, error);
    }
    free(value);
    if (good && all && proof->verdict == DLCA_EQUIVALENCE_NOT_DECIDED) {
        proof->verdict = DLCA_EQUIVALENT;
    }
    proof->means = all ? "all assignments" : "samples";
    return good;
}

/* ---- SAT ---- */

static bool note_solution(DlcaEquivalenceProof *proof, Miter *miter, int32_t output, DlcaError *error) {
    proof->verdict = DLCA_DIFFERENT;
    proof->output = output;
    proof->assignment = calloc((size_t)miter->differences.inputs + 1, 1);
    for (int32_t i = 0; proof->assignment && i < miter->differences.inputs; i++) {
        proof->assignment[i] = dlca_graph_clauses_value(&miter->clauses, dlca_literal_value(dlca_literal_input(i)));
    }
    return proof->assignment || dlca_fail(error, DLCA_FAILED, "no memory for an assignment");
}

static bool ask(DlcaEquivalenceProof *proof, Miter *miter, double seconds, DlcaError *error) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (!dlca_graph_clauses_create(&miter->clauses, &miter->graph, error)) {
        return false;
    }
    dlca_sat_deadline(miter->clauses.sat,
                      seconds > 0.0 ? (double)now.tv_sec + 1e-9 * (double)now.tv_nsec + seconds : 0);
    proof->means = "SAT";
    bool all_same = true;
    for (int32_t i = 0; i < miter->differences.outputs; i++) {
        const DlcaSatAnswer answer = dlca_graph_clauses_can_be_true(&miter->clauses, miter->literal[i], 0);
        if (answer == DLCA_SAT_POSSIBLE) {
            return note_solution(proof, miter, i, error);
        }
        all_same = all_same && answer == DLCA_SAT_IMPOSSIBLE;
    }
    proof->verdict = all_same ? DLCA_EQUIVALENT : DLCA_EQUIVALENCE_NOT_DECIDED;
    return true;
}

/* Outputs of the miter that are a single input are not in the narrow one; they differ where that input is 1. */
static bool look_at_structure(DlcaEquivalenceProof *proof, const Miter *miter, DlcaError *error) {
    bool same = true;
    proof->means = "structure";
    for (int32_t i = 0; i < miter->differences.outputs; i++) {
        const int32_t node = dlca_literal_value(miter->literal[i]);
        same = same && miter->literal[i] == DLCA_LITERAL_FALSE;
        if (node <= miter->graph.inputs && miter->literal[i] != DLCA_LITERAL_FALSE) {
            proof->verdict = DLCA_DIFFERENT;
            proof->output = i;
            proof->assignment = calloc((size_t)miter->differences.inputs + 1, 1);
            if (!proof->assignment) {
                return dlca_fail(error, DLCA_FAILED, "no memory for an assignment");
            }
            if (node > 0) {
                proof->assignment[node - 1] = !dlca_literal_inverted(miter->literal[i]);
            }
            return true;
        }
    }
    proof->verdict = same ? DLCA_EQUIVALENT : DLCA_EQUIVALENCE_NOT_DECIDED;
    return true;
}

bool dlca_circuit_equivalence(DlcaEquivalenceProof *proof, const DlcaCircuit *left, const DlcaCircuit *right,
                              double seconds, DlcaError *error) {
    *proof = (DlcaEquivalenceProof){0};
    if (left->inputs != right->inputs || left->outputs != right->outputs) {
        return dlca_fail(error, DLCA_BAD_INPUT, "the circuits have %d and %d inputs, %d and %d outputs", left->inputs,
                         right->inputs, left->outputs, right->outputs);
    }
    Miter miter = {0};
    bool done = build(&miter, left, right, error) && look_at_structure(proof, &miter, error);
    if (done && proof->verdict == DLCA_EQUIVALENCE_NOT_DECIDED) {
        done = try_assignments(proof, &miter, error);
    }
    if (done && proof->verdict == DLCA_EQUIVALENCE_NOT_DECIDED) {
        done = ask(proof, &miter, seconds, error);
    }
    release(&miter);
    if (!done) {
        dlca_equivalence_free(proof);
    }
    return done;
}
