/* file.h - whole files in, whole files out: bounded reads and atomic, durable writes.
 *
 * Reading takes regular files only and never more than the caller's limit. Writing goes to a temporary file in the same
 * folder, is flushed to disk, renamed over the old file, and the folder is flushed too: whoever looks sees the old
 * bytes or the new ones, whole, whatever happens. Leaves alone: what the bytes mean. */
#ifndef DLCA_FILE_H
#define DLCA_FILE_H

#include "../gates/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes on the heap, owned by whoever holds the struct. */
typedef struct DlcaBytes {
    uint8_t *data; /* [size] */
    size_t size;
} DlcaBytes;

void dlca_bytes_free(DlcaBytes *bytes); /* leaves it empty; an empty one is fine */

/* The whole of a regular file (a folder, a device or a pipe is refused), at most `limit` bytes. */
bool dlca_file_read(const char *path, size_t limit, DlcaBytes *bytes, DlcaError *error);

/* Replaces `path` atomically and durably. On failure the old file is untouched and the temporary one is gone. A
 * symbolic link keeps pointing where it did, and the file there is replaced. An existing device or pipe (/dev/stdout)
 * cannot be replaced and is written to directly. A program that wants an error instead of a signal when a file grows
 * past RLIMIT_FSIZE ignores SIGXFSZ. */
bool dlca_file_write(const char *path, const void *data, size_t size, DlcaError *error);

/* Creates the folder and the missing ones above it; one that exists already is fine. */
bool dlca_folder_create(const char *path, DlcaError *error);

/* *empty: nothing but "." and ".." in it. An error when it is not a folder that can be read. */
bool dlca_folder_is_empty(const char *path, bool *empty, DlcaError *error);

/* Cuts the file to its first `size` bytes, durably. */
bool dlca_file_cut(const char *path, size_t size, DlcaError *error);

/* One that is not there is fine. */
bool dlca_file_remove(const char *path, DlcaError *error);

/* Removes what dlca_file_write leaves behind when its process is killed, NAME.tmp-<process>-<n>, for each name of the
 * list (its last entry NULL), or for any where `names` is NULL. Only where nobody else writes. A folder that is not
 * there is fine. */
bool dlca_folder_remove_temporaries(const char *path, const char *const *names, DlcaError *error);

/* Whether `name` is such a temporary file, of a file in the list. */
bool dlca_is_temporary(const char *name, const char *const *names);

/* "folder/name" into path [size]; an error when it does not fit. */
bool dlca_path_join(char *path, size_t size, const char *folder, const char *name, DlcaError *error);

#endif
