/* program.h - a trainer as a program: from the command line to the files of the run. */
#ifndef DLCA_PROGRAM_H
#define DLCA_PROGRAM_H

#include "../src/model_file.h"
#include "options.h"
#include "task.h"

#include <stdio.h>

/* What one trainer does in its own way. */
typedef struct DlcaTrainer {
    const DlcaArguments *arguments;
    const char *task_name;   /* of the folder in results/ */
    void *values;            /* the struct that arguments->option describes, with the defaults */
    size_t values_bytes;     /* its size */
    const void *defaults;    /* such a struct as the help shows it */
    DlcaRunOptions *options; /* in it */
    /* From the parsed values; a task of the caller's to free in any case. */
    bool (*make_task)(void *values, DlcaTask *task, DlcaError *error);
    /* The same for a run that goes on, where it takes more than its options: the task of the checkpoint's model and
     * extras. `saved` are the values that the run had before. NULL: make_task serves. */
    bool (*make_task_again)(void *values, const void *saved, const DlcaModel *model, const DlcaModelExtras *extras,
                            DlcaTask *task, DlcaError *error);
    void (*describe)(const void *values, FILE *out);                         /* before training; may be NULL */
    bool (*write)(const void *values, const char *folder, DlcaError *error); /* files of its own; may be NULL */
} DlcaTrainer;

/* The main of a trainer. Prints, and returns the exit code: 0 done, 1 the run failed, 2 a bad option, 128 + the number
 * of the signal that ended it. */
int dlca_trainer_program(int argc, char **argv, const DlcaTrainer *trainer);

/* The main of a trainer that has nothing of its own: `task_name` is a name for dlca_task_create. */
int dlca_train_program(int argc, char **argv, const char *task_name);

#endif
