/* rewrite.c - rounds of choosing a structure for each gate and building the graph anew with them. */
#include "rewrite.h"

#include "cuts.h"
#include "optimal_structures.h"
#include "optimize.h"

#include <stdlib.h>
#include <string.h>

enum { NO_CUT = -1 };

/* Memory for a circuit of `room` gates; a round works on one that is at most as large. */
typedef struct Rewriter {
    DlcaOptimizer *optimizer;
    DlcaStructureUse *uses;
    DlcaGateGraph graph, next;
    DlcaLiteral *literal;   /* [nodes] circuit to graph, graph to next graph */
    DlcaLiteral *output;    /* [outputs] */
    int32_t *readers;       /* [nodes] gates and outputs that read the node */
    bool *claimed;          /* [nodes] goes with a gate that is rewritten, or serves its new structure */
    int8_t *choice;         /* [nodes] cut, NO_CUT */
    int32_t *gone, *needed; /* [nodes] lists while pricing */
    int32_t *scratch;       /* [next nodes + 1] */
    DlcaNodeCuts *cuts;     /* [nodes] */
    DlcaCircuit result;     /* of a round */
    uint64_t random;
} Rewriter;

static void release(Rewriter *rewriter) {
    dlca_optimizer_free(rewriter->optimizer);
    free(rewriter->uses);
    dlca_graph_free(&rewriter->graph);
    dlca_graph_free(&rewriter->next);
    free(rewriter->literal);
    free(rewriter->output);
    free(rewriter->readers);
    free(rewriter->claimed);
    free(rewriter->choice);
    free(rewriter->gone);
    free(rewriter->needed);
    free(rewriter->scratch);
    free(rewriter->cuts);
    dlca_circuit_free(&rewriter->result);
    *rewriter = (Rewriter){0};
}

/* A gate that is rewritten brings at most DLCA_STRUCTURE_MOST_GATES. */
static bool reserve(Rewriter *rewriter, const DlcaCircuit *circuit, DlcaError *error) {
    const int64_t most = (int64_t)circuit->gates * DLCA_STRUCTURE_MOST_GATES;
    if (circuit->inputs + most + circuit->outputs + 2 > DLCA_CIRCUIT_MAX_NODES) {
        return dlca_fail(error, DLCA_BAD_INPUT, "a circuit of %d gates is too large for rewriting", circuit->gates);
    }
    const size_t nodes = (size_t)circuit->inputs + (size_t)circuit->gates + 1;
    const size_t next_nodes = (size_t)circuit->inputs + (size_t)most + 2, outputs = (size_t)circuit->outputs + 1;
    rewriter->uses = dlca_structure_uses(error);
    rewriter->literal = malloc(nodes * sizeof *rewriter->literal);
    rewriter->output = malloc(outputs * sizeof *rewriter->output);
    rewriter->readers = malloc(nodes * sizeof *rewriter->readers);
    rewriter->claimed = malloc(nodes * sizeof *rewriter->claimed);
    rewriter->choice = malloc(nodes * sizeof *rewriter->choice);
    rewriter->gone = malloc(nodes * sizeof *rewriter->gone);
    rewriter->needed = malloc((nodes + DLCA_STRUCTURE_MOST_GATES) * sizeof *rewriter->needed);
    rewriter->scratch = malloc(next_nodes * sizeof *rewriter->scratch);
    rewriter->cuts = malloc(nodes * sizeof *rewriter->cuts);
    if (!rewriter->uses || !rewriter->literal || !rewriter->output || !rewriter->readers || !rewriter->claimed ||
        !rewriter->choice || !rewriter->gone || !rewriter->needed || !rewriter->scratch || !rewriter->cuts) {
        return dlca_fail(error, DLCA_FAILED, "no memory to rewrite a circuit of %d gates", circuit->gates);
    }
    return dlca_circuit_create(&rewriter->result, circuit->inputs, circuit->outputs,
                               (int32_t)most + circuit->outputs + 2, error) &&
           dlca_graph_reserve(&rewriter->graph, circuit->inputs, circuit->gates, error) &&
           dlca_graph_reserve(&rewriter->next, circuit->inputs, (int32_t)most, error);
}

/* The circuit is what the optimizer left, so each gate becomes a node of its own and is live. */
static void load(Rewriter *rewriter, const DlcaCircuit *circuit) {
    DlcaGateGraph *graph = &rewriter->graph;
    dlca_graph_clear(graph, circuit->inputs);
    for (int32_t i = 0; i < circuit->inputs; i++) {
        rewriter->literal[i] = dlca_literal_input(i);
    }
    for (int32_t i = 0; i < circuit->gates; i++) {
        const DlcaGate gate = circuit->gate[i];
        rewriter->literal[circuit->inputs + i] =
            dlca_graph_gate(graph, gate.op, rewriter->literal[gate.a], rewriter->literal[gate.b]);
    }
    memset(rewriter->readers, 0, (size_t)graph->nodes * sizeof *rewriter->readers);
    memset(rewriter->claimed, 0, (size_t)graph->nodes * sizeof *rewriter->claimed);
    memset(rewriter->choice, NO_CUT, (size_t)graph->nodes * sizeof *rewriter->choice);
    for (int32_t i = 0; i < circuit->outputs; i++) {
        rewriter->output[i] = rewriter->literal[circuit->output[i]];
        rewriter->readers[dlca_literal_value(rewriter->output[i])]++;
    }
    for (int32_t n = graph->inputs + 1; n < graph->nodes; n++) {
        rewriter->readers[graph->node[n].a]++;
        rewriter->readers[graph->node[n].b]++;
    }
}

/* ---- pricing ---- */

static bool is_leaf(const DlcaCut *cut, int32_t n) {
    for (int32_t k = 0; k < cut->leaves; k++) {
        if (cut->leaf[k] == n) {
            return true;
        }
    }
    return false;
}

/* Node n is read no more, and of what it reads, down to the cut, whatever nobody else reads. Lists them in `gone` and
 * leaves their counts of readers at 0, to be undone by bring_back. */
static int32_t take_away(Rewriter *rewriter, int32_t n, const DlcaCut *cut) {
    const DlcaGateGraph *graph = &rewriter->graph;
    int32_t count = 0;
    rewriter->gone[count++] = n;
    for (int32_t i = 0; i < count; i++) {
        const DlcaGraphNode node = graph->node[rewriter->gone[i]];
        const int32_t read[2] = {node.a, node.b};
        for (int32_t k = 0; k < 2; k++) {
            if (--rewriter->readers[read[k]] == 0 && read[k] > graph->inputs && !is_leaf(cut, read[k])) {
                rewriter->gone[count++] = read[k];
            }
        }
    }
    return count;
}

static void bring_back(Rewriter *rewriter, int32_t count) {
    for (int32_t i = 0; i < count; i++) {
        const DlcaGraphNode node = rewriter->graph.node[rewriter->gone[i]];
        rewriter->readers[node.a]++;
        rewriter->readers[node.b]++;
    }
}

/* Input k of a structure as a literal, given the literals of the cut's leaves. Inputs that the function ignores are not
 * read; they get the constant. */
static DlcaLiteral structure_input(DlcaStructureUse use, int32_t k, const DlcaLiteral *leaf, int32_t leaves) {
    const DlcaLiteral x = use.input[k] < leaves ? leaf[use.input[k]] : DLCA_LITERAL_FALSE;
    return x ^ (use.inverted >> k & 1);
}

static bool listed(const int32_t *list, int32_t count, int32_t n) {
    for (int32_t i = 0; i < count; i++) {
        if (list[i] == n) {
            return true;
        }
    }
    return false;
}

/* Gates that the structure for cut's function would add once node n and what hangs on it alone are `gone`. Nodes of the
 * graph that it would use are listed in `needed`. */
static int32_t price(Rewriter *rewriter, int32_t n, const DlcaCut *cut, int32_t gone, int32_t *needed_count) {
    const DlcaStructureUse use = rewriter->uses[cut->table];
    const DlcaStructure *structure = dlca_structure(use.structure);
    DlcaLiteral value[DLCA_STRUCTURE_INPUTS + DLCA_STRUCTURE_MOST_GATES], leaf[DLCA_CUT_LEAVES];
    int32_t added = 0;
    *needed_count = 0;
    for (int32_t k = 0; k < cut->leaves; k++) {
        leaf[k] = 2 * cut->leaf[k];
    }
    for (int32_t k = 0; k < DLCA_STRUCTURE_INPUTS; k++) {
        value[k] = structure_input(use, k, leaf, cut->leaves);
    }
    for (int32_t i = 0; i < structure->gates; i++) {
        const DlcaLiteral a = value[structure->gate[i].a], b = value[structure->gate[i].b];
        const bool known = a != DLCA_LITERAL_NONE && b != DLCA_LITERAL_NONE;
        const DlcaLiteral found =
            known ? dlca_graph_find(&rewriter->graph, structure->gate[i].op, a, b) : DLCA_LITERAL_NONE;
        const int32_t node = dlca_literal_value(found);
        value[DLCA_STRUCTURE_INPUTS + i] = node == n ? DLCA_LITERAL_NONE : found;
        if (found == DLCA_LITERAL_NONE || node == n) {
            added++;
        } else if (!listed(rewriter->needed, *needed_count, node)) {
            rewriter->needed[(*needed_count)++] = node;
            added += listed(rewriter->gone, gone, node);
        }
    }
    return added;
}

static uint64_t next_random(Rewriter *rewriter) {
    rewriter->random ^= rewriter->random << 13; /* xorshift64 (Marsaglia, 2003) */
    rewriter->random ^= rewriter->random >> 7;
    rewriter->random ^= rewriter->random << 17;
    return rewriter->random;
}

static bool any_claimed(const Rewriter *rewriter, const int32_t *list, int32_t count) {
    for (int32_t i = 0; i < count; i++) {
        if (rewriter->claimed[list[i]]) {
            return true;
        }
    }
    return false;
}

static void claim(Rewriter *rewriter, const int32_t *list, int32_t count) {
    for (int32_t i = 0; i < count; i++) {
        rewriter->claimed[list[i]] = true;
    }
}

/* The cut of node n that saves most; of those that save nothing, where `even` allows them, one drawn at random. What it
 * takes away and what it builds on must not be another choice's. */
static void choose(Rewriter *rewriter, int32_t n, bool even) {
    int32_t best_gain = even ? 0 : 1, draws = 0;
    for (int32_t c = 1; c < rewriter->cuts[n].count; c++) {
        const DlcaCut *cut = &rewriter->cuts[n].cut[c];
        const int32_t gone = take_away(rewriter, n, cut);
        int32_t needed;
        const int32_t gain = gone - price(rewriter, n, cut, gone, &needed);
        bring_back(rewriter, gone);
        if (gain < best_gain || any_claimed(rewriter, rewriter->gone, gone) ||
            any_claimed(rewriter, rewriter->needed, needed)) {
            continue;
        }
        draws = gain > best_gain ? 1 : draws + 1;
        if (gain > best_gain || next_random(rewriter) % (uint64_t)draws == 0) {
            best_gain = gain;
            rewriter->choice[n] = (int8_t)c;
        }
    }
    if (rewriter->choice[n] != NO_CUT) {
        const DlcaCut *cut = &rewriter->cuts[n].cut[rewriter->choice[n]];
        const int32_t gone = take_away(rewriter, n, cut);
        int32_t needed;
        price(rewriter, n, cut, gone, &needed);
        bring_back(rewriter, gone);
        claim(rewriter, rewriter->gone, gone);
        claim(rewriter, rewriter->needed, needed);
    }
}

/* ---- building ---- */

static DlcaLiteral build_structure(Rewriter *rewriter, const DlcaCut *cut) {
    const DlcaStructureUse use = rewriter->uses[cut->table];
    const DlcaStructure *structure = dlca_structure(use.structure);
    DlcaLiteral value[DLCA_STRUCTURE_INPUTS + DLCA_STRUCTURE_MOST_GATES], leaf[DLCA_CUT_LEAVES];
    for (int32_t k = 0; k < cut->leaves; k++) {
        leaf[k] = rewriter->literal[cut->leaf[k]];
    }
    for (int32_t k = 0; k < DLCA_STRUCTURE_INPUTS; k++) {
        value[k] = structure_input(use, k, leaf, cut->leaves);
    }
    for (int32_t i = 0; i < structure->gates; i++) {
        value[DLCA_STRUCTURE_INPUTS + i] = dlca_graph_gate(&rewriter->next, structure->gate[i].op,
                                                           value[structure->gate[i].a], value[structure->gate[i].b]);
    }
    DlcaLiteral result = structure->gates > 0       ? value[DLCA_STRUCTURE_INPUTS + structure->gates - 1]
                         : structure->function == 0 ? DLCA_LITERAL_FALSE
                                                    : value[0];
    return result ^ (use.output_inverted ? 1 : 0);
}

static void build(Rewriter *rewriter) {
    const DlcaGateGraph *graph = &rewriter->graph;
    DlcaLiteral *literal = rewriter->literal;
    dlca_graph_clear(&rewriter->next, graph->inputs);
    for (int32_t n = 0; n <= graph->inputs; n++) {
        literal[n] = 2 * n;
    }
    for (int32_t n = graph->inputs + 1; n < graph->nodes; n++) {
        const DlcaGraphNode node = graph->node[n];
        literal[n] = rewriter->choice[n] == NO_CUT
                         ? dlca_graph_gate(&rewriter->next, node.op, literal[node.a], literal[node.b])
                         : build_structure(rewriter, &rewriter->cuts[n].cut[rewriter->choice[n]]);
    }
    for (int32_t i = 0; i < rewriter->result.outputs; i++) {
        const DlcaLiteral old = rewriter->output[i];
        rewriter->output[i] = literal[dlca_literal_value(old)] ^ (dlca_literal_inverted(old) ? 1 : 0);
    }
    dlca_graph_write(&rewriter->next, rewriter->output, rewriter->result.outputs, rewriter->scratch, &rewriter->result);
}

/* One round; the optimizer drops what nobody reads any more. */
static const DlcaCircuit *rewrite_once(Rewriter *rewriter, const DlcaCircuit *circuit, bool even, DlcaError *error) {
    load(rewriter, circuit);
    dlca_find_cuts(&rewriter->graph, rewriter->cuts);
    for (int32_t n = rewriter->graph.nodes - 1; n > rewriter->graph.inputs; n--) {
        choose(rewriter, n, even);
    }
    build(rewriter);
    return dlca_optimizer_run(rewriter->optimizer, &rewriter->result, error);
}

/* `best` is an optimized circuit and becomes a smaller one. Even rounds run on from what the last one left, so that
 * even changes add up; after a loss they start from the best again. */
static bool improve(Rewriter *rewriter, DlcaCircuit *best, int32_t patience, DlcaError *error) {
    const DlcaCircuit *now = best;
    for (int32_t round = 0; round < patience;) {
        const DlcaCircuit *after = rewrite_once(rewriter, now, round > 0, error);
        if (!after) {
            return false;
        }
        now = after->gates > best->gates ? best : after;
        round++;
        if (after->gates < best->gates) {
            DlcaCircuit better;
            if (!dlca_circuit_copy(&better, after, error)) {
                return false;
            }
            dlca_circuit_free(best);
            *best = better;
            now = best;
            round = 0;
        }
    }
    return true;
}

bool dlca_circuit_rewrite(DlcaCircuit *to, const DlcaCircuit *from, int32_t patience, DlcaError *error) {
    if (!dlca_circuit_optimize(to, from, error)) {
        return false;
    }
    Rewriter rewriter = {.optimizer = dlca_optimizer_create(error), .random = 0x9e3779b97f4a7c15u};
    const bool done = rewriter.optimizer && reserve(&rewriter, to, error) && improve(&rewriter, to, patience, error);
    release(&rewriter);
    if (!done) {
        dlca_circuit_free(to);
    }
    return done;
}
