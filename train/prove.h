/* prove.h - the proof that fits a task: all starts by SAT, all starts by trying them, or the one start until it
 * repeats.
 *
 *   - random starts and a fixed target (checkerboard): src/proof.h;
 *   - every state of a small grid (life): all are tried; a 3x3 grid that wraps shows each cell a neighbourhood of its
 * own, so that right after one step on all 512 means right on any grid for ever;
 *   - one start, all cells firing (lizard, colors): run until a state comes back; from then on it only repeats.
 * Whatever else is asked stays not decided. Leaves alone: words for users (tools/prove.c), files. */
#ifndef DLCA_TRAIN_PROVE_H
#define DLCA_TRAIN_PROVE_H

#include "../src/proof.h"
#include "task.h"

typedef struct DlcaProveOptions {
    double seconds;                                                     /* limit; 0: none */
    uint64_t seed;                                                      /* of samples */
    void (*progress)(void *context, const DlcaProofProgress *progress); /* may be NULL */
    void *context;
} DlcaProveOptions;

/* The task's grid, steps, wrap and firing. `proof` is to be freed with dlca_proof_free. */
bool dlca_prove_task(DlcaProof *proof, const DlcaTask *task, const DlcaCircuit *rule, const DlcaProveOptions *options,
                     DlcaError *error);

#endif
