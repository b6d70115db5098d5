/* kernel_sums.h - the four gradient sums of a gate over a strip's lanes, in the order of gates/fold.h. Part of
 * rollout_kernels.h. */

/* Four sums of a gate, for each lane of the first sixteen that the strip has. */
typedef struct LaneSums {
    float sum[4][HALF];
} LaneSums;

/* The lanes' sums by the tree over sixteen lanes, as far as the strip's lanes go. */
DLCA_INLINE void store_sums(LaneSums lanes, float *to) {
    for (int j = 0; j < 4; j++) {
        for (int half = HALF / 2; half > 0; half /= 2) {
            for (int i = 0; i < half; i++) {
                lanes.sum[j][i] = vec_add(lanes.sum[j][i], lanes.sum[j][i + half]);
            }
        }
        to[j] = lanes.sum[j][0];
    }
}

/* A row of an update layer: its first sixteen lanes, then the others added. */
DLCA_INLINE LaneSums sums_of_row(Row g, Row a, Row b) {
    LaneSums lanes;
    for (int i = 0; i < HALF; i++) {
        const float g0 = g.lane[i], g1 = g.lane[i + HALF];
        const float ga0 = vec_mul(g0, a.lane[i]), ga1 = vec_mul(g1, a.lane[i + HALF]);
        const float gb0 = vec_mul(g0, b.lane[i]), gb1 = vec_mul(g1, b.lane[i + HALF]);
        lanes.sum[0][i] = vec_add(g0, g1);
        lanes.sum[1][i] = vec_add(ga0, ga1);
        lanes.sum[2][i] = vec_add(gb0, gb1);
        lanes.sum[3][i] = vec_fma(ga1, b.lane[i + HALF], vec_mul(ga0, b.lane[i]));
    }
    return lanes;
}

/* The same for one channel more of a perception layer: sixteen lanes, then sixteen. */
DLCA_INLINE void add_channel(LaneSums *lanes, Row g, Row a, Row b) {
    for (int part = 0; part < 2; part++) {
        for (int i = 0; i < HALF; i++) {
            const int at = part * HALF + i;
            const float ga = vec_mul(g.lane[at], a.lane[at]);
            lanes->sum[0][i] = vec_add(lanes->sum[0][i], g.lane[at]);
            lanes->sum[1][i] = vec_add(lanes->sum[1][i], ga);
            lanes->sum[2][i] = vec_add(lanes->sum[2][i], vec_mul(g.lane[at], b.lane[at]));
            lanes->sum[3][i] = vec_fma(ga, b.lane[at], lanes->sum[3][i]);
        }
    }
}

DLCA_INLINE float *partial_of(const DlcaGpuModel *model, Strip strip) {
    return model->partial + ((size_t)strip.tile * SPACING + (size_t)strip.number) * (size_t)model->partial_sums * 4;
}
