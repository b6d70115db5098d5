/* test_safetensors.c - the container: round trips, the conformance files, and every kind of hostile header. */
#include "../src/safetensors.h"

#include "scratch.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A file with this header text and so many data bytes; the caller frees. */
static uint8_t *make_file(const char *header, size_t data_bytes, size_t *size) {
    const uint64_t length = strlen(header);
    *size = 8 + length + data_bytes;
    uint8_t *file = calloc(*size + 1, 1);
    cr_assert_not_null(file);
    memcpy(file, &length, 8);
    memcpy(file + 8, header, *size - 8 - data_bytes);
    return file;
}

/* Parsed from a block of exactly its size, so that the address sanitizer sees a read beyond it. */
static bool parses(const void *bytes, size_t size, DlcaError *error) {
    DlcaSafetensors file;
    void *exact = malloc(size ? size : 1);
    memcpy(exact, bytes, size);
    const bool good = dlca_safetensors_parse(exact, size, "test", &file, error);
    if (good) {
        dlca_safetensors_free(&file);
    } else {
        cr_assert_null(file.tensor);
        cr_assert_eq(error->kind, DLCA_BAD_INPUT);
        cr_assert(strlen(error->message) > 10);
    }
    free(exact);
    return good;
}

static bool header_parses(const char *header, size_t data_bytes, DlcaError *error) {
    size_t size;
    uint8_t *bytes = make_file(header, data_bytes, &size);
    const bool good = parses(bytes, size, error);
    free(bytes);
    return good;
}

static void assert_refused(const char *header, size_t data_bytes, const char *part) {
    DlcaError error = {0};
    cr_assert_not(header_parses(header, data_bytes, &error), "%s", header);
    cr_assert_not_null(strstr(error.message, part), "\"%s\" for %s", error.message, header);
}

static void assert_accepted(const char *header, size_t data_bytes) {
    DlcaError error = {0};
    cr_assert(header_parses(header, data_bytes, &error), "%s: %s", error.message, header);
}

Test(safetensors, a_file_comes_back_to_the_byte) {
    const float floats[6] = {1, -2, 3.5F, 0, 1e-30F, 7};
    const double doubles[2] = {0.1, -1e300};
    const int64_t longs[1] = {-5};
    const int32_t wires[4] = {1, 2, 3, -4};
    const uint8_t ops[3] = {1, 15, 0};
    const DlcaTensor tensors[] = {
        {.name = "d", .dtype = DLCA_F64, .rank = 1, .shape = {2}, .data = doubles},
        {.name = "l", .dtype = DLCA_I64, .rank = 0, .data = longs},
        {.name = "nothing", .dtype = DLCA_F32, .rank = 2, .shape = {0, 5}, .data = NULL},
        {.name = "f \"quoted\" \\ \n \xc3\xa9", .dtype = DLCA_F32, .rank = 2, .shape = {2, 3}, .data = floats},
        {.name = "w", .dtype = DLCA_I32, .rank = 2, .shape = {2, 2}, .data = wires},
        {.name = "o", .dtype = DLCA_U8, .rank = 1, .shape = {3}, .data = ops},
    };
    const DlcaMetadata metadata[] = {{"first", "1"}, {"", ""}, {"tab\t", "\x01\"\\/"}};
    DlcaBytes bytes, again;
    DlcaSafetensors file;
    DlcaError error = {0};
    cr_assert(dlca_safetensors_build(tensors, 6, metadata, 3, &bytes, &error), "%s", error.message);
    cr_assert(dlca_safetensors_parse(bytes.data, bytes.size, "test", &file, &error), "%s", error.message);
    cr_assert_eq(file.tensors, 6);
    cr_assert_eq(file.entries, 3);
    for (int i = 0; i < 6; i++) {
        cr_assert_str_eq(file.tensor[i].name, tensors[i].name);
        cr_assert(dlca_tensor_expect(&file.tensor[i], tensors[i].dtype, tensors[i].rank, tensors[i].shape, "", &error));
        cr_assert_eq(
            (uintptr_t)((const uint8_t *)file.tensor[i].data - bytes.data) % dlca_dtype_bytes(tensors[i].dtype), 0);
    }
    cr_assert_eq(dlca_tensor_value(dlca_safetensors_find(&file, "d"), 1), -1e300);
    cr_assert_eq(dlca_tensor_value(dlca_safetensors_find(&file, "l"), 0), -5);
    cr_assert_eq(dlca_tensor_value(dlca_safetensors_find(&file, tensors[3].name), 2), 3.5);
    cr_assert_eq(dlca_tensor_value(dlca_safetensors_find(&file, "w"), 3), -4);
    cr_assert_eq(dlca_tensor_value(dlca_safetensors_find(&file, "o"), 1), 15);
    cr_assert_null(dlca_safetensors_find(&file, "absent"));
    cr_assert_str_eq(dlca_safetensors_metadata(&file, "tab\t"), "\x01\"\\/");
    cr_assert_null(dlca_safetensors_metadata(&file, "absent"));
    cr_assert(dlca_safetensors_build(file.tensor, 6, file.metadata, 3, &again, &error));
    cr_assert_eq(again.size, bytes.size);
    cr_assert_eq(memcmp(again.data, bytes.data, bytes.size), 0);
    dlca_safetensors_free(&file);
    dlca_bytes_free(&bytes);
    dlca_bytes_free(&again);
}

Test(safetensors, what_the_format_allows_is_read) {
    assert_accepted("{}", 0);
    assert_accepted(" { } \n\t ", 0);
    assert_accepted("{\"__metadata__\":{}}", 0);
    assert_accepted("{\"a\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1]}}", 1);
    assert_accepted("{\"a\":{\"data_offsets\":[0,8],\"shape\":[2,1],\"dtype\":\"F32\"},\"__metadata__\":{\"k\":\"v\"}}",
                    8);
    /* the header's order need not be that of the data */
    assert_accepted("{\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[2,3]},"
                    "\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}",
                    3);
    assert_accepted("{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},"
                    "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},"
                    "\"c\":{\"dtype\":\"U8\",\"shape\":[9,0],\"data_offsets\":[2,2]}}",
                    2);
    assert_accepted("{\"\\u00e9\\ud83d\\ude00\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1);
}

Test(safetensors, sizes_that_lie_are_refused) {
    assert_refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296,4294967296],\"data_offsets\":[0,4]}}", 4,
                   "overflows");
    assert_refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387905],\"data_offsets\":[0,4]}}", 4,
                   "does not fit");
    assert_refused("{\"a\":{\"dtype\":\"F64\",\"shape\":[2305843009213693953],\"data_offsets\":[0,8]}}", 8,
                   "does not fit");
    assert_refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,4]}}", 4, "64 bits");
    assert_refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4, "must be 0 to");
    assert_refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[1.0],\"data_offsets\":[0,4]}}", 4, "whole number");
    assert_refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[1e0],\"data_offsets\":[0,4]}}", 4, "whole number");
    assert_refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[01],\"data_offsets\":[0,4]}}", 4, "whole number");
    assert_refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4, "does not fit");
    assert_refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,5]}}", 5, "does not fit");
    assert_refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 4, "does not fit");
    assert_refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,1]}}", 1, "dimensions");
    assert_refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 3, "must be 0 to 3");
    assert_refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,18446744073709551615]}}", 4,
                   "must be 0 to");
    assert_refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 5, "1 bytes follow");
    assert_refused("{}", 1, "1 bytes follow");
}

Test(safetensors, gaps_and_overlaps_are_refused) {
    static const char form[] = "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},"
                               "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[%d,%d]}}";
    char header[300];
    for (int begin = 0; begin <= 4; begin++) {
        snprintf(header, sizeof header, form, begin, begin + 2);
        if (begin == 2) {
            assert_accepted(header, 4);
        } else {
            assert_refused(header, (size_t)begin + 2, "overlaps another tensor's or leaves a gap");
        }
    }
    assert_refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}}", 3, "leaves a gap");
}

Test(safetensors, keys_must_be_known_and_alone) {
    assert_refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
                   "\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}",
                   2, "twice");
    assert_refused("{\"__metadata__\":{\"k\":\"1\",\"\\u006b\":\"2\"}}", 0, "twice");
    assert_refused("{\"__metadata__\":{},\"__metadata__\":{}}", 0, "twice");
    assert_refused("{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "twice");
    assert_refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"x\":1}}", 1, "a key other than");
    assert_refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1, "is missing");
    assert_refused("{\"a\":{}}", 1, "is missing");
    assert_refused("{\"a\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[0,2]}}", 2, "F16");
    assert_refused("{\"__metadata__\":{\"k\":1}}", 0, "string");
    assert_refused("{\"__metadata__\":[]}", 0, "object");
    assert_refused("{\"a\":[]}", 0, "object");
}

Test(safetensors, text_that_is_not_json_is_refused) {
    static const char *const texts[] = {
        "",
        "{",
        "[]",
        "null",
        "{\"a\"}",
        "{\"a\":}",
        "{a:1}",
        "{,}",
        "{} {",
        "{\"__metadata__\":{}",
        "{\"__metadata__\":{},}",
        "{'a':{}}",
        "{\"__metadata__\":{\"a\":\"b\",}}",
        "{\"__metadata__\":{\"a\":\"b\" \"c\":\"d\"}}",
        "{}\x01",
        "{\"a\\x\":{}}",
        "{\"a\\u12g4\":{}}",
        "{\"a\\u0000\":{}}",
        "{\"a\\ud800\":{}}",
        "{\"a\\udc00\":{}}",
        "{\"a\\ud800\\u0041\":{}}",
        "{\"a\n\":{}}",
        "{\"a\x7f",
        "{\"a\\",
        "{\"\x80\":{}}",
        "{\"\xc0\xaf\":{}}",
        "{\"\xed\xa0\x80\":{}}",
        "{\"\xf4\x90\x80\x80\":{}}",
        "{\"\xe2\x82\":{}}",
        "{\"\xf8\x88\x80\x80\x80\":{}}",
        "\xef\xbb\xbf{}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_refused(texts[i], 0, "at byte");
    }
}

Test(safetensors, deep_nesting_and_huge_headers_are_refused) {
    const size_t length = 900000;
    char *header = malloc(length + 1);
    memset(header, '[', length);
    header[length] = '\0';
    assert_refused(header, 0, "object");
    memcpy(header, "{\"a\":", 5);
    assert_refused(header, 0, "object");
    for (size_t i = 0; i + 5 <= length; i += 5) {
        memcpy(header + i, "{\"a\":", 5);
    }
    assert_refused(header, 0, "a key other than");
    free(header);
    DlcaError error = {0};
    uint8_t *large = calloc(1, (size_t)DLCA_SAFETENSORS_MAX_HEADER + 100);
    const uint64_t announced = DLCA_SAFETENSORS_MAX_HEADER + 1;
    memcpy(large, &announced, 8);
    cr_assert_not(parses(large, (size_t)DLCA_SAFETENSORS_MAX_HEADER + 100, &error));
    free(large);
}

Test(safetensors, announced_lengths_are_checked_against_the_file) {
    static const uint64_t lengths[] = {3, 4, 1000, UINT64_C(1) << 32, UINT64_C(1) << 63, UINT64_MAX, UINT64_MAX - 7};
    uint8_t file[10] = {2, 0, 0, 0, 0, 0, 0, 0, '{', '}'};
    DlcaError error = {0};
    cr_assert(parses(file, sizeof file, &error));
    for (size_t size = 0; size < sizeof file; size++) {
        cr_assert_not(parses(file, size, &error));
    }
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        memcpy(file, &lengths[i], 8);
        cr_assert_not(parses(file, sizeof file, &error));
    }
}

Test(safetensors, many_keys_are_read_in_bounded_time) {
    const int tensors = 15000;
    char *header = malloc((size_t)tensors * 70 + 100);
    size_t used = (size_t)sprintf(header, "{");
    for (int i = 0; i < tensors; i++) {
        used += (size_t)sprintf(header + used, "%s\"%d\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[%d,%d]}",
                                i ? "," : "", i, i, i + 1);
    }
    sprintf(header + used, "}");
    assert_accepted(header, (size_t)tensors);
    free(header);
}

Test(safetensors, shapes_too_large_are_not_written) {
    DlcaBytes bytes;
    DlcaError error = {0};
    const DlcaTensor huge = {.name = "h", .dtype = DLCA_F32, .rank = 2, .shape = {INT64_MAX / 2, 4}, .data = ""};
    const DlcaTensor negative = {.name = "n", .dtype = DLCA_F32, .rank = 1, .shape = {-1}, .data = ""};
    cr_assert_not(dlca_safetensors_build(&huge, 1, NULL, 0, &bytes, &error));
    cr_assert_not(dlca_safetensors_build(&negative, 1, NULL, 0, &bytes, &error));
}

Test(safetensors, every_cut_and_every_flipped_bit_of_a_foreign_file_ends_well) {
    const int32_t wires[4] = {1, 2, 3, 4};
    const DlcaTensor tensors[] = {{.name = "w", .dtype = DLCA_I32, .rank = 2, .shape = {2, 2}, .data = wires},
                                  {.name = "v", .dtype = DLCA_I32, .rank = 1, .shape = {4}, .data = wires}};
    const DlcaMetadata metadata = {"key", "value \xc3\xa9 \\"};
    DlcaBytes bytes;
    DlcaError error = {0};
    cr_assert(dlca_safetensors_build(tensors, 2, &metadata, 1, &bytes, &error));
    for (size_t size = 0; size < bytes.size; size++) {
        cr_assert_not(parses(bytes.data, size, &error), "cut to %zu bytes", size);
    }
    for (size_t at = 0; at < bytes.size; at++) {
        const uint8_t kept = bytes.data[at];
        for (int value = 0; value < 256; value++) {
            bytes.data[at] = (uint8_t)value;
            parses(bytes.data, bytes.size, &error);
        }
        bytes.data[at] = kept;
    }
    dlca_bytes_free(&bytes);
}

Test(safetensors, the_conformance_files_are_read) {
    static const char *const names[] = {"tests/golden/gates.safetensors", "tests/golden/small_border_mid.safetensors"};
    for (size_t i = 0; i < 2; i++) {
        DlcaBytes bytes;
        DlcaSafetensors file;
        DlcaError error = {0};
        cr_assert(dlca_file_read(names[i], 1 << 20, &bytes, &error), "%s", error.message);
        cr_assert(dlca_safetensors_parse(bytes.data, bytes.size, names[i], &file, &error), "%s", error.message);
        cr_assert_str_eq(dlca_safetensors_metadata(&file, "format"), "dlca-conformance-1");
        dlca_safetensors_free(&file);
        dlca_bytes_free(&bytes);
    }
}
