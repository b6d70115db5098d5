/* steady.c - takes the channels that keep their value out of a rule that has become steady. */
#include "steady.h"

#include "../gates/counting.h"
#include "across_time.h"

#include <stdlib.h>

/* Rewriting a thousand gates takes some 50 ms; of circuits as large as some that are not optimized it would take long.
 */
enum { PATIENCE = 20, MOST_REWRITTEN_GATES = 5000 };

void dlca_steady_rule_free(DlcaSteadyRule *steady) {
    dlca_circuit_free(&steady->circuit);
    free(steady->channel);
    *steady = (DlcaSteadyRule){0};
}

static bool rewrite(DlcaCircuit *circuit, DlcaError *error) {
    DlcaCircuit smaller;
    if (circuit->gates > MOST_REWRITTEN_GATES) {
        return true;
    }
    if (!dlca_circuit_smallest(&smaller, circuit, PATIENCE, error)) {
        return false;
    }
    dlca_circuit_free(circuit);
    *circuit = smaller;
    return true;
}

/* Which nodes read a channel that is not `kept`. */
static void find_changing(const DlcaCircuit *circuit, const bool *kept, bool *changing) {
    const int32_t channels = circuit->inputs / DLCA_NEIGHBOURS;
    for (int32_t i = 0; i < circuit->inputs; i++) {
        changing[i] = !kept[i % channels];
    }
    for (int32_t i = 0; i < circuit->gates; i++) {
        const DlcaGate gate = circuit->gate[i];
        changing[circuit->inputs + i] =
            (dlca_op_uses_a(gate.op) && changing[gate.a]) || (dlca_op_uses_b(gate.op) && changing[gate.b]);
    }
}

/* A channel that takes over its own old value keeps it; one that is computed from kept channels alone, of whichever
 * neighbours, keeps it from one step later on. Returns how many steps later the last one does. */
static int32_t find_kept(const DlcaCircuit *circuit, bool *kept, bool *changing) {
    const int32_t channels = circuit->outputs;
    for (int32_t c = 0; c < channels; c++) {
        kept[c] = circuit->output[c] == DLCA_CENTRE * channels + c;
    }
    for (int32_t later = 0;; later++) {
        bool more = false;
        find_changing(circuit, kept, changing);
        for (int32_t c = 0; c < channels; c++) {
            more |= !kept[c] && !changing[circuit->output[c]];
            kept[c] |= !changing[circuit->output[c]];
        }
        if (!more) {
            return later;
        }
    }
}

/* One output stays in any case: a program without any is none. */
static bool drop_kept_channels(DlcaSteadyRule *steady, DlcaError *error) {
    DlcaCircuit *circuit = &steady->circuit;
    const int32_t channels = circuit->outputs;
    bool *kept = calloc((size_t)channels, sizeof *kept);
    bool *changing = calloc((size_t)circuit->inputs + (size_t)circuit->gates, sizeof *changing);
    const bool good = kept && changing;
    if (good) {
        steady->after += find_kept(circuit, kept, changing);
        circuit->outputs = 0;
        for (int32_t c = 0; c < channels; c++) {
            if (!kept[c] || (circuit->outputs == 0 && c == channels - 1)) {
                steady->channel[circuit->outputs] = c;
                circuit->output[circuit->outputs++] = circuit->output[c];
            }
        }
    }
    free(kept);
    free(changing);
    return good || dlca_fail(error, DLCA_FAILED, "no memory for a rule of %d gates", circuit->gates);
}

bool dlca_steady_rule_create(DlcaSteadyRule *steady, const DlcaCircuit *rule, bool periodic, DlcaError *error) {
    const int32_t channels = rule->outputs;
    const DlcaRuleFacts facts = {
        .channels = channels, .scored_channels = channels, .periodic = periodic, .steady = true};
    DlcaRuleReport report;
    *steady = (DlcaSteadyRule){.channel = malloc((size_t)channels * sizeof *steady->channel)};
    if (!steady->channel) {
        return dlca_fail(error, DLCA_FAILED, "no memory for a rule of %d channels", channels);
    }
    bool good = dlca_rule_across_time(&steady->circuit, rule, &facts, &report, error);
    steady->after = report.steady_after;
    good = good && drop_kept_channels(steady, error) && rewrite(&steady->circuit, error);
    if (!good) {
        dlca_steady_rule_free(steady);
        return false;
    }
    if (steady->circuit.outputs == channels && steady->circuit.gates >= rule->gates) {
        dlca_steady_rule_free(steady);
    }
    return true;
}
