/* file_lock.c - flock() on a file of its own, with the holder's name in it. */
#include "file_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { HOST_BYTES = 64, HOLDER_BYTES = 128, TRIES = 100 };

static bool fail_errno(const char *path, const char *what, DlcaError *error) {
    return dlca_fail(error, DLCA_FAILED, "%s: %s: %s", path, what, strerror(errno));
}

/* ---- the holder's name ---- */

static bool write_holder(int descriptor, const char *path, DlcaError *error) {
    char host[HOST_BYTES] = "", text[HOLDER_BYTES];
    gethostname(host, sizeof host - 1);
    const int length = snprintf(text, sizeof text, "process %ld on %s\n", (long)getpid(), host[0] ? host : "this host");
    if (ftruncate(descriptor, 0) != 0 || write(descriptor, text, (size_t)length) != length) {
        return fail_errno(path, "cannot be written", error);
    }
    return true;
}

/* Between taking the lock and writing its name a holder has none: that is over in a moment. */
static void read_holder(int descriptor, char text[HOLDER_BYTES]) {
    static const struct timespec moment = {.tv_nsec = 1000000};
    ssize_t length = 0;
    for (int i = 0; i < TRIES && length <= 0; i++) {
        length = pread(descriptor, text, HOLDER_BYTES - 1, 0);
        if (length <= 0) {
            nanosleep(&moment, NULL);
        }
    }
    text[length > 0 ? length : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
}

/* ---- the lock ---- */

static bool has_no_locks(int code) {
    return code == ENOSYS || code == ENOTSUP || code == ENOLCK || code == EINVAL;
}

static bool is_file_at(const char *path, const struct stat *locked) {
    struct stat there;
    return stat(path, &there) == 0 && there.st_dev == locked->st_dev && there.st_ino == locked->st_ino;
}

/* One try; *again: the file was removed by its holder between our opening and locking it. */
static bool try_lock(DlcaFileLock *lock, bool *again, DlcaError *error) {
    struct stat locked;
    *again = false;
    const int descriptor = open(lock->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0666);
    if (descriptor < 0) {
        return fail_errno(lock->path, "cannot be opened", error);
    }
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0 && !has_no_locks(errno)) {
        char holder[HOLDER_BYTES];
        const bool taken = errno == EWOULDBLOCK;
        if (taken) {
            read_holder(descriptor, holder);
            dlca_fail(error, DLCA_BAD_INPUT, "%s: in use by %s; wait until it ends, or end it", lock->path,
                      holder[0] ? holder : "another process");
        } else {
            fail_errno(lock->path, "cannot be locked", error);
        }
        close(descriptor);
        return false;
    }
    *again = fstat(descriptor, &locked) != 0 || !is_file_at(lock->path, &locked);
    if (*again || !write_holder(descriptor, lock->path, error)) {
        if (!*again) {
            unlink(lock->path);
        }
        close(descriptor);
        return false;
    }
    lock->descriptor = descriptor;
    lock->device = locked.st_dev;
    lock->file = locked.st_ino;
    lock->held = true;
    return true;
}

bool dlca_file_lock(DlcaFileLock *lock, const char *path, DlcaError *error) {
    *lock = (DlcaFileLock){0};
    if (strlen(path) >= sizeof lock->path) {
        return dlca_fail(error, DLCA_FAILED, "%s: the name is too long", path);
    }
    memcpy(lock->path, path, strlen(path) + 1);
    bool again = true;
    for (int i = 0; i < TRIES && again && !lock->held; i++) {
        try_lock(lock, &again, error);
    }
    if (!lock->held && again) {
        dlca_fail(error, DLCA_FAILED, "%s: is removed as often as it is created", path);
    }
    return lock->held;
}

bool dlca_file_lock_is_there(const DlcaFileLock *lock) {
    const struct stat locked = {.st_dev = lock->device, .st_ino = lock->file};
    return lock->held && is_file_at(lock->path, &locked);
}

void dlca_file_unlock(DlcaFileLock *lock) {
    if (!lock->held) {
        return;
    }
    /* Removed while still locked, so that whoever opened it meanwhile sees that it is no longer the one. */
    if (dlca_file_lock_is_there(lock)) {
        unlink(lock->path);
    }
    close(lock->descriptor);
    lock->held = false;
}
