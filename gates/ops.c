/* ops.c - the 16 operations: coefficients, names, relaxed formulas, what becomes of one when inputs swap or invert. */
#include "ops.h"

const float dlca_op_coefficients[DLCA_OPS][DLCA_COEFFICIENTS] = {
#include "ops_table.h"
};

const char *dlca_op_name(int op) {
    static const char *const names[DLCA_OPS] = {
        "FALSE", "AND",  "A_AND_NOT_B", "A",          "NOT_A_AND_B", "B",          "XOR",  "OR",
        "NOR",   "XNOR", "NOT_B",       "A_OR_NOT_B", "NOT_A",       "NOT_A_OR_B", "NAND", "TRUE",
    };
    return names[op & 15];
}

/* With a and b the probabilities that two independent bits are 1, this is the probability that op of them is. */
double dlca_op_relaxed(int op, double a, double b) {
    switch (op & 15) {
    case DLCA_OP_FALSE:
        return 0.0;
    case DLCA_OP_AND:
        return a * b;
    case DLCA_OP_A_AND_NOT_B:
        return a - a * b;
    case DLCA_OP_A:
        return a;
    case DLCA_OP_NOT_A_AND_B:
        return b - a * b;
    case DLCA_OP_B:
        return b;
    case DLCA_OP_XOR:
        return a + b - 2.0 * a * b;
    case DLCA_OP_OR:
        return a + b - a * b;
    case DLCA_OP_NOR:
        return 1.0 - (a + b - a * b);
    case DLCA_OP_XNOR:
        return 1.0 - (a + b - 2.0 * a * b);
    case DLCA_OP_NOT_B:
        return 1.0 - b;
    case DLCA_OP_A_OR_NOT_B:
        return 1.0 - b + a * b;
    case DLCA_OP_NOT_A:
        return 1.0 - a;
    case DLCA_OP_NOT_A_OR_B:
        return 1.0 - a + a * b;
    case DLCA_OP_NAND:
        return 1.0 - a * b;
    default:
        return 1.0;
    }
}

/* Bits 3 2 1 0 of an index are op(0,0) op(0,1) op(1,0) op(1,1); each function below permutes them. */

int dlca_op_swap(int op) {
    return (op & 9) | (op & 4) >> 1 | (op & 2) << 1;
}

int dlca_op_invert_a(int op) {
    return (op & 12) >> 2 | (op & 3) << 2;
}

int dlca_op_invert_b(int op) {
    return (op & 10) >> 1 | (op & 5) << 1;
}
