/* turns.c - see turns.h. */
#include "turns.h"

/* Multiply-adds of a gate in a step of a pass; backward computes the step again. */
enum { FORWARD_SLOTS = 3, BACKWARD_SLOTS = 11 };

/* ---- the phases of a pass ---- */

bool dlca_are_cells(const DlcaBackend *backend, DlcaColumns columns, int32_t step) {
    return columns == DLCA_COLUMNS_CELLS ||
           (columns == DLCA_COLUMNS_CLASSES && backend->classes.count[step] == backend->cells);
}

typedef struct Program {
    DlcaBackend *backend;
    DlcaColumns columns;
    int32_t slots;
} Program;

static void add_phase(Program *program, DlcaPhaseKind kind, int32_t step, bool of_cells, int32_t slots) {
    DlcaBackend *backend = program->backend;
    backend->phase[backend->pass_phases++] = (DlcaPhase){step, program->slots, (uint8_t)kind, of_cells};
    program->slots += slots;
}

/* The phase before it may have read any of the states that are written over (where every second step's are kept) unless
 * these were cells too. */
static void add_forward(Program *program, int32_t step) {
    const bool of_cells = dlca_are_cells(program->backend, program->columns, step) &&
                          (step == 0 || dlca_are_cells(program->backend, program->columns, step - 1));
    add_phase(program, DLCA_PHASE_FORWARD, step, of_cells, FORWARD_SLOTS);
}

/* Before backward passes a checkpoint: the states between it and the one before it. Those after the last checkpoint are
 * still there from the forward pass. */
static void add_restored(Program *program, int32_t step, int32_t steps) {
    const int32_t every = program->backend->checkpoint_every, end = step + 1;
    if (end % every == 0 && end < steps) {
        for (int32_t again = end - every; again + 1 < end; again++) {
            add_forward(program, again);
        }
    }
}

void dlca_phases_make(DlcaBackend *backend, DlcaColumns columns, int32_t steps, bool backward) {
    Program program = {.backend = backend, .columns = columns};
    backend->pass_phases = 0;
    for (int32_t step = 0; step < steps; step++) {
        add_forward(&program, step);
    }
    for (int32_t step = steps - 1; backward && step >= 0; step--) {
        const bool of_cells = dlca_are_cells(backend, columns, step + 1);
        add_restored(&program, step, steps);
        add_phase(&program, DLCA_PHASE_GATHER, step, of_cells, 0);
        /* the states it reads may just have been restored, by any group where they are not yet the cells' */
        add_phase(&program, DLCA_PHASE_BACKWARD, step, of_cells && dlca_are_cells(backend, columns, step),
                  BACKWARD_SLOTS);
    }
    backend->phase[backend->pass_phases] = (DlcaPhase){.slots = program.slots};
}

/* ---- turns ---- */

/* Each group as a bit. */
static uint32_t all_groups(const DlcaBackend *backend) {
    return (1u << backend->groups) - 1;
}

/* The first of some groups that is not through with the phases before `phase`, -1: all are. */
static int32_t find_behind(DlcaBackend *backend, uint32_t groups, int64_t phase) {
    for (int32_t group = 0; groups >> group != 0; group++) {
        if ((groups >> group & 1) && atomic_load_explicit(&backend->done[group].value, memory_order_acquire) < phase) {
            return group;
        }
    }
    return -1;
}

/* Threads begin at opposite ends: what several may take is between their own. */
static int32_t nth_group(const DlcaBackend *backend, int32_t thread, int32_t i) {
    return thread == 0 ? i : backend->groups - 1 - i;
}

static bool is_own(const DlcaBackend *backend, int32_t thread, int32_t group) {
    return group * backend->threads / backend->groups == thread;
}

/* A turn that nobody has taken yet, and the group that it waits for, -1: none. */
typedef struct Candidate {
    DlcaTurn turn;
    int32_t behind;
    bool own;
} Candidate;

/* Of those that can begin a thread's own come first. If none can, the earliest is waited for: what it waits for is
 * being worked on, as otherwise that would be earlier. */
static bool is_better(const Candidate *one, const Candidate *other) {
    const bool begins = one->behind < 0, other_begins = other->behind < 0;
    if (begins != other_begins) {
        return begins;
    }
    return begins && one->own != other->own ? one->own : one->turn.phase < other->turn.phase;
}

static Candidate find_turn(DlcaBackend *backend, int32_t thread, int64_t first, int64_t end) {
    Candidate best = {.turn = {-1, end}};
    for (int32_t i = 0; i < backend->groups; i++) {
        const int32_t group = nth_group(backend, thread, i);
        const int64_t phase = atomic_load_explicit(&backend->taken[group].value, memory_order_relaxed);
        if (phase < end) {
            const bool of_cells = backend->phase[phase - first].of_cells;
            const uint32_t near = of_cells ? backend->near[group] : all_groups(backend);
            const Candidate candidate = {
                {group, phase}, find_behind(backend, near, phase), is_own(backend, thread, group)};
            best = best.turn.group < 0 || is_better(&candidate, &best) ? candidate : best;
        }
    }
    return best;
}

static bool take(DlcaBackend *backend, DlcaTurn turn) {
    long long phase = turn.phase;
    return atomic_compare_exchange_strong_explicit(&backend->taken[turn.group].value, &phase, phase + 1,
                                                   memory_order_relaxed, memory_order_relaxed);
}

DlcaTurn dlca_next_turn(DlcaBackend *backend, int32_t thread, int64_t first, int64_t end, double *waited) {
    for (;;) {
        const Candidate candidate = find_turn(backend, thread, first, end);
        if (candidate.turn.group < 0) {
            return candidate.turn;
        }
        if (candidate.behind >= 0) {
            *waited += dlca_await(&backend->bell, &backend->done[candidate.behind], candidate.turn.phase);
        } else if (take(backend, candidate.turn)) {
            return candidate.turn;
        }
    }
}

void dlca_end_turn(DlcaBackend *backend, DlcaTurn turn) {
    dlca_announce(&backend->bell, &backend->done[turn.group], turn.phase + 1);
}

void dlca_await_all(DlcaBackend *backend, int64_t end, double *waited) {
    for (int32_t group = 0; group < backend->groups; group++) {
        *waited += dlca_await(&backend->bell, &backend->done[group], end);
    }
}
