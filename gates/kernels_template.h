/* kernels_template.h - the kernels of kernels.h, written once; kernels_<isa>.c includes it with one of DLCA_SIMD_*
 * defined and DLCA_KERNELS_NAME the name of the function that returns the table.
 *
 * Forward and backward of one thing stand next to each other. Nothing here knows the instruction set. */
#include "gate_math.h"
#include "kernels.h"

#include <string.h>

enum { TILE_VECTORS = DLCA_TILE / DLCA_LANES };

/* ---- narrow layers: gates in trails, one tile of cells ---- */

static inline GateCoefficients coefficients_of(const float *c) {
    return (GateCoefficients){v16_set(c[0]), v16_set(c[1]), v16_set(c[2]), v16_set(c[3])};
}

static void forward_layer(const DlcaStep *steps, int32_t count, const float *coefficients, const float *in,
                          float *out) {
    V16 near[TILE_VECTORS];
    for (int v = 0; v < TILE_VECTORS; v++) {
        near[v] = v16_set(0.0f);
    }
    for (int32_t s = 0; s < count; s++) {
        const DlcaStep step = steps[s];
        const GateCoefficients c = coefficients_of(coefficients + 4 * (size_t)s);
        const float *far_row = in + (size_t)step.far * DLCA_TILE;
        float *out_row = out + (size_t)step.out * DLCA_TILE;
        if (step.flags & DLCA_STEP_FRESH) {
            const float *near_row = in + (size_t)step.near * DLCA_TILE;
            for (int v = 0; v < TILE_VECTORS; v++) {
                near[v] = v16_load(near_row + v * DLCA_LANES);
            }
        }
        for (int v = 0; v < TILE_VECTORS; v++) {
            const V16 far = v16_load(far_row + v * DLCA_LANES);
            v16_store(out_row + v * DLCA_LANES, gate_forward(c, near[v], far));
            near[v] = far;
        }
    }
}

static inline void store_gradient(float *row, V16 value, uint32_t adds) {
    v16_store(row, adds ? v16_add(v16_load(row), value) : value);
}

static void backward_layer(const DlcaStep *steps, int32_t count, const float *coefficients, const float *in,
                           const float *out_gradient, float *in_gradient, float *sums) {
    V16 near[TILE_VECTORS], carried[TILE_VECTORS]; /* carried: near's gradient so far along the trail */
    for (int v = 0; v < TILE_VECTORS; v++) {
        near[v] = carried[v] = v16_set(0.0f);
    }
    for (int32_t s = 0; s < count; s++) {
        const DlcaStep step = steps[s];
        const float *c = coefficients + 4 * (size_t)s;
        const V16 c1 = v16_set(c[1]), c2 = v16_set(c[2]), c3 = v16_set(c[3]);
        const float *far_row = in + (size_t)step.far * DLCA_TILE;
        const float *g_row = out_gradient + (size_t)step.out * DLCA_TILE;
        float *near_gradient = in_gradient + (size_t)step.near * DLCA_TILE;
        if (step.flags & DLCA_STEP_FRESH) {
            const float *near_row = in + (size_t)step.near * DLCA_TILE;
            for (int v = 0; v < TILE_VECTORS; v++) {
                near[v] = v16_load(near_row + v * DLCA_LANES);
                carried[v] = v16_set(0.0f);
            }
        }
        GateSums sum = {v16_set(0.0f), v16_set(0.0f), v16_set(0.0f), v16_set(0.0f)};
        for (int v = 0; v < TILE_VECTORS; v++) {
            const V16 far = v16_load(far_row + v * DLCA_LANES);
            const V16 g = v16_load(g_row + v * DLCA_LANES);
            gate_sum(&sum, near[v], far, g);
            store_gradient(near_gradient + v * DLCA_LANES, gate_input_gradient(c1, c3, far, g, carried[v]),
                           step.flags & DLCA_STEP_NEAR_ADDS);
            carried[v] = v16_mul(g, v16_fma(c3, near[v], c2));
            near[v] = far;
        }
        v16_fold4_add(sum.g, sum.ga, sum.gb, sum.gab, sums + 4 * (size_t)s);
        if (step.flags & DLCA_STEP_LAST) {
            float *far_gradient = in_gradient + (size_t)step.far * DLCA_TILE;
            for (int v = 0; v < TILE_VECTORS; v++) {
                store_gradient(far_gradient + v * DLCA_LANES, carried[v], step.flags & DLCA_STEP_FAR_ADDS);
            }
        }
    }
}

/* ---- wide layers: few gates, many lanes ---- */

static void forward_rows(const DlcaPair *pairs, int32_t count, const float *coefficients, const float *in,
                         size_t in_pitch, float *out, size_t out_pitch, int32_t vectors) {
    for (int32_t p = 0; p < count; p++) {
        const GateCoefficients c = coefficients_of(coefficients + 4 * (size_t)p);
        const float *a = in + (size_t)pairs[p].a * in_pitch;
        const float *b = in + (size_t)pairs[p].b * in_pitch;
        float *to = out + (size_t)pairs[p].out * out_pitch;
        for (int32_t v = 0; v < vectors; v++) {
            v16_store(to + v * DLCA_LANES, gate_forward(c, v16_load(a + v * DLCA_LANES), v16_load(b + v * DLCA_LANES)));
        }
    }
}

/* a's row is stored before b's is read: they may be the same one. */
static inline void backward_pair(const float *c, const float *a, const float *b, const float *g_row, float *a_gradient,
                                 float *b_gradient, bool a_adds, bool b_adds, int32_t vectors, float *sums) {
    const V16 c1 = v16_set(c[1]), c2 = v16_set(c[2]), c3 = v16_set(c[3]), zero = v16_set(0.0f);
    GateSums sum = {zero, zero, zero, zero};
    for (int32_t v = 0; v < vectors; v++) {
        const int32_t at = v * DLCA_LANES;
        const V16 va = v16_load(a + at), vb = v16_load(b + at), g = v16_load(g_row + at);
        gate_sum(&sum, va, vb, g);
        v16_store(a_gradient + at, gate_input_gradient(c1, c3, vb, g, a_adds ? v16_load(a_gradient + at) : zero));
        v16_store(b_gradient + at, gate_input_gradient(c2, c3, va, g, b_adds ? v16_load(b_gradient + at) : zero));
    }
    v16_fold4_add(sum.g, sum.ga, sum.gb, sum.gab, sums);
}

static void backward_rows(const DlcaPair *pairs, int32_t count, const float *coefficients, const float *in,
                          const float *out_gradient, size_t out_pitch, float *in_gradient, size_t in_pitch,
                          int32_t vectors, float *sums) {
    for (int32_t p = 0; p < count; p++) {
        const DlcaPair pair = pairs[p];
        const float *c = coefficients + 4 * (size_t)p, *a = in + (size_t)pair.a * in_pitch;
        const float *b = in + (size_t)pair.b * in_pitch, *g = out_gradient + (size_t)pair.out * out_pitch;
        float *da = in_gradient + (size_t)pair.a * in_pitch, *db = in_gradient + (size_t)pair.b * in_pitch;
        float *sum = sums + 4 * (size_t)p;
        /* four copies of the loop, so that the flags cost nothing inside */
        switch (pair.flags & (DLCA_PAIR_A_ADDS | DLCA_PAIR_B_ADDS)) {
        case 0:
            backward_pair(c, a, b, g, da, db, false, false, vectors, sum);
            break;
        case DLCA_PAIR_A_ADDS:
            backward_pair(c, a, b, g, da, db, true, false, vectors, sum);
            break;
        case DLCA_PAIR_B_ADDS:
            backward_pair(c, a, b, g, da, db, false, true, vectors, sum);
            break;
        default:
            backward_pair(c, a, b, g, da, db, true, true, vectors, sum);
        }
    }
}

/* ---- moving rows ---- */

static void gather(const DlcaSegment *segments, int32_t count, const float *from, size_t source_pitch, int32_t rows,
                   float *to) {
    for (int32_t r = 0; r < rows; r++, from += source_pitch, to += DLCA_TILE) {
        for (int32_t s = 0; s < count; s++) {
            v16_store(to + segments[s].lane, v16_load(from + segments[s].source));
        }
    }
}

static void gather_add(const DlcaSegment *segments, int32_t count, const float *from, float *to) {
    float row[DLCA_TILE + DLCA_LANES];
    gather(segments, count, from, 0, 1, row);
    for (int v = 0; v < TILE_VECTORS; v++) {
        const int at = v * DLCA_LANES;
        v16_store(to + at, v16_add(v16_load(to + at), v16_load(row + at)));
    }
}

/* ---- parameters: sixteen logits are sixteen lanes ---- */

/* e^x for x <= 0, below 2 units in the last place. x = n ln 2 + r with |r| <= ln 2 / 2; e^r by its Taylor polynomial to
 * r^7 (next term below 6e-9), n put into the exponent. Below -87 it stays at e^-87. */
static inline V16 exp_nonpositive(V16 x) {
    const V16 shift = v16_set(12582912.0f); /* 1.5 * 2^23: adding it rounds to an integer held in the low bits */
    x = v16_max(x, v16_set(-87.0f));
    const V16 biased = v16_fma(x, v16_set(1.44269504088896341f), shift);
    const V16 n = v16_sub(biased, shift);
    V16 r =
        v16_fma(n, v16_set(-0.693359375f), x); /* ln 2 in two parts: the first has 9 bits, so the product is exact */
    r = v16_fma(n, v16_set(2.12194440e-4f), r);
    V16 e = v16_set(1.0f / 5040.0f);
    e = v16_fma(e, r, v16_set(1.0f / 720.0f));
    e = v16_fma(e, r, v16_set(1.0f / 120.0f));
    e = v16_fma(e, r, v16_set(1.0f / 24.0f));
    e = v16_fma(e, r, v16_set(1.0f / 6.0f));
    e = v16_fma(e, r, v16_set(0.5f));
    e = v16_fma(e, r, v16_set(1.0f));
    e = v16_fma(e, r, v16_set(1.0f));
    return v16_scale(e, biased);
}

static inline float largest(const float *values) {
    float most = values[0];
    for (int i = 1; i < DLCA_OPS; i++) {
        most = values[i] > most ? values[i] : most;
    }
    return most;
}

static inline void table_columns(V16 k[4]) {
    for (int j = 0; j < DLCA_COEFFICIENTS; j++) {
        float column[DLCA_OPS];
        for (int op = 0; op < DLCA_OPS; op++) {
            column[op] = dlca_op_coefficients[op][j];
        }
        k[j] = v16_load(column);
    }
}

static void softmax(const float *logits, int64_t gates, float *probability, float *coefficients) {
    V16 k[4];
    table_columns(k);
    for (int64_t g = 0; g < gates; g++) {
        const float *x = logits + g * DLCA_OPS;
        const V16 e = exp_nonpositive(v16_sub(v16_load(x), v16_set(largest(x))));
        float total[4];
        v16_fold4(e, e, e, e, total);
        const V16 p = v16_div(e, v16_set(total[0]));
        v16_store(probability + g * DLCA_OPS, p);
        v16_fold4(v16_mul(p, k[0]), v16_mul(p, k[1]), v16_mul(p, k[2]), v16_mul(p, k[3]), coefficients + 4 * g);
    }
}

static void expand(const float *probability, const float *sums, int64_t gates, float *gradient) {
    V16 k[4];
    table_columns(k);
    for (int64_t g = 0; g < gates; g++) {
        const float *s = sums + 4 * g;
        V16 v = v16_mul(k[0], v16_set(s[0]));
        v = v16_fma(k[1], v16_set(s[1]), v);
        v = v16_fma(k[2], v16_set(s[2]), v);
        v = v16_fma(k[3], v16_set(s[3]), v);
        const V16 p = v16_load(probability + g * DLCA_OPS);
        const V16 weighted = v16_mul(p, v);
        float mean[4];
        v16_fold4(weighted, weighted, weighted, weighted, mean);
        v16_store(gradient + g * DLCA_OPS, v16_mul(p, v16_sub(v, v16_set(mean[0]))));
    }
}

static void adamw(const DlcaAdamWStep *step, int64_t count, const float *gradient, float *logits, float *m, float *v) {
    const V16 clip = v16_set(step->clip), minus_clip = v16_set(-step->clip);
    const V16 b1 = v16_set(step->b1), rest1 = v16_set(1.0f - step->b1);
    const V16 b2 = v16_set(step->b2), rest2 = v16_set(1.0f - step->b2);
    const V16 correction1 = v16_set(step->correction1), correction2 = v16_set(step->correction2);
    const V16 epsilon = v16_set(step->epsilon), decay = v16_set(step->decay), minus_rate = v16_set(-step->rate);
    for (int64_t i = 0; i < count; i += DLCA_LANES) {
        const V16 g = v16_min(v16_max(v16_load(gradient + i), minus_clip), clip);
        const V16 new_m = v16_fma(b1, v16_load(m + i), v16_mul(rest1, g));
        const V16 new_v = v16_fma(b2, v16_load(v + i), v16_mul(rest2, v16_mul(g, g)));
        v16_store(m + i, new_m);
        v16_store(v + i, new_v);
        const V16 root = v16_add(v16_sqrt(v16_div(new_v, correction2)), epsilon);
        const V16 x = v16_load(logits + i);
        const V16 move = v16_fma(decay, x, v16_div(v16_div(new_m, correction1), root));
        v16_store(logits + i, v16_fma(minus_rate, move, x));
    }
}

/* ---- the machine's peak ---- */

static float fma_peak(int64_t rounds) {
    /* Sixteen accumulators hide the latency of 4 to 5 cycles on two pipes; a factor just below 1 keeps them finite. */
    V16 sum[DLCA_LANES];
    for (int i = 0; i < DLCA_LANES; i++) {
        sum[i] = v16_set((float)i);
    }
    const V16 factor = v16_set(0.999f), term = v16_set(0.001f);
    for (int64_t r = 0; r < rounds; r++) {
        for (int i = 0; i < DLCA_LANES; i++) {
            sum[i] = v16_fma(sum[i], factor, term);
        }
    }
    float row[DLCA_LANES], total = 0.0f;
    for (int i = 0; i < DLCA_LANES; i++) {
        v16_store(row, sum[i]);
        total += row[0];
    }
    return total;
}

static float read_peak(const float *from, int64_t count, int64_t rounds) {
    V16 sum[8]; /* as many as additions are under way */
    for (int i = 0; i < 8; i++) {
        sum[i] = v16_set(0.0f);
    }
    for (int64_t r = 0; r < rounds; r++) {
        for (int64_t at = 0; at < count; at += 8 * DLCA_LANES) {
            for (int i = 0; i < 8; i++) {
                sum[i] = v16_add(sum[i], v16_load(from + at + i * DLCA_LANES));
            }
        }
    }
    float row[DLCA_LANES], total = 0.0f;
    for (int i = 0; i < 8; i++) {
        v16_store(row, sum[i]);
        total += row[0];
    }
    return total;
}

const DlcaKernels *DLCA_KERNELS_NAME(void) {
    static const DlcaKernels table = {forward_layer, backward_layer, forward_rows, backward_rows, gather,   gather_add,
                                      softmax,       expand,         adamw,        fma_peak,      read_peak};
    return &table;
}
