/* block_words_scalar.c - the loops of block_words.h for any processor. */
#include <stdint.h>

#define WIDE uint64_t
#define LANES 1
#define MULTIPLY(a, b) ((uint64_t)(uint32_t)(a) * (uint32_t)(b))
#define TABLE dlca_block_words_scalar
#include "block_words_template.h"

const DlcaBlockWords *dlca_block_words(DlcaIsa isa) {
    const DlcaBlockWords *words = NULL;
    if (isa == DLCA_ISA_AVX512) {
        words = dlca_block_words_avx512();
    } else if (isa == DLCA_ISA_AVX2) {
        words = dlca_block_words_avx2();
    }
    return words ? words : dlca_block_words_scalar();
}
