/* export_c.c - a circuit as C99: the cell's function, a step of a grid, and a small program around them.
 *
 * The cell's function is cut into parts of PART_GATES gates: compilers need time and memory that grow faster than the
 * function (gcc -O2: 20000 gates in one function take minutes, in parts seconds). Values that cross parts lie in an
 * array, the others are locals. */
#include "export_expression.h"
#include "export_view.h"

#include <stdio.h>
#include <stdlib.h>

enum { PART_GATES = 256, MOST_STACK_VALUES = 1 << 16, OPERAND_BYTES = 32 };

typedef struct Parts {
    const DlcaExportView *view;
    DlcaText *text;
    int32_t *part;  /* [gates] which part computes a live gate, -1 when it is dead */
    int32_t *place; /* [gates] where its value is kept for later parts, -1 when no part needs it */
    int32_t parts, places;
} Parts;

static void keep(Parts *parts, int32_t node, int32_t reader) {
    const int32_t gate = node - parts->view->circuit->inputs;
    if (gate >= 0 && parts->part[gate] != reader && parts->place[gate] < 0) {
        parts->place[gate] = parts->places++;
    }
}

static void cut(Parts *parts) {
    const DlcaCircuit *circuit = parts->view->circuit;
    int32_t live = 0;
    for (int32_t i = 0; i < circuit->gates; i++) {
        parts->part[i] = parts->view->live[circuit->inputs + i] ? live++ / PART_GATES : -1;
        parts->place[i] = -1;
    }
    parts->parts = (live + PART_GATES - 1) / PART_GATES;
    for (int32_t i = 0; i < circuit->gates; i++) {
        const DlcaGate gate = circuit->gate[i];
        if (parts->part[i] >= 0) {
            keep(parts, dlca_op_uses_a(gate.op) ? gate.a : 0, parts->part[i]);
            keep(parts, dlca_op_uses_b(gate.op) ? gate.b : 0, parts->part[i]);
        }
    }
    /* Outputs are read after the last part, in the function around them; a single part is that function. */
    for (int32_t i = 0; i < circuit->outputs; i++) {
        keep(parts, circuit->output[i], parts->parts > 1 ? parts->parts : 0);
    }
}

static void operand(const Parts *parts, int32_t node, int32_t reader, char name[OPERAND_BYTES]) {
    const int32_t gate = node - parts->view->circuit->inputs;
    if (gate < 0) {
        snprintf(name, OPERAND_BYTES, "in[%d]", node);
    } else if (parts->part[gate] == reader) {
        snprintf(name, OPERAND_BYTES, "g%d", gate);
    } else {
        snprintf(name, OPERAND_BYTES, "kept[%d]", parts->place[gate]);
    }
}

static void add_gates(const Parts *parts, int32_t part, int32_t *next) {
    const DlcaCircuit *circuit = parts->view->circuit;
    for (; *next < circuit->gates && parts->part[*next] <= part; ++*next) {
        const DlcaGate gate = circuit->gate[*next];
        char a[OPERAND_BYTES], b[OPERAND_BYTES];
        if (parts->part[*next] < 0) {
            continue;
        }
        operand(parts, dlca_op_uses_a(gate.op) ? gate.a : 0, part, a);
        operand(parts, dlca_op_uses_b(gate.op) ? gate.b : 0, part, b);
        dlca_text_add(parts->text, "    const DLCA_WORD g%d = ", *next);
        dlca_export_expression(parts->text, gate.op, a, b, "in[0] ^ in[0]", "~(in[0] ^ in[0])");
        dlca_text_add(parts->text, ";\n");
        if (parts->place[*next] >= 0) {
            dlca_text_add(parts->text, "    kept[%d] = g%d;\n", parts->place[*next], *next);
        }
    }
}

static void add_cell_front(const Parts *parts) {
    dlca_text_add(parts->text,
                  "/* The new state out [%d] of a cell from its neighbourhood in [%d]: the bits of the cells %s,\n"
                  " * each cell's channels together; outside the grid reads 0, or wraps. The two must not overlap. */\n"
                  "void DLCA_NAME(cell)(const DLCA_WORD *in, DLCA_WORD *out);\n\n",
                  parts->view->channels, parts->view->circuit->inputs, "nw n ne w c e sw s se");
}

static void add_outputs(const Parts *parts, int32_t reader) {
    const DlcaCircuit *circuit = parts->view->circuit;
    for (int32_t i = 0; i < circuit->outputs; i++) {
        char name[OPERAND_BYTES];
        operand(parts, circuit->output[i], reader, name);
        dlca_text_add(parts->text, "    out[%d] = %s;\n", i, name);
    }
    dlca_text_add(parts->text, "}\n\n");
}

static void add_cell(const Parts *parts) {
    DlcaText *text = parts->text;
    int32_t next = 0;
    add_cell_front(parts);
    if (parts->parts <= 1) {
        dlca_text_add(text, "void DLCA_NAME(cell)(const DLCA_WORD *in, DLCA_WORD *out) {\n");
        add_gates(parts, 0, &next);
        add_outputs(parts, 0);
        return;
    }
    for (int32_t part = 0; part < parts->parts; part++) {
        dlca_text_add(text,
                      "static void DLCA_NAME(part_%d)(const DLCA_WORD *in, DLCA_WORD *kept) {\n"
                      "    (void)in, (void)kept;\n",
                      part);
        add_gates(parts, part, &next);
        dlca_text_add(text, "}\n\n");
    }
    dlca_text_add(text, "void DLCA_NAME(cell)(const DLCA_WORD *in, DLCA_WORD *out) {\n    %sDLCA_WORD kept[%d];\n",
                  parts->places > MOST_STACK_VALUES ? "static " : "", parts->places + 1);
    for (int32_t part = 0; part < parts->parts; part++) {
        dlca_text_add(text, "    DLCA_NAME(part_%d)(in, kept);\n", part);
    }
    add_outputs(parts, parts->parts);
}

static void add_step(const DlcaExportView *view, DlcaText *text) {
    const char *const front = "void DLCA_NAME(step)(const DLCA_WORD *state, DLCA_WORD *next, const DLCA_WORD *fire,\n"
                              "                     long height, long width, int periodic)";
    dlca_text_add(
        text,
        "/* One step of a grid: state and next [%d][height][width]. Bit i of every word is grid i. Cells take\n"
        " * their new state where fire [height][width] is 1; all do when it is 0 (no array). */\n"
        "%s;\n\n%s {\n"
        "    enum { CHANNELS = %d };\n",
        view->channels, front, front, view->channels);
    dlca_text_add(text, "    const long cells = height * width;\n"
                        "    for (long cell = 0; cell < cells; cell++) {\n"
                        "        DLCA_WORD in[9 * CHANNELS], out[CHANNELS];\n"
                        "        for (long i = 0; i < 9; i++) {\n"
                        "            long y = cell / width + i / 3 - 1, x = cell %% width + i %% 3 - 1;\n"
                        "            const int inside = y >= 0 && y < height && x >= 0 && x < width;\n"
                        "            y = (y + height) %% height;\n"
                        "            x = (x + width) %% width;\n"
                        "            for (long c = 0; c < CHANNELS; c++) {\n"
                        "                const DLCA_WORD value = state[c * cells + y * width + x];\n"
                        "                in[i * CHANNELS + c] = inside || periodic ? value : (value ^ value);\n"
                        "            }\n"
                        "        }\n"
                        "        DLCA_NAME(cell)(in, out);\n"
                        "        for (long c = 0; c < CHANNELS; c++) {\n"
                        "            const long at = c * cells + cell;\n"
                        "            next[at] = fire ? (out[c] & fire[cell]) | (state[at] & ~fire[cell]) : out[c];\n"
                        "        }\n"
                        "    }\n"
                        "}\n\n");
}

static const char driver_front[] =
    "#ifndef DLCA_NO_MAIN\n"
    "#include <stdio.h>\n"
    "#include <stdlib.h>\n"
    "\n"
    "/* xorshift64 (Marsaglia, 2003) */\n"
    "static unsigned long long random_word(unsigned long long *state) {\n"
    "    *state ^= *state << 13;\n"
    "    *state ^= *state >> 7;\n"
    "    *state ^= *state << 17;\n"
    "    return *state;\n"
    "}\n"
    "\n"
    "static long argument(int count, char **words, int which, long otherwise, long least, long most) {\n"
    "    const long value = count > which ? strtol(words[which], 0, 10) : otherwise;\n"
    "    return value < least ? least : value > most ? most : value;\n"
    "}\n"
    "\n";

static void add_driver(const DlcaExportView *view, DlcaText *text) {
    const DlcaCircuitFacts *facts = view->facts;
    dlca_text_add(text, "%s", driver_front);
    dlca_text_add(
        text,
        "/* program [STEPS [WIDTH [HEIGHT [SEED]]]]: steps a grid of random bits (of zeros when SEED is 0) and\n"
        " * prints a digit per cell: its first %d scored channels as a number. */\n"
        "int main(int count, char **words) {\n"
        "    enum { CHANNELS = %d, SHOWN = %d };\n"
        "    const long steps = argument(count, words, 1, %d, 0, 1000000000);\n"
        "    const long width = argument(count, words, 2, %d, 1, 65536);\n"
        "    const long height = argument(count, words, 3, %d, 1, 65536);\n"
        "    unsigned long long seed = (unsigned long long)argument(count, words, 4, 1, 0, 1000000000);\n",
        facts->scored_channels < 4 ? facts->scored_channels : 4, view->channels,
        facts->scored_channels < 4 ? facts->scored_channels : 4, facts->steps, facts->width, facts->height);
    dlca_text_add(text,
                  "    const long cells = height * width, values = CHANNELS * cells;\n"
                  "    DLCA_WORD *memory = calloc((size_t)(2 * values + cells), sizeof *memory);\n"
                  "    DLCA_WORD *state = memory, *next = memory + values, *fire = memory + 2 * values;\n"
                  "    if (!memory) {\n"
                  "        fputs(\"no memory for the grid\\n\", stderr);\n"
                  "        return 1;\n"
                  "    }\n"
                  "    for (long i = 0; seed && i < values; i++) {\n"
                  "        state[i] = (DLCA_WORD)(random_word(&seed) >> 20);\n"
                  "    }\n"
                  "    for (long step = 0; step < steps; step++) {\n"
                  "        DLCA_WORD *swap = state;\n"
                  "        for (long i = 0; i < cells; i++) {\n"
                  "            fire[i] = (DLCA_WORD)(%s);\n"
                  "        }\n"
                  "        DLCA_NAME(step)(state, next, fire, height, width, %d);\n"
                  "        state = next;\n"
                  "        next = swap;\n"
                  "    }\n",
                  facts->asynchronous ? "0 - (random_word(&seed) % 1000 < DLCA_FIRE)" : "~0ULL", facts->periodic);
    dlca_text_add(text, "    for (long i = 0; i < cells; i++) {\n"
                        "        unsigned digit = 0;\n"
                        "        for (long c = 0; c < SHOWN; c++) {\n"
                        "            digit |= (unsigned)(state[c * cells + i] & 1) << c;\n"
                        "        }\n"
                        "        printf(\"%%x%%s\", digit, (i + 1) %% width ? \"\" : \"\\n\");\n"
                        "    }\n"
                        "    free(memory);\n"
                        "    return 0;\n"
                        "}\n"
                        "#endif\n");
}

static void add_front(const DlcaExportView *view, DlcaText *text) {
    dlca_text_add(text, "/* dlca: ");
    dlca_export_title(view, text);
    dlca_text_add(
        text,
        "\n *\n"
        " * DLCA_WORD: any unsigned integer, or with -DDLCA_NO_MAIN a vector of them; its bits are cells (or\n"
        " * grids) that know nothing of each other. DLCA_NAME: how names begin. Trained on %dx%d cells, %s,\n"
        " * %s, for %d steps. */\n"
        "#ifndef DLCA_WORD\n#define DLCA_WORD unsigned long long\n#endif\n"
        "#ifndef DLCA_NAME\n#define DLCA_NAME(name) dlca_##name\n#endif\n",
        view->facts->width, view->facts->height, view->facts->periodic ? "which wrap" : "outside of which reads 0",
        view->facts->asynchronous ? "asynchronously" : "synchronously", view->facts->steps);
    if (view->facts->asynchronous) {
        dlca_text_add(text, "#define DLCA_FIRE %d /* of a thousand cells that fire in a step */\n",
                      (int)(view->facts->fire_rate * 1000));
    }
    dlca_text_add(text, "\n");
}

void dlca_export_c(const DlcaExportView *view, DlcaText *text) {
    const size_t gates = (size_t)view->circuit->gates + 1;
    Parts parts = {.view = view, .text = text};
    parts.part = malloc(gates * sizeof *parts.part);
    parts.place = malloc(gates * sizeof *parts.place);
    if (parts.part && parts.place) {
        cut(&parts);
        add_front(view, text);
        add_cell(&parts);
        add_step(view, text);
        add_driver(view, text);
    } else {
        text->failed = true;
    }
    free(parts.part);
    free(parts.place);
}
