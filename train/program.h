/* program.h - a trainer as a program: from the command line to the files of the run. */
#ifndef DLCA_PROGRAM_H
#define DLCA_PROGRAM_H

#include "options.h"
#include "task.h"

#include <stdio.h>

/* What one trainer does in its own way. */
typedef struct DlcaTrainer {
    const DlcaArguments *arguments;
    void *values;            /* the struct that arguments->option describes, with the defaults */
    const void *defaults;    /* such a struct as the help shows it */
    DlcaRunOptions *options; /* in it */
    /* From the parsed values; a task of the caller's to free in any case. */
    bool (*make_task)(void *values, DlcaTask *task, DlcaError *error);
    void (*describe)(const void *values, FILE *out);                         /* before training; may be NULL */
    bool (*write)(const void *values, const char *folder, DlcaError *error); /* files of its own; may be NULL */
} DlcaTrainer;

/* The main of a trainer. Prints, and returns the exit code: 0 done, 1 the run failed, 2 a bad option, 130 ended by
 * Ctrl-C. */
int dlca_trainer_program(int argc, char **argv, const DlcaTrainer *trainer);

/* The main of a trainer that has nothing of its own: `task_name` is a name for dlca_task_create. */
int dlca_train_program(int argc, char **argv, const char *task_name);

#endif
