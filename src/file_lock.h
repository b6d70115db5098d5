/* file_lock.h - a file that says who works in a folder, so that no two processes do.
 *
 * The lock is flock()'s: the system gives it back when its process ends, however that ends, so a file that is left
 * after a crash locks nothing. Its text, "process 1234 on host", is for people. Leaves alone: what is locked by it. */
#ifndef DLCA_FILE_LOCK_H
#define DLCA_FILE_LOCK_H

#include "../gates/error.h"

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

typedef struct DlcaFileLock {
    bool held;
    int descriptor;
    dev_t device; /* of the file that was locked, */
    ino_t file;   /* and its number there */
    char path[PATH_MAX];
} DlcaFileLock;

/* Takes the lock or is told who has it: bad input that names process and host. On a file system without locks it is
 * held by nobody's guard but the file. */
bool dlca_file_lock(DlcaFileLock *lock, const char *path, DlcaError *error);

/* Whether `path` still is the file that was locked: false when its folder was removed or replaced. */
bool dlca_file_lock_is_there(const DlcaFileLock *lock);

/* Removes the file and gives the lock back; one that is not held is fine. */
void dlca_file_unlock(DlcaFileLock *lock);

#endif
