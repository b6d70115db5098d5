/* bench_simulate_print.c - the cases as a table, as CSV, and as a plot (SVG). */
#include "bench_simulate.h"

#include "../gates/text.h"
#include "../src/file.h"

#include <math.h>
#include <string.h>

const char *bench_simulate_engine_name(SimulateEngine engine) {
    static const char *const names[] = {"by hand", "interpreter", "native", "jit"};
    return names[engine];
}

void bench_simulate_print(const SimulateCase *cases, int32_t count, const double *bandwidth, FILE *out) {
    fprintf(out, "%-13s %-10s %5s %4s %6s %7s %-7s %-11s %9s %15s %8s %8s %5s %7s %9s\n", "rule", "variant", "gates",
            "bits", "side", "threads", "set", "engine", "Gcell/s", "(quartiles)", "best", "by hand", "steps", "B/cell",
            "of memory");
    for (int32_t i = 0; i < count; i++) {
        const SimulateCase *test = &cases[i];
        if (test->cells.median <= 0) {
            continue;
        }
        fprintf(out, "%-13s %-10s %5d %4d %6d %7d %-7s %-11s %9.2f (%6.2f %6.2f) %8.2f", test->rule, test->variant,
                test->gates, test->channels, test->side, test->threads, dlca_isa_name(test->isa),
                bench_simulate_engine_name(test->engine), test->cells.median * 1e-9, test->cells.low * 1e-9,
                test->cells.high * 1e-9, test->best * 1e-9);
        if (test->by_hand > 0) {
            fprintf(out, " %8.2f", test->by_hand);
        } else {
            fprintf(out, " %8s", "");
        }
        fprintf(out, " %5d", test->steps_per_pass);
        if (test->bytes_per_cell > 0 && bandwidth[test->threads] > 0) {
            fprintf(out, " %7.3f %8.0f%%", test->bytes_per_cell,
                    100 * test->bytes_per_cell * test->cells.median / bandwidth[test->threads]);
        }
        fprintf(out, "\n");
    }
}

void bench_simulate_csv(const SimulateCase *cases, int32_t count, FILE *out) {
    fprintf(out, "rule,variant,gates,bits,side,threads,set,engine,asynchronous,cells_per_second,low,high,best,by_hand,"
                 "steps_per_pass,bytes_per_cell\n");
    for (int32_t i = 0; i < count; i++) {
        const SimulateCase *test = &cases[i];
        if (test->cells.median > 0) {
            fprintf(out, "%s,%s,%d,%d,%d,%d,%s,%s,%d,%.4g,%.4g,%.4g,%.4g,%.3f,%d,%.4f\n", test->rule, test->variant,
                    test->gates, test->channels, test->side, test->threads, dlca_isa_name(test->isa),
                    bench_simulate_engine_name(test->engine), test->asynchronous, test->cells.median, test->cells.low,
                    test->cells.high, test->best, test->by_hand, test->steps_per_pass, test->bytes_per_cell);
        }
    }
}

/* ---- the plot ---- */

enum { PANEL_WIDTH = 360, PANEL_HEIGHT = 260, MARGIN = 48 };

typedef struct Panel {
    const char *rule, *title;
    int32_t column, row;
} Panel;

static int32_t abscissa(const SimulateCase *test, const char *rule) {
    return strcmp(rule, "by gates") == 0  ? test->gates
           : strcmp(rule, "by bits") == 0 ? test->channels
           : strcmp(rule, "by size") == 0 ? test->side
                                          : test->threads;
}

static void add_panel(DlcaText *text, const SimulateCase *cases, int32_t count, Panel panel) {
    double low_x = INFINITY, high_x = 0, low_y = INFINITY, high_y = 0;
    for (int32_t i = 0; i < count; i++) {
        if (strcmp(cases[i].rule, panel.rule) == 0 && cases[i].cells.median > 0) {
            const double x = abscissa(&cases[i], panel.rule), y = cases[i].cells.median;
            low_x = fmin(low_x, x);
            high_x = fmax(high_x, x);
            low_y = fmin(low_y, y);
            high_y = fmax(high_y, y);
        }
    }
    const double left = panel.column * PANEL_WIDTH + MARGIN, top = panel.row * PANEL_HEIGHT + MARGIN;
    const double width = PANEL_WIDTH - 2 * MARGIN, height = PANEL_HEIGHT - 2 * MARGIN;
    const double span_x = fmax(log(high_x / low_x), 1e-9), span_y = fmax(log(high_y / low_y), 1e-9);
    dlca_text_add(text,
                  "<text x=\"%g\" y=\"%g\">Gcell/s %s</text>\n"
                  "<path d=\"M%g %gv%gh%g\" fill=\"none\" stroke=\"#888\"/>\n<g fill=\"#246\">\n",
                  left, top - 16, panel.title, left, top, height, width);
    for (int32_t i = 0; i < count; i++) {
        if (strcmp(cases[i].rule, panel.rule) == 0 && cases[i].cells.median > 0) {
            const double value = abscissa(&cases[i], panel.rule);
            const double x = left + width * log(value / low_x) / span_x;
            const double y = top + height - height * log(cases[i].cells.median / low_y) / span_y;
            dlca_text_add(text,
                          "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/><text x=\"%.1f\" y=\"%.1f\">%.3g</text>"
                          "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%g</text>\n",
                          x, y, x + 5, y - 4, cases[i].cells.median * 1e-9, x, top + height + 14, value);
        }
    }
    dlca_text_add(text, "</g>\n");
}

bool bench_simulate_plot(const SimulateCase *cases, int32_t count, const char *path, DlcaError *error) {
    static const Panel panels[] = {{"by gates", "by gates (random rules of 1 bit, 512x512)", 0, 0},
                                   {"by bits", "by bits per cell (16 gates a bit, 512x512)", 1, 0},
                                   {"by size", "by side of the grid (life)", 0, 1},
                                   {"by threads", "by threads (life, 8192x8192)", 1, 1}};
    DlcaText text = {0};
    dlca_text_add(&text,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" "
                  "font-size=\"10\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
                  2 * PANEL_WIDTH, 2 * PANEL_HEIGHT);
    for (size_t i = 0; i < sizeof panels / sizeof *panels; i++) {
        add_panel(&text, cases, count, panels[i]);
    }
    dlca_text_add(&text, "</svg>\n");
    const bool good = dlca_text_check(&text, "the plot", error) && dlca_file_write(path, text.data, text.size, error);
    dlca_text_free(&text);
    return good;
}
