/* stb_read.c - the one place where stb_image is compiled; train/picture_read.c calls it, and tests that read PNG again.
 *
 * stb's code is not held to this project's warnings, and the pragmas silence those that it causes. It shifts signed
 * numbers to the left beyond what the standard defines, as decoders do; the sanitizer is told so, where it can be told.
 * Standard I/O is left out: files are file.c's. */
#if defined(__clang__)
#pragma clang diagnostic ignored "-Weverything"
#pragma clang attribute push(__attribute__((no_sanitize("undefined"))), apply_to = function)
#elif defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#endif

#include "stb_read.h"

#include <stdlib.h>

/* The decoder tries one format after the other, and what it says last need not be why it failed. */
static _Thread_local bool lacked_memory;

static void *note(void *memory) {
    lacked_memory = lacked_memory || !memory;
    return memory;
}

/* Memory of zeros: what a damaged file leaves out must not show what lay there before. */
static void *allocate(size_t size) {
    return note(calloc(1, size));
}

/* Not inlined: gcc would take stb's pointer, which lives on when this fails, for a freed one. */
static __attribute__((noinline)) void *reallocate(void *memory, size_t size) {
    return note(realloc(memory, size));
}

bool dlca_decoder_lacked_memory(void) {
    const bool lacked = lacked_memory;
    lacked_memory = false;
    return lacked;
}

#define STBI_MALLOC(size) allocate(size)
#define STBI_REALLOC(memory, size) reallocate(memory, size)
#define STBI_FREE(memory) free(memory)
#define STBI_NO_STDIO
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_ONLY_BMP
#define STBI_ONLY_GIF
#define STBI_MAX_DIMENSIONS 16384
#define STB_IMAGE_IMPLEMENTATION
#include <stb/stb_image.h>

#if defined(__clang__)
#pragma clang attribute pop
#endif
