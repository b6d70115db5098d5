/* circuit_report.c - what `dlca circuit` prints. Leaves alone: what is found (gates/reads.h). */
#include "circuit_report.h"

#include "command.h"

#include "../gates/optimize.h"
#include "../gates/patch_names.h"
#include "../gates/reads.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_LISTED = 16 };

static void print_size(const char *title, const DlcaCircuit *circuit, int32_t depth) {
    const DlcaCircuitSize size = dlca_circuit_size(circuit);
    printf("%s %d gates, %d inverters, %d constants, %d pass-throughs, depth %d\n", title, size.gates, size.inverters,
           size.constants, circuit->gates - size.gates - size.inverters - size.constants, depth);
}

static void print_operations(const DlcaCircuit *before, const DlcaCircuit *after) {
    int64_t count[2][DLCA_OPS];
    dlca_circuit_histogram(before, count[0]);
    dlca_circuit_histogram(after, count[1]);
    printf("%-14s %8s %8s\n", "operation", "before", "after");
    for (int op = 0; op < DLCA_OPS; op++) {
        if (count[0][op] || count[1][op]) {
            printf("%-14s %8" PRId64 " %8" PRId64 "\n", dlca_op_name(op), count[0][op], count[1][op]);
        }
    }
}

static void print_support(const bool *reads, int32_t inputs, int32_t channels, int32_t output, bool scored) {
    int32_t count = 0, listed = 0;
    char name[DLCA_PATCH_NAME_BYTES];
    for (int32_t i = 0; i < inputs; i++) {
        count += reads[i];
    }
    printf("channel %d%s: %d input%s", output, scored ? " (scored)" : "", count, count == 1 ? "" : "s");
    for (int32_t i = 0; i < inputs && listed < MOST_LISTED; i++) {
        if (reads[i]) {
            dlca_input_name(name, i, channels);
            printf("%s %s", listed++ ? "" : ":", name);
        }
    }
    printf(count > listed ? " ...\n" : "\n");
}

/* Neighbours of which no channel reads any bit. */
static void print_unused(const bool *reads, int32_t inputs, int32_t channels) {
    printf("unused neighbours:");
    int32_t unused = 0;
    for (int32_t cell = 0; cell < DLCA_PATCH_CELLS; cell++) {
        bool used = false;
        for (int32_t output = 0; output < channels; output++) {
            for (int32_t channel = 0; channel < channels; channel++) {
                used |= reads[(size_t)output * (size_t)inputs + (size_t)(cell * channels + channel)];
            }
        }
        if (!used) {
            printf(" %s", dlca_patch_cell[cell]);
            unused++;
        }
    }
    printf(unused ? "\n" : " none\n");
}

/* A channel that is nothing but its own old value is dead or was merged: it says nothing. */
static bool stays(const DlcaCircuit *circuit, int32_t output, int32_t channels) {
    return circuit->output[output] == DLCA_CENTRE * channels + output;
}

bool dlca_report_circuit(const DlcaConfig *config, const DlcaCircuit *before, const DlcaCircuit *after,
                         DlcaError *error) {
    const int32_t channels = config->channels, inputs = after->inputs;
    const int32_t depth_before = dlca_circuit_depth(before), depth_after = dlca_circuit_depth(after);
    bool *reads = malloc((size_t)inputs * (size_t)channels);
    if (!reads || depth_before < 0 || depth_after < 0) {
        free(reads);
        return dlca_fail(error, DLCA_FAILED, "no memory for a report of %d channels", channels);
    }
    const bool good = dlca_circuit_support(after, reads, error);
    if (good) {
        int32_t unchanged = 0;
        char task[32];
        printf("task: %s, seed %" PRIu64 ", bits per cell: %d, of them scored: %d\n",
               dlca_plain_task(config->task, task), config->seed, channels, config->scored_channels);
        print_size("before:", before, depth_before);
        print_size("after: ", after, depth_after);
        print_operations(before, after);
        for (int32_t i = 0; i < channels; i++) {
            if (stays(after, i, channels)) {
                unchanged++;
            } else {
                print_support(reads + (size_t)i * (size_t)inputs, inputs, channels, i, i < config->scored_channels);
            }
        }
        if (unchanged) {
            printf("channels that keep what they hold: %d\n", unchanged);
        }
        print_unused(reads, inputs, channels);
    }
    free(reads);
    return good;
}

static void print_passes(const DlcaMinimizeReport *report, int32_t *gates) {
    for (int32_t i = 0; i < report->passes; i++) {
        const DlcaMinimizePass *pass = &report->pass[i];
        if (pass->size.gates != *gates) {
            printf("%-14s %8d gates, %d inverters, %d constants, %.2f s\n", pass->name, pass->size.gates,
                   pass->size.inverters, pass->size.constants, pass->seconds);
        }
        *gates = pass->size.gates;
    }
}

void dlca_report_passes(const DlcaMinimized *minimized) {
    const DlcaRuleReport *time = &minimized->across_time.time;
    int32_t gates = -1;
    print_passes(&minimized->outputs, &gates);
    print_passes(&minimized->across_time, &gates);
    printf("across time: %d channels dead, %d constant, %d merged\n", time->dead, time->constant, time->merged);
    if (time->steady_after > 0) {
        printf("steady rule: valid from step %d on, when all cells fire\n", time->steady_after);
    }
}

void dlca_report_proof(const DlcaEquivalenceProof *proof, DlcaAbcAnswer abc, const char *with) {
    const char *const said = abc == DLCA_ABC_EQUIVALENT ? "ABC says so too" : "ABC is not installed or gave no answer";
    if (proof->answer == DLCA_EQUIVALENCE_UNDECIDED) {
        printf("not proven: output %d against %s was not decided, %s\n", proof->output, with,
               abc == DLCA_ABC_EQUIVALENT ? "but ABC says that all outputs are the same" : said);
    } else if (proof->assignments) {
        printf("proven: the same outputs as %s for all %" PRId64 " neighbourhoods; %s\n", with, proof->assignments,
               said);
    } else {
        printf("proven: the same outputs as %s, %d by structure, %d by SAT; %s\n", with, proof->by_graph,
               proof->by_solver, said);
    }
}

void dlca_report_verdict(const DlcaVerdict *verdict, const char *with) {
    printf("verified: the same as %s", with);
    if (verdict->tried) {
        printf(verdict->all ? ", all outputs on all %" PRId64 " neighbourhoods"
                            : ", all outputs on %" PRId64 " random neighbourhoods",
               verdict->tried);
    }
    if (verdict->rollouts) {
        printf(", scored channels over %d steps from %d random starts", verdict->rollout_steps, verdict->rollouts);
    }
    printf("\n");
}

bool dlca_report_expressions(const DlcaCircuit *circuit, DlcaError *error) {
    DlcaText text = {0};
    for (int32_t i = 0; i < circuit->outputs; i++) {
        dlca_circuit_explain(circuit, i, "", &text);
    }
    if (!dlca_text_check(&text, "expressions", error)) {
        return false;
    }
    printf("expressions: ! not, & and, ^ exclusive or, | or; cells by compass point, c the cell itself, _channel\n%s",
           text.data);
    dlca_text_free(&text);
    return true;
}
