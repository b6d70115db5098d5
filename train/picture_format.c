/* picture_format.c - walks over the parts of PNG, JPEG, GIF and BMP files. Leaves alone: decoding.
 *
 * Sources: W3C PNG (third edition, APNG's acTL chunk), ITU T.81 Annex B, the GIF89a specification, BITMAPINFOHEADER. */
#include "picture_format.h"

#include <string.h>

typedef struct Walk {
    const uint8_t *bytes;
    size_t size, at;
    bool cut; /* something beyond the end was asked for */
} Walk;

static uint32_t take(Walk *walk) {
    if (walk->at >= walk->size) {
        walk->cut = true;
        return 0;
    }
    return walk->bytes[walk->at++];
}

static void skip(Walk *walk, size_t count) {
    if (count > walk->size - walk->at) {
        walk->cut = true;
        walk->at = walk->size;
        return;
    }
    walk->at += count;
}

static uint32_t take_big(Walk *walk, int count) {
    uint32_t number = 0;
    for (int i = 0; i < count; i++) {
        number = number << 8 | take(walk);
    }
    return number;
}

static uint32_t take_little(Walk *walk, int count) {
    uint32_t number = 0;
    for (int i = 0; i < count; i++) {
        number |= take(walk) << 8 * i;
    }
    return number;
}

/* ---- PNG: chunks of length, name, data, checksum, up to IEND ---- */

static void walk_png(Walk *walk, DlcaPictureFormat *format) {
    skip(walk, 8);
    while (!walk->cut) {
        const uint32_t length = take_big(walk, 4), name = take_big(walk, 4);
        format->animated |= name == 0x6163544c; /* acTL */
        skip(walk, length);
        skip(walk, 4);
        if (name == 0x49454e44) { /* IEND */
            format->whole = !walk->cut;
            return;
        }
    }
}

/* ---- JPEG: marked segments up to EOI; behind SOS come coded bytes, in which 0xff is followed by 0 or RST ---- */

static void skip_coded(Walk *walk) {
    while (!walk->cut) {
        if (take(walk) != 0xff || walk->cut) {
            continue;
        }
        const uint8_t next = walk->at < walk->size ? walk->bytes[walk->at] : 0;
        if (next != 0 && next != 0xff && !(next >= 0xd0 && next <= 0xd7)) {
            walk->at--; /* a marker: it begins with this 0xff */
            return;
        }
    }
}

static void walk_jpeg(Walk *walk, DlcaPictureFormat *format) {
    skip(walk, 2);
    while (!walk->cut) {
        uint32_t marker = take(walk);
        while (marker == 0xff && !walk->cut) {
            marker = take(walk);
        }
        if (marker == 0xd9) {
            format->whole = !walk->cut;
            return;
        }
        if (marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
            continue; /* stands alone */
        }
        const uint32_t length = take_big(walk, 2);
        skip(walk, length > 2 ? length - 2 : 0);
        if (marker == 0xda) {
            skip_coded(walk);
        }
    }
}

/* ---- GIF: blocks up to the trailer; a picture is block 0x2c ---- */

static void skip_sub_blocks(Walk *walk) {
    for (uint32_t length = take(walk); length > 0 && !walk->cut; length = take(walk)) {
        skip(walk, length);
    }
}

static void skip_colour_table(Walk *walk, uint32_t flags) {
    skip(walk, flags & 0x80 ? (size_t)3 << ((flags & 7) + 1) : 0);
}

static void walk_gif(Walk *walk, DlcaPictureFormat *format) {
    int pictures = 0;
    skip(walk, 10);
    const uint32_t flags = take(walk);
    skip(walk, 2);
    skip_colour_table(walk, flags);
    while (!walk->cut) {
        const uint32_t block = take(walk);
        if (block == 0x3b) {
            format->whole = !walk->cut && pictures > 0;
            return;
        }
        if (block == 0x2c) {
            pictures++;
            format->animated |= pictures > 1;
            skip(walk, 8);
            skip_colour_table(walk, take(walk));
        } else if (block != 0x21) {
            return; /* no block of this format */
        }
        skip(walk, 1); /* the picture's code size, or the extension's label */
        skip_sub_blocks(walk);
    }
}

/* ---- BMP: header, then rows of whole 32-bit words; compressed ones are not read at all ---- */

static void walk_bmp(Walk *walk, DlcaPictureFormat *format) {
    skip(walk, 10);
    const uint64_t offset = take_little(walk, 4);
    const uint32_t header = take_little(walk, 4);
    const bool old = header == 12; /* OS/2: 16-bit sizes */
    const uint64_t width = take_little(walk, old ? 2 : 4);
    const int64_t signed_height = old ? (int64_t)take_little(walk, 2) : (int32_t)take_little(walk, 4);
    const uint64_t height = (uint64_t)(signed_height < 0 ? -signed_height : signed_height);
    skip(walk, 2);
    const uint64_t bits = take_little(walk, 2);
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
    static void (*const walks[])(Walk *, DlcaPictureFormat *) = {[DLCA_PICTURE_PNG] = walk_png,
                                                                 [DLCA_PICTURE_JPEG] = walk_jpeg,
                                                                 [DLCA_PICTURE_GIF] = walk_gif,
                                                                 [DLCA_PICTURE_BMP] = walk_bmp};
    DlcaPictureFormat format = {.kind = kind_of(bytes, size)};
    Walk walk = {.bytes = bytes, .size = size};
    if (format.kind != DLCA_PICTURE_UNKNOWN) {
        walks[format.kind](&walk, &format);
    }
    return format;
}

const char *dlca_picture_kind_name(DlcaPictureKind kind) {
    static const char *const names[] = {"unknown", "PNG", "JPEG", "GIF", "BMP"};
    return names[kind];
}
