/* kernel_update.h - one update layer of a strip, forward and backward: a thread has a gate, or an input row whose
 * gradient it gathers. Part of rollout_kernels.h. */

DLCA_INLINE void layer_forward(const DlcaGpuModel *model, Tables tables, const DlcaGpuLayer *layer, const float *in,
                               float *out, int32_t thread) {
    for (int32_t s = thread; s < layer->gates; s += model->threads) {
        const DlcaGpuStep step = tables.step[layer->step + s];
        const GateCoefficients c = coefficients_at(tables.coefficients, layer->first + s);
        const Row near = row_load(in + (size_t)step.near * LANES), far = row_load(in + (size_t)step.far * LANES);
        row_store(out + (size_t)step.out * LANES, row_gate(c, near, far));
    }
}

/* What a layer's backward reads and writes. */
typedef struct LayerBackward {
    const float *in, *out_gradient;
    float *in_gradient;
    float *sums; /* of its first slot */
} LayerBackward;

DLCA_INLINE void step_sums(Tables tables, const DlcaGpuLayer *layer, LayerBackward rows, int32_t s) {
    const DlcaGpuStep step = tables.step[layer->step + s];
    store_sums(sums_of_row(row_load(rows.out_gradient + (size_t)step.out * LANES),
                           row_load(rows.in + (size_t)step.near * LANES), row_load(rows.in + (size_t)step.far * LANES)),
               rows.sums + 4 * (size_t)s);
}

/* Gradient of an input row: what the trails that pass through it add, in their order. The CPU carries a trail's part in
 * registers from far to near, and adds what was stored before in between. */
DLCA_INLINE void input_row_gradient(Tables tables, const DlcaGpuLayer *layer, LayerBackward rows, int32_t row) {
    const int32_t *first = tables.visit_first + layer->visit_row + row;
    Row stored = row_of_zeros();
    for (int32_t v = first[0]; v < first[1]; v++) {
        const DlcaGpuVisit visit = tables.visit[v];
        Row sum = row_of_zeros();
        if (visit.far_step >= 0) {
            const DlcaGpuStep step = tables.step[layer->step + visit.far_step];
            const GateCoefficients c = coefficients_at(tables.coefficients, layer->first + visit.far_step);
            sum = row_input_gradient(c.c2, c.c3, row_load(rows.out_gradient + (size_t)step.out * LANES),
                                     row_load(rows.in + (size_t)step.near * LANES), sum, false);
        }
        if (v > first[0]) {
            EACH_LANE(i) {
                sum.lane[i] = vec_add(sum.lane[i], stored.lane[i]);
            }
        }
        if (visit.near_step >= 0) {
            const DlcaGpuStep step = tables.step[layer->step + visit.near_step];
            const GateCoefficients c = coefficients_at(tables.coefficients, layer->first + visit.near_step);
            sum = row_input_gradient(c.c1, c.c3, row_load(rows.out_gradient + (size_t)step.out * LANES),
                                     row_load(rows.in + (size_t)step.far * LANES), sum, true);
        }
        stored = sum;
    }
    row_store(rows.in_gradient + (size_t)row * LANES, stored);
}

DLCA_INLINE void layer_backward(const DlcaGpuModel *model, Tables tables, const DlcaGpuLayer *layer, LayerBackward rows,
                                int32_t thread) {
    for (int32_t item = thread; item < layer->gates + layer->inputs; item += model->threads) {
        if (item < layer->gates) {
            step_sums(tables, layer, rows, item);
        } else {
            input_row_gradient(tables, layer, rows, item - layer->gates);
        }
    }
}
