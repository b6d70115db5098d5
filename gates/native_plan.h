/* native_plan.h - what a program computes, ready to be written as machine code: values, gates of two or three of them,
 * and when each value is needed next.
 *
 * Inverters are gone: a value may stand for its inverse. Where the processor has three-input logic in one instruction,
 * a gate that only one other reads is merged into it. Leaves alone: registers and instructions (native_code.c). */
#ifndef DLCA_NATIVE_PLAN_H
#define DLCA_NATIVE_PLAN_H

#include "literal.h"
#include "program.h"

/* A gate of up to three values x, y, z as a table: bit 4x + 2y + z, the constant of vpternlog. */
enum { DLCA_TABLE_X = 0xf0, DLCA_TABLE_Y = 0xcc, DLCA_TABLE_Z = 0xaa };

enum { DLCA_NEVER = INT32_MAX };

typedef struct DlcaPlanGate {
    int32_t count;    /* inputs: 2 or 3; 0: merged into another gate */
    int32_t input[3]; /* values, all different */
    int32_t next[3];  /* the gate that reads the input after this one; DLCA_NEVER */
    int32_t table;
} DlcaPlanGate;

/* Values: 0 is the constant false, 1 .. used_inputs are the inputs in the order of program->used_input, then gates. */
typedef struct DlcaPlan {
    int32_t inputs; /* used ones */
    int32_t gates;  /* value of gate i: 1 + inputs + i */
    int32_t outputs;
    DlcaPlanGate *gate;    /* [gates] */
    DlcaLiteral *output;   /* [outputs] */
    int32_t *first_use;    /* [values] the gate that reads it first; DLCA_NEVER */
    int32_t *first_output; /* [values] an output that is this value, then next_output; -1 ends the list */
    int32_t *next_output;  /* [outputs] */
    DlcaLiteral *row;      /* [program rows] for making the plan */
    int32_t *reads;        /* [values] the same */
    int32_t values_room, outputs_room, rows_room;
} DlcaPlan;

/* `plan` starts zeroed; its memory is kept and grows. `ternary`: merge gates. */
bool dlca_plan_make(DlcaPlan *plan, const DlcaProgram *program, bool ternary, DlcaError *error);
void dlca_plan_free(DlcaPlan *plan);

static inline int32_t dlca_plan_values(const DlcaPlan *plan) {
    return 1 + plan->inputs + plan->gates;
}

#endif
