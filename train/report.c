/* report.c - composes the page: what happened first, then the rollout, learning, the circuit, all numbers.
 *
 * Everything that is not a number of ours goes through dlca_report_escape. Leaves alone: how the parts look
 * (report_chart, report_circuit, report_histogram, report_numbers, report_style, report_script). */
#include "report.h"

#include "../src/file.h"
#include "../src/image.h"
#include "evaluation.h"
#include "report_chart.h"
#include "report_circuit.h"
#include "report_log.h"
#include "report_numbers.h"
#include "report_page.h"
#include "report_rollout.h"
#include "report_text.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>

enum { CURVE_POINTS = 600 };

typedef struct Page {
    DlcaText text;
    const DlcaRun *run;
    const DlcaSummary *summary;
    const DlcaCircuit *rule;
    DlcaRolloutRecord rollout;
    DlcaLogColumns log;
} Page;

/* ---- what happened ---- */

static void add_outcome(Page *page) {
    DlcaText *text = &page->text;
    const DlcaTrainResult *result = page->run->result;
    const int32_t steps = page->run->task->config.steps;
    const int64_t looked_at = 4 * (int64_t)steps;
    if (!result->hard_exact) {
        dlca_text_add(text,
                      "<p><span class=\"badge bad\">not exact</span></p><p>The best circuit has %.2f&#8239;%% of the "
                      "scored bits right after %d steps.</p>",
                      100 * result->hard_accuracy, steps);
        return;
    }
    const bool holds = result->hold_steps >= looked_at;
    dlca_text_add(text,
                  "<p><span class=\"badge good\">exact</span><span class=\"badge %s\">%s</span></p><p>Every cell is "
                  "right after %d steps, on %s, ",
                  holds ? "good" : "bad", holds ? "holds" : "does not hold", steps,
                  dlca_task_one_start(page->run->task) ? "the one start that there is" : "each fresh start looked at");
    if (holds) {
        dlca_text_add(text, "and at each of the %" PRId64 " steps after it that were looked at.</p>", looked_at);
    } else {
        dlca_text_add(text, "but stays so for only %" PRId64 " of the %" PRId64 " further steps looked at.</p>",
                      result->hold_steps, looked_at);
    }
}

static void add_fact(DlcaText *text, int64_t number, const char *unit, const char *what) {
    dlca_text_add(text, "<div><b>");
    dlca_report_count(text, number);
    dlca_text_add(text, "%s</b><span>%s</span></div>\n", unit, what);
}

static void add_facts(Page *page) {
    DlcaText *text = &page->text;
    const DlcaTrainResult *result = page->run->result;
    dlca_text_add(text, "<div class=\"facts\">\n");
    if (result->exact_epoch >= 0) {
        add_fact(text, result->exact_epoch, "", "epoch of the circuit");
    }
    add_fact(text, result->epochs_run, "", "epochs run");
    add_fact(text, result->restarts, "", "restarts");
    add_fact(text, result->gates_total, "", "gates trained");
    add_fact(text, result->gates_optimized, "", "gates left");
    dlca_text_add(text, "<div><b>%.*f s</b><span>in all</span></div></div>\n", result->seconds_total < 100 ? 1 : 0,
                  result->seconds_total);
}

static void add_head(Page *page) {
    DlcaText *text = &page->text;
    const DlcaConfig *config = &page->run->task->config;
    dlca_text_add(text, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>\n<meta name=\"viewport\" "
                        "content=\"width=device-width,initial-scale=1\"/>\n<title>dlca: ");
    dlca_report_escape(text, config->task);
    dlca_text_add(text, ", seed %" PRIu64 "</title>\n<style>\n", page->summary->seed);
    dlca_report_add_style(text);
    dlca_text_add(text, "</style></head>\n<body><main>\n<header><h1>");
    dlca_report_escape(text, config->task);
    dlca_text_add(text,
                  "%s, seed %" PRIu64 "</h1><p class=\"quiet\">%d x %d cells, %s, %d bits each, of them %d scored; "
                  "%d steps</p>\n",
                  config->asynchronous ? ", asynchronous" : "", page->summary->seed, config->width, config->height,
                  config->periodic ? "periodic" : "outside reads 0", config->channels, config->scored_channels,
                  config->steps);
    add_outcome(page);
    dlca_text_add(text, "</header>\n");
    add_facts(page);
}

/* ---- the rollout ---- */

static void add_palette(DlcaText *text, const DlcaTask *task) {
    const int32_t scored = task->config.scored_channels;
    for (int32_t code = 0; code < 1 << scored; code++) {
        uint8_t bits[DLCA_PALETTE_BITS], rgb[3];
        for (int32_t bit = 0; bit < scored; bit++) {
            bits[bit] = (uint8_t)(code >> bit & 1);
        }
        dlca_cell_colour(bits, scored, &task->palette, rgb);
        dlca_text_add(text, "%s\"#%02x%02x%02x\"", code ? "," : "", rgb[0], rgb[1], rgb[2]);
    }
}

static void add_rollout_data(Page *page) {
    DlcaText *text = &page->text;
    const DlcaTask *task = page->run->task;
    const DlcaRolloutRecord *rollout = &page->rollout;
    const bool fixed = task->target != NULL;
    const size_t frames = (size_t)rollout->steps + 1;
    dlca_text_add(text,
                  "<script type=\"application/json\" id=\"rollout-data\">{\"width\":%d,\"height\":%d,\"bits\":%d,"
                  "\"steps\":%d,\"trained\":%d,\"fixed\":%s,\"frameBytes\":%zu,\"palette\":[",
                  task->config.width, task->config.height, task->config.scored_channels, rollout->steps,
                  task->config.steps, fixed ? "true" : "false", rollout->frame_bytes);
    add_palette(text, task);
    dlca_text_add(text, "],\"frames\":\"");
    dlca_report_base64(text, rollout->frames, frames * rollout->frame_bytes);
    dlca_text_add(text, "\",\"targets\":\"");
    dlca_report_base64(text, rollout->targets, (fixed ? 1 : frames) * rollout->frame_bytes);
    dlca_text_add(text, "\"}</script>\n");
}

static void add_wrong_cells(Page *page) {
    const DlcaRolloutRecord *rollout = &page->rollout;
    DlcaChart chart = {
        .style = "",
        .title = "wrong cells at each step",
        .x_name = "step",
        .points = rollout->steps + 1,
        .x = rollout->step,
        .lines = rollout->starts > 1 ? 2 : 1,
        .line = {{rollout->starts > 1 ? "mean of 64 starts" : "wrong cells", "mean", rollout->mean_wrong},
                 {"the worst of them", "most", rollout->most_wrong}},
        .mark_name = "trained to here",
        .mark_x = page->run->task->config.steps};
    dlca_text_add(&page->text, "<h3>Wrong cells, step by step</h3>\n");
    dlca_report_chart(&page->text, &chart);
}

static void add_rollout(Page *page) {
    DlcaText *text = &page->text;
    dlca_text_add(text,
                  "<section><h2>The circuit at work</h2>\n<div class=\"stage\"><div id=\"player\" hidden=\"hidden\">\n"
                  "<div class=\"player\"><figure><canvas id=\"now\" role=\"img\" aria-label=\"the cells\"></canvas>"
                  "<figcaption>the cells</figcaption></figure><figure><canvas id=\"goal\" role=\"img\" "
                  "aria-label=\"the target\"></canvas><figcaption>the target</figcaption></figure></div>\n"
                  "<div class=\"controls\"><button id=\"play\" type=\"button\">Play</button><button id=\"back\" "
                  "type=\"button\" aria-label=\"one step back\">&#8249;</button><button id=\"forward\" type=\"button\" "
                  "aria-label=\"one step on\">&#8250;</button><input id=\"slider\" type=\"range\" min=\"0\" max=\"1\" "
                  "value=\"0\" aria-label=\"step\"/><label><input id=\"mark\" type=\"checkbox\"/> mark wrong cells"
                  "</label></div>\n<p id=\"where\"></p></div>\n<noscript><p>The animation needs a script; rollout.gif "
                  "beside this page shows it too.</p></noscript>\n<div>");
    add_wrong_cells(page);
    dlca_text_add(text, "</div></div>\n<div class=\"strip\" id=\"strip\"></div>\n");
    add_rollout_data(page);
    dlca_text_add(text, "</section>\n");
}

/* ---- learning ---- */

static void add_loss(Page *page, bool logarithmic) {
    DlcaChart chart = {.style = logarithmic ? "logarithmic" : "linear",
                       .title = "losses while training",
                       .x_name = "epoch",
                       .logarithmic = logarithmic,
                       .points = page->log.rows,
                       .x = page->log.epoch,
                       .lines = 2,
                       .line = {{"soft loss", "soft", page->log.soft_loss}, {"hard loss", "hard", page->log.hard_loss}},
                       .mark_name = page->run->result->exact_epoch >= 0 ? "circuit kept" : NULL,
                       .mark_x = (double)page->run->result->exact_epoch};
    dlca_report_chart(&page->text, &chart);
}

static void add_learning(Page *page) {
    DlcaText *text = &page->text;
    const DlcaChart wrong = {.style = "",
                             .title = "wrong bits while training",
                             .x_name = "epoch",
                             .points = page->log.rows,
                             .x = page->log.epoch,
                             .lines = 1,
                             .line = {{"wrong scored bits of the hard circuit, %", "hard", page->log.wrong_percent}}};
    dlca_text_add(text,
                  "<section><h2>Learning</h2>\n<p class=\"quiet\">The soft loss is what training lowers; the hard "
                  "loss is that of the circuit when each gate takes its most probable operation. A new wiring "
                  "begins high again.</p>\n<input id=\"linear\" type=\"radio\" name=\"scale\" checked=\"checked\" "
                  "class=\"switch\"/><label class=\"switch\" for=\"linear\"> linear </label><input "
                  "id=\"logarithmic\" type=\"radio\" name=\"scale\" class=\"switch\"/><label class=\"switch\" "
                  "for=\"logarithmic\"> logarithmic</label>\n<div class=\"charts\"><div><h3>Losses</h3>\n");
    add_loss(page, false);
    add_loss(page, true);
    dlca_text_add(text, "</div><div><h3>Wrong bits while training</h3>\n");
    dlca_report_chart(text, &wrong);
    dlca_text_add(text, "</div></div></section>\n");
}

/* ---- gates ---- */

static bool add_histogram(Page *page, DlcaError *error) {
    const DlcaModel *model = page->run->model;
    uint8_t *ops = malloc((size_t)model->gates);
    if (!ops) {
        return dlca_fail(error, DLCA_FAILED, "no memory for the operations of the report");
    }
    dlca_kept_ops(model, ops);
    dlca_text_add(&page->text, "<section><h2>Gates</h2>\n<p class=\"quiet\">Trained: all gates of the model. Left: the "
                               "circuit of one cell after optimization, with each kernel once per channel that needs "
                               "it. Bars of a column are relative to its longest.</p>\n");
    dlca_report_histogram(&page->text, ops, model->gates, page->rule);
    dlca_text_add(&page->text, "</section>\n");
    free(ops);
    return true;
}

static bool add_circuit(Page *page, DlcaError *error) {
    const DlcaConfig *config = &page->run->task->config;
    DlcaText *text = &page->text;
    dlca_text_add(text, "<section><h2>The circuit of a cell</h2>\n");
    bool good = true;
    if (page->rule->gates > DLCA_DRAWN_GATES) {
        dlca_text_add(text, "<p>Its %d gates are too many for a drawing that one can read; circuit.json has them.</p>",
                      page->rule->gates);
    } else {
        dlca_text_add(text, "<p class=\"quiet\">At the left what a cell reads: the arrow says where the neighbour lies "
                            "(&#8226; is the cell itself), the number is the channel. At the right its new channels; "
                            "the scored ones have a thick edge. A gate's upper wire is a, its lower one b.</p>\n"
                            "<div class=\"scroll\">");
        good = dlca_report_circuit(text, page->rule, config->channels, config->scored_channels, error);
        dlca_text_add(text, "</div>");
    }
    dlca_text_add(text, "</section>\n");
    return good;
}

/* ---- beyond training ---- */

static bool add_evaluation(Page *page, DlcaError *error) {
    enum { STARTS = 64 };
    DlcaText *text = &page->text;
    DlcaEvaluation evaluation = {0};
    const DlcaEvaluationOptions options = {.seed = page->summary->seed, .starts = STARTS, .brief = true};
    dlca_text_add(text, "<section class=\"long\"><h2>Beyond training</h2>\n<p class=\"quiet\">A short look; <code>dlca "
                        "evaluate</code> looks longer, at more starts and larger grids.</p>\n");
    const bool good = dlca_evaluate(page->run->task, page->rule, &options, &evaluation, error) &&
                      dlca_report_evaluation(text, &evaluation, error);
    dlca_evaluation_free(&evaluation);
    dlca_text_add(text, "</section>\n");
    return good;
}

/* ---- numbers ---- */

static bool add_numbers(Page *page, DlcaError *error) {
    DlcaText *text = &page->text;
    dlca_text_add(text,
                  "<section class=\"long\"><h2>All numbers</h2>\n<div class=\"columns\"><div><h3>summary.json</h3>");
    if (!dlca_report_summary(text, page->summary, error)) {
        return false;
    }
    dlca_text_add(text, "</div><div><h3>Machine</h3>");
    dlca_report_machine(text, page->summary);
    dlca_text_add(text, "<h3 style=\"margin-top:16px\">Options</h3>");
    dlca_report_options(text, page->run->arguments, page->run->values);
    dlca_text_add(text, "</div></div></section>\n");
    return true;
}

static bool compose(Page *page, DlcaError *error) {
    add_head(page);
    if (page->run->task->config.scored_channels <= DLCA_PALETTE_BITS) {
        add_rollout(page);
    }
    add_learning(page);
    if (!add_evaluation(page, error) || !add_histogram(page, error) || !add_circuit(page, error) ||
        !add_numbers(page, error)) {
        return false;
    }
    dlca_text_add(&page->text,
                  "<footer>Written by dlca %s. Everything is in this file; it asks no network.</footer>\n"
                  "</main>\n",
                  DLCA_VERSION);
    if (page->run->task->config.scored_channels <= DLCA_PALETTE_BITS) {
        dlca_text_add(&page->text, "<script>\n");
        dlca_report_add_script(&page->text);
        dlca_text_add(&page->text, "</script>\n");
    }
    dlca_text_add(&page->text, "</body></html>\n");
    return dlca_text_check(&page->text, "report.html", error);
}

bool dlca_report_write(const DlcaRun *run, const DlcaSummary *summary, const DlcaCircuit *rule, DlcaError *error) {
    char path[PATH_MAX];
    Page page = {.run = run, .summary = summary, .rule = rule};
    const int32_t steps = run->task->config.steps;
    const int32_t further = steps < INT32_MAX / 8 ? 4 * steps : 0;
    const bool good = dlca_path_join(path, sizeof path, run->folder, "report.html", error) &&
                      dlca_rollout_record(&page.rollout, run->task, rule, summary->seed, further, error) &&
                      dlca_log_columns_read(&page.log, run->folder, CURVE_POINTS, error) && compose(&page, error) &&
                      dlca_file_write(path, page.text.data, page.text.size, error);
    dlca_text_free(&page.text);
    dlca_log_columns_free(&page.log);
    dlca_rollout_record_free(&page.rollout);
    return good;
}
