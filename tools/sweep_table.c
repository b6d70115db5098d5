/* sweep_table.c - sweep.csv, read back so that a sweep can go on, and its summary. Leaves alone: running. */
#include "sweep.h"

#include "../gates/text.h"
#include "../src/file.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COLUMNS                                                                                             \
    "setting,seed,hard_exact,holds,hold_steps,exact_epoch,epochs_run,restarts,hard_accuracy,seconds_total," \
    "seconds_train,seconds_repair,repair_evaluations,gates_active,gates_optimized"

void sweep_wilson(int64_t good, int64_t all, double *low, double *high) {
    const double z = 1.959963984540054, n = (double)all, p = n > 0.0 ? (double)good / n : 0.0;
    if (all == 0) {
        *low = 0.0;
        *high = 1.0;
        return;
    }
    const double middle = p + z * z / (2.0 * n), spread = z * sqrt(p * (1.0 - p) / n + z * z / (4.0 * n * n));
    *low = fmax(0.0, (middle - spread) / (1.0 + z * z / n));
    *high = fmin(1.0, (middle + spread) / (1.0 + z * z / n));
}

/* ---- the file ---- */

static void write_row(FILE *file, const SweepRun *run) {
    fprintf(file, "%s,%" PRId64 ",%d,%d,%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64, run->setting, run->seed,
            run->exact, run->holds, run->hold_steps, run->exact_epoch, run->epochs_run, run->restarts);
    fprintf(file, ",%.9g,%.3f,%.3f,%.3f,%" PRId64 ",%" PRId64 ",%" PRId64 "\n", run->accuracy, run->seconds_total,
            run->seconds_train, run->seconds_repair, run->repair_evaluations, run->gates_active, run->gates_optimized);
}

bool sweep_table_save(const char *path, const char *command, const SweepRun *runs, int64_t count, DlcaError *error) {
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    if (!file) {
        return dlca_fail(error, DLCA_FAILED, "no memory for the table of %lld runs", (long long)count);
    }
    fprintf(file, "# %s\n%s\n", command, COLUMNS);
    for (int64_t i = 0; i < count; i++) {
        if (runs[i].done) {
            write_row(file, &runs[i]);
        }
    }
    const bool built = fclose(file) == 0;
    const bool saved = built ? dlca_file_write(path, text, size, error)
                             : dlca_fail(error, DLCA_FAILED, "no memory for the table of %lld runs", (long long)count);
    free(text);
    return saved;
}

/* A row's fields after the setting; false when one is missing. */
static bool read_row(const char *text, SweepRun *row) {
    int exact, holds;
    const int read = sscanf(text,
                            "%" SCNd64 ",%d,%d,%" SCNd64 ",%" SCNd64 ",%" SCNd64 ",%" SCNd64 ",%lf,%lf,%lf,%lf,%" SCNd64
                            ",%" SCNd64 ",%" SCNd64,
                            &row->seed, &exact, &holds, &row->hold_steps, &row->exact_epoch, &row->epochs_run,
                            &row->restarts, &row->accuracy, &row->seconds_total, &row->seconds_train,
                            &row->seconds_repair, &row->repair_evaluations, &row->gates_active, &row->gates_optimized);
    row->exact = exact != 0;
    row->holds = holds != 0;
    row->done = true;
    return read == 14;
}

static bool take_row(const char *line, SweepRun *runs, int64_t count) {
    const char *comma = strchr(line, ',');
    SweepRun row;
    if (!comma || !read_row(comma + 1, &row)) {
        return false;
    }
    for (int64_t i = 0; i < count; i++) {
        const size_t length = (size_t)(comma - line);
        if (runs[i].seed == row.seed && strlen(runs[i].setting) == length &&
            memcmp(runs[i].setting, line, length) == 0) {
            memcpy(row.setting, runs[i].setting, sizeof row.setting);
            row.setting_index = runs[i].setting_index;
            runs[i] = row;
        }
    }
    return true;
}

bool sweep_table_load(const char *path, const char *command, SweepRun *runs, int64_t count, DlcaError *error) {
    DlcaBytes bytes;
    if (access(path, F_OK) != 0) {
        return true;
    }
    if (!dlca_file_read(path, (size_t)1 << 28, &bytes, error)) {
        return false;
    }
    char *text = malloc(bytes.size + 1), *rest = NULL;
    if (!text) {
        dlca_bytes_free(&bytes);
        return dlca_fail(error, DLCA_FAILED, "no memory to read %s", path);
    }
    memcpy(text, bytes.data, bytes.size);
    text[bytes.size] = '\0';
    dlca_bytes_free(&bytes);
    bool good = true;
    int32_t number = 0;
    for (char *line = strtok_r(text, "\n", &rest); line && good; line = strtok_r(NULL, "\n", &rest), number++) {
        if (number == 0 && (strncmp(line, "# ", 2) != 0 || strcmp(line + 2, command) != 0)) {
            good = dlca_fail(error, DLCA_BAD_INPUT,
                             "%s is of another sweep (%s); choose another --out, or give the same options", path, line);
        } else if (number == 1 && strcmp(line, COLUMNS) != 0) {
            good = dlca_fail(error, DLCA_BAD_INPUT, "%s has other columns than this version of dlca writes", path);
        } else if (number > 1 && !take_row(line, runs, count)) {
            good = dlca_fail(error, DLCA_BAD_INPUT, "%s, line %d is not a row of a sweep", path, number + 1);
        }
    }
    free(text);
    return good;
}

/* ---- the summary ---- */

static int compare_numbers(const void *left, const void *right) {
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

typedef struct Column {
    double *value;
    int64_t count;
} Column;

static double at_part(Column *column, double part) {
    if (column->count == 0) {
        return NAN;
    }
    qsort(column->value, (size_t)column->count, sizeof *column->value, compare_numbers);
    return column->value[(int64_t)(part * (double)(column->count - 1) + 0.5)];
}

static void print_setting(const SweepRun *runs, int64_t count, int32_t setting, double *memory, FILE *out) {
    Column epochs = {memory, 0}, seconds = {memory + count, 0}, gates = {memory + 2 * count, 0};
    int64_t done = 0, exact = 0, holding = 0;
    const char *name = "";
    for (int64_t i = 0; i < count; i++) {
        const SweepRun *run = &runs[i];
        if (!run->done || run->setting_index != setting) {
            continue;
        }
        name = run->setting;
        done++;
        exact += run->exact;
        holding += run->exact && run->holds;
        epochs.value[epochs.count++] = (double)run->epochs_run;
        seconds.value[seconds.count++] = run->seconds_total;
        if (run->exact) {
            gates.value[gates.count++] = (double)run->gates_optimized;
        }
    }
    if (done == 0) {
        return;
    }
    double low, high;
    sweep_wilson(holding, done, &low, &high);
    fprintf(out,
            "| %s | %lld/%lld | %lld/%lld | %.0f-%.0f %% | %.0f / %.0f / %.0f | %.1f / %.1f / %.1f | %.0f / %.0f / "
            "%.0f |\n",
            name[0] ? name : "defaults", (long long)exact, (long long)done, (long long)holding, (long long)done,
            100.0 * low, 100.0 * high, at_part(&epochs, 0.0), at_part(&epochs, 0.5), at_part(&epochs, 1.0),
            at_part(&seconds, 0.0), at_part(&seconds, 0.5), at_part(&seconds, 1.0), at_part(&gates, 0.0),
            at_part(&gates, 0.5), at_part(&gates, 1.0));
}

bool sweep_table_print(const SweepRun *runs, int64_t count, FILE *out, DlcaError *error) {
    double *memory = malloc(3 * (size_t)count * sizeof *memory);
    if (!memory) {
        return dlca_fail(error, DLCA_FAILED, "no memory for the table of settings");
    }
    fprintf(out, "| setting | exact | exact and holding | 95 %% interval | epochs min / median / max | "
                 "seconds min / median / max | gates min / median / max |\n|---|---|---|---|---|---|---|\n");
    for (int32_t setting = 0; count > 0 && setting <= runs[count - 1].setting_index; setting++) {
        print_setting(runs, count, setting, memory, out);
    }
    free(memory);
    return true;
}
