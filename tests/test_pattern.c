/* test_pattern.c - RLE, plain text and PNG patterns: what is read, and what is refused with which words. */
#include "../src/pattern.h"

#include "../src/image.h"
#include "scratch.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void expect_cells(const char *text, int32_t width, int32_t height, const char *cells) {
    DlcaPattern pattern;
    DlcaError error = {0};
    cr_assert(dlca_pattern_parse((const uint8_t *)text, strlen(text), 3, "text", &pattern, &error), "%s",
              error.message);
    cr_assert_eq(pattern.width, width);
    cr_assert_eq(pattern.height, height);
    cr_assert_eq(pattern.channels, 1);
    for (int32_t i = 0; i < width * height; i++) {
        cr_assert_eq(pattern.bits[i], cells[i] == 'O', "%s: cell %d", text, i);
    }
    dlca_pattern_free(&pattern);
    dlca_pattern_free(&pattern);
}

Test(pattern, rle) {
    static const char glider[] = ".O...OOOO";
    expect_cells("x = 3, y = 3, rule = B3/S23\nbo$2bo$3o!", 3, 3, glider);
    expect_cells("#N glider\r\n#C x\r\nx=3,y=3\r\nbob$\r\n2bo$3o!\r\nanything", 3, 3, glider);
    expect_cells("x = 3, y = 3, rule = 23/3\n b o $ 2 b o $ 3 o !", 3, 3, glider);
    expect_cells("x = 2, y = 4\no3$bo!", 2, 4, "O......O");
    expect_cells("x = 1, y = 1\n!", 1, 1, ".");
}

Test(pattern, plain_text) {
    expect_cells("!Name: glider\n!\n.O.\n..O\nOOO\n", 3, 3, ".O...OOOO");
    expect_cells(".O\r\n\r\n*", 2, 3, ".O..O.");
    expect_cells("O", 1, 1, "O");
}

Test(pattern, bad_texts_are_refused) {
    static const struct {
        const char *text, *words;
    } bad[] = {
        {"x = 3, y = 3, rule = B3/S23\nbo$2bo$3o", "it is cut"},
        {"x = 3, y = 3\nbo$2", "it is cut"},
        {"x = 3, y = 3", "it is cut"},
        {"x = 3, y = 3, rule = B36/S23\nbo!", "another rule, 'B36/S23'"},
        {"x = 3, y = 3, rule = B3/S23:T10\nbo!", "another rule"},
        {"x = 3, y = 3\n0o!", "a bad count"},
        {"x = 3, y = 3\n9999999999o!", "a bad count"},
        {"x = 3, y = 3\n4o!", "more cells than the header says"},
        {"x = 3, y = 3\n2o2o!", "more cells than the header says"},
        {"x = 3, y = 3\n3$o!", "more cells than the header says"},
        {"x = 3, y = 3\n2q!", "an unknown character"},
        {"x = 3\nbo!", "no header"},
        {"x = , y = 3\nbo!", "no header"},
        {"x = 0, y = 3\n!", "a pattern of 0x3 cells"},
        {"x = 999999999, y = 999999999\n!", "a pattern of"},
        {"x = 99999999999, y = 1\n!", "no header"},
        {"x = 3, y = 3, size = 3\n!", "expected `rule"},
        {"!only\n!comments\n", "no cells"},
        {".O.\n.x.\n", "line 2: an unknown character"},
        {"", "is no pattern"},
        {"hello", "is no pattern"},
        {"\x89PNG\r\n\x1a\n", "is no PNG"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        DlcaPattern pattern;
        DlcaError error = {0};
        cr_assert(!dlca_pattern_parse((const uint8_t *)bad[i].text, strlen(bad[i].text), 1, "text", &pattern, &error),
                  "%s", bad[i].text);
        cr_assert_eq(error.kind, DLCA_BAD_INPUT);
        cr_assert(strstr(error.message, bad[i].words), "%s: %s", bad[i].text, error.message);
        cr_assert(strstr(error.message, "text"));
        cr_assert_null(pattern.bits);
    }
}

/* Cells drawn as a picture are read back. */
static void picture_round_trip(int32_t channels) {
    enum { HEIGHT = 3, WIDTH = 5 };
    uint8_t bits[HEIGHT * WIDTH * 3];
    Scratch scratch = scratch_create();
    DlcaPicture picture;
    DlcaPattern pattern;
    DlcaError error = {0};
    size_t size;
    for (int32_t i = 0; i < HEIGHT * WIDTH * channels; i++) {
        bits[i] = (uint8_t)((i * 5 + i / 4) & 1);
    }
    const char *path = scratch_path(&scratch, "cells.png");
    cr_assert(dlca_picture_of_cells(&picture, bits, HEIGHT, WIDTH, channels, 1, &error));
    cr_assert(dlca_png_write(path, &picture, &error));
    uint8_t *data = scratch_read(path, &size);
    cr_assert(dlca_pattern_parse(data, size, channels, "cells.png", &pattern, &error), "%s", error.message);
    cr_assert_eq(pattern.width, WIDTH);
    cr_assert_eq(pattern.height, HEIGHT);
    cr_assert_arr_eq(pattern.bits, bits, (size_t)(HEIGHT * WIDTH * channels));
    dlca_pattern_free(&pattern);
    for (size_t cut = 0; cut < size - 12; cut += 7) { /* the last 12 bytes are the end mark, which the decoder skips */
        if (dlca_pattern_parse(data, cut, channels, "cells.png", &pattern, &error)) {
            dlca_pattern_free(&pattern);
        } else {
            cr_assert_eq(error.kind, DLCA_BAD_INPUT);
        }
    }
    free(data);
    dlca_picture_free(&picture);
    scratch_remove(&scratch);
}

Test(pattern, pictures) {
    picture_round_trip(1);
    picture_round_trip(3);
}
