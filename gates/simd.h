/* simd.h - vectors of f32 on every instruction set: the few operations that the kernels are written in.
 *
 * A file that instantiates the kernels defines one of DLCA_SIMD_SCALAR, _AVX2, _AVX512, _NEON and includes this; a CUDA
 * thread is scalar. Vec is the machine's own vector of VEC_LANES lanes; sixteen lanes are PARTS of them. Every
 * operation is correctly rounded and lane by lane, fma is explicit and the build forbids the compiler to contract, so
 * that all instruction sets give the same bytes. Sums over lanes are in fold.h. A VecMask names lanes: those of vector
 * v in the bits from v VEC_LANES on. A load with it gives 0 in the others, whose memory need not be there; vec_or puts
 * such parts together. */
#ifndef DLCA_SIMD_H
#define DLCA_SIMD_H

#include "inline.h"

#include <stdint.h>
#include <string.h>

enum { DLCA_LANES = 16 };

#if defined(DLCA_SIMD_AVX512)

#include <immintrin.h>

typedef __m512 Vec;
enum { VEC_LANES = 16 };

static inline Vec vec_set(float x) {
    return _mm512_set1_ps(x);
}
static inline Vec vec_load(const float *p) {
    return _mm512_loadu_ps(p);
}
static inline void vec_store(float *p, Vec a) {
    _mm512_storeu_ps(p, a);
}
typedef __mmask16 VecMask;
static inline VecMask vec_mask(uint32_t lanes, int v) {
    return (VecMask)(lanes >> (16 * v));
}
static inline Vec vec_load_lanes(VecMask mask, const float *p) {
    return _mm512_maskz_loadu_ps(mask, p);
}
static inline Vec vec_or(Vec a, Vec b) {
    return _mm512_or_ps(a, b);
}
static inline Vec vec_gather(const float *from, const int32_t *index) {
    return _mm512_i32gather_ps(_mm512_loadu_si512(index), from, 4);
}
static inline Vec vec_add(Vec a, Vec b) {
    return _mm512_add_ps(a, b);
}
static inline Vec vec_sub(Vec a, Vec b) {
    return _mm512_sub_ps(a, b);
}
static inline Vec vec_mul(Vec a, Vec b) {
    return _mm512_mul_ps(a, b);
}
static inline Vec vec_div(Vec a, Vec b) {
    return _mm512_div_ps(a, b);
}
static inline Vec vec_sqrt(Vec a) {
    return _mm512_sqrt_ps(a);
}
static inline Vec vec_min(Vec a, Vec b) {
    return _mm512_min_ps(a, b);
}
static inline Vec vec_max(Vec a, Vec b) {
    return _mm512_max_ps(a, b);
}
/* a * b + c, rounded once */
static inline Vec vec_fma(Vec a, Vec b, Vec c) {
    return _mm512_fmadd_ps(a, b, c);
}
/* a times 2^n where the low bits of `biased` (n + 1.5 * 2^23 as a float) hold n */
static inline Vec vec_scale(Vec a, Vec biased) {
    const __m512i exponent = _mm512_slli_epi32(_mm512_castps_si512(biased), 23);
    return _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(a), exponent));
}

#elif defined(DLCA_SIMD_AVX2)

#include <immintrin.h>

typedef __m256 Vec;
enum { VEC_LANES = 8 };

static inline Vec vec_set(float x) {
    return _mm256_set1_ps(x);
}
static inline Vec vec_load(const float *p) {
    return _mm256_loadu_ps(p);
}
static inline void vec_store(float *p, Vec a) {
    _mm256_storeu_ps(p, a);
}
typedef __m256i VecMask;
static inline VecMask vec_mask(uint32_t lanes, int v) {
    const int first = 8 * v;
    const __m256i bit =
        _mm256_setr_epi32((int)(1u << first), (int)(2u << first), (int)(4u << first), (int)(8u << first),
                          (int)(16u << first), (int)(32u << first), (int)(64u << first), (int)(128u << first));
    return _mm256_cmpeq_epi32(_mm256_and_si256(_mm256_set1_epi32((int)lanes), bit), bit);
}
static inline Vec vec_load_lanes(VecMask mask, const float *p) {
    return _mm256_maskload_ps(p, mask);
}
static inline Vec vec_or(Vec a, Vec b) {
    return _mm256_or_ps(a, b);
}
static inline Vec vec_gather(const float *from, const int32_t *index) {
    return _mm256_i32gather_ps(from, _mm256_loadu_si256((const __m256i *)(const void *)index), 4);
}
static inline Vec vec_add(Vec a, Vec b) {
    return _mm256_add_ps(a, b);
}
static inline Vec vec_sub(Vec a, Vec b) {
    return _mm256_sub_ps(a, b);
}
static inline Vec vec_mul(Vec a, Vec b) {
    return _mm256_mul_ps(a, b);
}
static inline Vec vec_div(Vec a, Vec b) {
    return _mm256_div_ps(a, b);
}
static inline Vec vec_sqrt(Vec a) {
    return _mm256_sqrt_ps(a);
}
static inline Vec vec_min(Vec a, Vec b) {
    return _mm256_min_ps(a, b);
}
static inline Vec vec_max(Vec a, Vec b) {
    return _mm256_max_ps(a, b);
}
static inline Vec vec_fma(Vec a, Vec b, Vec c) {
    return _mm256_fmadd_ps(a, b, c);
}
static inline Vec vec_scale(Vec a, Vec biased) {
    const __m256i exponent = _mm256_slli_epi32(_mm256_castps_si256(biased), 23);
    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(a), exponent));
}

#elif defined(DLCA_SIMD_NEON)

#include <arm_neon.h>

typedef float32x4_t Vec;
enum { VEC_LANES = 4 };

static inline Vec vec_set(float x) {
    return vdupq_n_f32(x);
}
static inline Vec vec_load(const float *p) {
    return vld1q_f32(p);
}
static inline void vec_store(float *p, Vec a) {
    vst1q_f32(p, a);
}
typedef uint32_t VecMask;
static inline VecMask vec_mask(uint32_t lanes, int v) {
    return lanes >> (4 * v) & 15u;
}
static inline Vec vec_load_lanes(VecMask mask, const float *p) {
    float lane[4] = {0.0f, 0.0f, 0.0f, 0.0f};
    if (mask == 15u) {
        return vld1q_f32(p);
    }
    for (int i = 0; i < 4; i++) {
        if (mask >> i & 1u) {
            lane[i] = p[i];
        }
    }
    return vld1q_f32(lane);
}
static inline Vec vec_or(Vec a, Vec b) {
    return vreinterpretq_f32_u32(vorrq_u32(vreinterpretq_u32_f32(a), vreinterpretq_u32_f32(b)));
}
static inline Vec vec_gather(const float *from, const int32_t *index) {
    const float lane[4] = {from[index[0]], from[index[1]], from[index[2]], from[index[3]]};
    return vld1q_f32(lane);
}
static inline Vec vec_add(Vec a, Vec b) {
    return vaddq_f32(a, b);
}
static inline Vec vec_sub(Vec a, Vec b) {
    return vsubq_f32(a, b);
}
static inline Vec vec_mul(Vec a, Vec b) {
    return vmulq_f32(a, b);
}
static inline Vec vec_div(Vec a, Vec b) {
    return vdivq_f32(a, b);
}
static inline Vec vec_sqrt(Vec a) {
    return vsqrtq_f32(a);
}
static inline Vec vec_min(Vec a, Vec b) {
    return vminq_f32(a, b);
}
static inline Vec vec_max(Vec a, Vec b) {
    return vmaxq_f32(a, b);
}
static inline Vec vec_fma(Vec a, Vec b, Vec c) {
    return vfmaq_f32(c, a, b);
}
static inline Vec vec_scale(Vec a, Vec biased) {
    const int32x4_t exponent = vshlq_n_s32(vreinterpretq_s32_f32(biased), 23);
    return vreinterpretq_f32_s32(vaddq_s32(vreinterpretq_s32_f32(a), exponent));
}

#else

#include <math.h>

typedef float Vec;
enum { VEC_LANES = 1 };

/* A CUDA kernel's are intrinsics, which no option of its compiler can contract or make less exact. */
#if defined(__CUDACC__)
#define SCALAR_ADD(a, b) __fadd_rn(a, b)
#define SCALAR_SUB(a, b) __fsub_rn(a, b)
#define SCALAR_MUL(a, b) __fmul_rn(a, b)
#define SCALAR_DIV(a, b) __fdiv_rn(a, b)
#define SCALAR_SQRT(a) __fsqrt_rn(a)
#define SCALAR_FMA(a, b, c) __fmaf_rn(a, b, c)
#else
#define SCALAR_ADD(a, b) ((a) + (b))
#define SCALAR_SUB(a, b) ((a) - (b))
#define SCALAR_MUL(a, b) ((a) * (b))
#define SCALAR_DIV(a, b) ((a) / (b))
#define SCALAR_SQRT(a) sqrtf(a)
#define SCALAR_FMA(a, b, c) fmaf(a, b, c)
#endif

DLCA_INLINE Vec vec_set(float x) {
    return x;
}
DLCA_INLINE Vec vec_load(const float *p) {
    return *p;
}
DLCA_INLINE void vec_store(float *p, Vec a) {
    *p = a;
}
typedef uint32_t VecMask;
DLCA_INLINE VecMask vec_mask(uint32_t lanes, int v) {
    return lanes >> v & 1u;
}
DLCA_INLINE Vec vec_load_lanes(VecMask mask, const float *p) {
    return mask ? *p : 0.0f;
}
DLCA_INLINE Vec vec_or(Vec a, Vec b) {
    uint32_t bits, other;
    memcpy(&bits, &a, sizeof bits);
    memcpy(&other, &b, sizeof other);
    bits |= other;
    memcpy(&a, &bits, sizeof a);
    return a;
}
DLCA_INLINE Vec vec_gather(const float *from, const int32_t *index) {
    return from[*index];
}
DLCA_INLINE Vec vec_add(Vec a, Vec b) {
    return SCALAR_ADD(a, b);
}
DLCA_INLINE Vec vec_sub(Vec a, Vec b) {
    return SCALAR_SUB(a, b);
}
DLCA_INLINE Vec vec_mul(Vec a, Vec b) {
    return SCALAR_MUL(a, b);
}
DLCA_INLINE Vec vec_div(Vec a, Vec b) {
    return SCALAR_DIV(a, b);
}
DLCA_INLINE Vec vec_sqrt(Vec a) {
    return SCALAR_SQRT(a);
}
DLCA_INLINE Vec vec_min(Vec a, Vec b) {
    return a < b ? a : b;
}
DLCA_INLINE Vec vec_max(Vec a, Vec b) {
    return a > b ? a : b;
}
DLCA_INLINE Vec vec_fma(Vec a, Vec b, Vec c) {
    return SCALAR_FMA(a, b, c);
}
DLCA_INLINE Vec vec_scale(Vec a, Vec biased) {
    uint32_t bits, exponent;
    memcpy(&bits, &a, sizeof bits);
    memcpy(&exponent, &biased, sizeof exponent);
    bits += exponent << 23;
    memcpy(&a, &bits, sizeof a);
    return a;
}

#endif

enum { PARTS = DLCA_LANES / VEC_LANES };

#endif
