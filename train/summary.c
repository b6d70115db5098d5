/* summary.c - writes summary.json with cJSON. Leaves alone: measuring. */
#include "summary.h"

#include "../src/file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

int64_t dlca_peak_rss_bytes(void) {
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? (int64_t)usage.ru_maxrss * 1024 : 0; /* Linux counts in KiB */
}

/* Whole numbers as text: cJSON keeps numbers as doubles, and a seed may need all 64 bits. */
static void add_whole(cJSON *object, const char *name, int64_t number) {
    char text[32];
    snprintf(text, sizeof text, "%" PRId64, number);
    cJSON_AddRawToObject(object, name, text);
}

static void add_what_ran(cJSON *object, const DlcaSummary *summary) {
    const DlcaTrainResult *result = summary->result;
    char seed[32];
    snprintf(seed, sizeof seed, "%" PRIu64, summary->seed);
    cJSON_AddStringToObject(object, "task", summary->task->config.task);
    cJSON_AddStringToObject(object, "variant", summary->task->config.asynchronous ? "async" : "sync");
    cJSON_AddRawToObject(object, "seed", seed);
    add_whole(object, "epochs", summary->epochs);
    add_whole(object, "epochs_run", result->epochs_run);
}

static void add_proven(cJSON *object, const char *name, DlcaProven answer) {
    if (answer == DLCA_NOT_DECIDED) {
        cJSON_AddNullToObject(object, name);
    } else {
        cJSON_AddBoolToObject(object, name, answer == DLCA_PROVEN);
    }
}

static void add_outcome(cJSON *object, const DlcaTrainResult *result) {
    if (result->exact_epoch >= 0) {
        add_whole(object, "exact_epoch", result->exact_epoch);
    } else {
        cJSON_AddNullToObject(object, "exact_epoch");
    }
    cJSON_AddNumberToObject(object, "soft_loss", result->soft_loss);
    cJSON_AddNumberToObject(object, "hard_loss", result->hard_loss);
    cJSON_AddNumberToObject(object, "hard_accuracy", result->hard_accuracy);
    cJSON_AddBoolToObject(object, "hard_exact", result->hard_exact);
    add_whole(object, "hold_steps", result->hold_steps);
    add_proven(object, "proven_exact", result->proven_exact);
    add_proven(object, "proven_hold", result->proven_hold);
    add_whole(object, "restarts", result->restarts);
}

static void add_cost(cJSON *object, const DlcaTrainResult *result) {
    double epochs = result->epochs_run > 0 ? (double)result->epochs_run : 1;
    cJSON_AddNumberToObject(object, "seconds_total", result->seconds_total);
    cJSON_AddNumberToObject(object, "seconds_train", result->seconds_train);
    cJSON_AddNumberToObject(object, "seconds_repair", result->seconds_repair);
    cJSON_AddNumberToObject(object, "ms_per_epoch", 1000 * result->seconds_train / epochs);
    cJSON_AddNumberToObject(object, "gate_evals_per_second", result->gate_evals_per_second);
    add_whole(object, "gates_total", result->gates_total);
    add_whole(object, "gates_active", result->gates_active);
    add_whole(object, "gates_patched", result->mended.gates);
    add_whole(object, "cells_mended", result->mended.cells);
    cJSON_AddBoolToObject(object, "finished_by_clock", result->mended.by_clock != 0);
    add_whole(object, "gates_optimized", result->gates_optimized);
}

static void add_shape(cJSON *object, const DlcaSummary *summary) {
    const DlcaConfig *config = &summary->task->config;
    add_whole(object, "cells", (int64_t)config->height * config->width);
    add_whole(object, "steps", config->steps);
    add_whole(object, "batch", config->batch);
    add_whole(object, "channels", config->channels);
    add_whole(object, "threads", summary->threads);
    cJSON_AddStringToObject(object, "backend", summary->result->backend);
    add_whole(object, "peak_rss_bytes", summary->peak_rss_bytes);
    cJSON_AddStringToObject(object, "version", DLCA_VERSION);
}

cJSON *dlca_summary_object(const DlcaSummary *summary, DlcaError *error) {
    enum { FIELDS = 33 };
    cJSON *object = cJSON_CreateObject();
    if (object) {
        add_what_ran(object, summary);
        add_outcome(object, summary->result);
        add_cost(object, summary->result);
        add_shape(object, summary);
    }
    /* An addition that found no memory left a field out, so the count says whether all went well. */
    if (!object || cJSON_GetArraySize(object) != FIELDS) {
        cJSON_Delete(object);
        dlca_fail(error, DLCA_FAILED, "no memory for the summary of the run");
        return NULL;
    }
    return object;
}

bool dlca_summary_write(const char *path, const DlcaSummary *summary, DlcaError *error) {
    cJSON *object = dlca_summary_object(summary, error);
    if (!object) {
        return false;
    }
    char *text = cJSON_Print(object);
    cJSON_Delete(object);
    size_t length = text ? strlen(text) : 0;
    char *line = text ? realloc(text, length + 1) : NULL;
    if (!line) {
        free(text);
        return dlca_fail(error, DLCA_FAILED, "%s: no memory to write it", path);
    }
    line[length] = '\n'; /* in place of the NUL: a file's last line ends too */
    bool good = dlca_file_write(path, line, length + 1, error);
    free(line);
    return good;
}

int64_t dlca_summary_budget(const char *path) {
    enum { LARGEST = 1 << 20 };
    DlcaBytes bytes;
    if (!dlca_file_read(path, LARGEST, &bytes, NULL)) {
        return -1;
    }
    cJSON *object = cJSON_ParseWithLength((const char *)bytes.data, bytes.size);
    const cJSON *epochs = cJSON_GetObjectItemCaseSensitive(object, "epochs");
    const int64_t budget = cJSON_IsNumber(epochs) ? (int64_t)epochs->valuedouble : -1;
    cJSON_Delete(object);
    dlca_bytes_free(&bytes);
    return budget;
}
