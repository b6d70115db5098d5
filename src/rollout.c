/* rollout.c - the soft rollout on the processor: steps, threads, gradients in a fixed order.
 *
 * Forward keeps the states of every K-th step and of those after the last of them; backward goes from step to step, and
 * where it comes to a stretch whose states are gone, computes them again from its first. The activations of one step at
 * a time are recomputed from its states. Work is cut into tiles of DLCA_TILE columns; tiles belong to groups, whose
 * number depends on the shape alone; each group has its own gradient sums, which are added in a fixed tree at the end.
 * A thread works on whole groups, whichever they are. So the result does not depend on the threads.
 *
 * What all groups do at one step is a phase. A group begins one when the groups that share cells with it have ended the
 * one before; with two grids in a batch and two threads hardly anybody ever waits. (With a barrier after each phase a
 * seventh of the time went by in it: whatever delays one thread for a moment delayed both, 60 times an epoch.) Groups
 * go to the thread that comes first: with groups of its own for each, two threads took 1.07 times as long for a grid of
 * 13 tiles, 7 and 6, and were as fast on others. Leaves alone: one tile (tile.c), tasks, files. */
#include "rollout.h"
#include "profile.h"

static int32_t smaller(int32_t a, int32_t b) {
    return a < b ? a : b;
}

/* Multiply-adds of a gate in a step of a pass; backward computes the step again. */
enum { FORWARD_SLOTS = 3, BACKWARD_SLOTS = 11 };

/* ---- phases ---- */

/* Each group as a bit. */
static uint32_t all_groups(const DlcaBackend *backend) {
    return (1u << backend->groups) - 1;
}

/* Whether the states at a step are those of the cells, in their order: also when the last two cells of equal history
 * have parted, which then stays so. */
static bool are_cells(const DlcaBackend *backend, DlcaColumns columns, int32_t step) {
    return columns == DLCA_COLUMNS_CELLS ||
           (columns == DLCA_COLUMNS_CLASSES && backend->classes.count[step] == backend->cells);
}

/* The groups that read what a group writes, or write what it reads; where these are not cells, any may. */
static uint32_t groups_near(const DlcaShare *share, bool of_cells, int32_t group) {
    return of_cells ? share->backend->near[group] : all_groups(share->backend);
}

/* Until they have ended the phase before this one. */
static void await_groups(DlcaShare *share, uint32_t groups) {
    for (int32_t group = 0; groups >> group != 0; group++) {
        if (groups >> group & 1) {
            share->waited += dlca_await(&share->backend->bell, &share->backend->done[group], share->phase);
        }
    }
}

/* Whether they have. */
static bool have_ended(const DlcaShare *share, uint32_t groups) {
    for (int32_t group = 0; groups >> group != 0; group++) {
        if ((groups >> group & 1) &&
            atomic_load_explicit(&share->backend->done[group].value, memory_order_acquire) < share->phase) {
            return false;
        }
    }
    return true;
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

/* ---- who does what ---- */

/* The i-th group that a thread tries: threads begin far from each other and work towards each other, so that each has
 * mostly the same groups, in its caches, and those in between go to whoever comes first. */
static int32_t nth_choice(const DlcaShare *share, int32_t i) {
    const int32_t last = share->backend->groups - 1, others = share->threads - 1;
    const int32_t centre = others > 0 ? last * share->thread / others : 0;
    const int32_t below = centre, above = last - centre, both = 2 * (below < above ? below : above);
    if (i <= both) {
        return i % 2 ? centre + (i + 1) / 2 : centre - i / 2;
    }
    return below < above ? i : last - i;
}

static bool is_taken(const DlcaShare *share, int32_t group) {
    return atomic_load_explicit(&share->backend->taken[group].value, memory_order_relaxed) > share->phase;
}

static bool take(const DlcaShare *share, int32_t group) {
    long long phase = share->phase;
    return atomic_compare_exchange_strong_explicit(&share->backend->taken[group].value, &phase, phase + 1,
                                                   memory_order_relaxed, memory_order_relaxed);
}

/* A group of this phase that nobody has done or does, now this thread's: the first that can begin at once; if none can,
 * the first. -1: none is left. */
static int32_t next_group(const DlcaShare *share, bool of_cells) {
    const int32_t groups = share->backend->groups;
    for (;;) {
        int32_t found = -1;
        for (int32_t i = 0; i < groups; i++) {
            const int32_t group = nth_choice(share, i);
            if (is_taken(share, group)) {
                continue;
            }
            if (have_ended(share, groups_near(share, of_cells, group))) {
                found = group;
                break;
            }
            found = found < 0 ? group : found;
        }
        if (found < 0 || take(share, found)) {
            return found;
        }
    }
}

/* What a group does in a phase: its tiles of columns or of states. */
typedef DlcaTiles GroupTiles(const DlcaBackend *backend, DlcaColumns columns, int32_t step, int32_t group);
typedef void GroupWork(const DlcaShare *share, int32_t step, DlcaTiles tiles, int32_t group);

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

/* of_cells: between this phase and the one before only neighbours pass anything on. */
static void run_phase(DlcaShare *share, int32_t step, bool of_cells, GroupTiles *tiles_of, GroupWork *work) {
    const DlcaBackend *backend = share->backend;
    goes_on(share); /* thread 0 may find no group left */
    for (int32_t group; (group = next_group(share, of_cells)) >= 0;) {
        await_groups(share, groups_near(share, of_cells, group));
        if (goes_on(share)) {
            work(share, step, tiles_of(backend, share->columns, step, group), group);
        }
        dlca_announce(&share->backend->bell, &share->backend->done[group], share->phase + 1);
    }
    share->phase++;
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

static DLCA_OWN_FRAME void forward_group(const DlcaShare *share, int32_t step, DlcaTiles tiles, int32_t group) {
    for (int32_t tile = tiles.first; tile < tiles.last; tile++) {
        forward_tile(share, step, tile);
    }
    if (share->columns == DLCA_COLUMNS_FIRE) {
        keep_states(share, step, group);
    }
}

/* Before a step is computed, either way. */
static void note_last(DlcaShare *share, int32_t step) {
    share->work.last = !share->whole && step + 1 == share->steps;
}

static void forward_step(DlcaShare *share, int32_t step) {
    note_last(share, step);
    run_phase(share, step, are_cells(share->backend, share->columns, step), dlca_column_tiles, forward_group);
    share->spent += FORWARD_SLOTS;
}

static bool keeps_all_states(const DlcaShare *share) {
    return share->backend->checkpoint_every >= share->steps;
}

/* States that will be written over are looked at now, while all wait; the others when all is done. */
static void add_loss_now(DlcaShare *share, int32_t step) {
    if (keeps_all_states(share) || dlca_weight_after(share, step) == 0.0f) {
        return;
    }
    meet(share);
    if (share->thread == 0) {
        share->loss += dlca_loss_after(share, step);
    }
    meet(share);
}

static void run_forward(DlcaShare *share) {
    for (int32_t step = 0; step < share->steps; step++) {
        forward_step(share, step);
        add_loss_now(share, step);
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
    return columns == DLCA_COLUMNS_CLASSES && !are_cells(backend, columns, step + 1);
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

static DLCA_OWN_FRAME void gather_group(const DlcaShare *share, int32_t step, DlcaTiles parts, int32_t group) {
    const DlcaBackend *backend = share->backend;
    (void)group;
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

static DLCA_OWN_FRAME void backward_group(const DlcaShare *share, int32_t step, DlcaTiles tiles, int32_t group) {
    const size_t sums = (size_t)share->backend->network.slots * 4;
    if (step + 1 == share->steps) {
        memset(share->backend->sums + (size_t)group * sums, 0, sums * sizeof(float));
    }
    for (int32_t tile = tiles.first; tile < tiles.last; tile++) {
        backward_tile(share, step, tile, group);
    }
}

/* Before backward passes a checkpoint: the states between it and the one before it. Those after the last checkpoint are
 * still there from the forward pass. */
static void restore_segment(DlcaShare *share, int32_t step) {
    const int32_t every = share->backend->checkpoint_every, end = step + 1;
    if (end % every == 0 && end < share->steps) {
        for (int32_t again = end - every; again + 1 < end; again++) {
            forward_step(share, again);
        }
    }
}

static void run_backward(DlcaShare *share) {
    for (int32_t step = share->steps - 1; step >= 0; step--) {
        restore_segment(share, step);
        note_last(share, step);
        const bool of_cells = are_cells(share->backend, share->columns, step + 1);
        run_phase(share, step, of_cells, gathered_parts, gather_group);
        /* not before the others have read the patch gradients of the step before, which are written over */
        run_phase(share, step, of_cells, dlca_column_tiles, backward_group);
        share->spent += BACKWARD_SLOTS;
    }
    const int64_t gates = share->backend->network.gates, sums = (int64_t)share->backend->network.slots * 4;
    await_groups(share, all_groups(share->backend));
    dlca_add_groups(share->backend, (size_t)dlca_part(sums, share->thread, share->threads),
                    (size_t)dlca_part(sums, share->thread + 1, share->threads));
    meet(share);
    dlca_reduce_gates(share->backend, dlca_part(gates, share->thread, share->threads),
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
                       .phase = backend->phases,
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
    int64_t phases, meetings; /* that were gone through */
} Rollout;

static void add_loss_of_all_steps(DlcaShare *share) {
    for (int32_t step = 0; step < share->steps; step++) {
        if (dlca_weight_after(share, step) != 0.0f) {
            share->loss += dlca_loss_after(share, step);
        }
    }
}

/* Of a pass, with the steps that are restored: all but the last segment's, and not the checkpoints. */
static double slots_of(const DlcaShare *share, bool backward) {
    const int32_t every = share->backend->checkpoint_every, segments = (share->steps - 1) / every;
    const double forward = FORWARD_SLOTS * (double)share->steps;
    return backward ? forward + BACKWARD_SLOTS * (double)share->steps + FORWARD_SLOTS * (double)segments * (every - 1)
                    : forward;
}

/* What every thread runs. */
static void rollout_thread(void *context, int32_t thread) {
    Rollout *rollout = context;
    DlcaBackend *backend = rollout->backend;
    const bool prepares = !backend->prepared || draws(backend, rollout->batch);
    const double start = dlca_thread_now();
    const int64_t gates = backend->network.gates;
    DlcaShare share = share_of(backend, rollout->batch, rollout->columns, thread);
    share.whole = rollout->whole;
    share.budget = slots_of(&share, rollout->backward);
    if (prepares) {
        dlca_prepare_gates(backend, rollout->batch, dlca_part(gates, thread, share.threads),
                           dlca_part(gates, thread + 1, share.threads));
        meet(&share);
    }
    run_forward(&share);
    if (rollout->backward) {
        run_backward(&share);
    }
    if (thread == 0) {
        await_groups(&share, all_groups(backend));
        if (keeps_all_states(&share)) {
            add_loss_of_all_steps(&share);
        }
        rollout->loss = share.loss;
        rollout->phases = share.phase;
        rollout->meetings = share.meetings;
    }
    backend->worker[thread].worked += dlca_thread_now() - start - share.waited;
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
    atomic_store_explicit(&backend->given_up, false, memory_order_relaxed);
    Rollout rollout = {.backend = backend,
                       .batch = batch,
                       .columns = columns,
                       .backward = backward,
                       .whole = output || backend->computes_dead};
    dlca_threads_run(backend->team, rollout_thread, &rollout);
    backend->phases = rollout.phases;
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
