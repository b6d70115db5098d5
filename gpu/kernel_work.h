/* kernel_work.h - where things lie: a block's memory, states, columns, neighbours. Part of rollout_kernels.h. */

/* A block's memory for one strip, in rows. */
typedef struct Work {
    float *patch;       /* [9][C] */
    float *inputs;      /* [update_inputs] */
    float *gradient[2]; /* [gradient_rows] */
    float *activations; /* [update_slots], or while perception is computed: */
    float *values;      /* [kernel_slots][kernels x piece] */
    float *gradients;   /* the same, behind them */
    int32_t *source;    /* [9][LANES] places of the patches in a row of states */
    int32_t *place;     /* [LANES] places of the new states, -1: no column */
} Work;

/* The wiring and coefficients of the update layers, from wherever they are fastest. */
typedef struct Tables {
    const float *coefficients;
    const DlcaGpuStep *step;
    const DlcaGpuVisit *visit;
    const int32_t *visit_first;
} Tables;

/* Rows of a strip's work: also the host's formula (dlca_gpu_work_rows). */
DLCA_INLINE Work work_of(const Place *place, int32_t block) {
    const DlcaGpuModel *model = place->model;
    float *at = model->work_is_shared ? (float *)shared_of(place, block)
                                      : model->work + (size_t)block * (size_t)model->work_rows * LANES;
    Work work;
    work.patch = at;
    at += (size_t)NEIGHBOURS * (size_t)model->channels * LANES;
    work.inputs = at;
    at += (size_t)model->update_inputs * LANES;
    work.gradient[0] = at;
    at += (size_t)model->gradient_rows * LANES;
    work.gradient[1] = at;
    at += (size_t)model->gradient_rows * LANES;
    work.source = (int32_t *)at;
    at += NEIGHBOURS * LANES;
    work.place = (int32_t *)at;
    at += LANES;
    work.activations = work.values = at;
    work.gradients = at + (size_t)model->kernel_slots * (size_t)model->kernels * (size_t)model->piece * LANES;
    return work;
}

DLCA_INLINE Tables tables_of(const Place *place, int32_t block) {
    const DlcaGpuModel *model = place->model;
    Tables tables;
    tables.coefficients = model->coefficients;
    tables.step = model->step;
    tables.visit = model->visit;
    tables.visit_first = model->visit_first;
    if (model->tables_are_shared) {
        const char *shared = shared_of(place, block);
        shared += model->work_is_shared ? (size_t)model->work_rows * LANES * sizeof(float) : 0;
        tables.coefficients = (const float *)shared;
        tables.step = (const DlcaGpuStep *)(shared + (size_t)model->slots * 4 * sizeof(float));
        tables.visit = (const DlcaGpuVisit *)(tables.step + model->update_gates);
        tables.visit_first = (const int32_t *)(tables.visit + model->visits);
    }
    return tables;
}

DLCA_INLINE void copy_words(const void *from, void *to, size_t bytes, int32_t thread, int32_t threads) {
    for (size_t i = (size_t)thread; i < bytes / 4; i += (size_t)threads) {
        memcpy((char *)to + 4 * i, (const char *)from + 4 * i, 4);
    }
}

DLCA_INLINE void copy_tables(const DlcaGpuModel *model, Tables to, int32_t thread) {
    copy_words(model->coefficients, (void *)to.coefficients, (size_t)model->slots * 16, thread, model->threads);
    copy_words(model->step, (void *)to.step, (size_t)model->update_gates * sizeof *to.step, thread, model->threads);
    copy_words(model->visit, (void *)to.visit, (size_t)model->visits * sizeof *to.visit, thread, model->threads);
    copy_words(model->visit_first, (void *)to.visit_first, (size_t)model->visit_rows * 4, thread, model->threads);
}

DLCA_INLINE float *state_at(const DlcaGpuModel *model, int32_t step) {
    const size_t plane = (size_t)model->channels * (size_t)model->pitch;
    const int32_t within = step % model->every;
    return within == 0 ? model->checkpoints + (size_t)(step / model->every) * plane
                       : model->segment + (size_t)(within - 1) * plane;
}

/* The first zero of a row of states: what lies outside the grid. */
DLCA_INLINE int32_t zeros_of(const DlcaGpuModel *model) {
    return model->tiles * DLCA_TILE;
}

/* Columns of a step, and the tiles that hold them. */
DLCA_INLINE int32_t columns_of(const DlcaGpuModel *model, int32_t step) {
    if (model->columns == DLCA_GPU_FIRE) {
        return model->fire_count[step] * model->grids;
    }
    return model->columns == DLCA_GPU_CLASSES ? model->class_count[step + 1] : model->cells;
}

DLCA_INLINE int32_t tiles_of(const DlcaGpuModel *model, int32_t step) {
    return (columns_of(model, step) + DLCA_TILE - 1) / DLCA_TILE;
}

/* The cell of a column when cells are columns. */
DLCA_INLINE int32_t cell_of(const DlcaGpuModel *model, int32_t step, int32_t column) {
    if (model->columns != DLCA_GPU_FIRE) {
        return column;
    }
    const int32_t fires = model->fire_count[step], grid = column / fires;
    return grid * model->area + model->fire_cell[(size_t)step * (size_t)model->area + (size_t)(column - grid * fires)];
}

/* A neighbour of a cell among all grids, -1 outside. */
DLCA_INLINE int32_t neighbour_of(const DlcaGpuModel *model, int32_t cell, int32_t n) {
    const int32_t grid = cell / model->area;
    const int32_t other = model->neighbours[(size_t)n * (size_t)model->area + (size_t)(cell - grid * model->area)];
    return other < 0 ? -1 : grid * model->area + other;
}

DLCA_INLINE size_t patch_at(int32_t channel) {
    return (size_t)(channel / CHUNK) * NEIGHBOURS * WIDE + (size_t)(channel % CHUNK) * DLCA_TILE;
}

/* Tile and strip of the work item `unit` of a step. */
typedef struct Strip {
    int32_t tile, number;
} Strip;

DLCA_INLINE Strip strip_of(int32_t unit) {
    Strip strip;
    strip.tile = unit / SPACING;
    strip.number = unit % SPACING;
    return strip;
}

DLCA_INLINE int32_t lane_of(Strip strip, int32_t i) {
    return strip.number + i * SPACING;
}
