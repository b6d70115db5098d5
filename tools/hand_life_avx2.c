/* hand_life_avx2.c - hand_life.h on 32-byte registers. */
#include "hand_life.h"

#if defined(__AVX2__)

#include <immintrin.h>

#define VECTOR __m256i
#define LANES 4
#define LOAD(p) _mm256_load_si256((const void *)(p))
#define STORE(p, v) _mm256_store_si256((void *)(p), v)
#define AND(a, b) _mm256_and_si256(a, b)
#define OR(a, b) _mm256_or_si256(a, b)
#define XOR(a, b) _mm256_xor_si256(a, b)
#define AND_NOT(a, b) _mm256_andnot_si256(b, a)
#define FUNCTION dlca_hand_life_avx2

#include "hand_life_two.h"

#include "hand_life_template.h"

#else

DlcaCompiledRow *dlca_hand_life_avx2(void) {
    return NULL;
}

#endif
