/* evaluate.c - `dlca evaluate`: what a rule does beyond the step, grid, starts and firing that it was trained for.
 *
 * Leaves alone: the scenarios (train/evaluation.c). */
#include "../src/file.h"
#include "../train/evaluation.h"
#include "../train/picture_task.h"
#include "../train/report_page.h"
#include "../train/report_text.h"
#include "command.h"
#include "rule.h"

#include <stdlib.h>
#include <string.h>

typedef struct EvaluateOptions {
    int64_t seed;
    int64_t starts;
    const char *report;
} EvaluateOptions;

static const DlcaOption evaluate_options[] = {
    {.name = "seed",
     .kind = DLCA_OPTION_INTEGER,
     .value = "S",
     .help = "number that starts, firing and damage follow from",
     .offset = offsetof(EvaluateOptions, seed),
     .maximum = INT64_MAX},
    {.name = "starts",
     .kind = DLCA_OPTION_INTEGER,
     .value = "N",
     .help = "starts of each scenario, rounded up to a multiple of 64",
     .offset = offsetof(EvaluateOptions, starts),
     .minimum = 1,
     .maximum = 65536},
    {.name = "report",
     .kind = DLCA_OPTION_TEXT,
     .value = "FILE.html",
     .help = "also write a page with the table and with curves of the wrong cells, step by step; replaces the file",
     .offset = offsetof(EvaluateOptions, report),
     .no_default = "no page"},
};

/* The task that a rule was trained on, by name, size and channels. */
static bool find_task(const DlcaRule *rule, DlcaTask *task, DlcaError *error) {
    const DlcaConfig *config = &rule->config;
    if (rule->of_picture) {
        return dlca_task_from_picture(task, config, rule->start, rule->target, &rule->palette, error);
    }
    return dlca_task_find(task, config, error);
}

/* ---- the table ---- */

static const char row_format[] = "| %-33s | %6s | %20s | %11s | %10s | %10s | %s |\n";

static void print_row(void *context, const DlcaScenario *scenario, const DlcaScenarioResult *result) {
    const DlcaTask *task = context;
    DlcaEvaluationWords words;
    dlca_evaluation_words(scenario, result, task->config.steps, &words);
    printf(row_format, scenario->name, words.steps, words.right, words.wrong, words.half, words.all, words.holds);
    fflush(stdout);
}

/* ---- the page ---- */

static bool write_page(const char *path, const DlcaRule *rule, const char *model, const DlcaEvaluation *evaluation,
                       DlcaError *error) {
    DlcaText text = {0};
    dlca_text_add(&text, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>\n<meta name=\"viewport\" "
                         "content=\"width=device-width,initial-scale=1\"/>\n<title>dlca evaluate: ");
    dlca_report_escape(&text, model);
    dlca_text_add(&text, "</title>\n<style>\n");
    dlca_report_add_style(&text);
    dlca_text_add(&text, "</style></head>\n<body><main>\n<header><h1>%s%s, beyond training</h1><p class=\"quiet\">",
                  rule->config.task, rule->config.asynchronous ? ", asynchronous" : "");
    dlca_report_escape(&text, model);
    dlca_text_add(&text, ": %d x %d cells, %d bits each, trained for %d steps; %d gates</p></header>\n<section>",
                  rule->config.width, rule->config.height, rule->config.channels, rule->config.steps,
                  rule->circuit.gates);
    const bool good = dlca_report_evaluation(&text, evaluation, error);
    dlca_text_add(&text,
                  "</section>\n<footer>Written by dlca %s. Everything is in this file; it asks no network.</footer>\n"
                  "</main></body></html>\n",
                  DLCA_VERSION);
    const bool written =
        good && dlca_text_check(&text, path, error) && dlca_file_write(path, text.data, text.size, error);
    dlca_text_free(&text);
    return written;
}

static bool evaluate(const DlcaRule *rule, const char *model, const EvaluateOptions *options, DlcaError *error) {
    DlcaTask task = {0};
    if (!find_task(rule, &task, error)) {
        return false;
    }
    DlcaEvaluation evaluation = {0};
    const DlcaEvaluationOptions wanted = {
        .seed = (uint64_t)options->seed, .starts = options->starts, .finished = print_row, .context = &task};
    printf(row_format, "scenario", "steps", "right", "wrong cells", "half right", "all right", "holds");
    printf("|---|---|---|---|---|---|---|\n");
    const bool good = dlca_evaluate(&task, &rule->circuit, &wanted, &evaluation, error) &&
                      (!options->report || write_page(options->report, rule, model, &evaluation, error));
    dlca_evaluation_free(&evaluation);
    dlca_task_free(&task);
    return good;
}

int dlca_command_evaluate(int argc, char **argv) {
    const DlcaArguments arguments = {
        .program = "dlca evaluate",
        .operands = "MODEL",
        .operand_count = 1,
        .summary = "Tries a model's circuit beyond its training: further steps, other sizes, damage, other starts and "
                   "firing rates.",
        .option = evaluate_options,
        .options = (int32_t)(sizeof evaluate_options / sizeof evaluate_options[0])};
    const char *operand[DLCA_MAX_OPERANDS];
    EvaluateOptions options = {.seed = 1, .starts = 256};
    DlcaRule rule = {0};
    DlcaError error = {0};
    int code;
    if (!dlca_command_parse(&arguments, argc, argv, &options, operand, &code)) {
        return code;
    }
    const bool good = dlca_rule_load(&rule, operand[0], &error) && evaluate(&rule, operand[0], &options, &error);
    dlca_rule_free(&rule);
    return good ? 0 : dlca_command_fail("dlca evaluate", &error);
}
