/* picture_target.c - from a picture to the bits of a target. Leaves alone: the model that learns it. */
#include "picture_target.h"

#include "picture_colours.h"
#include "picture_read.h"
#include "picture_scale.h"

#include <stdlib.h>
#include <string.h>

enum { SHOWN_PIXELS = 320 };

/* Frequent colours take codes with few ones: what starts from zeros has less to do. */
static const uint8_t codes[DLCA_PALETTE_CODES] = {0, 1, 2, 4, 3, 5, 6, 7};

static int32_t bits_for(int32_t colours) {
    return colours > 4 ? 3 : colours > 2 ? 2 : 1;
}

static uint8_t code_of(int32_t colour, int32_t scored) {
    return scored < 3 ? (uint8_t)colour : codes[colour];
}

static bool choose_size(DlcaPictureTarget *target, const char *name, int32_t size, DlcaError *error) {
    const int32_t width = target->picture.width, height = target->picture.height;
    const int32_t longer = width > height ? width : height, shorter = width > height ? height : width;
    int32_t side = size;
    if (size == 0) {
        side = longer < DLCA_TARGET_LEAST_SIDE ? DLCA_TARGET_LEAST_SIDE
               : longer < DLCA_TARGET_SIDE     ? longer
                                               : DLCA_TARGET_SIDE;
    }
    const int32_t other = (int32_t)(((int64_t)2 * side * shorter + longer) / (2 * (int64_t)longer));
    if (other < DLCA_TARGET_LEAST_SIDE) {
        return dlca_fail(
            error, DLCA_BAD_INPUT,
            "%s: is %dx%d pixels, with %d cells on its longer side only %d on the other; accepted: at least "
            "%d, see --size",
            name, width, height, side, other, (int)DLCA_TARGET_LEAST_SIDE);
    }
    target->width = width > height ? side : other;
    target->height = width > height ? other : side;
    return true;
}

static bool code_colours(DlcaPictureTarget *target, const DlcaReduced *reduced, DlcaError *error) {
    const size_t cells = (size_t)target->width * (size_t)target->height;
    target->colours = reduced->colours;
    target->scored = bits_for(reduced->colours);
    target->bits = malloc(cells * (size_t)target->scored);
    if (!target->bits) {
        return dlca_fail(error, DLCA_FAILED, "no memory for a target of %zu cells", cells);
    }
    for (size_t i = 0; i < cells * (size_t)target->scored; i++) {
        const size_t cell = i / (size_t)target->scored, bit = i % (size_t)target->scored;
        target->bits[i] = code_of(reduced->colour[cell], target->scored) >> bit & 1;
    }
    memset(target->palette.rgb, 128, sizeof target->palette.rgb);
    target->palette.codes = 1 << target->scored;
    for (int32_t colour = 0; colour < reduced->colours; colour++) {
        memcpy(target->palette.rgb[code_of(colour, target->scored)], reduced->rgb[colour], 3);
    }
    return true;
}

static bool reduce(DlcaPictureTarget *target, const char *name, int32_t colours, DlcaError *error) {
    DlcaPicture scaled = {0};
    DlcaReduced reduced = {0};
    bool good = dlca_picture_scale_to(&scaled, &target->picture, target->width, target->height, error) &&
                dlca_picture_reduce(&reduced, &scaled, colours == 1 ? 2 : colours, error);
    if (good && reduced.colours < 2) {
        good = dlca_fail(error, DLCA_BAD_INPUT,
                         "%s: has one colour only at %dx%d cells; accepted: a picture with at least two", name,
                         target->width, target->height);
    }
    good = good && code_colours(target, &reduced, error);
    dlca_reduced_free(&reduced);
    dlca_picture_free(&scaled);
    return good;
}

bool dlca_picture_target_create(DlcaPictureTarget *target, DlcaPicture *picture, const char *name, int32_t size,
                                int32_t colours, DlcaError *error) {
    *target = (DlcaPictureTarget){.picture = *picture};
    *picture = (DlcaPicture){0};
    if (choose_size(target, name, size, error) && reduce(target, name, colours, error)) {
        return true;
    }
    dlca_picture_target_free(target);
    return false;
}

bool dlca_picture_target_read(DlcaPictureTarget *target, const char *path, int32_t size, int32_t colours,
                              DlcaError *error) {
    DlcaPicture picture = {0};
    *target = (DlcaPictureTarget){0};
    return dlca_picture_read(&picture, path, error) &&
           dlca_picture_target_create(target, &picture, path, size, colours, error);
}

void dlca_picture_target_free(DlcaPictureTarget *target) {
    dlca_picture_free(&target->picture);
    free(target->bits);
    *target = (DlcaPictureTarget){0};
}

bool dlca_picture_target_write(const DlcaPictureTarget *target, const char *path, DlcaError *error) {
    const int32_t scale = dlca_picture_scale(target->height, target->width, SHOWN_PIXELS);
    DlcaPicture left = {0}, right = {0}, both = {0};
    const bool good =
        dlca_picture_scale_to(&left, &target->picture, target->width * scale, target->height * scale, error) &&
        dlca_picture_of_cells_in(&right, target->bits, target->height, target->width, target->scored, scale,
                                 &target->palette, error) &&
        dlca_picture_beside(&both, &left, &right, scale, error) && dlca_png_write(path, &both, error);
    dlca_picture_free(&left);
    dlca_picture_free(&right);
    dlca_picture_free(&both);
    return good;
}
