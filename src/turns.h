/* turns.h - who does what next in a pass: each group of tiles goes through the pass's phases at its own pace.
 *
 * A phase is what every group does at one step: forward, gathering the gradient of its states, backward. A group begins
 * one when the groups that share cells with it have ended the one before; of two phases of groups that touch the same
 * memory the earlier one has then ended, however far other groups are. A thread takes its own groups, those furthest
 * behind first, and others' when none of its own can begin. (With a barrier after each phase a seventh of two threads'
 * time went by in it: whatever delays one for a moment delayed both, 60 times an epoch. With groups of its own for each
 * and nothing else, a lizard's 13 tiles were 7 and 6. With one phase at a time, whose groups went to whoever came
 * first, threads waited for 5 % of the time; so they wait for 1 %.) Leaves alone: what is done in a phase (rollout.c).
 */
#ifndef DLCA_TURNS_H
#define DLCA_TURNS_H

#include "backend_cpu.h"

typedef enum DlcaPhaseKind { DLCA_PHASE_FORWARD, DLCA_PHASE_GATHER, DLCA_PHASE_BACKWARD } DlcaPhaseKind;

struct DlcaPhase {
    int32_t step;
    int32_t slots; /* of a gate evaluation, over the steps: how far the pass is before this phase */
    uint8_t kind;
    bool of_cells; /* only groups that share cells have read or written what this phase does */
};

/* The most phases that a pass of so many steps has. */
static inline size_t dlca_phases_room(int32_t steps) {
    return 4 * (size_t)steps;
}

/* Fills backend->phase with a pass of `steps` steps, then a phase after the last, whose slots are those of the whole
 * pass. With K < steps, backward begins a segment by going forward through it again. */
void dlca_phases_make(DlcaBackend *backend, DlcaColumns columns, int32_t steps, bool backward);

/* Whether the states at a step are those of the cells, in their order: also when the last two cells of equal history
 * have parted, which then stays so. */
bool dlca_are_cells(const DlcaBackend *backend, DlcaColumns columns, int32_t step);

/* A group in a phase, counted since the backend was made. */
typedef struct DlcaTurn {
    int32_t group;
    int64_t phase;
} DlcaTurn;

/* The next turn of a thread among the phases before `end`; waits where none can begin yet, and adds the seconds to
 * *waited. Of group -1: each is somebody's. `first` is the phase at which the pass began. */
DlcaTurn dlca_next_turn(DlcaBackend *backend, int32_t thread, int64_t first, int64_t end, double *waited);

/* What the turn was is done, for all to see. */
void dlca_end_turn(DlcaBackend *backend, DlcaTurn turn);

/* Until all groups have ended the phases before `end`. */
void dlca_await_all(DlcaBackend *backend, int64_t end, double *waited);

#endif
