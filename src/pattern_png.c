/* pattern_png.c - pixels to bits; stb_image decodes. Its code is not held to this project's warnings. */
#if defined(__clang__)
#pragma clang diagnostic ignored "-Weverything"
#elif defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#pragma GCC diagnostic ignored "-Wunused-function"
#endif

#include "pattern.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* What one allocation of the decoder may take. A few bytes of a hostile file can announce half a gigabyte. */
static _Thread_local size_t most_bytes;

/* An allocation within that failed. */
static _Thread_local bool lacked_memory;

static void *bounded_realloc(void *memory, size_t size) {
    void *larger = size <= most_bytes ? realloc(memory, size) : NULL;
    lacked_memory = lacked_memory || (!larger && size <= most_bytes);
    return larger;
}

#define STBI_MALLOC(size) bounded_realloc(NULL, size)
#define STBI_REALLOC(memory, size) bounded_realloc(memory, size)
#define STBI_FREE(memory) free(memory)
#define STBI_NO_STDIO
#define STBI_ONLY_PNG
#define STBI_MAX_DIMENSIONS 65536
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#include <stb/stb_image.h>

enum { DECODER_BYTES_PER_PIXEL = 16, DECODER_BYTES = 1 << 20 };

/* As image.h draws cells: three bits are red, green and blue; otherwise dark is all ones, light is none. */
static void bits_of_pixel(const stbi_uc *rgb, int32_t channels, uint8_t *bits) {
    const int dark = rgb[0] + rgb[1] + rgb[2] < 3 * 128;
    for (int32_t i = 0; i < channels; i++) {
        bits[i] = (uint8_t)(channels == 3 ? rgb[i] >= 128 : dark);
    }
}

/* A chunk of picture data of no bytes is legal, nobody writes one, and the decoder copies from a null pointer then. */
static bool has_empty_data(const uint8_t *data, size_t size) {
    enum { SIGNATURE_BYTES = 8, HEAD_BYTES = 8, CHUNK_BYTES = 12 };
    size_t at = SIGNATURE_BYTES;
    while (at + HEAD_BYTES <= size) {
        const size_t length =
            (size_t)data[at] << 24 | (size_t)data[at + 1] << 16 | (size_t)data[at + 2] << 8 | data[at + 3];
        if (length == 0 && memcmp(data + at + 4, "IDAT", 4) == 0) {
            return true;
        }
        if (length > size - at) {
            return false;
        }
        at += CHUNK_BYTES + length;
    }
    return false;
}

bool dlca_pattern_parse_png(const uint8_t *data, size_t size, int32_t channels, const char *name, DlcaPattern *pattern,
                            DlcaError *error) {
    int width, height, components;
    *pattern = (DlcaPattern){0};
    most_bytes = DECODER_BYTES;
    lacked_memory = false;
    if (size > INT_MAX || has_empty_data(data, size) ||
        !stbi_info_from_memory(data, (int)size, &width, &height, &components)) {
        return lacked_memory ? dlca_fail(error, DLCA_FAILED, "%s: no memory to decode it", name)
                             : dlca_fail(error, DLCA_BAD_INPUT, "%s is no PNG picture that can be read", name);
    }
    if (!dlca_pattern_create(pattern, width, height, channels, name, error)) {
        return false;
    }
    most_bytes = (size_t)width * (size_t)height * DECODER_BYTES_PER_PIXEL + DECODER_BYTES;
    stbi_uc *pixels = stbi_load_from_memory(data, (int)size, &width, &height, &components, 3);
    if (!pixels) {
        dlca_pattern_free(pattern);
        if (lacked_memory) {
            return dlca_fail(error, DLCA_FAILED, "%s: no memory to decode it", name);
        }
        return dlca_fail(error, DLCA_BAD_INPUT, "%s is no PNG picture that can be read: %s", name,
                         stbi_failure_reason());
    }
    for (int64_t i = 0; i < (int64_t)width * height; i++) {
        bits_of_pixel(pixels + 3 * i, channels, pattern->bits + i * channels);
    }
    stbi_image_free(pixels);
    return true;
}
