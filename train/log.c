/* log.c - writes log.csv. Leaves alone: the terminal. */
#include "log.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

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
    if (fputs("epoch,soft_loss,hard_loss,hard_accuracy,lr,seconds\n", log->file) < 0 || fflush(log->file) != 0) {
        write_failed(log, error);
        dlca_log_discard(log);
        return false;
    }
    return true;
}

bool dlca_log_add(DlcaLog *log, const DlcaProgress *progress, DlcaError *error) {
    /* Nine digits give a float back exactly; more would only show noise. */
    int length = fprintf(log->file, "%" PRId64 ",%.9g,%.9g,%.9g,%.9g,%.3f\n", progress->epoch, progress->soft_loss,
                         progress->hard_loss, progress->hard_accuracy, (double)progress->rate, progress->seconds);
    if (length < 0 || fflush(log->file) != 0) {
        return write_failed(log, error);
    }
    log->rows++;
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
