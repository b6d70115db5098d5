/* log.h - log.csv: a row for each evaluation of a run. Leaves alone: what the terminal shows (progress_line.h). */
#ifndef DLCA_LOG_H
#define DLCA_LOG_H

#include "loop.h"

#include <limits.h>
#include <stdio.h>

typedef struct DlcaLog {
    char path[PATH_MAX];
    FILE *file; /* NULL when closed */
    int64_t rows;
} DlcaLog;

/* Creates the file with its heading `epoch,soft_loss,hard_loss,hard_accuracy,lr,seconds`, on disk at once, so that a
 * disk that is full is known before training. It must not exist yet. */
bool dlca_log_open(DlcaLog *log, const char *path, DlcaError *error);

/* Opens a log that has at least `rows` rows and cuts it behind them, durably: to go on from a checkpoint. */
bool dlca_log_open_again(DlcaLog *log, const char *path, int64_t rows, DlcaError *error);

/* Adds a row and hands it to the system, so that it can be followed and survives the program. */
bool dlca_log_add(DlcaLog *log, const DlcaProgress *progress, DlcaError *error);

/* All rows on disk: before a checkpoint that counts them. */
bool dlca_log_flush(DlcaLog *log, DlcaError *error);

bool dlca_log_close(DlcaLog *log, DlcaError *error); /* a closed one is fine */

/* Closes it and deletes the file; for a run that failed before its first row. */
void dlca_log_discard(DlcaLog *log);

#endif
