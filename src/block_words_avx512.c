/* block_words_avx512.c - the loops of block_words.h for processors with AVX-512. */
#include "block_words.h"

#if defined(__AVX512F__)

#include <immintrin.h>

typedef uint64_t WideWords __attribute__((vector_size(64)));

#define WIDE WideWords
#define LANES 8
#define MULTIPLY(a, b) ((WIDE)_mm512_mul_epu32((__m512i)(a), (__m512i)(b)))
#define TABLE dlca_block_words_avx512
#include "block_words_template.h"

#else

const DlcaBlockWords *dlca_block_words_avx512(void) {
    return NULL;
}

#endif
