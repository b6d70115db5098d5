/* row_kernel.h - a rule as a function that computes a run of blocks (cell_blocks.h) from the nine around each.
 *
 * Three ways, the same bits: rows of words through the word kernels (gates/word_kernels.h), machine code made here
 * (gates/native.h), and C compiled by the system's compiler (compiled_rule.h). Which neighbour lies where is fixed when
 * the kernel is made. Leaves alone: which blocks to compute, threads: a kernel has scratch of its own and belongs to
 * one thread. */
#ifndef DLCA_ROW_KERNEL_H
#define DLCA_ROW_KERNEL_H

#include "../gates/native.h"
#include "../gates/word_kernels.h"
#include "dlca.h"

/* Words from a row of blocks to the next, and from a channel to the next, of the memory read and the memory written. */
typedef struct DlcaRowStrides {
    int64_t row, plane;
    int64_t plane_written;
} DlcaRowStrides;

/* in and out point at channel 0 of the first block; masked ones take the new bits only where mask [words] has ones.
 * Code made for one set of strides need not look at them. */
typedef void DlcaCompiledRow(const DlcaRowStrides *strides, const uint64_t *in, uint64_t *out, const uint64_t *mask,
                             int64_t words);

/* A row at the grid's top or bottom that reads the row at the other end, `rows` further, instead of a row beyond: there
 * the cells above it are those of the band before, one bit up (cell_blocks.h). */
typedef struct DlcaRowEdge {
    bool top, bottom;
    bool around; /* the first band follows the last */
    int32_t rows;
} DlcaRowEdge;

typedef struct DlcaRowKernel {
    const DlcaProgram *program; /* not owned */
    DlcaRowStrides strides;
    bool masked;
    const DlcaWordKernels *words; /* always there */
    DlcaNative *native;           /* NULL: not this way */
    DlcaCompiledRow *compiled;    /* NULL: not this way */
    int64_t *input_offset;        /* [used inputs], [outputs], [outputs] */
    int64_t *output_offset, *old_offset;
    uint64_t **row;    /* [program rows] */
    uint64_t *scratch; /* [scratch rows][DLCA_ROW_CHUNK] */
} DlcaRowKernel;

enum { DLCA_ROW_CHUNK = 512 }; /* words that the word kernels compute at a time */

/* `native`: machine code where the system permits it. `compiled` is kept, or NULL. `channel` [program->outputs] are the
 * channels that the outputs are, NULL: all of them. The program must outlive it. */
bool dlca_row_kernel_create(DlcaRowKernel *kernel, const DlcaProgram *program, const int32_t *channel,
                            DlcaRowStrides strides, bool masked, DlcaIsa isa, bool native, DlcaCompiledRow *compiled,
                            DlcaError *error);
void dlca_row_kernel_free(DlcaRowKernel *kernel); /* leaves it empty; an empty one is fine */

/* The same for a row at an edge, native code alone; kernel->native is NULL where there is none. */
bool dlca_row_kernel_create_edge(DlcaRowKernel *kernel, const DlcaProgram *program, const int32_t *channel,
                                 DlcaRowStrides strides, bool masked, DlcaIsa isa, DlcaRowEdge edge, DlcaError *error);

/* words: a multiple of DLCA_WORD_BLOCK. */
void dlca_row_kernel_run(const DlcaRowKernel *kernel, const uint64_t *in, uint64_t *out, const uint64_t *mask,
                         int64_t words);

/* Words from a block to what a cell of it reads as input `input` (neighbour * channels + channel). */
static inline int64_t dlca_row_input_offset(const DlcaRowStrides *strides, int32_t channels, int32_t input) {
    const int32_t neighbour = input / channels, channel = input % channels;
    return (neighbour / 3 - 1) * strides->row + channel * strides->plane +
           (int64_t)(neighbour % 3 - 1) * DLCA_WORD_BLOCK;
}

#endif
