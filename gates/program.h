/* program.h - a circuit compiled for bit-parallel evaluation: one instruction per gate, on rows of words.
 *
 * Rows are numbered: 0 .. inputs-1 are the inputs, then the outputs, then scratch rows that instructions share. Each
 * output row is written, also where an output is an input or a constant. Instructions are ordered so that few scratch
 * rows are in use at a time, hence the rows of a tile stay in the first-level cache. Leaves alone: what the words mean,
 * where rows lie, and the instruction set (word_kernels.h). */
#ifndef DLCA_PROGRAM_H
#define DLCA_PROGRAM_H

#include "circuit.h"

typedef struct DlcaInstruction {
    int32_t to, a, b; /* rows */
    int32_t op;       /* DlcaOp; A copies row a */
} DlcaInstruction;

typedef struct DlcaProgram {
    int32_t inputs, outputs, scratch_rows;
    int32_t instructions;
    DlcaInstruction *instruction; /* [instructions] */
    int32_t used_inputs;
    int32_t *used_input; /* [used_inputs] the input rows that are read, ascending; the others need not exist */
    int32_t *work;       /* memory for compiling */
    int32_t nodes_room, outputs_room;
} DlcaProgram;

/* Dead gates cost nothing and pass-throughs no instruction. `program` starts zeroed; its memory is kept and grows.
 * `circuit` must pass dlca_circuit_check, and is not needed afterwards. */
bool dlca_program_compile(DlcaProgram *program, const DlcaCircuit *circuit, DlcaError *error);
void dlca_program_free(DlcaProgram *program);

/* Rows in all: inputs + outputs + scratch rows. */
static inline int32_t dlca_program_rows(const DlcaProgram *program) {
    return program->inputs + program->outputs + program->scratch_rows;
}

#endif
