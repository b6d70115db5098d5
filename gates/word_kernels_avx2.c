/* word_kernels_avx2.c - the word kernels, four words at a time. */
#include "word_kernels.h"

#if defined(__AVX2__)

#include <immintrin.h>

static inline __m256i load_words(const uint64_t *from) {
    return _mm256_loadu_si256((const void *)from);
}

static inline void store_words(uint64_t *to, __m256i v) {
    _mm256_storeu_si256((void *)to, v);
}

static inline __m256i not_words(__m256i v) {
    return _mm256_xor_si256(v, _mm256_set1_epi64x(-1));
}

/* `op` is a constant where this is called, so one case is left. */
static inline __m256i gate_words(int op, __m256i a, __m256i b) {
    switch (op) {
    case DLCA_OP_AND:
        return _mm256_and_si256(a, b);
    case DLCA_OP_A_AND_NOT_B:
        return _mm256_andnot_si256(b, a);
    case DLCA_OP_A:
        return a;
    case DLCA_OP_NOT_A_AND_B:
        return _mm256_andnot_si256(a, b);
    case DLCA_OP_B:
        return b;
    case DLCA_OP_XOR:
        return _mm256_xor_si256(a, b);
    case DLCA_OP_OR:
        return _mm256_or_si256(a, b);
    case DLCA_OP_NOR:
        return not_words(_mm256_or_si256(a, b));
    case DLCA_OP_XNOR:
        return not_words(_mm256_xor_si256(a, b));
    case DLCA_OP_NOT_B:
        return not_words(b);
    case DLCA_OP_A_OR_NOT_B:
        return not_words(_mm256_andnot_si256(a, b));
    case DLCA_OP_NOT_A:
        return not_words(a);
    case DLCA_OP_NOT_A_OR_B:
        return not_words(_mm256_andnot_si256(b, a));
    default: /* NAND: the constants are filled in elsewhere */
        return not_words(_mm256_and_si256(a, b));
    }
}

static inline __m256i select_bits(__m256i mask, __m256i a, __m256i b) {
    return _mm256_or_si256(_mm256_and_si256(mask, a), _mm256_andnot_si256(mask, b));
}

#define VECTOR __m256i
#define LANES 4
#define LOAD(p) load_words(p)
#define STORE(p, v) store_words(p, v)
#define GATE(op, a, b) gate_words(op, a, b)
#define SELECT(mask, a, b) select_bits(mask, a, b)
#define TABLE dlca_word_kernels_avx2

#include "word_kernels_template.h"

#else

const DlcaWordKernels *dlca_word_kernels_avx2(void) {
    return NULL;
}

#endif
