/* training_state.h - everything that decides the rest of a training, as it stands between two epochs.
 *
 * Random numbers are counter-based and keyed by the epoch, so the counters here are all of their state; starts that are
 * judged, repairs and the wiring of a restart follow from them and the seed. Leaves alone: the loop that goes on from
 * it (loop.h), its file (checkpoint.h). */
#ifndef DLCA_TRAINING_STATE_H
#define DLCA_TRAINING_STATE_H

#include "../src/dlca.h"

typedef struct DlcaTrainPosition {
    int64_t epoch;          /* run so far, restarts included */
    int64_t restart_epoch;  /* of them in this attempt */
    int64_t restarts;       /* which wiring this is, 0 the first */
    int64_t leaves;         /* 1: the next epoch begins with new wires */
    int64_t patience_noted; /* epochs and windows of DlcaPatience */
    int64_t patience_means;
    double patience_sum, patience_last, patience_before; /* and its losses */
    int64_t fewest_wrong;       /* cells, of the best circuit judged while none is accepted; -1: none yet */
    int64_t longest_hold;       /* steps, of the exact circuits so far; -1: none yet */
    int64_t smallest;           /* gates of the circuit accepted; -1: none yet */
    int64_t exact_epoch;        /* that gave the circuit accepted; -1: none yet */
    int64_t repair_evaluations; /* so far */
    int64_t gates_patched, cells_mended, finished_by_clock; /* DlcaMended of the best circuit so far */
    int64_t rows;                                           /* of the log so far */
    int64_t judged; /* 1: the last epoch was judged, and the next three are its figures */
    double hard_loss, hard_accuracy, wrong_cells;
    double soft_loss;                                    /* of the last epoch */
    double seconds_total, seconds_train, seconds_repair; /* so far */
    double evaluated_cells;                              /* cells x steps x batch that fired */
} DlcaTrainPosition;

typedef struct DlcaTrainState {
    DlcaTrainPosition position;
    DlcaModel *training;                 /* wires and logits as last trained; its operations say nothing */
    float *first_moment, *second_moment; /* [gates][16] of AdamW */
    int64_t updates;                     /* AdamW steps behind the moments */
    DlcaModel *kept; /* the best circuit so far, with the wires and logits that it came from; none without has_ops */
} DlcaTrainState;

/* Models and moments of zeros. */
bool dlca_train_state_create(DlcaTrainState *state, const DlcaConfig *config, DlcaError *error);
void dlca_train_state_free(DlcaTrainState *state); /* an empty one is fine */

#endif
