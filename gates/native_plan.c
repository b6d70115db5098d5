/* native_plan.c - from rows and instructions to values and merged gates. */
#include "native_plan.h"

#include <stdlib.h>

void dlca_plan_free(DlcaPlan *plan) {
    free(plan->gate);
    free(plan->output);
    free(plan->first_use);
    free(plan->first_output);
    free(plan->next_output);
    free(plan->row);
    free(plan->reads);
    *plan = (DlcaPlan){0};
}

static bool reserve(DlcaPlan *plan, const DlcaProgram *program, DlcaError *error) {
    const int32_t values = 1 + program->used_inputs + program->instructions;
    const int32_t rows = dlca_program_rows(program);
    if (values <= plan->values_room && program->outputs <= plan->outputs_room && rows <= plan->rows_room) {
        return true;
    }
    dlca_plan_free(plan);
    const size_t value_count = (size_t)values, output_count = (size_t)program->outputs + 1;
    plan->gate = malloc(value_count * sizeof *plan->gate);
    plan->output = calloc(output_count, sizeof *plan->output);
    plan->first_use = malloc(value_count * sizeof *plan->first_use);
    plan->first_output = malloc(value_count * sizeof *plan->first_output);
    plan->next_output = malloc(output_count * sizeof *plan->next_output);
    plan->row = malloc(((size_t)rows + 1) * sizeof *plan->row);
    plan->reads = malloc(value_count * sizeof *plan->reads);
    if (!plan->gate || !plan->output || !plan->first_use || !plan->first_output || !plan->next_output || !plan->row ||
        !plan->reads) {
        dlca_plan_free(plan);
        return dlca_fail(error, DLCA_FAILED, "no memory for a plan of %d gates", program->instructions);
    }
    plan->values_room = values;
    plan->outputs_room = program->outputs;
    plan->rows_room = rows;
    return true;
}

/* The table of a gate of x and y. */
static int32_t table_of_op(int op) {
    return (op & 8 ? 0x03 : 0) | (op & 4 ? 0x0c : 0) | (op & 2 ? 0x30 : 0) | (op & 1 ? 0xc0 : 0);
}

/* Rows hold literals, so copies, inverters and constants turn into names. */
static void name_values(DlcaPlan *plan, const DlcaProgram *program) {
    for (int32_t i = 0; i < program->used_inputs; i++) {
        plan->row[program->used_input[i]] = 2 * (1 + i);
    }
    for (int32_t i = 0; i < program->instructions; i++) {
        const DlcaInstruction instruction = program->instruction[i];
        const DlcaLiteral a = dlca_op_uses_a(instruction.op) ? plan->row[instruction.a] : DLCA_LITERAL_FALSE;
        const DlcaLiteral b = dlca_op_uses_b(instruction.op) ? plan->row[instruction.b] : DLCA_LITERAL_FALSE;
        const DlcaValueGate gate = dlca_value_gate(instruction.op, a, b);
        DlcaLiteral literal;
        if (!dlca_gate_degenerate(gate, &literal)) {
            const int32_t table = table_of_op(dlca_op_normal(gate.op));
            literal = 2 * dlca_plan_values(plan) + (gate.op >> 3 & 1);
            plan->gate[plan->gates++] = (DlcaPlanGate){.count = 2, .input = {gate.a, gate.b}, .table = table};
        }
        plan->row[instruction.to] = literal;
    }
    for (int32_t i = 0; i < program->outputs; i++) {
        plan->output[i] = plan->row[program->inputs + i];
    }
}

static void count_reads(DlcaPlan *plan) {
    const int32_t values = dlca_plan_values(plan);
    for (int32_t v = 0; v < values; v++) {
        plan->reads[v] = 0;
        plan->first_output[v] = -1;
        plan->first_use[v] = DLCA_NEVER;
    }
    for (int32_t i = plan->outputs - 1; i >= 0; i--) {
        const int32_t v = dlca_literal_value(plan->output[i]);
        plan->next_output[i] = plan->first_output[v];
        plan->first_output[v] = i;
        plan->reads[v]++;
    }
    for (int32_t i = 0; i < plan->gates; i++) {
        plan->reads[plan->gate[i].input[0]]++;
        plan->reads[plan->gate[i].input[1]]++;
    }
}

/* ---- merging ---- */

static int32_t find_input(const DlcaPlanGate *gate, int32_t value) {
    for (int32_t k = 0; k < gate->count; k++) {
        if (gate->input[k] == value) {
            return k;
        }
    }
    return -1;
}

/* A gate's table applied to tables x, y, z, by choosing between its halves three times. */
static int32_t apply(int32_t table, int32_t x, int32_t y, int32_t z) {
    int32_t half[4], quarter[2];
    for (int32_t i = 0; i < 4; i++) {
        const int32_t when_0 = -(table >> 2 * i & 1), when_1 = -(table >> (2 * i + 1) & 1);
        half[i] = when_0 ^ (z & (when_0 ^ when_1));
    }
    for (int32_t i = 0; i < 2; i++) {
        quarter[i] = half[2 * i] ^ (y & (half[2 * i] ^ half[2 * i + 1]));
    }
    return (quarter[0] ^ (x & (quarter[0] ^ quarter[1]))) & 0xff;
}

/* Gate `of` as a table over the inputs of `over`; an input that `over` lacks has the table `other`. */
static int32_t table_over(const DlcaPlanGate *of, const DlcaPlanGate *over, int32_t other) {
    static const int32_t projection[3] = {DLCA_TABLE_X, DLCA_TABLE_Y, DLCA_TABLE_Z};
    int32_t input[3] = {0};
    for (int32_t k = 0; k < of->count; k++) {
        const int32_t at = find_input(over, of->input[k]);
        input[k] = at < 0 ? other : projection[at];
    }
    return apply(of->table, input[0], input[1], input[2]);
}

/* Puts gate `inner`, whose value is `value`, into `outer`, which reads it. False when more than three inputs would come
 * together. */
static bool merge(DlcaPlanGate *outer, const DlcaPlanGate *inner, int32_t value) {
    DlcaPlanGate merged = {0};
    for (int32_t k = 0; k < outer->count; k++) {
        if (outer->input[k] != value) {
            merged.input[merged.count++] = outer->input[k];
        }
    }
    for (int32_t k = 0; k < inner->count; k++) {
        if (find_input(&merged, inner->input[k]) < 0) {
            if (merged.count == 3) {
                return false;
            }
            merged.input[merged.count++] = inner->input[k];
        }
    }
    merged.table = table_over(outer, &merged, table_over(inner, &merged, 0));
    *outer = merged;
    return true;
}

static void merge_gates(DlcaPlan *plan) {
    const int32_t first_gate = 1 + plan->inputs;
    for (int32_t i = 0; i < plan->gates; i++) {
        DlcaPlanGate *outer = &plan->gate[i];
        for (int32_t k = 0; k < outer->count;) {
            const int32_t value = outer->input[k], inner = value - first_gate;
            const DlcaPlanGate before = *outer;
            if (inner < 0 || plan->reads[value] != 1 || !merge(outer, &plan->gate[inner], value)) {
                k++;
                continue;
            }
            for (int32_t j = 0; j < before.count; j++) { /* an input that both read is now read once */
                plan->reads[before.input[j]] -= find_input(&plan->gate[inner], before.input[j]) >= 0;
            }
            plan->gate[inner].count = 0;
            k = 0;
        }
    }
}

/* A value that is an output inverted, and not also plain, is computed inverted. */
static void invert_for_outputs(DlcaPlan *plan) {
    const int32_t first_gate = 1 + plan->inputs;
    for (int32_t v = first_gate; v < dlca_plan_values(plan); v++) {
        if (plan->first_output[v] < 0 || !dlca_literal_inverted(plan->output[plan->first_output[v]])) {
            continue;
        }
        plan->gate[v - first_gate].table ^= 0xff;
        for (int32_t i = plan->first_output[v]; i >= 0; i = plan->next_output[i]) {
            plan->output[i] ^= 1;
        }
        plan->reads[v] = -plan->reads[v]; /* those that read it are told below */
    }
    for (int32_t i = 0; i < plan->gates; i++) {
        DlcaPlanGate *gate = &plan->gate[i];
        static const int32_t swap_mask[3] = {DLCA_TABLE_X, DLCA_TABLE_Y, DLCA_TABLE_Z};
        for (int32_t k = 0; k < gate->count; k++) {
            const int32_t distance = 4 >> k, mask = swap_mask[k];
            if (plan->reads[gate->input[k]] < 0) {
                gate->table = (gate->table & mask) >> distance | (gate->table << distance & mask);
            }
        }
    }
}

static void find_next_uses(DlcaPlan *plan) {
    for (int32_t i = plan->gates - 1; i >= 0; i--) {
        DlcaPlanGate *gate = &plan->gate[i];
        for (int32_t k = 0; k < gate->count; k++) {
            gate->next[k] = plan->first_use[gate->input[k]];
            plan->first_use[gate->input[k]] = i;
        }
    }
}

bool dlca_plan_make(DlcaPlan *plan, const DlcaProgram *program, bool ternary, DlcaError *error) {
    if (!reserve(plan, program, error)) {
        return false;
    }
    plan->inputs = program->used_inputs;
    plan->outputs = program->outputs;
    plan->gates = 0;
    name_values(plan, program);
    count_reads(plan);
    if (ternary) {
        merge_gates(plan);
        invert_for_outputs(plan);
    }
    find_next_uses(plan);
    return true;
}
