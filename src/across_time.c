/* across_time.c - relations between channels, followed from step to step. */
#include "across_time.h"

#include "../gates/gate_graph.h"

#include <stdlib.h>
#include <string.h>

/* A relation says of each channel what it is known to be: a literal as in DlcaRuleFacts.start. */
typedef struct Follower {
    const DlcaRuleFacts *facts;
    DlcaCircuit rule; /* as it stands: gates within the room of the given one */
    DlcaGateGraph graph;
    DlcaLiteral *literal;  /* [rule nodes] */
    DlcaLiteral *output;   /* [C] */
    int32_t *scratch;      /* [rule nodes + 1] */
    DlcaLiteral *relation; /* [C] */
    DlcaLiteral *image;    /* [C] the relation after one more step */
    int32_t *first;        /* [rule nodes + 1] the first channel whose output is this graph node, -1 */
    bool *live;            /* [C] */
    bool *reads;           /* [rule nodes] for finding live channels */
} Follower;

static void release(Follower *follower) {
    dlca_circuit_free(&follower->rule);
    dlca_graph_free(&follower->graph);
    free(follower->literal);
    free(follower->output);
    free(follower->scratch);
    free(follower->relation);
    free(follower->image);
    free(follower->first);
    free(follower->live);
    free(follower->reads);
    *follower = (Follower){0};
}

static bool reserve(Follower *follower, const DlcaCircuit *from, DlcaError *error) {
    const size_t channels = (size_t)from->outputs;
    const size_t nodes = (size_t)from->inputs + (size_t)from->gates + channels + 3; /* dlca_graph_write's own gates */
    if (!dlca_circuit_create(&follower->rule, from->inputs, from->outputs, from->gates + from->outputs + 2, error) ||
        !dlca_graph_reserve(&follower->graph, from->inputs, from->gates + from->outputs + 2, error)) {
        return false;
    }
    follower->literal = malloc(nodes * sizeof *follower->literal);
    follower->output = malloc(channels * sizeof *follower->output);
    follower->scratch = malloc(nodes * sizeof *follower->scratch);
    follower->relation = malloc(channels * sizeof *follower->relation);
    follower->image = malloc(channels * sizeof *follower->image);
    follower->first = malloc(nodes * sizeof *follower->first);
    follower->live = malloc(channels * sizeof *follower->live);
    follower->reads = malloc(nodes * sizeof *follower->reads);
    if (!follower->literal || !follower->output || !follower->scratch || !follower->relation || !follower->image ||
        !follower->first || !follower->live || !follower->reads) {
        return dlca_fail(error, DLCA_FAILED, "no memory to follow a rule of %d gates", from->gates);
    }
    follower->rule.gates = from->gates;
    memcpy(follower->rule.gate, from->gate, (size_t)from->gates * sizeof *from->gate);
    memcpy(follower->rule.output, from->output, channels * sizeof *from->output);
    return true;
}

/* What a neighbour reads of a channel of which the relation is true inside the grid. */
static DlcaLiteral input_under(const Follower *follower, int32_t neighbour, int32_t channel) {
    const int32_t channels = follower->facts->channels;
    const DlcaLiteral known = follower->relation[channel];
    const bool inside = follower->facts->periodic || neighbour == DLCA_CENTRE;
    if (!inside && dlca_literal_inverted(known)) {
        return dlca_literal_input(neighbour * channels + channel); /* outside it reads 0, which the relation denies */
    }
    if (dlca_literal_value(known) == 0) {
        return known;
    }
    const int32_t other = dlca_literal_value(known) - 1;
    return dlca_literal_input(neighbour * channels + other) ^ (dlca_literal_inverted(known) ? 1 : 0);
}

/* The rule's outputs as literals of the graph, for states in the relation. */
static void build(Follower *follower) {
    const DlcaCircuit *rule = &follower->rule;
    const int32_t channels = follower->facts->channels;
    dlca_graph_clear(&follower->graph, rule->inputs);
    for (int32_t neighbour = 0; neighbour < DLCA_NEIGHBOURS; neighbour++) {
        for (int32_t c = 0; c < channels; c++) {
            follower->literal[neighbour * channels + c] = input_under(follower, neighbour, c);
        }
    }
    for (int32_t i = 0; i < rule->gates; i++) {
        const DlcaGate gate = rule->gate[i];
        follower->literal[rule->inputs + i] =
            dlca_graph_gate(&follower->graph, gate.op, follower->literal[gate.a], follower->literal[gate.b]);
    }
    for (int32_t c = 0; c < channels; c++) {
        follower->output[c] = follower->literal[rule->output[c]];
    }
}

/* The relation of the states that one step makes of states in `relation`. */
static void find_image(Follower *follower) {
    build(follower);
    for (int32_t n = 0; n < follower->graph.nodes; n++) {
        follower->first[n] = -1;
    }
    for (int32_t c = 0; c < follower->facts->channels; c++) {
        const DlcaLiteral output = follower->output[c];
        const int32_t n = dlca_literal_value(output);
        if (n == 0) {
            follower->image[c] = output;
            continue;
        }
        if (follower->first[n] < 0) {
            follower->first[n] = c;
        }
        const int32_t r = follower->first[n];
        follower->image[c] = 2 * (r + 1) + ((output ^ follower->output[r]) & 1);
    }
}

static void know_nothing(Follower *follower) {
    for (int32_t c = 0; c < follower->facts->channels; c++) {
        follower->relation[c] = 2 * (c + 1);
    }
}

/* Channels that equal an earlier one take over what is known of that. */
static void know_start(Follower *follower) {
    for (int32_t c = 0; c < follower->facts->channels; c++) {
        const DlcaLiteral start = follower->facts->start[c];
        const int32_t r = dlca_literal_value(start) - 1;
        const bool own = r < 0 || r == c;
        follower->relation[c] = own ? start : follower->relation[r] ^ (dlca_literal_inverted(start) ? 1 : 0);
    }
}

/* What both relations say of channel c; of channels that are alike in both, the first stands for all. */
static DlcaLiteral agreed(const DlcaLiteral *old, const DlcaLiteral *image, int32_t c) {
    if (dlca_literal_value(old[c]) == 0 && old[c] == image[c]) {
        return old[c];
    }
    for (int32_t r = 0; r < c; r++) {
        const bool same_classes = dlca_literal_value(old[r]) == dlca_literal_value(old[c]) &&
                                  dlca_literal_value(image[r]) == dlca_literal_value(image[c]);
        if (same_classes && ((old[r] ^ old[c] ^ image[r] ^ image[c]) & 1) == 0) {
            return 2 * (r + 1) + ((old[r] ^ old[c]) & 1);
        }
    }
    return 2 * (c + 1);
}

/* From what is true at the start to what is true for ever: what a step does not keep is given up, until all is kept. */
static bool follow_from_start(Follower *follower, DlcaError *error) {
    const size_t bytes = (size_t)follower->facts->channels * sizeof *follower->relation;
    DlcaLiteral *old = malloc(bytes);
    if (!old) {
        return dlca_fail(error, DLCA_FAILED, "no memory to follow %d channels", follower->facts->channels);
    }
    know_start(follower);
    do {
        find_image(follower);
        memcpy(old, follower->relation, bytes);
        for (int32_t c = 0; c < follower->facts->channels; c++) {
            follower->relation[c] = agreed(old, follower->image, c);
        }
    } while (memcmp(old, follower->relation, bytes) != 0);
    free(old);
    return true;
}

/* From nothing to what is true after 1, 2, ... steps. A state after n steps or more is one after n steps from some
 * other start, so it is right to stop anywhere; what is known grows for at most C steps, as each merges or fixes a
 * channel. */
static int32_t follow_to_steady(Follower *follower) {
    const size_t bytes = (size_t)follower->facts->channels * sizeof *follower->relation;
    know_nothing(follower);
    int32_t steps = 0;
    for (; steps <= follower->facts->channels; steps++) {
        find_image(follower);
        if (memcmp(follower->relation, follower->image, bytes) == 0) {
            break;
        }
        memcpy(follower->relation, follower->image, bytes);
    }
    return steps;
}

/* Channels that a channel's output reads, through the graph. */
static void mark_read(Follower *follower, int32_t channel) {
    const DlcaGateGraph *graph = &follower->graph;
    memset(follower->reads, 0, (size_t)graph->nodes * sizeof *follower->reads);
    follower->reads[dlca_literal_value(follower->output[channel])] = true;
    for (int32_t n = graph->nodes - 1; n > graph->inputs; n--) {
        if (follower->reads[n]) {
            follower->reads[graph->node[n].a] = true;
            follower->reads[graph->node[n].b] = true;
        }
    }
}

/* A channel that is constant already keeps its old value: no gate for the constant. */
static void keep_constants(Follower *follower) {
    for (int32_t c = 0; c < follower->facts->channels; c++) {
        if (dlca_literal_value(follower->relation[c]) == 0) {
            follower->output[c] = dlca_literal_input(DLCA_CENTRE * follower->facts->channels + c);
        }
    }
}

/* Scored channels are live, and what live channels read; the others keep their old value. Expects the graph built. */
static int32_t drop_dead(Follower *follower) {
    const int32_t channels = follower->facts->channels;
    int32_t *queue = follower->scratch, queued = 0;
    for (int32_t c = 0; c < channels; c++) {
        follower->live[c] = c < follower->facts->scored_channels;
        if (follower->live[c]) {
            queue[queued++] = c;
        }
    }
    for (int32_t i = 0; i < queued; i++) {
        mark_read(follower, queue[i]);
        for (int32_t input = 0; input < follower->graph.inputs; input++) {
            const int32_t c = input % channels;
            if (follower->reads[1 + input] && !follower->live[c]) {
                follower->live[c] = true;
                queue[queued++] = c;
            }
        }
    }
    for (int32_t c = 0; c < channels; c++) {
        if (!follower->live[c]) {
            follower->output[c] = dlca_literal_input(DLCA_CENTRE * channels + c);
        }
    }
    return channels - queued;
}

/* The graph and its outputs become the rule. */
static void take_over(Follower *follower) {
    dlca_graph_write(&follower->graph, follower->output, follower->facts->channels, follower->scratch, &follower->rule);
}

static void count_relation(const Follower *follower, DlcaRuleReport *report) {
    report->constant = 0;
    report->merged = 0;
    for (int32_t c = 0; c < follower->facts->channels; c++) {
        report->constant += dlca_literal_value(follower->relation[c]) == 0;
        report->merged += dlca_literal_value(follower->relation[c]) != 0 && follower->relation[c] != 2 * (c + 1);
    }
}

static bool follow(Follower *follower, DlcaRuleReport *report, DlcaError *error) {
    if (follower->facts->steady) {
        report->steady_after = follow_to_steady(follower);
    } else if (follower->facts->start) {
        if (!follow_from_start(follower, error)) {
            return false;
        }
    } else {
        know_nothing(follower);
    }
    build(follower);
    count_relation(follower, report);
    keep_constants(follower);
    report->dead = drop_dead(follower);
    take_over(follower);
    return true;
}

static bool check_facts(const DlcaCircuit *from, const DlcaRuleFacts *facts, DlcaError *error) {
    const int32_t channels = facts->channels;
    if (channels < 1 || from->outputs != channels || from->inputs != DLCA_NEIGHBOURS * channels) {
        return dlca_fail(error, DLCA_BAD_INPUT, "the circuit has %d inputs and %d outputs: %d channels need %d and %d",
                         from->inputs, from->outputs, channels, DLCA_NEIGHBOURS * channels, channels);
    }
    if (facts->scored_channels < 0 || facts->scored_channels > channels) {
        return dlca_fail(error, DLCA_BAD_INPUT, "%d scored channels of %d", facts->scored_channels, channels);
    }
    for (int32_t c = 0; facts->start && c < channels; c++) {
        if (facts->start[c] < 0 || facts->start[c] > 2 * (c + 1)) {
            return dlca_fail(error, DLCA_BAD_INPUT, "what is known of channel %d refers to a later one", c);
        }
    }
    return true;
}

bool dlca_rule_across_time(DlcaCircuit *to, const DlcaCircuit *from, const DlcaRuleFacts *facts, DlcaRuleReport *report,
                           DlcaError *error) {
    Follower follower = {.facts = facts};
    *to = (DlcaCircuit){0};
    *report = (DlcaRuleReport){0};
    const bool done = check_facts(from, facts, error) && reserve(&follower, from, error) &&
                      follow(&follower, report, error) && dlca_circuit_copy(to, &follower.rule, error);
    release(&follower);
    return done;
}
