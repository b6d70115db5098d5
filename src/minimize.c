/* minimize.c - passes in turn, each taken when it helps. */
#include "minimize.h"

#include "../gates/counting.h"
#include "../gates/resubstitute.h"
#include "../gates/rewrite.h"
#include "now.h"

enum { PATIENCE = 20, MOST_ROUNDS = 16, CHECK_WORDS = 15625 /* 64 neighbourhoods each: 10^6 */ };

/* Resubstitution by default: 0.15 s for the 25 gates of Life on one core. */
static const int64_t CHECKS_PER_GATE = 2000000, MOST_CHECKS = 100000000;

typedef struct Minimizer {
    const DlcaMinimizing *options;
    DlcaMinimizeReport *report;
    DlcaCircuit rule;
    double began; /* of the pass that runs */
} Minimizer;

/* Gates first; inverters and constants that nothing absorbed break ties. */
static int64_t cost(const DlcaCircuit *circuit) {
    const DlcaCircuitSize size = dlca_circuit_size(circuit);
    return (int64_t)DLCA_CIRCUIT_MAX_NODES * size.gates + size.inverters + size.constants;
}

/* Takes over what a pass made when it costs less, and notes the pass. */
static bool take(Minimizer *minimizer, const char *name, DlcaCircuit *made) {
    const bool better = cost(made) < cost(&minimizer->rule);
    dlca_circuit_free(better ? &minimizer->rule : made);
    if (better) {
        minimizer->rule = *made;
    }
    const double now = dlca_now();
    DlcaMinimizeReport *report = minimizer->report;
    const int32_t at = report->passes < DLCA_MINIMIZE_PASSES ? report->passes++ : DLCA_MINIMIZE_PASSES - 1;
    report->pass[at] = (DlcaMinimizePass){name, dlca_circuit_size(&minimizer->rule), now - minimizer->began};
    minimizer->began = now;
    return better;
}

static int64_t checks_for(const Minimizer *minimizer) {
    const int64_t checks = CHECKS_PER_GATE * dlca_circuit_size(&minimizer->rule).gates;
    return minimizer->options->checks > 0 ? minimizer->options->checks : checks < MOST_CHECKS ? checks : MOST_CHECKS;
}

/* Rewriting, at first around a count of inputs too, and resubstitution until neither helps.
 */
static bool minimize_outputs(Minimizer *minimizer, DlcaError *error) {
    bool better = true;
    for (int32_t round = 0; round < MOST_ROUNDS && better; round++) {
        DlcaCircuit made;
        if (!(round == 0 ? dlca_circuit_smallest : dlca_circuit_rewrite)(&made, &minimizer->rule, PATIENCE, error)) {
            return false;
        }
        better = take(minimizer, "rewrite", &made) || round == 0;
        const DlcaResubstitution effort = {.seed = minimizer->options->seed + (uint64_t)round,
                                           .checks = checks_for(minimizer)};
        if (better && !dlca_circuit_resubstitute(&made, &minimizer->rule, &effort, error)) {
            return false;
        }
        better = better && take(minimizer, "resubstitute", &made);
    }
    return true;
}

static void add_report(DlcaRuleReport *sum, const DlcaRuleReport *more) {
    sum->dead = more->dead > sum->dead ? more->dead : sum->dead;
    sum->constant += more->constant;
    sum->merged += more->merged;
    sum->steady_after += more->steady_after;
}

static bool across_time(Minimizer *minimizer, bool *better, DlcaError *error) {
    DlcaCircuit made;
    DlcaRuleReport found;
    if (!dlca_rule_across_time(&made, &minimizer->rule, minimizer->options->facts, &found, error)) {
        return false;
    }
    *better = take(minimizer, "across time", &made);
    if (*better) {
        add_report(&minimizer->report->time, &found);
    }
    return true;
}

static bool simplify(Minimizer *minimizer, const DlcaCircuit *from, DlcaError *error) {
    DlcaCircuit made;
    if (!dlca_circuit_optimize(&made, from, error) || !dlca_circuit_copy(&minimizer->rule, &made, error)) {
        dlca_circuit_free(&made);
        return false;
    }
    take(minimizer, "simplify", &made);
    return true;
}

/* minimize_outputs, and that it kept them. */
static bool minimize_and_compare(Minimizer *minimizer, DlcaError *error) {
    DlcaCircuit before;
    if (!dlca_circuit_copy(&before, &minimizer->rule, error)) {
        return false;
    }
    const bool same = minimize_outputs(minimizer, error) &&
                      dlca_circuit_same_on_samples(&before, &minimizer->rule, CHECK_WORDS, 1, error);
    dlca_circuit_free(&before);
    return same;
}

/* Time first, since it is cheap and often takes most; then each makes room for the other. */
static bool minimize(Minimizer *minimizer, DlcaError *error) {
    const bool with_time = minimizer->options->facts != NULL;
    bool better = with_time;
    if (better && !across_time(minimizer, &better, error)) {
        return false;
    }
    better = true;
    for (int32_t round = 0; round < MOST_ROUNDS && better; round++) {
        better = with_time;
        if (!minimize_and_compare(minimizer, error) || (with_time && !across_time(minimizer, &better, error))) {
            return false;
        }
    }
    return true;
}

bool dlca_rule_minimize(DlcaCircuit *to, const DlcaCircuit *from, const DlcaMinimizing *options,
                        DlcaMinimizeReport *report, DlcaError *error) {
    DlcaMinimizeReport unread;
    Minimizer minimizer = {.options = options, .report = report ? report : &unread, .began = dlca_now()};
    *minimizer.report = (DlcaMinimizeReport){.reachable = dlca_circuit_live_gates(from)};
    if (minimizer.report->reachable < 0) {
        *to = (DlcaCircuit){0};
        return dlca_fail(error, DLCA_FAILED, "no memory to minimize a circuit of %d gates", from->gates);
    }
    const bool done = simplify(&minimizer, from, error) && minimize(&minimizer, error);
    if (!done) {
        dlca_circuit_free(&minimizer.rule);
    }
    *to = minimizer.rule;
    return done;
}
