/* report_numbers.c - tables of the report. Leaves alone: what the numbers are. */
#include "report_numbers.h"

#include "report_text.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void add_row(DlcaText *text, const char *name, const char *value) {
    dlca_text_add(text, "<tr><th>");
    dlca_report_escape(text, name);
    dlca_text_add(text, "</th><td>");
    dlca_report_escape(text, value);
    dlca_text_add(text, "</td></tr>\n");
}

bool dlca_report_summary(DlcaText *text, const DlcaSummary *summary, DlcaError *error) {
    cJSON *object = dlca_summary_object(summary, error);
    dlca_text_add(text, "<table>\n");
    for (const cJSON *item = object ? object->child : NULL; item; item = item->next) {
        char *value = cJSON_IsString(item) ? NULL : cJSON_PrintUnformatted(item);
        add_row(text, item->string, cJSON_IsString(item) ? item->valuestring : value ? value : "");
        cJSON_free(value);
    }
    dlca_text_add(text, "</table>\n");
    cJSON_Delete(object);
    return object != NULL;
}

static void option_text(const DlcaOption *option, const void *values, char *text, size_t size) {
    const void *value = (const char *)values + option->offset;
    const bool given = option->kind != DLCA_OPTION_INTEGER || *(const int64_t *)value >= option->minimum;
    const char *const *string = value;
    snprintf(text, size, "%s", option->no_default ? option->no_default : "not given");
    if (option->kind == DLCA_OPTION_FLAG) {
        snprintf(text, size, "%s", *(const bool *)value ? "on" : "off");
    } else if (option->kind == DLCA_OPTION_INTEGER && given) {
        snprintf(text, size, "%" PRId64, *(const int64_t *)value);
    } else if (option->kind == DLCA_OPTION_REAL && *(const double *)value >= option->real_minimum) {
        snprintf(text, size, "%g", *(const double *)value);
    } else if (option->kind == DLCA_OPTION_TEXT && *string) {
        snprintf(text, size, "%s", *string);
    }
}

void dlca_report_options(DlcaText *text, const DlcaArguments *arguments, const void *values) {
    dlca_text_add(text, "<table>\n");
    for (int32_t i = 0; i < arguments->options; i++) {
        char name[80], value[512];
        option_text(&arguments->option[i], values, value, sizeof value);
        snprintf(name, sizeof name, "--%s", arguments->option[i].name);
        add_row(text, name, value);
    }
    dlca_text_add(text, "</table>\n");
}

void dlca_report_machine(DlcaText *text, const DlcaSummary *summary) {
    char value[160];
    const time_t now = time(NULL);
    struct tm date;
    dlca_text_add(text, "<table>\n");
    dlca_cpu_name(value, sizeof value);
    add_row(text, "processor", value);
    snprintf(value, sizeof value, "%d used, %d available", summary->threads, dlca_cpu_count());
    add_row(text, "threads", value);
    add_row(text, "backend", summary->result->backend);
    snprintf(value, sizeof value, "%.0f MiB at most", (double)summary->peak_rss_bytes / 1048576);
    add_row(text, "memory", value);
    snprintf(value, sizeof value, "%.2f s, of it training %.2f s and repair %.2f s", summary->result->seconds_total,
             summary->result->seconds_train, summary->result->seconds_repair);
    add_row(text, "time", value);
    if (gmtime_r(&now, &date) && strftime(value, sizeof value, "%Y-%m-%d %H:%M UTC", &date) > 0) {
        add_row(text, "ended", value);
    }
    add_row(text, "dlca", DLCA_VERSION);
    dlca_text_add(text, "</table>\n");
}
