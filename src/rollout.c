/* rollout.c - the soft rollout on the processor: steps, threads, gradients in a fixed order.
 *
 * Forward keeps the states of every K-th step and of those after the last of them; backward goes from step to step, and
 * where it comes to a stretch whose states are gone, computes them again from its first. The activations of one step at
 * a time are recomputed from its states. Work is
 * cut into tiles of DLCA_TILE columns; tiles belong to groups, whose number depends on the shape alone; each group has
 * its own gradient sums, which are added in a fixed tree at the end. A thread works on whole groups. So the result does
 * not depend on the number of threads. Leaves alone: one tile (tile.c), tasks, files. */
#include "rollout.h"
#include "profile.h"

#include <omp.h>

static void meet(const DlcaShare *share) {
    dlca_barrier_wait(&share->backend->barrier, share->threads);
}

/* ---- forward ---- */

/* Writes the new states of a tile's columns to their cells. */
static void place_states(const DlcaShare *share, int32_t step, int32_t tile, const float *rows) {
    const DlcaBackend *backend = share->backend;
    float *to = dlca_state_at(backend, step + 1);
    int32_t cells[DLCA_TILE];
    if (share->columns == DLCA_COLUMNS_FIRE) {
        dlca_fire_cells(&backend->fire, step, tile * DLCA_TILE, DLCA_TILE, cells);
    }
    for (int32_t c = 0; c < backend->config.channels; c++, to += backend->pitch) {
        const float *row = rows + backend->network.brief_outputs[c];
        if (share->columns != DLCA_COLUMNS_FIRE) {
            memcpy(to + (size_t)tile * DLCA_TILE, row, DLCA_TILE * sizeof(float));
            continue;
        }
        for (int32_t lane = 0; lane < DLCA_TILE && cells[lane] >= 0; lane++) {
            to[cells[lane]] = row[lane];
        }
    }
}

/* Cells that do not fire keep their state. */
static void keep_states(const DlcaShare *share, int32_t step) {
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

static void forward_tile(const DlcaShare *share, int32_t step, int32_t tile) {
    const DlcaBackend *backend = share->backend;
    const DlcaSources sources = dlca_patch_sources(backend, share->columns, share->work.scratch, step, tile);
    place_states(share, step, tile,
                 dlca_tile_forward(&share->work, &sources, dlca_state_at(backend, step), backend->pitch));
}

/* Last tile of a phase: where the last group ends. */
static int32_t all_column_tiles(const DlcaShare *share, int32_t step) {
    return dlca_column_tiles(share->backend, share->columns, step, share->backend->groups - 1).last;
}

static void forward_step(const DlcaShare *share, int32_t step) {
    const int32_t all = all_column_tiles(share, step);
    for (int32_t group = 0; group < share->backend->groups; group++) {
        const DlcaTiles tiles = dlca_column_tiles(share->backend, share->columns, step, group);
        for (int32_t tile = tiles.first; dlca_is_mine(share, tiles, all) && tile < tiles.last; tile++) {
            forward_tile(share, step, tile);
        }
    }
    if (share->columns == DLCA_COLUMNS_FIRE) {
        keep_states(share, step);
    }
}

static DLCA_OWN_FRAME void run_forward(DlcaShare *share) {
    for (int32_t step = 0; step < share->steps; step++) {
        forward_step(share, step);
        meet(share);
        if (share->thread == 0) {
            share->loss += dlca_loss_after(share, step);
        }
    }
}

/* ---- backward ---- */

/* The gradient of a tile's new states, from where its columns' cells lie. */
static void load_new_gradient(const DlcaShare *share, int32_t tile, const DlcaSources *sources) {
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

static void backward_tile(const DlcaShare *share, int32_t step, int32_t tile, int32_t group) {
    DlcaBackend *backend = share->backend;
    const DlcaSources sources = dlca_patch_sources(backend, share->columns, share->work.scratch, step, tile);
    load_new_gradient(share, tile, &sources);
    dlca_tile_backward(&share->work, &sources, dlca_state_at(backend, step), backend->pitch,
                       backend->patch_gradient + (size_t)tile * dlca_patch_floats(&backend->network),
                       backend->sums + (size_t)group * (size_t)backend->network.slots * 4);
}

static DLCA_OWN_FRAME void gather_step(const DlcaShare *share, int32_t step) {
    const int32_t groups = share->backend->groups;
    const int32_t all = dlca_state_tiles(share->backend, share->columns, step, groups - 1).last;
    for (int32_t group = 0; group < groups; group++) {
        const DlcaTiles tiles = dlca_state_tiles(share->backend, share->columns, step, group);
        for (int32_t tile = tiles.first; dlca_is_mine(share, tiles, all) && tile < tiles.last; tile++) {
            dlca_gather_state_gradient(share, step, tile);
        }
    }
}

static DLCA_OWN_FRAME void backward_step(const DlcaShare *share, int32_t step) {
    const int32_t all = all_column_tiles(share, step);
    for (int32_t group = 0; group < share->backend->groups; group++) {
        const DlcaTiles tiles = dlca_column_tiles(share->backend, share->columns, step, group);
        for (int32_t tile = tiles.first; dlca_is_mine(share, tiles, all) && tile < tiles.last; tile++) {
            backward_tile(share, step, tile, group);
        }
    }
}

/* Before backward passes a checkpoint: the states between it and the one before it. Those after the last checkpoint are
 * still there from the forward pass. */
static DLCA_OWN_FRAME void restore_segment(const DlcaShare *share, int32_t step) {
    const int32_t every = share->backend->checkpoint_every, end = step + 1;
    if (end % every == 0 && end < share->steps) {
        for (int32_t again = end - every; again + 1 < end; again++) {
            forward_step(share, again);
            meet(share);
        }
    }
}

static DLCA_OWN_FRAME void run_backward(const DlcaShare *share) {
    DlcaBackend *backend = share->backend;
    const size_t sums = (size_t)backend->groups * (size_t)backend->network.slots * 4;
    const size_t from = sums * (size_t)share->thread / (size_t)share->threads;
    const size_t to = sums * (size_t)(share->thread + 1) / (size_t)share->threads;
    memset(backend->sums + from, 0, (to - from) * sizeof(float));
    for (int32_t step = share->steps - 1; step >= 0; step--) {
        restore_segment(share, step);
        gather_step(share, step);
        meet(share); /* all have read the patch gradients of the step before, and columns' cells may be another's */
        backward_step(share, step);
        meet(share);
    }
    const int64_t gates = backend->network.gates;
    dlca_reduce_gates(backend, dlca_part(gates, share->thread, share->threads),
                      dlca_part(gates, share->thread + 1, share->threads));
}

/* ---- the rollout ---- */

static void load_inputs(DlcaBackend *backend, const DlcaBatch *batch, DlcaColumns columns) {
    const int32_t C = backend->config.channels;
    const int32_t *places = columns == DLCA_COLUMNS_CLASSES ? backend->classes.class_of : NULL;
    float *state = dlca_state_at(backend, 0);
    for (int32_t cell = 0; cell < backend->cells; cell++) {
        const size_t place = (size_t)(places ? places[cell] : cell);
        for (int32_t c = 0; c < C; c++) {
            state[(size_t)c * backend->pitch + place] = batch->input[(size_t)cell * (size_t)C + (size_t)c];
        }
    }
}

static DlcaShare share_of(DlcaBackend *backend, const DlcaBatch *batch, DlcaColumns columns) {
    const int32_t thread = omp_get_thread_num(), threads = omp_get_num_threads();
    return (DlcaShare){
        .backend = backend,
        .batch = batch,
        .work = {&backend->network, backend->kernels, backend->coefficients, &backend->worker[thread].scratch},
        .columns = columns,
        .steps = dlca_pass_steps(backend, batch),
        .thread = thread,
        .threads = threads};
}

/* Whether the coefficients depend on the epoch. */
static bool draws(const DlcaBackend *backend, const DlcaBatch *batch) {
    return batch->harden_probability > 0.0f || backend->parametrization->disturb;
}

/* What every thread runs. */
static DLCA_OWN_FRAME void rollout_thread(DlcaBackend *backend, const DlcaBatch *batch, DlcaColumns columns,
                                          bool backward) {
    const bool prepares = !backend->prepared || draws(backend, batch);
    const int64_t gates = backend->network.gates;
    DlcaShare share = share_of(backend, batch, columns);
    if (prepares) {
        dlca_prepare_gates(backend, batch, dlca_part(gates, share.thread, share.threads),
                           dlca_part(gates, share.thread + 1, share.threads));
        meet(&share);
    }
    run_forward(&share);
    if (backward) {
        run_backward(&share);
    }
    if (share.thread == 0) {
        backend->loss = share.loss;
    }
}

static void store_output(const DlcaBackend *backend, DlcaColumns columns, int32_t steps, float *output) {
    const int32_t C = backend->config.channels;
    const float *state = dlca_state_at(backend, steps);
    const int32_t *places = NULL;
    if (columns == DLCA_COLUMNS_CLASSES) {
        places = backend->classes.class_of + (size_t)steps * (size_t)backend->cells;
    }
    for (int32_t cell = 0; cell < backend->cells; cell++) {
        const size_t place = (size_t)(places ? places[cell] : cell);
        for (int32_t c = 0; c < C; c++) {
            output[(size_t)cell * (size_t)C + (size_t)c] = state[(size_t)c * backend->pitch + place];
        }
    }
}

bool dlca_rollout(DlcaBackend *backend, const DlcaBatch *batch, bool backward, float *output, double *loss,
                  DlcaError *error) {
    DlcaColumns columns;
    if (batch->steps < 0 || batch->steps > backend->config.steps) {
        return dlca_fail(error, DLCA_BAD_INPUT, "a pass of %d steps: this backend was made for 1 to %d", batch->steps,
                         backend->config.steps);
    }
    if (!dlca_columns_load(backend, batch, &columns, error)) {
        return false;
    }
    load_inputs(backend, batch, columns);
#pragma omp parallel num_threads(backend->threads)
    rollout_thread(backend, batch, columns, backward);
    if (loss) {
        *loss = backend->loss;
    }
    if (output) {
        store_output(backend, columns, dlca_pass_steps(backend, batch), output);
    }
    backend->prepared = !draws(backend, batch);
    return true;
}
