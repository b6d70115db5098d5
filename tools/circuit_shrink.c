/* circuit_shrink.c - one search with a fixed effort. */
#include "circuit_shrink.h"

#include "../gates/optimize.h"
#include "../src/shrink.h"

#include <stdio.h>

enum { EVALUATIONS = 20000 };

bool dlca_shrink(DlcaShrunk *shrunk, const DlcaCircuit *rule, const DlcaConfig *config, const uint8_t *target,
                 DlcaError *error) {
    if (!target || config->asynchronous) {
        return dlca_fail(error, DLCA_BAD_INPUT,
                         "--shrink: %s; accepted are rules of a task with one target for all starts, all cells firing",
                         target ? "cells fire at random" : "the target is not known or depends on the start");
    }
    const DlcaProofQuestion question = {.rule = rule,
                                        .height = config->height,
                                        .width = config->width,
                                        .scored_channels = config->scored_channels,
                                        .steps = config->steps,
                                        .periodic = config->periodic,
                                        .target = target,
                                        .seed = config->seed};
    const DlcaShrinking effort = {.evaluations = EVALUATIONS, .seed = config->seed};
    shrunk->gates_before = dlca_circuit_size(rule).gates;
    return dlca_rule_shrink(&shrunk->rule, rule, &question, &effort, error);
}

void dlca_report_shrunk(const DlcaShrunk *shrunk, const DlcaConfig *config) {
    if (dlca_circuit_size(&shrunk->rule).gates == shrunk->gates_before) {
        printf("shrunk: no: nothing smaller was found, or the rule is not right for every start\n");
        return;
    }
    printf("shrunk: %d to %d gates: right for every start at step %d and for ever, proven; the steps before differ\n",
           shrunk->gates_before, dlca_circuit_size(&shrunk->rule).gates, config->steps);
}
