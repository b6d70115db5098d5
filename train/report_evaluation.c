/* report_evaluation.c - an evaluation as HTML: its table, and how many cells are wrong from step to step. Leaves alone:
 * the rest of the page. */
#include "evaluation.h"
#include "report_chart.h"
#include "report_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS = 240 };

static void add_cell(DlcaText *text, const char *word) {
    dlca_text_add(text, "<td class=\"number\">%s</td>", word);
}

static void add_table(DlcaText *text, const DlcaEvaluation *evaluation) {
    dlca_text_add(
        text,
        "<div class=\"scroll\"><table class=\"evaluation\"><thead><tr><th>tried</th><th class=\"number\">steps</th>"
        "<th class=\"number\">right at the end</th><th class=\"number\">wrong cells</th><th "
        "class=\"number\">half right</th><th class=\"number\">all right</th><th class=\"number\">holds</th>"
        "</tr></thead><tbody>\n");
    for (int32_t i = 0; i < evaluation->count; i++) {
        DlcaEvaluationWords words;
        dlca_evaluation_words(&evaluation->scenario[i], &evaluation->result[i], evaluation->trained, &words);
        dlca_text_add(text, "<tr><th>");
        dlca_report_escape(text, evaluation->scenario[i].name);
        dlca_text_add(text, "</th>");
        add_cell(text, words.steps);
        add_cell(text, words.right);
        add_cell(text, words.wrong);
        add_cell(text, words.half);
        add_cell(text, words.all);
        add_cell(text, words.holds);
        dlca_text_add(text, "</tr>\n");
    }
    dlca_text_add(text, "</tbody></table></div>\n");
}

/* ---- curves ---- */

/* The scenarios that one chart shows, whose names begin with the same word: of more than three the first, one in the
 * middle and the last. */
typedef struct Curves {
    int32_t lines;
    int64_t last; /* step */
    const DlcaScenario *scenario[DLCA_CHART_LINES];
    const DlcaScenarioResult *result[DLCA_CHART_LINES];
} Curves;

static Curves find_curves(const DlcaEvaluation *evaluation, const char *word) {
    int32_t found[DLCA_MAX_SCENARIOS], count = 0;
    for (int32_t i = 0; i < evaluation->count; i++) {
        if (strncmp(evaluation->scenario[i].name, word, strlen(word)) == 0) {
            found[count++] = i;
        }
    }
    Curves curves = {.lines = count < DLCA_CHART_LINES ? count : DLCA_CHART_LINES};
    for (int32_t l = 0; l < curves.lines; l++) {
        const int32_t i = count <= DLCA_CHART_LINES ? found[l] : found[l * (count - 1) / (DLCA_CHART_LINES - 1)];
        curves.scenario[l] = &evaluation->scenario[i];
        curves.result[l] = &evaluation->result[i];
        curves.last = evaluation->scenario[i].steps > curves.last ? evaluation->scenario[i].steps : curves.last;
    }
    return curves;
}

/* The most of the steps that a point stands for: what heals at once is still seen. */
static double value_at(const DlcaScenarioResult *result, int64_t from, int64_t to) {
    double most = NAN;
    for (int64_t step = from; step < to && step <= result->steps; step++) {
        most = isnan(most) || result->wrong[step] > most ? result->wrong[step] : most;
    }
    return most;
}

/* values: [POINTS] steps, then [lines][POINTS] */
static void add_curves(DlcaText *text, const Curves *curves, const char *title, double *values) {
    static const char *const styles[DLCA_CHART_LINES] = {"mean", "hard", "soft"};
    const int64_t steps = curves->last + 1;
    const int32_t points = steps < POINTS ? (int32_t)steps : POINTS;
    DlcaChart chart = {
        .style = "", .title = title, .x_name = "step", .points = points, .x = values, .lines = curves->lines};
    for (int32_t l = 0; l < curves->lines; l++) {
        double *y = values + (size_t)(l + 1) * POINTS;
        const char *colon = strstr(curves->scenario[l]->name, ": ");
        chart.line[l] = (DlcaChartLine){colon ? colon + 2 : curves->scenario[l]->name, styles[l], y};
        for (int32_t i = 0; i < points; i++) {
            const int64_t from = i * steps / points;
            values[i] = (double)from;
            y[i] = value_at(curves->result[l], from, (i + 1) * steps / points);
        }
    }
    if (curves->scenario[0]->damage != DLCA_DAMAGE_NONE) {
        chart.mark_name = "damage";
        chart.mark_x = (double)curves->scenario[0]->damage_after;
    }
    dlca_text_add(text, "<div><h3>%s</h3>\n", title);
    dlca_report_chart(text, &chart);
    dlca_text_add(text, "</div>");
}

bool dlca_report_evaluation(DlcaText *text, const DlcaEvaluation *evaluation, DlcaError *error) {
    static const struct {
        const char *word, *title;
    } charts[] = {{"grid", "Wrong cells on other sizes"},
                  {"damage", "Wrong cells after damage"},
                  {"start", "Wrong cells from other starts"},
                  {"firing", "Wrong cells under other firing rates"}};
    double *values = calloc((size_t)POINTS * (DLCA_CHART_LINES + 1), sizeof *values);
    if (!values) {
        return dlca_fail(error, DLCA_FAILED, "no memory for the curves of a report");
    }
    dlca_text_add(text,
                  "<p class=\"quiet\">Means over %lld starts that nothing was chosen on. \"Half right\" and "
                  "\"all right\" say from which step on so many of them are right and stay so to the last step looked "
                  "at, counted from the start or the damage.%s</p>\n",
                  evaluation->count > 0 ? (long long)evaluation->result[0].starts : 0LL,
                  " Cells that are stuck do not count as wrong.");
    add_table(text, evaluation);
    dlca_text_add(text, "<div class=\"charts below\">");
    for (size_t i = 0; i < sizeof charts / sizeof *charts; i++) {
        const Curves curves = find_curves(evaluation, charts[i].word);
        if (curves.lines > 0) {
            add_curves(text, &curves, charts[i].title, values);
        }
    }
    dlca_text_add(text, "</div>\n");
    free(values);
    return true;
}
