/* export_svg.c - a circuit as a picture: inputs at the left, gates by depth, outputs at the right.
 *
 * A wire that passes columns gets a bend in each, shared by all its readers. Legible up to about a hundred gates; what
 * is larger is drawn all the same. Leaves alone: where things go within a column (layered_layout.h). */
#include "export_view.h"
#include "layered_layout.h"

#include <stdlib.h>

enum { MOST_BENDS = 1 << 18, COLUMN = 118, BOX_WIDTH = 54, BOX_HEIGHT = 26, MARGIN = 16, CAPTION = 30, BEND_ROOM = 10 };

typedef struct Picture {
    const DlcaExportView *view;
    DlcaText *text;
    int32_t *column;      /* [nodes] */
    int32_t *last;        /* [nodes] the last column that reads it */
    int32_t *first_item;  /* [nodes] its box; bends for the columns behind it follow */
    DlcaLayoutItem *item; /* boxes, bends, outputs */
    DlcaLayoutLink *link;
    int32_t items, links, columns;
    int32_t outputs; /* the item of output 0 */
    bool bends;      /* false when there would be too many: wires go straight */
    double height;
} Picture;

static void read_at(Picture *picture, int32_t node, int32_t column) {
    picture->last[node] = column > picture->last[node] ? column : picture->last[node];
}

static int32_t column_of(const Picture *picture, DlcaGate gate) {
    const int32_t a = dlca_op_uses_a(gate.op) ? picture->column[gate.a] : 0;
    const int32_t b = dlca_op_uses_b(gate.op) ? picture->column[gate.b] : 0;
    return 1 + (a > b ? a : b);
}

static void find_columns(Picture *picture) {
    const DlcaCircuit *circuit = picture->view->circuit;
    int32_t deepest = 0;
    for (int32_t i = 0; i < circuit->gates; i++) {
        const DlcaGate gate = circuit->gate[i];
        const int32_t node = circuit->inputs + i;
        if (picture->view->live[node]) {
            picture->column[node] = column_of(picture, gate);
            deepest = picture->column[node] > deepest ? picture->column[node] : deepest;
            read_at(picture, dlca_op_uses_a(gate.op) ? gate.a : node, picture->column[node]);
            read_at(picture, dlca_op_uses_b(gate.op) ? gate.b : node, picture->column[node]);
        }
    }
    picture->columns = deepest + 2;
    for (int32_t i = 0; i < circuit->outputs; i++) {
        read_at(picture, circuit->output[i], picture->columns - 1);
    }
}

static int64_t count_bends(const Picture *picture) {
    int64_t bends = 0;
    for (int32_t node = 0; node < picture->view->nodes; node++) {
        const int32_t passed = picture->last[node] - picture->column[node] - 1;
        bends += picture->view->live[node] && passed > 0 ? passed : 0;
    }
    return bends;
}

static int32_t add_item(Picture *picture, int32_t column, double height) {
    picture->item[picture->items] = (DlcaLayoutItem){.column = column, .height = height};
    return picture->items++;
}

/* The item from which a wire of `node` enters `column`. */
static int32_t source_item(const Picture *picture, int32_t node, int32_t column) {
    const int32_t passed = column - picture->column[node] - 1;
    return picture->first_item[node] + (picture->bends ? passed : 0);
}

static void add_link(Picture *picture, int32_t node, int32_t to, int32_t column) {
    const int32_t from = source_item(picture, node, column);
    /* Without bends a wire that passes columns has no part in the layout. */
    if (picture->item[from].column == column - 1) {
        picture->link[picture->links++] = (DlcaLayoutLink){from, to};
    }
}

static void make_items(Picture *picture) {
    const DlcaExportView *view = picture->view;
    for (int32_t node = 0; node < view->nodes; node++) {
        if (!view->live[node]) {
            continue;
        }
        picture->first_item[node] = add_item(picture, picture->column[node], BOX_HEIGHT + 14);
        for (int32_t column = picture->column[node] + 1; picture->bends && column < picture->last[node]; column++) {
            add_item(picture, column, BEND_ROOM);
            picture->link[picture->links++] = (DlcaLayoutLink){picture->items - 2, picture->items - 1};
        }
    }
    picture->outputs = picture->items;
    for (int32_t i = 0; i < view->circuit->outputs; i++) {
        add_item(picture, picture->columns - 1, BOX_HEIGHT + 14);
    }
}

static void make_links(Picture *picture) {
    const DlcaCircuit *circuit = picture->view->circuit;
    for (int32_t i = 0; i < circuit->gates; i++) {
        const DlcaGate gate = circuit->gate[i];
        const int32_t node = circuit->inputs + i;
        if (picture->view->live[node] && dlca_op_uses_a(gate.op)) {
            add_link(picture, gate.a, picture->first_item[node], picture->column[node]);
        }
        if (picture->view->live[node] && dlca_op_uses_b(gate.op)) {
            add_link(picture, gate.b, picture->first_item[node], picture->column[node]);
        }
    }
    for (int32_t i = 0; i < circuit->outputs; i++) {
        add_link(picture, circuit->output[i], picture->outputs + i, picture->columns - 1);
    }
}

/* ---- drawing ---- */

static double x_of(const Picture *picture, int32_t item) {
    return MARGIN + BOX_WIDTH / 2.0 + (double)picture->item[item].column * COLUMN;
}

static double y_of(const Picture *picture, int32_t item) {
    return MARGIN + CAPTION + picture->item[item].y;
}

/* One curve from the box's right side through the bends to (x, y). */
static void add_wire(const Picture *picture, int32_t node, int32_t column, double x, double y, bool inverted) {
    const int32_t begin = picture->first_item[node], end = source_item(picture, node, column);
    const double ring = inverted ? 7 : 0;
    double at = x_of(picture, begin) + BOX_WIDTH / 2.0;
    dlca_text_add(picture->text, "<path d=\"M%.1f %.1f", at, y_of(picture, begin));
    for (int32_t item = begin + 1; item <= end + 1; item++) {
        const bool last = item == end + 1;
        const double to_x = last ? x - ring : x_of(picture, item), to_y = last ? y : y_of(picture, item);
        const double from_y = y_of(picture, item - 1), middle = (at + to_x) / 2;
        dlca_text_add(picture->text, "C%.1f %.1f %.1f %.1f %.1f %.1f", middle, from_y, middle, to_y, to_x, to_y);
        at = to_x;
    }
    dlca_text_add(picture->text, "\"/>\n");
    if (inverted) {
        dlca_text_add(picture->text, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\"/>\n", x - 3.5, y);
    }
}

static void add_gate_wires(const Picture *picture, int32_t index) {
    const DlcaCircuit *circuit = picture->view->circuit;
    const DlcaGate gate = circuit->gate[index];
    const DlcaDrawing drawing = dlca_drawing[gate.op];
    const int32_t node = circuit->inputs + index, box = picture->first_item[node];
    const double x = x_of(picture, box) - BOX_WIDTH / 2.0, y = y_of(picture, box);
    /* The input that comes from higher up enters higher up. */
    double apart = dlca_op_uses_a(gate.op) && dlca_op_uses_b(gate.op) ? BOX_HEIGHT / 4.0 : 0;
    const int32_t column = picture->column[node];
    if (apart > 0 &&
        y_of(picture, source_item(picture, gate.a, column)) > y_of(picture, source_item(picture, gate.b, column))) {
        apart = -apart;
    }
    if (dlca_op_uses_a(gate.op)) {
        add_wire(picture, gate.a, column, x, y - apart, drawing.invert_a);
    }
    if (dlca_op_uses_b(gate.op)) {
        add_wire(picture, gate.b, column, x, y + apart, drawing.invert_b);
    }
}

static void add_label(const Picture *picture, int32_t item, const char *label) {
    dlca_text_add(picture->text, "<text x=\"%.1f\" y=\"%.1f\">%s</text>\n", x_of(picture, item),
                  y_of(picture, item) + 4, label);
}

static void add_box(const Picture *picture, int32_t index) {
    static const char *const fill[] = {[DLCA_SHAPE_CONSTANT] = "#eeeeee",
                                       [DLCA_SHAPE_WIRE] = "#eeeeee",
                                       [DLCA_SHAPE_AND] = "#d9e8fb",
                                       [DLCA_SHAPE_OR] = "#fdeacc",
                                       [DLCA_SHAPE_XOR] = "#dff2d8"};
    const DlcaDrawing drawing = dlca_drawing[picture->view->circuit->gate[index].op];
    const int32_t item = picture->first_item[picture->view->circuit->inputs + index];
    dlca_text_add(
        picture->text,
        "<rect x=\"%.1f\" y=\"%.1f\" width=\"%d\" height=\"%d\" rx=\"4\" fill=\"%s\"><title>g%d</title></rect>\n",
        x_of(picture, item) - BOX_WIDTH / 2.0, y_of(picture, item) - BOX_HEIGHT / 2.0, BOX_WIDTH, BOX_HEIGHT,
        fill[drawing.shape], index);
    add_label(picture, item, drawing.label);
}

static void add_front(const Picture *picture) {
    const double width = 2 * MARGIN + BOX_WIDTH + (double)(picture->columns - 1) * COLUMN;
    const double height = 2 * MARGIN + CAPTION + picture->height, least = 560;
    dlca_text_add(picture->text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- dlca: ");
    dlca_export_title(picture->view, picture->text);
    dlca_text_add(picture->text,
                  " -->\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f "
                  "%.0f\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n",
                  width > least ? width : least, height, width > least ? width : least, height);
    dlca_text_add(picture->text, "<text x=\"%d\" y=\"%d\" font-family=\"sans-serif\" font-size=\"12\">", MARGIN,
                  MARGIN + 10);
    dlca_export_title(picture->view, picture->text);
    dlca_text_add(picture->text, "</text>\n");
}

static void draw(const Picture *picture) {
    const DlcaExportView *view = picture->view;
    const DlcaCircuit *circuit = view->circuit;
    char label[DLCA_PATCH_NAME_BYTES];
    add_front(picture);
    dlca_text_add(picture->text, "<g fill=\"none\" stroke=\"#555555\" stroke-width=\"1.2\">\n");
    for (int32_t i = 0; i < circuit->gates; i++) {
        if (view->live[circuit->inputs + i]) {
            add_gate_wires(picture, i);
        }
    }
    for (int32_t i = 0; i < circuit->outputs; i++) {
        const int32_t item = picture->outputs + i;
        add_wire(picture, circuit->output[i], picture->columns - 1, x_of(picture, item) - BOX_WIDTH / 2.0,
                 y_of(picture, item), false);
    }
    dlca_text_add(picture->text, "</g>\n<g stroke=\"none\" font-family=\"sans-serif\" font-size=\"12\" "
                                 "text-anchor=\"middle\">\n");
    for (int32_t node = 0; node < circuit->inputs; node++) {
        if (view->live[node]) {
            dlca_input_label(label, node, view->channels);
            add_label(picture, picture->first_item[node], label);
        }
    }
    for (int32_t i = 0; i < circuit->gates; i++) {
        if (view->live[circuit->inputs + i]) {
            add_box(picture, i);
        }
    }
    for (int32_t i = 0; i < circuit->outputs; i++) {
        dlca_output_label(label, i, view->channels);
        add_label(picture, picture->outputs + i, label);
    }
    dlca_text_add(picture->text, "</g>\n</svg>\n");
}

static bool take_node_memory(Picture *picture) {
    const size_t nodes = (size_t)picture->view->nodes;
    picture->column = calloc(nodes, sizeof *picture->column);
    picture->last = calloc(nodes, sizeof *picture->last);
    picture->first_item = calloc(nodes, sizeof *picture->first_item);
    return picture->column && picture->last && picture->first_item;
}

static bool arrange(Picture *picture) {
    make_items(picture);
    make_links(picture);
    return dlca_layered_layout(picture->item, picture->items, picture->columns, picture->link, picture->links,
                               &picture->height);
}

/* A link for each bend, and for each input of a gate and each output. */
static bool compose(Picture *picture) {
    const size_t nodes = (size_t)picture->view->nodes, outputs = (size_t)picture->view->circuit->outputs;
    find_columns(picture);
    const int64_t bends = count_bends(picture);
    picture->bends = bends <= MOST_BENDS;
    const size_t items = nodes + outputs + (picture->bends ? (size_t)bends : 0);
    DlcaLayoutItem *item = malloc(items * sizeof *item);
    DlcaLayoutLink *link = malloc((items + 2 * nodes) * sizeof *link);
    picture->item = item;
    picture->link = link;
    const bool good = item && link && arrange(picture);
    if (good) {
        draw(picture);
    }
    free(item);
    free(link);
    return good;
}

void dlca_export_svg(const DlcaExportView *view, DlcaText *text) {
    Picture picture = {.view = view, .text = text};
    if (!take_node_memory(&picture) || !compose(&picture)) {
        text->failed = true;
    }
    free(picture.column);
    free(picture.last);
    free(picture.first_item);
}
