/* backend_cpu.c - the soft rollout on the processor: steps, threads, gradients in a fixed order.
 *
 * Forward keeps the states of every step; backward recomputes the activations of one step at a time from them. Work is
 * cut into tiles of DLCA_TILE columns; tiles belong to groups, whose number depends on the shape alone; each group has
 * its own gradient sums, which are added in a fixed tree at the end. A thread works on whole groups. So the result does
 * not depend on the number of threads. Leaves alone: one tile (tile.c), tasks, files. */
#include "backend.h"

#include "../gates/kernels.h"
#include "fire.h"
#include "geometry.h"
#include "network.h"
#include "tile.h"

#include <math.h>
#include <omp.h>

enum { MAX_GROUPS = 8 };

/* Gate evaluations of one step below which a second thread costs more in barriers than it brings. */
static const double THREAD_WORK = 100e3;

struct DlcaBackend {
    DlcaConfig config;
    DlcaNetwork network;
    const DlcaKernels *kernels;
    DlcaGeometry geometry;
    DlcaPatchPlan patches, reverse; /* every cell a column */
    DlcaFire fire;                  /* columns of each step when only some cells fire */
    int32_t threads, groups;
    int32_t cells;   /* of all grids of the batch */
    size_t pitch;    /* floats of a row of cells */
    int64_t updates; /* AdamW steps so far */
    bool prepared;   /* coefficients belong to the logits, all of them soft */
    DlcaArena arena;
    float *logits, *m, *v, *gradient; /* [gates][16] */
    float *probability;               /* [gates][16] */
    float *soft;                      /* [gates][4] coefficients in model order */
    float *coefficients;              /* [slots][4] */
    float *sums;                      /* [groups][slots][4] */
    float *gate_sums;                 /* [gates][4] in model order */
    float *states;                    /* [T + 1][C][pitch] */
    float *state_gradient;            /* [C][pitch] */
    float *patch_gradients[2];        /* [9][C][pitch]; steps take turns */
    DlcaTileScratch *scratch;         /* [threads] */
    DlcaArena *thread_arena;          /* [threads] */
};

/* ---- memory ---- */

static void take_buffers(DlcaBackend *backend, DlcaArena *arena) {
    const size_t gates = (size_t)backend->network.gates, C = (size_t)backend->config.channels;
    const size_t plane = C * backend->pitch;
    backend->logits = dlca_arena_take(arena, gates * DLCA_OPS, sizeof(float));
    backend->m = dlca_arena_take(arena, gates * DLCA_OPS, sizeof(float));
    backend->v = dlca_arena_take(arena, gates * DLCA_OPS, sizeof(float));
    backend->gradient = dlca_arena_take(arena, gates * DLCA_OPS, sizeof(float));
    backend->probability = dlca_arena_take(arena, gates * DLCA_OPS, sizeof(float));
    backend->soft = dlca_arena_take(arena, gates * 4, sizeof(float));
    backend->coefficients = dlca_arena_take(arena, gates * 4, sizeof(float));
    backend->sums = dlca_arena_take(arena, (size_t)backend->groups * gates * 4, sizeof(float));
    backend->gate_sums = dlca_arena_take(arena, gates * 4, sizeof(float));
    backend->states = dlca_arena_take(arena, ((size_t)backend->config.steps + 1) * plane, sizeof(float));
    backend->state_gradient = dlca_arena_take(arena, plane, sizeof(float));
    backend->patch_gradients[0] = dlca_arena_take(arena, DLCA_NEIGHBOURS * plane, sizeof(float));
    backend->patch_gradients[1] = dlca_arena_take(arena, DLCA_NEIGHBOURS * plane, sizeof(float));
    backend->scratch = dlca_arena_take(arena, (size_t)backend->threads, sizeof *backend->scratch);
    backend->thread_arena = dlca_arena_take(arena, (size_t)backend->threads, sizeof *backend->thread_arena);
}

static void cpu_destroy(DlcaBackend *backend) {
    if (!backend) {
        return;
    }
    for (int32_t i = 0; backend->arena.base && i < backend->threads; i++) {
        dlca_arena_free(&backend->thread_arena[i]);
    }
    dlca_arena_free(&backend->arena);
    dlca_fire_free(&backend->fire);
    dlca_patch_plan_free(&backend->patches);
    dlca_patch_plan_free(&backend->reverse);
    dlca_network_free(&backend->network);
    free(backend);
}

static bool allocate_buffers(DlcaBackend *backend, DlcaError *error) {
    take_buffers(backend, &backend->arena);
    const size_t bytes = backend->arena.used;
    if (!dlca_arena_allocate(&backend->arena)) {
        return dlca_fail(error, DLCA_FAILED, "no memory for training: %zu bytes are needed", bytes);
    }
    take_buffers(backend, &backend->arena);
    for (int32_t i = 0; i < backend->threads; i++) {
        DlcaArena *arena = &backend->thread_arena[i];
        dlca_tile_scratch_take(&backend->scratch[i], &backend->network, arena);
        if (!dlca_arena_allocate(arena)) {
            return dlca_fail(error, DLCA_FAILED, "no memory for the buffers of %d threads", backend->threads);
        }
        dlca_tile_scratch_take(&backend->scratch[i], &backend->network, arena);
    }
    return true;
}

static int32_t smaller(int32_t a, int32_t b) {
    return a < b ? a : b;
}

static bool build(DlcaBackend *backend, const DlcaModel *model, const DlcaBackendOptions *options, DlcaError *error) {
    const DlcaConfig *config = &model->config;
    backend->config = *config;
    backend->kernels = dlca_kernels_for(options->isa);
    backend->geometry = (DlcaGeometry){config->height, config->width, config->batch, config->periodic};
    backend->cells = config->height * config->width * config->batch;
    backend->pitch = dlca_row_pitch(backend->cells);
    if (!dlca_network_create(&backend->network, model, error) ||
        !dlca_patch_plan_create(&backend->patches, &backend->geometry, false, error) ||
        !dlca_patch_plan_create(&backend->reverse, &backend->geometry, true, error)) {
        return false;
    }
    backend->groups = smaller(backend->patches.tiles, MAX_GROUPS);
    backend->threads = smaller(options->threads, backend->groups);
    if ((double)backend->cells * (double)dlca_model_cell_gates(model) < THREAD_WORK) {
        backend->threads = 1;
    }
    return allocate_buffers(backend, error);
}

static DlcaBackend *cpu_create(const DlcaModel *model, const DlcaBackendOptions *options, DlcaError *error) {
    if (!dlca_isa_usable(options->isa) || options->threads < 1) {
        dlca_fail(error, DLCA_BAD_INPUT, "this processor has no %s, or %d threads were asked for",
                  dlca_isa_name(options->isa), options->threads);
        return NULL;
    }
    DlcaBackend *backend = calloc(1, sizeof *backend);
    if (!backend) {
        dlca_fail(error, DLCA_FAILED, "no memory for a backend");
        return NULL;
    }
    if (!build(backend, model, options, error)) {
        cpu_destroy(backend);
        return NULL;
    }
    memcpy(backend->logits, model->logits, (size_t)model->gates * DLCA_OPS * sizeof(float));
    return backend;
}

static size_t cpu_memory_bytes(const DlcaBackend *backend) {
    const size_t segments = (size_t)backend->patches.first[backend->patches.tiles * DLCA_NEIGHBOURS] +
                            (size_t)backend->reverse.first[backend->reverse.tiles * DLCA_NEIGHBOURS];
    return backend->arena.used + backend->network.arena.used + segments * sizeof(DlcaSegment) +
           (size_t)backend->threads * backend->thread_arena[0].used;
}

/* ---- parameters ---- */

static void copy_or_zero(float *to, const float *from, size_t count) {
    if (from) {
        memcpy(to, from, count * sizeof(float));
    } else {
        memset(to, 0, count * sizeof(float));
    }
}

static bool cpu_load(DlcaBackend *backend, const float *logits, const float *m, const float *v, int64_t updates,
                     DlcaError *error) {
    (void)error;
    const size_t count = (size_t)backend->network.gates * DLCA_OPS;
    copy_or_zero(backend->logits, logits, count);
    copy_or_zero(backend->m, m, count);
    copy_or_zero(backend->v, v, count);
    backend->updates = updates;
    backend->prepared = false;
    return true;
}

static bool cpu_store(DlcaBackend *backend, float *logits, float *m, float *v, int64_t *updates, DlcaError *error) {
    (void)error;
    const size_t bytes = (size_t)backend->network.gates * DLCA_OPS * sizeof(float);
    if (logits) {
        memcpy(logits, backend->logits, bytes);
    }
    if (m) {
        memcpy(m, backend->m, bytes);
    }
    if (v) {
        memcpy(v, backend->v, bytes);
    }
    if (updates) {
        *updates = backend->updates;
    }
    return true;
}

static bool cpu_rewire(DlcaBackend *backend, const DlcaModel *model, DlcaError *error) {
    backend->prepared = false;
    return dlca_network_rewire(&backend->network, model, error);
}

static bool hardened(const DlcaBackend *backend, const DlcaBatch *batch, int64_t gate) {
    if (batch->harden_probability <= 0.0f) {
        return false;
    }
    uint32_t draws[4];
    dlca_random(backend->config.seed, DLCA_RANDOM_HARDEN, batch->epoch, 0, (uint32_t)(gate / 4), draws);
    return (double)draws[gate % 4] < (double)batch->harden_probability * 4294967296.0;
}

static int most_probable(const float *logits) {
    int best = 0;
    for (int op = 1; op < DLCA_OPS; op++) {
        best = logits[op] > logits[best] ? op : best;
    }
    return best;
}

/* Softmax once per update, then the coefficients in the order of the kernels. */
static void prepare(DlcaBackend *backend, const DlcaBatch *batch, int64_t from, int64_t to) {
    const DlcaNetwork *network = &backend->network;
    backend->kernels->softmax(backend->logits + from * DLCA_OPS, to - from, backend->probability + from * DLCA_OPS,
                              backend->soft + from * 4);
    for (int64_t gate = from; gate < to; gate++) {
        const float *c = backend->soft + gate * 4;
        if (hardened(backend, batch, gate)) {
            c = dlca_op_coefficients[most_probable(backend->logits + gate * DLCA_OPS)];
        }
        float *slot = backend->coefficients + (size_t)network->slot[gate] * 4;
        const bool swapped = network->swapped[gate];
        slot[0] = c[0];
        slot[1] = c[swapped ? 2 : 1];
        slot[2] = c[swapped ? 1 : 2];
        slot[3] = c[3];
    }
}

/* Adds the groups' sums in a fixed tree (0+1, 2+3, ..; 0+2, ..) and puts them into model order, then the gradient. */
static void reduce(DlcaBackend *backend, int64_t from, int64_t to) {
    const DlcaNetwork *network = &backend->network;
    const size_t stride = (size_t)network->gates * 4;
    for (int64_t gate = from; gate < to; gate++) {
        float *slot = backend->sums + (size_t)network->slot[gate] * 4;
        for (int32_t apart = 1; apart < backend->groups; apart *= 2) {
            for (int32_t g = 0; g + apart < backend->groups; g += 2 * apart) {
                for (int j = 0; j < 4; j++) {
                    slot[(size_t)g * stride + (size_t)j] += slot[(size_t)(g + apart) * stride + (size_t)j];
                }
            }
        }
        float *sums = backend->gate_sums + gate * 4;
        const bool swapped = network->swapped[gate];
        sums[0] = slot[0];
        sums[1] = slot[swapped ? 2 : 1];
        sums[2] = slot[swapped ? 1 : 2];
        sums[3] = slot[3];
    }
    backend->kernels->expand(backend->probability + from * DLCA_OPS, backend->gate_sums + from * 4, to - from,
                             backend->gradient + from * DLCA_OPS);
}

/* ---- one thread's share ---- */

typedef struct Share {
    DlcaBackend *backend;
    const DlcaBatch *batch;
    DlcaTileScratch *scratch;
    int32_t thread, threads;
} Share;

static int64_t part(int64_t whole, int32_t index, int32_t parts) {
    return whole * index / parts;
}

static float *state_at(const DlcaBackend *backend, int32_t step) {
    return backend->states + (size_t)step * (size_t)backend->config.channels * backend->pitch;
}

/* Tiles of the columns of one step. */
static int32_t tiles_at(const DlcaBackend *backend, const DlcaBatch *batch, int32_t step) {
    return batch->fire ? dlca_row_zeros(dlca_fire_columns(&backend->fire, step)) / DLCA_TILE : backend->patches.tiles;
}

static DlcaSources planned_sources(const DlcaPatchPlan *plan, int32_t tile) {
    DlcaSources sources;
    for (int n = 0; n < DLCA_NEIGHBOURS; n++) {
        const int32_t *first = plan->first + tile * DLCA_NEIGHBOURS + n;
        sources.segments[n] = plan->segments + first[0];
        sources.count[n] = first[1] - first[0];
    }
    return sources;
}

static DlcaSources sources_of(const Share *share, int32_t step, int32_t tile) {
    if (!share->batch->fire) {
        return planned_sources(&share->backend->patches, tile);
    }
    DlcaSources sources;
    int32_t indices[DLCA_TILE];
    for (int n = 0; n < DLCA_NEIGHBOURS; n++) {
        DlcaSegment *segments = share->scratch->segments + n * DLCA_MAX_SEGMENTS;
        for (int32_t lane = 0; lane < DLCA_TILE; lane++) {
            const int32_t cell = dlca_fire_cell(&share->backend->fire, step, tile * DLCA_TILE + lane);
            indices[lane] = cell < 0 ? -1 : dlca_neighbour(&share->backend->geometry, cell, n);
        }
        sources.segments[n] = segments;
        sources.count[n] = dlca_segments(indices, dlca_row_zeros(share->backend->cells), segments);
    }
    return sources;
}

/* For tile `tile` of cells: where the gradients of the patches that its cells belong to lie, as columns of `step`. */
static DlcaSources reverse_sources(const Share *share, int32_t step, int32_t tile) {
    if (!share->batch->fire) {
        return planned_sources(&share->backend->reverse, tile);
    }
    DlcaSources sources;
    int32_t indices[DLCA_TILE];
    for (int n = 0; n < DLCA_NEIGHBOURS; n++) {
        DlcaSegment *segments = share->scratch->segments + n * DLCA_MAX_SEGMENTS;
        for (int32_t lane = 0; lane < DLCA_TILE; lane++) {
            const int32_t cell = tile * DLCA_TILE + lane;
            const int32_t reader =
                cell < share->backend->cells ? dlca_neighbour(&share->backend->geometry, cell, 8 - n) : -1;
            indices[lane] = reader < 0 ? -1 : dlca_fire_column(&share->backend->fire, step, reader);
        }
        sources.segments[n] = segments;
        sources.count[n] = dlca_segments(indices, dlca_row_zeros(share->backend->cells), segments);
    }
    return sources;
}

/* ---- forward ---- */

/* Writes the new states of a tile's columns to their cells. */
static void place_states(const Share *share, int32_t step, int32_t tile, const float *rows) {
    const DlcaBackend *backend = share->backend;
    float *to = state_at(backend, step + 1);
    for (int32_t c = 0; c < backend->config.channels; c++, rows += DLCA_TILE, to += backend->pitch) {
        if (!share->batch->fire) {
            memcpy(to + (size_t)tile * DLCA_TILE, rows, DLCA_TILE * sizeof(float));
            continue;
        }
        for (int32_t lane = 0; lane < DLCA_TILE; lane++) {
            const int32_t cell = dlca_fire_cell(&backend->fire, step, tile * DLCA_TILE + lane);
            if (cell >= 0) {
                to[cell] = rows[lane];
            }
        }
    }
}

/* Cells that do not fire keep their state. */
static void keep_states(const Share *share, int32_t step) {
    const DlcaBackend *backend = share->backend;
    const int64_t from = part(backend->cells, share->thread, share->threads);
    const int64_t to = part(backend->cells, share->thread + 1, share->threads);
    const float *before = state_at(backend, step);
    float *after = state_at(backend, step + 1);
    for (int64_t cell = from; cell < to; cell++) {
        if (dlca_fire_column(&backend->fire, step, (int32_t)cell) < 0) {
            for (int32_t c = 0; c < backend->config.channels; c++) {
                after[(size_t)c * backend->pitch + (size_t)cell] = before[(size_t)c * backend->pitch + (size_t)cell];
            }
        }
    }
}

static void forward_step(const Share *share, int32_t step) {
    const DlcaBackend *backend = share->backend;
    const int32_t tiles = tiles_at(backend, share->batch, step);
    const int64_t first = part(backend->groups, share->thread, share->threads);
    const int64_t last = part(backend->groups, share->thread + 1, share->threads);
    for (int64_t tile = part(tiles, (int32_t)first, backend->groups);
         tile < part(tiles, (int32_t)last, backend->groups); tile++) {
        const DlcaSources sources = sources_of(share, step, (int32_t)tile);
        place_states(share, step, (int32_t)tile,
                     dlca_tile_forward(&backend->network, backend->kernels, backend->coefficients, &sources,
                                       state_at(backend, step), backend->pitch, share->scratch));
    }
    if (share->batch->fire) {
        keep_states(share, step);
    }
}

/* ---- backward ---- */

static float weight_after(const DlcaBackend *backend, const DlcaBatch *batch, int32_t step) {
    if (batch->step_weight) {
        return batch->step_weight[step];
    }
    return step + 1 == backend->config.steps ? 1.0f : 0.0f;
}

/* The target of scored channel s in cell `cell` of the batch. */
static float target_of(const DlcaBackend *backend, const DlcaBatch *batch, int32_t cell, int32_t s) {
    const int32_t area = backend->config.height * backend->config.width;
    const int32_t at = batch->target_per_grid ? cell : cell % area;
    return batch->target[(size_t)at * (size_t)backend->config.scored_channels + (size_t)s];
}

/* d/ds of w (s - target)^2 */
static void add_loss_gradient(const Share *share, int32_t step, int32_t tile) {
    const DlcaBackend *backend = share->backend;
    const float weight = weight_after(backend, share->batch, step);
    if (weight == 0.0f) {
        return;
    }
    const float *state = state_at(backend, step + 1);
    const int32_t end = smaller(backend->cells, (tile + 1) * DLCA_TILE);
    for (int32_t s = 0; s < backend->config.scored_channels; s++) {
        const size_t row = (size_t)s * backend->pitch;
        for (int32_t cell = tile * DLCA_TILE; cell < end; cell++) {
            const float difference = state[row + (size_t)cell] - target_of(backend, share->batch, cell, s);
            backend->state_gradient[row + (size_t)cell] += 2.0f * weight * difference;
        }
    }
}

/* state_gradient of a tile's cells: by the states after `step`, from that of the step before it in backward order. */
static void gather_state_gradient(const Share *share, int32_t step, int32_t tile) {
    const DlcaBackend *backend = share->backend;
    const bool last = step + 1 == backend->config.steps;
    DlcaSources sources = {0};
    if (!last) {
        sources = reverse_sources(share, step + 1, tile);
    }
    const float *patch_gradient = backend->patch_gradients[(step + 1) % 2];
    const size_t plane = (size_t)backend->config.channels * backend->pitch;
    const int32_t end = smaller(backend->cells, (tile + 1) * DLCA_TILE);
    for (int32_t c = 0; c < backend->config.channels; c++) {
        float *row = backend->state_gradient + (size_t)c * backend->pitch;
        for (int32_t cell = tile * DLCA_TILE; cell < end; cell++) {
            /* a cell that did not fire handed its state on as it was, and its gradient back */
            const bool kept = !last && share->batch->fire && dlca_fire_column(&backend->fire, step + 1, cell) < 0;
            row[cell] = kept ? row[cell] : 0.0f;
        }
        for (int n = 0; n < DLCA_NEIGHBOURS && !last; n++) {
            backend->kernels->gather_add(sources.segments[n], sources.count[n],
                                         patch_gradient + (size_t)n * plane + (size_t)c * backend->pitch,
                                         row + (size_t)tile * DLCA_TILE);
        }
    }
    add_loss_gradient(share, step, tile);
}

static void backward_tile(const Share *share, int32_t step, int32_t tile, int32_t group) {
    DlcaBackend *backend = share->backend;
    float rows[DLCA_MAX_CHANNELS * DLCA_TILE + 16]; /* gradient of the new states */
    const DlcaSources sources = sources_of(share, step, tile);
    DlcaSegment whole[2] = {{0, tile * DLCA_TILE}, {16, tile * DLCA_TILE + 16}};
    const DlcaSegment *segments = share->batch->fire ? sources.segments[DLCA_CENTRE] : whole;
    const int32_t count = share->batch->fire ? sources.count[DLCA_CENTRE] : 2;
    backend->kernels->gather(segments, count, backend->state_gradient, backend->pitch, backend->config.channels, rows);
    dlca_tile_backward(&backend->network, backend->kernels, backend->coefficients, &sources, state_at(backend, step),
                       backend->pitch, rows, backend->patch_gradients[step % 2] + (size_t)tile * DLCA_TILE,
                       backend->pitch, backend->sums + (size_t)group * (size_t)backend->network.gates * 4,
                       share->scratch);
}

static void gather_group(const Share *share, int32_t step, int32_t group) {
    const int32_t groups = share->backend->groups, cell_tiles = share->backend->patches.tiles;
    for (int64_t tile = part(cell_tiles, group, groups); tile < part(cell_tiles, group + 1, groups); tile++) {
        gather_state_gradient(share, step, (int32_t)tile);
    }
}

static void backward_group(const Share *share, int32_t step, int32_t group) {
    const int32_t groups = share->backend->groups;
    const int32_t tiles = tiles_at(share->backend, share->batch, step);
    for (int64_t tile = part(tiles, group, groups); tile < part(tiles, group + 1, groups); tile++) {
        backward_tile(share, step, (int32_t)tile, group);
    }
}

/* ---- the rollout ---- */

static void load_inputs(DlcaBackend *backend, const DlcaBatch *batch) {
    const int32_t C = backend->config.channels;
    float *state = state_at(backend, 0);
    for (int32_t cell = 0; cell < backend->cells; cell++) {
        for (int32_t c = 0; c < C; c++) {
            state[(size_t)c * backend->pitch + (size_t)cell] = batch->input[(size_t)cell * (size_t)C + (size_t)c];
        }
    }
}

/* Sum of squared differences, in double and in the order of cells: small beside a step, so one thread does it. */
static double total_loss(const DlcaBackend *backend, const DlcaBatch *batch) {
    double loss = 0.0;
    for (int32_t step = 0; step < backend->config.steps; step++) {
        const float weight = weight_after(backend, batch, step);
        const float *state = state_at(backend, step + 1);
        for (int32_t cell = 0; weight != 0.0f && cell < backend->cells; cell++) {
            for (int32_t s = 0; s < backend->config.scored_channels; s++) {
                const double value = (double)state[(size_t)s * backend->pitch + (size_t)cell];
                const double difference = value - (double)target_of(backend, batch, cell, s);
                loss += (double)weight * difference * difference;
            }
        }
    }
    return loss;
}

static void run_backward(const Share *share) {
    DlcaBackend *backend = share->backend;
    const int32_t first = (int32_t)part(backend->groups, share->thread, share->threads);
    const int32_t last = (int32_t)part(backend->groups, share->thread + 1, share->threads);
    const size_t group_sums = (size_t)backend->network.gates * 4;
    memset(backend->sums + (size_t)first * group_sums, 0, (size_t)(last - first) * group_sums * sizeof(float));
    for (int32_t step = backend->config.steps - 1; step >= 0; step--) {
        for (int32_t group = first; group < last; group++) {
            gather_group(share, step, group);
        }
        if (share->batch->fire) {
#pragma omp barrier /* columns lie anywhere among the cells; otherwise a tile needs its own cells' gradients alone */
        }
        for (int32_t group = first; group < last; group++) {
            backward_group(share, step, group);
        }
#pragma omp barrier
    }
    const int64_t gates = backend->network.gates;
    reduce(backend, part(gates, share->thread, share->threads), part(gates, share->thread + 1, share->threads));
}

static bool rollout(DlcaBackend *backend, const DlcaBatch *batch, bool backward, DlcaError *error) {
    if (batch->fire && !dlca_fire_load(&backend->fire, &backend->config, batch->fire, error)) {
        return false;
    }
    load_inputs(backend, batch);
    const bool prepares = !backend->prepared || batch->harden_probability > 0.0f;
    const int64_t gates = backend->network.gates;
#pragma omp parallel num_threads(backend->threads)
    {
        const int32_t thread = omp_get_thread_num(), threads = omp_get_num_threads();
        const Share share = {backend, batch, &backend->scratch[thread], thread, threads};
        if (prepares) {
            prepare(backend, batch, part(gates, thread, threads), part(gates, thread + 1, threads));
#pragma omp barrier
        }
        for (int32_t step = 0; step < backend->config.steps; step++) {
            forward_step(&share, step);
#pragma omp barrier
        }
        if (backward) {
            run_backward(&share);
        }
    }
    backend->prepared = batch->harden_probability <= 0.0f;
    return true;
}

static bool cpu_forward(DlcaBackend *backend, const DlcaBatch *batch, float *output, double *loss, DlcaError *error) {
    if (!rollout(backend, batch, false, error)) {
        return false;
    }
    const int32_t C = backend->config.channels;
    const float *state = state_at(backend, backend->config.steps);
    for (int32_t cell = 0; output && cell < backend->cells; cell++) {
        for (int32_t c = 0; c < C; c++) {
            output[(size_t)cell * (size_t)C + (size_t)c] = state[(size_t)c * backend->pitch + (size_t)cell];
        }
    }
    if (loss) {
        *loss = total_loss(backend, batch);
    }
    return true;
}

static bool cpu_backward(DlcaBackend *backend, const DlcaBatch *batch, double *loss, DlcaError *error) {
    if (!rollout(backend, batch, true, error)) {
        return false;
    }
    *loss = total_loss(backend, batch);
    return true;
}

static bool cpu_gradient(DlcaBackend *backend, float *gradient, DlcaError *error) {
    (void)error;
    memcpy(gradient, backend->gradient, (size_t)backend->network.gates * DLCA_OPS * sizeof(float));
    return true;
}

static bool cpu_update(DlcaBackend *backend, const DlcaAdamW *optimizer, DlcaError *error) {
    (void)error;
    backend->updates++;
    const double t = (double)backend->updates;
    const DlcaAdamWStep step = {.rate = optimizer->rate,
                                .b1 = optimizer->b1,
                                .b2 = optimizer->b2,
                                .epsilon = optimizer->epsilon,
                                .decay = optimizer->decay,
                                .clip = optimizer->clip,
                                .correction1 = (float)(1.0 - pow((double)optimizer->b1, t)),
                                .correction2 = (float)(1.0 - pow((double)optimizer->b2, t))};
    const int64_t gates = backend->network.gates;
#pragma omp parallel for num_threads(backend->threads) schedule(static)
    for (int32_t i = 0; i < backend->threads; i++) {
        const int64_t from = part(gates, i, backend->threads), to = part(gates, i + 1, backend->threads);
        const int64_t at = from * DLCA_OPS;
        backend->kernels->adamw(&step, (to - from) * DLCA_OPS, backend->gradient + at, backend->logits + at,
                                backend->m + at, backend->v + at);
    }
    backend->prepared = false;
    return true;
}

const DlcaBackendTable dlca_backend_cpu = {
    .name = "cpu",
    .create = cpu_create,
    .destroy = cpu_destroy,
    .load = cpu_load,
    .store = cpu_store,
    .rewire = cpu_rewire,
    .forward = cpu_forward,
    .backward = cpu_backward,
    .gradient = cpu_gradient,
    .update = cpu_update,
    .memory_bytes = cpu_memory_bytes,
};
