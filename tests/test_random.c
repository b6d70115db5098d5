/* test_random.c - the generator against its published vectors; draws without bias; fire masks at their rate. */
#include "../src/dlca.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

/* counter and key in the published order: index, minor, major, purpose; low and high half of the seed */
static void expect(const uint32_t counter[4], const uint32_t key[2], const uint32_t expected[4]) {
    uint32_t out[4];
    dlca_random((uint64_t)key[1] << 32 | key[0], (DlcaPurpose)counter[3], counter[2], counter[1], counter[0], out);
    for (int i = 0; i < 4; i++) {
        cr_assert_eq(out[i], expected[i], "word %d is %08x, published %08x", i, out[i], expected[i]);
    }
}

/* Known-answer vectors of philox4x32-10, distributed with Random123 (Salmon et al., 2011). */
Test(random, published_vectors) {
    expect((uint32_t[4]){0, 0, 0, 0}, (uint32_t[2]){0, 0},
           (uint32_t[4]){0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    expect((uint32_t[4]){~0u, ~0u, ~0u, ~0u}, (uint32_t[2]){~0u, ~0u},
           (uint32_t[4]){0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    expect((uint32_t[4]){0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, (uint32_t[2]){0xa4093822, 0x299f31d0},
           (uint32_t[4]){0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

Test(random, a_stream_is_its_blocks_in_order) {
    DlcaRandom stream = dlca_random_stream(77, DLCA_RANDOM_START, 3, 5);
    for (uint32_t block = 0; block < 3; block++) {
        uint32_t expected[4];
        dlca_random(77, DLCA_RANDOM_START, 3, 5, block, expected);
        for (int i = 0; i < 4; i++) {
            cr_assert_eq(dlca_random_u32(&stream), expected[i]);
        }
    }
}

/* Chi-square of `draws` in `bound` classes, in standard deviations from its mean (classes - 1, variance twice that). */
static double deviation(uint32_t bound, int draws) {
    int counts[1024] = {0};
    DlcaRandom stream = dlca_random_stream(1000 + bound, DLCA_RANDOM_SAMPLE, 0, 0);
    for (int i = 0; i < draws; i++) {
        const uint32_t value = dlca_random_below(&stream, bound);
        cr_assert_lt(value, bound);
        counts[value]++;
    }
    const double expected = (double)draws / (double)bound, freedom = (double)bound - 1.0;
    double chi = 0.0;
    for (uint32_t i = 0; i < bound; i++) {
        chi += ((double)counts[i] - expected) * ((double)counts[i] - expected) / expected;
    }
    return (chi - freedom) / sqrt(2.0 * freedom);
}

Test(random, below_is_uniform) {
    const uint32_t bounds[] = {2, 3, 7, 10, 16, 100, 1000};
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        cr_assert_lt(fabs(deviation(bounds[i], 200000)), 5.0, "bound %u", bounds[i]);
    }
    DlcaRandom stream = dlca_random_stream(1, DLCA_RANDOM_SAMPLE, 0, 0);
    cr_assert_eq(dlca_random_below(&stream, 1), 0);
}

/* With bound 3 * 2^30 a plain product or remainder would give the values below 2^30, or every third one, twice as
 * often; the share of each third tells. */
Test(random, below_has_no_bias_for_large_bounds) {
    const uint32_t third = 1u << 30;
    int low[3] = {0}, residue[3] = {0};
    DlcaRandom stream = dlca_random_stream(2, DLCA_RANDOM_SAMPLE, 0, 0);
    for (int i = 0; i < 90000; i++) {
        const uint32_t value = dlca_random_below(&stream, 3 * third);
        low[value / third]++;
        residue[value % 3]++;
    }
    for (int i = 0; i < 3; i++) { /* standard deviation 141 */
        cr_assert_lt(abs(low[i] - 30000), 850, "third %d: %d", i, low[i]);
        cr_assert_lt(abs(residue[i] - 30000), 850, "residue %d: %d", i, residue[i]);
    }
}

Test(random, unit_is_in_range_with_the_right_mean) {
    DlcaRandom stream = dlca_random_stream(3, DLCA_RANDOM_SAMPLE, 0, 0);
    double sum = 0.0;
    for (int i = 0; i < 100000; i++) {
        const double value = dlca_random_unit(&stream);
        cr_assert(value >= 0.0 && value < 1.0);
        sum += value;
    }
    cr_assert_lt(fabs(sum / 100000 - 0.5), 0.005);
}

Test(random, fire_masks) {
    enum { CELLS = 40001 };
    static uint8_t mask[CELLS], other[CELLS];
    const double rates[] = {0.1, 0.6, 0.95};
    for (int i = 0; i < 3; i++) {
        int count = 0;
        dlca_fire_mask(9, DLCA_RANDOM_FIRE, 4, 2, rates[i], CELLS, mask);
        for (int cell = 0; cell < CELLS; cell++) {
            count += mask[cell];
        }
        const double expected = rates[i] * CELLS, spread = sqrt(expected * (1.0 - rates[i]));
        cr_assert_lt(fabs((double)count - expected), 4.5 * spread, "rate %g: %d", rates[i], count);
    }
    dlca_fire_mask(9, DLCA_RANDOM_FIRE, 4, 2, 1.0, CELLS, mask);
    cr_assert_null(memchr(mask, 0, CELLS), "every cell fires at rate 1");
    dlca_fire_mask(9, DLCA_RANDOM_FIRE, 4, 2, 0.6, CELLS, mask);
    dlca_fire_mask(9, DLCA_RANDOM_FIRE, 4, 2, 0.6, 101, other);
    cr_assert_arr_eq(mask, other, 101, "a cell's draw does not depend on how many cells there are");
    dlca_fire_mask(9, DLCA_RANDOM_FIRE, 4, 3, 0.6, CELLS, other);
    cr_assert_neq(memcmp(mask, other, CELLS), 0, "steps differ");
}
