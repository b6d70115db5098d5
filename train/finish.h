/* finish.h - the last cells put right in the last step, and a picture that stays, both by the clock.
 *
 * Where a cell is wrong after the trained steps and perceives something that no cell of the other kind does, that makes
 * a signal: an OR of cubes over what it perceives, AND "this is the last step". The channel is forced where that is 1.
 * When the steps are over each cell's scored channels are forced to what they are: the picture then stays for ever,
 * whatever the rest of the rule goes on to do.
 *
 * It takes more gates than patches that need no clock (patch.h), which are tried first. */
#ifndef DLCA_FINISH_H
#define DLCA_FINISH_H

#include "clock.h"
#include "force.h"

typedef struct DlcaFinish {
    DlcaCarry *carry;
    DlcaForce force;
    uint64_t *wrong;   /* [words] */
    uint64_t *harmful; /* [words] */
    uint64_t *left;    /* [words] */
} DlcaFinish;

/* `carry` outlives it. */
bool dlca_finish_create(DlcaFinish *finish, DlcaCarry *carry, DlcaError *error);
void dlca_finish_free(DlcaFinish *finish); /* an empty one is fine */

/* True when every cell is right after step `steps`; it then stays so where that was possible too. The trace is that of
 * the present circuit, before and after. Adds to *gates those that were changed. */
bool dlca_finish_run(DlcaFinish *finish, int32_t steps, int64_t *gates);

#endif
