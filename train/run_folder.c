/* run_folder.c - finds and creates the folder of a run. Leaves alone: what is written there. */
#include "run_folder.h"

#include "../src/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_RUNS = 1000000 };

/* A path that cannot be had is the user's to change; a machine that is full or broken is not. */
static DlcaErrorKind kind_of(int code) {
    return code == ENOSPC || code == EDQUOT || code == EIO || code == ENOMEM ? DLCA_FAILED : DLCA_BAD_INPUT;
}

static bool use_given(DlcaRunFolder *folder, const char *out, DlcaError *error) {
    struct stat status;
    bool empty = true;
    if (strlen(out) >= sizeof folder->path) {
        return dlca_fail(error, DLCA_BAD_INPUT, "--out: the path is longer than %zu bytes", sizeof folder->path - 1);
    }
    memcpy(folder->path, out, strlen(out) + 1);
    if (lstat(out, &status) != 0) {
        DlcaError inner = {0};
        errno = 0;
        folder->created = dlca_folder_create(out, &inner);
        if (!folder->created) {
            return dlca_fail(error, kind_of(errno), "--out: %s; accepted: a folder that is new or empty",
                             inner.message);
        }
        return true;
    }
    if (stat(out, &status) != 0 || !S_ISDIR(status.st_mode)) {
        return dlca_fail(error, DLCA_BAD_INPUT, "--out: '%s' is not a folder; accepted: a folder that is new or empty",
                         out);
    }
    if (!dlca_folder_is_empty(out, &empty, error)) {
        return false;
    }
    if (!empty) {
        return dlca_fail(error, DLCA_BAD_INPUT,
                         "--out: '%s' has files in it; accepted: a folder that is new or empty, so that no run is lost",
                         out);
    }
    if (access(out, W_OK | X_OK) != 0) {
        return dlca_fail(error, DLCA_BAD_INPUT, "--out: '%s' cannot be written to: %s", out, strerror(errno));
    }
    return true;
}

/* The highest number that a run in this folder has, 0 when there is none. */
static long highest_number(const char *parent) {
    long highest = 0;
    DIR *listing = opendir(parent);
    if (!listing) {
        return 0;
    }
    for (struct dirent *entry = readdir(listing); entry; entry = readdir(listing)) {
        char *end = NULL;
        long number = strtol(entry->d_name, &end, 10);
        if (end != entry->d_name && *end == '\0' && number > highest && number < MOST_RUNS) {
            highest = number;
        }
    }
    closedir(listing);
    return highest;
}

/* Points `latest` at this run. A link cannot be replaced in place, but one can be renamed over it. A `latest` that is
 * no link is the user's own and stays. */
static bool point_latest(const char *parent, const char *number, DlcaError *error) {
    char link_path[PATH_MAX], fresh[PATH_MAX], name[64];
    struct stat status;
    snprintf(name, sizeof name, ".latest-%ld", (long)getpid());
    if (!dlca_path_join(link_path, sizeof link_path, parent, "latest", error) ||
        !dlca_path_join(fresh, sizeof fresh, parent, name, error)) {
        return false;
    }
    if (lstat(link_path, &status) == 0 && !S_ISLNK(status.st_mode)) {
        return true;
    }
    if (symlink(number, fresh) != 0 || rename(fresh, link_path) != 0) {
        int code = errno;
        unlink(fresh);
        return dlca_fail(error, DLCA_FAILED, "%s: cannot be pointed at the run: %s", link_path, strerror(code));
    }
    return true;
}

static bool use_next_number(DlcaRunFolder *folder, const char *task, DlcaError *error) {
    char parent[PATH_MAX];
    if (!dlca_path_join(parent, sizeof parent, "results", task, error) || !dlca_folder_create(parent, error)) {
        return false;
    }
    for (long number = highest_number(parent) + 1; number < MOST_RUNS; number++) {
        char name[32];
        snprintf(name, sizeof name, "%03ld", number);
        if (!dlca_path_join(folder->path, sizeof folder->path, parent, name, error)) {
            return false;
        }
        if (mkdir(folder->path, 0777) == 0) {
            folder->created = true;
            if (point_latest(parent, name, error)) {
                return true;
            }
            dlca_run_folder_remove(folder);
            return false;
        }
        if (errno != EEXIST) {
            return dlca_fail(error, DLCA_FAILED, "%s: cannot be created: %s", folder->path, strerror(errno));
        }
    }
    return dlca_fail(error, DLCA_FAILED, "%s: there is no free number below %d", parent, MOST_RUNS);
}

bool dlca_run_folder_create(DlcaRunFolder *folder, const char *task, const char *out, DlcaError *error) {
    *folder = (DlcaRunFolder){0};
    return out ? use_given(folder, out, error) : use_next_number(folder, task, error);
}

void dlca_run_folder_remove(const DlcaRunFolder *folder) {
    if (folder->created) {
        rmdir(folder->path);
    }
}
