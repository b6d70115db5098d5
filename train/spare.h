/* spare.h - what no scored bit depends on: gates and channels that are free for other use.
 *
 * A network as trained has many: gates that only ever handed on what nobody reads, channels that do not reach the
 * picture. Chip designers mend finished chips with such spare gates; patch.h and carry.h mend pictures with these.
 * Leaves alone: what to build of them. */
#ifndef DLCA_SPARE_H
#define DLCA_SPARE_H

#include "trace.h"

typedef struct DlcaSpare {
    DlcaModel *model;       /* its wires change */
    uint8_t *ops;           /* [model->gates] */
    const DlcaTrace *trace; /* for its rows */
    bool *live_row;         /* [inputs + gates] some scored bit of some step depends on it, or a kept channel */
    bool *live_channel;     /* [C] */
    bool *kept_channel;     /* [C] in use, though no scored bit depends on it yet */
    bool full;              /* a gate was wanted where none was free: since then nothing was wired */
} DlcaSpare;

/* What gate `gate` of update layer `layer` is; layer -1: the network's inputs. */
typedef struct DlcaSignal {
    int32_t layer, gate;
} DlcaSignal;

bool dlca_spare_create(DlcaSpare *spare, DlcaModel *model, uint8_t *ops, const DlcaTrace *trace, DlcaError *error);
void dlca_spare_free(DlcaSpare *spare); /* an empty one is fine */

/* Finds what is live; not full any more. Until the next call gates that were taken count as live. */
void dlca_spare_find(DlcaSpare *spare);

/* Update layers count from 0. */
const DlcaLayer *dlca_spare_layer(const DlcaSpare *spare, int32_t layer);
uint8_t *dlca_spare_op(const DlcaSpare *spare, int32_t layer, int32_t gate);
int32_t dlca_spare_output_row(const DlcaSpare *spare, int32_t channel);

/* Gates of a layer that are free, and one of them, which is not free any more. The last layer's gates are the channels:
 * none of them is for taking. */
int32_t dlca_spare_count(const DlcaSpare *spare, int32_t layer);
int32_t dlca_spare_take(DlcaSpare *spare, int32_t layer);

int64_t dlca_spare_taken(const DlcaSpare *spare); /* gates that are not free */

void dlca_spare_wire(DlcaSpare *spare, int32_t layer, int32_t gate, int32_t a, int32_t b, int op);

/* The same signal in a later layer, or in this one; `op` of two signals, one layer after the later of them; a channel
 * that becomes a signal of an earlier layer than the last. They take free gates. */
DlcaSignal dlca_spare_hand_on(DlcaSpare *spare, DlcaSignal signal, int32_t layer);
DlcaSignal dlca_spare_gate(DlcaSpare *spare, DlcaSignal a, DlcaSignal b, int op);
void dlca_spare_become(DlcaSpare *spare, DlcaSignal signal, int32_t channel);

#endif
