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
    const DlcaTrainResult *result;
    const char *folder;
} DlcaRun;

/* model.safetensors as it stands after `epoch` epochs; also while training, for --save-every. */
bool dlca_results_write_model(const DlcaTask *task, const DlcaModel *model, const char *folder, int64_t epoch,
                              int32_t restarts, DlcaError *error);

/* model.safetensors, circuit.json, frames/, rollout.gif and summary.json, in this order: a folder with a summary is
 * complete. */
bool dlca_results_write(const DlcaRun *run, DlcaError *error);

/* Exact or not and for how long, from which epoch, gates, time, where the files are. */
void dlca_results_print(const DlcaRun *run, FILE *out);

#endif
