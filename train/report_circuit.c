/* report_circuit.c - lays a circuit out in columns and draws it. Leaves alone: other formats. */
#include "report_circuit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double column_width = 132, row_height = 36, box_width = 74, box_height = 26, margin = 14;

typedef struct Place {
    int32_t column; /* -1: not drawn */
    double row;     /* within the column, in rows; fractions centre a short column */
    double wish;    /* the mean row of what it is wired to */
} Place;

typedef struct Drawing {
    const DlcaCircuit *circuit;
    int32_t channels, scored, nodes, columns; /* columns of inputs and gates; outputs stand one further */
    Place *place;                             /* [nodes + outputs] */
    int32_t *member;                          /* [nodes + outputs] of one column, in its order; scratch */
    int32_t tallest;
} Drawing;

static const char *const arrows[9] = {"\xe2\x86\x96", "\xe2\x86\x91", "\xe2\x86\x97", "\xe2\x86\x90", "\xe2\x80\xa2",
                                      "\xe2\x86\x92", "\xe2\x86\x99", "\xe2\x86\x93", "\xe2\x86\x98"};
static const char *const directions[9] = {"upper left", "upper",      "upper right", "left",       "own",
                                          "right",      "lower left", "lower",       "lower right"};

static const char *sign_of(int op) {
    static const char *const signs[16] = {"0",
                                          "a \xe2\x88\xa7 b",
                                          "a \xe2\x88\xa7 \xc2\xac"
                                          "b",
                                          "a",
                                          "\xc2\xac"
                                          "a \xe2\x88\xa7 b",
                                          "b",
                                          "a \xe2\x8a\x95 b",
                                          "a \xe2\x88\xa8 b",
                                          "\xc2\xac(a \xe2\x88\xa8 b)",
                                          "a = b",
                                          "\xc2\xac"
                                          "b",
                                          "a \xe2\x88\xa8 \xc2\xac"
                                          "b",
                                          "\xc2\xac"
                                          "a",
                                          "\xc2\xac"
                                          "a \xe2\x88\xa8 b",
                                          "\xc2\xac(a \xe2\x88\xa7 b)",
                                          "1"};
    return signs[op];
}

/* ---- layout ---- */

static const DlcaGate *gate_of(const Drawing *drawing, int32_t node) {
    return node >= drawing->circuit->inputs && node < drawing->nodes
               ? &drawing->circuit->gate[node - drawing->circuit->inputs]
               : NULL;
}

/* Gates as deep as they must be, inputs before their first reader, unread inputs nowhere. */
static void choose_columns(Drawing *drawing) {
    const DlcaCircuit *circuit = drawing->circuit;
    for (int32_t node = 0; node < drawing->nodes; node++) {
        const DlcaGate *gate = gate_of(drawing, node);
        drawing->place[node].column = -1;
        if (gate) {
            Place *a = &drawing->place[gate->a], *b = &drawing->place[gate->b];
            const int32_t depth_a = dlca_op_uses_a(gate->op) ? a->column : -1;
            const int32_t depth_b = dlca_op_uses_b(gate->op) ? b->column : -1;
            const int32_t deepest = depth_a > depth_b ? depth_a : depth_b;
            drawing->place[node].column = 1 + (deepest > 0 ? deepest : 0);
            if (dlca_op_uses_a(gate->op) && gate->a < circuit->inputs) {
                a->column = 0;
            }
            if (dlca_op_uses_b(gate->op) && gate->b < circuit->inputs) {
                b->column = 0;
            }
        }
        if (drawing->place[node].column >= drawing->columns) {
            drawing->columns = drawing->place[node].column + 1;
        }
    }
    for (int32_t i = 0; i < circuit->outputs; i++) {
        Place *source = &drawing->place[circuit->output[i]];
        source->column = source->column < 0 ? 0 : source->column;
        drawing->place[drawing->nodes + i].column = drawing->columns;
    }
}

static void wish_near(Drawing *drawing, int32_t from, int32_t to, bool forward, double *sum, int32_t *count) {
    const int32_t mine = forward ? to : from, other = forward ? from : to;
    sum[mine] += drawing->place[other].row;
    count[mine]++;
}

/* Each place wishes to stand at the mean row of its sources (forward) or of its readers. */
static void wish(Drawing *drawing, bool forward, double *sum, int32_t *count) {
    const DlcaCircuit *circuit = drawing->circuit;
    const int32_t places = drawing->nodes + circuit->outputs;
    memset(sum, 0, (size_t)places * sizeof *sum);
    memset(count, 0, (size_t)places * sizeof *count);
    for (int32_t node = circuit->inputs; node < drawing->nodes; node++) {
        const DlcaGate *gate = gate_of(drawing, node);
        if (dlca_op_uses_a(gate->op)) {
            wish_near(drawing, gate->a, node, forward, sum, count);
        }
        if (dlca_op_uses_b(gate->op)) {
            wish_near(drawing, gate->b, node, forward, sum, count);
        }
    }
    for (int32_t i = 0; i < circuit->outputs; i++) {
        wish_near(drawing, circuit->output[i], drawing->nodes + i, forward, sum, count);
    }
    for (int32_t i = 0; i < places; i++) {
        drawing->place[i].wish = count[i] ? sum[i] / count[i] : drawing->place[i].row;
    }
}

/* Puts the members of a column into the order of their wishes, one row each, centred. */
static void settle_column(Drawing *drawing, int32_t column) {
    const int32_t places = drawing->nodes + drawing->circuit->outputs;
    int32_t members = 0;
    for (int32_t i = 0; i < places; i++) {
        if (drawing->place[i].column != column) {
            continue;
        }
        int32_t at = members++;
        for (; at > 0 && drawing->place[drawing->member[at - 1]].wish > drawing->place[i].wish; at--) {
            drawing->member[at] = drawing->member[at - 1];
        }
        drawing->member[at] = i;
    }
    drawing->tallest = members > drawing->tallest ? members : drawing->tallest;
    for (int32_t at = 0; at < members; at++) {
        drawing->place[drawing->member[at]].row = at + (drawing->tallest - members) / 2.0;
    }
}

static bool lay_out(Drawing *drawing, DlcaError *error) {
    enum { SWEEPS = 12 }; /* back and forth until crossings no longer fall; six of each are plenty for 60 gates */
    const int32_t places = drawing->nodes + drawing->circuit->outputs;
    double *sum = calloc((size_t)places, sizeof *sum);
    int32_t *count = calloc((size_t)places, sizeof *count);
    const bool good = (sum && count) || dlca_fail(error, DLCA_FAILED, "no memory for a drawing");
    if (good) {
        choose_columns(drawing);
        for (int32_t i = 0; i < places; i++) {
            drawing->place[i].wish = i;
        }
        for (int32_t sweep = 0; sweep <= SWEEPS; sweep++) {
            if (sweep > 0) {
                wish(drawing, sweep % 2 == 0, sum, count);
            }
            for (int32_t column = 0; column <= drawing->columns; column++) {
                settle_column(drawing, column);
            }
        }
    }
    free(sum);
    free(count);
    return good;
}

/* ---- drawing ---- */

static double x_of(const Place *place) {
    return margin + place->column * column_width;
}

static double y_of(const Place *place) {
    return margin + (place->row + 0.5) * row_height;
}

static void draw_wire(DlcaText *text, const Drawing *drawing, int32_t from, int32_t to, double port) {
    const Place *source = &drawing->place[from], *reader = &drawing->place[to];
    const double x1 = x_of(source) + box_width, y1 = y_of(source), x2 = x_of(reader), y2 = y_of(reader) + port;
    const double bend = (x2 - x1) / 2;
    dlca_text_add(text, "<path class=\"wire\" d=\"M%g %gC%g %g %g %g %g %g\"/>", x1, y1, x1 + bend, y1, x2 - bend, y2,
                  x2, y2);
}

static void draw_box(DlcaText *text, const Place *place, const char *style, const char *tip, int32_t tip_number,
                     const char *sign, int32_t number) {
    const double x = x_of(place), y = y_of(place);
    dlca_text_add(text, "<g class=\"%s\"><title>%s", style, tip);
    if (tip_number >= 0) {
        dlca_text_add(text, " %d", tip_number);
    }
    dlca_text_add(text, "</title><rect x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\" rx=\"7\"/>", x, y - box_height / 2,
                  box_width, box_height);
    dlca_text_add(text, "<text text-anchor=\"middle\" x=\"%g\" y=\"%g\">%s", x + box_width / 2, y + 5, sign);
    if (number >= 0) {
        dlca_text_add(text, " %d", number);
    }
    dlca_text_add(text, "</text></g>");
}

static void draw_wires(DlcaText *text, const Drawing *drawing) {
    const DlcaCircuit *circuit = drawing->circuit;
    for (int32_t node = circuit->inputs; node < drawing->nodes; node++) {
        const DlcaGate *gate = gate_of(drawing, node);
        if (dlca_op_uses_a(gate->op)) {
            draw_wire(text, drawing, gate->a, node, -6);
        }
        if (dlca_op_uses_b(gate->op)) {
            draw_wire(text, drawing, gate->b, node, 6);
        }
    }
    for (int32_t i = 0; i < circuit->outputs; i++) {
        draw_wire(text, drawing, circuit->output[i], drawing->nodes + i, 0);
    }
}

static void draw_boxes(DlcaText *text, const Drawing *drawing) {
    char tip[64];
    for (int32_t node = 0; node < drawing->nodes; node++) {
        const Place *place = &drawing->place[node];
        const DlcaGate *gate = gate_of(drawing, node);
        if (gate) {
            draw_box(text, place, "gate", dlca_op_name(gate->op), -1, sign_of(gate->op), -1);
        } else if (place->column >= 0) {
            const int32_t neighbour = node / drawing->channels % 9, channel = node % drawing->channels;
            snprintf(tip, sizeof tip, "%s cell, channel", directions[neighbour]);
            draw_box(text, place, "input", tip, channel, arrows[neighbour], channel);
        }
    }
    for (int32_t i = 0; i < drawing->circuit->outputs; i++) {
        draw_box(text, &drawing->place[drawing->nodes + i], i < drawing->scored ? "output scored" : "output",
                 "new value of channel", i, "new", i);
    }
}

bool dlca_report_circuit(DlcaText *text, const DlcaCircuit *circuit, int32_t channels, int32_t scored_channels,
                         DlcaError *error) {
    Drawing drawing = {.circuit = circuit,
                       .channels = channels,
                       .scored = scored_channels,
                       .nodes = circuit->inputs + circuit->gates,
                       .columns = 1};
    const size_t places = (size_t)drawing.nodes + (size_t)circuit->outputs;
    drawing.place = calloc(places, sizeof *drawing.place);
    drawing.member = calloc(places, sizeof *drawing.member);
    bool good = (drawing.place && drawing.member) || dlca_fail(error, DLCA_FAILED, "no memory for a drawing");
    good = good && lay_out(&drawing, error);
    if (good) {
        const double wide = 2 * margin + drawing.columns * column_width + box_width;
        const double high = 2 * margin + drawing.tallest * row_height;
        dlca_text_add(text,
                      "<svg class=\"circuit\" viewBox=\"0 0 %g %g\" width=\"%g\" height=\"%g\" role=\"img\" "
                      "aria-label=\"the circuit of a cell\">",
                      wide, high, wide, high);
        draw_wires(text, &drawing);
        draw_boxes(text, &drawing);
        dlca_text_add(text, "</svg>\n");
    }
    free(drawing.place);
    free(drawing.member);
    return good;
}
