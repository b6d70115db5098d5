/* rollout.c - the soft rollout on the processor: steps, threads, gradients in a fixed order.
 *
 * Forward keeps the states of every K-th step and of those after the last of them; backward goes from step to step, and
 * where it comes to a stretch whose states are gone, computes them again from its first. The activations of one step at
 * a time are recomputed from its states. Work is cut into tiles of DLCA_TILE columns; tiles belong to groups, whose
 * number depends on the shape alone; each group has its own gradient sums, which are added in a fixed tree at the end.
 * A thread works on whole groups, whichever they are. So the result does not depend on the threads.
 *
 * Leaves alone: one tile (tile.c), which group a thread works on next (turns.h), tasks, files. */
#include "rollout.h"

#include "now.h"
#include "profile.h"
#include "turns.h"

static int32_t smaller(int32_t a, int32_t b) {
    return a < b ? a : b;
}

/* All that any thread did before is seen by all after it. */
static void meet(DlcaShare *share) {
    DlcaBackend *backend = share->backend;
    share->meetings++;
    dlca_announce(&backend->bell, &backend->met[share->thread], share->meetings);
    for (int32_t thread = 0; thread < share->threads; thread++) {
        share->waited += dlca_await(&backend->bell, &backend->met[thread], share->meetings);
    }
}

/* Whether the pass goes on: thread 0 asks, for all. */
static bool goes_on(const DlcaShare *share) {
    atomic_bool *given_up = &share->backend->given_up;
    const DlcaWatch *watch = share->thread == 0 ? share->batch->watch : NULL;
    if (atomic_load_explicit(given_up, memory_order_relaxed)) {
        return false;
    }
    if (watch && !watch->go_on(watch->context, share->spent / share->budget)) {
        atomic_store_explicit(given_up, true, memory_order_relaxed);
        return false;
    }
    return true;
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

/* Cells that do not fire keep their state; each group's part of the grid, whoever its columns belong to. */
static void keep_states(const DlcaShare *share, int32_t step, int32_t group) {
    const DlcaBackend *backend = share->backend;
    const size_t area = (size_t)backend->fire.area;
    const size_t from = (size_t)dlca_part((int64_t)area, group, backend->groups);
    const size_t to = (size_t)dlca_part((int64_t)area, group + 1, backend->groups);
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

static DLCA_OWN_FRAME void forward_group(const DlcaShare *share, int32_t step, int32_t group) {
    const DlcaTiles tiles = dlca_column_tiles(share->backend, share->columns, step, group);
    for (int32_t tile = tiles.first; tile < tiles.last; tile++) {
        forward_tile(share, step, tile);
    }
    if (share->columns == DLCA_COLUMNS_FIRE) {
        keep_states(share, step, group);
    }
}

/* ---- backward ---- */

/* The gradient of a tile's new states, from where its columns' cells lie. */
static void load_new_gradient(const DlcaShare *share, int32_t tile, const DlcaSources *sources) {
    const DlcaBackend *backend = share->backend;
    float *rows = share->work.scratch->new_gradient;
    if (sources->lanes) {
        backend->kernels->gather_lanes(sources->lanes[DLCA_CENTRE], backend->state_gradient, backend->pitch,
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

static bool by_channels(const DlcaBackend *backend, DlcaColumns columns, int32_t step) {
    return columns == DLCA_COLUMNS_CLASSES && !dlca_are_cells(backend, columns, step + 1);
}

/* What a group gathers: its tiles; of classes, which may be many cells each and few together, its part of the chunks of
 * channels for all tiles. (One tile of 26 classes that 400 cells read kept all but one thread waiting.) */
static DlcaTiles gathered_parts(const DlcaBackend *backend, DlcaColumns columns, int32_t step, int32_t group) {
    const int32_t chunks = dlca_chunks(&backend->network);
    if (by_channels(backend, columns, step)) {
        return (DlcaTiles){(int32_t)dlca_part(chunks, group, backend->groups),
                           (int32_t)dlca_part(chunks, group + 1, backend->groups)};
    }
    return dlca_state_tiles(backend, columns, step, group);
}

static DLCA_OWN_FRAME void gather_group(const DlcaShare *share, int32_t step, int32_t group) {
    const DlcaBackend *backend = share->backend;
    const DlcaTiles parts = gathered_parts(backend, share->columns, step, group);
    DlcaTiles tiles = parts;
    DlcaChannels channels = {0, backend->config.channels};
    if (by_channels(backend, share->columns, step)) {
        tiles = (DlcaTiles){0, dlca_state_tiles(backend, share->columns, step, backend->groups - 1).last};
        channels.first = parts.first * DLCA_CHUNK;
        channels.last = smaller(parts.last * DLCA_CHUNK, channels.last);
    }
    for (int32_t tile = tiles.first; channels.first < channels.last && tile < tiles.last; tile++) {
        dlca_gather_state_gradient(share, step, tile, channels);
    }
}

static DLCA_OWN_FRAME void backward_group(const DlcaShare *share, int32_t step, int32_t group) {
    const DlcaTiles tiles = dlca_column_tiles(share->backend, share->columns, step, group);
    const size_t sums = (size_t)share->backend->network.slots * 4;
    if (step + 1 == share->steps) {
        memset(share->backend->sums + (size_t)group * sums, 0, sums * sizeof(float));
    }
    for (int32_t tile = tiles.first; tile < tiles.last; tile++) {
        backward_tile(share, step, tile, group);
    }
}

/* ---- the phases ---- */

static void run_turn(DlcaShare *share, DlcaTurn turn) {
    const DlcaPhase phase = share->backend->phase[turn.phase - share->first];
    share->spent = phase.slots > share->spent ? phase.slots : share->spent;
    if (!goes_on(share)) {
        return;
    }
    share->work.last = !share->whole && phase.step + 1 == share->steps;
    switch (phase.kind) {
    case DLCA_PHASE_FORWARD:
        forward_group(share, phase.step, turn.group);
        return;
    case DLCA_PHASE_GATHER:
        gather_group(share, phase.step, turn.group);
        return;
    default:
        backward_group(share, phase.step, turn.group);
    }
}

/* All phases of the pass before number `end`; at its end all are done, or others are about them. */
static void run_phases(DlcaShare *share, int32_t end) {
    DlcaBackend *backend = share->backend;
    for (;;) {
        const DlcaTurn turn = dlca_next_turn(backend, share->thread, share->first, share->first + end, &share->waited);
        if (turn.group < 0) {
            break;
        }
        run_turn(share, turn);
        dlca_end_turn(backend, turn);
    }
    share->spent = backend->phase[end].slots;
    goes_on(share); /* others may have done all while thread 0 could not run */
}

static bool keeps_all_states(const DlcaShare *share) {
    return share->backend->checkpoint_every >= share->steps;
}

/* States that will be written over are looked at when their step is done, while all wait; the others when all is done.
 */
static void add_losses_on_the_way(DlcaShare *share) {
    for (int32_t step = 0; step < share->steps && !keeps_all_states(share); step++) {
        if (dlca_weight_after(share, step) != 0.0f) {
            run_phases(share, step + 1);
            meet(share);
            if (share->thread == 0) {
                share->loss += dlca_loss_after(share, step);
            }
            meet(share);
        }
    }
}

/* From the sums of all groups the gradient of the logits. */
static void reduce(DlcaShare *share) {
    DlcaBackend *backend = share->backend;
    const int64_t gates = backend->network.gates, sums = (int64_t)backend->network.slots * 4;
    dlca_add_groups(backend, (size_t)dlca_part(sums, share->thread, share->threads),
                    (size_t)dlca_part(sums, share->thread + 1, share->threads));
    meet(share);
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

static DlcaShare share_of(DlcaBackend *backend, const DlcaBatch *batch, DlcaColumns columns, int32_t thread) {
    return (DlcaShare){.backend = backend,
                       .batch = batch,
                       .work = {.network = &backend->network,
                                .kernels = backend->kernels,
                                .coefficients = backend->coefficients,
                                .scratch = &backend->worker[thread].scratch},
                       .columns = columns,
                       .steps = dlca_pass_steps(backend, batch),
                       .first = backend->phases,
                       .meetings = backend->meetings,
                       .thread = thread,
                       .threads = backend->threads};
}

/* Whether the coefficients depend on the epoch. */
static bool draws(const DlcaBackend *backend, const DlcaBatch *batch) {
    return batch->harden_probability > 0.0f || backend->parametrization->disturb;
}

typedef struct Rollout {
    DlcaBackend *backend;
    const DlcaBatch *batch;
    DlcaColumns columns;
    bool backward, whole;
    double loss;
    int64_t meetings; /* that all threads have come to */
} Rollout;

static void add_loss_of_all_steps(DlcaShare *share) {
    for (int32_t step = 0; step < share->steps; step++) {
        if (dlca_weight_after(share, step) != 0.0f) {
            share->loss += dlca_loss_after(share, step);
        }
    }
}

/* What every thread runs. */
static void rollout_thread(void *context, int32_t thread) {
    Rollout *rollout = context;
    DlcaBackend *backend = rollout->backend;
    const bool prepares = !backend->prepared || draws(backend, rollout->batch);
    const double start = dlca_now();
    const int64_t gates = backend->network.gates;
    DlcaShare share = share_of(backend, rollout->batch, rollout->columns, thread);
    share.whole = rollout->whole;
    share.budget = backend->phase[backend->pass_phases].slots;
    if (prepares) {
        dlca_prepare_gates(backend, rollout->batch, dlca_part(gates, thread, share.threads),
                           dlca_part(gates, thread + 1, share.threads));
        meet(&share);
    }
    add_losses_on_the_way(&share);
    run_phases(&share, backend->pass_phases);
    dlca_await_all(backend, share.first + backend->pass_phases, &share.waited);
    if (rollout->backward) {
        reduce(&share);
    }
    if (thread == 0) {
        if (keeps_all_states(&share)) {
            add_loss_of_all_steps(&share);
        }
        rollout->loss = share.loss;
        rollout->meetings = share.meetings;
    }
    backend->worker[thread].worked += dlca_now() - start - share.waited;
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
    dlca_phases_make(backend, columns, dlca_pass_steps(backend, batch), backward);
    atomic_store_explicit(&backend->given_up, false, memory_order_relaxed);
    Rollout rollout = {.backend = backend,
                       .batch = batch,
                       .columns = columns,
                       .backward = backward,
                       .whole = output || backend->computes_dead};
    dlca_threads_run(backend->team, rollout_thread, &rollout);
    backend->phases += backend->pass_phases;
    backend->meetings = rollout.meetings;
    backend->loss = rollout.loss;
    backend->prepared = !draws(backend, batch);
    if (atomic_load_explicit(&backend->given_up, memory_order_relaxed)) {
        return dlca_fail(error, DLCA_FAILED, "the pass was given up");
    }
    if (loss) {
        *loss = backend->loss;
    }
    if (output) {
        store_output(backend, columns, dlca_pass_steps(backend, batch), output);
    }
    return true;
}
