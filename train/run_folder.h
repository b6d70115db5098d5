/* run_folder.h - the folder that a run writes into: new for every run, locked while it is in use, found again by a run
 * that goes on. Leaves alone: what is written there. */
#ifndef DLCA_RUN_FOLDER_H
#define DLCA_RUN_FOLDER_H

#include "../src/file_lock.h"

#include <limits.h>
#include <stdbool.h>

#define DLCA_CHECKPOINT_NAME "checkpoint.safetensors"
#define DLCA_RUN_LOCK_NAME "run.lock"

typedef struct DlcaRunFolder {
    char path[PATH_MAX];
    bool created; /* it was not there before */
    DlcaFileLock lock;
} DlcaRunFolder;

/* With `out`: that folder, created when missing; one that has files in it is refused. Without: the next free number in
 * results/<task>/, taken with mkdir, so that two runs at once get two numbers; results/<task>/latest then points at it.
 * Locked until released. A folder that cannot be had, or that another process works in, is bad input; a full disk is a
 * failure. */
bool dlca_run_folder_create(DlcaRunFolder *folder, const char *task, const char *out, DlcaError *error);

/* The folder of a run that was interrupted: `given`, or where results/<task>/latest points when that is empty.
 * *has_checkpoint: otherwise the run was ended before it wrote one, and the folder holds nothing but what a run begins
 * with; any other folder is refused, and one in which a file of a run is a symbolic link. Nothing is changed. */
bool dlca_run_folder_find(DlcaRunFolder *folder, const char *task, const char *given, bool *has_checkpoint,
                          DlcaError *error);

/* Locks a folder that was found or that is known. */
bool dlca_run_folder_lock(DlcaRunFolder *folder, DlcaError *error);

/* Removes the temporary files that a killed run left in a folder that is locked. */
bool dlca_run_folder_clean(const DlcaRunFolder *folder, DlcaError *error);

/* False when the folder was removed or replaced since it was locked. */
bool dlca_run_folder_check(const DlcaRunFolder *folder, DlcaError *error);

/* Gives the lock back; twice is fine. */
void dlca_run_folder_release(DlcaRunFolder *folder);

/* Takes the folder away again, when it was created here and is empty; for a run that wrote nothing. */
void dlca_run_folder_remove(DlcaRunFolder *folder);

#endif
