/* kernel_between.h - between steps: the loss, gradients of the states from the patches that hold them, sums of strips
 * and groups, gradients of the logits. Part of rollout_kernels.h. */

DLCA_INLINE float weight_after(const DlcaGpuModel *model, int32_t step) {
    if (model->step_weight) {
        return model->step_weight[step];
    }
    return step + 1 == model->steps ? 1.0f : 0.0f;
}

DLCA_INLINE float target_of(const DlcaGpuModel *model, int32_t cell, int32_t s) {
    const int32_t at = model->target_per_grid ? cell : cell % model->area;
    return model->target[(size_t)at * (size_t)model->scored + (size_t)s];
}

/* Where a cell's state after a step lies in a row. */
DLCA_INLINE int32_t place_after(const DlcaGpuModel *model, int32_t step, int32_t cell) {
    return model->columns == DLCA_GPU_CLASSES
               ? model->class_of[(size_t)(step + 1) * (size_t)model->cells + (size_t)cell]
               : cell;
}

/* The terms of a step's loss, all threads of one block; then their sum in the order of cells, as the CPU adds them. */
DLCA_INLINE void loss_terms(const DlcaGpuModel *model, int32_t step, int32_t thread) {
    const double weight = (double)weight_after(model, step);
    const float *state = state_at(model, step + 1);
    for (int32_t i = thread; i < model->cells * model->scored; i += model->threads) {
        const int32_t cell = i / model->scored, s = i - cell * model->scored;
        const double value = (double)state[(size_t)s * (size_t)model->pitch + (size_t)place_after(model, step, cell)];
        const double difference = value - (double)target_of(model, cell, s);
        model->loss_term[i] = weight * difference * difference;
    }
}

/* Cells that took a new state, in all steps. */
DLCA_INLINE int64_t cells_computed(const DlcaGpuModel *model) {
    int64_t cells = 0;
    for (int32_t step = 0; step < model->steps; step++) {
        cells += model->columns == DLCA_GPU_FIRE ? model->fire_count[step] * model->grids : model->cells;
    }
    return cells;
}

DLCA_INLINE void add_loss(const DlcaGpuModel *model, int32_t step, int32_t thread) {
    const int32_t terms = weight_after(model, step) != 0.0f ? model->cells * model->scored : 0;
    double step_loss = 0.0;
    if (thread == 0) {
        for (int32_t i = 0; i < terms; i++) {
            step_loss += model->loss_term[i];
        }
        model->pass->loss = step == 0 ? step_loss : model->pass->loss + step_loss;
        if (step + 1 == model->steps) {
            model->pass->cells = cells_computed(model);
        }
    }
}

/* The last block's work while the others go on. */
static DLCA_GPU_FUNCTION void loss_block(const Place *place, int32_t block, int32_t step) {
    const DlcaGpuModel *model = place->model;
    if (block == model->blocks - 1) {
        if (weight_after(model, step) != 0.0f) {
            EACH_THREAD(place, loss_terms(model, step, thread));
        }
        EACH_THREAD(place, add_loss(model, step, thread));
    }
}

/* Gradient that reaches the state of a cell from the patches that hold it, in the order of the neighbours: `before` and
 * theirs. The column of a reader that did not fire adds a zero. */
DLCA_INLINE float gather_cell(const DlcaGpuModel *model, int32_t step, int32_t cell, int32_t channel, float before) {
    const size_t at = patch_at(channel);
    const int32_t fires = model->columns == DLCA_GPU_FIRE ? model->fire_count[step] : 0;
    float sum = before;
    for (int32_t n = 0; n < NEIGHBOURS; n++) {
        const int32_t reader = neighbour_of(model, cell, 8 - n);
        int32_t column = reader;
        if (reader >= 0 && model->columns == DLCA_GPU_FIRE) {
            const int32_t grid = reader / model->area;
            const int32_t own =
                model->fire_place[(size_t)step * (size_t)model->area + (size_t)(reader - grid * model->area)];
            column = own < 0 ? -1 : grid * fires + own;
        }
        const float part = column < 0
                               ? 0.0f
                               : model->patch_gradient[(size_t)(column / DLCA_TILE) * (size_t)model->patch_floats + at +
                                                       (size_t)n * WIDE + (size_t)(column % DLCA_TILE)];
        sum = vec_add(sum, part);
    }
    return sum;
}

/* The same for a class: every place where one of its cells was read. */
DLCA_INLINE float gather_class(const DlcaGpuModel *model, int32_t step, int32_t place, int32_t channel, float before) {
    const DlcaGpuClassStep *plan = &model->class_step[step];
    const int32_t *first = model->class_back_first + plan->back_first + place;
    const size_t at = patch_at(channel);
    float sum = 0.0f;
    for (int32_t i = first[0]; i < first[1]; i++) {
        sum = vec_add(sum, model->patch_gradient[(size_t)model->class_back[plan->back + i] + at]);
    }
    return vec_add(before, sum);
}

DLCA_INLINE float add_loss_gradient(const DlcaGpuModel *model, int32_t cell, int32_t s, float state, float weight,
                                    float before) {
    return vec_add(before, vec_mul(vec_mul(2.0f, weight), vec_sub(state, target_of(model, cell, s))));
}

/* The gradient of one channel of the state at `place` after a step. */
DLCA_INLINE float gather_state(const DlcaGpuModel *model, int32_t step, int32_t place, int32_t channel) {
    const size_t at = (size_t)channel * (size_t)model->pitch + (size_t)place;
    const bool classes = model->columns == DLCA_GPU_CLASSES, last = step + 1 == model->steps;
    /* a class of its own for each cell: columns are the cells */
    const bool differ = !classes || model->class_count[step + 1] == model->cells;
    float sum = 0.0f;
    if (model->columns == DLCA_GPU_FIRE && !last &&
        model->fire_place[(size_t)(step + 1) * (size_t)model->area + (size_t)(place % model->area)] < 0) {
        sum = model->state_gradient[at]; /* handed on as it was */
    }
    if (!last) {
        sum = differ ? gather_cell(model, step + 1, place, channel, sum)
                     : gather_class(model, step + 1, place, channel, sum);
    }
    const float weight = weight_after(model, step);
    if (weight != 0.0f && channel < model->scored) {
        const float state = state_at(model, step + 1)[at];
        for (int32_t cell = differ ? place : 0; cell < (differ ? place + 1 : model->cells); cell++) {
            if (place_after(model, step, cell) == place) {
                sum = add_loss_gradient(model, cell, channel, state, weight, sum);
            }
        }
    }
    return sum;
}

DLCA_INLINE void gather_states(const DlcaGpuModel *model, int32_t step, int32_t block, int32_t thread) {
    const int32_t places = model->columns == DLCA_GPU_CLASSES ? model->class_count[step + 1] : model->cells;
    const int32_t values = places * model->channels;
    for (int32_t i = block * model->threads + thread; i < values; i += model->blocks * model->threads) {
        const int32_t c = i / places, place = i - c * places;
        model->state_gradient[(size_t)c * (size_t)model->pitch + (size_t)place] = gather_state(model, step, place, c);
    }
}

/* A tile's sum from those of its strips: the rest of the tree over sixteen lanes. */
DLCA_INLINE float fold_strips(const float *partial, size_t apart) {
    float strip[SPACING];
    for (int r = 0; r < SPACING; r++) {
        strip[r] = partial[(size_t)r * apart];
    }
    for (int half = SPACING / 2; half > 0; half /= 2) {
        for (int i = 0; i < half; i++) {
            strip[i] = vec_add(strip[i], strip[i + half]);
        }
    }
    return strip[0];
}

/* Adds a step's sums of every tile, and of every chunk of channels, to those of the tile's group. */
DLCA_INLINE void add_partials(const DlcaGpuModel *model, int32_t step, int32_t block, int32_t thread) {
    const int32_t tiles = tiles_of(model, step), per_group = model->slots * 4;
    const int32_t perceived = model->kernels * model->kernel_slots * 4;
    const size_t apart = (size_t)model->partial_sums * 4;
    for (int32_t i = block * model->threads + thread; i < model->groups * per_group;
         i += model->blocks * model->threads) {
        const int32_t group = i / per_group, at = i - group * per_group;
        const int32_t first = (int32_t)((int64_t)tiles * group / model->groups);
        const int32_t end = (int32_t)((int64_t)tiles * (group + 1) / model->groups);
        float sum = model->sums[i];
        for (int32_t tile = first; tile < end; tile++) {
            const float *partial = model->partial + (size_t)tile * SPACING * apart + (size_t)at;
            if (at >= perceived) {
                sum = vec_add(sum, fold_strips(partial + (size_t)(model->chunks - 1) * (size_t)perceived, apart));
                continue;
            }
            for (int32_t chunk = 0; chunk < model->chunks; chunk++) {
                sum = vec_add(sum, fold_strips(partial + (size_t)chunk * (size_t)perceived, apart));
            }
        }
        model->sums[i] = sum;
    }
}

static DLCA_GPU_FUNCTION void gather_block(const Place *place, int32_t block, int32_t step) {
    const DlcaGpuModel *model = place->model;
    EACH_THREAD(place, gather_states(model, step, block, thread));
    if (step + 1 < model->steps) {
        EACH_THREAD(place, add_partials(model, step + 1, block, thread));
    } else {
        loss_block(place, block, step);
    }
}

/* AdamW with clipping, and the logits that follow from others. */
DLCA_INLINE void update_gate(const DlcaGpuModel *model, const DlcaAdamWStep *step, int32_t gate) {
    const size_t at = (size_t)gate * DLCA_OPS;
    if (gate < model->first_updated) {
        return;
    }
    adamw(step, DLCA_OPS, model->gradient + at, model->logits + at, model->m + at, model->v + at);
    if (model->light) {
        light_settle(model->logits + at);
    }
}

/* Groups in a fixed tree (0+1, 2+3, ..; 0+2, ..), then the gradient of the gate's logits, and their update. */
DLCA_INLINE void reduce_gate(const DlcaGpuModel *model, int32_t gate) {
    float total[4], sums[4];
    for (int j = 0; j < 4; j++) {
        float group[8];
        for (int g = 0; g < 8; g++) {
            group[g] = g < model->groups
                           ? model->sums[((size_t)g * (size_t)model->slots + (size_t)model->slot[gate]) * 4 + (size_t)j]
                           : 0.0f;
        }
        for (int apart = 1; apart < 8; apart *= 2) {
            for (int g = 0; g + apart < 8; g += 2 * apart) {
                if (g + apart < model->groups) {
                    group[g] = vec_add(group[g], group[g + apart]);
                }
            }
        }
        total[j] = group[0];
    }
    const bool swapped = model->swapped[gate] != 0;
    sums[0] = total[0];
    sums[1] = swapped ? total[2] : total[1];
    sums[2] = swapped ? total[1] : total[2];
    sums[3] = total[3];
    float *gradient = model->gradient + (size_t)gate * DLCA_OPS;
    expand(model->probability + (size_t)gate * DLCA_OPS, sums, 1, gradient);
    if (model->light) {
        light_pull_back(gradient);
    }
    if (model->updates) {
        update_gate(model, &model->adamw, gate);
    }
}

DLCA_INLINE void reduce_gates(const DlcaGpuModel *model, int32_t block, int32_t thread) {
    for (int32_t gate = block * model->threads + thread; gate < model->gates; gate += model->blocks * model->threads) {
        reduce_gate(model, gate);
    }
}

static DLCA_GPU_FUNCTION void add_partials_block(const Place *place, int32_t block, int32_t step) {
    EACH_THREAD(place, add_partials(place->model, step, block, thread));
}

static DLCA_GPU_FUNCTION void reduce_block(const Place *place, int32_t block) {
    EACH_THREAD(place, reduce_gates(place->model, block, thread));
}
