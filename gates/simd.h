/* simd.h - sixteen lanes of f32 on every instruction set: the few operations that the kernels are written in.
 *
 * A file that instantiates the kernels defines one of DLCA_SIMD_SCALAR, _AVX2, _AVX512, _NEON and includes this. V16 is
 * one 512-bit register, two of 256, four of 128, or an array. Every operation is correctly rounded and lane by lane,
 * and the folds add lanes in one fixed tree (i + i+8, then +4, +2, +1), so that all instruction sets give the same
 * bytes. fma is explicit and the build forbids the compiler to contract. */
#ifndef DLCA_SIMD_H
#define DLCA_SIMD_H

#include <stdint.h>
#include <string.h>

enum { DLCA_LANES = 16 };

#if defined(DLCA_SIMD_AVX512)

#include <immintrin.h>

typedef __m512 V16;

static inline V16 v16_set(float x) { return _mm512_set1_ps(x); }
static inline V16 v16_load(const float *p) { return _mm512_loadu_ps(p); }
static inline void v16_store(float *p, V16 a) { _mm512_storeu_ps(p, a); }
static inline V16 v16_add(V16 a, V16 b) { return _mm512_add_ps(a, b); }
static inline V16 v16_sub(V16 a, V16 b) { return _mm512_sub_ps(a, b); }
static inline V16 v16_mul(V16 a, V16 b) { return _mm512_mul_ps(a, b); }
static inline V16 v16_div(V16 a, V16 b) { return _mm512_div_ps(a, b); }
static inline V16 v16_sqrt(V16 a) { return _mm512_sqrt_ps(a); }
static inline V16 v16_min(V16 a, V16 b) { return _mm512_min_ps(a, b); }
static inline V16 v16_max(V16 a, V16 b) { return _mm512_max_ps(a, b); }
/* a * b + c, rounded once */
static inline V16 v16_fma(V16 a, V16 b, V16 c) { return _mm512_fmadd_ps(a, b, c); }
/* a times 2^n where the low bits of `biased` (n + 1.5 * 2^23 as a float) hold n */
static inline V16 v16_scale(V16 a, V16 biased) {
    const __m512i exponent = _mm512_slli_epi32(_mm512_castps_si512(biased), 23);
    return _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(a), exponent));
}

/* Pairs (a_i + a_i+8) of two vectors side by side: eight of a, eight of b. */
static inline V16 fold_two(V16 a, V16 b) {
    return _mm512_add_ps(_mm512_shuffle_f32x4(a, b, 0x44), _mm512_shuffle_f32x4(a, b, 0xEE));
}

/* out[j] = fold of s_j */
static inline __m128 fold_four(V16 s0, V16 s1, V16 s2, V16 s3) {
    const __m512 a = fold_two(s0, s1), b = fold_two(s2, s3);
    /* 128-bit lanes: s0 s1 s2 s3, four partial sums each */
    const __m512 c = _mm512_add_ps(_mm512_shuffle_f32x4(a, b, 0x88), _mm512_shuffle_f32x4(a, b, 0xDD));
    const __m512 d = _mm512_add_ps(c, _mm512_permute_ps(c, 0x4E));
    const __m512 e = _mm512_add_ps(d, _mm512_permute_ps(d, 0xB1));
    /* every element of 128-bit lane j now holds the sum of s_j */
    const __m512i pick = _mm512_set_epi32(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 12, 8, 4, 0);
    return _mm512_castps512_ps128(_mm512_permutexvar_ps(pick, e));
}
static inline void v16_fold4_add(V16 s0, V16 s1, V16 s2, V16 s3, float *to) {
    _mm_storeu_ps(to, _mm_add_ps(_mm_loadu_ps(to), fold_four(s0, s1, s2, s3)));
}
static inline void v16_fold4(V16 s0, V16 s1, V16 s2, V16 s3, float *to) {
    _mm_storeu_ps(to, fold_four(s0, s1, s2, s3));
}

#elif defined(DLCA_SIMD_AVX2)

#include <immintrin.h>

typedef struct V16 {
    __m256 low, high;
} V16;

static inline V16 v16_set(float x) { return (V16){_mm256_set1_ps(x), _mm256_set1_ps(x)}; }
static inline V16 v16_load(const float *p) { return (V16){_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; }
static inline void v16_store(float *p, V16 a) {
    _mm256_storeu_ps(p, a.low);
    _mm256_storeu_ps(p + 8, a.high);
}
#define V16_BINARY(name, instruction)                                                                                  \
    static inline V16 name(V16 a, V16 b) {                                                                             \
        return (V16){instruction(a.low, b.low), instruction(a.high, b.high)};                                          \
    }
V16_BINARY(v16_add, _mm256_add_ps)
V16_BINARY(v16_sub, _mm256_sub_ps)
V16_BINARY(v16_mul, _mm256_mul_ps)
V16_BINARY(v16_div, _mm256_div_ps)
V16_BINARY(v16_min, _mm256_min_ps)
V16_BINARY(v16_max, _mm256_max_ps)
#undef V16_BINARY
static inline V16 v16_sqrt(V16 a) { return (V16){_mm256_sqrt_ps(a.low), _mm256_sqrt_ps(a.high)}; }
static inline V16 v16_fma(V16 a, V16 b, V16 c) {
    return (V16){_mm256_fmadd_ps(a.low, b.low, c.low), _mm256_fmadd_ps(a.high, b.high, c.high)};
}
static inline __m256 scale_half(__m256 a, __m256 biased) {
    const __m256i exponent = _mm256_slli_epi32(_mm256_castps_si256(biased), 23);
    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(a), exponent));
}
static inline V16 v16_scale(V16 a, V16 biased) {
    return (V16){scale_half(a.low, biased.low), scale_half(a.high, biased.high)};
}

static inline __m128 fold_four(V16 s0, V16 s1, V16 s2, V16 s3) {
    const __m256 e0 = _mm256_add_ps(s0.low, s0.high), e1 = _mm256_add_ps(s1.low, s1.high);
    const __m256 e2 = _mm256_add_ps(s2.low, s2.high), e3 = _mm256_add_ps(s3.low, s3.high);
    /* four partial sums (i + i+4) of two vectors side by side */
    const __m256 f0 = _mm256_add_ps(_mm256_permute2f128_ps(e0, e1, 0x20), _mm256_permute2f128_ps(e0, e1, 0x31));
    const __m256 f1 = _mm256_add_ps(_mm256_permute2f128_ps(e2, e3, 0x20), _mm256_permute2f128_ps(e2, e3, 0x31));
    const __m256 g0 = _mm256_add_ps(f0, _mm256_permute_ps(f0, 0x4E));
    const __m256 g1 = _mm256_add_ps(f1, _mm256_permute_ps(f1, 0x4E));
    const __m256 h0 = _mm256_add_ps(g0, _mm256_permute_ps(g0, 0xB1));
    const __m256 h1 = _mm256_add_ps(g1, _mm256_permute_ps(g1, 0xB1));
    const __m128 low = _mm_unpacklo_ps(_mm256_castps256_ps128(h0), _mm256_extractf128_ps(h0, 1));
    const __m128 high = _mm_unpacklo_ps(_mm256_castps256_ps128(h1), _mm256_extractf128_ps(h1, 1));
    return _mm_movelh_ps(low, high);
}
static inline void v16_fold4_add(V16 s0, V16 s1, V16 s2, V16 s3, float *to) {
    _mm_storeu_ps(to, _mm_add_ps(_mm_loadu_ps(to), fold_four(s0, s1, s2, s3)));
}
static inline void v16_fold4(V16 s0, V16 s1, V16 s2, V16 s3, float *to) {
    _mm_storeu_ps(to, fold_four(s0, s1, s2, s3));
}

#elif defined(DLCA_SIMD_NEON)

#include <arm_neon.h>

typedef struct V16 {
    float32x4_t q[4];
} V16;

#define V16_MAP(expression)                                                                                            \
    V16 r;                                                                                                             \
    for (int i = 0; i < 4; i++) {                                                                                      \
        r.q[i] = (expression);                                                                                         \
    }                                                                                                                  \
    return r

static inline V16 v16_set(float x) { V16_MAP(vdupq_n_f32(x)); }
static inline V16 v16_load(const float *p) { V16_MAP(vld1q_f32(p + 4 * i)); }
static inline void v16_store(float *p, V16 a) {
    for (int i = 0; i < 4; i++) {
        vst1q_f32(p + 4 * i, a.q[i]);
    }
}
static inline V16 v16_add(V16 a, V16 b) { V16_MAP(vaddq_f32(a.q[i], b.q[i])); }
static inline V16 v16_sub(V16 a, V16 b) { V16_MAP(vsubq_f32(a.q[i], b.q[i])); }
static inline V16 v16_mul(V16 a, V16 b) { V16_MAP(vmulq_f32(a.q[i], b.q[i])); }
static inline V16 v16_div(V16 a, V16 b) { V16_MAP(vdivq_f32(a.q[i], b.q[i])); }
static inline V16 v16_min(V16 a, V16 b) { V16_MAP(vminq_f32(a.q[i], b.q[i])); }
static inline V16 v16_max(V16 a, V16 b) { V16_MAP(vmaxq_f32(a.q[i], b.q[i])); }
static inline V16 v16_sqrt(V16 a) { V16_MAP(vsqrtq_f32(a.q[i])); }
static inline V16 v16_fma(V16 a, V16 b, V16 c) { V16_MAP(vfmaq_f32(c.q[i], a.q[i], b.q[i])); }
static inline float32x4_t scale_quarter(float32x4_t a, float32x4_t biased) {
    const int32x4_t exponent = vshlq_n_s32(vreinterpretq_s32_f32(biased), 23);
    return vreinterpretq_f32_s32(vaddq_s32(vreinterpretq_s32_f32(a), exponent));
}
static inline V16 v16_scale(V16 a, V16 biased) { V16_MAP(scale_quarter(a.q[i], biased.q[i])); }
#undef V16_MAP

static inline float fold_one(V16 a) {
    const float32x4_t four = vaddq_f32(vaddq_f32(a.q[0], a.q[2]), vaddq_f32(a.q[1], a.q[3]));
    const float32x2_t two = vadd_f32(vget_low_f32(four), vget_high_f32(four));
    return vget_lane_f32(two, 0) + vget_lane_f32(two, 1);
}

#else

#include <math.h>

typedef struct V16 {
    float lane[16];
} V16;

#define V16_MAP(expression)                                                                                            \
    V16 r;                                                                                                             \
    for (int i = 0; i < DLCA_LANES; i++) {                                                                             \
        r.lane[i] = (expression);                                                                                      \
    }                                                                                                                  \
    return r

static inline V16 v16_set(float x) { V16_MAP(x); }
static inline V16 v16_load(const float *p) { V16_MAP(p[i]); }
static inline void v16_store(float *p, V16 a) { memcpy(p, a.lane, sizeof a.lane); }
static inline V16 v16_add(V16 a, V16 b) { V16_MAP(a.lane[i] + b.lane[i]); }
static inline V16 v16_sub(V16 a, V16 b) { V16_MAP(a.lane[i] - b.lane[i]); }
static inline V16 v16_mul(V16 a, V16 b) { V16_MAP(a.lane[i] * b.lane[i]); }
static inline V16 v16_div(V16 a, V16 b) { V16_MAP(a.lane[i] / b.lane[i]); }
static inline V16 v16_min(V16 a, V16 b) { V16_MAP(a.lane[i] < b.lane[i] ? a.lane[i] : b.lane[i]); }
static inline V16 v16_max(V16 a, V16 b) { V16_MAP(a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i]); }
static inline V16 v16_sqrt(V16 a) { V16_MAP(sqrtf(a.lane[i])); }
static inline V16 v16_fma(V16 a, V16 b, V16 c) { V16_MAP(fmaf(a.lane[i], b.lane[i], c.lane[i])); }
static inline float scale_lane(float a, float biased) {
    uint32_t bits, exponent;
    memcpy(&bits, &a, sizeof bits);
    memcpy(&exponent, &biased, sizeof exponent);
    bits += exponent << 23;
    memcpy(&a, &bits, sizeof a);
    return a;
}
static inline V16 v16_scale(V16 a, V16 biased) { V16_MAP(scale_lane(a.lane[i], biased.lane[i])); }
#undef V16_MAP

static inline float fold_one(V16 a) {
    for (int half = 8; half > 0; half /= 2) {
        for (int i = 0; i < half; i++) {
            a.lane[i] += a.lane[i + half];
        }
    }
    return a.lane[0];
}

#endif

#if !defined(DLCA_SIMD_AVX512) && !defined(DLCA_SIMD_AVX2)
static inline void v16_fold4(V16 s0, V16 s1, V16 s2, V16 s3, float *to) {
    to[0] = fold_one(s0);
    to[1] = fold_one(s1);
    to[2] = fold_one(s2);
    to[3] = fold_one(s3);
}
static inline void v16_fold4_add(V16 s0, V16 s1, V16 s2, V16 s3, float *to) {
    to[0] += fold_one(s0);
    to[1] += fold_one(s1);
    to[2] += fold_one(s2);
    to[3] += fold_one(s3);
}
#endif

#endif
