/* kernel_prepare.h - what is done once per rollout: softmax, starts and their targets, lists of the cells that fire,
 * tables in a block's own memory. Part of rollout_kernels.h. */

/* Softmax of a gate and its coefficients in the order of the kernels; with hard probability its argmax operation's. */
DLCA_INLINE void prepare_gate(const DlcaGpuModel *model, int32_t gate) {
    const float *logits = model->logits + (size_t)gate * DLCA_OPS;
    float *probability = model->probability + (size_t)gate * DLCA_OPS;
    float c[4];
    if (model->noise_purpose != 0) { /* in place of the probabilities, which are made of them */
        memcpy(probability, logits, DLCA_OPS * sizeof *logits);
        gumbel_disturb(model->seed, model->noise_purpose, model->epoch, (uint32_t)gate, probability);
        logits = probability;
    }
    softmax(logits, 1, probability, c);
    if (model->harden_below > 0.0) {
        uint32_t draws[4] = {(uint32_t)gate / 4, 0, model->epoch, model->harden_purpose};
        philox(model->seed, draws);
        if ((double)draws[gate % 4] < model->harden_below) {
            int32_t best = 0;
            for (int32_t op = 1; op < DLCA_OPS; op++) {
                best = logits[op] > logits[best] ? op : best;
            }
            for (int32_t j = 0; j < 4; j++) {
                c[j] = dlca_op_coefficients[best][j];
            }
        }
    }
    float *slot = model->coefficients + (size_t)model->slot[gate] * 4;
    const bool swapped = model->swapped[gate] != 0;
    slot[0] = c[0];
    slot[1] = swapped ? c[2] : c[1];
    slot[2] = swapped ? c[1] : c[2];
    slot[3] = c[3];
}

DLCA_INLINE void prepare_gates(const DlcaGpuModel *model, int32_t block, int32_t thread) {
    for (int32_t gate = block * model->threads + thread; gate < model->gates; gate += model->blocks * model->threads) {
        prepare_gate(model, gate);
    }
}

DLCA_INLINE bool start_bit(const DlcaGpuModel *model, int32_t grid, int32_t channel, int32_t cell) {
    return draw_start_bit(model->draw_seed, model->start_purpose, model->epoch, (uint32_t)grid,
                          (uint32_t)(channel * model->area + cell));
}

/* Cells of one class have one place, where all of them write the same value. */
DLCA_INLINE void load_inputs(const DlcaGpuModel *model, int32_t block, int32_t thread) {
    float *state = state_at(model, 0);
    const int32_t values = model->cells * model->channels;
    for (int32_t i = block * model->threads + thread; i < values; i += model->blocks * model->threads) {
        const int32_t cell = i / model->channels, c = i - cell * model->channels;
        const int32_t at = model->columns == DLCA_GPU_CLASSES ? model->class_of[cell] : cell;
        const int32_t grid = cell / model->area;
        state[(size_t)c * (size_t)model->pitch + (size_t)at] =
            model->starts_drawn ? (float)start_bit(model, grid, c, cell - grid * model->area) : model->input[i];
    }
}

/* Life's next generation of the starts, on a grid that wraps. */
DLCA_INLINE void draw_targets(const DlcaGpuModel *model, int32_t block, int32_t thread) {
    for (int32_t i = block * model->threads + thread; i < model->cells; i += model->blocks * model->threads) {
        const int32_t grid = i / model->area, cell = i - grid * model->area;
        int32_t alive = 0;
        for (int32_t n = 0; n < NEIGHBOURS; n++) {
            const int32_t y = (cell / model->width + n / 3 - 1 + model->height) % model->height;
            const int32_t x = (cell % model->width + n % 3 - 1 + model->width) % model->width;
            alive += n != CENTRE && start_bit(model, grid, 0, y * model->width + x);
        }
        model->target[i] = alive == 3 || (alive == 2 && start_bit(model, grid, 0, cell)) ? 1.0f : 0.0f;
    }
}

DLCA_INLINE void clear_sums(const DlcaGpuModel *model, int32_t block, int32_t thread) {
    const int32_t sums = model->groups * model->slots * 4;
    for (int32_t i = block * model->threads + thread; i < sums; i += model->blocks * model->threads) {
        model->sums[i] = 0.0f;
    }
}

DLCA_INLINE bool fires_at(const DlcaGpuModel *model, int32_t step, int32_t cell) {
    if (model->fire_below == 0) {
        return model->fire[(size_t)step * (size_t)model->area + (size_t)cell] != 0;
    }
    const uint32_t four = draw_fires(model->draw_seed, model->fire_purpose, model->epoch, (uint32_t)step,
                                     (uint32_t)cell / 4, model->fire_below);
    return (four >> (cell % 4) & 1) != 0;
}

/* Which cells fire at a step, as lists: each thread has a run of cells; `before` [threads] in the block's memory. */
DLCA_INLINE void fire_run(const DlcaGpuModel *model, int32_t thread, int32_t *first, int32_t *end) {
    const int32_t run = (model->area + model->threads - 1) / model->threads;
    *first = thread * run < model->area ? thread * run : model->area;
    *end = *first + run < model->area ? *first + run : model->area;
}

DLCA_INLINE void count_fire(const DlcaGpuModel *model, int32_t step, int32_t *before, int32_t thread) {
    int32_t first, end, count = 0;
    fire_run(model, thread, &first, &end);
    for (int32_t cell = first; cell < end; cell++) {
        count += fires_at(model, step, cell);
    }
    before[thread] = count;
}

DLCA_INLINE void number_fire(const DlcaGpuModel *model, int32_t step, int32_t *before, int32_t thread) {
    int32_t total = 0;
    for (int32_t i = 0; thread == 0 && i < model->threads; i++) {
        const int32_t count = before[i];
        before[i] = total;
        total += count;
    }
    if (thread == 0) {
        model->fire_count[step] = total;
    }
}

DLCA_INLINE void list_fire(const DlcaGpuModel *model, int32_t step, const int32_t *before, int32_t thread) {
    const size_t at = (size_t)step * (size_t)model->area;
    int32_t first, end, count = before[thread];
    fire_run(model, thread, &first, &end);
    for (int32_t cell = first; cell < end; cell++) {
        const bool fires = fires_at(model, step, cell);
        model->fire_place[at + (size_t)cell] = fires ? count : -1;
        if (fires) {
            model->fire_cell[at + (size_t)count++] = cell;
        }
    }
}

static DLCA_GPU_FUNCTION void list_fires(const Place *place, int32_t block) {
    const DlcaGpuModel *model = place->model;
    int32_t *before = (int32_t *)shared_of(place, block); /* [threads] */
    for (int32_t step = block; model->columns == DLCA_GPU_FIRE && step < model->steps; step += model->blocks) {
        EACH_THREAD(place, count_fire(model, step, before, thread));
        EACH_THREAD(place, number_fire(model, step, before, thread));
        EACH_THREAD(place, list_fire(model, step, before, thread));
    }
}

static DLCA_GPU_FUNCTION void prepare_block(const Place *place, int32_t block) {
    const DlcaGpuModel *model = place->model;
    EACH_THREAD(place, prepare_gates(model, block, thread));
    EACH_THREAD(place, load_inputs(model, block, thread));
    if (model->next_generation) {
        EACH_THREAD(place, draw_targets(model, block, thread));
    }
    if (model->backward) {
        EACH_THREAD(place, clear_sums(model, block, thread));
    }
    list_fires(place, block);
}

static DLCA_GPU_FUNCTION void copy_tables_of_block(const Place *place, int32_t block) {
    const Tables tables = tables_of(place, block);
    if (place->model->tables_are_shared) {
        EACH_THREAD(place, copy_tables(place->model, tables, thread));
    }
}
