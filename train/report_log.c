/* report_log.c - reads log.csv again. Leaves alone: writing it. */
#include "report_log.h"

#include "../src/file.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_LOG = 1 << 30, COLUMNS = 4 };

void dlca_log_columns_free(DlcaLogColumns *columns) {
    free(columns->epoch);
    *columns = (DlcaLogColumns){0};
}

static int64_t count_lines(const DlcaBytes *bytes) {
    int64_t lines = 0;
    for (size_t i = 0; i < bytes->size; i++) {
        lines += bytes->data[i] == '\n';
    }
    return lines;
}

static bool allocate(DlcaLogColumns *columns, int64_t rows, DlcaError *error) {
    columns->epoch = calloc((size_t)(rows + 1) * COLUMNS, sizeof(double));
    if (!columns->epoch) {
        return dlca_fail(error, DLCA_FAILED, "no memory for the curves of the report");
    }
    columns->soft_loss = columns->epoch + rows;
    columns->hard_loss = columns->soft_loss + rows;
    columns->wrong_percent = columns->hard_loss + rows;
    columns->rows = (int32_t)rows;
    return true;
}

/* Adds each line to the row that it is drawn in, then divides: the mean. */
static bool fill(DlcaLogColumns *columns, char *text, int64_t lines, const char *path, DlcaError *error) {
    char *rest = NULL;
    int64_t number = 0;
    int32_t *members = calloc((size_t)columns->rows + 1, sizeof *members);
    if (!members) {
        return dlca_fail(error, DLCA_FAILED, "no memory for the curves of the report");
    }
    strtok_r(text, "\n", &rest); /* the heading */
    for (char *line = strtok_r(NULL, "\n", &rest); line && number < lines; line = strtok_r(NULL, "\n", &rest)) {
        double epoch, soft, hard, accuracy;
        if (sscanf(line, "%lf,%lf,%lf,%lf", &epoch, &soft, &hard, &accuracy) != COLUMNS) {
            free(members);
            return dlca_fail(error, DLCA_FAILED, "%s: row %lld is not one that this program wrote", path,
                             (long long)number + 1);
        }
        const int64_t row = number++ * columns->rows / lines;
        columns->epoch[row] += epoch;
        columns->soft_loss[row] += soft;
        columns->hard_loss[row] += hard;
        columns->wrong_percent[row] += 100 * (1 - accuracy);
        members[row]++;
    }
    for (int32_t row = 0; row < columns->rows; row++) {
        const double count = members[row] > 0 ? members[row] : 1;
        columns->epoch[row] /= count;
        columns->soft_loss[row] /= count;
        columns->hard_loss[row] /= count;
        columns->wrong_percent[row] /= count;
    }
    free(members);
    return true;
}

bool dlca_log_columns_read(DlcaLogColumns *columns, const char *folder, int32_t most, DlcaError *error) {
    char path[PATH_MAX];
    DlcaBytes bytes = {0};
    *columns = (DlcaLogColumns){0};
    if (!dlca_path_join(path, sizeof path, folder, "log.csv", error) ||
        !dlca_file_read(path, LARGEST_LOG, &bytes, error)) {
        return false;
    }
    const int64_t counted = count_lines(&bytes), lines = counted > 1 ? counted - 1 : 0;
    char *text = malloc(bytes.size + 1);
    bool good = text != NULL || dlca_fail(error, DLCA_FAILED, "no memory for the curves of the report");
    if (good) {
        memcpy(text, bytes.data, bytes.size);
        text[bytes.size] = '\0';
        good = allocate(columns, lines < most ? lines : most, error) &&
               (lines == 0 || fill(columns, text, lines, path, error));
    }
    free(text);
    dlca_bytes_free(&bytes);
    if (!good) {
        dlca_log_columns_free(columns);
    }
    return good;
}
