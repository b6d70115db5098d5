/* test_finish.c - what finishes a picture: cubes, forced channels, the clock, signals carried to where they lack, and
 * all of them together. */
#include "../train/cube.h"
#include "../train/finish.h"
#include "../train/patch.h"
#include "drawn_picture.h"
#include "random_model.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* A picture with a trace of it and what is free there. */
typedef struct Drawn {
    DrawnPicture picture;
    DlcaTrace trace;
    DlcaSpare spare;
    DlcaCarry carry;
} Drawn;

enum { SEEDS = 12 };

static Drawn draw(uint64_t seed, int32_t traced) {
    Drawn drawn = {.picture = drawn_picture(seed, true, seed % 2 == 0)};
    DlcaModel *model = drawn.picture.model;
    const int32_t steps = traced ? traced : model->config.steps;
    cr_assert(dlca_trace_create(&drawn.trace, model, &drawn.picture.task, steps, NULL));
    cr_assert(dlca_spare_create(&drawn.spare, model, model->ops, &drawn.trace, NULL));
    dlca_trace_run(&drawn.trace, model->ops);
    return drawn;
}

/* Separately: it keeps the addresses of the others. */
static void add_carry(Drawn *drawn) {
    drawn->spare.trace = &drawn->trace;
    drawn->trace.model = drawn->picture.model;
    cr_assert(dlca_carry_create(&drawn->carry, &drawn->spare, &drawn->trace, &drawn->picture.task, NULL));
}

static void discard(Drawn *drawn) {
    dlca_spare_free(&drawn->spare);
    dlca_trace_free(&drawn->trace);
    drawn_picture_free(&drawn->picture);
}

static bool bit_at(const Drawn *drawn, int32_t row, int32_t step, int32_t cell) {
    const uint64_t word =
        dlca_trace_signal(&drawn->trace, row)[(size_t)(step - 1) * drawn->trace.words + (size_t)cell / 64];
    return word >> (cell % 64) & 1;
}

static int32_t wrong_cells(const Drawn *drawn, int32_t step) {
    int32_t wrong = 0;
    for (int32_t cell = 0; cell < drawn->trace.cells; cell++) {
        wrong += bit_at(drawn, dlca_spare_output_row(&drawn->spare, 0), step, cell) !=
                 (drawn->picture.task.target[cell] != 0);
    }
    return wrong;
}

Test(finish, cubes_are_one_at_the_pivot_and_zero_where_harmful) {
    int32_t found = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        Drawn drawn = draw(seed, 0);
        drawn.trace.model = drawn.picture.model;
        const size_t words = drawn.trace.words;
        uint64_t *harmful = calloc(words, sizeof *harmful), *left = calloc(words, sizeof *left);
        TestRandom random = test_random(seed + 100);
        const int32_t steps = drawn.picture.task.config.steps, pivot = test_random_below(&random, drawn.trace.cells);
        for (int32_t cell = 0; cell < drawn.trace.cells; cell++) {
            harmful[cell / 64] |= (uint64_t)(cell != pivot && test_random_below(&random, 8) == 0) << (cell % 64);
        }
        const DlcaPlaces places = {(size_t)(steps - 1) * words, words, harmful, left};
        DlcaCube cube;
        if (dlca_cube_find(&drawn.trace, -1, &places, (size_t)pivot, DLCA_CUBE_LITERALS, &cube)) {
            found++;
            for (size_t word = 0; word < words; word++) {
                cr_assert_eq(dlca_cube_word(&drawn.trace, -1, &cube, places.first + word) & harmful[word], 0);
            }
            cr_assert(dlca_cube_word(&drawn.trace, -1, &cube, places.first + (size_t)pivot / 64) >> (pivot % 64) & 1);
        }
        free(harmful);
        free(left);
        discard(&drawn);
    }
    cr_assert_geq(found, 3, "%d of %d", found, SEEDS);
}

/* Step 1 alone: later ones begin with other states. */
Test(finish, a_forced_channel_is_the_value_where_the_signal_is_one) {
    int32_t done = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        Drawn drawn = draw(seed, 0), before = draw(seed, 0);
        drawn.spare.trace = &drawn.trace;
        drawn.trace.model = drawn.picture.model;
        DlcaForce force;
        TestRandom random = test_random(seed + 7);
        cr_assert(dlca_force_create(&force, &drawn.spare, NULL));
        dlca_spare_find(&drawn.spare);
        const int32_t input = test_random_below(&random, drawn.trace.inputs);
        const bool value = seed % 2 == 0;
        if (dlca_force_run(&force, 0, value, (DlcaSignal){-1, input})) {
            done++;
            dlca_trace_run(&drawn.trace, drawn.picture.model->ops);
            for (int32_t cell = 0; cell < drawn.trace.cells; cell++) {
                for (int32_t c = 0; c < drawn.picture.task.config.channels; c++) {
                    const int32_t row = dlca_spare_output_row(&drawn.spare, c);
                    const bool forced = c == 0 && bit_at(&drawn, input, 1, cell);
                    if (c == 0 || drawn.spare.live_channel[c]) {
                        cr_assert_eq(bit_at(&drawn, row, 1, cell), forced ? value : bit_at(&before, row, 1, cell),
                                     "seed %d, channel %d, cell %d", (int)seed, c, cell);
                    }
                }
            }
        }
        dlca_force_free(&force);
        discard(&drawn);
        discard(&before);
    }
    cr_assert_geq(done, SEEDS / 2, "%d of %d", done, SEEDS);
}

Test(finish, a_clock_counts_the_steps_of_all_cells) {
    int32_t built = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        const int32_t steps = seed == SEEDS ? 100 : 2 + (int32_t)seed * 3, traced = 2 * steps;
        Drawn drawn = draw(seed, traced);
        add_carry(&drawn);
        DlcaClock clock;
        int64_t gates = 0;
        const int32_t wrong = wrong_cells(&drawn, steps);
        if (dlca_clock_build(&clock, &drawn.carry, steps, &gates)) {
            built++;
            for (int32_t step = 1; step <= traced; step++) {
                for (int32_t cell = 0; cell < drawn.trace.cells && step > 1; cell++) {
                    cr_assert_eq(bit_at(&drawn, clock.last, step, cell), step == steps, "last, %d of %d", step, steps);
                    cr_assert_eq(bit_at(&drawn, clock.done, step, cell), step > steps, "done, %d of %d", step, steps);
                }
            }
            cr_assert_leq(wrong_cells(&drawn, steps), wrong + 3 * drawn.picture.task.config.channels);
            cr_assert_gt(gates, 0);
        }
        dlca_carry_free(&drawn.carry);
        discard(&drawn);
    }
    cr_assert_geq(built, SEEDS / 2, "%d of %d", built, SEEDS);
}

/* Targets that differ for cells which perceive the same: there are such pairs, and where the run says so, none is left.
 */
Test(finish, signals_are_carried_to_where_they_lack) {
    int32_t lacked = 0, brought = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        Drawn drawn = draw(seed, 0);
        add_carry(&drawn);
        const int32_t steps = drawn.picture.task.config.steps;
        TestRandom random = test_random(seed + 50);
        for (int32_t i = 0; i < 6; i++) {
            drawn.picture.task.target[test_random_below(&random, drawn.trace.cells)] ^= 1;
        }
        int64_t gates = 0;
        if (dlca_carry_pairs(&drawn.carry, steps) > 0) {
            lacked++;
            const bool done = dlca_carry_run(&drawn.carry, steps, &gates);
            brought += done;
            cr_assert_eq(done, dlca_carry_pairs(&drawn.carry, steps) == 0);
            cr_assert(!done || gates > 0);
        }
        dlca_carry_free(&drawn.carry);
        discard(&drawn);
    }
    cr_assert_geq(lacked, 2, "%d lacked a signal", lacked);
    cr_assert_geq(brought, 1, "%d of %d brought", brought, lacked);
}

Test(finish, a_picture_is_right_and_stays) {
    int32_t finished = 0, stays = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        Drawn drawn = draw(seed, 0);
        const int32_t steps = drawn.picture.task.config.steps;
        TestRandom random = test_random(seed + 70);
        for (int32_t i = 0; i < 5; i++) {
            drawn.picture.task.target[test_random_below(&random, drawn.trace.cells)] ^= 1;
        }
        DlcaPatchReport report;
        DlcaError error = {0};
        cr_assert(dlca_patch_run(drawn.picture.model, drawn.picture.model->ops, &drawn.picture.task,
                                 (DlcaPatchLimits){.further = 4 * steps, .wrong_most = 8, .clock = true}, &report,
                                 &error),
                  "%s", error.message);
        if (report.finished) {
            finished++;
            cr_assert_eq(drawn_picture_wrong(&drawn.picture, steps), 0, "seed %d", (int)seed);
            bool stayed = true;
            for (int32_t step = steps + 1; step <= 5 * steps; step++) {
                stayed = stayed && drawn_picture_wrong(&drawn.picture, step) == 0;
            }
            stays += stayed;
        }
        discard(&drawn);
    }
    cr_assert_geq(finished, 3, "%d of %d finished", finished, SEEDS);
    cr_assert_geq(2 * stays, finished, "%d of %d stay", stays, finished);
}
