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

#include <stdlib.h>

/* Memory of zeros: what a damaged file leaves out must not show what lay there before. */
#define STBI_MALLOC(size) calloc(1, size)
#define STBI_REALLOC(memory, size) realloc(memory, size)
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
