/* shape.c - how a model's work is cut into strips and blocks for a device, and the memory that it takes there. */
#include "backend_gpu.h"

#include <stdlib.h>
#include <string.h>

/* Threads of a block: one for each gate of a wide layer. The kernels are compiled for no more (rollout_launch.cuh). */
enum { LEAST_THREADS = 128, MOST_THREADS = 256, LANES_OF_WARP = 32 };

static int32_t smaller(int32_t a, int32_t b) {
    return a < b ? a : b;
}

static int32_t larger(int32_t a, int32_t b) {
    return a > b ? a : b;
}

/* ---- rows of a strip ---- */

/* The values and gradients of the kernels on so many channels take the place of the update layers' activations. */
static int32_t kernel_rows(const DlcaNetwork *network, int32_t piece) {
    return 2 * network->kernel_slots * network->kernels * piece;
}

static int32_t gradient_rows(const DlcaNetwork *network) {
    return larger(network->update_inputs, larger(network->widest, network->channels));
}

int32_t dlca_gpu_work_rows(const DlcaNetwork *network, int32_t piece) {
    const int32_t rows = (DLCA_NEIGHBOURS)*network->channels + network->update_inputs + 2 * gradient_rows(network) +
                         DLCA_NEIGHBOURS + 1 + larger(network->update_slots, kernel_rows(network, piece));
    return (rows + 3) / 4 * 4; /* what lies behind begins at 16 bytes */
}

/* As many channels as there is room for anyway, in whole chunks. */
static int32_t choose_piece(const DlcaNetwork *network) {
    int32_t piece = DLCA_CHUNK;
    while (piece < network->channels && kernel_rows(network, piece + DLCA_CHUNK) <= network->update_slots) {
        piece += DLCA_CHUNK;
    }
    return piece;
}

/* ---- cutting the work ---- */

static size_t table_bytes(const DlcaGpuModel *model) {
    return (size_t)model->slots * 16 + (size_t)model->update_gates * sizeof(DlcaGpuStep) +
           2 * (size_t)model->update_gates * sizeof(DlcaGpuVisit) + (size_t)model->visit_rows * sizeof(int32_t);
}

/* One way to cut it. */
typedef struct Cut {
    DlcaGpuLaunch launch; /* blocks: of one model */
    bool work_is_shared, tables_are_shared;
    int32_t resident; /* blocks that run at the same time */
    double cost;      /* of a step, in any unit */
} Cut;

static DlcaGpuLaunch launch_of(const DlcaGpuModel *model, int32_t width, bool work_is_shared, bool tables_are_shared) {
    const size_t work = work_is_shared ? (size_t)model->work_rows * (size_t)width * sizeof(float) : 0;
    const size_t lists = (size_t)model->threads * sizeof(int32_t); /* of cells that fire */
    const size_t shared = work + (tables_are_shared ? table_bytes(model) : 0);
    return (DlcaGpuLaunch){.width = width, .threads = model->threads, .shared_bytes = shared > lists ? shared : lists};
}

/* Estimates, since no device was measured: a strip takes as long as eight lanes for what does not depend on their
 * number, longer when the tables come from far, and much longer when its rows do. */
static const double STRIP_LANES = 8.0, FAR_TABLES = 1.25, FAR_ROWS = 10.0;

/* Fills in resident, blocks and cost; resident is 0 when the device cannot run it. */
static bool weigh_cut(DlcaBackend *backend, int32_t count, Cut *cut, DlcaError *error) {
    const int32_t units = backend->model.tiles * (DLCA_TILE / cut->launch.width);
    cut->resident = 0;
    if (cut->launch.shared_bytes > backend->limits.shared_bytes) {
        return true;
    }
    if (!backend->driver->resident(backend->device, &cut->launch, &cut->resident, error)) {
        return false;
    }
    cut->launch.blocks = larger(1, smaller(units, cut->resident / count));
    const int32_t rounds = (units + cut->launch.blocks - 1) / cut->launch.blocks;
    cut->cost = rounds * (STRIP_LANES + cut->launch.width) * (cut->tables_are_shared ? 1.0 : FAR_TABLES) *
                (cut->work_is_shared ? 1.0 : FAR_ROWS);
    return true;
}

/* The best cut for `count` models at a time among strips of at least `narrowest` lanes. */
static bool choose_cut(DlcaBackend *backend, int32_t count, int32_t narrowest, bool only_shared, Cut *best,
                       DlcaError *error) {
    *best = (Cut){0};
    for (int32_t i = 0; i < DLCA_GPU_WIDTHS; i++) {
        for (int way = 0; way < 4 && dlca_gpu_width(i) >= narrowest; way++) {
            Cut cut = {.work_is_shared = way < 2, .tables_are_shared = way % 2 == 0};
            cut.launch = launch_of(&backend->model, dlca_gpu_width(i), cut.work_is_shared, cut.tables_are_shared);
            if (only_shared && !cut.work_is_shared) {
                continue;
            }
            if (!weigh_cut(backend, count, &cut, error)) {
                return false;
            }
            if (cut.resident > 0 && (best->resident == 0 || cut.cost < best->cost)) {
                *best = cut;
            }
        }
    }
    return best->resident > 0 || dlca_fail(error, DLCA_FAILED, "the device runs no block of %d threads with %zu bytes",
                                           backend->model.threads, backend->limits.shared_bytes);
}

/* ---- sizes ---- */

static void set_shape(DlcaBackend *backend, const DlcaBackendOptions *options) {
    const DlcaConfig *config = &backend->config;
    const DlcaNetwork *network = &backend->network;
    DlcaGpuModel *model = &backend->model;
    model->channels = config->channels;
    model->scored = config->scored_channels;
    model->kernels = config->kernels;
    model->outputs = network->kernel_outputs;
    model->height = config->height;
    model->width = config->width;
    model->area = config->height * config->width;
    model->grids = config->batch;
    model->cells = model->area * model->grids;
    model->steps = config->steps;
    model->pitch = (int32_t)dlca_row_pitch(model->cells);
    model->tiles = dlca_row_zeros(model->cells) / DLCA_TILE;
    model->groups = dlca_groups(model->tiles);
    model->chunks = dlca_chunks(network);
    model->every =
        dlca_checkpoints(options->checkpoint_every, config->steps, (size_t)config->channels * (size_t)model->pitch);
    model->kernel_slots = network->kernel_slots;
    model->perceive_layers = network->perceive_layers;
    model->update_layers = network->update_layers;
    model->update_inputs = network->update_inputs;
    model->update_slots = network->update_slots;
    model->gradient_rows = gradient_rows(network);
    model->gates = (int32_t)network->gates;
    model->slots = (int32_t)network->slots;
    model->patch_floats = (int32_t)dlca_patch_floats(network);
    model->partial_sums = model->chunks * model->kernels * model->kernel_slots + model->update_slots;
    model->piece = choose_piece(network);
    model->work_rows = dlca_gpu_work_rows(network, model->piece);
    model->threads = smaller(
        MOST_THREADS, larger(LEAST_THREADS, (network->widest + LANES_OF_WARP - 1) / LANES_OF_WARP * LANES_OF_WARP));
    model->harden_purpose = DLCA_RANDOM_HARDEN;
    model->noise_purpose = config->gates == DLCA_GATES_GUMBEL ? DLCA_RANDOM_GUMBEL : 0;
    model->light = config->gates == DLCA_GATES_LIGHT;
    model->start_purpose = DLCA_RANDOM_START;
    model->fire_purpose = DLCA_RANDOM_FIRE;
    model->seed = config->seed;
    model->update_gates = backend->tables.update_gates;
    model->visit_rows = backend->tables.visit_rows;
    model->visits = backend->tables.visits;
    model->pairs = backend->tables.pairs;
    model->unused_rows = backend->tables.unused_rows;
}

static bool check_sizes(const DlcaBackend *backend, const DlcaModel *model, DlcaError *error) {
    const DlcaGpuModel *gpu = &backend->model;
    const double most = INT32_MAX;
    if ((double)gpu->tiles * gpu->patch_floats > most || (double)model->gates * DLCA_OPS > most ||
        (double)gpu->groups * gpu->slots * 4 > most || (double)gpu->work_rows * 8 > most) {
        return dlca_fail(
            error, DLCA_BAD_INPUT,
            "the CUDA backend counts values in 31 bits: %d cells of %d channels with %lld gates are too many",
            gpu->cells, gpu->channels, (long long)model->gates);
    }
    return true;
}

static void use_cut(const Cut *cut, DlcaGpuModel *model) {
    model->blocks = cut->launch.blocks;
    model->work_is_shared = cut->work_is_shared;
    model->tables_are_shared = cut->tables_are_shared;
}

bool dlca_gpu_shape(DlcaBackend *backend, const DlcaModel *model, const DlcaBackendOptions *options, DlcaError *error) {
    Cut cut;
    backend->config = model->config;
    backend->config.steps = dlca_most_steps(model, options);
    backend->geometry =
        (DlcaGeometry){model->config.height, model->config.width, model->config.batch, model->config.periodic};
    if (!dlca_checkpoints_check(options->checkpoint_every, backend->config.steps, error) ||
        !dlca_network_create(&backend->network, model, error) ||
        !dlca_gpu_tables_create(&backend->tables, &backend->network, error)) {
        return false;
    }
    set_shape(backend, options);
    if (!check_sizes(backend, model, error) || !choose_cut(backend, 1, 0, false, &cut, error)) {
        return false;
    }
    use_cut(&cut, &backend->model);
    backend->launch = cut.launch;
    return true;
}

/* Several models leave fewer blocks for each, and often ask for wider strips. The buffers are there for the strips of
 * one model alone: wider ones need no more, but rows outside of the blocks' memory are there for its own cut only. */
bool dlca_gpu_side_by_side(DlcaBackend *backend, int32_t count, DlcaGpuLaunch *launch, DlcaGpuModel *model,
                           int32_t *at_a_time, DlcaError *error) {
    Cut cut = {.launch = backend->launch,
               .work_is_shared = backend->model.work_is_shared,
               .tables_are_shared = backend->model.tables_are_shared};
    if (cut.work_is_shared ? !choose_cut(backend, count, backend->launch.width, true, &cut, error)
                           : !weigh_cut(backend, count, &cut, error)) {
        return false;
    }
    *launch = cut.launch;
    *at_a_time = smaller(count, cut.resident / cut.launch.blocks);
    use_cut(&cut, model);
    return true;
}

/* ---- memory ---- */

static void *take(DlcaArena *arena, const char *name, const char *shape, size_t count, size_t size) {
    return dlca_arena_take_named(arena, name, shape, count, size);
}

static void take_parameters(DlcaGpuModel *model, DlcaArena *arena) {
    const size_t logits = (size_t)model->gates * DLCA_OPS, slots = (size_t)model->slots;
    const char *shape = "[gate][operation]";
    model->logits = take(arena, "logits", shape, logits, sizeof(float));
    model->m = take(arena, "first moments", shape, logits, sizeof(float));
    model->v = take(arena, "second moments", shape, logits, sizeof(float));
    model->gradient = take(arena, "gradient", shape, logits, sizeof(float));
    model->probability = take(arena, "softmax of the logits", shape, logits, sizeof(float));
    model->coefficients = take(arena, "coefficients", "[slot][4]", slots * 4, sizeof(float));
    model->sums = take(arena, "gradient sums of each group of tiles", "[group][slot][4]",
                       (size_t)model->groups * slots * 4, sizeof(float));
}

static void take_states(DlcaGpuModel *model, int32_t most_steps, const DlcaGpuLaunch *launch, DlcaArena *arena) {
    const size_t plane = (size_t)model->channels * (size_t)model->pitch, every = (size_t)model->every;
    const size_t strips = (size_t)model->tiles * (size_t)(DLCA_TILE / launch->width);
    const size_t work = (size_t)model->work_rows * (size_t)launch->width;
    model->checkpoints = take(arena, "states at every K-th step", "[T / K + 1][channel][cell]",
                              ((size_t)most_steps / every + 1) * plane, sizeof(float));
    model->segment =
        take(arena, "states between two of them", "[K - 1][channel][cell]", (every - 1) * plane, sizeof(float));
    model->state_gradient = take(arena, "gradient of the states", "[channel][cell]", plane, sizeof(float));
    model->patch_gradient = take(arena, "gradient of the patches", "[tile][neighbour][channel][32 cells]",
                                 (size_t)model->tiles * (size_t)model->patch_floats, sizeof(float));
    model->partial = take(arena, "gradient sums of each strip of a step", "[tile][strip][slot][4]",
                          strips * (size_t)model->partial_sums * 4, sizeof(float));
    model->work = take(arena, "activations and gradients of a strip", "[block][row][lane]",
                       model->work_is_shared ? 0 : (size_t)launch->blocks * work, sizeof(float));
    model->loss_term = take(arena, "terms of the loss", "[cell][scored channel]",
                            (size_t)model->cells * (size_t)model->scored, sizeof(double));
    model->barrier = take(arena, "barrier", "", 1, sizeof *model->barrier);
}

static void take_batch(DlcaBackend *backend, DlcaArena *arena) {
    DlcaGpuModel *model = &backend->model;
    const size_t cells = (size_t)model->cells, steps = (size_t)backend->config.steps;
    const size_t masks = steps * (size_t)model->area; /* a batch may have them whatever the configuration says */
    model->input = take(arena, "starts", "[cell][channel]", cells * (size_t)model->channels, sizeof(float));
    model->target = take(arena, "targets", "[cell][scored channel]", cells * (size_t)model->scored, sizeof(float));
    backend->step_weight.device = take(arena, "weights of the steps", "[step]", steps, sizeof(float));
    model->fire = take(arena, "firing masks", "[step][cell of a grid]", masks, sizeof(uint8_t));
    model->fire_count = take(arena, "cells that fire", "[step]", steps, sizeof(int32_t));
    model->fire_cell = take(arena, "which they are", "[step][cell of a grid]", masks, sizeof(int32_t));
    model->fire_place = take(arena, "places among them", "[step][cell of a grid]", masks, sizeof(int32_t));
    backend->input.device = (void *)model->input;
    backend->target.device = (void *)model->target;
    backend->fire.device = (void *)model->fire;
}

static void take_wiring(DlcaGpuModel *model, DlcaArena *arena) {
    const size_t gates = (size_t)model->update_gates, first = (size_t)model->pairs;
    model->layer = take(arena, "layers", "[layer]", (size_t)model->update_layers, sizeof *model->layer);
    model->step = take(arena, "gates of the update layers", "[gate]", gates, sizeof *model->step);
    model->visit = take(arena, "trails through inputs", "[visit]", 2 * gates, sizeof *model->visit);
    model->visit_first = take(arena, "trails of each input", "[input]", (size_t)model->visit_rows, sizeof(int32_t));
    model->pair = take(arena, "gates of a kernel", "[gate]", first, sizeof *model->pair);
    model->layer_pairs = take(arena, "its layers", "[layer]", (size_t)model->perceive_layers + 1, sizeof(int32_t));
    model->unused_row = take(arena, "its unused rows", "[row]", (size_t)model->kernel_slots, sizeof(int32_t));
    model->use = take(arena, "uses of the patch", "[use]", 2 * first, sizeof *model->use);
    model->use_first = take(arena, "uses of each neighbour", "[10]", DLCA_NEIGHBOURS + 1, sizeof(int32_t));
    model->slot = take(arena, "order of the gates", "[gate]", (size_t)model->gates, sizeof *model->slot);
    model->swapped = take(arena, "gates whose inputs change places", "[gate]", (size_t)model->gates, 1);
    model->neighbours = take(arena, "neighbours", "[neighbour][cell of a grid]", DLCA_NEIGHBOURS * (size_t)model->area,
                             sizeof *model->neighbours);
}

void dlca_gpu_take_buffers(DlcaBackend *backend, DlcaArena *arena) {
    backend->passes =
        take(arena, "losses of the last epochs", "[epoch + 1]", DLCA_MOST_PASSES_KEPT + 1, sizeof *backend->passes);
    take_parameters(&backend->model, arena);
    take_states(&backend->model, backend->config.steps, &backend->launch, arena);
    take_batch(backend, arena);
    take_wiring(&backend->model, arena);
}
