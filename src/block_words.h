/* block_words.h - loops over words that are no rules: firing, counting, the frame's rows, one table of functions per
 * instruction set. All give the same words; written once, in block_words_template.h, for the compiler to vectorize.
 * Leaves alone: where the words lie (cell_blocks.h). */
#ifndef DLCA_BLOCK_WORDS_H
#define DLCA_BLOCK_WORDS_H

#include "dlca.h"

typedef struct DlcaBlockWords {
    /* Bit i: cell first + i fires, as dlca_fire_mask draws it for DLCA_RANDOM_SIMULATE and epoch 0; count is 1 .. 64,
     * bits beyond are anything. */
    uint64_t (*fire)(uint64_t seed, uint32_t step, uint64_t threshold, int64_t first, int32_t count);

    /* A word for each of `cells` cells: each bit is 1 with probability threshold / 2^32 (at most 1), by the random
     * digits of (seed, purpose, major, minor) that the cell's counters 16 * cell .. 16 * cell + 15 give. */
    void (*fires)(uint64_t seed, DlcaPurpose purpose, uint32_t major, uint32_t minor, uint64_t threshold, int32_t cells,
                  uint64_t *words);

    /* Bit s of word i becomes bit i of word s. */
    void (*transpose)(uint64_t words[64]);

    /* Ones in (a ^ b) & mask, word by word; b may be NULL. */
    void (*add)(uint64_t *any, const uint64_t *a, const uint64_t *b, int64_t words);
    int64_t (*count)(const uint64_t *a, uint64_t mask, const uint64_t *column_masks, int64_t words);

    /* to = from with every bit one place higher, bit 0 from bit `wrapped_bit` of `wrapped`; NULL: 0. */
    void (*move_up)(uint64_t *to, const uint64_t *from, const uint64_t *wrapped, int32_t wrapped_bit, int64_t words);
    /* One place lower, with bit `bit` from the other side. */
    void (*move_down)(uint64_t *to, const uint64_t *from, int32_t bit, const uint64_t *wrapped, int32_t wrapped_bit,
                      int64_t words);
} DlcaBlockWords;

/* Those of an instruction set; the scalar ones where it has none of its own. */
const DlcaBlockWords *dlca_block_words(DlcaIsa isa);

/* NULL where the program was built without the instruction set. */
const DlcaBlockWords *dlca_block_words_scalar(void);
const DlcaBlockWords *dlca_block_words_avx2(void);
const DlcaBlockWords *dlca_block_words_avx512(void);

#endif
