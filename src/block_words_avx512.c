/* block_words_avx512.c - the loops of block_words.h for processors with AVX-512. */
#include "block_words.h"

#if defined(__AVX512F__)

#include <immintrin.h>

#define WIDE __m512i
#define LANES 8
#define MULTIPLY(a, b) _mm512_mul_epu32(a, b)
#define TABLE dlca_block_words_avx512
#include "block_words_template.h"

#else

const DlcaBlockWords *dlca_block_words_avx512(void) {
    return NULL;
}

#endif
