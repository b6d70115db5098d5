/* picture_read.c - decodes image files with stb_image, behind checks of its own. Leaves alone: scaling, colours. */
#include "picture_read.h"

#include "../src/file.h"
#include "../src/stb_read.h"
#include "picture_format.h"

#define STBI_NO_STDIO
#include <stb/stb_image.h>

#define ACCEPTED "accepted: a PNG, JPEG, GIF or BMP picture"

/* stb_image may hand out sizes before it has looked further: both are checked before it decodes. */
static bool check_size(int width, int height, const char *name, DlcaError *error) {
    if (width < 1 || height < 1) {
        return dlca_fail(error, DLCA_BAD_INPUT, "%s: is %dx%d pixels; " ACCEPTED " of at least one", name, width,
                         height);
    }
    if (width > DLCA_READ_MAX_SIDE || height > DLCA_READ_MAX_SIDE || (int64_t)width * height > DLCA_READ_MAX_PIXELS) {
        return dlca_fail(error, DLCA_BAD_INPUT,
                         "%s: is %dx%d pixels; accepted: at most %d a side and %d million in all", name, width, height,
                         (int)DLCA_READ_MAX_SIDE, (int)(DLCA_READ_MAX_PIXELS / 1000000));
    }
    return true;
}

static int32_t little_word(const uint8_t *bytes) {
    uint32_t word = 0;
    for (int i = 3; i >= 0; i--) {
        word = word << 8 | bytes[i];
    }
    return (int32_t)word;
}

/* Sizes that stb_image would refuse without saying them: read where the format keeps them. */
static void declared_size(const uint8_t *bytes, size_t size, DlcaPictureKind kind, int64_t *width, int64_t *height) {
    *width = *height = -1;
    if (kind == DLCA_PICTURE_PNG && size >= 24) {
        *width = (int64_t)bytes[16] << 24 | bytes[17] << 16 | bytes[18] << 8 | bytes[19];
        *height = (int64_t)bytes[20] << 24 | bytes[21] << 16 | bytes[22] << 8 | bytes[23];
    } else if (kind == DLCA_PICTURE_GIF && size >= 10) {
        *width = bytes[6] | bytes[7] << 8;
        *height = bytes[8] | bytes[9] << 8;
    } else if (kind == DLCA_PICTURE_BMP && size >= 26 && bytes[14] >= 40) {
        *width = little_word(bytes + 18);
        *height = little_word(bytes + 22);
        *height = *height < 0 ? -*height : *height;
    }
}

static bool check_declared_size(const uint8_t *bytes, size_t size, DlcaPictureKind kind, const char *name,
                                DlcaError *error) {
    int64_t width, height;
    declared_size(bytes, size, kind, &width, &height);
    if (width == -1) {
        return true; /* a JPEG's is deep inside; stb_image finds it */
    }
    const int64_t most = INT32_MAX;
    return check_size((int)(width < most ? width : most), (int)(height < most ? height : most), name, error);
}

/* What the formats can make of a byte: pixels of one bit deflated 1032 to 1 (PNG), strings of 4095 pixels behind 12
 * bits (GIF), blocks of up to 16 times 8x8 pixels in a bit (JPEG), bits (BMP). */
static int64_t most_pixels(DlcaPictureKind kind, size_t size) {
    static const int64_t pixels_of_a_byte[] = {[DLCA_PICTURE_PNG] = 8 * 1032,
                                               [DLCA_PICTURE_JPEG] = 8 * 16 * 64,
                                               [DLCA_PICTURE_GIF] = 2730,
                                               [DLCA_PICTURE_BMP] = 8};
    return (int64_t)size * pixels_of_a_byte[kind];
}

static bool fail_memory(const char *name, DlcaError *error) {
    return dlca_fail(error, DLCA_FAILED, "%s: no memory to decode it", name);
}

static bool check_file(const uint8_t *bytes, size_t size, const char *name, DlcaError *error) {
    const DlcaPictureFormat format = dlca_picture_format(bytes, size);
    const char *kind = dlca_picture_kind_name(format.kind);
    int width = 0, height = 0, channels;
    if (format.kind == DLCA_PICTURE_UNKNOWN) {
        return dlca_fail(error, DLCA_BAD_INPUT, "%s: is no picture that can be read; " ACCEPTED, name);
    }
    if (!check_declared_size(bytes, size, format.kind, name, error)) {
        return false;
    }
    if (format.animated) {
        return dlca_fail(error, DLCA_BAD_INPUT, "%s: is an animated %s; accepted: a picture that stands still", name,
                         kind);
    }
    if (!format.whole) {
        return dlca_fail(error, DLCA_BAD_INPUT, "%s: is a %s that is cut off or damaged; accepted: a whole one", name,
                         kind);
    }
    if (!stbi_info_from_memory(bytes, (int)size, &width, &height, &channels)) {
        if (dlca_decoder_lacked_memory()) {
            return fail_memory(name, error);
        }
        return dlca_fail(error, DLCA_BAD_INPUT, "%s: is a %s that cannot be read (%s); " ACCEPTED, name, kind,
                         stbi_failure_reason());
    }
    if ((int64_t)width * height > most_pixels(format.kind, size)) {
        return dlca_fail(error, DLCA_BAD_INPUT,
                         "%s: is a %s that is damaged: no %zu bytes hold %dx%d pixels; " ACCEPTED, name, kind, size,
                         width, height);
    }
    return check_size(width, height, name, error);
}

/* Over white, as a page would show it. */
static void lay_over_white(const uint8_t *rgba, DlcaPicture *picture) {
    const size_t pixels = (size_t)picture->width * (size_t)picture->height;
    for (size_t i = 0; i < pixels; i++) {
        const int alpha = rgba[4 * i + 3];
        for (size_t c = 0; c < 3; c++) {
            picture->rgb[3 * i + c] = (uint8_t)((rgba[4 * i + c] * alpha + 255 * (255 - alpha) + 127) / 255);
        }
    }
}

bool dlca_picture_decode(DlcaPicture *picture, const uint8_t *bytes, size_t size, const char *name, DlcaError *error) {
    int width, height, channels;
    *picture = (DlcaPicture){0};
    dlca_decoder_lacked_memory(); /* of earlier pictures */
    if (size > DLCA_READ_MAX_BYTES) {
        return dlca_fail(error, DLCA_BAD_INPUT, "%s: has %zu bytes; accepted: at most %d", name, size,
                         (int)DLCA_READ_MAX_BYTES);
    }
    if (!check_file(bytes, size, name, error)) {
        return false;
    }
    stbi_uc *rgba = stbi_load_from_memory(bytes, (int)size, &width, &height, &channels, 4);
    if (!rgba && dlca_decoder_lacked_memory()) {
        return fail_memory(name, error);
    }
    if (!rgba) {
        return dlca_fail(error, DLCA_BAD_INPUT, "%s: is cut off or damaged (%s); accepted: a whole picture", name,
                         stbi_failure_reason());
    }
    const bool good = check_size(width, height, name, error) && dlca_picture_create(picture, width, height, error);
    if (good) {
        lay_over_white(rgba, picture);
    }
    stbi_image_free(rgba);
    return good;
}

bool dlca_picture_read(DlcaPicture *picture, const char *path, DlcaError *error) {
    DlcaBytes bytes = {0};
    *picture = (DlcaPicture){0};
    if (!dlca_file_read(path, DLCA_READ_MAX_BYTES, &bytes, error)) {
        return false;
    }
    const bool good = dlca_picture_decode(picture, bytes.data, bytes.size, path, error);
    dlca_bytes_free(&bytes);
    return good;
}
