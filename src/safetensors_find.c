/* safetensors_find.c - asking a parsed safetensors file for tensors, metadata and elements. */
#include "safetensors.h"

#include <stdio.h>
#include <string.h>

const DlcaTensor *dlca_safetensors_find(const DlcaSafetensors *file, const char *name) {
    for (int32_t i = 0; i < file->tensors; i++) {
        if (strcmp(file->tensor[i].name, name) == 0) {
            return &file->tensor[i];
        }
    }
    return NULL;
}

const char *dlca_safetensors_metadata(const DlcaSafetensors *file, const char *key) {
    for (int32_t i = 0; i < file->entries; i++) {
        if (strcmp(file->metadata[i].key, key) == 0) {
            return file->metadata[i].value;
        }
    }
    return NULL;
}

double dlca_tensor_value(const DlcaTensor *tensor, int64_t index) {
    const size_t bytes = dlca_dtype_bytes(tensor->dtype);
    const char *place = (const char *)tensor->data + (size_t)index * bytes;
    union {
        double f64;
        int64_t i64;
        float f32;
        int32_t i32;
        uint8_t u8;
    } element;
    memcpy(&element, place, bytes);
    switch (tensor->dtype) {
    case DLCA_F64:
        return element.f64;
    case DLCA_I64:
        return (double)element.i64;
    case DLCA_F32:
        return (double)element.f32;
    case DLCA_I32:
        return (double)element.i32;
    case DLCA_U8:
    case DLCA_DTYPES:
        break;
    }
    return (double)element.u8;
}

/* "F32 [16,8,16]" */
static void describe(char *text, size_t size, DlcaDtype dtype, int32_t rank, const int64_t *shape) {
    int used = snprintf(text, size, "%s [", dlca_dtype_name(dtype));
    for (int32_t i = 0; i < rank && used > 0 && (size_t)used < size; i++) {
        used += snprintf(text + used, size - (size_t)used, i ? ",%lld" : "%lld", (long long)shape[i]);
    }
    if (used > 0 && (size_t)used < size) {
        snprintf(text + used, size - (size_t)used, "]");
    }
}

bool dlca_tensor_expect(const DlcaTensor *tensor, DlcaDtype dtype, int32_t rank, const int64_t *shape,
                        const char *file_name, DlcaError *error) {
    if (tensor->dtype == dtype && tensor->rank == rank &&
        memcmp(tensor->shape, shape, (size_t)rank * sizeof *shape) == 0) {
        return true;
    }
    char found[200], wanted[200];
    describe(found, sizeof found, tensor->dtype, tensor->rank, tensor->shape);
    describe(wanted, sizeof wanted, dtype, rank, shape);
    return dlca_fail(error, DLCA_BAD_INPUT, "%s: tensor %.80s is %s, but must be %s", file_name, tensor->name, found,
                     wanted);
}
