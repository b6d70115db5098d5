/* export_yosys_json.c - a circuit as the JSON netlist of Yosys, which read_json takes and netlistsvg draws.
 *
 * Cells are $_NOT_, $_AND_, $_NAND_, $_OR_, $_NOR_, $_XOR_ and $_XNOR_, which every such program knows; an input that
 * is inverted gets a $_NOT_ of its node, once. Nets are numbered from 2 (0 and 1 are constants, as text). Format: Yosys
 * manual, command write_json. */
#include "export_view.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct Netlist {
    const DlcaExportView *view;
    DlcaText *text;
    int32_t *net;      /* [nodes] 0: FALSE, 1: TRUE, from 2: a net */
    int32_t *inverted; /* [nodes] the net of its inverse, 0 where there is none yet */
    int32_t nets;
    int32_t cells;
} Netlist;

enum { FIRST_NET = 2, NET_BYTES = 16 };

static void net_text(char net[NET_BYTES], int32_t number) {
    snprintf(net, NET_BYTES, number < FIRST_NET ? "\"%d\"" : "%d", number);
}

static void add_cell(Netlist *netlist, const char *type, int32_t a, int32_t b, int32_t to) {
    char a_text[NET_BYTES], b_text[NET_BYTES];
    const bool two = b >= 0;
    net_text(a_text, a);
    net_text(b_text, two ? b : 0);
    dlca_text_add(netlist->text,
                  "%s\n        \"g%d\": {\n          \"hide_name\": 0, \"type\": \"$_%s_\", \"parameters\": {}, "
                  "\"attributes\": {},\n          \"port_directions\": {\"A\": \"input\", %s\"Y\": \"output\"},\n"
                  "          \"connections\": {\"A\": [%s], %s%s%s\"Y\": [%d]}\n        }",
                  netlist->cells ? "," : "", netlist->cells, type, two ? "\"B\": \"input\", " : "", a_text,
                  two ? "\"B\": [" : "", two ? b_text : "", two ? "], " : "", to);
    netlist->cells++;
}

static int32_t inverse(Netlist *netlist, int32_t node) {
    const int32_t net = netlist->net[node];
    if (net < FIRST_NET) {
        return 1 - net;
    }
    if (netlist->inverted[node] == 0) {
        netlist->inverted[node] = netlist->nets++;
        add_cell(netlist, "NOT", net, -1, netlist->inverted[node]);
    }
    return netlist->inverted[node];
}

static int32_t net_of(Netlist *netlist, DlcaGate gate) {
    const DlcaDrawing drawing = dlca_drawing[gate.op];
    const int32_t passed = drawing.reads_b ? gate.b : gate.a;
    if (drawing.shape == DLCA_SHAPE_CONSTANT) {
        return drawing.invert;
    }
    if (drawing.shape == DLCA_SHAPE_WIRE) {
        return drawing.invert ? inverse(netlist, passed) : netlist->net[passed];
    }
    const int32_t a = drawing.invert_a ? inverse(netlist, gate.a) : netlist->net[gate.a];
    const int32_t b = drawing.invert_b ? inverse(netlist, gate.b) : netlist->net[gate.b];
    const int32_t to = netlist->nets++;
    add_cell(netlist, drawing.label, a, b, to);
    return to;
}

static void add_port(Netlist *netlist, const char *name, const int32_t *net, bool output) {
    dlca_text_add(netlist->text, "        \"%s\": {\"direction\": \"%s\", \"bits\": [", name,
                  output ? "output" : "input");
    for (int32_t i = 0; i < netlist->view->channels; i++) {
        char text[NET_BYTES];
        net_text(text, output ? netlist->net[netlist->view->circuit->output[i]] : net[i]);
        dlca_text_add(netlist->text, "%s%s", i ? ", " : "", text);
    }
    dlca_text_add(netlist->text, "]}%s\n", output ? "" : ",");
}

static void add_module(Netlist *netlist) {
    const DlcaExportView *view = netlist->view;
    const DlcaCircuit *circuit = view->circuit;
    dlca_text_add(netlist->text, "{\n  \"creator\": \"dlca: ");
    dlca_export_title(view, netlist->text);
    dlca_text_add(netlist->text, "\",\n  \"modules\": {\n    \"dlca_cell\": {\n      \"attributes\": {\"top\": 1},\n"
                                 "      \"cells\": {");
    for (int32_t i = 0; i < circuit->inputs; i++) {
        netlist->net[i] = FIRST_NET + i;
    }
    netlist->nets = FIRST_NET + circuit->inputs;
    for (int32_t i = 0; i < circuit->gates; i++) {
        if (view->live[circuit->inputs + i]) {
            netlist->net[circuit->inputs + i] = net_of(netlist, circuit->gate[i]);
        }
    }
    dlca_text_add(netlist->text, "\n      },\n      \"ports\": {\n");
    for (int32_t cell = 0; cell < DLCA_PATCH_CELLS; cell++) {
        add_port(netlist, dlca_patch_cell[cell], netlist->net + cell * view->channels, false);
    }
    add_port(netlist, "next", NULL, true);
    dlca_text_add(netlist->text, "      },\n      \"netnames\": {}\n    }\n  }\n}\n");
}

void dlca_export_yosys_json(const DlcaExportView *view, DlcaText *text) {
    Netlist netlist = {.view = view, .text = text};
    netlist.net = calloc((size_t)view->nodes, sizeof *netlist.net);
    netlist.inverted = calloc((size_t)view->nodes, sizeof *netlist.inverted);
    if (netlist.net && netlist.inverted) {
        add_module(&netlist);
    } else {
        text->failed = true;
    }
    free(netlist.net);
    free(netlist.inverted);
}
