/* row_kernel.c - places the program's rows in memory and picks the way. */
#include "row_kernel.h"

#include <stdlib.h>
#include <string.h>

static const DlcaWordKernels *word_kernels_for(DlcaIsa isa) {
    const DlcaWordKernels *kernels = NULL;
    if (isa == DLCA_ISA_AVX512) {
        kernels = dlca_word_kernels_avx512();
    } else if (isa == DLCA_ISA_AVX2) {
        kernels = dlca_word_kernels_avx2();
    }
    return kernels ? kernels : dlca_word_kernels_scalar();
}

void dlca_row_kernel_free(DlcaRowKernel *kernel) {
    dlca_native_free(kernel->native);
    free(kernel->input_offset);
    free(kernel->output_offset);
    free(kernel->old_offset);
    free(kernel->row);
    free(kernel->scratch);
    *kernel = (DlcaRowKernel){0};
}

static bool allocate(DlcaRowKernel *kernel, DlcaError *error) {
    const DlcaProgram *program = kernel->program;
    const size_t outputs = (size_t)program->outputs, scratch_rows = (size_t)program->scratch_rows + 1;
    kernel->input_offset = calloc((size_t)program->used_inputs + 1, sizeof *kernel->input_offset);
    kernel->output_offset = malloc(outputs * sizeof *kernel->output_offset);
    kernel->old_offset = malloc(outputs * sizeof *kernel->old_offset);
    kernel->row = calloc((size_t)dlca_program_rows(program), sizeof *kernel->row);
    kernel->scratch = aligned_alloc(64, scratch_rows * DLCA_ROW_CHUNK * sizeof *kernel->scratch);
    if (!kernel->input_offset || !kernel->output_offset || !kernel->old_offset || !kernel->row || !kernel->scratch) {
        dlca_row_kernel_free(kernel);
        return dlca_fail(error, DLCA_FAILED, "no memory for a rule of %d operations", program->instructions);
    }
    return true;
}

static void place(DlcaRowKernel *kernel, const int32_t *channel) {
    const DlcaProgram *program = kernel->program;
    const int32_t channels = program->inputs / DLCA_NEIGHBOURS;
    for (int32_t i = 0; i < program->used_inputs; i++) {
        kernel->input_offset[i] = dlca_row_input_offset(&kernel->strides, channels, program->used_input[i]);
    }
    for (int32_t i = 0; i < program->outputs; i++) {
        const int32_t c = channel ? channel[i] : i;
        kernel->output_offset[i] = c * kernel->strides.plane_written;
        kernel->old_offset[i] = c * kernel->strides.plane;
    }
}

static void make_native(DlcaRowKernel *kernel, DlcaIsa isa, const DlcaTurn *turn, bool around) {
    const DlcaNativeLayout layout = {.input_offset = kernel->input_offset,
                                     .output_offset = kernel->output_offset,
                                     .old_offset = kernel->masked ? kernel->old_offset : NULL,
                                     .input_turn = turn,
                                     .turn_around = around};
    kernel->native = dlca_native_create(isa == DLCA_ISA_AVX512 ? DLCA_NATIVE_AVX512 : DLCA_NATIVE_AVX2);
    if (kernel->native && !dlca_native_build(kernel->native, kernel->program, &layout)) {
        dlca_native_free(kernel->native);
        kernel->native = NULL;
    }
}

bool dlca_row_kernel_create(DlcaRowKernel *kernel, const DlcaProgram *program, const int32_t *channel,
                            DlcaRowStrides strides, bool masked, DlcaIsa isa, bool native, DlcaCompiledRow *compiled,
                            DlcaError *error) {
    *kernel = (DlcaRowKernel){
        .program = program, .strides = strides, .masked = masked, .words = word_kernels_for(isa), .compiled = compiled};
    if (!allocate(kernel, error)) {
        return false;
    }
    place(kernel, channel);
    if (native && !compiled && (isa == DLCA_ISA_AVX512 || isa == DLCA_ISA_AVX2)) {
        make_native(kernel, isa, NULL, false);
    }
    return true;
}

bool dlca_row_kernel_create_edge(DlcaRowKernel *kernel, const DlcaProgram *program, const int32_t *channel,
                                 DlcaRowStrides strides, bool masked, DlcaIsa isa, DlcaRowEdge edge, DlcaError *error) {
    const int32_t channels = program->inputs / DLCA_NEIGHBOURS;
    DlcaTurn *turn = calloc((size_t)program->used_inputs + 1, sizeof *turn);
    if (!turn) {
        return dlca_fail(error, DLCA_FAILED, "no memory for a rule of %d operations", program->instructions);
    }
    const bool good = dlca_row_kernel_create(kernel, program, channel, strides, masked, isa, false, NULL, error);
    for (int32_t i = 0; good && i < program->used_inputs; i++) {
        const int32_t down = program->used_input[i] / channels / 3 - 1;
        if ((down < 0 && edge.top) || (down > 0 && edge.bottom)) {
            turn[i] = down < 0 ? DLCA_TURN_UP : DLCA_TURN_DOWN;
            kernel->input_offset[i] -= down * edge.rows * strides.row;
        }
    }
    if (good && isa == DLCA_ISA_AVX512) {
        make_native(kernel, isa, turn, edge.around);
    }
    free(turn);
    return good;
}

/* Gates outermost, over so many words that scratch rows stay in the first-level cache or near it. */
static void interpret(const DlcaRowKernel *kernel, const uint64_t *in, uint64_t *out, const uint64_t *mask,
                      int64_t words) {
    const DlcaProgram *program = kernel->program;
    uint64_t **row = kernel->row;
    for (int32_t i = 0; i < program->scratch_rows; i++) {
        row[program->inputs + program->outputs + i] = kernel->scratch + (int64_t)i * DLCA_ROW_CHUNK;
    }
    for (int64_t first = 0; first < words; first += DLCA_ROW_CHUNK) {
        const int64_t count = words - first < DLCA_ROW_CHUNK ? words - first : DLCA_ROW_CHUNK;
        for (int32_t i = 0; i < program->used_inputs; i++) { /* inputs are only read */
            row[program->used_input[i]] = (uint64_t *)(uintptr_t)(in + first + kernel->input_offset[i]);
        }
        for (int32_t i = 0; i < program->outputs; i++) {
            row[program->inputs + i] = out + first + kernel->output_offset[i];
        }
        kernel->words->run(program, row, count);
        for (int32_t i = 0; kernel->masked && i < program->outputs; i++) {
            kernel->words->select(row[program->inputs + i], in + first + kernel->old_offset[i], mask + first, count);
        }
    }
}

void dlca_row_kernel_run(const DlcaRowKernel *kernel, const uint64_t *in, uint64_t *out, const uint64_t *mask,
                         int64_t words) {
    if (kernel->compiled) {
        kernel->compiled(&kernel->strides, in, out, mask, words);
    } else if (kernel->native) {
        dlca_native_run(kernel->native, in, out, mask, words);
    } else {
        interpret(kernel, in, out, mask, words);
    }
}
