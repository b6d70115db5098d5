/* kernels_narrow.h - update layers: gates in trails over one tile of cells. Part of kernels_template.h.
 *
 * Each kernel is there twice, for whole tiles and for those of which the second half holds no cell: in what is inlined
 * `sixteens` is a constant. */

/* near: the row in registers, from the last step. */
ALWAYS_INLINE void forward_step(DlcaStep step, const float *coefficients, const float *in, float *out,
                                Vec near[TILE_VECS], const int sixteens) {
    const int vecs = sixteens * PARTS;
    const GateCoefficients c = coefficients_of(coefficients);
    const float *far_row = in + step.far;
    float *out_row = out + step.out;
    if (step.flags & DLCA_STEP_FRESH) {
        for (int v = 0; v < vecs; v++) {
            near[v] = vec_load(in + step.near + v * VEC_LANES);
        }
    }
    Vec far[TILE_VECS]; /* all loaded before any is stored: out may be the near row or the far row */
    for (int v = 0; v < vecs; v++) {
        far[v] = vec_load(far_row + v * VEC_LANES);
        vec_store(out_row + v * VEC_LANES, gate_forward(c, near[v], far[v]));
    }
    for (int v = 0; v < vecs; v++) {
        near[v] = far[v];
    }
}

/* Two steps at a time, so that near and far can change places without being moved. */
ALWAYS_INLINE void forward_steps(const DlcaStep *steps, int32_t count, const float *coefficients, const float *in,
                                 float *out, const int sixteens) {
    Vec near[TILE_VECS];
    for (int v = 0; v < TILE_VECS; v++) {
        near[v] = vec_set(0.0f);
    }
    int32_t s = 0;
    for (; s + 2 <= count; s += 2, coefficients += 8) {
        forward_step(steps[s], coefficients, in, out, near, sixteens);
        forward_step(steps[s + 1], coefficients + 4, in, out, near, sixteens);
    }
    if (s < count) {
        forward_step(steps[s], coefficients, in, out, near, sixteens);
    }
}

static void update_forward(const DlcaStep *steps, int32_t count, const float *coefficients, const float *in, float *out,
                           int32_t sixteens) {
    if (sixteens == 1) {
        forward_steps(steps, count, coefficients, in, out, 1);
    } else {
        forward_steps(steps, count, coefficients, in, out, 2);
    }
}

/* What a trail hands on from step to step: the row that the next step calls near, and its gradient so far. With few
 * registers near is loaded again instead: it is in the first-level cache. */
enum { KEEPS_NEAR = VEC_LANES == 16 };
typedef struct Trail {
    Vec near[TILE_VECS], gradient[TILE_VECS];
} Trail;

ALWAYS_INLINE void add_stored(Trail *trail, const float *row, const int vecs) {
    for (int v = 0; v < vecs; v++) {
        trail->gradient[v] = vec_add(trail->gradient[v], vec_load(row + v * VEC_LANES));
    }
}

/* One part of the tile's vectors at a time (part p of each sixteen lanes), so that four sums are live and not 4 PARTS.
 */
ALWAYS_INLINE Folded backward_step(DlcaStep step, const float *c, const float *in, const float *out_gradient,
                                   float *in_gradient, Trail *trail, const int sixteens) {
    const int vecs = sixteens * PARTS;
    const float *near_row = in + step.near, *far_row = in + step.far, *g_row = out_gradient + step.out;
    float *near_gradient = in_gradient + step.near, *far_gradient = in_gradient + step.far;
    if (step.flags & DLCA_STEP_FRESH) {
        for (int v = 0; v < vecs; v++) {
            trail->near[v] = vec_load(near_row + v * VEC_LANES);
            trail->gradient[v] = vec_set(0.0f);
        }
    }
    if (step.flags & DLCA_STEP_NEAR_ADDS) {
        add_stored(trail, near_gradient, vecs);
    }
    const Vec c1 = vec_set(c[1]), c2 = vec_set(c[2]), c3 = vec_set(c[3]);
    Vec sums[FOLD_SUMS][PARTS];
    for (int p = 0; p < PARTS; p++) {
        for (int group = 0; group < sixteens; group++) {
            const int v = group * PARTS + p, at = v * VEC_LANES;
            const Vec g = vec_load(g_row + at), far = vec_load(far_row + at);
            const Vec ga = vec_mul(g, KEEPS_NEAR ? trail->near[v] : vec_load(near_row + at)), gb = vec_mul(g, far);
            vec_store(near_gradient + at, gate_input_gradient(c1, c3, g, gb, trail->gradient[v]));
            trail->gradient[v] = gate_first_input_gradient(c2, c3, g, ga);
            trail->near[v] = far;
            sums[0][p] = group == 0 ? g : vec_add(sums[0][p], g);
            sums[1][p] = group == 0 ? ga : vec_add(sums[1][p], ga);
            sums[2][p] = group == 0 ? gb : vec_add(sums[2][p], gb);
            sums[3][p] = group == 0 ? vec_mul(ga, far) : vec_fma(ga, far, sums[3][p]);
        }
    }
    if (step.flags & DLCA_STEP_LAST) {
        if (step.flags & DLCA_STEP_FAR_ADDS) {
            add_stored(trail, far_gradient, vecs);
        }
        for (int v = 0; v < vecs; v++) {
            vec_store(far_gradient + v * VEC_LANES, trail->gradient[v]);
        }
    }
    return fold_gate((const Vec(*)[PARTS])sums);
}

ALWAYS_INLINE void backward_steps(const DlcaStep *steps, int32_t count, const float *coefficients, const float *in,
                                  const float *out_gradient, float *in_gradient, float *sums, const int sixteens) {
    Trail trail;
    for (int v = 0; v < TILE_VECS; v++) {
        trail.near[v] = trail.gradient[v] = vec_set(0.0f);
    }
    int32_t s = 0;
    for (; s + FOLD_GATES <= count; s += FOLD_GATES, coefficients += 4 * FOLD_GATES, sums += FOLD_SUMS * FOLD_GATES) {
        /* written out: in a loop the compiler keeps the four in memory, which costs a third of the time */
        const Folded f0 = backward_step(steps[s], coefficients, in, out_gradient, in_gradient, &trail, sixteens);
        const Folded f1 =
            backward_step(steps[s + 1], coefficients + 4, in, out_gradient, in_gradient, &trail, sixteens);
        const Folded f2 =
            backward_step(steps[s + 2], coefficients + 8, in, out_gradient, in_gradient, &trail, sixteens);
        const Folded f3 =
            backward_step(steps[s + 3], coefficients + 12, in, out_gradient, in_gradient, &trail, sixteens);
        fold_block((const Folded[]){f0, f1, f2, f3}, sums);
    }
    if (s < count) {
        Folded folded[FOLD_GATES] = {0};
        for (int i = 0; s + i < count; i++) {
            folded[i] =
                backward_step(steps[s + i], coefficients + 4 * i, in, out_gradient, in_gradient, &trail, sixteens);
        }
        fold_block(folded, sums);
    }
}

static void update_backward(const DlcaStep *steps, int32_t count, const float *coefficients, const float *in,
                            const float *out_gradient, float *in_gradient, float *sums, int32_t sixteens) {
    if (sixteens == 1) {
        backward_steps(steps, count, coefficients, in, out_gradient, in_gradient, sums, 1);
    } else {
        backward_steps(steps, count, coefficients, in, out_gradient, in_gradient, sums, 2);
    }
}
