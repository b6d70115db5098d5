/* run_folder.h - the folder that a run writes into, new for every run. Leaves alone: what is written there. */
#ifndef DLCA_RUN_FOLDER_H
#define DLCA_RUN_FOLDER_H

#include "../gates/error.h"

#include <limits.h>
#include <stdbool.h>

typedef struct DlcaRunFolder {
    char path[PATH_MAX];
    bool created; /* it was not there before */
} DlcaRunFolder;

/* With `out`: that folder, created when missing; one that has files in it is refused. Without: the next free number in
 * results/<task>/, taken with mkdir, so that two runs at once get two numbers; results/<task>/latest then points at it.
 * A folder that cannot be had is bad input, a full disk is a failure. */
bool dlca_run_folder_create(DlcaRunFolder *folder, const char *task, const char *out, DlcaError *error);

/* Takes the folder away again, when it was created here and is empty; for a run that wrote nothing. */
void dlca_run_folder_remove(const DlcaRunFolder *folder);

#endif
