/* test_image.c - pictures of cells, and PNG and GIF files read again by stb_image and giflib. */
#include "../src/image.h"

#include "scratch.h"

#include <criterion/criterion.h>
#include <gif_lib.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* Compiled in stb_read.c. */
#define STBI_NO_STDIO
#define STBI_ONLY_PNG
#include <stb/stb_image.h>

static const uint8_t *pixel(const DlcaPicture *picture, int32_t x, int32_t y) {
    return picture->rgb + 3 * (y * picture->width + x);
}

static bool is_colour(const uint8_t *rgb, int red, int green, int blue) {
    return rgb[0] == red && rgb[1] == green && rgb[2] == blue;
}

/* Three channels, all 8 colours in a row of cells. */
static void eight_colours(DlcaPicture *picture, int32_t scale) {
    uint8_t bits[8 * 3];
    for (int i = 0; i < 8 * 3; i++) {
        bits[i] = (uint8_t)(i / 3 >> (i % 3) & 1);
    }
    cr_assert(dlca_picture_of_cells(picture, bits, 2, 4, 3, scale, NULL));
}

Test(image, cells_become_squares_of_their_colour) {
    DlcaPicture picture;
    eight_colours(&picture, 5);
    cr_assert(picture.width == 20 && picture.height == 10);
    for (int32_t y = 0; y < 10; y++) {
        for (int32_t x = 0; x < 20; x++) {
            const int cell = y / 5 * 4 + x / 5;
            cr_assert(is_colour(pixel(&picture, x, y), cell & 1 ? 255 : 0, cell & 2 ? 255 : 0, cell & 4 ? 255 : 0));
        }
    }
    dlca_picture_free(&picture);
}

Test(image, ones_are_darker_than_zeros) {
    static const uint8_t bits[] = {0, 0, 0, 0, 1, 0, 1, 0, 1, 1, 1, 1};
    DlcaPicture picture;
    cr_assert(dlca_picture_of_cells(&picture, bits, 1, 3, 4, 1, NULL));
    cr_assert_gt(pixel(&picture, 0, 0)[1], pixel(&picture, 1, 0)[1]);
    cr_assert_gt(pixel(&picture, 1, 0)[1], pixel(&picture, 2, 0)[1]);
    dlca_picture_free(&picture);
    cr_assert(dlca_picture_of_cells(&picture, bits + 3, 1, 2, 1, 1, NULL));
    cr_assert_gt(pixel(&picture, 0, 0)[0], 200);
    cr_assert_lt(pixel(&picture, 1, 0)[0], 60);
    dlca_picture_free(&picture);
}

Test(image, pictures_stand_beside_each_other) {
    static const uint8_t bits[4] = {1, 1, 1, 1};
    DlcaPicture left, right, both;
    cr_assert(dlca_picture_of_cells(&left, bits, 1, 2, 1, 2, NULL));
    cr_assert(dlca_picture_of_cells(&right, bits, 2, 1, 1, 3, NULL));
    cr_assert(dlca_picture_beside(&both, &left, &right, 4, NULL));
    cr_assert(both.width == 4 + 4 + 3 && both.height == 6);
    cr_assert_eq(memcmp(pixel(&both, 3, 1), pixel(&left, 0, 0), 3), 0);
    cr_assert(is_colour(pixel(&both, 3, 2), 200, 200, 200));
    cr_assert(is_colour(pixel(&both, 7, 5), 200, 200, 200));
    cr_assert_eq(memcmp(pixel(&both, 8, 5), pixel(&left, 0, 0), 3), 0);
    dlca_picture_free(&left);
    dlca_picture_free(&right);
    dlca_picture_free(&both);
}

Test(image, bad_sizes_are_refused) {
    static const uint8_t bits[1] = {0};
    DlcaPicture picture;
    DlcaError error = {0};
    cr_assert_not(dlca_picture_create(&picture, 0, 1, &error));
    cr_assert_eq(error.kind, DLCA_BAD_INPUT);
    cr_assert_not(dlca_picture_create(&picture, DLCA_PICTURE_MAX_SIDE, DLCA_PICTURE_MAX_SIDE, &error));
    cr_assert_not(dlca_picture_of_cells(&picture, bits, 1, 1, 1, DLCA_PICTURE_MAX_SIDE + 1, &error));
    cr_assert_not(dlca_picture_of_cells(&picture, bits, 1, 1, 1, 0, &error));
    cr_assert_not(dlca_picture_of_cells(&picture, bits, 1, 1, 0, 1, &error));
    cr_assert_null(picture.rgb);
    cr_assert_eq(dlca_picture_scale(16, 16, 256), 16);
    cr_assert_eq(dlca_picture_scale(16, 20, 256), 12);
    cr_assert_eq(dlca_picture_scale(1000, 16, 256), 1);
}

static uint32_t big_number(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* The decoder does not look at the checksums of chunks; other programs do. */
static void assert_checksums(const uint8_t *png, size_t size) {
    size_t at = 8;
    int chunks = 0;
    for (; at + 12 <= size; chunks++) {
        const uint32_t length = big_number(png + at);
        cr_assert_leq(length, size - at - 12);
        cr_assert_eq(crc32(0, png + at + 4, length + 4), big_number(png + at + 8 + length), "chunk %d", chunks);
        at += 12 + length;
    }
    cr_assert_eq(at, size);
    cr_assert_eq(chunks, 3);
}

Test(image, png_files_hold_the_picture) {
    Scratch scratch = scratch_create();
    const char *path = scratch_path(&scratch, "picture.png");
    DlcaPicture picture;
    DlcaError error = {0};
    eight_colours(&picture, 37);
    cr_assert(dlca_png_write(path, &picture, &error), "%s", error.message);
    size_t size, again_size;
    int width, height, channels;
    uint8_t *file = scratch_read(path, &size);
    cr_assert(dlca_png_write(path, &picture, &error));
    uint8_t *again = scratch_read(path, &again_size);
    cr_assert(size == again_size && memcmp(file, again, size) == 0);
    assert_checksums(file, size);
    stbi_uc *pixels = stbi_load_from_memory(file, (int)size, &width, &height, &channels, 3);
    cr_assert_not_null(pixels);
    cr_assert(width == picture.width && height == picture.height && channels == 3);
    cr_assert_eq(memcmp(pixels, picture.rgb, (size_t)width * (size_t)height * 3), 0);
    cr_assert_not(dlca_png_write("/nowhere/at/all.png", &picture, &error));
    cr_assert_eq(error.kind, DLCA_FAILED);
    stbi_image_free(pixels);
    free(file);
    free(again);
    dlca_picture_free(&picture);
    scratch_remove(&scratch);
}

/* Every pixel of a decoded frame, through its colour table, against the picture. */
static void assert_frame(const SavedImage *frame, const DlcaPicture *picture) {
    const ColorMapObject *table = frame->ImageDesc.ColorMap;
    cr_assert_not_null(table);
    cr_assert(frame->ImageDesc.Width == picture->width && frame->ImageDesc.Height == picture->height);
    for (int32_t i = 0; i < picture->width * picture->height; i++) {
        cr_assert_lt(frame->RasterBits[i], table->ColorCount);
        const GifColorType colour = table->Colors[frame->RasterBits[i]];
        cr_assert(is_colour(picture->rgb + 3 * i, colour.Red, colour.Green, colour.Blue));
    }
}

static void assert_loops_forever(const GifFileType *file) {
    const SavedImage *first = &file->SavedImages[0];
    cr_assert_geq(first->ExtensionBlockCount, 2);
    const ExtensionBlock *name = &first->ExtensionBlocks[0], *count = &first->ExtensionBlocks[1];
    cr_assert_eq(name->Function, APPLICATION_EXT_FUNC_CODE);
    cr_assert_eq(memcmp(name->Bytes, "NETSCAPE2.0", 11), 0);
    cr_assert(count->ByteCount == 3 && memcmp(count->Bytes, "\1\0\0", 3) == 0);
}

Test(image, gif_files_hold_the_frames) {
    Scratch scratch = scratch_create();
    const char *path = scratch_path(&scratch, "rollout.gif");
    DlcaPicture colours, plain;
    DlcaError error = {0};
    int code = 0;
    eight_colours(&colours, 9);
    cr_assert(dlca_picture_create(&plain, colours.width, colours.height, &error));
    DlcaGif *gif = dlca_gif_create(colours.width, colours.height, &error);
    cr_assert_not_null(gif, "%s", error.message);
    cr_assert_not(dlca_gif_write(gif, path, &error));
    cr_assert(dlca_gif_add(gif, &colours, 100, &error), "%s", error.message);
    cr_assert(dlca_gif_add(gif, &plain, 1234, &error), "%s", error.message);
    cr_assert(dlca_gif_write(gif, path, &error), "%s", error.message);
    cr_assert_not(dlca_gif_add(gif, &plain, 100, &error));
    dlca_gif_free(gif);

    GifFileType *file = DGifOpenFileName(path, &code);
    cr_assert_not_null(file);
    cr_assert_eq(DGifSlurp(file), GIF_OK);
    cr_assert_eq(file->ImageCount, 2);
    cr_assert(file->SWidth == colours.width && file->SHeight == colours.height);
    assert_frame(&file->SavedImages[0], &colours);
    assert_frame(&file->SavedImages[1], &plain);
    assert_loops_forever(file);
    GraphicsControlBlock control;
    cr_assert_eq(DGifSavedExtensionToGCB(file, 0, &control), GIF_OK);
    cr_assert_eq(control.DelayTime, 10);
    cr_assert_eq(DGifSavedExtensionToGCB(file, 1, &control), GIF_OK);
    cr_assert_eq(control.DelayTime, 123);
    DGifCloseFile(file, &code);
    dlca_picture_free(&colours);
    dlca_picture_free(&plain);
    scratch_remove(&scratch);
}

Test(image, frames_of_256_colours_fit_and_of_257_do_not) {
    Scratch scratch = scratch_create();
    const char *path = scratch_path(&scratch, "many.gif");
    DlcaPicture picture;
    DlcaError error = {0};
    int code = 0;
    cr_assert(dlca_picture_create(&picture, 257, 2, &error));
    for (int32_t i = 0; i < 256; i++) {
        picture.rgb[3 * i] = (uint8_t)i;
    }
    DlcaGif *gif = dlca_gif_create(257, 2, &error);
    cr_assert(dlca_gif_add(gif, &picture, 10, &error), "%s", error.message);
    picture.rgb[3 * 256 + 1] = 1;
    cr_assert_not(dlca_gif_add(gif, &picture, 10, &error));
    cr_assert_eq(error.kind, DLCA_BAD_INPUT);
    picture.rgb[3 * 256 + 1] = 0;
    cr_assert(dlca_gif_write(gif, path, &error));
    dlca_gif_free(gif);
    GifFileType *file = DGifOpenFileName(path, &code);
    cr_assert_eq(DGifSlurp(file), GIF_OK);
    cr_assert_eq(file->ImageCount, 1);
    assert_frame(&file->SavedImages[0], &picture);
    DGifCloseFile(file, &code);
    dlca_picture_free(&picture);
    scratch_remove(&scratch);
}

Test(image, bad_frames_are_refused) {
    DlcaPicture picture;
    DlcaError error = {0};
    cr_assert_null(dlca_gif_create(0, 5, &error));
    cr_assert(dlca_picture_create(&picture, 4, 4, &error));
    DlcaGif *gif = dlca_gif_create(4, 5, &error);
    cr_assert_not(dlca_gif_add(gif, &picture, 100, &error));
    cr_assert_eq(error.kind, DLCA_BAD_INPUT);
    dlca_gif_free(gif);
    gif = dlca_gif_create(4, 4, &error);
    cr_assert_not(dlca_gif_add(gif, &picture, 9, &error));
    cr_assert_not(dlca_gif_add(gif, &picture, 655351, &error));
    cr_assert(dlca_gif_add(gif, &picture, 655350, &error));
    cr_assert_not(dlca_gif_write(gif, "/nowhere/at/all.gif", &error));
    cr_assert_eq(error.kind, DLCA_FAILED);
    dlca_gif_free(gif);
    dlca_gif_free(NULL);
    dlca_picture_free(&picture);
}
