/* test_hard.c - the bit-parallel grid against plain steps: any size, wrapping or not, firing, every instruction set. */
#include "../src/hard.h"
#include "../src/harden.h"
#include "random_model.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { STARTS = 64, STEPS = 3 };

/* 64 grids as words [channel][cell]; start s alone as bools [cell][channel]. */
static void take_start(const uint64_t *planes, int32_t cells, int32_t channels, int s, bool *state) {
    for (int32_t cell = 0; cell < cells; cell++) {
        for (int32_t channel = 0; channel < channels; channel++) {
            state[cell * channels + channel] = planes[channel * cells + cell] >> s & 1;
        }
    }
}

typedef struct Trial {
    DlcaModel *model;
    int32_t height, width, cells, channels;
    uint64_t *planes; /* [channel][cell] */
    uint64_t *fire;   /* [step][cell] */
    bool asynchronous;
} Trial;

static Trial trial_of(TestRandom *random, int32_t height, int32_t width, bool periodic, bool asynchronous) {
    Trial trial = {random_model(random, height, width, periodic), height, width, height * width, 0, NULL, NULL, false};
    trial.channels = trial.model->config.channels;
    trial.asynchronous = asynchronous;
    trial.planes = malloc((size_t)trial.channels * (size_t)trial.cells * sizeof *trial.planes);
    trial.fire = malloc((size_t)STEPS * (size_t)trial.cells * sizeof *trial.fire);
    for (int32_t i = 0; i < trial.channels * trial.cells; i++) {
        trial.planes[i] = test_random_word(random);
    }
    for (int32_t i = 0; i < STEPS * trial.cells; i++) {
        trial.fire[i] = test_random_word(random);
    }
    return trial;
}

static void free_trial(Trial *trial) {
    dlca_model_free(trial->model);
    free(trial->planes);
    free(trial->fire);
}

/* In a trial with firing the middle step is without: a rule may be stepped both ways. */
static bool step_fires(const Trial *trial, int step) {
    return trial->asynchronous && step != 1;
}

/* One of the 64 starts, step by step, against `result` [step][channel][cell]. */
static void compare_start(const Trial *trial, const uint64_t *result, int s) {
    const size_t bits = (size_t)trial->cells * (size_t)trial->channels;
    bool *from = malloc(bits), *to = malloc(bits), *got = malloc(bits), *fire = malloc((size_t)trial->cells);
    take_start(trial->planes, trial->cells, trial->channels, s, from);
    for (int step = 0; step < STEPS; step++) {
        for (int32_t cell = 0; cell < trial->cells; cell++) {
            fire[cell] = trial->fire[step * trial->cells + cell] >> s & 1;
        }
        step_plainly(trial->model, trial->model->ops, trial->height, trial->width,
                     step_fires(trial, step) ? fire : NULL, from, to);
        take_start(result + (size_t)step * bits, trial->cells, trial->channels, s, got);
        cr_assert_eq(memcmp(got, to, bits), 0, "%d x %d, periodic %d, asynchronous %d, start %d, step %d", trial->width,
                     trial->height, trial->model->config.periodic, trial->asynchronous, s, step);
        memcpy(from, to, bits);
    }
    free(from);
    free(to);
    free(got);
    free(fire);
}

static void run_grid(DlcaHardGrid *grid, const Trial *trial, uint64_t *result) {
    const size_t words = (size_t)trial->cells * (size_t)trial->channels;
    dlca_hard_set_state(grid, trial->planes);
    for (int step = 0; step < STEPS; step++) {
        dlca_hard_step(grid, step_fires(trial, step) ? trial->fire + step * trial->cells : NULL);
        dlca_hard_get_state(grid, result + (size_t)step * words);
    }
}

static void try_size(TestRandom *random, int32_t height, int32_t width, bool periodic, bool asynchronous) {
    DlcaError error = {0};
    Trial trial = trial_of(random, height, width, periodic, asynchronous);
    const size_t words = (size_t)trial.cells * (size_t)trial.channels;
    uint64_t *result = malloc(STEPS * words * sizeof *result), *other = malloc(STEPS * words * sizeof *other);
    DlcaCircuit all;
    cr_assert(dlca_model_circuit(trial.model, trial.model->ops, &all, &error), "%s", error.message);
    trial.model->config.scored_channels = trial.channels;
    DlcaHardener *hardener = dlca_hardener_create(trial.model, &error);
    DlcaHardGrid *grid = dlca_hard_create(height, width, trial.channels, periodic, &error);
    cr_assert(hardener && grid, "%s", error.message);
    cr_assert(dlca_hard_set_rule(grid, &all, &error), "%s", error.message);
    run_grid(grid, &trial, result);
    for (int s = 0; s < STARTS; s += 9) {
        compare_start(&trial, result, s);
    }
    cr_assert(dlca_hard_set_rule(grid, dlca_hardener_circuit(hardener, trial.model->ops), &error));
    for (int way = 0; way < 2 * DLCA_ISA_COUNT; way++) {
        const DlcaIsa isa = (DlcaIsa)(way / 2);
        if (dlca_isa_usable(isa)) {
            dlca_hard_use(grid, isa, way % 2 == 1);
            run_grid(grid, &trial, other);
            cr_assert_eq(memcmp(result, other, STEPS * words * sizeof *result), 0, "%s, native %d", dlca_isa_name(isa),
                         way % 2);
        }
    }
    free(result);
    free(other);
    dlca_circuit_free(&all);
    dlca_hardener_free(hardener);
    dlca_hard_free(grid);
    free_trial(&trial);
}

Test(hard, every_size_up_to_7_by_9) {
    TestRandom random = test_random(31);
    for (int32_t height = 1; height <= 7; height++) {
        for (int32_t width = 1; width <= 9; width++) {
            for (int kind = 0; kind < 4; kind++) {
                try_size(&random, height, width, kind & 1, kind & 2);
            }
        }
    }
}

/* Sizes with several tiles to a step, and rows longer than a vector. */
Test(hard, larger_sizes) {
    TestRandom random = test_random(32);
    for (int kind = 0; kind < 4; kind++) {
        try_size(&random, 16, 16, kind & 1, kind & 2);
        try_size(&random, 1, 200, kind & 1, kind & 2);
        try_size(&random, 200, 1, kind & 1, kind & 2);
        try_size(&random, 33, 47, kind & 1, kind & 2);
    }
}

/* A rule that reads the border after one that wrote over it. */
Test(hard, the_rule_may_change_between_steps) {
    DlcaError error = {0};
    DlcaGate gates[] = {{4, 4, DLCA_OP_NOT_A}, {0, 8, DLCA_OP_OR}};
    int32_t invert = 9, or_of_corners = 10;
    const DlcaCircuit first = {9, 1, 1, gates, &invert}, second = {9, 1, 2, gates, &or_of_corners};
    for (int32_t width = 1; width <= 9; width++) {
        DlcaHardGrid *grid = dlca_hard_create(2, width, 1, false, &error);
        uint64_t planes[18] = {0};
        cr_assert(dlca_hard_set_rule(grid, &first, &error));
        dlca_hard_set_state(grid, planes);
        dlca_hard_step(grid, NULL); /* all ones now, the border's words too */
        cr_assert(dlca_hard_set_rule(grid, &second, &error));
        dlca_hard_step(grid, NULL);
        dlca_hard_get_state(grid, planes);
        for (int32_t x = 0; x < width; x++) { /* cell (0,x) sees (1,x+1), cell (1,x) sees (0,x-1) */
            cr_assert_eq(planes[x], x + 1 < width ? ~(uint64_t)0 : 0, "width %d, x %d", width, x);
            cr_assert_eq(planes[width + x], x > 0 ? ~(uint64_t)0 : 0, "width %d, x %d", width, x);
        }
        dlca_hard_free(grid);
    }
}

Test(hard, comparing_counts_bits_cells_and_starts) {
    TestRandom random = test_random(33);
    DlcaError error = {0};
    enum { HEIGHT = 5, WIDTH = 7, CELLS = HEIGHT * WIDTH, CHANNELS = 3, SCORED = 2 };
    uint64_t planes[CHANNELS * CELLS], target[SCORED * CELLS];
    for (int i = 0; i < CHANNELS * CELLS; i++) {
        planes[i] = test_random_word(&random) & test_random_word(&random);
    }
    for (int i = 0; i < SCORED * CELLS; i++) { /* differs in few places, in some starts nowhere */
        const uint64_t flips = test_random_word(&random) & test_random_word(&random) & test_random_word(&random);
        target[i] = planes[i] ^ (flips & test_random_word(&random) & 0x00ffffff0f0f0f0fu);
    }
    DlcaHardGrid *grid = dlca_hard_create(HEIGHT, WIDTH, CHANNELS, true, &error);
    dlca_hard_set_state(grid, planes);
    for (int scored = 1; scored <= SCORED; scored++) {
        const uint64_t counted = scored == 1 ? ~(uint64_t)0 : 0xffff00000000ffffu;
        DlcaHardScore expected = {0};
        for (int s = 0; s < 64; s++) {
            for (int cell = 0; cell < CELLS && counted >> s & 1; cell++) {
                bool wrong_cell = false;
                for (int channel = 0; channel < scored; channel++) {
                    const int i = channel * CELLS + cell;
                    const bool wrong = (planes[i] ^ target[i]) >> s & 1;
                    expected.wrong_bits += wrong;
                    wrong_cell |= wrong;
                }
                expected.wrong_cells += wrong_cell;
                expected.wrong_starts |= (uint64_t)wrong_cell << s;
            }
        }
        cr_assert(expected.wrong_cells > 0);
        for (int isa = 0; isa < DLCA_ISA_COUNT; isa++) {
            if (dlca_isa_usable((DlcaIsa)isa)) {
                dlca_hard_use(grid, (DlcaIsa)isa, true);
                const DlcaHardScore score = dlca_hard_compare(grid, target, scored, counted);
                cr_assert_eq(score.wrong_bits, expected.wrong_bits);
                cr_assert_eq(score.wrong_cells, expected.wrong_cells);
                cr_assert_eq(score.wrong_starts, expected.wrong_starts);
            }
        }
    }
    dlca_hard_free(grid);
}

Test(hard, bad_sizes_and_rules_are_refused) {
    DlcaError error = {0};
    cr_assert_null(dlca_hard_create(0, 4, 1, false, &error));
    cr_assert_eq(error.kind, DLCA_BAD_INPUT);
    cr_assert_null(dlca_hard_create(4, DLCA_MAX_SIDE + 1, 1, false, &error));
    cr_assert_null(dlca_hard_create(4, 4, 0, false, &error));
    cr_assert_null(dlca_hard_create(4, 4, DLCA_MAX_CHANNELS + 1, false, &error));
    DlcaHardGrid *grid = dlca_hard_create(4, 4, 2, false, &error);
    DlcaGate gate = {0, 1, DLCA_OP_AND};
    int32_t output[] = {9, 9};
    const DlcaCircuit other = {9, 1, 1, &gate, output};
    cr_assert_not(dlca_hard_set_rule(grid, &other, &error));
    cr_assert_eq(error.kind, DLCA_BAD_INPUT);
    const uint64_t planes[32] = {1, 2, 3};
    uint64_t after[32];
    dlca_hard_set_state(grid, planes);
    dlca_hard_step(grid, NULL); /* no rule: nothing happens */
    dlca_hard_get_state(grid, after);
    cr_assert_arr_eq(planes, after, sizeof planes);
    dlca_hard_free(grid);
    dlca_hard_free(NULL);
}
