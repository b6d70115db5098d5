/* backend_memory.c - what the CPU backend allocates: shapes first, then one allocation, carved; and the list of it all.
 *
 * The functions that place the buffers are those that measure them, so the plan cannot differ from what is taken.
 * Leaves alone: what the buffers hold. */
#include "backend_cpu.h"
#include "turns.h"

#include <stdlib.h>

/* Gate evaluations of one step below which one thread works alone: life's 458 thousand take 40 microseconds forward,
 * and a second thread saves half of that at best, but may keep the first one waiting for much longer. */
static const double THREAD_WORK = 600e3;

static void take_parameters(DlcaBackend *backend, DlcaArena *arena) {
    const size_t gates = (size_t)backend->network.gates, slots = (size_t)backend->network.slots;
    const size_t logits = gates * DLCA_OPS;
    const char *shape = "[gate][operation]";
    backend->logits = dlca_arena_take_named(arena, "logits", shape, logits, sizeof(float));
    backend->m = dlca_arena_take_named(arena, "first moments", shape, logits, sizeof(float));
    backend->v = dlca_arena_take_named(arena, "second moments", shape, logits, sizeof(float));
    backend->gradient = dlca_arena_take_named(arena, "gradient", shape, logits, sizeof(float));
    backend->probability = dlca_arena_take_named(arena, "softmax of the logits", shape, logits, sizeof(float));
    backend->soft = dlca_arena_take_named(arena, "coefficients", "[gate][4]", gates * 4, sizeof(float));
    backend->coefficients =
        dlca_arena_take_named(arena, "coefficients in the kernels' order", "[slot][4]", slots * 4, sizeof(float));
    backend->sums = dlca_arena_take_named(arena, "gradient sums of each group of tiles", "[group][slot][4]",
                                          (size_t)backend->groups * slots * 4, sizeof(float));
    backend->gate_sums = dlca_arena_take_named(arena, "gradient sums", "[gate][4]", gates * 4, sizeof(float));
}

static void take_buffers(DlcaBackend *backend, DlcaArena *arena) {
    const size_t tiles = (size_t)backend->patches.tiles, every = (size_t)backend->checkpoint_every;
    const size_t plane = (size_t)backend->config.channels * backend->pitch;
    const size_t area = (size_t)backend->config.height * (size_t)backend->config.width;
    take_parameters(backend, arena);
    backend->checkpoints = dlca_arena_take_named(arena, "states at every K-th step", "[T / K + 1][channel][cell]",
                                                 ((size_t)backend->config.steps / every + 1) * plane, sizeof(float));
    backend->segment = dlca_arena_take_named(arena, "states between two of them", "[K - 1][channel][cell]",
                                             (every - 1) * plane, sizeof(float));
    backend->state_gradient =
        dlca_arena_take_named(arena, "gradient of the states", "[channel][cell]", plane, sizeof(float));
    backend->patch_gradient =
        dlca_arena_take_named(arena, "gradient of the patches", "[tile][neighbour][channel][32 cells]",
                              (tiles + 1) * dlca_patch_floats(&backend->network), sizeof(float));
    backend->neighbours = dlca_arena_take_named(arena, "neighbours", "[neighbour][cell of a grid]",
                                                DLCA_NEIGHBOURS * area, sizeof *backend->neighbours);
    backend->phase = dlca_arena_take_named(arena, "order of the steps", "[4 T + 1]",
                                           dlca_phases_room(backend->config.steps) + 1, sizeof *backend->phase);
    backend->worker =
        dlca_arena_take_named(arena, "threads", "[thread]", (size_t)backend->threads, sizeof *backend->worker);
}

bool dlca_cpu_allocate(DlcaBackend *backend, DlcaError *error) {
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

/* Everything but the buffers. */
bool dlca_cpu_shape(DlcaBackend *backend, const DlcaModel *model, const DlcaBackendOptions *options, DlcaError *error) {
    const DlcaConfig *config = &model->config;
    backend->config = *config;
    backend->config.steps = dlca_most_steps(model, options);
    backend->kernels = dlca_kernels_for(options->isa);
    backend->parametrization = dlca_parametrization(config->gates);
    backend->computes_repeats = options->computes_repeats;
    backend->computes_dead = options->computes_dead;
    backend->geometry = (DlcaGeometry){config->height, config->width, config->batch, config->periodic};
    backend->cells = config->height * config->width * config->batch;
    backend->pitch = dlca_row_pitch(backend->cells);
    if (!dlca_network_create(&backend->network, model, error) ||
        !dlca_patch_plan_create(&backend->patches, &backend->geometry, error) ||
        !dlca_patch_plan_reverse(&backend->reverse, &backend->geometry, dlca_patch_floats(&backend->network), DLCA_WIDE,
                                 error)) {
        return false;
    }
    backend->groups = dlca_groups(backend->patches.tiles);
    backend->threads = smaller(options->threads, backend->groups);
    if ((double)backend->cells * (double)dlca_model_cell_gates(model) < THREAD_WORK) {
        backend->threads = 1;
    }
    backend->checkpoint_every =
        dlca_checkpoints(options->checkpoint_every, config->steps, (size_t)config->channels * backend->pitch);
    return true;
}

static size_t plan_bytes(const DlcaPatchPlan *plan) {
    const size_t entries = (size_t)plan->tiles * DLCA_NEIGHBOURS;
    return (entries + 1) * sizeof *plan->first + (size_t)plan->first[entries] * sizeof *plan->spans;
}

/* Measures all buffers; what is there already is counted. */
static void list_memory(DlcaBackend *backend, DlcaMemoryPlan *plan) {
    DlcaArena buffers = {.plan = plan}, scratch = {0};
    DlcaTileScratch tile;
    *plan = (DlcaMemoryPlan){.threads = backend->threads, .checkpoint_every = backend->checkpoint_every};
    take_buffers(backend, &buffers);
    dlca_tile_scratch_take(&tile, &backend->network, &scratch);
    dlca_memory_plan_add(plan, "one tile's activations and gradients", "[thread]",
                         (size_t)backend->threads * scratch.used);
    dlca_memory_plan_add(plan, "order of the gates", "[slot]", backend->network.arena.used);
    dlca_memory_plan_add(plan, "where patches and their gradients lie", "[tile][neighbour][span]",
                         plan_bytes(&backend->patches) + plan_bytes(&backend->reverse));
    if (backend->config.asynchronous) {
        dlca_memory_plan_add(plan, "cells that fire", "[step][cell of a grid]", dlca_fire_bytes(&backend->config));
    }
}

bool dlca_cpu_check(const DlcaModel *model, const DlcaBackendOptions *options, DlcaError *error) {
    if (!dlca_isa_usable(options->isa) || options->threads < 1) {
        return dlca_fail(error, DLCA_BAD_INPUT, "this processor has no %s, or %d threads were asked for",
                         dlca_isa_name(options->isa), options->threads);
    }
    return dlca_checkpoints_check(options->checkpoint_every, dlca_most_steps(model, options), error);
}

bool dlca_cpu_fits(DlcaBackend *backend, DlcaError *error) {
    DlcaMemoryPlan plan;
    list_memory(backend, &plan);
    return dlca_memory_fits(&plan, error);
}

bool dlca_backend_cpu_plan(const DlcaModel *model, const DlcaBackendOptions *options, DlcaMemoryPlan *plan,
                           DlcaError *error) {
    DlcaBackend *backend = dlca_cpu_check(model, options, error) ? dlca_cpu_new(error) : NULL;
    const bool shaped = backend && dlca_cpu_shape(backend, model, options, error);
    if (shaped) {
        list_memory(backend, plan);
    }
    dlca_backend_cpu.destroy(backend);
    return shaped;
}

size_t dlca_cpu_bytes(const DlcaBackend *backend) {
    size_t bytes = backend->arena.used + backend->network.arena.used + plan_bytes(&backend->patches) +
                   plan_bytes(&backend->reverse) + (size_t)backend->threads * backend->worker[0].arena.used;
    return backend->fire.count ? bytes + dlca_fire_bytes(&backend->config) : bytes;
}

/* The counters want cache lines of their own. */
DlcaBackend *dlca_cpu_new(DlcaError *error) {
    DlcaBackend *backend = aligned_alloc(64, (sizeof *backend + 63) & ~(size_t)63);
    if (!backend) {
        dlca_fail(error, DLCA_FAILED, "no memory for a backend");
        return NULL;
    }
    memset(backend, 0, sizeof *backend);
    dlca_bell_create(&backend->bell);
    return backend;
}
