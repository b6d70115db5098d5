/* fold.h - sums over sixteen lanes, on every instruction set by the same tree: i + i+8, then +4, +2, +1.
 *
 * A gate's gradient has four sums. They are folded for four gates together, because a transposing fold needs fewer
 * shuffles: fold_gate takes one gate's sums (for each, the machine's own vectors that make up sixteen lanes) as far as
 * it can alone, fold_block ends the work of four gates and adds it to sixteen floats [sum][gate]. Each step adds two
 * vectors that hold the halves of two sums crosswise, [x.low | y.high] + [x.high | y.low]: one blend, one shuffle and
 * one addition for two sums. Include simd.h first. Leaves alone: what the sums are of. */
#ifndef DLCA_FOLD_H
#define DLCA_FOLD_H

/* Sums of a gate, and gates of a block. */
enum { FOLD_SUMS = 4, FOLD_GATES = 4 };

#if defined(DLCA_SIMD_AVX512)

typedef struct Folded {
    Vec sums; /* 128 bits of each sum, four lanes left */
} Folded;

static inline Vec fold_halves(Vec x, Vec y) {
    return vec_add(_mm512_mask_blend_ps(0xFF00, x, y), _mm512_shuffle_f32x4(x, y, 0x4E));
}

static inline Folded fold_gate(const Vec s[FOLD_SUMS][PARTS]) {
    const Vec a = fold_halves(s[0][0], s[1][0]), b = fold_halves(s[2][0], s[3][0]);
    return (Folded){vec_add(_mm512_shuffle_f32x4(a, b, 0x88), _mm512_shuffle_f32x4(a, b, 0xDD))};
}

static inline Vec fold_two_gates(Folded x, Folded y) {
    return vec_add(_mm512_mask_blend_ps(0xCCCC, x.sums, y.sums), _mm512_shuffle_ps(x.sums, y.sums, 0x4E));
}

static inline void fold_block(const Folded gate[FOLD_GATES], float *to) {
    const Vec a = fold_two_gates(gate[0], gate[1]), b = fold_two_gates(gate[2], gate[3]);
    const Vec sums = vec_add(_mm512_shuffle_ps(a, b, 0x88), _mm512_shuffle_ps(a, b, 0xDD));
    vec_store(to, vec_add(vec_load(to), sums));
}

#elif defined(DLCA_SIMD_AVX2)

typedef struct Folded {
    Vec sums[2]; /* 128 bits of each sum, four lanes left */
} Folded;

static inline Vec fold_halves(Vec x, Vec y) {
    return vec_add(_mm256_blend_ps(x, y, 0xF0), _mm256_permute2f128_ps(x, y, 0x21));
}

static inline Folded fold_gate(const Vec s[FOLD_SUMS][PARTS]) {
    const Vec s0 = vec_add(s[0][0], s[0][1]), s1 = vec_add(s[1][0], s[1][1]);
    const Vec s2 = vec_add(s[2][0], s[2][1]), s3 = vec_add(s[3][0], s[3][1]);
    return (Folded){{fold_halves(s0, s1), fold_halves(s2, s3)}};
}

static inline Vec fold_two_gates(Vec x, Vec y) {
    return vec_add(_mm256_blend_ps(x, y, 0xCC), _mm256_shuffle_ps(x, y, 0x4E));
}

static inline void fold_block(const Folded gate[FOLD_GATES], float *to) {
    for (int half = 0; half < 2; half++, to += 2 * FOLD_GATES) {
        const Vec a = fold_two_gates(gate[0].sums[half], gate[1].sums[half]);
        const Vec b = fold_two_gates(gate[2].sums[half], gate[3].sums[half]);
        const Vec sums = vec_add(_mm256_shuffle_ps(a, b, 0x88), _mm256_shuffle_ps(a, b, 0xDD));
        vec_store(to, vec_add(vec_load(to), sums));
    }
}

#elif defined(DLCA_SIMD_NEON)

typedef struct Folded {
    Vec sums[FOLD_SUMS]; /* four lanes left of each */
} Folded;

static inline Folded fold_gate(const Vec s[FOLD_SUMS][PARTS]) {
    Folded folded;
    for (int j = 0; j < FOLD_SUMS; j++) {
        folded.sums[j] = vec_add(vec_add(s[j][0], s[j][2]), vec_add(s[j][1], s[j][3]));
    }
    return folded;
}

static inline float32x2_t fold_two_lanes(Vec x) {
    return vadd_f32(vget_low_f32(x), vget_high_f32(x));
}

static inline void fold_block(const Folded gate[FOLD_GATES], float *to) {
    for (int j = 0; j < FOLD_SUMS; j++, to += FOLD_GATES) {
        const Vec a = vcombine_f32(fold_two_lanes(gate[0].sums[j]), fold_two_lanes(gate[1].sums[j]));
        const Vec b = vcombine_f32(fold_two_lanes(gate[2].sums[j]), fold_two_lanes(gate[3].sums[j]));
        vec_store(to, vec_add(vec_load(to), vpaddq_f32(a, b)));
    }
}

#else

typedef struct Folded {
    float sums[FOLD_SUMS];
} Folded;

DLCA_INLINE Folded fold_gate(const Vec s[FOLD_SUMS][PARTS]) {
    Folded folded;
    for (int j = 0; j < FOLD_SUMS; j++) {
        Vec lane[PARTS];
        memcpy(lane, s[j], sizeof lane);
        for (int half = PARTS / 2; half > 0; half /= 2) {
            for (int i = 0; i < half; i++) {
                lane[i] = vec_add(lane[i], lane[i + half]);
            }
        }
        folded.sums[j] = lane[0];
    }
    return folded;
}

DLCA_INLINE void fold_block(const Folded gate[FOLD_GATES], float *to) {
    for (int j = 0; j < FOLD_SUMS; j++) {
        for (int g = 0; g < FOLD_GATES; g++) {
            to[j * FOLD_GATES + g] = vec_add(to[j * FOLD_GATES + g], gate[g].sums[j]);
        }
    }
}

#endif

#endif
