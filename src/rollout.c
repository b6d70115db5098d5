/* rollout.c - the soft rollout on the processor: steps, threads, gradients in a fixed order.
 *
 * Forward keeps the states of every K-th step and of those after the last of them; backward goes from step to step, and
 * where it comes to a stretch whose states are gone, computes them again from its first. The activations of one step at
 * a time are recomputed from its states. Work is
 * cut into tiles of DLCA_TILE columns; tiles belong to groups, whose number depends on the shape alone; each group has
 * its own gradient sums, which are added in a fixed tree at the end. A thread works on whole groups. So the result does
 * not depend on the number of threads. Leaves alone: one tile (tile.c), tasks, files. */
#include "backend_cpu.h"
#include "profile.h"

#include <omp.h>

/* One thread's part of a rollout. */
typedef struct Share {
    DlcaBackend *backend;
    const DlcaBatch *batch;
    DlcaTileWork work;
    bool fires;
    int32_t first_group, last_group; /* its groups, last excluded */
    int32_t thread, threads;
    double loss; /* thread 0's is the sum */
} Share;

static int32_t smaller(int32_t a, int32_t b) {
    return a < b ? a : b;
}

static void meet(const Share *share) {
    dlca_barrier_wait(&share->backend->barrier, share->threads);
}

/* ---- loss ---- */

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

/* Weighted sum of squared differences after a step, in double and in the order of cells: small beside a step, so thread
 * 0 does it alone. */
static double loss_after(const Share *share, int32_t step) {
    const DlcaBackend *backend = share->backend;
    const double weight = (double)weight_after(backend, share->batch, step);
    const float *state = dlca_state_at(backend, step + 1);
    double loss = 0.0;
    for (int32_t cell = 0; weight != 0.0 && cell < backend->cells; cell++) {
        for (int32_t s = 0; s < backend->config.scored_channels; s++) {
            const double value = (double)state[(size_t)s * backend->pitch + (size_t)cell];
            const double difference = value - (double)target_of(backend, share->batch, cell, s);
            loss += weight * difference * difference;
        }
    }
    return loss;
}

/* d/ds of w (s - target)^2 */
static void add_loss_gradient(const Share *share, int32_t step, int32_t tile) {
    const DlcaBackend *backend = share->backend;
    const float weight = weight_after(backend, share->batch, step);
    if (weight == 0.0f) {
        return;
    }
    const float *state = dlca_state_at(backend, step + 1);
    const int32_t end = smaller(backend->cells, (tile + 1) * DLCA_TILE);
    for (int32_t s = 0; s < backend->config.scored_channels; s++) {
        const size_t row = (size_t)s * backend->pitch;
        for (int32_t cell = tile * DLCA_TILE; cell < end; cell++) {
            const float difference = state[row + (size_t)cell] - target_of(backend, share->batch, cell, s);
            backend->state_gradient[row + (size_t)cell] += 2.0f * weight * difference;
        }
    }
}

/* ---- forward ---- */

/* Writes the new states of a tile's columns to their cells. */
static void place_states(const Share *share, int32_t step, int32_t tile, const float *rows) {
    const DlcaBackend *backend = share->backend;
    float *to = dlca_state_at(backend, step + 1);
    int32_t cells[DLCA_TILE];
    if (share->fires) {
        dlca_fire_cells(&backend->fire, step, tile * DLCA_TILE, DLCA_TILE, cells);
    }
    for (int32_t c = 0; c < backend->config.channels; c++, to += backend->pitch) {
        const float *row = rows + backend->network.brief_outputs[c];
        if (!share->fires) {
            memcpy(to + (size_t)tile * DLCA_TILE, row, DLCA_TILE * sizeof(float));
            continue;
        }
        for (int32_t lane = 0; lane < DLCA_TILE && cells[lane] >= 0; lane++) {
            to[cells[lane]] = row[lane];
        }
    }
}

/* Cells that do not fire keep their state. */
static void keep_states(const Share *share, int32_t step) {
    const DlcaBackend *backend = share->backend;
    const size_t area = (size_t)backend->fire.area;
    const size_t from = (size_t)dlca_part((int64_t)area, share->thread, share->threads);
    const size_t to = (size_t)dlca_part((int64_t)area, share->thread + 1, share->threads);
    const float *before = dlca_state_at(backend, step);
    float *after = dlca_state_at(backend, step + 1);
    for (size_t within = from; within < to; within++) {
        if (dlca_fire_place(&backend->fire, step, (int32_t)within) >= 0) {
            continue;
        }
        for (size_t cell = within; cell < (size_t)backend->cells; cell += area) {
            for (size_t c = 0; c < (size_t)backend->config.channels; c++) {
                after[c * backend->pitch + cell] = before[c * backend->pitch + cell];
            }
        }
    }
}

static void forward_step(const Share *share, int32_t step) {
    const DlcaBackend *backend = share->backend;
    const int32_t tiles = dlca_tiles_at(backend, share->fires, step), groups = backend->groups;
    const int32_t last = (int32_t)dlca_part(tiles, share->last_group, groups);
    for (int32_t tile = (int32_t)dlca_part(tiles, share->first_group, groups); tile < last; tile++) {
        const DlcaSources sources = dlca_patch_sources(backend, share->fires, share->work.scratch, step, tile);
        place_states(share, step, tile,
                     dlca_tile_forward(&share->work, &sources, dlca_state_at(backend, step), backend->pitch));
    }
    if (share->fires) {
        keep_states(share, step);
    }
}

static DLCA_OWN_FRAME void run_forward(Share *share) {
    for (int32_t step = 0; step < share->backend->config.steps; step++) {
        forward_step(share, step);
        meet(share);
        if (share->thread == 0) {
            share->loss += loss_after(share, step);
        }
    }
}

/* ---- backward ---- */

/* What the cells of a tile keep of the gradient by the states after `step`: all of it where a cell did not fire at the
 * step after and handed its state on as it was, otherwise nothing. */
static void keep_gradient(const Share *share, int32_t step, int32_t tile) {
    const DlcaBackend *backend = share->backend;
    const int32_t first = tile * DLCA_TILE, end = smaller(backend->cells, first + DLCA_TILE);
    bool kept[DLCA_TILE] = {false};
    if (share->fires && step + 1 < backend->config.steps) {
        int32_t within = first % backend->fire.area;
        for (int32_t cell = first; cell < end; cell++) {
            kept[cell - first] = dlca_fire_place(&backend->fire, step + 1, within) < 0;
            within = within + 1 == backend->fire.area ? 0 : within + 1;
        }
    }
    for (int32_t c = 0; c < backend->config.channels; c++) {
        float *row = backend->state_gradient + (size_t)c * backend->pitch + (size_t)first;
        for (int32_t lane = 0; lane < DLCA_TILE; lane++) {
            row[lane] = kept[lane] ? row[lane] : 0.0f;
        }
    }
}

/* to[lane] += what lies at nine places of the patch gradients, in order. */
static void gather_add_lanes(const int32_t (*lanes)[DLCA_TILE], const float *from, float *to) {
    for (int32_t lane = 0; lane < DLCA_TILE; lane++) {
        float sum = to[lane];
        for (int n = 0; n < DLCA_NEIGHBOURS; n++) {
            sum += from[lanes[n][lane]];
        }
        to[lane] = sum;
    }
}

/* state_gradient of a tile's cells: by the states after `step`, from the patch gradients of the step after it. */
static void gather_state_gradient(const Share *share, int32_t step, int32_t tile) {
    const DlcaBackend *backend = share->backend;
    keep_gradient(share, step, tile);
    if (step + 1 < backend->config.steps) {
        const DlcaSources sources = dlca_reverse_sources(backend, share->fires, share->work.scratch, step + 1, tile);
        for (int32_t c = 0; c < backend->config.channels; c++) {
            const float *from = backend->patch_gradient + dlca_patch_channel(c);
            float *to = backend->state_gradient + (size_t)c * backend->pitch + (size_t)tile * DLCA_TILE;
            if (sources.lanes) {
                gather_add_lanes(sources.lanes, from, to);
            } else {
                backend->kernels->gather_add(sources.segments, sources.first, from, to);
            }
        }
    }
    add_loss_gradient(share, step, tile);
}

/* The gradient of a tile's new states, from where its columns' cells lie. */
static void load_new_gradient(const Share *share, int32_t tile, const DlcaSources *sources) {
    const DlcaBackend *backend = share->backend;
    float *rows = share->work.scratch->new_gradient;
    if (sources->lanes) {
        dlca_gather_lanes(sources->lanes[DLCA_CENTRE], backend->state_gradient, backend->pitch,
                          backend->config.channels, rows);
        return;
    }
    for (int32_t c = 0; c < backend->config.channels; c++) {
        memcpy(rows + (size_t)c * DLCA_TILE,
               backend->state_gradient + (size_t)c * backend->pitch + (size_t)tile * DLCA_TILE,
               DLCA_TILE * sizeof(float));
    }
}

static void backward_tile(const Share *share, int32_t step, int32_t tile, int32_t group) {
    DlcaBackend *backend = share->backend;
    const DlcaSources sources = dlca_patch_sources(backend, share->fires, share->work.scratch, step, tile);
    load_new_gradient(share, tile, &sources);
    dlca_tile_backward(&share->work, &sources, dlca_state_at(backend, step), backend->pitch,
                       backend->patch_gradient + (size_t)tile * dlca_patch_floats(&backend->network),
                       backend->sums + (size_t)group * (size_t)backend->network.slots * 4);
}

static DLCA_OWN_FRAME void gather_group(const Share *share, int32_t step, int32_t group) {
    const int32_t groups = share->backend->groups, tiles = share->backend->patches.tiles;
    const int32_t last = (int32_t)dlca_part(tiles, group + 1, groups);
    for (int32_t tile = (int32_t)dlca_part(tiles, group, groups); tile < last; tile++) {
        gather_state_gradient(share, step, tile);
    }
}

static void backward_group(const Share *share, int32_t step, int32_t group) {
    const int32_t groups = share->backend->groups, tiles = dlca_tiles_at(share->backend, share->fires, step);
    const int32_t last = (int32_t)dlca_part(tiles, group + 1, groups);
    for (int32_t tile = (int32_t)dlca_part(tiles, group, groups); tile < last; tile++) {
        backward_tile(share, step, tile, group);
    }
}

/* Before backward passes a checkpoint: the states between it and the one before it. Those after the last checkpoint are
 * still there from the forward pass. */
static DLCA_OWN_FRAME void restore_segment(const Share *share, int32_t step) {
    const int32_t every = share->backend->checkpoint_every, end = step + 1;
    if (end % every == 0 && end < share->backend->config.steps) {
        for (int32_t again = end - every; again + 1 < end; again++) {
            forward_step(share, again);
            meet(share);
        }
    }
}

static DLCA_OWN_FRAME void run_backward(const Share *share) {
    DlcaBackend *backend = share->backend;
    const size_t group_sums = (size_t)backend->network.slots * 4;
    memset(backend->sums + (size_t)share->first_group * group_sums, 0,
           (size_t)(share->last_group - share->first_group) * group_sums * sizeof(float));
    for (int32_t step = backend->config.steps - 1; step >= 0; step--) {
        restore_segment(share, step);
        for (int32_t group = share->first_group; group < share->last_group; group++) {
            gather_group(share, step, group);
        }
        meet(share); /* all have read the patch gradients of the step before, and columns' cells may be another's */
        for (int32_t group = share->first_group; group < share->last_group; group++) {
            backward_group(share, step, group);
        }
        meet(share);
    }
    const int64_t gates = backend->network.gates;
    dlca_reduce_gates(backend, dlca_part(gates, share->thread, share->threads),
                      dlca_part(gates, share->thread + 1, share->threads));
}

/* ---- the rollout ---- */

static void load_inputs(DlcaBackend *backend, const DlcaBatch *batch) {
    const int32_t C = backend->config.channels;
    float *state = dlca_state_at(backend, 0);
    for (int32_t cell = 0; cell < backend->cells; cell++) {
        for (int32_t c = 0; c < C; c++) {
            state[(size_t)c * backend->pitch + (size_t)cell] = batch->input[(size_t)cell * (size_t)C + (size_t)c];
        }
    }
}

static Share share_of(DlcaBackend *backend, const DlcaBatch *batch, int32_t thread, int32_t threads) {
    return (Share){
        .backend = backend,
        .batch = batch,
        .work = {&backend->network, backend->kernels, backend->coefficients, &backend->worker[thread].scratch},
        .fires = batch->fire != NULL,
        .first_group = (int32_t)dlca_part(backend->groups, thread, threads),
        .last_group = (int32_t)dlca_part(backend->groups, thread + 1, threads),
        .thread = thread,
        .threads = threads};
}

/* What every thread runs. */
static DLCA_OWN_FRAME void rollout_thread(DlcaBackend *backend, const DlcaBatch *batch, bool backward, double *loss) {
    const bool prepares = !backend->prepared || batch->harden_probability > 0.0f;
    const int64_t gates = backend->network.gates;
    Share share = share_of(backend, batch, omp_get_thread_num(), omp_get_num_threads());
    if (prepares) {
        dlca_prepare_gates(backend, batch, dlca_part(gates, share.thread, share.threads),
                           dlca_part(gates, share.thread + 1, share.threads));
        meet(&share);
    }
    run_forward(&share);
    if (backward) {
        run_backward(&share);
    }
    if (share.thread == 0 && loss) {
        *loss = share.loss;
    }
}

bool dlca_rollout(DlcaBackend *backend, const DlcaBatch *batch, bool backward, double *loss, DlcaError *error) {
    if (batch->fire) {
        if (!dlca_fire_reserve(&backend->fire, &backend->config, error)) {
            return false;
        }
        dlca_fire_load(&backend->fire, batch->fire);
    }
    load_inputs(backend, batch);
#pragma omp parallel num_threads(backend->threads)
    rollout_thread(backend, batch, backward, loss);
    backend->prepared = batch->harden_probability <= 0.0f;
    return true;
}
