/* kernels_parameters.h - what is done to logits once per update: sixteen logits are sixteen lanes. Part of
 * kernels_template.h and of the CUDA kernels (gpu/), so it is both C and C++. */

/* Sixteen lanes as the machine's own vectors. */
typedef struct Sixteen {
    Vec part[PARTS];
} Sixteen;

#define SIXTEEN_MAP(expression)        \
    Sixteen result;                    \
    for (int p = 0; p < PARTS; p++) {  \
        result.part[p] = (expression); \
    }                                  \
    return result

ALWAYS_INLINE Sixteen sixteen_load(const float *from) {
    SIXTEEN_MAP(vec_load(from + p * VEC_LANES));
}

ALWAYS_INLINE void sixteen_store(float *to, Sixteen x) {
    for (int p = 0; p < PARTS; p++) {
        vec_store(to + p * VEC_LANES, x.part[p]);
    }
}

ALWAYS_INLINE Sixteen sixteen_mul(Sixteen a, Sixteen b) {
    SIXTEEN_MAP(vec_mul(a.part[p], b.part[p]));
}

/* The folds of four vectors; to is overwritten. */
ALWAYS_INLINE void sixteen_fold(const Sixteen x[FOLD_SUMS], float to[FOLD_SUMS]) {
    Vec sums[FOLD_SUMS][PARTS];
    for (int j = 0; j < FOLD_SUMS; j++) {
        memcpy(sums[j], x[j].part, sizeof sums[j]);
    }
    Folded folded[FOLD_GATES] = {fold_gate((const Vec(*)[PARTS])sums)};
    float block[FOLD_SUMS * FOLD_GATES] = {0};
    fold_block(folded, block);
    for (int j = 0; j < FOLD_SUMS; j++) {
        to[j] = block[j * FOLD_GATES];
    }
}

/* The fold of one vector, four times. */
ALWAYS_INLINE void sixteen_fold_one(Sixteen x, float to[FOLD_SUMS]) {
    const Sixteen same[FOLD_SUMS] = {x, x, x, x};
    sixteen_fold(same, to);
}

/* e^x for x <= 0, below 2 units in the last place. x = n ln 2 + r with |r| <= ln 2 / 2; e^r by its Taylor polynomial to
 * r^7 (next term below 6e-9), n put into the exponent. Below -87 it stays at e^-87. */
ALWAYS_INLINE Vec exp_nonpositive(Vec x) {
    const Vec shift = vec_set(12582912.0f); /* 1.5 * 2^23: adding it rounds to an integer held in the low bits */
    x = vec_max(x, vec_set(-87.0f));
    const Vec biased = vec_fma(x, vec_set(1.44269504088896341f), shift);
    const Vec n = vec_sub(biased, shift);
    Vec r =
        vec_fma(n, vec_set(-0.693359375f), x); /* ln 2 in two parts: the first has 9 bits, so the product is exact */
    r = vec_fma(n, vec_set(2.12194440e-4f), r);
    Vec e = vec_set(1.0f / 5040.0f);
    e = vec_fma(e, r, vec_set(1.0f / 720.0f));
    e = vec_fma(e, r, vec_set(1.0f / 120.0f));
    e = vec_fma(e, r, vec_set(1.0f / 24.0f));
    e = vec_fma(e, r, vec_set(1.0f / 6.0f));
    e = vec_fma(e, r, vec_set(0.5f));
    e = vec_fma(e, r, vec_set(1.0f));
    e = vec_fma(e, r, vec_set(1.0f));
    return vec_scale(e, biased);
}

ALWAYS_INLINE Sixteen exp_below(Sixteen x, float most) {
    SIXTEEN_MAP(exp_nonpositive(vec_sub(x.part[p], vec_set(most))));
}

ALWAYS_INLINE float largest(const float *values) {
    float most = values[0];
    for (int i = 1; i < DLCA_OPS; i++) {
        most = values[i] > most ? values[i] : most;
    }
    return most;
}

ALWAYS_INLINE void table_columns(Sixteen k[DLCA_COEFFICIENTS]) {
    for (int j = 0; j < DLCA_COEFFICIENTS; j++) {
        float column[DLCA_OPS];
        for (int op = 0; op < DLCA_OPS; op++) {
            column[op] = dlca_op_coefficients[op][j];
        }
        k[j] = sixteen_load(column);
    }
}

ALWAYS_INLINE Sixteen divided(Sixteen x, float by) {
    SIXTEEN_MAP(vec_div(x.part[p], vec_set(by)));
}

KERNEL void softmax(const float *logits, int64_t gates, float *probability, float *coefficients) {
    Sixteen k[4];
    table_columns(k);
    for (int64_t g = 0; g < gates; g++) {
        const float *x = logits + g * DLCA_OPS;
        const Sixteen e = exp_below(sixteen_load(x), largest(x));
        float total[4];
        sixteen_fold_one(e, total);
        const Sixteen p = divided(e, total[0]);
        sixteen_store(probability + g * DLCA_OPS, p);
        const Sixteen terms[4] = {sixteen_mul(p, k[0]), sixteen_mul(p, k[1]), sixteen_mul(p, k[2]),
                                  sixteen_mul(p, k[3])};
        sixteen_fold(terms, coefficients + 4 * g);
    }
}

/* K . sums */
ALWAYS_INLINE Sixteen gradient_of_probabilities(const Sixteen k[4], const float s[4]) {
    SIXTEEN_MAP(vec_fma(k[3].part[p], vec_set(s[3]),
                        vec_fma(k[2].part[p], vec_set(s[2]),
                                vec_fma(k[1].part[p], vec_set(s[1]), vec_mul(k[0].part[p], vec_set(s[0]))))));
}

ALWAYS_INLINE Sixteen gradient_of_logits(Sixteen probability, Sixteen v, float mean) {
    SIXTEEN_MAP(vec_mul(probability.part[p], vec_sub(v.part[p], vec_set(mean))));
}

KERNEL void expand(const float *probability, const float *sums, int64_t gates, float *gradient) {
    Sixteen k[4];
    table_columns(k);
    for (int64_t g = 0; g < gates; g++) {
        const Sixteen v = gradient_of_probabilities(k, sums + 4 * g), p = sixteen_load(probability + g * DLCA_OPS);
        const Sixteen weighted = sixteen_mul(p, v);
        float mean[4];
        sixteen_fold_one(weighted, mean);
        sixteen_store(gradient + g * DLCA_OPS, gradient_of_logits(p, v, mean[0]));
    }
}

KERNEL void adamw(const DlcaAdamWStep *step, int64_t count, const float *gradient, float *logits, float *m, float *v) {
    const Vec clip = vec_set(step->clip), minus_clip = vec_set(-step->clip);
    const Vec b1 = vec_set(step->b1), rest1 = vec_set(1.0f - step->b1);
    const Vec b2 = vec_set(step->b2), rest2 = vec_set(1.0f - step->b2);
    const Vec correction1 = vec_set(step->correction1), correction2 = vec_set(step->correction2);
    const Vec epsilon = vec_set(step->epsilon), decay = vec_set(step->decay), minus_rate = vec_set(-step->rate);
    for (int64_t i = 0; i < count; i += VEC_LANES) {
        const Vec g = vec_min(vec_max(vec_load(gradient + i), minus_clip), clip);
        const Vec new_m = vec_fma(b1, vec_load(m + i), vec_mul(rest1, g));
        const Vec new_v = vec_fma(b2, vec_load(v + i), vec_mul(rest2, vec_mul(g, g)));
        vec_store(m + i, new_m);
        vec_store(v + i, new_v);
        const Vec root = vec_add(vec_sqrt(vec_div(new_v, correction2)), epsilon);
        const Vec x = vec_load(logits + i);
        const Vec move = vec_fma(decay, x, vec_div(vec_div(new_m, correction1), root));
        vec_store(logits + i, vec_fma(minus_rate, move, x));
    }
}

#undef SIXTEEN_MAP
