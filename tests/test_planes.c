/* test_planes.c - the block engine against cell-by-cell evaluation: odd sizes, channels, borders, firing, every
 * instruction set, kernel, number of threads and steps per pass; counting; refusals. */
#include "../src/planes.h"

#include "plain_rollout.h"
#include "random_circuit.h"
#include "rounds.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* A way to run: the cells must not depend on it. */
typedef struct Way {
    DlcaIsa isa;
    bool native;
    int32_t threads, steps_per_pass;
} Way;

static DlcaPlanes *planes_of(const PlainGrid *grid, const DlcaCircuit *rule, Way way) {
    DlcaPlanesSetup setup = dlca_planes_setup(grid->height, grid->width, grid->channels, grid->periodic);
    DlcaError error = {0};
    setup.asynchronous = grid->fire_rate < 1;
    setup.fire_rate = grid->fire_rate;
    setup.seed = grid->seed;
    setup.isa = way.isa;
    setup.native = way.native;
    setup.threads = way.threads;
    setup.steps_per_pass = way.steps_per_pass;
    DlcaPlanes *planes = dlca_planes_create(&setup, rule, &error);
    cr_assert_not_null(planes, "%s", error.message);
    return planes;
}

static void load(DlcaPlanes *planes, const PlainGrid *grid) {
    for (int32_t y = 0; y < grid->height; y++) {
        for (int32_t c = 0; c < grid->channels; c++) {
            const uint8_t *row = grid->bits + (size_t)y * (size_t)grid->width * (size_t)grid->channels + c;
            dlca_planes_set(planes, c, 0, y, grid->width, row, grid->channels);
        }
    }
}

static void assert_equal(const DlcaPlanes *planes, const PlainGrid *grid) {
    uint8_t *row = malloc((size_t)grid->width);
    for (int32_t y = 0; y < grid->height; y++) {
        for (int32_t c = 0; c < grid->channels; c++) {
            dlca_planes_get(planes, c, 0, y, grid->width, row, 1);
            for (int32_t x = 0; x < grid->width; x++) {
                const size_t at = ((size_t)y * (size_t)grid->width + (size_t)x) * (size_t)grid->channels + (size_t)c;
                cr_assert_eq(row[x], grid->bits[at], "%dx%d, %d channels, periodic %d, step %d: cell %d,%d channel %d",
                             grid->width, grid->height, grid->channels, grid->periodic, grid->step, x, y, c);
            }
        }
    }
    free(row);
}

static void randomize(PlainGrid *grid, TestRandom *random) {
    for (int64_t i = 0; i < (int64_t)grid->height * grid->width * grid->channels; i++) {
        grid->bits[i] = test_random_word(random) & 1;
    }
}

static void compare(int32_t height, int32_t width, int32_t channels, bool periodic, double fire_rate, Way way,
                    int32_t steps) {
    TestRandom random = test_random((uint64_t)height * 1000 + (uint64_t)width * 10 + (uint64_t)channels);
    DlcaCircuit rule = random_circuit(&random, DLCA_NEIGHBOURS * channels, channels, 12 + 10 * channels, ANY_OPS);
    PlainGrid grid = plain_grid(height, width, channels, periodic, fire_rate, 7);
    randomize(&grid, &random);
    DlcaPlanes *planes = planes_of(&grid, &rule, way);
    load(planes, &grid);
    assert_equal(planes, &grid);
    for (int32_t done = 0; done < steps;) {
        const int32_t taken = done == 0 ? 1 : steps - done;
        dlca_planes_run(planes, taken);
        for (int32_t i = 0; i < taken; i++) {
            plain_step(&grid, &rule);
        }
        assert_equal(planes, &grid);
        done += taken;
    }
    cr_assert_eq(dlca_planes_step_count(planes), steps);
    dlca_planes_free(planes);
    plain_free(&grid);
    dlca_circuit_free(&rule);
}

static Way best_way(void) {
    return (Way){dlca_isa_best(), true, 1, 0};
}

Test(planes, hundred_odd_sizes) {
    static const int32_t sides[10] = {1, 2, 3, 7, 17, 63, 65, 67, 101, 130};
    for (int32_t i = 0; i < 100; i++) {
        const int32_t height = sides[i / 10], width = sides[i % 10];
        const double fire_rate = i % 3 == 1 ? 0.6 : 1;
        compare(height, width, 1 + (i * 7 + i / 10) % 8, i % 2 == 0, fire_rate, best_way(), 4);
        compare(height, width, 1 + i % 3, i % 2 != 0, i % 3 == 0 ? 0.3 : 1, best_way(), 3);
    }
}

Test(planes, every_way_gives_the_same_cells) {
    static const DlcaIsa sets[3] = {DLCA_ISA_SCALAR, DLCA_ISA_AVX2, DLCA_ISA_AVX512};
    for (int32_t i = 0; i < 48; i += test_rounds(1, 7)) {
        const Way way = {sets[i % 3], i / 3 % 2 != 0, 1 + i / 6 % 2, i / 12 % 4 * 2};
        if (dlca_isa_usable(way.isa)) {
            compare(200 + i, 131 - i, 2, i % 2 == 0, 1, way, 9);
            compare(67, 130, 1 + i % 4, i % 2 != 0, 0.6, way, 3);
        }
    }
}

/* All bands are full: rows at the edge read the other edge. */
Test(planes, full_bands) {
    static const int32_t heights[4] = {64, 128, 192, 640};
    for (int32_t i = 0; i < 32; i++) {
        const Way way = {dlca_isa_best(), i % 8 != 7, 1 + i % 3, 1};
        compare(heights[i % 4], 1 + 13 * i, 1 + i % 5, i / 4 % 2 == 0, i / 8 % 2 == 0 ? 1 : 0.6, way, 5);
    }
}

/* Many bands lack rows: what they lack must be the other side, or empty, several steps deep. */
Test(planes, several_steps_per_pass) {
    for (int32_t steps = 2; steps <= 8; steps++) {
        for (int32_t i = 0; i < test_rounds(6, 1); i++) {
            const Way way = {dlca_isa_best(), true, 1 + i % 2, steps};
            compare(64 * 9 - 63 + 13 * i, 8 * 11 - i, 1, i % 2 == 0, 1, way, 2 * steps + 1);
        }
    }
}

Test(planes, any_firing_rate) {
    static const double rates[] = {1e-9, 0.001, 0.5, 0.999, 1};
    for (int32_t i = 0; i < 5; i++) {
        compare(37, 75, 1, true, rates[i], best_way(), 3);
    }
}

Test(planes, counts) {
    TestRandom random = test_random(5);
    DlcaCircuit rule = random_circuit(&random, 27, 3, 40, REAL_OPS);
    PlainGrid grid = plain_grid(70, 45, 3, false, 1, 1);
    randomize(&grid, &random);
    DlcaPlanes *planes = planes_of(&grid, &rule, best_way());
    load(planes, &grid);
    const size_t bytes = 70 * 45 * 3;
    uint8_t *before = malloc(bytes);
    memcpy(before, grid.bits, bytes);
    dlca_planes_run(planes, 1);
    plain_step(&grid, &rule);
    DlcaPlanesCount expected = {0};
    for (size_t cell = 0; cell < 70 * 45; cell++) {
        const uint8_t *bits = grid.bits + 3 * cell;
        expected.live += bits[0] | bits[1];
        expected.ones += bits[0] + bits[1];
        expected.changed += memcmp(bits, before + 3 * cell, 3) != 0;
    }
    const DlcaPlanesCount found = dlca_planes_count(planes, 2);
    cr_assert_eq(found.live, expected.live);
    cr_assert_eq(found.ones, expected.ones);
    cr_assert_eq(found.changed, expected.changed);
    free(before);
    dlca_planes_free(planes);
    plain_free(&grid);
    dlca_circuit_free(&rule);
}

Test(planes, refuses_what_is_no_grid) {
    TestRandom random = test_random(5);
    DlcaCircuit rule = random_circuit(&random, 9, 1, 20, REAL_OPS);
    DlcaError error = {0};
    static const int32_t sizes[3][2] = {{0, 5}, {5, DLCA_MAX_SIDE + 1}, {-1, 1}};
    for (int32_t i = 0; i < 3; i++) {
        const DlcaPlanesSetup setup = dlca_planes_setup(sizes[i][0], sizes[i][1], 1, true);
        cr_assert_null(dlca_planes_create(&setup, &rule, &error));
        cr_assert_eq(error.kind, DLCA_BAD_INPUT);
    }
    const DlcaPlanesSetup setup = dlca_planes_setup(4, 4, 2, true);
    cr_assert_null(dlca_planes_create(&setup, &rule, &error));
    cr_assert_eq(error.kind, DLCA_BAD_INPUT);
    dlca_circuit_free(&rule);
}
