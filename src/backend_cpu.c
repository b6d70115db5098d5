/* backend_cpu.c - the CPU backend: its life, parameters, updates. Leaves alone: how its memory is laid out
 * (backend_memory.c), the rollout (rollout.c), tasks, files. */
#include "backend_cpu.h"

#include <stdlib.h>

/* ---- life ---- */

static void cpu_destroy(DlcaBackend *backend) {
    if (!backend) {
        return;
    }
    dlca_threads_destroy(backend->team);
    dlca_bell_destroy(&backend->bell);
    for (int32_t i = 0; backend->arena.base && i < backend->threads; i++) {
        dlca_arena_free(&backend->worker[i].arena);
    }
    dlca_arena_free(&backend->arena);
    dlca_fire_free(&backend->fire);
    dlca_classes_free(&backend->classes);
    dlca_patch_plan_free(&backend->patches);
    dlca_patch_plan_free(&backend->reverse);
    dlca_network_free(&backend->network);
    free(backend);
}

static void fill_neighbours(DlcaBackend *backend) {
    const int32_t area = backend->config.height * backend->config.width;
    for (int n = 0; n < DLCA_NEIGHBOURS; n++) {
        for (int32_t cell = 0; cell < area; cell++) {
            backend->neighbours[(size_t)n * (size_t)area + (size_t)cell] = dlca_neighbour(&backend->geometry, cell, n);
        }
    }
}

/* By the tiles that they have when every cell is a column. */
static void fill_near_groups(DlcaBackend *backend) {
    for (int32_t group = 0; group < backend->groups; group++) {
        const DlcaTiles tiles = dlca_column_tiles(backend, DLCA_COLUMNS_CELLS, 0, group);
        for (int32_t cell = tiles.first * DLCA_TILE; cell < tiles.last * DLCA_TILE && cell < backend->cells; cell++) {
            for (int n = 0; n < DLCA_NEIGHBOURS; n++) {
                const int32_t other = dlca_neighbour(&backend->geometry, cell, n);
                if (other >= 0) {
                    backend->near[group] |= 1u << dlca_group_of_tile(backend, other / DLCA_TILE);
                }
            }
        }
    }
}

static DlcaBackend *cpu_create(const DlcaModel *model, const DlcaBackendOptions *options, DlcaError *error) {
    DlcaBackend *backend = dlca_cpu_check(model, options, error) ? dlca_cpu_new(error) : NULL;
    if (!backend) {
        return NULL;
    }
    if (!dlca_cpu_shape(backend, model, options, error) || !dlca_cpu_fits(backend, error) ||
        !dlca_cpu_allocate(backend, error) ||
        (model->config.asynchronous && !dlca_fire_reserve(&backend->fire, &backend->config, error)) ||
        !(backend->team = dlca_threads_create(backend->threads, error))) {
        cpu_destroy(backend);
        return NULL;
    }
    fill_neighbours(backend);
    fill_near_groups(backend);
    memcpy(backend->logits, model->logits, (size_t)model->gates * DLCA_OPS * sizeof(float));
    return backend;
}

double dlca_backend_cpu_worked(const DlcaBackend *backend) {
    double worked = 0.0;
    for (int32_t i = 0; i < backend->threads; i++) {
        worked += backend->worker[i].worked;
    }
    return worked;
}

int32_t dlca_backend_cpu_threads(const DlcaBackend *backend) {
    return backend->threads;
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
    if (backend->parametrization->hard || batch->harden_probability <= 0.0f) {
        return backend->parametrization->hard;
    }
    uint32_t draws[4];
    dlca_random(backend->config.seed, DLCA_RANDOM_HARDEN, batch->epoch, 0, (uint32_t)(gate / 4), draws);
    return (double)draws[gate % 4] < (double)batch->harden_probability * 4294967296.0;
}

/* Of logits, or of probabilities. */
static int most_probable(const float *weights) {
    int best = 0;
    for (int op = 1; op < DLCA_OPS; op++) {
        best = weights[op] > weights[best] ? op : best;
    }
    return best;
}

/* The logits of gates from..to-1 in this epoch, where they differ from the parameters: in place of the probabilities,
 * which are made of them. */
static const float *disturbed(DlcaBackend *backend, const DlcaBatch *batch, int64_t from, int64_t to) {
    const size_t first = (size_t)from * DLCA_OPS;
    if (!backend->parametrization->disturb) {
        return backend->logits + first;
    }
    memcpy(backend->probability + first, backend->logits + first, (size_t)(to - from) * DLCA_OPS * sizeof(float));
    for (int64_t gate = from; gate < to; gate++) {
        backend->parametrization->disturb(backend->config.seed, batch->epoch, gate,
                                          backend->probability + gate * DLCA_OPS);
    }
    return backend->probability + first;
}

/* Softmax once per update, then the coefficients in the order of the kernels. */
void dlca_prepare_gates(DlcaBackend *backend, const DlcaBatch *batch, int64_t from, int64_t to) {
    const DlcaNetwork *network = &backend->network;
    const float *weights = backend->parametrization->disturb ? backend->probability : backend->logits;
    backend->kernels->softmax(disturbed(backend, batch, from, to), to - from, backend->probability + from * DLCA_OPS,
                              backend->soft + from * 4);
    for (int64_t gate = from; gate < to; gate++) {
        const float *c = backend->soft + gate * 4;
        if (hardened(backend, batch, gate)) {
            c = dlca_op_coefficients[most_probable(weights + gate * DLCA_OPS)];
        }
        float *slot = backend->coefficients + (size_t)network->slot[gate] * 4;
        const bool swapped = network->swapped[gate];
        slot[0] = c[0];
        slot[1] = c[swapped ? 2 : 1];
        slot[2] = c[swapped ? 1 : 2];
        slot[3] = c[3];
    }
}

/* In a fixed tree over the groups (0+1, 2+3, ..; 0+2, ..). Side by side, not gate by gate in the model's order, which
 * took an eighth of life's time. */
void dlca_add_groups(DlcaBackend *backend, size_t from, size_t to) {
    const size_t stride = (size_t)backend->network.slots * 4;
    for (int32_t apart = 1; apart < backend->groups; apart *= 2) {
        for (int32_t g = 0; g + apart < backend->groups; g += 2 * apart) {
            float *restrict sums = backend->sums + (size_t)g * stride;
            const float *restrict others = backend->sums + (size_t)(g + apart) * stride;
            for (size_t at = from; at < to; at++) {
                sums[at] += others[at];
            }
        }
    }
}

/* Sums from the kernels' order into the model's, then the gradient. */
void dlca_reduce_gates(DlcaBackend *backend, int64_t from, int64_t to) {
    const DlcaNetwork *network = &backend->network;
    for (int64_t gate = from; gate < to; gate++) {
        const size_t slot = (size_t)network->slot[gate];
        float *sums = backend->gate_sums + gate * 4, total[4];
        for (size_t j = 0; j < 4; j++) {
            total[j] = backend->sums[dlca_sum_at(slot, j)];
        }
        const bool swapped = network->swapped[gate];
        sums[0] = total[0];
        sums[1] = total[swapped ? 2 : 1];
        sums[2] = total[swapped ? 1 : 2];
        sums[3] = total[3];
    }
    backend->kernels->expand(backend->probability + from * DLCA_OPS, backend->gate_sums + from * 4, to - from,
                             backend->gradient + from * DLCA_OPS);
    for (int64_t gate = from; backend->parametrization->pull_back && gate < to; gate++) {
        backend->parametrization->pull_back(backend->gradient + gate * DLCA_OPS);
    }
}

/* ---- the table ---- */

static bool cpu_forward(DlcaBackend *backend, const DlcaBatch *batch, float *output, double *loss, DlcaError *error) {
    return dlca_rollout(backend, batch, false, output, loss, error);
}

static bool cpu_backward(DlcaBackend *backend, const DlcaBatch *batch, double *loss, DlcaError *error) {
    return dlca_rollout(backend, batch, true, NULL, loss, error);
}

static bool cpu_loss(DlcaBackend *backend, double *loss, DlcaError *error) {
    (void)error;
    *loss = backend->loss;
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
    const DlcaAdamWStep step = dlca_adamw_step(optimizer, backend->updates);
    /* one thread: 3040 gates take 40 microseconds, no more than it takes to wake another */
    const int64_t first = optimizer->fixed_perception ? backend->network.update_first * DLCA_OPS : 0;
    backend->kernels->adamw(&step, backend->network.gates * DLCA_OPS - first, backend->gradient + first,
                            backend->logits + first, backend->m + first, backend->v + first);
    for (int64_t gate = 0; backend->parametrization->settle && gate < backend->network.gates; gate++) {
        backend->parametrization->settle(backend->logits + gate * DLCA_OPS);
    }
    backend->prepared = false;
    return true;
}

static int64_t cells_computed(const DlcaBackend *backend, const DlcaBatch *batch) {
    const int32_t steps = dlca_pass_steps(backend, batch);
    int64_t cells = batch->fire ? 0 : (int64_t)backend->cells * steps;
    for (int32_t step = 0; batch->fire && step < steps; step++) {
        cells += (int64_t)backend->fire.count[step] * backend->config.batch;
    }
    return cells;
}

static bool cpu_train(DlcaBackend *const *backends, const DlcaBatch *batches, const DlcaAdamW *optimizers,
                      int32_t count, DlcaError *error) {
    bool done = true;
    for (int32_t i = 0; done && i < count; i++) {
        DlcaBackend *backend = backends[i];
        done = cpu_backward(backend, &batches[i], &backend->pass.loss, error) &&
               cpu_update(backend, &optimizers[i], error);
        backend->pass.cells = done ? cells_computed(backend, &batches[i]) : 0;
    }
    return done;
}

static bool cpu_passes(DlcaBackend *backend, DlcaPass *passes, int32_t count, DlcaError *error) {
    (void)count; /* one at most */
    (void)error;
    *passes = backend->pass;
    return true;
}

static bool cpu_plan(const DlcaModel *model, const DlcaBackendOptions *options, DlcaMemoryPlan *plan,
                     DlcaError *error) {
    return dlca_backend_cpu_plan(model, options, plan, error) && dlca_memory_fits(plan, error);
}

const DlcaBackendTable dlca_backend_cpu = {
    .name = "cpu",
    .passes_kept = 1,
    .plan = cpu_plan,
    .create = cpu_create,
    .destroy = cpu_destroy,
    .load = cpu_load,
    .store = cpu_store,
    .rewire = cpu_rewire,
    .forward = cpu_forward,
    .backward = cpu_backward,
    .loss = cpu_loss,
    .gradient = cpu_gradient,
    .update = cpu_update,
    .train = cpu_train,
    .passes = cpu_passes,
    .memory_bytes = dlca_cpu_bytes,
};
