/* image_gif.c - GIF animations through giflib: each frame with its own colour table, compressed into memory. */
#include "image.h"

#include "../gates/text.h"
#include "file.h"

#include <gif_lib.h>
#include <stdlib.h>
#include <string.h>

enum { DEEPEST_COLOUR_BITS = 8, APPLICATION_NAME_BYTES = 11, LEAST_DELAY_MS = 10, LONGEST_DELAY_MS = 655350 };

struct DlcaGif {
    GifFileType *file; /* NULL once it is closed */
    int32_t width, height;
    int32_t frames;
    bool broken;         /* giflib failed half way: the bytes are of no use */
    DlcaText bytes;      /* the file so far */
    GifPixelType *pixel; /* [height][width] colour numbers of the frame at hand */
    GifColorType colour[DLCA_GIF_MAX_COLOURS];
};

static int collect(GifFileType *file, const GifByteType *data, int size) {
    DlcaGif *gif = file->UserData;
    dlca_text_add_bytes(&gif->bytes, (const char *)data, (size_t)size);
    return gif->bytes.failed ? 0 : size;
}

static bool fail_gif(DlcaGif *gif, int code, DlcaError *error) {
    const char *reason = GifErrorString(code);
    gif->broken = true;
    return dlca_fail(error, DLCA_FAILED, "the animation cannot be compressed: %s", reason ? reason : "unknown reason");
}

/* The header, and the extension (of Netscape's) that makes viewers repeat: 0 times means forever. */
static bool begin(DlcaGif *gif, DlcaError *error) {
    int code = 0;
    gif->file = EGifOpen(gif, collect, &code);
    if (!gif->file) {
        return fail_gif(gif, code, error);
    }
    EGifSetGifVersion(gif->file, true);
    static const GifByteType repeat_forever[3] = {1, 0, 0};
    const bool good = EGifPutScreenDesc(gif->file, gif->width, gif->height, DEEPEST_COLOUR_BITS, 0, NULL) == GIF_OK &&
                      EGifPutExtensionLeader(gif->file, APPLICATION_EXT_FUNC_CODE) == GIF_OK &&
                      EGifPutExtensionBlock(gif->file, APPLICATION_NAME_BYTES, "NETSCAPE2.0") == GIF_OK &&
                      EGifPutExtensionBlock(gif->file, sizeof repeat_forever, repeat_forever) == GIF_OK &&
                      EGifPutExtensionTrailer(gif->file) == GIF_OK;
    return good || fail_gif(gif, gif->file->Error, error);
}

DlcaGif *dlca_gif_create(int32_t width, int32_t height, DlcaError *error) {
    if (width < 1 || height < 1 || width > DLCA_PICTURE_MAX_SIDE || height > DLCA_PICTURE_MAX_SIDE) {
        dlca_fail(error, DLCA_BAD_INPUT, "an animation of %dx%d pixels: sides must be 1 to %d", width, height,
                  (int)DLCA_PICTURE_MAX_SIDE);
        return NULL;
    }
    DlcaGif *gif = calloc(1, sizeof *gif);
    GifPixelType *pixel = malloc((size_t)width * (size_t)height * sizeof *pixel);
    if (!gif || !pixel) {
        free(gif);
        free(pixel);
        dlca_fail(error, DLCA_FAILED, "no memory for an animation of %dx%d pixels", width, height);
        return NULL;
    }
    gif->width = width;
    gif->height = height;
    gif->pixel = pixel;
    if (!begin(gif, error)) {
        dlca_gif_free(gif);
        return NULL;
    }
    return gif;
}

static bool same_colour(GifColorType colour, const uint8_t *rgb) {
    return colour.Red == rgb[0] && colour.Green == rgb[1] && colour.Blue == rgb[2];
}

/* Numbers the picture's colours in the order in which they appear; returns how many, -1 when more than fit. */
static int32_t number_colours(DlcaGif *gif, const DlcaPicture *picture) {
    const size_t pixels = (size_t)picture->width * (size_t)picture->height;
    int32_t colours = 0, last = 0;
    for (size_t i = 0; i < pixels; i++) {
        const uint8_t *rgb = picture->rgb + 3 * i;
        /* Neighbours mostly have the same colour. */
        if (last >= colours || !same_colour(gif->colour[last], rgb)) {
            last = 0;
            while (last < colours && !same_colour(gif->colour[last], rgb)) {
                last++;
            }
        }
        if (last == colours) {
            if (colours == DLCA_GIF_MAX_COLOURS) {
                return -1;
            }
            gif->colour[colours++] = (GifColorType){rgb[0], rgb[1], rgb[2]};
        }
        gif->pixel[i] = (GifPixelType)last;
    }
    return colours;
}

/* A table of the next power of two, at least 2; what is beyond `colours` is black. */
static ColorMapObject *make_table(DlcaGif *gif, int32_t colours) {
    int32_t size = 2;
    while (size < colours) {
        size *= 2;
    }
    memset(gif->colour + colours, 0, (size_t)(DLCA_GIF_MAX_COLOURS - colours) * sizeof gif->colour[0]);
    return GifMakeMapObject(size, gif->colour);
}

static bool put_frame(DlcaGif *gif, ColorMapObject *table, int32_t delay_ms) {
    const GraphicsControlBlock control = {.DisposalMode = DISPOSE_DO_NOT,
                                          .UserInputFlag = false,
                                          .DelayTime = (delay_ms + 5) / 10,
                                          .TransparentColor = NO_TRANSPARENT_COLOR};
    GifByteType extension[4];
    const size_t size = EGifGCBToExtension(&control, extension);
    if (EGifPutExtension(gif->file, GRAPHICS_EXT_FUNC_CODE, (int)size, extension) != GIF_OK ||
        EGifPutImageDesc(gif->file, 0, 0, gif->width, gif->height, false, table) != GIF_OK) {
        return false;
    }
    for (int32_t y = 0; y < gif->height; y++) {
        if (EGifPutLine(gif->file, gif->pixel + (size_t)y * (size_t)gif->width, gif->width) != GIF_OK) {
            return false;
        }
    }
    return true;
}

bool dlca_gif_add(DlcaGif *gif, const DlcaPicture *picture, int32_t delay_ms, DlcaError *error) {
    if (gif->broken || !gif->file) {
        return dlca_fail(error, DLCA_FAILED, "the animation is closed");
    }
    if (picture->width != gif->width || picture->height != gif->height) {
        return dlca_fail(error, DLCA_BAD_INPUT, "a frame of %dx%d pixels in an animation of %dx%d", picture->width,
                         picture->height, gif->width, gif->height);
    }
    if (delay_ms < LEAST_DELAY_MS || delay_ms > LONGEST_DELAY_MS) {
        return dlca_fail(error, DLCA_BAD_INPUT, "a frame shown for %d ms: it must be %d to %d ms", delay_ms,
                         (int)LEAST_DELAY_MS, (int)LONGEST_DELAY_MS);
    }
    const int32_t colours = number_colours(gif, picture);
    if (colours < 0) {
        return dlca_fail(error, DLCA_BAD_INPUT, "a frame has more than %d colours", (int)DLCA_GIF_MAX_COLOURS);
    }
    ColorMapObject *table = make_table(gif, colours);
    if (!table) {
        return fail_gif(gif, E_GIF_ERR_NOT_ENOUGH_MEM, error);
    }
    const bool good = put_frame(gif, table, delay_ms);
    GifFreeMapObject(table);
    gif->frames += good;
    return good || fail_gif(gif, gif->file->Error, error);
}

/* Writes the trailer and lets go of giflib's part. */
static bool close_file(DlcaGif *gif, DlcaError *error) {
    int code = 0;
    GifFileType *file = gif->file;
    gif->file = NULL;
    return EGifCloseFile(file, &code) == GIF_OK || fail_gif(gif, code, error);
}

bool dlca_gif_write(DlcaGif *gif, const char *path, DlcaError *error) {
    if (gif->frames == 0) {
        return dlca_fail(error, DLCA_BAD_INPUT, "%s: an animation needs at least one frame", path);
    }
    if (gif->broken || (gif->file && !close_file(gif, error))) {
        return dlca_fail(error, DLCA_FAILED, "%s: the animation cannot be compressed", path);
    }
    return dlca_file_write(path, gif->bytes.data, gif->bytes.size, error);
}

void dlca_gif_free(DlcaGif *gif) {
    if (!gif) {
        return;
    }
    if (gif->file) {
        close_file(gif, NULL);
    }
    dlca_text_free(&gif->bytes);
    free(gif->pixel);
    free(gif);
}
