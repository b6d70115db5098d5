/* export_verilog.c - a circuit as Verilog-2005: the cell, and a grid of cells with a register per state bit. */
#include "export_expression.h"
#include "export_view.h"

#include <stdio.h>

enum { OPERAND_BYTES = 32 };

static void operand(const DlcaExportView *view, int32_t node, char name[OPERAND_BYTES]) {
    if (node < view->circuit->inputs) {
        snprintf(name, OPERAND_BYTES, "%s[%d]", dlca_patch_cell[node / view->channels], node % view->channels);
    } else {
        snprintf(name, OPERAND_BYTES, "g%d", node - view->circuit->inputs);
    }
}

static void add_cell(const DlcaExportView *view, DlcaText *text) {
    const DlcaCircuit *circuit = view->circuit;
    char a[OPERAND_BYTES], b[OPERAND_BYTES];
    dlca_text_add(text,
                  "// A cell's next state from its neighbourhood: the cell c and its neighbours by compass point.\n"
                  "module dlca_cell (\n"
                  "    input wire [%d:0] nw, n, ne, w, c, e, sw, s, se,\n"
                  "    output wire [%d:0] next\n"
                  ");\n",
                  view->channels - 1, view->channels - 1);
    for (int32_t i = 0; i < circuit->gates; i++) {
        const DlcaGate gate = circuit->gate[i];
        if (view->live[circuit->inputs + i]) {
            operand(view, gate.a, a);
            operand(view, gate.b, b);
            dlca_text_add(text, "    wire g%d = ", i);
            dlca_export_expression(text, gate.op, a, b, "1'b0", "1'b1");
            dlca_text_add(text, ";\n");
        }
    }
    for (int32_t i = 0; i < circuit->outputs; i++) {
        operand(view, circuit->output[i], a);
        dlca_text_add(text, "    assign next[%d] = %s;\n", i, a);
    }
    dlca_text_add(text, "endmodule\n\n");
}

/* The grid with a border of one cell around it, so that each cell finds its neighbours at fixed distances. */
static void add_border(DlcaText *text) {
    dlca_text_add(text, "    genvar x, y;\n"
                        "    generate\n"
                        "        for (y = 0; y < HEIGHT + 2; y = y + 1) begin : border_row\n"
                        "            for (x = 0; x < WIDTH + 2; x = x + 1) begin : border\n"
                        "                if (WRAP != 0 || (x >= 1 && x <= WIDTH && y >= 1 && y <= HEIGHT))\n"
                        "                    assign around[(y * (WIDTH + 2) + x) * CHANNELS +: CHANNELS] =\n"
                        "                        state[(((y + HEIGHT - 1) %% HEIGHT) * WIDTH +\n"
                        "                               (x + WIDTH - 1) %% WIDTH) * CHANNELS +: CHANNELS];\n"
                        "                else\n"
                        "                    assign around[(y * (WIDTH + 2) + x) * CHANNELS +: CHANNELS] =\n"
                        "                        {CHANNELS{1'b0}};\n"
                        "            end\n"
                        "        end\n");
}

static void add_cells(DlcaText *text) {
    dlca_text_add(text, "        for (y = 0; y < HEIGHT; y = y + 1) begin : row\n"
                        "            for (x = 0; x < WIDTH; x = x + 1) begin : column\n"
                        "                dlca_cell one (\n");
    for (int cell = 0; cell < DLCA_PATCH_CELLS; cell++) {
        dlca_text_add(text,
                      "                    .%s(around[((y + %d) * (WIDTH + 2) + x + %d) * CHANNELS +: CHANNELS]),\n",
                      dlca_patch_cell[cell], cell / 3, cell % 3);
    }
    dlca_text_add(text, "                    .next(next[(y * WIDTH + x) * CHANNELS +: CHANNELS])\n"
                        "                );\n");
}

static void add_registers(const DlcaExportView *view, DlcaText *text) {
    dlca_text_add(text,
                  "                always @(posedge clock)\n"
                  "                    if (reset)\n"
                  "                        state[(y * WIDTH + x) * CHANNELS +: CHANNELS] <=\n"
                  "                            RESET[(y * WIDTH + x) * CHANNELS +: CHANNELS];\n"
                  "                    else%s\n"
                  "                        state[(y * WIDTH + x) * CHANNELS +: CHANNELS] <=\n"
                  "                            next[(y * WIDTH + x) * CHANNELS +: CHANNELS];\n"
                  "            end\n"
                  "        end\n"
                  "    endgenerate\n"
                  "endmodule\n",
                  view->facts->asynchronous ? " if (fire[y * WIDTH + x])" : "");
}

static void add_grid(const DlcaExportView *view, DlcaText *text) {
    const DlcaCircuitFacts *facts = view->facts;
    dlca_text_add(
        text,
        "// A grid: channel i of the cell at (x, y) is bit (y * WIDTH + x) * %d + i of state. Outside the grid\n"
        "// reads 0, or wraps when WRAP is not 0. %s\n",
        view->channels,
        facts->asynchronous ? "A cell takes its next state where its bit of fire is 1." : "Every clock is a step.");
    dlca_text_add(text,
                  "module dlca_grid #(\n"
                  "    parameter WIDTH = %d,\n"
                  "    parameter HEIGHT = %d,\n"
                  "    parameter WRAP = %d,\n"
                  "    parameter [WIDTH * HEIGHT * %d - 1:0] RESET = 0\n"
                  ") (\n"
                  "    input wire clock,\n"
                  "    input wire reset,\n%s"
                  "    output reg [WIDTH * HEIGHT * %d - 1:0] state\n"
                  ");\n"
                  "    localparam CHANNELS = %d;\n"
                  "    wire [(WIDTH + 2) * (HEIGHT + 2) * CHANNELS - 1:0] around;\n"
                  "    wire [WIDTH * HEIGHT * CHANNELS - 1:0] next;\n",
                  facts->width, facts->height, facts->periodic, view->channels,
                  facts->asynchronous ? "    input wire [WIDTH * HEIGHT - 1:0] fire,\n" : "", view->channels,
                  view->channels);
    add_border(text);
    add_cells(text);
    add_registers(view, text);
}

void dlca_export_verilog(const DlcaExportView *view, DlcaText *text) {
    dlca_text_add(text, "// dlca: ");
    dlca_export_title(view, text);
    dlca_text_add(text, "\n\n");
    add_cell(view, text);
    add_grid(view, text);
}
