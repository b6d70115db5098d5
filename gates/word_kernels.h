/* word_kernels.h - boolean operations on rows of words, one table of functions per instruction set.
 *
 * All tables give the same words. Written once, in word_kernels_template.h. Leaves alone: which table to use, and where
 * the rows come from. */
#ifndef DLCA_WORD_KERNELS_H
#define DLCA_WORD_KERNELS_H

#include "program.h"

/* Rows are computed in blocks of so many words, whatever the instruction set. */
enum { DLCA_WORD_BLOCK = 8 };

typedef struct DlcaWordKernels {
    /* Runs the program on row[0 .. dlca_program_rows-1], each [words]; words is a multiple of DLCA_WORD_BLOCK. Rows of
     * unused inputs are not touched. Rows may have any alignment of a word; 64 bytes are fastest. */
    void (*run)(const DlcaProgram *program, uint64_t *const *row, int64_t words);

    /* to = mask ? to : old, bit by bit; words is a multiple of DLCA_WORD_BLOCK. */
    void (*select)(uint64_t *to, const uint64_t *old, const uint64_t *mask, int64_t words);

    /* any |= (a ^ b) & counted; returns the number of ones in (a ^ b) & counted. Any number of words. */
    int64_t (*count_differences)(const uint64_t *a, const uint64_t *b, uint64_t counted, uint64_t *any, int64_t words);

    /* Returns the number of ones; any |= each word. Any number of words. */
    int64_t (*count_ones)(const uint64_t *from, int64_t words, uint64_t *any);
} DlcaWordKernels;

/* NULL where the program was built without the instruction set. */
const DlcaWordKernels *dlca_word_kernels_scalar(void);
const DlcaWordKernels *dlca_word_kernels_avx2(void);
const DlcaWordKernels *dlca_word_kernels_avx512(void);

#endif
