/* report_chart.c - draws a line chart as SVG. Leaves alone: where the numbers come from. */
#include "report_chart.h"

#include "report_text.h"

#include <math.h>

/* In units of the drawing; on a phone one of them is about 0.8 pixels, so that 13 is still read. */
static const double width = 440, height = 250, left = 58, right = 22, bottom = 38, legend_row = 18;

typedef struct Axis {
    double from, to;
    double top; /* of the drawing's, above the lines: the legend's rows */
    bool logarithmic;
} Axis;

static double place(const Axis *axis, double value) {
    if (axis->logarithmic) {
        const double exponent = value > 0 ? log10(value) : axis->from;
        value = exponent < axis->from ? axis->from : exponent;
    }
    return (value - axis->from) / (axis->to - axis->from);
}

static double across(const Axis *axis, double x) {
    return left + place(axis, x) * (width - left - right);
}

static double down(const Axis *axis, double y) {
    return height - bottom - place(axis, y) * (height - axis->top - bottom);
}

/* The smallest of 1, 2, 5, 10, 20, ... that cuts the range into at most `parts`. */
static double nice_step(double range, int parts) {
    const double raw = range / parts, power = pow(10, floor(log10(raw)));
    const double part = raw / power;
    return power * (part <= 1 ? 1 : part <= 2 ? 2 : part <= 5 ? 5 : 10);
}

static Axis axis_of_x(const DlcaChart *chart) {
    const double from = chart->x[0], to = chart->x[chart->points - 1];
    return (Axis){.from = from, .to = to > from ? to : from + 1};
}

static Axis axis_of_y(const DlcaChart *chart, double top) {
    double least = INFINITY, most = 0;
    for (int32_t l = 0; l < chart->lines; l++) {
        for (int32_t i = 0; i < chart->points; i++) {
            const double y = chart->line[l].y[i];
            least = y > 0 && y < least ? y : least;
            most = y > most && isfinite(y) ? y : most;
        }
    }
    if (!chart->logarithmic) {
        most = most > 0 ? most : 1;
        const double step = nice_step(most, 5);
        return (Axis){.to = step * ceil(most / step - 1e-9), .top = top};
    }
    if (!(most > 0)) {
        return (Axis){.from = -1, .to = 1, .top = top, .logarithmic = true};
    }
    /* Six decades show all that a curve has to say; soft losses go on to 1e-30. */
    const double to = ceil(log10(most) - 1e-9), from = fmax(floor(log10(least)), to - 6);
    return (Axis){.from = from < to ? from : to - 1, .to = to, .top = top, .logarithmic = true};
}

static void draw_y_tick(DlcaText *text, double y, const char *format, double shown) {
    dlca_text_add(text, "<line class=\"grid\" x1=\"%g\" x2=\"%g\" y1=\"%.1f\" y2=\"%.1f\"/>", left, width - right, y,
                  y);
    dlca_text_add(text, "<text class=\"tick\" text-anchor=\"end\" x=\"%g\" y=\"%.1f\">", left - 6, y + 4.5);
    dlca_text_add(text, format, shown);
    dlca_text_add(text, "</text>");
}

static void draw_y_axis(DlcaText *text, const Axis *axis) {
    if (axis->logarithmic) {
        for (int tick = 0; axis->from + tick <= axis->to; tick++) {
            const double exponent = axis->from + tick;
            draw_y_tick(text, down(axis, pow(10, exponent)), fabs(exponent) < 5 ? "%g" : "%.0e", pow(10, exponent));
        }
        return;
    }
    const double step = nice_step(axis->to, 5);
    for (int tick = 0; tick * step <= axis->to * (1 + 1e-9); tick++) {
        draw_y_tick(text, down(axis, tick * step), "%g", tick * step);
    }
}

static void draw_x_axis(DlcaText *text, const Axis *axis, const char *name) {
    const double step = fmax(nice_step(axis->to - axis->from, 5), 1);
    const double first = ceil(axis->from / step);
    for (int tick = 0; step * (first + tick) <= axis->to; tick++) {
        const double x = step * (first + tick);
        dlca_text_add(text, "<text class=\"tick\" text-anchor=\"middle\" x=\"%.1f\" y=\"%g\">%g</text>",
                      across(axis, x), height - bottom + 17, x);
    }
    dlca_text_add(text, "<text class=\"tick\" text-anchor=\"end\" x=\"%g\" y=\"%g\">", width - right, height - 5);
    dlca_report_escape(text, name);
    dlca_text_add(text, "</text>");
}

static void draw_mark(DlcaText *text, const Axis *axis, double top, const DlcaChart *chart) {
    if (!chart->mark_name || chart->mark_x < axis->from || chart->mark_x > axis->to) {
        return;
    }
    const double x = across(axis, chart->mark_x);
    const bool turned = x > 0.65 * width; /* no room at its right */
    dlca_text_add(text, "<line class=\"mark\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%g\" y2=\"%g\"/>", x, x, top,
                  height - bottom);
    dlca_text_add(text, "<text class=\"tick\" text-anchor=\"%s\" x=\"%.1f\" y=\"%g\">", turned ? "end" : "start",
                  turned ? x - 5 : x + 5, top + 12);
    dlca_report_escape(text, chart->mark_name);
    dlca_text_add(text, "</text>");
}

static void draw_line(DlcaText *text, const DlcaChart *chart, const DlcaChartLine *line, const Axis *x, const Axis *y) {
    dlca_text_add(text, "<polyline class=\"line %s\" points=\"", line->style);
    for (int32_t i = 0; i < chart->points; i++) {
        if (isfinite(line->y[i])) {
            dlca_text_add(text, "%.1f,%.1f ", across(x, chart->x[i]), down(y, line->y[i]));
        }
    }
    dlca_text_add(text, "\"/>");
    if (chart->points == 1) { /* a line of one point is nothing to see */
        dlca_text_add(text, "<circle class=\"line %s\" r=\"2\" cx=\"%.1f\" cy=\"%.1f\"/>", line->style,
                      across(x, chart->x[0]), down(y, line->y[0]));
    }
}

/* How wide a name is drawn, about. */
static double width_of(const char *name) {
    double letters = 0;
    for (const char *letter = name; *letter; letter++) {
        letters += 1;
    }
    return 23 + 7.2 * letters;
}

/* From left to right, then the next row; returns the rows. Without a text it only counts them. */
static int draw_legend(DlcaText *text, const DlcaChart *chart) {
    double x = left;
    int rows = 1;
    for (int32_t l = 0; l < chart->lines; l++) {
        const DlcaChartLine *line = &chart->line[l];
        if (x > left && x + width_of(line->name) > width) {
            x = left;
            rows++;
        }
        if (text) {
            const double y = 15 + legend_row * (rows - 1);
            dlca_text_add(text, "<line class=\"line %s\" x1=\"%g\" x2=\"%g\" y1=\"%g\" y2=\"%g\"/>", line->style, x,
                          x + 18, y, y);
            dlca_text_add(text, "<text class=\"tick\" x=\"%g\" y=\"%g\">", x + 23, y + 4.5);
            dlca_report_escape(text, line->name);
            dlca_text_add(text, "</text>");
        }
        x += 17 + width_of(line->name);
    }
    return rows;
}

void dlca_report_chart(DlcaText *text, const DlcaChart *chart) {
    dlca_text_add(text, "<svg class=\"chart %s\" viewBox=\"0 0 %g %g\" role=\"img\" aria-label=\"", chart->style, width,
                  height);
    dlca_report_escape(text, chart->title);
    dlca_text_add(text, "\">");
    if (chart->points < 1) {
        dlca_text_add(text, "<text class=\"tick\" x=\"%g\" y=\"%g\">nothing was measured</text>", left, height / 2);
    } else {
        const Axis x = axis_of_x(chart), y = axis_of_y(chart, 34 + legend_row * (draw_legend(NULL, chart) - 1));
        draw_y_axis(text, &y);
        draw_x_axis(text, &x, chart->x_name);
        draw_mark(text, &x, y.top, chart);
        for (int32_t l = 0; l < chart->lines; l++) {
            draw_line(text, chart, &chart->line[l], &x, &y);
        }
        draw_legend(text, chart);
    }
    dlca_text_add(text, "</svg>\n");
}
