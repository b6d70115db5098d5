/* stb_write.c - the one place where stb_image_write is compiled: tests write pictures with it that dlca reads.
 *
 * stb's code is not held to this project's warnings: the switch below silences those that it causes where the compiler
 * does not treat it as a system header (a copy given with -I). Standard I/O is left out: files are file.c's. */
#if defined(__clang__)
#pragma clang diagnostic ignored "-Weverything"
#elif defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#endif

#define STBI_WRITE_NO_STDIO
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb/stb_image_write.h>
