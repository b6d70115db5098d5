/* circuit.c - `dlca circuit MODEL`: makes the circuit small, checks that it is the same, tells about it, writes it.
 *
 * Leaves alone: the passes (circuit_minimize.h), the formats (gates/export.h), proofs (prove). */
#include "../gates/export.h"
#include "../src/file.h"
#include "../src/other_program.h"
#include "circuit_options.h"
#include "circuit_report.h"
#include "circuit_shrink.h"
#include "command.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Graphviz takes minutes for thousands of gates, and nobody can read the picture. */
enum { MOST_GRAPHVIZ_GATES = 400 };

/* For the solver; a circuit that takes longer is reported as not decided. */
static const double PROOF_SECONDS = 60;

typedef struct Work {
    DlcaCircuitOptions options;
    DlcaRule rule, original;
    DlcaCircuit whole; /* as it was hardened or read */
    DlcaMinimized minimized;
    const DlcaCircuit *result;
    DlcaCircuitFacts facts;
    DlcaVerdict before, original_verdict; /* the result against what was read, and against --original */
    DlcaShrunk shrunk;
    DlcaEquivalenceProof proof, original_proof;
    DlcaAbcAnswer abc, original_abc;
} Work;

/* Of a model, every gate; of a file, what stands in it. */
static bool take_whole(Work *work, DlcaError *error) {
    const DlcaRule *rule = &work->rule;
    return rule->model ? dlca_model_circuit(rule->model, rule->ops, &work->whole, error)
                       : dlca_circuit_copy(&work->whole, &rule->circuit, error);
}

/* The rule that it was made from says what the file of another program cannot. */
static bool take_original(Work *work, DlcaError *error) {
    if (!work->options.original) {
        return true;
    }
    if (!dlca_rule_load(&work->original, work->options.original, error)) {
        return false;
    }
    if (work->original.config.channels != work->rule.config.channels) {
        return dlca_fail(error, DLCA_BAD_INPUT, "%s has cells of %d bits, the other circuit of %d",
                         work->options.original, work->original.config.channels, work->rule.config.channels);
    }
    work->rule.config = work->original.config;
    work->rule.gates_total = work->original.gates_total;
    work->rule.gates_active = work->original.gates_active;
    return true;
}

static void take_facts(Work *work) {
    const DlcaConfig *config = &work->rule.config;
    DlcaCircuitFacts *facts = &work->facts;
    snprintf(facts->task, sizeof facts->task, "%s", config->task);
    facts->seed = config->seed;
    facts->height = config->height;
    facts->width = config->width;
    facts->channels = config->channels;
    facts->scored_channels = config->scored_channels;
    facts->steps = config->steps;
    facts->periodic = config->periodic;
    facts->asynchronous = config->asynchronous;
    facts->fire_rate = config->fire_rate;
    facts->gates_total = work->rule.gates_total;
    facts->gates_active = work->rule.gates_active;
}

static bool load(Work *work, const char *path, DlcaError *error) {
    if (!dlca_rule_load(&work->rule, path, error) || !take_original(work, error) || !take_whole(work, error)) {
        return false;
    }
    take_facts(work);
    return true;
}

/* An optimizer that changes the rule is a fault of this program's, not of the file: exit code 1. */
static bool fault(DlcaError *error) {
    const DlcaError inner = *error;
    return dlca_fail(error, DLCA_FAILED, "the optimized circuit is wrong, nothing was written: %s", inner.message);
}

static bool minimize(Work *work, DlcaError *error) {
    const DlcaConfig *config = &work->rule.config;
    const DlcaMinimized *minimized = &work->minimized;
    work->result = &work->whole;
    if (work->options.no_optimize) {
        return true;
    }
    if (!dlca_minimize(&work->minimized, &work->whole, config, work->options.steady, error)) {
        return false;
    }
    work->result = &minimized->rule;
    return (dlca_verify_outputs(&work->whole, &minimized->same, &work->before, error) &&
            dlca_verify_rollouts(&work->whole, &minimized->rule, config, minimized->across_time.time.steady_after,
                                 &work->before, error)) ||
           fault(error);
}

/* The same outputs, or else, for a rule that was made smaller across time, the same scored channels when run. */
static bool compare_with_original(Work *work, DlcaError *error) {
    const DlcaCircuit *original = &work->original.circuit;
    DlcaVerdict *verdict = &work->original_verdict;
    DlcaError inner = {0};
    if (!work->options.original || dlca_verify_outputs(original, work->result, verdict, &inner)) {
        return true;
    }
    *verdict = (DlcaVerdict){0};
    if (inner.kind == DLCA_BAD_INPUT &&
        dlca_verify_rollouts(original, work->result, &work->rule.config, work->minimized.across_time.time.steady_after,
                             verdict, &inner)) {
        return true;
    }
    return dlca_fail(error, inner.kind, "%s is another rule: %s", work->options.original, inner.message);
}

/* ---- proof ---- */

static DlcaAbcAnswer ask_abc(const Work *work, const DlcaCircuit *left, const DlcaCircuit *right) {
    DlcaText texts[2] = {{0}};
    DlcaAbcAnswer answer = DLCA_ABC_NONE;
    if (dlca_export(DLCA_EXPORT_BLIF, left, &work->facts, &texts[0], NULL) &&
        dlca_export(DLCA_EXPORT_BLIF, right, &work->facts, &texts[1], NULL)) {
        answer = dlca_abc_compare(&texts[0], &texts[1]);
    }
    dlca_text_free(&texts[0]);
    dlca_text_free(&texts[1]);
    return answer;
}

/* An error when they differ; undecided is none. */
static bool prove_same(const Work *work, const DlcaCircuit *left, const DlcaCircuit *right, DlcaEquivalenceProof *proof,
                       DlcaAbcAnswer *abc, DlcaError *error) {
    if (!dlca_circuit_equivalent(left, right, PROOF_SECONDS, proof, error)) {
        return false;
    }
    *abc = ask_abc(work, left, right);
    if (proof->answer == DLCA_DIFFERENT) {
        return dlca_fail(error, DLCA_BAD_INPUT, "an output differs for some neighbourhood");
    }
    return *abc != DLCA_ABC_DIFFERENT || dlca_fail(error, DLCA_BAD_INPUT, "ABC finds outputs that differ");
}

/* What keeps the scored channels only when the rule runs is checked by rollouts, not here. */
static bool prove(Work *work, DlcaError *error) {
    const DlcaCircuit *same = work->options.no_optimize ? &work->whole : &work->minimized.same;
    DlcaError inner = {0};
    if (!work->options.prove) {
        return true;
    }
    if (!work->options.no_optimize && !prove_same(work, &work->whole, same, &work->proof, &work->abc, error)) {
        return fault(error);
    }
    return !work->options.original ||
           prove_same(work, &work->original.circuit, same, &work->original_proof, &work->original_abc, &inner) ||
           dlca_fail(error, inner.kind, "%s is another circuit: %s", work->options.original, inner.message);
}

/* From the result so far; what it is proven to be, it is from every start, so a steady rule is none. */
static bool shrink(Work *work, DlcaError *error) {
    if (!work->options.shrink) {
        return true;
    }
    if (work->options.steady) {
        return dlca_fail(error, DLCA_BAD_INPUT, "--shrink goes without --steady");
    }
    if (!dlca_shrink(&work->shrunk, work->result, &work->rule.config, work->rule.target, error)) {
        return false;
    }
    work->result = &work->shrunk.rule;
    return true;
}

/* ---- files ---- */

/* Graphviz's picture with our comment behind its first line; false when there is none. */
static bool draw_with_graphviz(const Work *work, DlcaText *text) {
    DlcaText graph = {0}, svg = {0};
    bool good = work->result->gates <= MOST_GRAPHVIZ_GATES &&
                dlca_export(DLCA_EXPORT_DOT, work->result, &work->facts, &graph, NULL) &&
                dlca_graphviz_svg(graph.data, graph.size, &svg);
    const char *line = good ? strchr(svg.data, '\n') : NULL;
    if (line) {
        const size_t front = (size_t)(line - svg.data) + 1, title = strcspn(graph.data, "\n");
        dlca_text_add_bytes(text, svg.data, front);
        /* The graph's first line is "// dlca: ..." */
        dlca_text_add(text, "<!-- %.*s -->\n", (int)title - 3, graph.data + 3);
        dlca_text_add_bytes(text, svg.data + front, svg.size - front);
    }
    dlca_text_free(&graph);
    dlca_text_free(&svg);
    return line != NULL;
}

static bool make_text(const Work *work, DlcaExportFormat format, DlcaText *text, DlcaError *error) {
    if (format == DLCA_EXPORT_SVG && draw_with_graphviz(work, text)) {
        return dlca_text_check(text, "a picture", error);
    }
    return dlca_export(format, work->result, &work->facts, text, error);
}

static void remove_file(const char *path) {
    struct stat status;
    if (lstat(path, &status) == 0 && S_ISREG(status.st_mode)) {
        unlink(path);
    }
}

/* All texts are made before the first file is written, and files of this call go away when a later one fails. */
static bool write_files(const Work *work, DlcaError *error) {
    const DlcaCircuitOutputs *output = &work->options.output;
    DlcaText text[DLCA_MOST_OUTPUTS] = {{0}};
    bool good = true;
    int32_t written = 0;
    for (int32_t i = 0; good && i < output->count; i++) {
        good = make_text(work, output->format[i], &text[i], error);
    }
    for (; good && written < output->count; written += good) {
        good = dlca_file_write(output->path[written], text[written].data, text[written].size, error);
    }
    for (int32_t i = 0; i < output->count; i++) {
        if (!good && i < written) {
            remove_file(output->path[i]);
        }
        dlca_text_free(&text[i]);
    }
    return good;
}

/* ---- the report, when all has been done ---- */

static bool report(const Work *work, DlcaError *error) {
    const DlcaCircuitOptions *options = &work->options;
    if (!options->quiet) {
        if (!dlca_report_circuit(&work->rule.config, &work->whole, work->result, error)) {
            return false;
        }
        if (!options->no_optimize) {
            dlca_report_passes(&work->minimized);
            dlca_report_verdict(&work->before, "before");
            if (options->prove) {
                dlca_report_proof(&work->proof, work->abc, "before");
            }
        }
        if (options->shrink) {
            dlca_report_shrunk(&work->shrunk, &work->rule.config);
        }
        if (options->original) {
            dlca_report_verdict(&work->original_verdict, options->original);
            if (options->prove) {
                dlca_report_proof(&work->original_proof, work->original_abc, options->original);
            }
        }
    }
    if (options->explain && !dlca_report_expressions(work->result, error)) {
        return false;
    }
    for (int32_t i = 0; !options->quiet && i < options->output.count; i++) {
        printf("written: %s\n", options->output.path[i]);
    }
    return true;
}

int dlca_command_circuit(int argc, char **argv) {
    const DlcaArguments arguments = dlca_circuit_arguments();
    const char *operand[DLCA_MAX_OPERANDS];
    Work work = {0};
    DlcaError error = {0};
    int code;
    if (!dlca_command_parse(&arguments, argc, argv, &work.options, operand, &code)) {
        return code;
    }
    if (!load(&work, operand[0], &error) || !minimize(&work, &error) || !compare_with_original(&work, &error) ||
        !prove(&work, &error) || !shrink(&work, &error) || !write_files(&work, &error) || !report(&work, &error)) {
        code = dlca_command_fail(arguments.program, &error);
    }
    dlca_circuit_free(&work.shrunk.rule);
    dlca_minimized_free(&work.minimized);
    dlca_circuit_free(&work.whole);
    dlca_rule_free(&work.rule);
    dlca_rule_free(&work.original);
    return code;
}
