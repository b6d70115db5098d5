/* compiled_rule_text.c - the C text of a rule: a loop over blocks, a local value per operation. */
#include "compiled_rule.h"

#include <inttypes.h>
#include <stdlib.h>

static int32_t word_bytes(DlcaIsa isa) {
    switch (isa) {
    case DLCA_ISA_AVX512:
        return 64;
    case DLCA_ISA_AVX2:
        return 32;
    case DLCA_ISA_NEON:
        return 16;
    default:
        return 8;
    }
}

/* An operation as text around and between its operands. Those that ignore an input are given the other one twice, the
 * constants any value twice. */
static const struct {
    const char *before, *between, *after;
} op_text[DLCA_OPS] = {
    [DLCA_OP_FALSE] = {"", " ^ ", ""},        [DLCA_OP_AND] = {"", " & ", ""},
    [DLCA_OP_A_AND_NOT_B] = {"", " & ~", ""}, [DLCA_OP_A] = {"", " & ", ""},
    [DLCA_OP_NOT_A_AND_B] = {"~", " & ", ""}, [DLCA_OP_B] = {"", " & ", ""},
    [DLCA_OP_XOR] = {"", " ^ ", ""},          [DLCA_OP_OR] = {"", " | ", ""},
    [DLCA_OP_NOR] = {"~(", " | ", ")"},       [DLCA_OP_XNOR] = {"~(", " ^ ", ")"},
    [DLCA_OP_NOT_B] = {"~(", " & ", ")"},     [DLCA_OP_A_OR_NOT_B] = {"", " | ~", ""},
    [DLCA_OP_NOT_A] = {"~(", " & ", ")"},     [DLCA_OP_NOT_A_OR_B] = {"~", " | ", ""},
    [DLCA_OP_NAND] = {"~(", " & ", ")"},      [DLCA_OP_TRUE] = {"~(", " ^ ", ")"},
};

/* `name` [rows]: the number of the local value that a row holds; value 0 is there before any. */
static void add_operation(DlcaText *text, const DlcaInstruction *instruction, const int32_t *name, int32_t to) {
    const int op = instruction->op;
    const bool uses_a = dlca_op_uses_a(op), uses_b = dlca_op_uses_b(op);
    const int32_t either = uses_a ? name[instruction->a] : uses_b ? name[instruction->b] : 0;
    dlca_text_add(text, "        const word a%d = %sa%d%sa%d%s;\n", to, op_text[op].before, either, op_text[op].between,
                  uses_b ? name[instruction->b] : either, op_text[op].after);
}

static void add_function(const DlcaPlanes *planes, int32_t which, int32_t words, DlcaText *text) {
    const DlcaProgram *program = dlca_planes_program(planes, which);
    const int32_t *channel = dlca_planes_written(planes, which);
    const DlcaRowStrides strides = dlca_planes_strides(planes, which);
    const int32_t channels = program->inputs / DLCA_NEIGHBOURS;
    int32_t *name = calloc((size_t)dlca_program_rows(program), sizeof *name), values = 1;
    if (!name) {
        text->failed = true;
        return;
    }
    dlca_text_add(text,
                  "void dlca_row_%d(const void *strides, const u64 *in, u64 *out, const u64 *mask, long words) {\n"
                  "    (void)strides, (void)mask;\n"
                  "    for (long i = 0; i < words; i += %d) {\n"
                  "        const word a0 = *(const word *)(in + i);\n",
                  which, words);
    for (int32_t i = 0; i < program->used_inputs; i++) {
        const int64_t offset = dlca_row_input_offset(&strides, channels, program->used_input[i]);
        name[program->used_input[i]] = values;
        dlca_text_add(text, "        const word a%d = *(const word *)(in + i + %" PRId64 ");\n", values++, offset);
    }
    for (int32_t i = 0; i < program->instructions; i++) {
        add_operation(text, &program->instruction[i], name, values);
        name[program->instruction[i].to] = values++;
    }
    if (dlca_planes_masked(planes)) {
        dlca_text_add(text, "        const word m = *(const word *)(mask + i);\n");
    }
    for (int32_t i = 0; i < program->outputs; i++) {
        const int32_t value = name[program->inputs + i], c = channel ? channel[i] : i;
        dlca_text_add(text, "        *(word *)(out + i + %" PRId64 ") = ", c * strides.plane_written);
        if (dlca_planes_masked(planes)) {
            dlca_text_add(text, "(a%d & m) | (*(const word *)(in + i + %" PRId64 ") & ~m);\n", value,
                          c * strides.plane);
        } else {
            dlca_text_add(text, "a%d;\n", value);
        }
    }
    dlca_text_add(text, "    }\n}\n");
    free(name);
}

void dlca_compiled_rule_text(const DlcaPlanes *planes, DlcaIsa isa, DlcaText *text) {
    dlca_text_add(text,
                  "typedef unsigned long long u64;\n"
                  "typedef u64 word __attribute__((vector_size(%d), may_alias, aligned(8)));\n",
                  word_bytes(isa));
    for (int32_t i = 0; i < DLCA_PLANES_CASES; i++) {
        if (dlca_planes_strides(planes, i).row != 0) {
            add_function(planes, i, word_bytes(isa) / 8, text);
        }
    }
}
