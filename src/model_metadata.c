/* model_metadata.c - configuration and counters to metadata strings and back. */
#include "model_metadata.h"

#include "../gates/json_read.h"
#include "../gates/text.h"
#include "model_seal.h"
#include "parametrization.h"

#include <stdio.h>
#include <string.h>

static const char note_front[] = "note.";

/* The task names the run folder, so it must not lead elsewhere. */
static bool is_plain_name(const char *text) {
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    return strspn(text, allowed) == strlen(text);
}

/* ---- writing ---- */

static void add(DlcaModelMetadata *metadata, const char *key, const char *value) {
    const int32_t at = metadata->entries++;
    snprintf(metadata->key[at], DLCA_METADATA_KEY, "%s", key);
    snprintf(metadata->value[at], DLCA_METADATA_VALUE, "%s", value);
    metadata->entry[at] = (DlcaMetadata){metadata->key[at], metadata->value[at]};
}

static void add_whole(DlcaModelMetadata *metadata, const char *key, uint64_t value) {
    char digits[24];
    snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
    add(metadata, key, digits);
}

/* "8,4,2" */
static void add_list(DlcaModelMetadata *metadata, const char *key, const int32_t *values, int32_t count) {
    char list[DLCA_METADATA_VALUE] = "";
    size_t used = 0;
    for (int32_t i = 0; i < count && used < sizeof list; i++) {
        used += (size_t)snprintf(list + used, sizeof list - used, i ? ",%d" : "%d", values[i]);
    }
    add(metadata, key, list);
}

static bool add_real(DlcaModelMetadata *metadata, const char *key, double value, DlcaError *error) {
    DlcaText text = {0};
    dlca_text_add_real(&text, value);
    if (!dlca_text_check(&text, "a number", error)) {
        return false;
    }
    add(metadata, key, text.data);
    dlca_text_free(&text);
    return true;
}

static bool add_notes(DlcaModelMetadata *metadata, const DlcaModelExtras *extras, DlcaError *error) {
    /* Copied through the function that checks notes, so that what is written can be read. */
    DlcaModelExtras checked = {0};
    for (int32_t i = 0; i < extras->notes; i++) {
        if (!dlca_model_extras_add_note(&checked, extras->note[i].key, extras->note[i].value, error)) {
            return false;
        }
        char key[DLCA_METADATA_KEY];
        snprintf(key, sizeof key, "%s%s", note_front, extras->note[i].key);
        add(metadata, key, extras->note[i].value);
    }
    return true;
}

bool dlca_model_metadata_write(const DlcaConfig *config, const DlcaModelExtras *extras, DlcaModelMetadata *metadata,
                               DlcaError *error) {
    if (!dlca_config_check(config, error)) {
        return false;
    }
    if (!is_plain_name(config->task)) {
        return dlca_fail(error, DLCA_BAD_INPUT, "task %s: only letters, digits, - and _ may stand in its name",
                         config->task);
    }
    if (extras && (extras->updates < 0 || extras->epoch < 0 || extras->restart < 0 || extras->notes < 0 ||
                   extras->notes > DLCA_MAX_NOTES)) {
        return dlca_fail(error, DLCA_BAD_INPUT, "a model's counters must not be negative, nor its notes more than %d",
                         DLCA_MAX_NOTES);
    }
    metadata->entries = 0;
    add(metadata, "format", "dlca");
    add(metadata, "checksum", DLCA_SEAL_BLANK);
    add_whole(metadata, "version", DLCA_MODEL_FILE_VERSION);
    add(metadata, "task", config->task);
    add_whole(metadata, "height", (uint64_t)config->height);
    add_whole(metadata, "width", (uint64_t)config->width);
    add_whole(metadata, "channels", (uint64_t)config->channels);
    add_whole(metadata, "scored_channels", (uint64_t)config->scored_channels);
    add_whole(metadata, "kernels", (uint64_t)config->kernels);
    add_list(metadata, "perceive", config->perceive, config->perceive_layers);
    add_list(metadata, "update", config->update, config->update_layers);
    add_whole(metadata, "steps", (uint64_t)config->steps);
    add_whole(metadata, "batch", (uint64_t)config->batch);
    add_whole(metadata, "periodic", config->periodic);
    add_whole(metadata, "asynchronous", config->asynchronous);
    if (!add_real(metadata, "fire_rate", config->fire_rate, error)) {
        return false;
    }
    add(metadata, "wiring", config->wiring == DLCA_WIRING_UNIQUE ? "unique" : "random");
    if (config->gates != DLCA_GATES_SOFTMAX16) {
        add(metadata, "gates", dlca_parametrization(config->gates)->name);
    }
    add_whole(metadata, "seed", config->seed);
    add_whole(metadata, "updates", extras ? (uint64_t)extras->updates : 0);
    add_whole(metadata, "epoch", extras ? (uint64_t)extras->epoch : 0);
    add_whole(metadata, "restart", extras ? (uint64_t)extras->restart : 0);
    return !extras || add_notes(metadata, extras, error);
}

/* ---- reading ---- */

typedef struct Reading {
    const DlcaSafetensors *file;
    const char *name;
    int32_t used; /* keys found so far: at the end, all of them */
    DlcaError *error;
} Reading;

static bool find(Reading *reading, const char *key, const char **value) {
    *value = dlca_safetensors_metadata(reading->file, key);
    reading->used++;
    return *value || dlca_fail(reading->error, DLCA_BAD_INPUT, "%s: the metadata lacks %s", reading->name, key);
}

static bool refuse(const Reading *reading, const char *key, const char *value, const char *want) {
    return dlca_fail(reading->error, DLCA_BAD_INPUT, "%s: metadata %s is \"%.40s\": it must be %s", reading->name, key,
                     value, want);
}

/* A whole number from 0 to `high`, nothing around it. */
static bool parse_whole(const char *text, size_t length, uint64_t high, uint64_t *value) {
    DlcaJson json = dlca_json_begin(text, length, "", NULL);
    const bool starts = length > 0 && text[0] >= '0' && text[0] <= '9';
    return starts && dlca_json_unsigned(&json, "", value) && json.at == length && *value <= high;
}

static bool read_whole(Reading *reading, const char *key, uint64_t high, uint64_t *value) {
    const char *text;
    if (!find(reading, key, &text)) {
        return false;
    }
    return parse_whole(text, strlen(text), high, value) || refuse(reading, key, text, "a whole number in range");
}

static bool read_int32(Reading *reading, const char *key, int32_t *value) {
    uint64_t whole = 0;
    const bool good = read_whole(reading, key, INT32_MAX, &whole);
    *value = (int32_t)whole;
    return good;
}

static bool read_int64(Reading *reading, const char *key, int64_t *value) {
    uint64_t whole = 0;
    const bool good = read_whole(reading, key, INT64_MAX, &whole);
    *value = (int64_t)whole;
    return good;
}

static bool read_flag(Reading *reading, const char *key, bool *value) {
    uint64_t whole = 0;
    const bool good = read_whole(reading, key, 1, &whole);
    *value = whole == 1;
    return good;
}

static bool read_list(Reading *reading, const char *key, int32_t *values, int32_t *count) {
    const char *text;
    if (!find(reading, key, &text)) {
        return false;
    }
    *count = 0;
    for (const char *part = text;; part++) {
        const size_t length = strcspn(part, ",");
        uint64_t value;
        if (*count == DLCA_MAX_LAYERS || !parse_whole(part, length, DLCA_MAX_LAYER_GATES, &value)) {
            return refuse(reading, key, text, "the gates of each layer, such as 8,4,2");
        }
        values[(*count)++] = (int32_t)value;
        part += length;
        if (*part == '\0') {
            return true;
        }
    }
}

static bool read_task(Reading *reading, char *task, size_t size) {
    const char *text;
    if (!find(reading, "task", &text)) {
        return false;
    }
    if (strlen(text) >= size || !is_plain_name(text)) {
        return refuse(reading, "task", text, "at most 31 letters, digits, - and _");
    }
    memcpy(task, text, strlen(text) + 1);
    return true;
}

static bool read_fire_rate(Reading *reading, double *value) {
    const char *text;
    if (!find(reading, "fire_rate", &text)) {
        return false;
    }
    DlcaJson json = dlca_json_begin(text, strlen(text), "", NULL);
    const bool starts = text[0] >= '0' && text[0] <= '9';
    const bool good = starts && dlca_json_real(&json, "", 0, 1, value) && json.at == json.size;
    return good || refuse(reading, "fire_rate", text, "a number above 0 and at most 1");
}

static bool read_wiring(Reading *reading, DlcaWiring *wiring) {
    const char *text;
    if (!find(reading, "wiring", &text)) {
        return false;
    }
    *wiring = strcmp(text, "random") == 0 ? DLCA_WIRING_RANDOM : DLCA_WIRING_UNIQUE;
    return *wiring == DLCA_WIRING_RANDOM || strcmp(text, "unique") == 0 ||
           refuse(reading, "wiring", text, "unique or random");
}

/* May be missing, and is then softmax16. */
static bool read_gates(Reading *reading, DlcaGates *gates) {
    const char *text = dlca_safetensors_metadata(reading->file, "gates");
    if (!text) {
        *gates = DLCA_GATES_SOFTMAX16;
        return true;
    }
    reading->used++;
    DlcaError reason;
    return dlca_gates_find(text, gates, &reason) ||
           dlca_fail(reading->error, DLCA_BAD_INPUT, "%s: metadata: %.200s", reading->name, reason.message);
}

/* The signature was checked with the checksum; here come format and version. */
static bool read_version(Reading *reading) {
    const char *format, *checksum;
    uint64_t version = 0;
    if (!find(reading, "format", &format) || !find(reading, "checksum", &checksum) ||
        !read_whole(reading, "version", UINT64_MAX, &version)) {
        return false;
    }
    if (version != DLCA_MODEL_FILE_VERSION) {
        return dlca_fail(reading->error, DLCA_BAD_INPUT,
                         "%s: a dlca model file of version %llu; this program reads version %d", reading->name,
                         (unsigned long long)version, DLCA_MODEL_FILE_VERSION);
    }
    return strcmp(format, "dlca") == 0 || refuse(reading, "format", format, "dlca");
}

static bool read_notes(Reading *reading, DlcaModelExtras *extras) {
    for (int32_t i = 0; i < reading->file->entries; i++) {
        const DlcaMetadata *entry = &reading->file->metadata[i];
        if (strncmp(entry->key, note_front, sizeof note_front - 1) != 0) {
            continue;
        }
        if (!dlca_model_extras_add_note(extras, entry->key + sizeof note_front - 1, entry->value, NULL)) {
            return dlca_fail(reading->error, DLCA_BAD_INPUT, "%s: metadata %.60s: a note too long, or too many",
                             reading->name, entry->key);
        }
        reading->used++;
    }
    return true;
}

static bool read_config(Reading *reading, DlcaConfig *config) {
    return read_task(reading, config->task, sizeof config->task) && read_int32(reading, "height", &config->height) &&
           read_int32(reading, "width", &config->width) && read_int32(reading, "channels", &config->channels) &&
           read_int32(reading, "scored_channels", &config->scored_channels) &&
           read_int32(reading, "kernels", &config->kernels) &&
           read_list(reading, "perceive", config->perceive, &config->perceive_layers) &&
           read_list(reading, "update", config->update, &config->update_layers) &&
           read_int32(reading, "steps", &config->steps) && read_int32(reading, "batch", &config->batch) &&
           read_flag(reading, "periodic", &config->periodic) &&
           read_flag(reading, "asynchronous", &config->asynchronous) && read_fire_rate(reading, &config->fire_rate) &&
           read_wiring(reading, &config->wiring) && read_gates(reading, &config->gates) &&
           read_whole(reading, "seed", UINT64_MAX, &config->seed);
}

bool dlca_model_metadata_read(const DlcaSafetensors *file, const char *name, DlcaConfig *config,
                              DlcaModelExtras *extras, DlcaError *error) {
    Reading reading = {.file = file, .name = name, .used = 0, .error = error};
    *config = (DlcaConfig){0};
    if (!read_version(&reading) || !read_config(&reading, config) ||
        !read_int64(&reading, "updates", &extras->updates) || !read_int64(&reading, "epoch", &extras->epoch) ||
        !read_int32(&reading, "restart", &extras->restart) || !read_notes(&reading, extras)) {
        return false;
    }
    if (reading.used != file->entries) {
        return dlca_fail(error, DLCA_BAD_INPUT, "%s: the metadata holds keys that version %d does not have", name,
                         DLCA_MODEL_FILE_VERSION);
    }
    DlcaError reason = {0};
    if (!dlca_config_check(config, &reason)) {
        return dlca_fail(error, reason.kind, "%s: %.400s", name, reason.message);
    }
    return true;
}
