/* force.h - makes a channel 0, or 1, wherever a signal is 1, and leaves it as it is elsewhere.
 *
 * A gate that hands on one input has the other free: x OR signal, x AND NOT signal. Other gates are forced through
 * their inputs: an AND is 0 where one of them is, and 1 where both are. So from the channel backwards there is a
 * cheapest set of gates to change, found by dynamic programming; they are changed in copies, made of gates that nothing
 * depends on, so that whatever else reads them sees what it saw. Leaves alone: when (finish.h). */
#ifndef DLCA_FORCE_H
#define DLCA_FORCE_H

#include "spare.h"

typedef struct DlcaForce {
    DlcaSpare *spare;
    int32_t *cost; /* [rows][2] gates that it takes for the row to be that value */
    int32_t *copy; /* [rows][2] place in its layer of the gate that is, -1: not made */
    bool *quiet;   /* [rows] signals that force, of which no two are 1 at once */
} DlcaForce;

bool dlca_force_create(DlcaForce *force, DlcaSpare *spare, DlcaError *error);
void dlca_force_free(DlcaForce *force); /* an empty one is fine */

/* `when` must never be 1 where that of an earlier call was. False: there is no way, and the channel is as it was. */
bool dlca_force_run(DlcaForce *force, int32_t channel, bool value, DlcaSignal when);

#endif
