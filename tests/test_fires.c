/* test_fires.c - the firing of 64 starts at once: the same words from each instruction set as from plain draws, at the
 * rate that was asked for. */
#include "../src/block_words.h"
#include "../src/draws.h"

#include <criterion/criterion.h>
#include <math.h>

enum { CELLS = 45 }; /* no multiple of any vector */

/* Digit by digit of each bit's own number, as block_words.h words it. */
static uint64_t plain_word(uint64_t seed, DlcaPurpose purpose, uint32_t major, uint32_t minor, uint64_t threshold,
                           uint32_t cell) {
    uint64_t number[64] = {0}, fires = 0;
    for (uint32_t digit = 0; digit < 32; digit++) {
        const uint64_t drawn = draw_stream_word(seed, (uint32_t)purpose, major, minor, 32 * cell + digit);
        for (int bit = 0; bit < 64; bit++) {
            number[bit] = number[bit] << 1 | (drawn >> bit & 1);
        }
    }
    for (int bit = 0; bit < 64; bit++) {
        fires |= (uint64_t)(number[bit] < threshold) << bit;
    }
    return fires;
}

static void expect_plain(double rate, int32_t cells) {
    const uint64_t threshold = draw_threshold(rate);
    for (int isa = 0; isa < DLCA_ISA_COUNT; isa++) {
        if (!dlca_isa_usable((DlcaIsa)isa)) {
            continue;
        }
        uint64_t words[CELLS + 1] = {0};
        words[cells] = 0x5eed;
        dlca_block_words((DlcaIsa)isa)->fires(77, DLCA_RANDOM_FRESH_FIRE, 5, 9, threshold, cells, words);
        for (int32_t cell = 0; cell < cells; cell++) {
            const uint64_t plain = plain_word(77, DLCA_RANDOM_FRESH_FIRE, 5, 9, threshold, (uint32_t)cell);
            cr_assert_eq(words[cell], plain, "rate %g, cell %d, %s", rate, cell, dlca_isa_name((DlcaIsa)isa));
        }
        cr_assert_eq(words[cells], 0x5eed, "%s writes behind its cells", dlca_isa_name((DlcaIsa)isa));
    }
}

Test(fires, every_set_draws_what_is_plain) {
    const double rates[] = {0.6, 0.5, 0.25, 1.0 / 3.0, 0.999999, 1e-9, 0.0, 1.0};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        expect_plain(rates[i], CELLS);
    }
    for (int32_t cells = 1; cells <= 17; cells++) {
        expect_plain(0.6, cells);
    }
}

Test(fires, at_the_rate_asked_for) {
    enum { STEPS = 2000 };
    int64_t ones = 0;
    for (uint32_t step = 0; step < STEPS; step++) {
        uint64_t words[CELLS];
        dlca_block_words(dlca_isa_best())->fires(3, DLCA_RANDOM_FIRE, 1, step, draw_threshold(0.6), CELLS, words);
        for (int cell = 0; cell < CELLS; cell++) {
            ones += __builtin_popcountll(words[cell]);
        }
    }
    const double draws = 64.0 * CELLS * STEPS;
    cr_assert_lt(fabs((double)ones - 0.6 * draws), 5.0 * sqrt(0.24 * draws));
}
