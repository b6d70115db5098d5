/* test_picture.c - a user's picture: files read and refused, scaling, colours, target, model by size, notes. */
#include "../train/picture_colours.h"
#include "../train/picture_format.h"
#include "../train/picture_model.h"
#include "../train/picture_read.h"
#include "../train/picture_scale.h"
#include "../train/picture_target.h"
#include "../train/picture_task.h"
#include "scratch.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Compiled in tests/stb_write.c. */
#define STBI_WRITE_NO_STDIO
#include <stb/stb_image_write.h>

typedef struct File {
    uint8_t bytes[1 << 16];
    size_t size;
} File;

static void collect(void *context, void *data, int size) {
    File *file = context;
    cr_assert(file->size + (size_t)size <= sizeof file->bytes);
    memcpy(file->bytes + file->size, data, (size_t)size);
    file->size += (size_t)size;
}

/* A 20x10 picture: left half red, right half blue. */
static const int wide = 20, high = 10;

static void draw_halves(uint8_t *pixels, int channels) {
    static const uint8_t red[4] = {255, 0, 0, 255}, blue[4] = {0, 0, 255, 255};
    for (int i = 0; i < wide * high; i++) {
        memcpy(pixels + i * channels, i % wide < wide / 2 ? red : blue, (size_t)channels);
    }
}

static File halves_as(DlcaPictureKind kind) {
    File file = {.size = 0};
    uint8_t pixels[20 * 10 * 3];
    draw_halves(pixels, 3);
    if (kind == DLCA_PICTURE_PNG) {
        stbi_write_png_to_func(collect, &file, wide, high, 3, pixels, 3 * wide);
    } else if (kind == DLCA_PICTURE_JPEG) {
        stbi_write_jpg_to_func(collect, &file, wide, high, 3, pixels, 95);
    } else {
        stbi_write_bmp_to_func(collect, &file, wide, high, 3, pixels);
    }
    return file;
}

static const uint8_t *pixel(const DlcaPicture *picture, int32_t x, int32_t y) {
    return picture->rgb + 3 * (y * picture->width + x);
}

static bool near(const uint8_t *rgb, int red, int green, int blue, int within) {
    return abs(rgb[0] - red) <= within && abs(rgb[1] - green) <= within && abs(rgb[2] - blue) <= within;
}

static void assert_refused(const File *file, const char *part) {
    DlcaPicture picture;
    DlcaError error = {0};
    cr_assert_not(dlca_picture_decode(&picture, file->bytes, file->size, "the file", &error));
    cr_assert_eq(error.kind, DLCA_BAD_INPUT);
    cr_assert(strstr(error.message, "the file: ") == error.message && strstr(error.message, "accepted"), "%s",
              error.message);
    cr_assert_not_null(strstr(error.message, part), "%s", error.message);
    cr_assert_null(picture.rgb);
}

/* ---- reading ---- */

Test(picture, every_format_is_read) {
    for (DlcaPictureKind kind = DLCA_PICTURE_PNG; kind <= DLCA_PICTURE_BMP; kind++) {
        if (kind == DLCA_PICTURE_GIF) {
            continue; /* below */
        }
        const File file = halves_as(kind);
        const DlcaPictureFormat format = dlca_picture_format(file.bytes, file.size);
        cr_assert(format.kind == kind && format.whole && !format.animated);
        DlcaPicture picture;
        DlcaError error = {0};
        cr_assert(dlca_picture_decode(&picture, file.bytes, file.size, "file", &error), "%s", error.message);
        cr_assert(picture.width == wide && picture.height == high);
        cr_assert(near(pixel(&picture, 2, 3), 255, 0, 0, 12) && near(pixel(&picture, 17, 8), 0, 0, 255, 12));
        dlca_picture_free(&picture);
    }
}

Test(picture, grey_and_alpha) {
    static const uint8_t grey[] = {0, 100, 200, 255},
                         with_alpha[] = {0, 0, 0, 0, 0, 0, 0, 255, 0, 0, 0, 128, 9, 9, 9, 255};
    File file = {.size = 0};
    DlcaPicture picture;
    stbi_write_png_to_func(collect, &file, 2, 2, 1, grey, 2);
    cr_assert(dlca_picture_decode(&picture, file.bytes, file.size, "file", NULL));
    cr_assert(near(pixel(&picture, 0, 1), 200, 200, 200, 0));
    dlca_picture_free(&picture);
    file.size = 0;
    stbi_write_png_to_func(collect, &file, 2, 2, 4, with_alpha, 8);
    cr_assert(dlca_picture_decode(&picture, file.bytes, file.size, "file", NULL));
    cr_assert(near(pixel(&picture, 0, 0), 255, 255, 255, 0), "what is clear is paper");
    cr_assert(near(pixel(&picture, 1, 0), 0, 0, 0, 0) && near(pixel(&picture, 0, 1), 127, 127, 127, 1));
    dlca_picture_free(&picture);
}

static File gif_of(int frames) {
    Scratch scratch = scratch_create();
    File file = {.size = 0};
    DlcaPicture picture;
    DlcaGif *gif = dlca_gif_create(wide, high, NULL);
    cr_assert(gif && dlca_picture_create(&picture, wide, high, NULL));
    draw_halves(picture.rgb, 3);
    for (int i = 0; i < frames; i++) {
        cr_assert(dlca_gif_add(gif, &picture, 100, NULL));
        picture.rgb[0] ^= 255;
    }
    cr_assert(dlca_gif_write(gif, scratch_path(&scratch, "gif"), NULL));
    uint8_t *bytes = scratch_read(scratch_path(&scratch, "gif"), &file.size);
    memcpy(file.bytes, bytes, file.size);
    free(bytes);
    dlca_gif_free(gif);
    dlca_picture_free(&picture);
    scratch_remove(&scratch);
    return file;
}

Test(picture, a_gif_that_stands_still_is_read_and_one_that_moves_is_not) {
    const File still = gif_of(1), moving = gif_of(3);
    DlcaPicture picture;
    DlcaError error = {0};
    cr_assert(dlca_picture_decode(&picture, still.bytes, still.size, "file", &error), "%s", error.message);
    cr_assert(near(pixel(&picture, 3, 3), 255, 0, 0, 0) && near(pixel(&picture, 12, 3), 0, 0, 255, 0));
    dlca_picture_free(&picture);
    assert_refused(&moving, "animated GIF");
}

Test(picture, files_that_are_cut_off_are_refused_at_every_length) {
    for (DlcaPictureKind kind = DLCA_PICTURE_PNG; kind <= DLCA_PICTURE_BMP; kind++) {
        const File whole = kind == DLCA_PICTURE_GIF ? gif_of(1) : halves_as(kind);
        for (size_t size = 0; size < whole.size; size++) {
            File cut = whole;
            cut.size = size;
            assert_refused(&cut, "the file: ");
        }
    }
}

Test(picture, sizes_are_checked_before_anything_is_decoded) {
    File file = halves_as(DLCA_PICTURE_PNG);
    file.bytes[18] = 20000 >> 8; /* of IHDR's width */
    file.bytes[19] = 20000 & 255;
    assert_refused(&file, "is 20000x10 pixels; accepted: at most 16384 a side");
    file.bytes[18] = file.bytes[19] = 0;
    assert_refused(&file, "is 0x10 pixels");
    file = halves_as(DLCA_PICTURE_BMP);
    memset(file.bytes + 18, 0, 4);
    assert_refused(&file, "is 0x10 pixels");
    static const File text = {.bytes = "no picture at all", .size = 17}, nothing = {.size = 0};
    assert_refused(&text, "is no picture");
    assert_refused(&nothing, "is no picture");
}

Test(picture, moving_png_files_are_refused) {
    const File still = halves_as(DLCA_PICTURE_PNG);
    static const uint8_t control[20] = {0, 0, 0, 8, 'a', 'c', 'T', 'L', 0, 0, 0, 2};
    File moving = {.size = 33}; /* signature and IHDR */
    memcpy(moving.bytes, still.bytes, 33);
    collect(&moving, (void *)control, sizeof control);
    collect(&moving, (void *)(still.bytes + 33), (int)still.size - 33);
    assert_refused(&moving, "animated PNG");
}

/* What the decoder would read beyond its tables for; found by fuzzing, or made like what was found. */
Test(picture, a_jpeg_whose_scans_lack_their_tables_is_refused) {
    static const char *const names[] = {"jpeg_table_never_given", "jpeg_too_many_codes", "jpeg_no_quantization"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[128];
        File file = {.size = 0};
        snprintf(path, sizeof path, "tests/fuzz/corpus/picture/%s", names[i]);
        uint8_t *bytes = scratch_read(path, &file.size);
        cr_assert_leq(file.size, sizeof file.bytes);
        memcpy(file.bytes, bytes, file.size);
        free(bytes);
        assert_refused(&file, "is a JPEG that is cut off or damaged");
    }
}

/* Memory is taken for as many pixels as the bytes can hold, not for as many as they claim. */
Test(picture, a_few_bytes_do_not_claim_much_memory) {
    File file = halves_as(DLCA_PICTURE_PNG);
    static const uint8_t large[8] = {0, 0, 8192 >> 8, 0, 0, 0, 8000 >> 8, 8000 & 255};
    memcpy(file.bytes + 16, large, sizeof large);
    assert_refused(&file, "bytes hold 8192x8000 pixels; accepted");
}

/* ---- scaling ---- */

Test(picture, shrinking_takes_the_mean_of_the_light) {
    DlcaPicture from, to;
    cr_assert(dlca_picture_create(&from, 6, 2, NULL));
    memset(from.rgb + 3, 255, 3);
    memset(from.rgb + 3 * 7, 255, 3);
    cr_assert(dlca_picture_scale_to(&to, &from, 3, 1, NULL));
    cr_assert(near(pixel(&to, 0, 0), 188, 188, 188, 1), "half the light, not half the number");
    cr_assert(near(pixel(&to, 1, 0), 0, 0, 0, 0));
    dlca_picture_free(&to);
    cr_assert(dlca_picture_scale_to(&to, &from, 4, 1,
                                    NULL)); /* 1.5 pixels each: the first has all of one, half of the white */
    cr_assert(near(pixel(&to, 0, 0), (int)(dlca_srgb_of_linear(1.0 / 3) + 0.5), 156, 156, 1));
    dlca_picture_free(&to);
    dlca_picture_free(&from);
}

Test(picture, enlarging_keeps_pixels_crisp) {
    DlcaPicture from, to;
    cr_assert(dlca_picture_create(&from, 2, 1, NULL));
    memset(from.rgb, 200, 3);
    cr_assert(dlca_picture_scale_to(&to, &from, 7, 3, NULL));
    for (int32_t x = 0; x < 7; x++) {
        cr_assert(near(pixel(&to, x, 2), x < 4 ? 200 : 0, x < 4 ? 200 : 0, x < 4 ? 200 : 0, 0) || x == 3);
    }
    dlca_picture_free(&to);
    dlca_picture_free(&from);
}

/* ---- colours ---- */

/* 64 pixels of `count` far apart colours, the first ones more often. */
static void draw_colours(DlcaPicture *picture, int count) {
    cr_assert(dlca_picture_create(picture, 8, 8, NULL));
    for (int i = 0; i < 64; i++) {
        const int colour = i < 24 ? 0 : i % count;
        picture->rgb[3 * i] = colour & 1 ? 250 : 10;
        picture->rgb[3 * i + 1] = colour & 2 ? 240 : 20;
        picture->rgb[3 * i + 2] = colour & 4 ? 230 : 30;
    }
}

Test(picture, few_colours_are_kept_as_they_are) {
    for (int count = 1; count <= 8; count++) {
        DlcaPicture picture;
        DlcaReduced reduced;
        draw_colours(&picture, count);
        for (int automatic = 0; automatic < 2; automatic++) {
            cr_assert(dlca_picture_reduce(&reduced, &picture, automatic ? 0 : 8, NULL));
            cr_assert_eq(reduced.colours, count);
            for (int i = 0; i < 64; i++) {
                cr_assert_eq(memcmp(reduced.rgb[reduced.colour[i]], picture.rgb + 3 * i, 3), 0);
            }
            cr_assert_eq(reduced.colour[0], 0, "the most frequent comes first");
            dlca_reduced_free(&reduced);
        }
        dlca_picture_free(&picture);
    }
}

Test(picture, many_colours_become_as_many_as_asked_for) {
    DlcaPicture picture;
    cr_assert(dlca_picture_create(&picture, 16, 16, NULL));
    for (int i = 0; i < 256 * 3; i++) {
        picture.rgb[i] = (uint8_t)(i / 3 * (1 + i % 3));
    }
    for (int32_t wanted = 1; wanted <= 8; wanted++) {
        DlcaReduced reduced;
        cr_assert(dlca_picture_reduce(&reduced, &picture, wanted, NULL));
        cr_assert_eq(reduced.colours, wanted);
        dlca_reduced_free(&reduced);
    }
    dlca_picture_free(&picture);
}

/* ---- targets ---- */

static bool target_of(DlcaPictureTarget *target, int32_t width, int32_t height, int32_t size, int32_t colours,
                      DlcaError *error) {
    DlcaPicture picture;
    cr_assert(dlca_picture_create(&picture, width, height, NULL));
    for (int32_t i = 0; i < width * height / 2; i++) {
        picture.rgb[3 * i] = 255;
    }
    return dlca_picture_target_create(target, &picture, "name", size, colours, error);
}

Test(picture, the_size_follows_the_picture) {
    static const int32_t sizes[][5] = {/* picture, wanted, cells */
                                       {300, 300, 0, 16, 16},  {12, 10, 0, 12, 10}, {300, 150, 0, 16, 8},
                                       {100, 300, 30, 10, 30}, {5, 5, 20, 20, 20},  {2, 2, 0, 3, 3}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        DlcaPictureTarget target;
        DlcaError error = {0};
        cr_assert(target_of(&target, sizes[i][0], sizes[i][1], sizes[i][2], 0, &error), "%s", error.message);
        cr_assert(target.width == sizes[i][3] && target.height == sizes[i][4]);
        cr_assert(target.colours == 2 && target.scored == 1 && target.palette.codes == 2);
        dlca_picture_target_free(&target);
    }
    DlcaPictureTarget target;
    DlcaError error = {0};
    cr_assert_not(target_of(&target, 300, 10, 16, 0, &error));
    cr_assert(error.kind == DLCA_BAD_INPUT && strstr(error.message, "--size"), "%s", error.message);
}

Test(picture, codes_give_the_colours_back) {
    for (int count = 2; count <= 8; count++) {
        DlcaPicture picture, again;
        DlcaPictureTarget target;
        draw_colours(&picture, count);
        uint8_t before[64 * 3];
        memcpy(before, picture.rgb, sizeof before);
        cr_assert(dlca_picture_target_create(&target, &picture, "name", 0, 8, NULL));
        cr_assert(target.colours == count && 1 << target.scored >= count && 1 << target.scored < 2 * count);
        for (int32_t bit = 0; bit < target.scored; bit++) {
            cr_assert_eq(target.bits[bit], 0, "the most frequent colour is all zeros");
        }
        cr_assert(dlca_picture_of_cells_in(&again, target.bits, 8, 8, target.scored, 1, &target.palette, NULL));
        cr_assert_eq(memcmp(again.rgb, before, sizeof before), 0);
        dlca_picture_free(&again);
        dlca_picture_target_free(&target);
    }
}

Test(picture, one_colour_is_nothing_to_learn) {
    DlcaPicture picture;
    DlcaPictureTarget target;
    DlcaError error = {0};
    draw_colours(&picture, 1);
    cr_assert_not(dlca_picture_target_create(&target, &picture, "name", 0, 0, &error));
    cr_assert(error.kind == DLCA_BAD_INPUT && strstr(error.message, "one colour only"), "%s", error.message);
}

/* ---- the model ---- */

Test(picture, the_rules_give_the_published_shapes) {
    static const int32_t shapes[][2] = {{8, 0}, {16, 0}, {12, 1}, {20, 1}};
    static const char *const tasks[] = {"colors", "colors", "lizard", "lizard"};
    for (int i = 0; i < 4; i++) {
        const bool seed = shapes[i][1] != 0;
        const DlcaPictureWishes wishes = {.start = seed ? DLCA_START_SEED : DLCA_START_ZEROS, .periodic = seed};
        DlcaConfig config;
        DlcaTask task;
        cr_assert(dlca_task_create(&task, tasks[i], false, i % 2 == 0, false, 1, NULL));
        cr_assert(dlca_picture_model(&config, shapes[i][0], shapes[i][0], seed ? 1 : 3, &wishes, NULL));
        cr_assert_eq(config.channels, task.config.channels);
        cr_assert_eq(config.kernels, task.config.kernels);
        cr_assert_eq(memcmp(config.perceive, task.config.perceive, sizeof config.perceive), 0);
        cr_assert_eq(memcmp(config.update, task.config.update, sizeof config.update), 0);
        dlca_task_free(&task);
    }
}

Test(picture, every_wish_gives_a_sound_model_or_a_reason) {
    for (int64_t channels = 0; channels <= DLCA_MAX_CHANNELS; channels = 2 * channels + 1) {
        for (int32_t side = 3; side <= 1024; side *= 4) {
            const DlcaPictureWishes wishes = {
                .channels = channels, .start = DLCA_START_ZEROS, .asynchronous = side > 20};
            DlcaConfig config;
            DlcaError error = {0};
            if (dlca_picture_model(&config, side, side, 2, &wishes, &error)) {
                cr_assert(dlca_config_check(&config, NULL));
                cr_assert_geq(config.steps, side - 1);
            } else {
                cr_assert(error.kind == DLCA_BAD_INPUT && channels == 1, "%s", error.message);
            }
        }
    }
    const DlcaPictureWishes lost = {.start = DLCA_START_ZEROS, .periodic = true};
    DlcaConfig config;
    DlcaError error = {0};
    cr_assert_not(dlca_picture_model(&config, 8, 8, 1, &lost, &error));
    cr_assert_not_null(strstr(error.message, "--periodic"));
}

Test(picture, a_model_file_remembers_start_and_colours) {
    DlcaTask task = {.start = DLCA_START_SEED, .palette = {.codes = 4, .rgb = {{1, 2, 3}, {255, 0, 16}, {9, 9, 9}}}};
    DlcaModelExtras extras = {0};
    DlcaStart start;
    DlcaPalette palette;
    cr_assert_not(dlca_picture_notes_read(&extras, &start, &palette));
    cr_assert(dlca_picture_notes_add(&task, &extras, NULL));
    cr_assert(dlca_picture_notes_read(&extras, &start, &palette));
    cr_assert_eq(start, DLCA_START_SEED);
    cr_assert_eq(palette.codes, 4);
    cr_assert_eq(memcmp(palette.rgb, task.palette.rgb, 4 * 3), 0);
    static const char *const bad[] = {"",          "123", "112233", "112233 11223", "112233 xx2233", "112233 +12233",
                                      "11 2233 44"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        snprintf(extras.note[1].value, sizeof extras.note[1].value, "%s", bad[i]);
        cr_assert_not(dlca_picture_notes_read(&extras, &start, &palette), "%s", bad[i]);
    }
}
