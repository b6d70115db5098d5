/* word_kernels_avx512.c - the word kernels, eight words at a time; each operation is one vpternlog. */
#include "word_kernels.h"

#if defined(__AVX512F__)

#include <immintrin.h>

static inline __m512i load_words(const uint64_t *from) {
    return _mm512_loadu_si512(from);
}

static inline void store_words(uint64_t *to, __m512i v) {
    _mm512_storeu_si512(to, v);
}

/* vpternlog looks up bit (4 a + 2 b + c) of its constant; for a function of a and b alone bits come in equal pairs. */
#define TERNARY_OF(op) (((op)&8 ? 0x03 : 0) | ((op)&4 ? 0x0c : 0) | ((op)&2 ? 0x30 : 0) | ((op)&1 ? 0xc0 : 0))

enum { TERNARY_SELECT = 0xca }; /* a ? b : c */

#define VECTOR __m512i
#define LANES 8
#define LOAD(p) load_words(p)
#define STORE(p, v) store_words(p, v)
#define GATE(op, a, b) _mm512_ternarylogic_epi64(a, b, b, TERNARY_OF(op))
#define SELECT(mask, a, b) _mm512_ternarylogic_epi64(mask, a, b, TERNARY_SELECT)
#define TABLE dlca_word_kernels_avx512

#include "word_kernels_template.h"

#else

const DlcaWordKernels *dlca_word_kernels_avx512(void) {
    return NULL;
}

#endif
