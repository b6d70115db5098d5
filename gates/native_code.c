/* native_code.c - register allocation over a straight line of gates.
 *
 * Each gate is written once, in the plan's order. When registers run out, the value whose next use is farthest away
 * goes (Belady, 1966): an input is simply forgotten, as it can be loaded again, another value is saved to a scratch
 * slot. */
#include "native_code.h"

enum { MOST_REGISTERS = 32, NOWHERE = -1 };

typedef struct Writer {
    DlcaCode *code;
    const DlcaPlan *plan;
    const DlcaNativeLayout *layout;
    DlcaWriterMemory at;
    int32_t registers;             /* for values: 0 .. registers-1 */
    int32_t mask_register;         /* holds the mask, where there is one */
    int32_t ones_register;         /* holds ones; narrow only */
    int32_t value[MOST_REGISTERS]; /* whose value a register holds, where it is not free */
    int32_t next[MOST_REGISTERS];  /* when that is read next */
    uint32_t unused;               /* bit r: register r is free */
    uint32_t locked;               /* bit r: register r must stay */
    int32_t slots, spare_slots;
} Writer;

static int32_t register_bytes(const Writer *writer) {
    return writer->code->wide ? 64 : 32;
}

static DlcaOperand memory_at(int32_t base, int64_t words) {
    return (DlcaOperand){true, base, (int32_t)(words * 8)};
}

/* Where an input or a saved value lies in memory. */
static DlcaOperand home_of(const Writer *writer, int32_t v) {
    if (v <= writer->plan->inputs) {
        return memory_at(DLCA_BASE_IN, writer->layout->input_offset[v - 1]);
    }
    return (DlcaOperand){true, DLCA_BASE_SCRATCH, writer->at.slot[v] * register_bytes(writer)};
}

/* How an input's bits move on their way in. */
static DlcaTurn turn_of(const Writer *writer, int32_t v) {
    const bool is_input = v > 0 && v <= writer->plan->inputs;
    return is_input && writer->layout->input_turn ? writer->layout->input_turn[v - 1] : DLCA_TURN_NONE;
}

/* ---- registers ---- */

static void save(Writer *writer, int32_t v) {
    if (v > writer->plan->inputs && writer->at.slot[v] < 0) {
        writer->at.slot[v] = writer->spare_slots > 0 ? writer->at.spare_slot[--writer->spare_slots] : writer->slots++;
        dlca_encode_store(writer->code, writer->at.reg[v], home_of(writer, v));
    }
}

static void forget(Writer *writer, int32_t v) {
    if (writer->at.reg[v] >= 0) {
        writer->unused |= (uint32_t)1 << writer->at.reg[v];
        writer->at.reg[v] = NOWHERE;
    }
}

/* The value is needed no more. */
static void drop(Writer *writer, int32_t v) {
    forget(writer, v);
    if (writer->at.slot[v] >= 0) {
        writer->at.spare_slot[writer->spare_slots++] = writer->at.slot[v];
    }
}

/* A register that holds nothing (any more). Its caller locks it, holds a value in it, or is done with it before the
 * next call. */
static int32_t take_register(Writer *writer) {
    const uint32_t usable = writer->unused & ~writer->locked;
    if (usable) {
        return __builtin_ctz(usable);
    }
    int32_t farthest = -1, latest = -1;
    for (int32_t r = 0; r < writer->registers; r++) {
        if (writer->next[r] > latest && !(writer->locked >> r & 1)) {
            farthest = r;
            latest = writer->next[r];
        }
    }
    save(writer, writer->value[farthest]);
    forget(writer, writer->value[farthest]);
    return farthest;
}

static void hold(Writer *writer, int32_t v, int32_t r) {
    writer->value[r] = v;
    writer->next[r] = writer->at.next[v];
    writer->unused &= ~((uint32_t)1 << r);
    writer->at.reg[v] = r;
}

static void lock(Writer *writer, int32_t r) {
    writer->locked |= (uint32_t)1 << r;
}

/* Brings the value into a register, and keeps it there until the gate is done. */
static int32_t bring(Writer *writer, int32_t v) {
    if (writer->at.reg[v] < 0) {
        const int32_t r = take_register(writer);
        if (turn_of(writer, v) == DLCA_TURN_NONE) {
            dlca_encode_load(writer->code, r, home_of(writer, v));
        } else {
            dlca_encode_turned_load(writer->code, r, home_of(writer, v), turn_of(writer, v),
                                    writer->layout->turn_around);
        }
        hold(writer, v, r);
    }
    lock(writer, writer->at.reg[v]);
    return writer->at.reg[v];
}

/* ---- outputs ---- */

/* A new bit n, a mask bit m and an old bit o make m ? n : o; with n inverted, m ? !n : o. The table is of (n, m, o). */
static int32_t masked_table(bool inverted) {
    return ((DLCA_TABLE_Y & (inverted ? ~DLCA_TABLE_X : DLCA_TABLE_X)) | (~DLCA_TABLE_Y & DLCA_TABLE_Z)) & 0xff;
}

static void finish_wide(Writer *writer, int32_t t, bool inverted, const DlcaOperand *old) {
    if (old) {
        dlca_encode_ternary(writer->code, t, writer->mask_register, *old, masked_table(inverted));
    } else if (inverted) {
        dlca_encode_ternary(writer->code, t, t, dlca_register(t), ~DLCA_TABLE_X & 0xff);
    }
}

/* old ^ ((old ^ new) & mask) */
static void finish_narrow(Writer *writer, int32_t t, bool inverted, const DlcaOperand *old) {
    if (inverted) {
        dlca_encode_logic(writer->code, DLCA_VEX_XOR, t, t, dlca_register(writer->ones_register));
    }
    if (old) {
        dlca_encode_logic(writer->code, DLCA_VEX_XOR, t, t, *old);
        dlca_encode_logic(writer->code, DLCA_VEX_AND, t, t, dlca_register(writer->mask_register));
        dlca_encode_logic(writer->code, DLCA_VEX_XOR, t, t, *old);
    }
}

static void write_output(Writer *writer, int32_t output) {
    const DlcaLiteral literal = writer->plan->output[output];
    const int32_t v = dlca_literal_value(literal);
    const bool inverted = dlca_literal_inverted(literal), masked = writer->layout->old_offset != NULL;
    const DlcaOperand to = memory_at(DLCA_BASE_OUT, writer->layout->output_offset[output]);
    if (v > 0 && !masked && !inverted) {
        dlca_encode_store(writer->code, bring(writer, v), to);
        return;
    }
    const int32_t from = v > 0 ? bring(writer, v) : -1, t = take_register(writer);
    if (v > 0) {
        dlca_encode_load(writer->code, t, dlca_register(from));
    } else if (writer->code->wide) {
        dlca_encode_ternary(writer->code, t, t, dlca_register(t), 0);
    } else {
        dlca_encode_logic(writer->code, DLCA_VEX_XOR, t, t, dlca_register(t));
    }
    const DlcaOperand old = masked ? memory_at(DLCA_BASE_IN, writer->layout->old_offset[output]) : to;
    if (writer->code->wide) {
        finish_wide(writer, t, inverted, masked ? &old : NULL);
    } else {
        finish_narrow(writer, t, inverted, masked ? &old : NULL);
    }
    dlca_encode_store(writer->code, t, to);
}

static void write_outputs_of(Writer *writer, int32_t v) {
    for (int32_t i = writer->plan->first_output[v]; i >= 0; i = writer->plan->next_output[i]) {
        write_output(writer, i);
        writer->locked = 0;
    }
}

/* ---- gates ---- */

/* The input that the instruction may read from memory: one that is in no register and not needed again, and there as it
 * is wanted, or none. */
static int32_t memory_input(const Writer *writer, const DlcaPlanGate *gate) {
    for (int32_t k = gate->count - 1; k >= 0; k--) {
        if (writer->at.reg[gate->input[k]] < 0 && gate->next[k] == DLCA_NEVER &&
            turn_of(writer, gate->input[k]) == DLCA_TURN_NONE) {
            return k;
        }
    }
    return -1;
}

static int32_t swap_x_y(int32_t table) {
    return (table & 0xc3) | (table & 0x0c) << 2 | (table & 0x30) >> 2;
}
static int32_t swap_y_z(int32_t table) {
    return (table & 0x99) | (table & 0x22) << 1 | (table & 0x44) >> 1;
}
static int32_t swap_x_z(int32_t table) {
    return (table & 0xa5) | (table & 0x0a) << 3 | (table & 0x50) >> 3;
}

/* The table with input x at place[0] of the instruction's operands, y at place[1], and z at the one that is left. */
static int32_t placed_table(int32_t table, const int32_t *place) {
    if (place[0] == 0) {
        return place[1] == 1 ? table : swap_y_z(table);
    }
    if (place[0] == 1) {
        return place[1] == 0 ? swap_x_y(table) : swap_x_z(swap_x_y(table));
    }
    return place[1] == 1 ? swap_x_z(table) : swap_x_y(swap_x_z(table));
}

/* vpternlog overwrites its first operand. An input that dies here stands there; failing that, a copy of one; a gate of
 * two inputs can also leave the place to whatever the register held. */
static int32_t write_ternary_gate(Writer *writer, const DlcaPlanGate *gate) {
    const int32_t from_memory = memory_input(writer, gate);
    int32_t reg[3] = {0}, place[3] = {-1, -1, -1}, first = -1, to = -1;
    for (int32_t k = 0; k < gate->count; k++) {
        reg[k] = k == from_memory ? -1 : bring(writer, gate->input[k]);
        first = k != from_memory && gate->next[k] == DLCA_NEVER ? k : first;
    }
    if (first >= 0) {
        to = reg[first];
    } else {
        to = take_register(writer);
        if (gate->count == 3) {
            first = from_memory == 0 ? 1 : 0;
            dlca_encode_load(writer->code, to, dlca_register(reg[first]));
        }
    }
    int32_t second = to;
    DlcaOperand third = dlca_register(to);
    bool second_taken = false;
    if (from_memory >= 0) {
        third = home_of(writer, gate->input[from_memory]);
        place[from_memory] = 2;
    }
    for (int32_t k = 0; k < gate->count; k++) {
        if (k == first) {
            place[k] = 0;
        } else if (k != from_memory && !second_taken) {
            second = reg[k];
            place[k] = 1;
            second_taken = true;
        } else if (k != from_memory) {
            third = dlca_register(reg[k]);
            place[k] = 2;
        }
    }
    dlca_encode_ternary(writer->code, to, second, third, placed_table(gate->table, place));
    return to;
}

/* Whether a gate of two inputs is AND, A AND NOT B, NOT A AND B, XOR or OR. */
static bool has_instruction(int32_t table) {
    return table == 0xc0 || table == 0x30 || table == 0x0c || table == 0x3c || table == 0xfc;
}

/* Plans for narrow registers have no other gates; for wide ones these instructions are better than vpternlog, which
 * waits for what its first operand held before: over a loop that chained each block to the last (Life of 33 gates, Zen
 * 4: 26 cycles a block, 16 without). ANDN inverts its first operand, and only the second may be in memory. */
static int32_t write_two_operand_gate(Writer *writer, const DlcaPlanGate *gate) {
    const bool a_not_b = gate->table == 0x30, not_a_b = gate->table == 0x0c;
    int32_t first = a_not_b ? 1 : 0, second = 1 - first;
    const int32_t from_memory = memory_input(writer, gate);
    if (from_memory == first && !a_not_b && !not_a_b) {
        first = second;
        second = from_memory;
    }
    const int32_t a = bring(writer, gate->input[first]);
    const bool second_in_memory = from_memory == second;
    const DlcaOperand b =
        second_in_memory ? home_of(writer, gate->input[second]) : dlca_register(bring(writer, gate->input[second]));
    int32_t to;
    if (gate->next[first] == DLCA_NEVER) {
        to = a;
    } else if (gate->next[second] == DLCA_NEVER && !second_in_memory) {
        to = b.number;
    } else {
        to = take_register(writer);
    }
    const DlcaVexLogic logic = a_not_b || not_a_b    ? DLCA_VEX_ANDN
                               : gate->table == 0xc0 ? DLCA_VEX_AND
                               : gate->table == 0xfc ? DLCA_VEX_OR
                                                     : DLCA_VEX_XOR;
    dlca_encode_logic(writer->code, logic, to, a, b);
    return to;
}

static void write_gate(Writer *writer, int32_t i) {
    const DlcaPlanGate *gate = &writer->plan->gate[i];
    const int32_t v = 1 + writer->plan->inputs + i;
    const bool two_operands = !writer->code->wide || (gate->count == 2 && has_instruction(gate->table));
    const int32_t to = two_operands ? write_two_operand_gate(writer, gate) : write_ternary_gate(writer, gate);
    for (int32_t k = 0; k < gate->count; k++) {
        writer->at.next[gate->input[k]] = gate->next[k];
        if (gate->next[k] == DLCA_NEVER) {
            drop(writer, gate->input[k]);
        } else if (writer->at.reg[gate->input[k]] >= 0) {
            writer->next[writer->at.reg[gate->input[k]]] = gate->next[k];
        }
    }
    hold(writer, v, to);
    writer->locked = 0;
    write_outputs_of(writer, v);
    if (writer->at.next[v] == DLCA_NEVER) {
        drop(writer, v);
    }
}

/* ---- the function ---- */

static Writer writer_of(DlcaCode *code, const DlcaPlan *plan, const DlcaNativeLayout *layout, DlcaWriterMemory memory) {
    Writer writer = {.code = code, .plan = plan, .layout = layout, .at = memory};
    writer.registers = code->wide ? 32 : 15;
    writer.ones_register = 15;
    writer.mask_register = -1;
    if (layout->old_offset) {
        writer.mask_register = --writer.registers;
    }
    writer.unused = (uint32_t)(((uint64_t)1 << writer.registers) - 1);
    for (int32_t v = 0; v < dlca_plan_values(plan); v++) {
        writer.at.reg[v] = NOWHERE;
        writer.at.slot[v] = -1;
        writer.at.next[v] = plan->first_use[v];
    }
    return writer;
}

int32_t dlca_native_write(DlcaCode *code, const DlcaPlan *plan, const DlcaNativeLayout *layout,
                          DlcaWriterMemory memory) {
    Writer writer = writer_of(code, plan, layout, memory);
    const int32_t bytes = register_bytes(&writer);
    code->size = 0;
    if (!code->wide) {
        dlca_encode_logic(code, DLCA_VEX_EQUAL, writer.ones_register, writer.ones_register,
                          dlca_register(writer.ones_register));
    }
    const size_t start = code->size;
    if (layout->old_offset) {
        dlca_encode_load(code, writer.mask_register, memory_at(DLCA_BASE_MASK, 0));
        dlca_encode_advance(code, DLCA_BASE_MASK, bytes);
    }
    for (int32_t i = 0; i < plan->gates; i++) {
        if (plan->gate[i].count > 0) {
            write_gate(&writer, i);
        }
    }
    for (int32_t v = 0; v <= plan->inputs; v++) { /* outputs that are constants or inputs */
        write_outputs_of(&writer, v);
    }
    dlca_encode_advance(code, DLCA_BASE_IN, bytes);
    dlca_encode_advance(code, DLCA_BASE_OUT, bytes);
    dlca_encode_loop(code, start);
    dlca_encode_return(code);
    return writer.slots;
}
