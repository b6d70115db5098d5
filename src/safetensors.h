/* safetensors.h - the safetensors container: named tensors and metadata strings, read without trust, written the same
 * way every time.
 *
 * Layout: 8 bytes little-endian length N of the header, N bytes of JSON, then the data. The header maps each name to
 * {"dtype", "shape", "data_offsets": [begin, end)} within the data, and "__metadata__" to an object of strings.
 * Source: https://github.com/huggingface/safetensors, README, "Format". This machine must be little-endian (checked at
 * compile time); big-endian ones are not supported. Leaves alone: what the tensors mean (model_file.h). */
#ifndef DLCA_SAFETENSORS_H
#define DLCA_SAFETENSORS_H

#include "file.h"

enum { DLCA_TENSOR_MAX_RANK = 8, DLCA_SAFETENSORS_MAX_HEADER = 1 << 20 };

typedef enum DlcaDtype { DLCA_F64, DLCA_I64, DLCA_F32, DLCA_I32, DLCA_U8, DLCA_DTYPES } DlcaDtype;

const char *dlca_dtype_name(DlcaDtype dtype); /* "F64", ... */
size_t dlca_dtype_bytes(DlcaDtype dtype);

/* A view: name and data belong to someone else. The data need not be aligned: copy it out, or ask for elements. */
typedef struct DlcaTensor {
    const char *name;
    DlcaDtype dtype;
    int32_t rank;
    int64_t shape[DLCA_TENSOR_MAX_RANK]; /* [rank], row-major, the last index fastest */
    int64_t elements;                    /* product of the shape, 1 for rank 0 */
    const void *data;                    /* [elements * dlca_dtype_bytes(dtype)] */
} DlcaTensor;

typedef struct DlcaMetadata {
    const char *key, *value;
} DlcaMetadata;

typedef struct DlcaSafetensors {
    int32_t tensors, entries;
    DlcaTensor *tensor;     /* [tensors] in the order of their data */
    DlcaMetadata *metadata; /* [entries] in the order of the header */
    char *strings;          /* names, keys and values */
} DlcaSafetensors;

/* Parses `bytes`, which must outlive the views. `name` (a path) stands in messages. Refused: any header that is not
 * strict JSON in UTF-8, is larger than the file or DLCA_SAFETENSORS_MAX_HEADER, has a key twice or an unknown one or
 * another dtype; tensors that overlap, leave a gap, or end elsewhere than at the end of the file; a shape whose size
 * is not that of the data. Memory taken is at most a small multiple of the header. */
bool dlca_safetensors_parse(const void *bytes, size_t size, const char *name, DlcaSafetensors *file, DlcaError *error);
void dlca_safetensors_free(DlcaSafetensors *file); /* the views only */

const DlcaTensor *dlca_safetensors_find(const DlcaSafetensors *file, const char *name); /* NULL when missing */
const char *dlca_safetensors_metadata(const DlcaSafetensors *file, const char *key);    /* NULL when missing */

/* Element `index` of a tensor of any dtype, as a double (I64 beyond 2^53 is rounded). */
double dlca_tensor_value(const DlcaTensor *tensor, int64_t index);

/* True when dtype, rank and shape are these; otherwise an error that names both. */
bool dlca_tensor_expect(const DlcaTensor *tensor, DlcaDtype dtype, int32_t rank, const int64_t *shape,
                        const char *file_name, DlcaError *error);

/* The bytes of a file with these metadata and tensors, in the order given; `elements` is computed from the shape. The
 * header is padded with spaces so that the data starts at a multiple of 8: with tensors ordered by falling element
 * size, as in DlcaDtype, each one is aligned. The same input gives the same bytes. */
bool dlca_safetensors_build(const DlcaTensor *tensor, int32_t tensors, const DlcaMetadata *metadata, int32_t entries,
                            DlcaBytes *bytes, DlcaError *error);

#endif
