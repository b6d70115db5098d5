/* loop_parts.h - what the files of the training loop share: its memory, and the state between two epochs.
 *
 * For loop.c, loop_judge.c and loop_state.c alone; everybody else has loop.h. */
#ifndef DLCA_LOOP_PARTS_H
#define DLCA_LOOP_PARTS_H

#include "batch.h"
#include "loop.h"
#include "patience.h"
#include "sizes.h"

typedef struct Loop {
    DlcaModel *model;
    const DlcaTask *task;
    const DlcaTrainOptions *options;
    const DlcaObserver *observer;
    DlcaTrainResult *result;
    DlcaRecipe recipe;
    const DlcaBackendTable *table;
    DlcaBackend *backend;
    DlcaBench bench;
    DlcaRepair repair;
    DlcaStarts judged;
    DlcaSizes sizes;   /* where any size is asked for */
    DlcaStarts wider;  /* `judged`, with the starts of other sizes */
    DlcaModel *mended; /* a copy of the model whose spare gates mend what is wrong */
    DlcaModel *kept;   /* the model of the best circuit so far, with the wires and logits that it came from */
    DlcaProgress progress;
    DlcaBatchSource batches;
    DlcaWatch watch;       /* of an epoch's passes */
    bool given_up;         /* the last epoch, for observer->stop */
    double looked;         /* when the observer was last told of an epoch under way; its beginning at first */
    uint8_t *ops;          /* [gates] the circuit being judged */
    int64_t restart_epoch; /* epochs of this attempt */
    bool leave;            /* this attempt has given its circuit: look elsewhere */
    int32_t unread;        /* epochs whose losses are still where they were computed */
    bool window_ended;     /* with the last epoch: the patience can say whether the attempt promises something */
    DlcaPatience patience;
    double constant_wrong;  /* part of the cells that the best constant answer has wrong on the judged starts */
    double constant_loss;   /* its wrong bits per start, times batch: comparable with the soft loss */
    int64_t fewest_wrong;   /* cells, of the best circuit judged while none is accepted; -1: none yet */
    int64_t longest_hold;   /* steps, of the exact circuits judged on fresh starts; -1: none yet */
    int64_t smallest;       /* gates of the circuit accepted; -1: none yet */
    int64_t rows;           /* of the log */
    DlcaTrainState state;   /* the last one captured, every number in it finite */
    int64_t saved_epoch;    /* of the state that the observer saved last; -1: none yet */
    double captured, saved; /* when */
    double started;         /* less the seconds that earlier processes trained */
    double evaluated_cells; /* cells x steps x batch that fired, of the epochs read */
} Loop;

static inline size_t dlca_loop_cells(const DlcaTask *task) {
    return (size_t)task->config.height * (size_t)task->config.width;
}

/* Of a clock that nobody sets. */
double dlca_loop_seconds(void);

/* Takes over the state, in a loop that was created with its model. */
bool dlca_loop_go_on(Loop *loop, const DlcaTrainState *from, DlcaError *error);

/* Captures the state and lets the observer save it when that is due. `must`: at the start and the end of a run. */
bool dlca_loop_save(Loop *loop, bool must, DlcaError *error);

/* Fetches the losses that are still unread, and takes note of them epoch by epoch. False too when one is no number. */
bool dlca_loop_read(Loop *loop, DlcaError *error);

/* Returns false with the epoch's number, after the last good state was saved; `what`: "the loss". */
bool dlca_loop_diverged(Loop *loop, const char *what, DlcaError *error);

/* ---- loop_judge.c ---- */

/* The logits in training, into loop->model. */
bool dlca_loop_fetch(Loop *loop, DlcaError *error);

/* The score on so many starts becomes the progress's. */
void dlca_loop_note_score(Loop *loop, DlcaHardScore score, int64_t starts);

/* A model with the operations of loop->ops becomes the result so far; keep_closest: if none is exact, and it is closer.
 */
void dlca_loop_keep(Loop *loop, const DlcaModel *model, DlcaMended mended);
void dlca_loop_keep_closest(Loop *loop, const DlcaModel *model, DlcaMended mended, DlcaHardScore score);

/* Change loop->ops and *score where the recipe has it tried: by search; with spare gates, in loop->mended, what search
 * left wrong or what does not hold. */
bool dlca_loop_repair(Loop *loop, DlcaHardScore *score, DlcaError *error);
bool dlca_loop_patch(Loop *loop, DlcaHardScore *score, DlcaError *error);

/* Accepts the circuit of loop->ops if it is exact on fresh starts, and what it learns from those that refute it. */
bool dlca_loop_consider(Loop *loop, DlcaError *error);

#endif
