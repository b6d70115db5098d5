/* summary.h - summary.json: a run in one flat object. Leaves alone: measuring. */
#ifndef DLCA_SUMMARY_H
#define DLCA_SUMMARY_H

#include "loop.h"

#include <cjson/cJSON.h>

typedef struct DlcaSummary {
    const DlcaTask *task;
    uint64_t seed;
    int64_t epochs; /* the budget */
    int32_t threads;
    int64_t peak_rss_bytes;
    const DlcaTrainResult *result;
} DlcaSummary;

/* Writes the fields of the table in docs/formats.md, atomically. */
bool dlca_summary_write(const char *path, const DlcaSummary *summary, DlcaError *error);

/* The budget in a file that dlca_summary_write wrote; -1 when there is none or it cannot be read. */
int64_t dlca_summary_budget(const char *path);

/* The same fields as an object, for cJSON_Delete; NULL without memory. */
cJSON *dlca_summary_object(const DlcaSummary *summary, DlcaError *error);

/* The most memory that this process held so far, in bytes. */
int64_t dlca_peak_rss_bytes(void);

#endif
