/* trace.h - every signal of the update network, in every cell and step of the one rollout that a picture has.
 *
 * Bits, 64 cells to a word, so that a gate is one logic operation for 64 places. For searches that ask what the network
 * computes where (patch.h). Leaves alone: rollouts with many starts or with cells that fire by chance (judge.h). */
#ifndef DLCA_TRACE_H
#define DLCA_TRACE_H

#include "task.h"

typedef struct DlcaTrace {
    const DlcaModel *model;
    int32_t cells, steps;
    size_t words;     /* of a step: its cells, the last word filled with zeros */
    size_t row;       /* of a signal: steps * words */
    int32_t inputs;   /* of the update network: rows 0 .. inputs-1 */
    int32_t gates;    /* of the update network: rows inputs .. */
    int32_t *source;  /* [9][cells] the cell that a neighbour is, -1: outside */
    uint64_t *start;  /* [C][words] */
    uint64_t *state;  /* [C][words] before the step that is computed */
    uint64_t *around; /* [9][words] a channel's neighbours */
    uint64_t *layers; /* [gates of one perception kernel][words] */
    uint64_t *signal; /* [inputs + gates][steps][words] */
} DlcaTrace;

/* Bytes that a trace of so many steps takes. */
size_t dlca_trace_bytes(const DlcaModel *model, int32_t steps);

/* Of a task with one start whose cells all fire. The model's wires may change between runs. */
bool dlca_trace_create(DlcaTrace *trace, const DlcaModel *model, const DlcaTask *task, int32_t steps, DlcaError *error);
void dlca_trace_free(DlcaTrace *trace); /* an empty one is fine */

/* Fills `signal` with the rollout of the circuit that ops [model->gates] give. */
void dlca_trace_run(DlcaTrace *trace, const uint8_t *ops);

/* Row of gate `gate` of update layer `layer`; layer -1: the network's inputs. */
int32_t dlca_trace_row(const DlcaTrace *trace, int32_t layer, int32_t gate);

static inline uint64_t *dlca_trace_signal(const DlcaTrace *trace, int32_t row) {
    return trace->signal + (size_t)row * trace->row;
}

#endif
