/* results.c - writes the files of a finished run and says how it ended. Leaves alone: training, log.csv. */
#include "results.h"

#include "../gates/circuit_json.h"
#include "../src/file.h"
#include "../src/minimize.h"
#include "../src/model_file.h"
#include "picture_task.h"
#include "pictures.h"
#include "prove.h"
#include "report.h"
#include "summary.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static bool write_model(const DlcaRun *run, DlcaError *error) {
    char path[PATH_MAX];
    DlcaModelExtras extras = {
        .epoch = run->result->epochs_run, .restart = run->result->restarts, .target = run->task->target};
    return dlca_picture_notes_add(run->task, &extras, error) &&
           dlca_path_join(path, sizeof path, run->folder, "model.safetensors", error) &&
           dlca_model_save(run->model, &extras, path, error);
}

/* ---- circuit.json ---- */

void dlca_kept_ops(const DlcaModel *model, uint8_t *ops) {
    if (model->has_ops) {
        memcpy(ops, model->ops, (size_t)model->gates);
    } else {
        dlca_model_argmax(model, ops);
    }
}

static bool kept_rule(const DlcaModel *model, DlcaCircuit *rule, int64_t *active, DlcaError *error) {
    DlcaCircuit whole = {0};
    uint8_t *ops = malloc((size_t)model->gates);
    if (!ops) {
        return dlca_fail(error, DLCA_FAILED, "no memory for %" PRId64 " operations", model->gates);
    }
    dlca_kept_ops(model, ops);
    *active = 0;
    for (int64_t gate = 0; gate < model->gates; gate++) {
        *active += dlca_op_active(ops[gate]);
    }
    const DlcaRuleFacts facts = {.channels = model->config.channels,
                                 .scored_channels = model->config.scored_channels,
                                 .periodic = model->config.periodic};
    const DlcaMinimizing effort = {.facts = &facts};
    bool good = dlca_model_circuit(model, ops, &whole, error) && dlca_rule_minimize(rule, &whole, &effort, NULL, error);
    dlca_circuit_free(&whole);
    free(ops);
    return good;
}

/* What can be decided for all starts in a few seconds. Unrolled, a larger rule is more than that. */
static bool settle(const DlcaRun *run, const DlcaCircuit *rule, DlcaError *error) {
    enum { MOST_GATES = 200 };
    const DlcaProveOptions options = {.seconds = 3.0, .seed = (uint64_t)run->options->seed};
    DlcaProof proof = {0};
    run->result->gates_optimized = dlca_circuit_size(rule).gates;
    if (dlca_task_starts(run->task) == 0 && run->result->gates_optimized > MOST_GATES) {
        return true;
    }
    if (!dlca_prove_task(&proof, run->task, rule, &options, error)) {
        return false;
    }
    run->result->proven_exact = proof.exact;
    run->result->proven_hold = proof.hold;
    dlca_proof_free(&proof);
    return true;
}

static bool write_circuit(const DlcaModel *model, const DlcaCircuit *rule, int64_t active, const char *path,
                          DlcaError *error) {
    const DlcaConfig *config = &model->config;
    DlcaCircuitFacts facts = {
        .seed = config->seed,
        .height = config->height,
        .width = config->width,
        .channels = config->channels,
        .scored_channels = config->scored_channels,
        .steps = config->steps,
        .periodic = config->periodic,
        .asynchronous = config->asynchronous,
        .fire_rate = config->fire_rate,
        .gates_total = model->gates,
        .gates_active = active,
    };
    char *text = NULL;
    size_t size = 0;
    memcpy(facts.task, config->task, sizeof facts.task);
    bool good = dlca_circuit_to_json(rule, &facts, &text, &size, error) && dlca_file_write(path, text, size, error);
    free(text);
    return good;
}

bool dlca_results_write_circuit(const DlcaModel *model, const char *path, DlcaError *error) {
    DlcaCircuit rule = {0};
    int64_t active = 0;
    const bool good = kept_rule(model, &rule, &active, error) && write_circuit(model, &rule, active, path, error);
    dlca_circuit_free(&rule);
    return good;
}

/* ---- all files ---- */

/* The report comes before the summary: a folder with a summary is complete. */
static bool write_report_and_summary(const DlcaRun *run, const DlcaCircuit *rule, DlcaError *error) {
    char path[PATH_MAX];
    const DlcaSummary summary = {
        .task = run->task,
        .seed = (uint64_t)run->options->seed,
        .epochs = run->options->epochs,
        .threads = (int32_t)run->options->threads,
        .peak_rss_bytes = dlca_peak_rss_bytes(),
        .result = run->result,
    };
    return dlca_report_write(run, &summary, rule, error) &&
           dlca_path_join(path, sizeof path, run->folder, "summary.json", error) &&
           dlca_summary_write(path, &summary, error);
}

bool dlca_results_write(const DlcaRun *run, DlcaError *error) {
    char path[PATH_MAX];
    DlcaCircuit rule = {0};
    int64_t active = 0;
    const DlcaPictureOptions pictures = {
        .seed = (uint64_t)run->options->seed,
        .all_frames = run->options->frames,
        .every = (int32_t)run->options->frame_every,
        .folder = run->folder,
    };
    bool good = write_model(run, error) && kept_rule(run->model, &rule, &active, error) && settle(run, &rule, error) &&
                dlca_path_join(path, sizeof path, run->folder, "circuit.json", error) &&
                write_circuit(run->model, &rule, active, path, error) &&
                dlca_pictures_write(run->task, &rule, &pictures, error) && write_report_and_summary(run, &rule, error);
    dlca_circuit_free(&rule);
    return good;
}

/* ---- what the user reads ---- */

static const char *starts_in_words(const DlcaTask *task) {
    int64_t starts = dlca_task_starts(task);
    return starts == 0 ? "on every fresh start" : starts > 1 ? "on each of its starts" : "from its start";
}

static void print_outcome(const DlcaRun *run, FILE *out) {
    const DlcaTrainResult *result = run->result;
    int64_t looked_at = 4 * (int64_t)run->task->config.steps;
    if (!result->hard_exact) {
        fprintf(out, "not exact: the best circuit has %.2f %% of the scored bits right after %" PRId64 " epochs\n",
                100 * result->hard_accuracy, result->epochs_run);
        return;
    }
    fprintf(out, "exact: every cell is right at step %d, %s\n", run->task->config.steps, starts_in_words(run->task));
    if (result->hold_steps >= looked_at) {
        fprintf(out, "holds: and at each of the %" PRId64 " steps after it that were looked at\n", looked_at);
    } else {
        fprintf(out, "does not hold: right for %" PRId64 " further steps of the %" PRId64 " looked at\n",
                result->hold_steps, looked_at);
    }
    if (result->proven_exact != DLCA_NOT_DECIDED || result->proven_hold != DLCA_NOT_DECIDED) {
        static const char *const words[] = {"not decided", "yes", "no"};
        fprintf(out, "proven for all starts: right at step %d: %s, for ever: %s\n", run->task->config.steps,
                words[result->proven_exact], words[result->proven_hold]);
    }
    fprintf(out, "epoch: from epoch %" PRId64 " of %" PRId64 " run (budget %" PRId64 "), restarts: %d\n",
            result->exact_epoch, result->epochs_run, run->options->epochs, result->restarts);
}

void dlca_results_print(const DlcaRun *run, FILE *out) {
    const DlcaTrainResult *result = run->result;
    double epochs = result->epochs_run > 0 ? (double)result->epochs_run : 1;
    print_outcome(run, out);
    fprintf(out, "gates: %" PRId64 " trained, %" PRId64 " active, %" PRId64 " left in the optimized circuit\n",
            result->gates_total, result->gates_active, result->gates_optimized);
    fprintf(out, "time: %.2f s, of it training %.2f s (%.2f ms per epoch, %s, threads: %d), repair %.2f s\n",
            result->seconds_total, result->seconds_train, 1000 * result->seconds_train / epochs, result->backend,
            (int)run->options->threads, result->seconds_repair);
    fprintf(out, "files: %s/ (report.html summary.json log.csv model.safetensors circuit.json rollout.gif frames/)\n",
            run->folder);
}
