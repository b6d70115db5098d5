/* image_png.c - PNG files, compressed by zlib in memory, written by file.c.
 *
 * Source: W3C PNG, third edition: 8-bit RGB without interlace, every row as its difference to the one above (filter 2),
 * because cells enlarged repeat their rows. */
#include "../gates/text.h"
#include "file.h"
#include "image.h"

#include <stdlib.h>
#include <zlib.h>

enum { FILTER_UP = 2, SAMPLES = 3, DEPTH = 8, COLOUR_RGB = 2, HEADER_BYTES = 13 };

static void put_big(uint8_t bytes[4], uint32_t number) {
    for (int i = 0; i < 4; i++) {
        bytes[i] = (uint8_t)(number >> (24 - 8 * i));
    }
}

/* Length, name, data, checksum of name and data. */
static void add_chunk(DlcaText *file, const char *name, const uint8_t *data, uint32_t size) {
    uint8_t number[4];
    put_big(number, size);
    dlca_text_add_bytes(file, (const char *)number, sizeof number);
    dlca_text_add_bytes(file, name, 4);
    dlca_text_add_bytes(file, (const char *)data, size);
    put_big(number, (uint32_t)crc32(crc32(0, (const Bytef *)name, 4), data, size));
    dlca_text_add_bytes(file, (const char *)number, sizeof number);
}

/* rows [height][1 + 3 * width]: the filter, then the row less the one above. */
static void filter_rows(const DlcaPicture *picture, uint8_t *rows) {
    const size_t stride = SAMPLES * (size_t)picture->width;
    for (size_t y = 0; y < (size_t)picture->height; y++) {
        const uint8_t *row = picture->rgb + y * stride;
        uint8_t *filtered = rows + y * (stride + 1);
        filtered[0] = FILTER_UP;
        for (size_t i = 0; i < stride; i++) {
            filtered[1 + i] = (uint8_t)(row[i] - (y > 0 ? row[i - stride] : 0));
        }
    }
}

/* The zlib stream of the filtered rows, on the heap; NULL where memory runs out. */
static uint8_t *compress_rows(const DlcaPicture *picture, uint32_t *size) {
    const uLong raw = (uLong)picture->height * (1 + SAMPLES * (uLong)picture->width);
    uLongf room = compressBound(raw);
    uint8_t *rows = malloc(raw), *stream = malloc(room);
    bool good = rows && stream;
    if (good) {
        filter_rows(picture, rows);
        good = compress2(stream, &room, rows, raw, Z_DEFAULT_COMPRESSION) == Z_OK;
    }
    free(rows);
    if (!good) {
        free(stream);
        return NULL;
    }
    *size = (uint32_t)room; /* pictures are bounded: image.h */
    return stream;
}

bool dlca_png_write(const char *path, const DlcaPicture *picture, DlcaError *error) {
    DlcaText file = {0};
    uint8_t header[HEADER_BYTES] = {[8] = DEPTH, [9] = COLOUR_RGB};
    uint32_t size = 0;
    uint8_t *stream = compress_rows(picture, &size);
    if (stream) {
        put_big(header, (uint32_t)picture->width);
        put_big(header + 4, (uint32_t)picture->height);
        dlca_text_add_bytes(&file, "\x89PNG\r\n\x1a\n", 8);
        add_chunk(&file, "IHDR", header, sizeof header);
        add_chunk(&file, "IDAT", stream, size);
        add_chunk(&file, "IEND", (const uint8_t *)"", 0);
    }
    const bool built = stream && !file.failed;
    free(stream);
    const bool good = built ? dlca_file_write(path, file.data, file.size, error)
                            : dlca_fail(error, DLCA_FAILED, "%s: no memory to compress a picture of %dx%d pixels", path,
                                        picture->width, picture->height);
    dlca_text_free(&file);
    return good;
}
