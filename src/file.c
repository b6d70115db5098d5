/* file.c - bounded reads and atomic, durable writes on POSIX. */
#include "file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEMPORARY_NAMES = 100 };

void dlca_bytes_free(DlcaBytes *bytes) {
    free(bytes->data);
    *bytes = (DlcaBytes){0};
}

static bool fail_errno(DlcaError *error, DlcaErrorKind kind, const char *what, const char *path) {
    return dlca_fail(error, kind, "%s: %s: %s", path, what, strerror(errno));
}

/* ---- reading ---- */

/* Reads exactly `size` bytes: a file that grows or shrinks meanwhile is being written by someone. */
static bool read_exactly(int descriptor, uint8_t *data, size_t size, const char *path, DlcaError *error) {
    size_t done = 0;
    while (done < size) {
        const ssize_t got = read(descriptor, data + done, size - done);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return fail_errno(error, DLCA_FAILED, "cannot be read", path);
        }
        if (got == 0) {
            return dlca_fail(error, DLCA_FAILED, "%s: became shorter while it was read", path);
        }
        done += (size_t)got;
    }
    return true;
}

static bool read_open(int descriptor, const char *path, size_t limit, DlcaBytes *bytes, DlcaError *error) {
    struct stat status;
    if (fstat(descriptor, &status) != 0) {
        return fail_errno(error, DLCA_FAILED, "cannot be examined", path);
    }
    if (!S_ISREG(status.st_mode)) {
        return dlca_fail(error, DLCA_BAD_INPUT, "%s: is %s, not a regular file", path,
                         S_ISDIR(status.st_mode) ? "a folder" : "a device or pipe");
    }
    if ((uintmax_t)status.st_size > limit) {
        return dlca_fail(error, DLCA_BAD_INPUT, "%s: has %lld bytes; at most %zu are accepted", path,
                         (long long)status.st_size, limit);
    }
    const size_t size = (size_t)status.st_size;
    uint8_t *data = malloc(size ? size : 1);
    if (!data) {
        return dlca_fail(error, DLCA_FAILED, "%s: no memory for its %zu bytes", path, size);
    }
    if (!read_exactly(descriptor, data, size, path, error)) {
        free(data);
        return false;
    }
    *bytes = (DlcaBytes){data, size};
    return true;
}

/* A path that cannot be had is the user's to change; a machine that has run out of something is not. */
static DlcaErrorKind kind_of_open(int code) {
    return code == EMFILE || code == ENFILE || code == ENOMEM || code == EIO ? DLCA_FAILED : DLCA_BAD_INPUT;
}

bool dlca_file_read(const char *path, size_t limit, DlcaBytes *bytes, DlcaError *error) {
    *bytes = (DlcaBytes){0};
    /* O_NONBLOCK: opening a pipe that nobody writes to must not hang. */
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0) {
        return fail_errno(error, kind_of_open(errno), "cannot be opened", path);
    }
    const bool good = read_open(descriptor, path, limit, bytes, error);
    close(descriptor);
    return good;
}

/* ---- writing ---- */

static bool write_all(int descriptor, const uint8_t *data, size_t size) {
    size_t done = 0;
    while (done < size) {
        const ssize_t put = write(descriptor, data + done, size - done);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put < 0) {
            return false;
        }
        if (put == 0) {
            errno = EIO;
            return false;
        }
        done += (size_t)put;
    }
    return true;
}

/* fsync, again after a signal; file systems that have nothing to flush say EINVAL. */
static bool flush(int descriptor) {
    while (fsync(descriptor) != 0) {
        if (errno != EINTR) {
            return errno == EINVAL || errno == ENOTSUP;
        }
    }
    return true;
}

/* The folder part of a path: everything up to the last '/', "." when there is none. */
static void folder_of(const char *path, char folder[PATH_MAX]) {
    const char *slash = strrchr(path, '/');
    const size_t length = !slash ? 1 : slash == path ? 1 : (size_t)(slash - path);
    memcpy(folder, slash ? path : ".", length);
    folder[length] = '\0';
}

/* Opens the folder before anything is written, so that a rename is never left without its flush for want of a
 * descriptor. */
static int open_folder_of(const char *path) {
    char folder[PATH_MAX];
    folder_of(path, folder);
    return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* A file that did not exist before, next to `path`; its name goes to `temporary`. -1 with errno. */
static int open_temporary(const char *path, char temporary[PATH_MAX]) {
    for (int i = 0; i < TEMPORARY_NAMES; i++) {
        const int length = snprintf(temporary, PATH_MAX, "%s.tmp-%ld-%d", path, (long)getpid(), i);
        if (length < 0 || length >= PATH_MAX) {
            errno = ENAMETOOLONG;
            return -1;
        }
        const int descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (descriptor >= 0 || errno != EEXIST) {
            return descriptor;
        }
    }
    return -1;
}

/* Fills the open temporary file and closes it: what failed, NULL when nothing did, errno set. */
static const char *fill_temporary(int descriptor, const uint8_t *data, size_t size, const struct stat *old) {
    const char *failed = NULL;
    if (old && fchmod(descriptor, old->st_mode & 07777) != 0) {
        failed = "cannot take over the old file's permissions";
    } else if (!write_all(descriptor, data, size)) {
        failed = "cannot be written";
    } else if (!flush(descriptor)) {
        failed = "cannot be flushed to disk";
    }
    const int reason = errno;
    if (close(descriptor) != 0 && errno != EINTR && !failed) {
        return "cannot be closed";
    }
    errno = reason;
    return failed;
}

/* `old` is NULL when there is no file yet. */
static bool replace(const char *path, const struct stat *old, const uint8_t *data, size_t size, DlcaError *error) {
    const int folder = open_folder_of(path);
    if (folder < 0) {
        return fail_errno(error, DLCA_FAILED, "its folder cannot be opened", path);
    }
    char temporary[PATH_MAX];
    const int descriptor = open_temporary(path, temporary);
    if (descriptor < 0) {
        fail_errno(error, DLCA_FAILED, "cannot be created", path);
        close(folder);
        return false;
    }
    const char *failed = fill_temporary(descriptor, data, size, old);
    if (!failed && rename(temporary, path) != 0) {
        failed = "cannot be replaced";
    }
    if (failed) {
        fail_errno(error, DLCA_FAILED, failed, path);
        unlink(temporary);
    } else if (!flush(folder)) {
        failed = "its folder cannot be flushed to disk";
        fail_errno(error, DLCA_FAILED, failed, path);
    }
    close(folder);
    return !failed;
}

/* A device or a pipe: there is nothing to replace. */
static bool write_directly(const char *path, const uint8_t *data, size_t size, DlcaError *error) {
    const int descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (descriptor < 0) {
        return fail_errno(error, DLCA_FAILED, "cannot be opened for writing", path);
    }
    const bool written = write_all(descriptor, data, size);
    const int reason = errno;
    const bool closed = close(descriptor) == 0;
    if (!written) {
        errno = reason;
    }
    return (written && closed) || fail_errno(error, DLCA_FAILED, "cannot be written", path);
}

bool dlca_file_write(const char *path, const void *data, size_t size, DlcaError *error) {
    struct stat old;
    if (stat(path, &old) != 0) {
        if (errno != ENOENT) {
            return fail_errno(error, DLCA_FAILED, "cannot be written", path);
        }
        return strlen(path) < PATH_MAX ? replace(path, NULL, data, size, error)
                                       : dlca_fail(error, DLCA_FAILED, "%s: the name is too long", path);
    }
    if (S_ISDIR(old.st_mode)) {
        return dlca_fail(error, DLCA_FAILED, "%s: is a folder", path);
    }
    if (!S_ISREG(old.st_mode)) {
        return write_directly(path, data, size, error);
    }
    /* Renaming over a file needs no right to write it, but its owner may have taken that right away on purpose. */
    char resolved[PATH_MAX];
    if (faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) != 0 || !realpath(path, resolved)) {
        return fail_errno(error, DLCA_FAILED, "cannot be written", path);
    }
    return replace(resolved, &old, data, size, error);
}

/* ---- changing what is there ---- */

bool dlca_file_cut(const char *path, size_t size, DlcaError *error) {
    const int descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
    if (descriptor < 0) {
        return fail_errno(error, DLCA_FAILED, "cannot be opened for writing", path);
    }
    const bool good = ftruncate(descriptor, (off_t)size) == 0 && flush(descriptor);
    if (!good) {
        fail_errno(error, DLCA_FAILED, "cannot be cut", path);
    }
    close(descriptor);
    return good;
}

bool dlca_file_remove(const char *path, DlcaError *error) {
    return unlink(path) == 0 || errno == ENOENT || fail_errno(error, DLCA_FAILED, "cannot be removed", path);
}

/* ---- folders ---- */

static bool is_folder(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool create_one_folder(const char *path, const char *whole, DlcaError *error) {
    if (mkdir(path, 0777) == 0 || (errno == EEXIST && is_folder(path))) {
        return true;
    }
    return fail_errno(error, DLCA_FAILED, "the folder cannot be created", whole);
}

bool dlca_folder_create(const char *path, DlcaError *error) {
    char part[PATH_MAX];
    const size_t length = strlen(path);
    if (length == 0 || length >= sizeof part) {
        return dlca_fail(error, DLCA_FAILED, "%s: the folder's name is empty or too long", path);
    }
    memcpy(part, path, length + 1);
    for (size_t i = 1; i < length; i++) {
        if (part[i] != '/') {
            continue;
        }
        part[i] = '\0';
        /* Only a missing one is created: mkdir on an existing one may say EROFS or EACCES. */
        if (!is_folder(part) && !create_one_folder(part, path, error)) {
            return false;
        }
        part[i] = '/';
    }
    return is_folder(path) || create_one_folder(path, path, error);
}

bool dlca_folder_is_empty(const char *path, bool *empty, DlcaError *error) {
    DIR *folder = opendir(path);
    if (!folder) {
        return fail_errno(error, kind_of_open(errno), "cannot be read as a folder", path);
    }
    *empty = true;
    errno = 0;
    for (const struct dirent *entry; *empty && (entry = readdir(folder));) {
        *empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    }
    const int reason = *empty ? errno : 0;
    closedir(folder);
    errno = reason;
    return reason == 0 || fail_errno(error, DLCA_FAILED, "cannot be read as a folder", path);
}

/* The length of `-<digits>` at the end of text [length]; 0 when it does not end so. */
static size_t number_at_end(const char *text, size_t length) {
    size_t at = length;
    while (at > 0 && text[at - 1] >= '0' && text[at - 1] <= '9') {
        at--;
    }
    return at > 0 && at < length && text[at - 1] == '-' ? length - at + 1 : 0;
}

bool dlca_is_temporary(const char *name, const char *const *names) {
    static const char middle[] = ".tmp";
    size_t length = strlen(name);
    for (int numbers = 0; numbers < 2; numbers++) {
        const size_t number = number_at_end(name, length);
        if (number == 0) {
            return false;
        }
        length -= number;
    }
    if (length < sizeof middle || strncmp(name + length - (sizeof middle - 1), middle, sizeof middle - 1) != 0) {
        return false;
    }
    length -= sizeof middle - 1;
    bool listed = names == NULL;
    for (int i = 0; !listed && names[i]; i++) {
        listed = strlen(names[i]) == length && strncmp(names[i], name, length) == 0;
    }
    return listed;
}

bool dlca_folder_remove_temporaries(const char *path, const char *const *names, DlcaError *error) {
    DIR *folder = opendir(path);
    if (!folder) {
        return errno == ENOENT || fail_errno(error, DLCA_FAILED, "cannot be read as a folder", path);
    }
    bool good = true;
    for (const struct dirent *entry; good && (entry = readdir(folder));) {
        char file[PATH_MAX];
        if (dlca_is_temporary(entry->d_name, names)) {
            good = dlca_path_join(file, sizeof file, path, entry->d_name, error) && dlca_file_remove(file, error);
        }
    }
    closedir(folder);
    return good;
}

bool dlca_path_join(char *path, size_t size, const char *folder, const char *name, DlcaError *error) {
    const size_t length = strlen(folder);
    const char *between = length > 0 && folder[length - 1] == '/' ? "" : "/";
    const int wanted = snprintf(path, size, "%s%s%s", folder, between, name);
    if (wanted < 0 || (size_t)wanted >= size) {
        return dlca_fail(error, DLCA_FAILED, "%s: the path is too long", folder);
    }
    return true;
}
