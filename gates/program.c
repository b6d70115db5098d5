/* program.c - which gates to evaluate, in which order, into which rows. */
#include "program.h"

#include <stdlib.h>
#include <string.h>

/* One compilation. Arrays [nodes]; all of them lie in program->work. */
typedef struct Compiler {
    const DlcaCircuit *circuit;
    DlcaProgram *program;
    int32_t *origin; /* the node that a chain of pass-throughs ends in */
    int32_t *uses;   /* reads by live gates that are still to come, plus one when it is an output */
    int32_t *row;    /* where the value is, -1 before it is computed */
    int32_t *need;   /* scratch rows that computing it takes when it is a tree */
    int32_t *stack;  /* gates that wait for an input */
    int32_t *spare;  /* scratch rows that nobody uses now */
    int32_t spares;
} Compiler;

enum { WORK_ARRAYS = 6 };

void dlca_program_free(DlcaProgram *program) {
    free(program->instruction);
    free(program->used_input);
    free(program->work);
    *program = (DlcaProgram){0};
}

static bool reserve(DlcaProgram *program, const DlcaCircuit *circuit, DlcaError *error) {
    const int32_t nodes = circuit->inputs + circuit->gates;
    if (nodes > program->nodes_room || circuit->outputs > program->outputs_room || !program->work) {
        const int32_t nodes_room = nodes > program->nodes_room ? nodes : program->nodes_room;
        const int32_t outputs_room =
            circuit->outputs > program->outputs_room ? circuit->outputs : program->outputs_room;
        dlca_program_free(program);
        const size_t room = (size_t)nodes_room + 1;
        program->instruction = malloc((room + (size_t)outputs_room) * sizeof *program->instruction);
        program->used_input = malloc(room * sizeof *program->used_input);
        program->work = malloc(WORK_ARRAYS * room * sizeof *program->work);
        if (!program->instruction || !program->used_input || !program->work) {
            dlca_program_free(program);
            return dlca_fail(error, DLCA_FAILED, "no memory for a program of %d gates", circuit->gates);
        }
        program->nodes_room = nodes_room;
        program->outputs_room = outputs_room;
    }
    return true;
}

static Compiler compiler_of(DlcaProgram *program, const DlcaCircuit *circuit) {
    const size_t room = (size_t)program->nodes_room + 1;
    int32_t *work = program->work;
    return (Compiler){.circuit = circuit,
                      .program = program,
                      .origin = work,
                      .uses = work + room,
                      .row = work + 2 * room,
                      .need = work + 3 * room,
                      .stack = work + 4 * room,
                      .spare = work + 5 * room};
}

static bool passes_through(int op) {
    return op == DLCA_OP_A || op == DLCA_OP_B;
}

/* Front to back: where pass-throughs end, and how many rows a value takes (Sethi and Ullman, 1970: two subtrees of
 * equal need take one more row than one of them). */
static void find_origins(Compiler *compiler) {
    const DlcaCircuit *circuit = compiler->circuit;
    for (int32_t i = 0; i < circuit->inputs; i++) {
        compiler->origin[i] = i;
        compiler->need[i] = 0;
    }
    for (int32_t i = 0; i < circuit->gates; i++) {
        const DlcaGate gate = circuit->gate[i];
        const int32_t n = circuit->inputs + i;
        compiler->origin[n] = n;
        if (passes_through(gate.op)) {
            compiler->origin[n] = compiler->origin[gate.op == DLCA_OP_A ? gate.a : gate.b];
        }
        const int32_t a = dlca_op_uses_a(gate.op) ? compiler->need[compiler->origin[gate.a]] : 0;
        const int32_t b = dlca_op_uses_b(gate.op) ? compiler->need[compiler->origin[gate.b]] : 0;
        compiler->need[n] = a == b ? a + 1 : (a > b ? a : b);
    }
}

/* Back to front: who reads what. */
static void count_uses(Compiler *compiler) {
    const DlcaCircuit *circuit = compiler->circuit;
    memset(compiler->uses, 0, ((size_t)circuit->inputs + (size_t)circuit->gates) * sizeof *compiler->uses);
    for (int32_t i = 0; i < circuit->outputs; i++) {
        compiler->uses[compiler->origin[circuit->output[i]]]++;
    }
    for (int32_t i = circuit->gates - 1; i >= 0; i--) {
        const DlcaGate gate = circuit->gate[i];
        if (compiler->uses[circuit->inputs + i] > 0) {
            compiler->uses[compiler->origin[gate.a]] += dlca_op_uses_a(gate.op);
            compiler->uses[compiler->origin[gate.b]] += dlca_op_uses_b(gate.op);
        }
    }
}

/* Inputs stay where they are. A gate that is an output will be computed into its output row, which is never spare;
 * until then row = -2 - output. */
static void place_fixed_rows(Compiler *compiler) {
    const DlcaCircuit *circuit = compiler->circuit;
    DlcaProgram *program = compiler->program;
    for (int32_t i = 0; i < circuit->inputs; i++) {
        compiler->row[i] = i;
        if (compiler->uses[i] > 0) {
            program->used_input[program->used_inputs++] = i;
        }
    }
    for (int32_t i = 0; i < circuit->gates; i++) {
        compiler->row[circuit->inputs + i] = -1;
    }
    for (int32_t i = 0; i < circuit->outputs; i++) {
        const int32_t n = compiler->origin[circuit->output[i]];
        if (n >= circuit->inputs) {
            compiler->row[n] = -2 - i;
        }
    }
}

static void emit(DlcaProgram *program, int32_t to, int32_t op, int32_t a, int32_t b) {
    program->instruction[program->instructions++] = (DlcaInstruction){to, a, b, op};
}

/* One read is done; the row is spare after the last. */
static void release(Compiler *compiler, int32_t n) {
    const int32_t first_scratch = compiler->program->inputs + compiler->program->outputs;
    if (--compiler->uses[n] == 0 && compiler->row[n] >= first_scratch) {
        compiler->spare[compiler->spares++] = compiler->row[n];
    }
}

static int32_t take_row(Compiler *compiler) {
    DlcaProgram *program = compiler->program;
    if (compiler->spares > 0) {
        return compiler->spare[--compiler->spares];
    }
    return program->inputs + program->outputs + program->scratch_rows++;
}

/* The gate's own row may be one that an input has just left: each word is read before it is written. */
static void emit_gate(Compiler *compiler, int32_t n) {
    const DlcaGate gate = compiler->circuit->gate[n - compiler->circuit->inputs];
    const int32_t a = compiler->origin[gate.a], b = compiler->origin[gate.b];
    const bool uses_a = dlca_op_uses_a(gate.op), uses_b = dlca_op_uses_b(gate.op);
    const int32_t output = -2 - compiler->row[n];
    const int32_t a_row = uses_a ? compiler->row[a] : 0, b_row = uses_b ? compiler->row[b] : a_row;
    if (uses_a) {
        release(compiler, a);
    }
    if (uses_b) {
        release(compiler, b);
    }
    compiler->row[n] = output >= 0 ? compiler->program->inputs + output : take_row(compiler);
    emit(compiler->program, compiler->row[n], gate.op, uses_a ? a_row : b_row, b_row);
}

/* The input that has to be computed before the gate, the one that takes more rows first; -1 when both are there. */
static int32_t missing_input(const Compiler *compiler, int32_t n) {
    const DlcaGate gate = compiler->circuit->gate[n - compiler->circuit->inputs];
    const int32_t a = compiler->origin[gate.a], b = compiler->origin[gate.b];
    const bool a_missing = dlca_op_uses_a(gate.op) && compiler->row[a] < 0;
    const bool b_missing = dlca_op_uses_b(gate.op) && compiler->row[b] < 0;
    if (a_missing && b_missing) {
        return compiler->need[a] >= compiler->need[b] ? a : b;
    }
    return a_missing ? a : (b_missing ? b : -1);
}

/* Depth first, with a stack of our own: circuits may be deep. */
static void compute(Compiler *compiler, int32_t node) {
    int32_t height = 0;
    compiler->stack[height++] = node;
    while (height > 0) {
        const int32_t n = compiler->stack[height - 1];
        const int32_t missing = missing_input(compiler, n);
        if (missing >= 0) {
            compiler->stack[height++] = missing;
        } else {
            emit_gate(compiler, n);
            height--;
        }
    }
}

static void compute_outputs(Compiler *compiler) {
    const DlcaCircuit *circuit = compiler->circuit;
    for (int32_t i = 0; i < circuit->outputs; i++) {
        const int32_t n = compiler->origin[circuit->output[i]];
        if (compiler->row[n] < 0) {
            compute(compiler, n);
        }
    }
    for (int32_t i = 0; i < circuit->outputs; i++) { /* inputs, and all but one of equal outputs */
        const int32_t to = circuit->inputs + i, from = compiler->row[compiler->origin[circuit->output[i]]];
        if (from != to) {
            emit(compiler->program, to, DLCA_OP_A, from, from);
        }
    }
}

bool dlca_program_compile(DlcaProgram *program, const DlcaCircuit *circuit, DlcaError *error) {
    if (!reserve(program, circuit, error)) {
        return false;
    }
    program->inputs = circuit->inputs;
    program->outputs = circuit->outputs;
    program->scratch_rows = 0;
    program->instructions = 0;
    program->used_inputs = 0;
    Compiler compiler = compiler_of(program, circuit);
    find_origins(&compiler);
    count_uses(&compiler);
    place_fixed_rows(&compiler);
    compute_outputs(&compiler);
    return true;
}
