/* model_file.c - saves and loads models: puts container, metadata, tensors and seal together. */
#include "model_file.h"

#include "../gates/json_read.h"
#include "model_metadata.h"
#include "model_seal.h"
#include "model_tensors.h"

#include <stdlib.h>
#include <string.h>

/* Far above the largest model in use (3 times 4600 gates of 64 bytes), and bounds what a wrong file can cost. */
static const size_t largest_file = (size_t)1 << 32;

/* ---- extras ---- */

void dlca_model_extras_free(DlcaModelExtras *extras) {
    free(extras->first_moment);
    free(extras->second_moment);
    free(extras->target);
    dlca_model_free(extras->training);
    *extras = (DlcaModelExtras){0};
}

const char *dlca_model_extras_note(const DlcaModelExtras *extras, const char *key) {
    for (int32_t i = 0; i < extras->notes; i++) {
        if (strcmp(extras->note[i].key, key) == 0) {
            return extras->note[i].value;
        }
    }
    return NULL;
}

static bool is_text(const char *text, size_t size) {
    const size_t length = strnlen(text, size);
    size_t at = 0;
    while (at < length) {
        const size_t character = dlca_utf8_character(text + at, length - at);
        if (character == 0) {
            return false;
        }
        at += character;
    }
    return length < size;
}

bool dlca_model_extras_add_note(DlcaModelExtras *extras, const char *key, const char *value, DlcaError *error) {
    if (!is_text(key, DLCA_NOTE_KEY_BYTES) || !is_text(value, DLCA_NOTE_VALUE_BYTES)) {
        return dlca_fail(error, DLCA_BAD_INPUT, "a note's key or value is too long or not UTF-8");
    }
    if (dlca_model_extras_note(extras, key) || extras->notes == DLCA_MAX_NOTES) {
        return dlca_fail(error, DLCA_BAD_INPUT, "the note %s is there already, or there are more than %d", key,
                         DLCA_MAX_NOTES);
    }
    DlcaNote *note = &extras->note[extras->notes++];
    *note = (DlcaNote){0};
    memcpy(note->key, key, strlen(key));
    memcpy(note->value, value, strlen(value));
    return true;
}

/* ---- writing ---- */

static bool list_for_writing(const DlcaModel *model, const DlcaModelExtras *extras, DlcaModelTensor *list,
                             DlcaTensor *tensors, int32_t *count, DlcaError *error) {
    const bool moments = extras && extras->first_moment;
    if (extras && moments != (extras->second_moment != NULL)) {
        return dlca_fail(error, DLCA_BAD_INPUT, "a model is saved with both moments or with none");
    }
    if (extras && extras->training && extras->training->gates != model->gates) {
        return dlca_fail(error, DLCA_BAD_INPUT, "a model is saved with one in training of the same shape");
    }
    const DlcaModelParts parts = {.moments = moments,
                                  .training = extras && extras->training,
                                  .ops = model->has_ops,
                                  .target = extras && extras->target};
    *count = dlca_model_tensors(&model->config, parts, list);
    for (int32_t i = 0; i < *count; i++) {
        const void *data = dlca_model_tensor_place(&list[i], model, extras);
        if (!dlca_model_tensor_check(&list[i], data, model, DLCA_FAILED, "the model is not saved", error)) {
            return false;
        }
        tensors[i] = list[i].tensor;
        tensors[i].data = data;
    }
    return true;
}

/* Scratch of one save or load, on the heap because it is large. */
typedef struct Scratch {
    DlcaModelMetadata metadata;
    DlcaModelTensor list[DLCA_MODEL_MAX_TENSORS];
    DlcaTensor tensors[DLCA_MODEL_MAX_TENSORS];
} Scratch;

static bool serialize(const DlcaModel *model, const DlcaModelExtras *extras, Scratch *scratch, DlcaBytes *bytes,
                      DlcaError *error) {
    int32_t count = 0;
    if (!dlca_model_metadata_write(&model->config, extras, &scratch->metadata, error) ||
        !list_for_writing(model, extras, scratch->list, scratch->tensors, &count, error) ||
        !dlca_safetensors_build(scratch->tensors, count, scratch->metadata.entry, scratch->metadata.entries, bytes,
                                error)) {
        return false;
    }
    if (!dlca_seal(bytes->data, bytes->size)) {
        dlca_bytes_free(bytes);
        return dlca_fail(error, DLCA_FAILED, "the model file's front is not as specified");
    }
    return true;
}

bool dlca_model_serialize(const DlcaModel *model, const DlcaModelExtras *extras, uint8_t **data, size_t *size,
                          DlcaError *error) {
    DlcaBytes bytes = {0};
    Scratch *scratch = malloc(sizeof *scratch);
    const bool good = scratch ? serialize(model, extras, scratch, &bytes, error)
                              : dlca_fail(error, DLCA_FAILED, "no memory to save a model");
    free(scratch);
    *data = bytes.data;
    *size = bytes.size;
    return good;
}

bool dlca_model_save(const DlcaModel *model, const DlcaModelExtras *extras, const char *path, DlcaError *error) {
    uint8_t *data;
    size_t size;
    if (!dlca_model_serialize(model, extras, &data, &size, error)) {
        return false;
    }
    const bool good = dlca_file_write(path, data, size, error);
    free(data);
    return good;
}

/* ---- reading ---- */

/* Pairs every tensor that should be there with the file's; afterwards list[i].tensor.data lies in the file. */
static bool match_tensors(const DlcaSafetensors *file, const char *name, const DlcaConfig *config,
                          DlcaModelTensor *list, int32_t *count, DlcaModelParts *parts, DlcaError *error) {
    *parts = (DlcaModelParts){.moments = dlca_safetensors_find(file, "adam.m.perceive.0.logits") != NULL,
                              .training = dlca_safetensors_find(file, "training.perceive.0.logits") != NULL,
                              .ops = dlca_safetensors_find(file, "perceive.0.ops") != NULL,
                              .target = dlca_safetensors_find(file, "target") != NULL};
    *count = dlca_model_tensors(config, *parts, list);
    for (int32_t i = 0; i < *count; i++) {
        const DlcaTensor *found = dlca_safetensors_find(file, list[i].name);
        const DlcaTensor *want = &list[i].tensor;
        if (!found) {
            return dlca_fail(error, DLCA_BAD_INPUT, "%s: tensor %s is missing", name, list[i].name);
        }
        if (!dlca_tensor_expect(found, want->dtype, want->rank, want->shape, name, error)) {
            return false;
        }
        list[i].tensor.data = found->data;
    }
    return *count == file->tensors ||
           dlca_fail(error, DLCA_BAD_INPUT, "%s: holds tensors that a dlca model does not have", name);
}

static bool create_extras(const DlcaModel *model, DlcaModelParts parts, DlcaModelExtras *extras, DlcaError *error) {
    const size_t logits = (size_t)model->gates * DLCA_OPS;
    const DlcaConfig *config = &model->config;
    if (parts.moments) {
        extras->first_moment = calloc(logits, sizeof(float));
        extras->second_moment = calloc(logits, sizeof(float));
    }
    if (parts.target) {
        extras->target = calloc((size_t)config->height * (size_t)config->width, (size_t)config->scored_channels);
    }
    if ((parts.moments && (!extras->first_moment || !extras->second_moment)) || (parts.target && !extras->target)) {
        return dlca_fail(error, DLCA_FAILED, "no memory for a model's optimizer state and target");
    }
    extras->training = parts.training ? dlca_model_create(config, error) : NULL;
    return !parts.training || extras->training;
}

static bool fill(DlcaModel *model, DlcaModelExtras *extras, const DlcaModelTensor *list, int32_t count,
                 const char *name, DlcaError *error) {
    for (int32_t i = 0; i < count; i++) {
        const DlcaTensor *tensor = &list[i].tensor;
        if (!dlca_model_tensor_check(&list[i], tensor->data, model, DLCA_BAD_INPUT, name, error)) {
            return false;
        }
        memcpy(dlca_model_tensor_place(&list[i], model, extras), tensor->data,
               (size_t)tensor->elements * dlca_dtype_bytes(tensor->dtype));
    }
    return true;
}

/* The tensors are matched with the configuration, and so with the file's size, before the model's memory is taken. */
static DlcaModel *build_model(const DlcaSafetensors *file, const char *name, Scratch *scratch, DlcaModelExtras *extras,
                              DlcaError *error) {
    DlcaConfig config;
    DlcaModelParts parts;
    int32_t count = 0;
    if (!dlca_model_metadata_read(file, name, &config, extras, error) ||
        !match_tensors(file, name, &config, scratch->list, &count, &parts, error)) {
        return NULL;
    }
    DlcaModel *model = dlca_model_create(&config, error);
    if (!model) {
        return NULL;
    }
    if (!create_extras(model, parts, extras, error) || !fill(model, extras, scratch->list, count, name, error)) {
        dlca_model_free(model);
        return NULL;
    }
    model->has_ops = parts.ops;
    return model;
}

DlcaModel *dlca_model_parse(const void *bytes, size_t size, const char *name, DlcaModelExtras *extras,
                            DlcaError *error) {
    DlcaModelExtras local = {0};
    if (extras) {
        *extras = local;
    }
    DlcaSafetensors file;
    if (!dlca_seal_check(bytes, size, name, error) || !dlca_safetensors_parse(bytes, size, name, &file, error)) {
        return NULL;
    }
    DlcaModel *model = NULL;
    Scratch *scratch = malloc(sizeof *scratch);
    if (scratch) {
        model = build_model(&file, name, scratch, &local, error);
    } else {
        dlca_fail(error, DLCA_FAILED, "%s: no memory to load a model", name);
    }
    free(scratch);
    dlca_safetensors_free(&file);
    if (model && extras) {
        *extras = local;
    } else {
        dlca_model_extras_free(&local);
    }
    return model;
}

DlcaModel *dlca_model_load(const char *path, DlcaModelExtras *extras, DlcaError *error) {
    if (extras) {
        *extras = (DlcaModelExtras){0};
    }
    DlcaBytes bytes;
    if (!dlca_file_read(path, largest_file, &bytes, error)) {
        return NULL;
    }
    DlcaModel *model = dlca_model_parse(bytes.data, bytes.size, path, extras, error);
    dlca_bytes_free(&bytes);
    return model;
}
