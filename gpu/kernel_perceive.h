/* kernel_perceive.h - patches of a strip and the perception kernels on them, forward and backward. A thread has a
 * kernel and a channel to itself; sums and the patch's gradient are gathered afterwards. Part of rollout_kernels.h. */

/* ---- patches ---- */

DLCA_INLINE void find_sources(const DlcaGpuModel *model, Work work, int32_t step, Strip strip, int32_t thread) {
    const int32_t columns = columns_of(model, step);
    for (int32_t item = thread; item < NEIGHBOURS * LANES; item += model->threads) {
        const int32_t n = item / LANES, i = item - n * LANES, lane = lane_of(strip, i);
        const int32_t column = strip.tile * DLCA_TILE + lane;
        int32_t source = zeros_of(model), own = -1;
        if (model->columns == DLCA_GPU_CLASSES) {
            source = model->class_source[model->class_step[step].sources + strip.tile * NEIGHBOURS * DLCA_TILE +
                                         n * DLCA_TILE + lane];
            own = column < columns ? column : -1;
        } else if (column < columns) {
            own = cell_of(model, step, column);
            const int32_t other = neighbour_of(model, own, n);
            source = other < 0 ? source : other;
        }
        work.source[item] = source;
        if (n == 0) {
            work.place[i] = own;
        }
    }
}

/* Patches, and their centres as the first inputs of the update network. */
DLCA_INLINE void load_patch(const DlcaGpuModel *model, Work work, int32_t step, int32_t thread) {
    const float *state = state_at(model, step);
    const int32_t items = NEIGHBOURS * model->channels;
    for (int32_t item = thread; item < items; item += model->threads) {
        const int32_t n = item / model->channels, c = item - n * model->channels;
        const float *from = state + (size_t)c * (size_t)model->pitch;
        Row row;
        EACH_LANE(i) {
            row.lane[i] = from[work.source[n * LANES + i]];
        }
        row_store(work.patch + (size_t)item * LANES, row);
        if (n == CENTRE) {
            row_store(work.inputs + (size_t)c * LANES, row);
        }
    }
}

/* ---- kernels ---- */

/* One kernel on one channel of a piece. */
typedef struct Kernel {
    int32_t k, channel;
    int32_t first_slot;   /* of the kernel */
    size_t place, pitch;  /* of its value rows, in floats: row r at place + r pitch */
    size_t output, other; /* its outputs among the update network's inputs: output o at output + o other */
} Kernel;

DLCA_INLINE Kernel kernel_of(const DlcaGpuModel *model, int32_t k, int32_t channel, int32_t within) {
    Kernel kernel;
    kernel.k = k;
    kernel.channel = channel;
    kernel.first_slot = k * model->kernel_slots;
    kernel.place = ((size_t)k * (size_t)model->piece + (size_t)within) * LANES;
    kernel.pitch = (size_t)model->kernels * (size_t)model->piece * LANES;
    kernel.output = ((size_t)model->channels * (size_t)(1 + k * model->outputs) + (size_t)channel) * LANES;
    kernel.other = (size_t)model->channels * LANES;
    return kernel;
}

DLCA_INLINE const float *pair_input(const DlcaGpuModel *model, Work work, const Kernel *kernel, uint32_t flags,
                                    int32_t row) {
    return flags & DLCA_GPU_FIRST
               ? work.patch + ((size_t)row * (size_t)model->channels + (size_t)kernel->channel) * LANES
               : work.values + kernel->place + (size_t)row * kernel->pitch;
}

/* Pairs first..end-1 of a kernel forward. */
DLCA_INLINE void kernel_forward(const DlcaGpuModel *model, Work work, const float *coefficients, const Kernel *kernel,
                                int32_t end) {
    for (int32_t p = 0; p < end; p++) {
        const DlcaGpuPair pair = model->pair[p];
        const GateCoefficients c = coefficients_at(coefficients, kernel->first_slot + pair.slot);
        const Row a = row_load(pair_input(model, work, kernel, pair.flags, pair.a));
        const Row b = row_load(pair_input(model, work, kernel, pair.flags, pair.b));
        float *to = pair.flags & DLCA_GPU_LAST ? work.inputs + kernel->output + (size_t)pair.out * kernel->other
                                               : work.values + kernel->place + (size_t)pair.value * kernel->pitch;
        row_store(to, row_gate(c, a, b));
    }
}

/* All kernels on the channels of a piece. */
DLCA_INLINE int32_t piece_channels(const DlcaGpuModel *model, int32_t first) {
    const int32_t left = model->channels - first;
    return left < model->piece ? left : model->piece;
}

DLCA_INLINE void perceive_forward(const DlcaGpuModel *model, Work work, const float *coefficients, int32_t first,
                                  int32_t thread) {
    const int32_t channels = piece_channels(model, first), items = model->kernels * channels;
    for (int32_t item = thread; item < items; item += model->threads) {
        const int32_t k = item / channels, within = item - k * channels;
        const Kernel kernel = kernel_of(model, k, first + within, within);
        kernel_forward(model, work, coefficients, &kernel, model->pairs);
    }
}

/* Inner layers forward again, then backward down to the gradients of the first layer's outputs: a thread's own. */
DLCA_INLINE void kernel_backward(const DlcaGpuModel *model, Work work, const float *coefficients, const Kernel *kernel,
                                 const float *input_gradient) {
    const int32_t last = model->layer_pairs[model->perceive_layers - 1];
    float *gradients = work.gradients + kernel->place;
    kernel_forward(model, work, coefficients, kernel, last);
    for (int32_t p = last; p < model->pairs; p++) {
        const DlcaGpuPair pair = model->pair[p];
        row_store(gradients + (size_t)pair.value * kernel->pitch,
                  row_load(input_gradient + kernel->output + (size_t)pair.out * kernel->other));
    }
    for (int32_t i = 0; i < model->unused_rows; i++) {
        row_store(gradients + (size_t)model->unused_row[i] * kernel->pitch, row_of_zeros());
    }
    for (int32_t l = model->perceive_layers - 1; l > 0; l--) {
        for (int32_t p = model->layer_pairs[l]; p < model->layer_pairs[l + 1]; p++) {
            const DlcaGpuPair pair = model->pair[p];
            const GateCoefficients c = coefficients_at(coefficients, kernel->first_slot + pair.slot);
            const Row g = row_load(gradients + (size_t)pair.value * kernel->pitch);
            const Row a = row_load(work.values + kernel->place + (size_t)pair.a * kernel->pitch);
            const Row b = row_load(work.values + kernel->place + (size_t)pair.b * kernel->pitch);
            float *a_gradient = gradients + (size_t)pair.a * kernel->pitch;
            float *b_gradient = gradients + (size_t)pair.b * kernel->pitch;
            const bool a_adds = (pair.flags & DLCA_GPU_A_ADDS) != 0, b_adds = (pair.flags & DLCA_GPU_B_ADDS) != 0;
            /* a's is stored before b's is loaded: they may be the same row */
            row_store(a_gradient, row_input_gradient(c.c1, c.c3, g, b, a_adds ? row_load(a_gradient) : g, a_adds));
            row_store(b_gradient, row_input_gradient(c.c2, c.c3, g, a, b_adds ? row_load(b_gradient) : g, b_adds));
        }
    }
}

DLCA_INLINE void perceive_backward(const DlcaGpuModel *model, Work work, const float *coefficients,
                                   const float *input_gradient, int32_t first, int32_t thread) {
    const int32_t channels = piece_channels(model, first), items = model->kernels * channels;
    for (int32_t item = thread; item < items; item += model->threads) {
        const int32_t k = item / channels, within = item - k * channels;
        const Kernel kernel = kernel_of(model, k, first + within, within);
        kernel_backward(model, work, coefficients, &kernel, input_gradient);
    }
}

/* ---- what comes out of their backward pass ---- */

/* Sums of each gate of each kernel over the channels of a chunk. */
DLCA_INLINE void perceive_sums(const DlcaGpuModel *model, Work work, Strip strip, int32_t first, int32_t thread) {
    const int32_t channels = piece_channels(model, first), chunks = (channels + CHUNK - 1) / CHUNK;
    const int32_t per_kernel = chunks * model->pairs, items = model->kernels * per_kernel;
    for (int32_t item = thread; item < items; item += model->threads) {
        const int32_t k = item / per_kernel, rest = item - k * per_kernel;
        const int32_t chunk = rest / model->pairs;
        const DlcaGpuPair pair = model->pair[rest - chunk * model->pairs];
        LaneSums lanes;
        for (int j = 0; j < 4; j++) {
            for (int i = 0; i < HALF; i++) {
                lanes.sum[j][i] = 0.0f;
            }
        }
        for (int32_t within = chunk * CHUNK; within < (chunk + 1) * CHUNK && within < channels; within++) {
            const Kernel kernel = kernel_of(model, k, first + within, within);
            add_channel(&lanes, row_load(work.gradients + kernel.place + (size_t)pair.value * kernel.pitch),
                        row_load(pair_input(model, work, &kernel, pair.flags, pair.a)),
                        row_load(pair_input(model, work, &kernel, pair.flags, pair.b)));
        }
        const size_t at = (size_t)(first / CHUNK + chunk) * (size_t)(model->kernels * model->kernel_slots) +
                          (size_t)(k * model->kernel_slots + pair.slot);
        store_sums(lanes, partial_of(model, strip) + at * 4);
    }
}

/* Gradient of the patch's rows: the update network's part of the centre first, then kernel by kernel in the order of
 * their gates. */
DLCA_INLINE Row patch_gradient_of(const DlcaGpuModel *model, Work work, const float *coefficients,
                                  const float *input_gradient, int32_t n, int32_t channel, int32_t within) {
    const int32_t uses = model->use_first[n + 1];
    bool adds = n == CENTRE;
    Row sum = adds ? row_load(input_gradient + (size_t)channel * LANES) : row_of_zeros();
    for (int32_t k = 0; k < model->kernels; k++) {
        const Kernel kernel = kernel_of(model, k, channel, within);
        for (int32_t u = model->use_first[n]; u < uses; u++) {
            const DlcaGpuUse use = model->use[u];
            const DlcaGpuPair pair = model->pair[use.pair];
            const GateCoefficients c = coefficients_at(coefficients, kernel.first_slot + pair.slot);
            const Row g = row_load(work.gradients + kernel.place + (size_t)pair.value * kernel.pitch);
            const Row x = row_load(pair_input(model, work, &kernel, pair.flags, use.is_b ? pair.a : pair.b));
            sum = row_input_gradient(use.is_b ? c.c2 : c.c1, c.c3, g, x, sum, adds);
            adds = true;
        }
    }
    return sum;
}

DLCA_INLINE void patch_gradients(const DlcaGpuModel *model, Work work, const float *coefficients,
                                 const float *input_gradient, Strip strip, int32_t first, int32_t thread) {
    const int32_t channels = piece_channels(model, first), items = NEIGHBOURS * channels;
    float *tile = model->patch_gradient + (size_t)strip.tile * (size_t)model->patch_floats;
    /* the other way round than the sums, so that both are under way at the same time */
    for (int32_t item = model->threads - 1 - thread; item < items; item += model->threads) {
        const int32_t n = item / channels, within = item - n * channels;
        const Row row = patch_gradient_of(model, work, coefficients, input_gradient, n, first + within, within);
        float *to = tile + patch_at(first + within) + (size_t)n * WIDE;
        EACH_LANE(i) {
            to[lane_of(strip, i)] = row.lane[i];
        }
    }
}
