/* backend_cpu.c - the CPU backend: memory, parameters, updates. Leaves alone: the rollout (rollout.c), tasks, files. */
#include "backend_cpu.h"

#include <stdlib.h>

/* Groups of tiles with gradient sums of their own: enough for many threads, few enough that adding them up costs
 * nothing beside a step. */
enum { MAX_GROUPS = 8 };

/* Gate evaluations of one step below which a second thread costs more in barriers than it brings. */
static const double THREAD_WORK = 100e3;

/* ---- memory ---- */

static void take_buffers(DlcaBackend *backend, DlcaArena *arena) {
    const size_t gates = (size_t)backend->network.gates, slots = (size_t)backend->network.slots;
    const size_t C = (size_t)backend->config.channels, tiles = (size_t)backend->patches.tiles;
    const size_t plane = C * backend->pitch, area = (size_t)backend->config.height * (size_t)backend->config.width;
    backend->logits = dlca_arena_take(arena, gates * DLCA_OPS, sizeof(float));
    backend->m = dlca_arena_take(arena, gates * DLCA_OPS, sizeof(float));
    backend->v = dlca_arena_take(arena, gates * DLCA_OPS, sizeof(float));
    backend->gradient = dlca_arena_take(arena, gates * DLCA_OPS, sizeof(float));
    backend->probability = dlca_arena_take(arena, gates * DLCA_OPS, sizeof(float));
    backend->soft = dlca_arena_take(arena, gates * 4, sizeof(float));
    backend->coefficients = dlca_arena_take(arena, slots * 4, sizeof(float));
    backend->sums = dlca_arena_take(arena, (size_t)backend->groups * slots * 4, sizeof(float));
    backend->gate_sums = dlca_arena_take(arena, gates * 4, sizeof(float));
    backend->states = dlca_arena_take(arena, ((size_t)backend->config.steps + 1) * plane, sizeof(float));
    backend->state_gradient = dlca_arena_take(arena, plane, sizeof(float));
    backend->patch_gradient = dlca_arena_take(arena, (tiles + 1) * dlca_patch_floats(&backend->network), sizeof(float));
    backend->neighbours = dlca_arena_take(arena, DLCA_NEIGHBOURS * area, sizeof *backend->neighbours);
    backend->worker = dlca_arena_take(arena, (size_t)backend->threads, sizeof *backend->worker);
}

static void cpu_destroy(DlcaBackend *backend) {
    if (!backend) {
        return;
    }
    for (int32_t i = 0; backend->arena.base && i < backend->threads; i++) {
        dlca_arena_free(&backend->worker[i].arena);
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
        DlcaWorker *worker = &backend->worker[i];
        dlca_tile_scratch_take(&worker->scratch, &backend->network, &worker->arena);
        if (!dlca_arena_allocate(&worker->arena)) {
            return dlca_fail(error, DLCA_FAILED, "no memory for the buffers of %d threads", backend->threads);
        }
        dlca_tile_scratch_take(&worker->scratch, &backend->network, &worker->arena);
    }
    return true;
}

static int32_t smaller(int32_t a, int32_t b) {
    return a < b ? a : b;
}

static void fill_neighbours(DlcaBackend *backend) {
    const int32_t area = backend->config.height * backend->config.width;
    for (int n = 0; n < DLCA_NEIGHBOURS; n++) {
        for (int32_t cell = 0; cell < area; cell++) {
            backend->neighbours[(size_t)n * (size_t)area + (size_t)cell] = dlca_neighbour(&backend->geometry, cell, n);
        }
    }
}

static bool build(DlcaBackend *backend, const DlcaModel *model, const DlcaBackendOptions *options, DlcaError *error) {
    const DlcaConfig *config = &model->config;
    backend->config = *config;
    backend->kernels = dlca_kernels_for(options->isa);
    backend->geometry = (DlcaGeometry){config->height, config->width, config->batch, config->periodic};
    backend->cells = config->height * config->width * config->batch;
    backend->pitch = dlca_row_pitch(backend->cells);
    if (!dlca_network_create(&backend->network, model, error) ||
        !dlca_patch_plan_create(&backend->patches, &backend->geometry, error) ||
        !dlca_patch_plan_reverse(&backend->reverse, &backend->geometry, dlca_patch_floats(&backend->network), DLCA_WIDE,
                                 error)) {
        return false;
    }
    backend->groups = smaller(backend->patches.tiles, MAX_GROUPS);
    backend->threads = smaller(options->threads, backend->groups);
    if ((double)backend->cells * (double)dlca_model_cell_gates(model) < THREAD_WORK) {
        backend->threads = 1;
    }
    if (!allocate_buffers(backend, error)) {
        return false;
    }
    fill_neighbours(backend);
    return true;
}

static DlcaBackend *cpu_create(const DlcaModel *model, const DlcaBackendOptions *options, DlcaError *error) {
    if (!dlca_isa_usable(options->isa) || options->threads < 1) {
        dlca_fail(error, DLCA_BAD_INPUT, "this processor has no %s, or %d threads were asked for",
                  dlca_isa_name(options->isa), options->threads);
        return NULL;
    }
    /* the barrier wants cache lines of its own */
    DlcaBackend *backend = aligned_alloc(64, (sizeof *backend + 63) & ~(size_t)63);
    if (!backend) {
        dlca_fail(error, DLCA_FAILED, "no memory for a backend");
        return NULL;
    }
    memset(backend, 0, sizeof *backend);
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
           (size_t)backend->threads * backend->worker[0].arena.used;
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
void dlca_prepare_gates(DlcaBackend *backend, const DlcaBatch *batch, int64_t from, int64_t to) {
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

/* Adds the groups' sums of a gate in a fixed tree (0+1, 2+3, ..; 0+2, ..). */
static float add_groups(DlcaBackend *backend, size_t at) {
    const size_t stride = (size_t)backend->network.slots * 4;
    float *sums = backend->sums + at;
    for (int32_t apart = 1; apart < backend->groups; apart *= 2) {
        for (int32_t g = 0; g + apart < backend->groups; g += 2 * apart) {
            sums[(size_t)g * stride] += sums[(size_t)(g + apart) * stride];
        }
    }
    return sums[0];
}

/* Sums from the kernels' order into the model's, then the gradient. */
void dlca_reduce_gates(DlcaBackend *backend, int64_t from, int64_t to) {
    const DlcaNetwork *network = &backend->network;
    for (int64_t gate = from; gate < to; gate++) {
        const size_t slot = (size_t)network->slot[gate];
        float *sums = backend->gate_sums + gate * 4, total[4];
        for (size_t j = 0; j < 4; j++) {
            total[j] = add_groups(backend, dlca_sum_at(slot, j));
        }
        const bool swapped = network->swapped[gate];
        sums[0] = total[0];
        sums[1] = total[swapped ? 2 : 1];
        sums[2] = total[swapped ? 1 : 2];
        sums[3] = total[3];
    }
    backend->kernels->expand(backend->probability + from * DLCA_OPS, backend->gate_sums + from * 4, to - from,
                             backend->gradient + from * DLCA_OPS);
}

/* ---- the table ---- */

static bool cpu_forward(DlcaBackend *backend, const DlcaBatch *batch, float *output, double *loss, DlcaError *error) {
    if (!dlca_rollout(backend, batch, false, loss, error)) {
        return false;
    }
    const int32_t C = backend->config.channels;
    const float *state = dlca_state_at(backend, backend->config.steps);
    for (int32_t cell = 0; output && cell < backend->cells; cell++) {
        for (int32_t c = 0; c < C; c++) {
            output[(size_t)cell * (size_t)C + (size_t)c] = state[(size_t)c * backend->pitch + (size_t)cell];
        }
    }
    return true;
}

static bool cpu_backward(DlcaBackend *backend, const DlcaBatch *batch, double *loss, DlcaError *error) {
    return dlca_rollout(backend, batch, true, loss, error);
}

static bool cpu_gradient(DlcaBackend *backend, float *gradient, DlcaError *error) {
    (void)error;
    memcpy(gradient, backend->gradient, (size_t)backend->network.gates * DLCA_OPS * sizeof(float));
    return true;
}

/* x^n by squaring: the library's pow need not round alike everywhere. */
static double power(double x, int64_t n) {
    double result = 1.0;
    for (; n > 0; n /= 2) {
        result = n % 2 ? result * x : result;
        x *= x;
    }
    return result;
}

static bool cpu_update(DlcaBackend *backend, const DlcaAdamW *optimizer, DlcaError *error) {
    (void)error;
    backend->updates++;
    const int64_t t = backend->updates;
    const DlcaAdamWStep step = {.rate = optimizer->rate,
                                .b1 = optimizer->b1,
                                .b2 = optimizer->b2,
                                .epsilon = optimizer->epsilon,
                                .decay = optimizer->decay,
                                .clip = optimizer->clip,
                                .correction1 = (float)(1.0 - power((double)optimizer->b1, t)),
                                .correction2 = (float)(1.0 - power((double)optimizer->b2, t))};
    /* one thread: 3040 gates take 40 microseconds, no more than it takes to wake another */
    backend->kernels->adamw(&step, backend->network.gates * DLCA_OPS, backend->gradient, backend->logits, backend->m,
                            backend->v);
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
