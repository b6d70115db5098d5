/* explain.c - an output of a circuit as boolean expressions. */
#include "export_view.h"
#include "reads.h"

#include <stdio.h>
#include <stdlib.h>

/* A deeper expression is hard to read, and to write it would need a deep stack. */
enum { DEEPEST = 6 };

typedef struct Cone {
    const DlcaCircuit *circuit;
    DlcaText *text;
    int32_t *uses;   /* [nodes] within the cone; 0: not in it */
    int32_t *height; /* [nodes] of the expression that stands for it */
    int32_t *named;  /* [nodes] its number when it has a name, else 0 */
    int32_t output;  /* node */
} Cone;

static int32_t passed(DlcaGate gate) {
    return dlca_drawing[gate.op].reads_b ? gate.b : gate.a;
}

static bool is_operation(const Cone *cone, int32_t node) {
    return node >= cone->circuit->inputs &&
           dlca_drawing[cone->circuit->gate[node - cone->circuit->inputs].op].shape >= DLCA_SHAPE_AND;
}

static void count_uses(Cone *cone) {
    const int32_t inputs = cone->circuit->inputs;
    cone->uses[cone->output] = 1;
    for (int32_t node = cone->output; node >= inputs; node--) {
        const DlcaGate gate = cone->circuit->gate[node - inputs];
        if (cone->uses[node] > 0) {
            /* What only passes on is read as often as it is read itself. */
            const int32_t times = is_operation(cone, node) ? 1 : cone->uses[node];
            cone->uses[gate.a] += dlca_op_uses_a(gate.op) ? times : 0;
            cone->uses[gate.b] += dlca_op_uses_b(gate.op) ? times : 0;
        }
    }
}

static void add_expression(const Cone *cone, int32_t node, bool inverted, bool inside);

static void add_operation(const Cone *cone, DlcaGate gate, bool inverted, bool inside) {
    static const char *const sign[] = {[DLCA_SHAPE_AND] = "&", [DLCA_SHAPE_OR] = "|", [DLCA_SHAPE_XOR] = "^"};
    const DlcaDrawing drawing = dlca_drawing[gate.op];
    const bool not_it = drawing.invert != inverted;
    dlca_text_add(cone->text, "%s%s", not_it ? "!" : "", inside || not_it ? "(" : "");
    add_expression(cone, gate.a, drawing.invert_a, true);
    dlca_text_add(cone->text, " %s ", sign[drawing.shape]);
    add_expression(cone, gate.b, drawing.invert_b, true);
    dlca_text_add(cone->text, "%s", inside || not_it ? ")" : "");
}

/* Goes no deeper than DEEPEST operations: what is higher has a name. */
static void add_expression(const Cone *cone, int32_t node, bool inverted, bool inside) {
    const int32_t inputs = cone->circuit->inputs;
    while (node >= inputs && !is_operation(cone, node)) {
        const DlcaGate gate = cone->circuit->gate[node - inputs];
        inverted ^= dlca_drawing[gate.op].invert;
        if (dlca_drawing[gate.op].shape == DLCA_SHAPE_CONSTANT) {
            dlca_text_add(cone->text, "%d", inverted);
            return;
        }
        node = passed(gate);
    }
    if (node < inputs) {
        char name[DLCA_PATCH_NAME_BYTES];
        dlca_input_name(name, node, inputs / DLCA_PATCH_CELLS);
        dlca_text_add(cone->text, "%s%s", inverted ? "!" : "", name);
    } else if (cone->named[node]) {
        dlca_text_add(cone->text, "%st%d", inverted ? "!" : "", cone->named[node]);
    } else {
        add_operation(cone, cone->circuit->gate[node - inputs], inverted, inside);
    }
}

static int32_t height_of(const Cone *cone, int32_t node) {
    return cone->named[node] ? 0 : cone->height[node];
}

/* From front to back: a definition stands before what reads it. */
static void add_definitions(Cone *cone, const char *indent) {
    const int32_t inputs = cone->circuit->inputs;
    int32_t names = 0;
    for (int32_t node = inputs; node <= cone->output; node++) {
        const DlcaGate gate = cone->circuit->gate[node - inputs];
        if (cone->uses[node] == 0) {
            continue;
        }
        const int32_t a = dlca_op_uses_a(gate.op) ? height_of(cone, gate.a) : 0;
        const int32_t b = dlca_op_uses_b(gate.op) ? height_of(cone, gate.b) : 0;
        cone->height[node] = (a > b ? a : b) + is_operation(cone, node);
        if (is_operation(cone, node) && node != cone->output &&
            (cone->uses[node] > 1 || cone->height[node] >= DEEPEST)) {
            dlca_text_add(cone->text, "%st%d = ", indent, names + 1);
            add_expression(cone, node, false, false);
            dlca_text_add(cone->text, "\n");
            cone->named[node] = ++names;
        }
    }
}

static void add_output(Cone *cone, int32_t output, const char *indent) {
    int32_t input[DLCA_EXPLAIN_INPUTS], inputs = 0, reads = 0;
    count_uses(cone);
    for (int32_t i = 0; i < cone->circuit->inputs; i++) {
        if (cone->uses[i] > 0) {
            input[inputs < DLCA_EXPLAIN_INPUTS ? inputs++ : 0] = i;
            reads++;
        }
    }
    if (reads > DLCA_EXPLAIN_INPUTS) {
        dlca_text_add(cone->text, "%snext_%d depends on %d inputs: expressions are given for up to %d\n", indent,
                      output, reads, DLCA_EXPLAIN_INPUTS);
        return;
    }
    add_definitions(cone, indent);
    dlca_text_add(cone->text, "%snext_%d = ", indent, output);
    add_expression(cone, cone->output, false, false);
    dlca_text_add(cone->text, "\n");
    dlca_circuit_explain_counts(cone->circuit, output, input, inputs, indent, cone->text);
}

void dlca_circuit_explain(const DlcaCircuit *circuit, int32_t output, const char *indent, DlcaText *text) {
    const size_t nodes = (size_t)circuit->inputs + (size_t)circuit->gates;
    int32_t *memory = calloc(3 * nodes + 1, sizeof *memory);
    Cone cone = {.circuit = circuit, .text = text, .output = circuit->output[output]};
    if (!memory) {
        text->failed = true;
        return;
    }
    cone.uses = memory;
    cone.height = memory + nodes;
    cone.named = memory + 2 * nodes;
    add_output(&cone, output, indent);
    free(memory);
}
