/* run_folder.c - finds, creates and locks the folder of a run. Leaves alone: what is written there. */
#include "run_folder.h"

#include "../src/file.h"
#include "../src/links.h"

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
    return code == ENOSPC || code == EDQUOT || code == EIO || code == ENOMEM || code == EMFILE || code == ENFILE
               ? DLCA_FAILED
               : DLCA_BAD_INPUT;
}

/* What a run writes before its first checkpoint, and what its writer leaves when it is killed. */
static const char *const first_files[] = {DLCA_RUN_LOCK_NAME, "log.csv", "target.png", NULL};
static const char *const written_files[] = {DLCA_CHECKPOINT_NAME, "model.safetensors", "circuit.json",
                                            "report.html",        "summary.json",      "rollout.gif",
                                            "target.png",         "sweep.csv",         NULL};

/* All that a run writes over, or into. */
static const char *const kept_names[] = {DLCA_RUN_LOCK_NAME,  "log.csv",      "frames",      DLCA_CHECKPOINT_NAME,
                                         "model.safetensors", "circuit.json", "report.html", "summary.json",
                                         "rollout.gif",       "target.png",   NULL};

static bool is_in(const char *const *names, const char *name) {
    while (*names && strcmp(*names, name) != 0) {
        names++;
    }
    return *names != NULL;
}

/* The first entry that is neither in `names` nor a temporary file of a run into other [size]; "" when there is none. */
static bool find_other(const char *path, const char *const *names, char *other, size_t size, DlcaError *error) {
    DIR *listing = opendir(path);
    if (!listing) {
        return dlca_fail(error, kind_of(errno), "%s: cannot be read as a folder: %s", path, strerror(errno));
    }
    other[0] = '\0';
    for (const struct dirent *entry; other[0] == '\0' && (entry = readdir(listing));) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && !is_in(names, name) &&
            !dlca_is_temporary(name, written_files)) {
            snprintf(other, size, "%s", name);
        }
    }
    closedir(listing);
    return true;
}

static bool has_file(const char *folder, const char *name) {
    char path[PATH_MAX];
    return dlca_path_join(path, sizeof path, folder, name, NULL) && access(path, F_OK) == 0;
}

bool dlca_run_folder_lock(DlcaRunFolder *folder, DlcaError *error) {
    char path[PATH_MAX];
    return dlca_path_join(path, sizeof path, folder->path, DLCA_RUN_LOCK_NAME, error) &&
           dlca_file_lock(&folder->lock, path, error);
}

/* A folder that was there: in nobody's use, and empty. */
static bool use_existing(DlcaRunFolder *folder, DlcaError *error) {
    static const char *const lock_alone[] = {DLCA_RUN_LOCK_NAME, NULL};
    char other[NAME_MAX + 1];
    if (has_file(folder->path, DLCA_RUN_LOCK_NAME) && !dlca_run_folder_lock(folder, error)) {
        return false;
    }
    if (!find_other(folder->path, lock_alone, other, sizeof other, error)) {
        dlca_run_folder_release(folder);
        return false;
    }
    if (other[0]) {
        dlca_run_folder_release(folder);
        return dlca_fail(
            error, DLCA_BAD_INPUT,
            "--out: '%s' has files in it; accepted: a folder that is new or empty, so that no run is lost%s",
            folder->path, has_file(folder->path, DLCA_CHECKPOINT_NAME) ? "; --resume goes on with the run in it" : "");
    }
    return folder->lock.held || dlca_run_folder_lock(folder, error);
}

static bool use_given(DlcaRunFolder *folder, const char *out, DlcaError *error) {
    struct stat status;
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
        if (!dlca_run_folder_lock(folder, error)) {
            dlca_run_folder_remove(folder);
            return false;
        }
        return true;
    }
    if (stat(out, &status) != 0 || !S_ISDIR(status.st_mode)) {
        return dlca_fail(error, DLCA_BAD_INPUT, "--out: '%s' is not a folder; accepted: a folder that is new or empty",
                         out);
    }
    if (access(out, W_OK | X_OK) != 0) {
        return dlca_fail(error, DLCA_BAD_INPUT, "--out: '%s' cannot be written to: %s", out, strerror(errno));
    }
    return use_existing(folder, error);
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
    unlink(fresh); /* of a process of this number that was killed between the two */
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
            if (dlca_run_folder_lock(folder, error) && point_latest(parent, name, error)) {
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

/* ---- the folder of an earlier run ---- */

static bool find_latest(DlcaRunFolder *folder, const char *task, DlcaError *error) {
    char parent[PATH_MAX], link_path[PATH_MAX], name[NAME_MAX + 1];
    if (!dlca_path_join(parent, sizeof parent, "results", task, error) ||
        !dlca_path_join(link_path, sizeof link_path, parent, "latest", error)) {
        return false;
    }
    const ssize_t length = readlink(link_path, name, sizeof name - 1);
    if (length <= 0) {
        return dlca_fail(error, DLCA_BAD_INPUT, "--resume: there is no %s; accepted: the folder of a run", link_path);
    }
    name[length] = '\0';
    return dlca_path_join(folder->path, sizeof folder->path, parent, name, error);
}

/* The folder may be a stranger's. */
static bool refuse_links(const char *path, DlcaError *error) {
    char frames[PATH_MAX];
    return dlca_refuse_links(path, kept_names, error) && dlca_path_join(frames, sizeof frames, path, "frames", error) &&
           dlca_refuse_links(frames, NULL, error);
}

bool dlca_run_folder_find(DlcaRunFolder *folder, const char *task, const char *given, bool *has_checkpoint,
                          DlcaError *error) {
    struct stat status;
    char other[NAME_MAX + 1];
    *folder = (DlcaRunFolder){0};
    if (strlen(given) >= sizeof folder->path) {
        return dlca_fail(error, DLCA_BAD_INPUT, "--resume: the path is longer than %zu bytes", sizeof folder->path - 1);
    }
    memcpy(folder->path, given, strlen(given) + 1);
    if (given[0] == '\0' && !find_latest(folder, task, error)) {
        return false;
    }
    if (stat(folder->path, &status) != 0 || !S_ISDIR(status.st_mode)) {
        return dlca_fail(error, DLCA_BAD_INPUT, "--resume: '%s' is not a folder; accepted: the folder of a run",
                         folder->path);
    }
    if (!refuse_links(folder->path, error)) {
        return false;
    }
    *has_checkpoint = has_file(folder->path, DLCA_CHECKPOINT_NAME);
    if (*has_checkpoint) {
        return true;
    }
    return find_other(folder->path, first_files, other, sizeof other, error) &&
           (other[0] == '\0' ||
            dlca_fail(error, DLCA_BAD_INPUT,
                      "--resume: '%s' has %s in it and no " DLCA_CHECKPOINT_NAME "; accepted: the folder of a run",
                      folder->path, other));
}

bool dlca_run_folder_clean(const DlcaRunFolder *folder, DlcaError *error) {
    char frames[PATH_MAX];
    return dlca_folder_remove_temporaries(folder->path, written_files, error) &&
           dlca_path_join(frames, sizeof frames, folder->path, "frames", error) &&
           dlca_folder_remove_temporaries(frames, NULL, error);
}

bool dlca_run_folder_check(const DlcaRunFolder *folder, DlcaError *error) {
    return dlca_file_lock_is_there(&folder->lock) ||
           dlca_fail(error, DLCA_FAILED, "%s: the run's folder, or its " DLCA_RUN_LOCK_NAME ", was removed or replaced",
                     folder->path);
}

void dlca_run_folder_release(DlcaRunFolder *folder) {
    dlca_file_unlock(&folder->lock);
}

void dlca_run_folder_remove(DlcaRunFolder *folder) {
    dlca_run_folder_release(folder);
    if (folder->created) {
        rmdir(folder->path);
    }
}
