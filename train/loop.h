/* loop.h - the training loop: epochs, judging the hard circuit, acceptance, restarts, repair, going on
 * from a state.
 *
 * Leaves alone: options, files, terminals. It reports through an observer and returns a result; the program around it
 * writes. */
#ifndef DLCA_LOOP_H
#define DLCA_LOOP_H

#include "../src/crew.h"
#include "../src/proof.h"
#include "recipe.h"
#include "training_state.h"

typedef struct DlcaTrainOptions {
    int64_t epochs; /* budget, restarts included */
    uint64_t seed;
    DlcaRecipe recipe;     /* dlca_recipe's, or changed by the user */
    bool all_epochs;       /* go on after an accepted circuit and keep the smallest */
    int64_t eval_interval; /* epochs between judgements; >= 1 */
    int64_t log_interval;  /* epochs between lines for the user, for which a device is asked for its losses; >= 1 */
    int64_t save_every;    /* epochs between saved states, besides one a minute; 0: only these */
    int32_t threads;
    const char *backend;      /* a name for dlca_backend_find */
    DlcaCrew *crew;           /* the other trainings on the same device; NULL: none */
    int32_t checkpoint_every; /* steps between kept states; 0: chosen (DlcaBackendOptions) */
} DlcaTrainOptions;

typedef struct DlcaProgress {
    int64_t epoch, epochs; /* run so far over all restarts, budget */
    int32_t restarts;
    double soft_loss;     /* of this epoch's batch */
    bool judged;          /* the fields below are of this epoch; otherwise of the last judgement */
    double hard_loss;     /* wrong scored bits per start, times batch: comparable with soft_loss */
    double hard_accuracy; /* right scored bits / scored bits, 0..1 */
    double wrong_cells;   /* per start */
    float rate;
    double seconds; /* since the start of training */
    double ms_per_epoch;
    bool within;       /* the epoch is under way, a long one, and */
    double part;       /* of it is done, 0..1 */
    const char *doing; /* "training", "repairing", "checking" */
} DlcaProgress;

typedef struct DlcaObserver {
    void *context;
    void (*progress)(void *context, const DlcaProgress *progress); /* after every epoch, and within long ones */
    bool (*evaluated)(void *context, const DlcaProgress *progress, DlcaError *error); /* a row of log.csv */
    bool (*stop)(void *context); /* Ctrl-C: end, with the state of the last epoch that is over */
    /* Keeps the state that training can go on from: at the start, when due, at the end, and before training fails. */
    bool (*save)(void *context, const DlcaTrainState *state, DlcaError *error);
} DlcaObserver;

/* How the circuit kept differs from what was trained and repaired: by spare gates with other wires (patch.h). */
typedef struct DlcaMended {
    int64_t gates;    /* given another operation or other wires; 0: none */
    int64_t cells;    /* that were wrong after the trained steps without */
    int64_t by_clock; /* 1: it counts the steps (finish.h) */
} DlcaMended;

typedef struct DlcaTrainResult {
    bool interrupted;
    bool diverged;       /* dlca_train failed because the loss or a logit is not a finite number */
    int64_t epochs_run;  /* all restarts counted */
    int64_t exact_epoch; /* the epoch that gave the circuit kept; -1 when none is exact */
    double soft_loss, hard_loss, hard_accuracy;
    bool hard_exact;
    int64_t hold_steps; /* further steps for which every start stays right, at most 4 * steps */
    int32_t restarts;
    int64_t repair_evaluations;
    double seconds_total, seconds_train, seconds_repair;
    double gate_evals_per_second;
    int64_t gates_total, gates_active, gates_optimized;
    DlcaMended mended;                    /* the circuit kept */
    DlcaProven proven_exact, proven_hold; /* set when the results are written (results.h) */
    char backend[16];
} DlcaTrainResult;

/* What the backend has to be made for, but for the instruction set. */
DlcaBackendOptions dlca_train_device(const DlcaTrainOptions *options);

/* Trains `model` (created from task->config; wired and started here) and leaves in it the circuit kept, with the wires
 * and logits that it came from: the accepted one, else the best judged. With `from` it goes on from that state of the
 * same task, seed and options, a larger budget aside, and comes to the same bytes as without the interruption. */
bool dlca_train(DlcaModel *model, const DlcaTask *task, const DlcaTrainOptions *options, const DlcaTrainState *from,
                const DlcaObserver *observer, DlcaTrainResult *result, DlcaError *error);

#endif
