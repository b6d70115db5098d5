/* picture_format.c - walks over the parts of PNG, GIF and BMP files; JPEG is picture_jpeg.c. Leaves alone: decoding.
 *
 * Sources: W3C PNG (third edition, APNG's acTL chunk), the GIF89a specification, BITMAPINFOHEADER. */
#include "picture_format.h"

#include "picture_jpeg.h"
#include "picture_walk.h"

#include <string.h>

/* ---- PNG: chunks of length, name, data, checksum, up to IEND ---- */

static void walk_png(DlcaWalk *walk, DlcaPictureFormat *format) {
    dlca_walk_skip(walk, 8);
    while (!walk->cut) {
        const uint32_t length = dlca_walk_take_big(walk, 4), name = dlca_walk_take_big(walk, 4);
        format->animated |= name == 0x6163544c; /* acTL */
        dlca_walk_skip(walk, length);
        dlca_walk_skip(walk, 4);
        if (name == 0x49454e44) { /* IEND */
            format->whole = !walk->cut;
            return;
        }
    }
}

static void walk_jpeg(DlcaWalk *walk, DlcaPictureFormat *format) {
    format->whole = dlca_jpeg_is_sound(walk->bytes, walk->size);
}

/* ---- GIF: blocks up to the trailer; a picture is block 0x2c ---- */

static void skip_sub_blocks(DlcaWalk *walk) {
    for (uint32_t length = dlca_walk_take(walk); length > 0 && !walk->cut; length = dlca_walk_take(walk)) {
        dlca_walk_skip(walk, length);
    }
}

static void skip_colour_table(DlcaWalk *walk, uint32_t flags) {
    dlca_walk_skip(walk, flags & 0x80 ? (size_t)3 << ((flags & 7) + 1) : 0);
}

static void walk_gif(DlcaWalk *walk, DlcaPictureFormat *format) {
    int pictures = 0;
    dlca_walk_skip(walk, 10);
    const uint32_t flags = dlca_walk_take(walk);
    dlca_walk_skip(walk, 2);
    skip_colour_table(walk, flags);
    while (!walk->cut) {
        const uint32_t block = dlca_walk_take(walk);
        if (block == 0x3b) {
            format->whole = !walk->cut && pictures > 0;
            return;
        }
        if (block == 0x2c) {
            pictures++;
            format->animated |= pictures > 1;
            dlca_walk_skip(walk, 8);
            skip_colour_table(walk, dlca_walk_take(walk));
        } else if (block != 0x21) {
            return; /* no block of this format */
        }
        dlca_walk_skip(walk, 1); /* the picture's code size, or the extension's label */
        skip_sub_blocks(walk);
    }
}

/* ---- BMP: header, then rows of whole 32-bit words; compressed ones are not read at all ---- */

static void walk_bmp(DlcaWalk *walk, DlcaPictureFormat *format) {
    dlca_walk_skip(walk, 10);
    const uint64_t offset = dlca_walk_take_little(walk, 4);
    const uint32_t header = dlca_walk_take_little(walk, 4);
    const bool old = header == 12; /* OS/2: 16-bit sizes */
    const uint64_t width = dlca_walk_take_little(walk, old ? 2 : 4);
    const int64_t signed_height =
        old ? (int64_t)dlca_walk_take_little(walk, 2) : (int32_t)dlca_walk_take_little(walk, 4);
    const uint64_t height = (uint64_t)(signed_height < 0 ? -signed_height : signed_height);
    dlca_walk_skip(walk, 2);
    const uint64_t bits = dlca_walk_take_little(walk, 2);
    if (walk->cut || width > 0x7fffffff || bits > 32) {
        return;
    }
    const uint64_t row = (width * bits + 31) / 32 * 4;
    format->whole = offset <= walk->size && (row == 0 || height <= (walk->size - offset) / row);
}

/* ---- all ---- */

static bool begins(const uint8_t *bytes, size_t size, const char *with, size_t length) {
    return size >= length && memcmp(bytes, with, length) == 0;
}

static DlcaPictureKind kind_of(const uint8_t *bytes, size_t size) {
    if (begins(bytes, size, "\x89PNG\r\n\x1a\n", 8)) {
        return DLCA_PICTURE_PNG;
    }
    if (begins(bytes, size, "\xff\xd8\xff", 3)) {
        return DLCA_PICTURE_JPEG;
    }
    if (begins(bytes, size, "GIF87a", 6) || begins(bytes, size, "GIF89a", 6)) {
        return DLCA_PICTURE_GIF;
    }
    return begins(bytes, size, "BM", 2) ? DLCA_PICTURE_BMP : DLCA_PICTURE_UNKNOWN;
}

DlcaPictureFormat dlca_picture_format(const uint8_t *bytes, size_t size) {
    static void (*const walks[])(DlcaWalk *, DlcaPictureFormat *) = {[DLCA_PICTURE_PNG] = walk_png,
                                                                     [DLCA_PICTURE_JPEG] = walk_jpeg,
                                                                     [DLCA_PICTURE_GIF] = walk_gif,
                                                                     [DLCA_PICTURE_BMP] = walk_bmp};
    DlcaPictureFormat format = {.kind = kind_of(bytes, size)};
    DlcaWalk walk = {.bytes = bytes, .size = size};
    if (format.kind != DLCA_PICTURE_UNKNOWN) {
        walks[format.kind](&walk, &format);
    }
    return format;
}

const char *dlca_picture_kind_name(DlcaPictureKind kind) {
    static const char *const names[] = {"unknown", "PNG", "JPEG", "GIF", "BMP"};
    return names[kind];
}
