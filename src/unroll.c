/* unroll.c - one graph for all cells and steps. */
#include "unroll.h"

#include "geometry.h"

#include <stdlib.h>
#include <string.h>

/* Marks the nodes that an output depends on. */
static void mark_cone(const DlcaCircuit *rule, int32_t output, bool *read) {
    memset(read, 0, ((size_t)rule->inputs + (size_t)rule->gates) * sizeof *read);
    read[rule->output[output]] = true;
    for (int32_t i = rule->gates - 1; i >= 0; i--) {
        const DlcaGate gate = rule->gate[i];
        if (read[rule->inputs + i]) {
            read[gate.a] |= dlca_op_uses_a(gate.op);
            read[gate.b] |= dlca_op_uses_b(gate.op);
        }
    }
}

bool dlca_rule_live_channels(const DlcaCircuit *rule, int32_t channels, int32_t scored_channels, bool *live,
                             DlcaError *error) {
    bool *read = malloc(((size_t)rule->inputs + (size_t)rule->gates + 1) * sizeof *read);
    int32_t *queue = malloc(((size_t)channels + 1) * sizeof *queue), queued = 0;
    if (!read || !queue) {
        free(read);
        free(queue);
        return dlca_fail(error, DLCA_FAILED, "no memory to follow %d channels", channels);
    }
    for (int32_t c = 0; c < channels; c++) {
        live[c] = c < scored_channels;
        if (live[c]) {
            queue[queued++] = c;
        }
    }
    for (int32_t i = 0; i < queued; i++) {
        mark_cone(rule, queue[i], read);
        for (int32_t input = 0; input < rule->inputs; input++) {
            const int32_t c = input % channels;
            if (read[input] && !live[c]) {
                live[c] = true;
                queue[queued++] = c;
            }
        }
    }
    free(read);
    free(queue);
    return true;
}

void dlca_unrolled_free(DlcaUnrolled *unrolled) {
    dlca_graph_free(&unrolled->graph);
    free(unrolled->live);
    free(unrolled->state);
    free(unrolled->next);
    free(unrolled->value);
    *unrolled = (DlcaUnrolled){0};
}

bool dlca_unrolled_create(DlcaUnrolled *unrolled, const DlcaCircuit *rule, int32_t height, int32_t width,
                          int32_t scored_channels, bool periodic, int32_t steps, DlcaError *error) {
    const int64_t cells = (int64_t)height * width, bits = cells * rule->outputs;
    *unrolled = (DlcaUnrolled){.rule = rule, .height = height, .width = width, .channels = rule->outputs};
    unrolled->periodic = periodic;
    if (bits >= DLCA_CIRCUIT_MAX_NODES ||
        (rule->gates > 0 && cells * steps > (DLCA_CIRCUIT_MAX_NODES - bits) / rule->gates)) {
        return dlca_fail(error, DLCA_BAD_INPUT, "%d steps of %d gates on %dx%d cells are more than %d nodes", steps,
                         rule->gates, width, height, (int)DLCA_CIRCUIT_MAX_NODES);
    }
    unrolled->live = malloc((size_t)rule->outputs * sizeof *unrolled->live);
    unrolled->state = malloc((size_t)bits * sizeof *unrolled->state);
    unrolled->next = malloc((size_t)bits * sizeof *unrolled->next);
    unrolled->value = malloc(((size_t)rule->inputs + (size_t)rule->gates) * sizeof *unrolled->value);
    if (!unrolled->live || !unrolled->state || !unrolled->next || !unrolled->value) {
        dlca_unrolled_free(unrolled);
        return dlca_fail(error, DLCA_FAILED, "no memory to unroll a rule over %lld bits", (long long)bits);
    }
    if (!dlca_rule_live_channels(rule, rule->outputs, scored_channels, unrolled->live, error) ||
        !dlca_graph_reserve(&unrolled->graph, (int32_t)bits, (int32_t)(cells * steps * rule->gates), error)) {
        dlca_unrolled_free(unrolled);
        return false;
    }
    dlca_unrolled_start(unrolled);
    return true;
}

void dlca_unrolled_start(DlcaUnrolled *unrolled) {
    const int32_t bits = unrolled->height * unrolled->width * unrolled->channels;
    dlca_graph_clear(&unrolled->graph, bits);
    for (int32_t i = 0; i < bits; i++) {
        unrolled->state[i] = dlca_literal_input(i);
    }
}

static void gather(DlcaUnrolled *unrolled, int32_t cell) {
    const int32_t cells = unrolled->height * unrolled->width, channels = unrolled->channels;
    const DlcaGeometry geometry = {unrolled->height, unrolled->width, 1, unrolled->periodic};
    for (int32_t n = 0; n < DLCA_NEIGHBOURS; n++) {
        const int32_t neighbour = dlca_neighbour(&geometry, cell, n);
        for (int32_t c = 0; c < channels; c++) {
            unrolled->value[n * channels + c] =
                neighbour < 0 ? DLCA_LITERAL_FALSE : unrolled->state[c * cells + neighbour];
        }
    }
}

void dlca_unrolled_step(DlcaUnrolled *unrolled) {
    const DlcaCircuit *rule = unrolled->rule;
    const int32_t cells = unrolled->height * unrolled->width;
    for (int32_t cell = 0; cell < cells; cell++) {
        gather(unrolled, cell);
        for (int32_t i = 0; i < rule->gates; i++) {
            const DlcaGate gate = rule->gate[i];
            unrolled->value[rule->inputs + i] =
                dlca_graph_gate(&unrolled->graph, gate.op, unrolled->value[gate.a], unrolled->value[gate.b]);
        }
        for (int32_t c = 0; c < unrolled->channels; c++) {
            const int32_t bit = c * cells + cell;
            unrolled->next[bit] = unrolled->live[c] ? unrolled->value[rule->output[c]] : unrolled->state[bit];
        }
    }
    DlcaLiteral *now = unrolled->next;
    unrolled->next = unrolled->state;
    unrolled->state = now;
}
