/* export_aiger.c - a circuit as an and-inverter graph in the AIGER format, as text (aag) and as bytes (aig).
 *
 * XOR becomes three ANDs, the other operations one. Literal 2 v + i is variable v, inverted when i is 1; variable 0 is
 * false, then come the inputs, then the ANDs in order. Format: Biere, "The AIGER And-Inverter Graph (AIG) Format
 * Version 20071012" (2007). */
#include "export_view.h"

#include <stdlib.h>

typedef struct Aig {
    uint32_t *left, *right; /* [ands] the literals that an AND reads, left >= right */
    uint32_t *literal;      /* [nodes] of the circuit */
    uint32_t inputs, ands;
} Aig;

static uint32_t and_of(Aig *aig, uint32_t a, uint32_t b) {
    aig->left[aig->ands] = a > b ? a : b;
    aig->right[aig->ands] = a > b ? b : a;
    return 2 * (1 + aig->inputs + aig->ands++);
}

static uint32_t literal_of(Aig *aig, DlcaGate gate) {
    const DlcaDrawing drawing = dlca_drawing[gate.op];
    const uint32_t a = aig->literal[gate.a] ^ drawing.invert_a, b = aig->literal[gate.b] ^ drawing.invert_b;
    uint32_t value = 0;
    switch (drawing.shape) {
    case DLCA_SHAPE_WIRE:
        value = drawing.reads_b ? b : a;
        break;
    case DLCA_SHAPE_AND:
        value = and_of(aig, a, b);
        break;
    case DLCA_SHAPE_OR:
        value = and_of(aig, a ^ 1, b ^ 1) ^ 1;
        break;
    case DLCA_SHAPE_XOR:
        value = and_of(aig, a, b);
        value = and_of(aig, and_of(aig, a ^ 1, b ^ 1) ^ 1, value ^ 1);
        break;
    default:
        break;
    }
    return value ^ drawing.invert;
}

static bool build(Aig *aig, const DlcaExportView *view) {
    const DlcaCircuit *circuit = view->circuit;
    const size_t ands = 3 * (size_t)circuit->gates + 1;
    *aig = (Aig){.inputs = (uint32_t)circuit->inputs};
    aig->left = malloc(ands * sizeof *aig->left);
    aig->right = malloc(ands * sizeof *aig->right);
    aig->literal = calloc((size_t)view->nodes, sizeof *aig->literal);
    if (!aig->left || !aig->right || !aig->literal) {
        return false;
    }
    for (uint32_t i = 0; i < aig->inputs; i++) {
        aig->literal[i] = 2 * (i + 1);
    }
    for (int32_t i = 0; i < circuit->gates; i++) {
        if (view->live[circuit->inputs + i]) {
            aig->literal[circuit->inputs + i] = literal_of(aig, circuit->gate[i]);
        }
    }
    return true;
}

static void add_header(const DlcaExportView *view, const Aig *aig, const char *magic, DlcaText *text) {
    dlca_text_add(text, "%s %u %u 0 %d %u\n", magic, aig->inputs + aig->ands, aig->inputs, view->circuit->outputs,
                  aig->ands);
}

static void add_outputs(const DlcaExportView *view, const Aig *aig, DlcaText *text) {
    for (int32_t i = 0; i < view->circuit->outputs; i++) {
        dlca_text_add(text, "%u\n", aig->literal[view->circuit->output[i]]);
    }
}

static void add_names(const DlcaExportView *view, DlcaText *text) {
    char name[DLCA_PATCH_NAME_BYTES];
    for (int32_t i = 0; i < view->circuit->inputs; i++) {
        dlca_input_name(name, i, view->channels);
        dlca_text_add(text, "i%d %s\n", i, name);
    }
    for (int32_t i = 0; i < view->circuit->outputs; i++) {
        dlca_text_add(text, "o%d next_%d\n", i, i);
    }
    dlca_text_add(text, "c\ndlca: ");
    dlca_export_title(view, text);
    dlca_text_add(text, "\n");
}

static void add_text(const DlcaExportView *view, const Aig *aig, DlcaText *text) {
    add_header(view, aig, "aag", text);
    for (uint32_t i = 1; i <= aig->inputs; i++) {
        dlca_text_add(text, "%u\n", 2 * i);
    }
    add_outputs(view, aig, text);
    for (uint32_t i = 0; i < aig->ands; i++) {
        dlca_text_add(text, "%u %u %u\n", 2 * (1 + aig->inputs + i), aig->left[i], aig->right[i]);
    }
    add_names(view, text);
}

/* Seven bits a byte, the lowest first, the high bit where more follow. */
static void add_number(DlcaText *text, uint32_t number) {
    char bytes[5];
    size_t length = 0;
    for (; number >= 0x80; number >>= 7) {
        bytes[length++] = (char)(uint8_t)(number | 0x80);
    }
    bytes[length++] = (char)number;
    dlca_text_add_bytes(text, bytes, length);
}

/* An AND is two differences: its own literal less the left, the left less the right. */
static void add_bytes(const DlcaExportView *view, const Aig *aig, DlcaText *text) {
    add_header(view, aig, "aig", text);
    add_outputs(view, aig, text);
    for (uint32_t i = 0; i < aig->ands; i++) {
        add_number(text, 2 * (1 + aig->inputs + i) - aig->left[i]);
        add_number(text, aig->left[i] - aig->right[i]);
    }
    add_names(view, text);
}

static void export_aiger(const DlcaExportView *view, DlcaText *text,
                         void (*add)(const DlcaExportView *view, const Aig *aig, DlcaText *text)) {
    Aig aig;
    if (build(&aig, view)) {
        add(view, &aig, text);
    } else {
        text->failed = true;
    }
    free(aig.left);
    free(aig.right);
    free(aig.literal);
}

void dlca_export_aag(const DlcaExportView *view, DlcaText *text) {
    export_aiger(view, text, add_text);
}

void dlca_export_aig(const DlcaExportView *view, DlcaText *text) {
    export_aiger(view, text, add_bytes);
}
