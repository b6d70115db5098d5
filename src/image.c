/* image.c - pictures: memory, drawing cells, placing two beside each other. */
#include "image.h"

#include <stdlib.h>
#include <string.h>

typedef struct Colour {
    uint8_t red, green, blue;
} Colour;

static const Colour paper = {246, 243, 236};
static const Colour ink = {27, 29, 38};
static const Colour gap_colour = {200, 200, 200};

bool dlca_picture_create(DlcaPicture *picture, int32_t width, int32_t height, DlcaError *error) {
    *picture = (DlcaPicture){0};
    if (width < 1 || height < 1 || width > DLCA_PICTURE_MAX_SIDE || height > DLCA_PICTURE_MAX_SIDE ||
        (int64_t)width * height > DLCA_PICTURE_MAX_PIXELS) {
        return dlca_fail(error, DLCA_BAD_INPUT,
                         "a picture of %dx%d pixels: sides must be 1 to %d, and at most %d pixels in all", width,
                         height, (int)DLCA_PICTURE_MAX_SIDE, (int)DLCA_PICTURE_MAX_PIXELS);
    }
    picture->rgb = calloc((size_t)width * (size_t)height, 3);
    if (!picture->rgb) {
        return dlca_fail(error, DLCA_FAILED, "no memory for a picture of %dx%d pixels", width, height);
    }
    picture->width = width;
    picture->height = height;
    return true;
}

void dlca_picture_free(DlcaPicture *picture) {
    free(picture->rgb);
    *picture = (DlcaPicture){0};
}

int32_t dlca_picture_scale(int32_t height, int32_t width, int32_t pixels) {
    const int32_t longer = height > width ? height : width;
    return longer > 0 && pixels > longer ? pixels / longer : 1;
}

/* Between paper (0 of `of`) and ink (all). */
static uint8_t blend(uint8_t from, uint8_t to, int32_t part, int32_t of) {
    return (uint8_t)((from * (of - part) + to * part) / of);
}

static Colour colour_of_cell(const uint8_t *bits, int32_t scored) {
    if (scored == 3) {
        return (Colour){bits[0] ? 255 : 0, bits[1] ? 255 : 0, bits[2] ? 255 : 0};
    }
    int32_t ones = 0;
    for (int32_t i = 0; i < scored; i++) {
        ones += bits[i] != 0;
    }
    return (Colour){blend(paper.red, ink.red, ones, scored), blend(paper.green, ink.green, ones, scored),
                    blend(paper.blue, ink.blue, ones, scored)};
}

static Colour colour_in(const DlcaPalette *palette, const uint8_t *bits, int32_t scored) {
    int32_t code = 0;
    if (!palette || palette->codes == 0 || scored > DLCA_PALETTE_BITS) {
        return colour_of_cell(bits, scored);
    }
    for (int32_t i = 0; i < scored; i++) {
        code |= (bits[i] != 0) << i;
    }
    return (Colour){palette->rgb[code][0], palette->rgb[code][1], palette->rgb[code][2]};
}

void dlca_cell_colour(const uint8_t *bits, int32_t scored, const DlcaPalette *palette, uint8_t rgb[3]) {
    const Colour colour = colour_in(palette, bits, scored);
    rgb[0] = colour.red;
    rgb[1] = colour.green;
    rgb[2] = colour.blue;
}

static void fill_row(uint8_t *row, int32_t pixels, Colour colour) {
    for (int32_t x = 0; x < pixels; x++) {
        row[3 * x] = colour.red;
        row[3 * x + 1] = colour.green;
        row[3 * x + 2] = colour.blue;
    }
}

bool dlca_picture_of_cells(DlcaPicture *picture, const uint8_t *bits, int32_t height, int32_t width, int32_t scored,
                           int32_t scale, DlcaError *error) {
    return dlca_picture_of_cells_in(picture, bits, height, width, scored, scale, NULL, error);
}

bool dlca_picture_of_cells_in(DlcaPicture *picture, const uint8_t *bits, int32_t height, int32_t width, int32_t scored,
                              int32_t scale, const DlcaPalette *palette, DlcaError *error) {
    *picture = (DlcaPicture){0};
    if (height < 1 || width < 1 || scored < 1 || scale < 1 || scale > DLCA_PICTURE_MAX_SIDE / height ||
        scale > DLCA_PICTURE_MAX_SIDE / width) {
        return dlca_fail(error, DLCA_BAD_INPUT,
                         "a picture of %dx%d cells, %d pixels each: sides must be 1 to %d pixels", width, height, scale,
                         (int)DLCA_PICTURE_MAX_SIDE);
    }
    if (!dlca_picture_create(picture, width * scale, height * scale, error)) {
        return false;
    }
    const size_t row_bytes = 3 * (size_t)picture->width;
    for (int32_t y = 0; y < height; y++) {
        uint8_t *first = picture->rgb + (size_t)y * (size_t)scale * row_bytes;
        for (int32_t x = 0; x < width; x++) {
            const uint8_t *cell = bits + ((size_t)y * (size_t)width + (size_t)x) * (size_t)scored;
            fill_row(first + 3 * (size_t)x * (size_t)scale, scale, colour_in(palette, cell, scored));
        }
        for (int32_t copy = 1; copy < scale; copy++) {
            memcpy(first + (size_t)copy * row_bytes, first, row_bytes);
        }
    }
    return true;
}

static void paste(DlcaPicture *onto, const DlcaPicture *from, int32_t x) {
    for (int32_t y = 0; y < from->height; y++) {
        memcpy(onto->rgb + 3 * ((size_t)y * (size_t)onto->width + (size_t)x),
               from->rgb + 3 * (size_t)y * (size_t)from->width, 3 * (size_t)from->width);
    }
}

bool dlca_picture_beside(DlcaPicture *picture, const DlcaPicture *left, const DlcaPicture *right, int32_t gap,
                         DlcaError *error) {
    const int32_t height = left->height > right->height ? left->height : right->height;
    *picture = (DlcaPicture){0};
    if (gap < 0 || gap > DLCA_PICTURE_MAX_SIDE) {
        return dlca_fail(error, DLCA_BAD_INPUT, "a gap of %d pixels between pictures: it must be 0 to %d", gap,
                         (int)DLCA_PICTURE_MAX_SIDE);
    }
    if (!dlca_picture_create(picture, left->width + gap + right->width, height, error)) {
        return false;
    }
    for (int32_t y = 0; y < height; y++) {
        fill_row(picture->rgb + 3 * (size_t)y * (size_t)picture->width, picture->width, gap_colour);
    }
    paste(picture, left, 0);
    paste(picture, right, left->width + gap);
    return true;
}
