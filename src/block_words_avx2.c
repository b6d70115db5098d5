/* block_words_avx2.c - the loops of block_words.h for processors with AVX2. */
#include "block_words.h"

#if defined(__AVX2__)

#include <immintrin.h>

typedef uint64_t WideWords __attribute__((vector_size(32)));

#define WIDE WideWords
#define LANES 4
#define MULTIPLY(a, b) ((WIDE)_mm256_mul_epu32((__m256i)(a), (__m256i)(b)))
#define TABLE dlca_block_words_avx2
#include "block_words_template.h"

#else

const DlcaBlockWords *dlca_block_words_avx2(void) {
    return NULL;
}

#endif
