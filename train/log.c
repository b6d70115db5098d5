/* log.c - writes log.csv. Leaves alone: the terminal. */
#include "log.h"

#include "../src/file.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGEST_LOG = 1 << 30 };

static const char heading[] = "epoch,soft_loss,hard_loss,hard_accuracy,lr,seconds\n";

static bool write_failed(const DlcaLog *log, DlcaError *error) {
    return dlca_fail(error, DLCA_FAILED, "%s: cannot be written: %s", log->path, strerror(errno));
}

bool dlca_log_open(DlcaLog *log, const char *path, DlcaError *error) {
    *log = (DlcaLog){0};
    snprintf(log->path, sizeof log->path, "%s", path);
    log->file = fopen(path, "wx");
    if (!log->file) {
        return write_failed(log, error);
    }
    if (fputs(heading, log->file) < 0 || fflush(log->file) != 0) {
        write_failed(log, error);
        dlca_log_discard(log);
        return false;
    }
    return true;
}

/* Bytes of the heading and `rows` whole rows; 0 when there are not as many. */
static size_t length_of_rows(const DlcaBytes *bytes, int64_t rows) {
    const char *text = (const char *)bytes->data;
    size_t at = sizeof heading - 1;
    if (bytes->size < at || memcmp(text, heading, at) != 0) {
        return 0;
    }
    for (int64_t row = 0; row < rows; row++) {
        const char *end = memchr(text + at, '\n', bytes->size - at);
        if (!end) {
            return 0;
        }
        at = (size_t)(end + 1 - text);
    }
    return at;
}

bool dlca_log_open_again(DlcaLog *log, const char *path, int64_t rows, DlcaError *error) {
    DlcaBytes bytes;
    *log = (DlcaLog){.rows = rows};
    snprintf(log->path, sizeof log->path, "%s", path);
    if (!dlca_file_read(path, LARGEST_LOG, &bytes, error)) {
        return false;
    }
    const size_t length = length_of_rows(&bytes, rows);
    dlca_bytes_free(&bytes);
    if (length == 0) {
        return dlca_fail(error, DLCA_BAD_INPUT,
                         "%s: lacks rows that the checkpoint counts (%" PRId64 "): it was changed", path, rows);
    }
    if (!dlca_file_cut(path, length, error)) {
        return false;
    }
    log->file = fopen(path, "a");
    return log->file || write_failed(log, error);
}

bool dlca_log_add(DlcaLog *log, const DlcaProgress *progress, DlcaError *error) {
    /* Nine digits give a float back exactly; more would only show noise. */
    int length = fprintf(log->file, "%" PRId64 ",%.9g,%.9g,%.9g,%.9g,%.3f\n", progress->epoch, progress->soft_loss,
                         progress->hard_loss, progress->hard_accuracy, (double)progress->rate, progress->seconds);
    if (length < 0 || fflush(log->file) != 0) {
        return write_failed(log, error);
    }
    struct stat status;
    if (fstat(fileno(log->file), &status) == 0 && status.st_nlink == 0) {
        return dlca_fail(error, DLCA_FAILED, "%s: was removed while the run wrote it", log->path);
    }
    log->rows++;
    return true;
}

bool dlca_log_flush(DlcaLog *log, DlcaError *error) {
    while (fsync(fileno(log->file)) != 0) {
        if (errno != EINTR) {
            return errno == EINVAL || errno == ENOTSUP || write_failed(log, error); /* a pipe has no disk */
        }
    }
    return true;
}

bool dlca_log_close(DlcaLog *log, DlcaError *error) {
    FILE *file = log->file;
    log->file = NULL;
    return !file || fclose(file) == 0 || write_failed(log, error);
}

void dlca_log_discard(DlcaLog *log) {
    if (log->file) {
        fclose(log->file);
        unlink(log->path);
        log->file = NULL;
    }
}
