/* safetensors_build.c - the container's writer: header text, padding, data. */
#include "safetensors.h"

#include "../gates/text.h"

#include <stdlib.h>
#include <string.h>

enum { LENGTH_BYTES = 8, ALIGNMENT = 8 };

/* Elements of a shape, -1 when a length is negative or the product overflows the bytes of memory. */
static int64_t count_elements(const DlcaTensor *tensor) {
    int64_t elements = 1;
    for (int32_t i = 0; i < tensor->rank; i++) {
        if (tensor->shape[i] < 0 || (tensor->shape[i] > 0 && elements > INT64_MAX / 16 / tensor->shape[i])) {
            return -1;
        }
        elements *= tensor->shape[i];
    }
    return elements;
}

static void add_metadata(DlcaText *header, const DlcaMetadata *metadata, int32_t entries) {
    dlca_text_add(header, "\"__metadata__\":{");
    for (int32_t i = 0; i < entries; i++) {
        dlca_text_add(header, i ? "," : "");
        dlca_text_add_json_string(header, metadata[i].key);
        dlca_text_add(header, ":");
        dlca_text_add_json_string(header, metadata[i].value);
    }
    dlca_text_add(header, "}");
}

static void add_tensor(DlcaText *header, const DlcaTensor *tensor, size_t begin, size_t end) {
    dlca_text_add_json_string(header, tensor->name);
    dlca_text_add(header, ":{\"dtype\":\"%s\",\"shape\":[", dlca_dtype_name(tensor->dtype));
    for (int32_t i = 0; i < tensor->rank; i++) {
        dlca_text_add(header, i ? ",%lld" : "%lld", (long long)tensor->shape[i]);
    }
    dlca_text_add(header, "],\"data_offsets\":[%zu,%zu]}", begin, end);
}

/* The header, padded; *data_bytes is what follows it. */
static bool build_header(const DlcaTensor *tensor, int32_t tensors, const DlcaMetadata *metadata, int32_t entries,
                         DlcaText *header, size_t *data_bytes, DlcaError *error) {
    *data_bytes = 0;
    dlca_text_add(header, "{");
    if (entries > 0) {
        add_metadata(header, metadata, entries);
    }
    for (int32_t i = 0; i < tensors; i++) {
        const int64_t elements = count_elements(&tensor[i]);
        const size_t element = dlca_dtype_bytes(tensor[i].dtype);
        if (elements < 0 || (size_t)elements > (SIZE_MAX / 2 - *data_bytes) / element) {
            return dlca_fail(error, DLCA_BAD_INPUT, "tensor %.80s: its shape is too large", tensor[i].name);
        }
        const size_t end = *data_bytes + (size_t)elements * element;
        dlca_text_add(header, i || entries > 0 ? "," : "");
        add_tensor(header, &tensor[i], *data_bytes, end);
        *data_bytes = end;
    }
    dlca_text_add(header, "}");
    while ((LENGTH_BYTES + header->size) % ALIGNMENT != 0 && !header->failed) {
        dlca_text_add(header, " ");
    }
    if (header->size > DLCA_SAFETENSORS_MAX_HEADER) {
        return dlca_fail(error, DLCA_BAD_INPUT, "a safetensors header of %zu bytes is too large", header->size);
    }
    return true;
}

static void copy_data(uint8_t *to, const DlcaTensor *tensor, int32_t tensors) {
    for (int32_t i = 0; i < tensors; i++) {
        const size_t bytes = (size_t)count_elements(&tensor[i]) * dlca_dtype_bytes(tensor[i].dtype);
        if (bytes > 0) {
            memcpy(to, tensor[i].data, bytes);
            to += bytes;
        }
    }
}

bool dlca_safetensors_build(const DlcaTensor *tensor, int32_t tensors, const DlcaMetadata *metadata, int32_t entries,
                            DlcaBytes *bytes, DlcaError *error) {
    DlcaText header = {0};
    size_t data_bytes = 0;
    *bytes = (DlcaBytes){0};
    if (!build_header(tensor, tensors, metadata, entries, &header, &data_bytes, error)) {
        dlca_text_free(&header);
        return false;
    }
    if (!dlca_text_check(&header, "a safetensors header", error)) {
        return false;
    }
    const uint64_t header_bytes = header.size;
    const size_t size = LENGTH_BYTES + header.size + data_bytes;
    uint8_t *data = malloc(size);
    if (!data) {
        dlca_text_free(&header);
        return dlca_fail(error, DLCA_FAILED, "no memory for a file of %zu bytes", size);
    }
    memcpy(data, &header_bytes, LENGTH_BYTES);
    memcpy(data + LENGTH_BYTES, header.data, header.size);
    copy_data(data + LENGTH_BYTES + header.size, tensor, tensors);
    dlca_text_free(&header);
    *bytes = (DlcaBytes){data, size};
    return true;
}
