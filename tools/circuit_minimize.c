/* circuit_minimize.c - the passes in turn, until nothing changes. */
#include "circuit_minimize.h"

#include "../gates/optimize.h"
#include "../gates/resubstitute.h"
#include "../gates/rewrite.h"

enum { REWRITE_PATIENCE = 20, MOST_ROUNDS = 64 };

/* 3 ns each: half a second for a Life circuit, nothing where too many inputs are read. */
static const int64_t RESUBSTITUTE_CHECKS = 150000000;

void dlca_minimized_free(DlcaMinimized *minimized) {
    dlca_circuit_free(&minimized->same);
    dlca_circuit_free(&minimized->rule);
    *minimized = (DlcaMinimized){0};
}

/* Inverters that nothing absorbs count a little, so that they go where they can. */
static int64_t cost(const DlcaCircuit *circuit) {
    const DlcaCircuitSize size = dlca_circuit_size(circuit);
    return 4 * (int64_t)size.gates + size.inverters + size.constants;
}

/* Takes `next` in place of `circuit` when it is smaller; frees the other. */
static bool take_smaller(DlcaCircuit *circuit, DlcaCircuit *next) {
    const bool smaller = cost(next) < cost(circuit);
    dlca_circuit_free(smaller ? circuit : next);
    if (smaller) {
        *circuit = *next;
    }
    return smaller;
}

static bool minimize_outputs(DlcaCircuit *circuit, const DlcaCircuit *from, DlcaError *error) {
    const DlcaResubstitution options = {.seed = 1, .checks = RESUBSTITUTE_CHECKS};
    if (!dlca_circuit_optimize(circuit, from, error)) {
        return false;
    }
    for (int round = 0; round < MOST_ROUNDS; round++) {
        DlcaCircuit next;
        if (!dlca_circuit_rewrite(&next, circuit, REWRITE_PATIENCE, error)) {
            return false;
        }
        bool smaller = take_smaller(circuit, &next);
        if (!dlca_circuit_resubstitute(&next, circuit, &options, error)) {
            return false;
        }
        smaller |= take_smaller(circuit, &next);
        if (!smaller) {
            break;
        }
    }
    return true;
}

static bool round_across_time(DlcaMinimized *minimized, const DlcaRuleFacts *facts, bool *smaller, DlcaError *error) {
    DlcaRuleReport report = {0};
    DlcaCircuit reduced = {0}, next = {0};
    bool good = dlca_rule_across_time(&reduced, &minimized->rule, facts, &report, error) &&
                minimize_outputs(&next, &reduced, error);
    dlca_circuit_free(&reduced);
    if (!good) {
        dlca_circuit_free(&next);
        return false;
    }
    *smaller = take_smaller(&minimized->rule, &next);
    if (*smaller) {
        minimized->report.dead += report.dead;
        minimized->report.constant += report.constant;
        minimized->report.merged += report.merged;
        minimized->report.steady_after += report.steady_after;
    }
    return true;
}

bool dlca_minimize(DlcaMinimized *minimized, const DlcaCircuit *from, const DlcaConfig *config, bool steady,
                   DlcaError *error) {
    const DlcaRuleFacts facts = {.channels = config->channels,
                                 .scored_channels = config->scored_channels,
                                 .periodic = config->periodic,
                                 .steady = steady};
    bool smaller = true;
    *minimized = (DlcaMinimized){0};
    bool good =
        minimize_outputs(&minimized->same, from, error) && dlca_circuit_copy(&minimized->rule, &minimized->same, error);
    for (int round = 0; good && smaller && round < MOST_ROUNDS; round++) {
        good = round_across_time(minimized, &facts, &smaller, error);
    }
    if (!good) {
        dlca_minimized_free(minimized);
    }
    return good;
}
