/* results.h - what a finished run leaves behind: files, and a few lines to read. Leaves alone: training, log.csv. */
#ifndef DLCA_RESULTS_H
#define DLCA_RESULTS_H

#include "loop.h"
#include "options.h"

#include <stdio.h>

typedef struct DlcaRun {
    const DlcaTask *task;
    const DlcaModel *model;
    const DlcaRunOptions *options;
    DlcaTrainResult *result; /* gates_optimized and the proofs are filled in when the files are written */
    const char *folder;
    const DlcaArguments *arguments; /* what the run was asked for, as the report shows it ... */
    const void *values;             /* ... the struct that arguments->option describes */
} DlcaRun;

/* circuit.json of the operations kept, at `path`. */
bool dlca_results_write_circuit(const DlcaModel *model, const char *path, DlcaError *error);

/* model.safetensors, circuit.json, frames/, rollout.gif, report.html and summary.json, in this order: a folder with a
 * summary is complete. */
bool dlca_results_write(const DlcaRun *run, DlcaError *error);

/* ops [gates]: the operations that were kept, as dlca_train leaves them; argmax for a model that was never judged. */
void dlca_kept_ops(const DlcaModel *model, uint8_t *ops);

/* Exact or not and for how long, from which epoch, gates, time, where the files are. */
void dlca_results_print(const DlcaRun *run, FILE *out);

#endif
