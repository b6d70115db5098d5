/* hand_life_avx512.c - hand_life.h on 64-byte registers, three-input logic in one instruction. */
#include "hand_life.h"

#if defined(__AVX512F__)

#include <immintrin.h>

/* vpternlog looks up bit (4 a + 2 b + c) of its constant; these are a, b and c. */
enum { A = 0xf0, B = 0xcc, C = 0xaa };

#define LOGIC(a, b, c, table) _mm512_ternarylogic_epi64(a, b, c, (table)&0xff)
#define VECTOR __m512i
#define LANES 8
#define LOAD(p) _mm512_load_si512(p)
#define STORE(p, v) _mm512_store_si512(p, v)
#define XOR3(a, b, c) LOGIC(a, b, c, A ^ B ^ C)
#define MAJORITY(a, b, c) LOGIC(a, b, c, (A & B) | (A & C) | (B & C))
#define NEXT(low, x, m, k, cell) next_of(low, x, m, k, cell)
#define FUNCTION dlca_hand_life_avx512

/* Three: low, and k + x is 1 with no m. Four with the cell: not low, and k + x is 0 with m, or 2 without. */
static inline __m512i next_of(__m512i low, __m512i x, __m512i m, __m512i k, __m512i cell) {
    const __m512i one = LOGIC(x, k, m, (A ^ B) & ~C), two = LOGIC(x, k, m, ~(A ^ B) & (A ^ C));
    const __m512i four = LOGIC(two, cell, low, A & B & ~C);
    return LOGIC(low, one, four, (A & B) | C);
}

#include "hand_life_template.h"

#else

DlcaCompiledRow *dlca_hand_life_avx512(void) {
    return NULL;
}

#endif
