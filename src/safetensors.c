/* safetensors.c - the container's reader. The writer is in safetensors_build.c. */
#include "safetensors.h"

#include "../gates/json_read.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "safetensors files are little-endian and are read in place: a big-endian machine is not supported"
#endif

/* The fewest header bytes that a tensor, "":{"dtype":"U8","shape":[],"data_offsets":[0,0]}, and a metadata entry,
 * "":"", take: they bound how many there can be before any is read. */
enum { LENGTH_BYTES = 8, LEAST_TENSOR_TEXT = 46, LEAST_ENTRY_TEXT = 5, LONGEST_WORD = 32 };

static const struct {
    const char *name;
    size_t bytes;
} dtypes[DLCA_DTYPES] = {{"F64", 8}, {"I64", 8}, {"F32", 4}, {"I32", 4}, {"U8", 1}};

const char *dlca_dtype_name(DlcaDtype dtype) {
    return dtypes[dtype].name;
}

size_t dlca_dtype_bytes(DlcaDtype dtype) {
    return dtypes[dtype].bytes;
}

/* What is at hand while a header is read. */
typedef struct Parse {
    DlcaJson json;
    const uint8_t *data; /* behind the header */
    int64_t data_bytes;
    size_t header_bytes;
    size_t strings_used;
    bool has_metadata;
    DlcaSafetensors *file;
} Parse;

static bool refuse_tensor(const Parse *parse, const char *tensor, const char *what) {
    return dlca_fail(parse->json.error, DLCA_BAD_INPUT, "%s: tensor %.80s: %s", parse->json.name, tensor, what);
}

/* Strings are kept one behind the other; decoded text and NUL never exceed the quoted text they come from. */
static char *string_room(Parse *parse, size_t *room) {
    *room = parse->header_bytes - parse->strings_used;
    return parse->file->strings + parse->strings_used;
}

static void keep_string(Parse *parse, const char *string) {
    parse->strings_used += strlen(string) + 1;
}

/* ---- one tensor ---- */

static bool read_dtype(Parse *parse, const char *tensor, DlcaDtype *dtype) {
    char word[LONGEST_WORD];
    if (!dlca_json_string(&parse->json, word, sizeof word, NULL)) {
        return false;
    }
    for (int i = 0; i < DLCA_DTYPES; i++) {
        if (strcmp(word, dtypes[i].name) == 0) {
            *dtype = (DlcaDtype)i;
            return true;
        }
    }
    return dlca_fail(parse->json.error, DLCA_BAD_INPUT,
                     "%s: tensor %.80s: dtype %s is not one of F64, I64, F32, I32, U8", parse->json.name, tensor, word);
}

static bool read_shape(Parse *parse, DlcaTensor *tensor) {
    if (!dlca_json_array(&parse->json)) {
        return false;
    }
    tensor->rank = 0;
    tensor->elements = 1;
    for (;;) {
        bool more;
        if (!dlca_json_element(&parse->json, &more)) {
            return false;
        }
        if (!more) {
            return true;
        }
        if (tensor->rank == DLCA_TENSOR_MAX_RANK) {
            return refuse_tensor(parse, tensor->name, "more than 8 dimensions");
        }
        int64_t length;
        if (!dlca_json_integer(&parse->json, "a shape's entry", 0, INT64_MAX, &length)) {
            return false;
        }
        if (length != 0 && tensor->elements > INT64_MAX / length) {
            return refuse_tensor(parse, tensor->name, "the product of its shape overflows");
        }
        tensor->shape[tensor->rank++] = length;
        tensor->elements *= length;
    }
}

static bool read_offsets(Parse *parse, int64_t offsets[2]) {
    bool more = false;
    if (!dlca_json_array(&parse->json)) {
        return false;
    }
    for (int i = 0; i < 2; i++) {
        if (!dlca_json_element(&parse->json, &more)) {
            return false;
        }
        if (!more) {
            return dlca_json_refuse(&parse->json, "data_offsets must hold two numbers");
        }
        if (!dlca_json_integer(&parse->json, "an offset", 0, parse->data_bytes, &offsets[i])) {
            return false;
        }
    }
    if (!dlca_json_element(&parse->json, &more)) {
        return false;
    }
    return !more || dlca_json_refuse(&parse->json, "data_offsets must hold two numbers");
}

static bool check_bytes(const Parse *parse, const DlcaTensor *tensor, const int64_t offsets[2]) {
    const int64_t bytes = offsets[1] - offsets[0];
    const int64_t element = (int64_t)dlca_dtype_bytes(tensor->dtype);
    if (bytes < 0 || bytes % element != 0 || bytes / element != tensor->elements) {
        return refuse_tensor(parse, tensor->name, "its shape does not fit its data_offsets");
    }
    return true;
}

/* The value of a tensor's key: {"dtype", "shape", "data_offsets"}, each once, in any order. */
static bool read_tensor(Parse *parse, DlcaTensor *tensor) {
    static const char *const keys[3] = {"dtype", "shape", "data_offsets"};
    int64_t offsets[2] = {0, 0};
    bool seen[3] = {false, false, false};
    if (!dlca_json_object(&parse->json)) {
        return false;
    }
    for (;;) {
        char key[LONGEST_WORD];
        bool more;
        if (!dlca_json_key(&parse->json, key, sizeof key, &more)) {
            return false;
        }
        if (!more) {
            break;
        }
        int k = 0;
        while (k < 3 && strcmp(key, keys[k]) != 0) {
            k++;
        }
        if (k == 3 || seen[k]) {
            return refuse_tensor(parse, tensor->name, "a key other than dtype, shape and data_offsets, or one twice");
        }
        seen[k] = true;
        const bool good = k == 0   ? read_dtype(parse, tensor->name, &tensor->dtype)
                          : k == 1 ? read_shape(parse, tensor)
                                   : read_offsets(parse, offsets);
        if (!good) {
            return false;
        }
    }
    if (!seen[0] || !seen[1] || !seen[2]) {
        return refuse_tensor(parse, tensor->name, "dtype, shape or data_offsets is missing");
    }
    tensor->data = parse->data + offsets[0];
    return check_bytes(parse, tensor, offsets);
}

/* ---- the header ---- */

static bool read_metadata(Parse *parse) {
    if (parse->has_metadata) {
        return dlca_json_refuse(&parse->json, "__metadata__ stands there twice");
    }
    parse->has_metadata = true;
    if (!dlca_json_object(&parse->json)) {
        return false;
    }
    for (;;) {
        bool more;
        size_t room;
        char *key = string_room(parse, &room);
        if (!dlca_json_key(&parse->json, key, room, &more)) {
            return false;
        }
        if (!more) {
            return true;
        }
        keep_string(parse, key);
        char *value = string_room(parse, &room);
        if (!dlca_json_string(&parse->json, value, room, NULL)) {
            return false;
        }
        keep_string(parse, value);
        parse->file->metadata[parse->file->entries++] = (DlcaMetadata){key, value};
    }
}

static bool read_header(Parse *parse) {
    if (!dlca_json_object(&parse->json)) {
        return false;
    }
    for (;;) {
        bool more;
        size_t room;
        char *key = string_room(parse, &room);
        if (!dlca_json_key(&parse->json, key, room, &more)) {
            return false;
        }
        if (!more) {
            return dlca_json_end(&parse->json);
        }
        if (strcmp(key, "__metadata__") == 0) {
            if (!read_metadata(parse)) {
                return false;
            }
            continue;
        }
        keep_string(parse, key);
        DlcaTensor *tensor = &parse->file->tensor[parse->file->tensors++];
        tensor->name = key;
        if (!read_tensor(parse, tensor)) {
            return false;
        }
    }
}

/* ---- the whole ---- */

static int compare_places(const void *left, const void *right) {
    const DlcaTensor *a = left, *b = right;
    const uintptr_t at = (uintptr_t)a->data, bt = (uintptr_t)b->data;
    /* An empty tensor stands before the one that begins where it does; names make the order unique. */
    if (at != bt) {
        return at < bt ? -1 : 1;
    }
    if ((a->elements == 0) != (b->elements == 0)) {
        return a->elements == 0 ? -1 : 1;
    }
    return strcmp(a->name, b->name);
}

/* In the order of their data, each tensor begins where the one before ended, and the last ends with the file. */
static bool check_contiguous(const Parse *parse) {
    const uint8_t *expected = parse->data;
    for (int32_t i = 0; i < parse->file->tensors; i++) {
        const DlcaTensor *tensor = &parse->file->tensor[i];
        if (tensor->data != expected) {
            return refuse_tensor(parse, tensor->name, "its data overlaps another tensor's or leaves a gap");
        }
        expected += (size_t)tensor->elements * dlca_dtype_bytes(tensor->dtype);
    }
    if (expected != parse->data + parse->data_bytes) {
        return dlca_fail(parse->json.error, DLCA_BAD_INPUT, "%s: %zu bytes follow the last tensor", parse->json.name,
                         (size_t)(parse->data + parse->data_bytes - expected));
    }
    return true;
}

static int compare_strings(const void *left, const void *right) {
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* `names` [count] is scratch; sorted, so that equal ones meet. */
static bool check_unique(const Parse *parse, const char **names, size_t count) {
    qsort(names, count, sizeof *names, compare_strings);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(names[i - 1], names[i]) == 0) {
            return dlca_fail(parse->json.error, DLCA_BAD_INPUT, "%s: the key %.80s stands there twice",
                             parse->json.name, names[i]);
        }
    }
    return true;
}

static bool check_names(const Parse *parse) {
    const DlcaSafetensors *file = parse->file;
    const size_t tensors = (size_t)file->tensors, entries = (size_t)file->entries;
    const char **names = malloc((tensors + entries + 1) * sizeof *names);
    if (!names) {
        return dlca_fail(parse->json.error, DLCA_FAILED, "%s: no memory for its header", parse->json.name);
    }
    for (size_t i = 0; i < tensors; i++) {
        names[i] = file->tensor[i].name;
    }
    for (size_t i = 0; i < entries; i++) {
        names[tensors + i] = file->metadata[i].key;
    }
    const bool good = check_unique(parse, names, tensors) && check_unique(parse, names + tensors, entries);
    free(names);
    return good;
}

static bool parse_allocated(Parse *parse) {
    if (!read_header(parse)) {
        return false;
    }
    qsort(parse->file->tensor, (size_t)parse->file->tensors, sizeof(DlcaTensor), compare_places);
    return check_contiguous(parse) && check_names(parse);
}

static bool read_length(const uint8_t *bytes, size_t size, const char *name, size_t *length, DlcaError *error) {
    uint64_t wanted;
    if (size < LENGTH_BYTES) {
        return dlca_fail(error, DLCA_BAD_INPUT, "%s: has only %zu bytes, too few for a safetensors file", name, size);
    }
    memcpy(&wanted, bytes, sizeof wanted);
    if (wanted > size - LENGTH_BYTES || wanted > DLCA_SAFETENSORS_MAX_HEADER) {
        return dlca_fail(error, DLCA_BAD_INPUT,
                         "%s: not a whole safetensors file: a header of %llu bytes is announced, %zu bytes follow",
                         name, (unsigned long long)wanted, size - LENGTH_BYTES);
    }
    *length = (size_t)wanted;
    return true;
}

bool dlca_safetensors_parse(const void *bytes, size_t size, const char *name, DlcaSafetensors *file, DlcaError *error) {
    size_t header = 0;
    *file = (DlcaSafetensors){0};
    if (!read_length(bytes, size, name, &header, error)) {
        return false;
    }
    const char *text = (const char *)bytes + LENGTH_BYTES;
    file->tensor = calloc(header / LEAST_TENSOR_TEXT + 1, sizeof *file->tensor);
    file->metadata = calloc(header / LEAST_ENTRY_TEXT + 1, sizeof *file->metadata);
    file->strings = calloc(header + 1, 1);
    if (!file->tensor || !file->metadata || !file->strings) {
        dlca_safetensors_free(file);
        return dlca_fail(error, DLCA_FAILED, "%s: no memory for its header", name);
    }
    Parse parse = {.json = dlca_json_begin(text, header, name, error),
                   .data = (const uint8_t *)text + header,
                   .data_bytes = (int64_t)(size - LENGTH_BYTES - header),
                   .header_bytes = header + 1,
                   .file = file};
    if (!parse_allocated(&parse)) {
        dlca_safetensors_free(file);
        return false;
    }
    return true;
}

void dlca_safetensors_free(DlcaSafetensors *file) {
    free(file->tensor);
    free(file->metadata);
    free(file->strings);
    *file = (DlcaSafetensors){0};
}
