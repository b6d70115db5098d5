/* native.h - a program as machine code of this processor, made in microseconds while running.
 *
 * The row kernels (word_kernels.h) load and store each gate's values, and that is what they spend their time on. Here
 * the values of a block of words stay in registers over the whole program, and three-input logic takes one instruction
 * where there is AVX-512: 3 to 8 times as fast. x86-64 Linux with AVX2 or AVX-512; elsewhere, and where the system
 * forbids making code, dlca_native_create returns NULL and the row kernels serve. Same words from both.
 *
 * Code is written through one mapping of its memory and run through another, so that no page is ever both writable and
 * executable. Leaves alone: which words to compute, grids. */
#ifndef DLCA_NATIVE_H
#define DLCA_NATIVE_H

#include "native_encode.h"
#include "program.h"

typedef enum DlcaNativeSet { DLCA_NATIVE_AVX2, DLCA_NATIVE_AVX512 } DlcaNativeSet;

typedef struct DlcaNative DlcaNative;

/* Where the program's rows lie: input i of program->used_input at in + input_offset[i], output i at out +
 * output_offset[i], in words. When `old_offset` is not NULL, an output takes its new bits only where the mask has ones
 * and keeps those at in + old_offset[i] elsewhere. */
typedef struct DlcaNativeLayout {
    const int64_t *input_offset;  /* [used inputs] */
    const int64_t *output_offset; /* [outputs] */
    const int64_t *old_offset;    /* [outputs] or NULL */
    const DlcaTurn
        *input_turn;  /* [used inputs] bits of a word move by one on their way in; NULL: no input's; AVX-512 */
    bool turn_around; /* the one that falls out comes in at the other end */
} DlcaNativeLayout;

/* NULL, without an error, where this system has no use for it. The processor must have the instruction set. */
DlcaNative *dlca_native_create(DlcaNativeSet set);
void dlca_native_free(DlcaNative *native);

/* Writes the code. False when there is no memory, or offsets are beyond 2 GiB: then use the row kernels. */
bool dlca_native_build(DlcaNative *native, const DlcaProgram *program, const DlcaNativeLayout *layout);

/* Computes so many words (a multiple of DLCA_WORD_BLOCK) of every output with the code built last. Outputs must not
 * overlap inputs. `mask` is read only by code built with old_offset. */
void dlca_native_run(DlcaNative *native, const uint64_t *in, uint64_t *out, const uint64_t *mask, int64_t words);

#endif
