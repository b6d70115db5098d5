/* carry.h - brings a signal to where it is lacking, with channels that the picture does not need.
 *
 * Where two cells that should differ perceive the same before the last step, no function of what they perceive gets
 * both right. Mostly they, or neighbours that they see, perceived different things a step or two earlier, and that was
 * not handed on. So a channel that nothing depends on is made to tell: it becomes a signal that is 1 where the
 * neighbour of the one is and 0 where that of the other is, for as many pairs at once as go together; a step later
 * their perceptions differ. Where the neighbours perceived the same too, they are told apart first, a step earlier, and
 * so on.
 *
 * Leaves alone: what is then made of the signal (finish.h). */
#ifndef DLCA_CARRY_H
#define DLCA_CARRY_H

#include "spare.h"

typedef struct DlcaSeen DlcaSeen;
typedef struct DlcaPair DlcaPair;

typedef struct DlcaCarry {
    DlcaSpare *spare;
    DlcaTrace *trace;
    const DlcaTask *task;
    int32_t next;         /* channel that is looked at next for whether it is needed */
    unsigned seen, alone; /* bit n: some kernel sees neighbour n; some output of a kernel sees nothing else */
    uint64_t *perceived;  /* [steps][cells] what a cell perceives before a step, as a number */
    uint64_t *known;      /* [steps][cells] and all that it could know of what was perceived before */
    uint8_t *readers;     /* [gates of the first update layer] */
    DlcaSeen *order;      /* [cells] */
    DlcaPair *pair;       /* [steps][most pairs] to be told apart before a step */
    int32_t *pairs;       /* [steps] */
    uint64_t *ones;       /* [words] cells where a signal should be 1, */
    uint64_t *zeros;      /* [words] where 0, */
    uint64_t *left;       /* [words] of these while a cube is made */
} DlcaCarry;

/* What it takes. */
size_t dlca_carry_bytes(int32_t cells, int32_t steps);

/* All of these are the caller's and outlive it. */
bool dlca_carry_create(DlcaCarry *carry, DlcaSpare *spare, DlcaTrace *trace, const DlcaTask *task, DlcaError *error);
void dlca_carry_free(DlcaCarry *carry); /* an empty one is fine */

/* Pairs of cells that perceive the same before a step (counted from 1) and should differ after it. The trace is that of
 * the present circuit. */
int64_t dlca_carry_pairs(DlcaCarry *carry, int32_t step);

/* Until there are no such pairs: true when there are none. The trace is that of the present circuit, before and after.
 * A few more cells may be wrong after the step then. Adds to *gates those that were changed. */
bool dlca_carry_run(DlcaCarry *carry, int32_t step, int64_t *gates);

/* A channel without which few more cells are wrong after the step, and no more pairs perceive the same, made silent:
 * always 0, and read by no gate. -1: there is none. */
int32_t dlca_carry_silence(DlcaCarry *carry, int32_t step);

#endif
