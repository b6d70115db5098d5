/* literal.h - a value or its inverse in one number, and gates of literals in their normal form.
 *
 * A literal is 2 * value + inverted; value 0 is the constant false. A gate is normal when it is 0 for inputs 0, 0:
 * every gate is a normal one or the inverse of a normal one, so with free inverters five operations are enough. Leaves
 * alone: which values there are, and equal gates (gate_graph.h). */
#ifndef DLCA_LITERAL_H
#define DLCA_LITERAL_H

#include "ops.h"

typedef int32_t DlcaLiteral;

enum { DLCA_LITERAL_FALSE = 0, DLCA_LITERAL_TRUE = 1, DLCA_LITERAL_NONE = -1 };

static inline int32_t dlca_literal_value(DlcaLiteral literal) {
    return literal >> 1;
}
static inline bool dlca_literal_inverted(DlcaLiteral literal) {
    return (literal & 1) != 0;
}

/* op of two values. */
typedef struct DlcaValueGate {
    int op;
    int32_t a, b;
} DlcaValueGate;

/* op(a, b) with the inversions of the literals moved into the operation. */
static inline DlcaValueGate dlca_value_gate(int op, DlcaLiteral a, DlcaLiteral b) {
    op = dlca_literal_inverted(a) ? dlca_op_invert_a(op) : op;
    op = dlca_literal_inverted(b) ? dlca_op_invert_b(op) : op;
    return (DlcaValueGate){op, dlca_literal_value(a), dlca_literal_value(b)};
}

static inline int dlca_op_normal(int op) {
    return op & 8 ? dlca_op_invert(op) : op;
}

/* A function of one value by its two results. */
static inline DlcaLiteral dlca_literal_of(int when_0, int when_1, int32_t value) {
    return when_0 == when_1 ? when_0 : 2 * value + when_0;
}

/* Whether the gate is in truth a constant or a literal, and which. */
static inline bool dlca_gate_degenerate(DlcaValueGate gate, DlcaLiteral *literal) {
    const int when00 = gate.op >> 3 & 1, when01 = gate.op >> 2 & 1, when10 = gate.op >> 1 & 1, when11 = gate.op & 1;
    if (gate.a == gate.b) {
        *literal = dlca_literal_of(when00, when11, gate.a);
    } else if (gate.a == 0 || !dlca_op_uses_a(gate.op)) {
        *literal = dlca_literal_of(when00, when01, gate.b);
    } else if (gate.b == 0 || !dlca_op_uses_b(gate.op)) {
        *literal = dlca_literal_of(when00, when10, gate.a);
    } else {
        return false;
    }
    return true;
}

#endif
