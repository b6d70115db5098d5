/* test_steady.c - the rule that the first steps leave gives the cells of the rule itself: constants, equal, inverse and
 * kept channels, borders, sizes, every way to run, bits that are set while it runs. */
#include "../src/compiled_rule.h"
#include "../src/steady.h"

#include "plain_rollout.h"
#include "random_circuit.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { CHANNELS = 9, GATES = 90 };

/* A third of the channels is constant, keeps its value, or is equal or inverse to another one; another one is constant
 * only because it reads such. */
static DlcaCircuit rule_that_settles(TestRandom *random) {
    DlcaCircuit rule = random_circuit(random, DLCA_NEIGHBOURS * CHANNELS, CHANNELS, GATES, REAL_OPS);
    const int32_t inputs = rule.inputs;
    const int32_t centre = DLCA_CENTRE * CHANNELS;
    for (int32_t c = 0; c < 4; c++) {
        rule.output[c] = inputs + GATES - 8 - test_random_below(random, 8);
    }
    rule.gate[GATES - 4] = (DlcaGate){0, 0, (uint8_t)(test_random_below(random, 2) ? DLCA_OP_TRUE : DLCA_OP_FALSE)};
    rule.gate[GATES - 3] = (DlcaGate){rule.output[0], 0, DLCA_OP_NOT_A};
    const int32_t neighbour = test_random_below(random, DLCA_NEIGHBOURS);
    rule.gate[GATES - 2] = (DlcaGate){neighbour * CHANNELS + 4, centre + 6, DLCA_OP_AND};
    rule.gate[GATES - 1] = (DlcaGate){centre + 4, centre + 8, DLCA_OP_XOR};
    rule.output[4] = inputs + GATES - 4;
    rule.output[5] = centre + 5;
    rule.output[6] = rule.output[1];
    rule.output[7] = inputs + GATES - 3;
    rule.output[8] = test_random_below(random, 2) ? inputs + GATES - 1 : inputs + GATES - 2;
    return rule;
}

static void assert_equal(const DlcaPlanes *planes, const PlainGrid *grid, const char *when) {
    uint8_t *row = malloc((size_t)grid->width);
    for (int32_t y = 0; y < grid->height; y++) {
        for (int32_t c = 0; c < CHANNELS; c++) {
            dlca_planes_get(planes, c, 0, y, grid->width, row, 1);
            for (int32_t x = 0; x < grid->width; x++) {
                const size_t at = ((size_t)y * (size_t)grid->width + (size_t)x) * CHANNELS + (size_t)c;
                cr_assert_eq(row[x], grid->bits[at], "%dx%d, periodic %d, step %d, %s: cell %d,%d channel %d",
                             grid->width, grid->height, grid->periodic, grid->step, when, x, y, c);
            }
        }
    }
    free(row);
}

/* Random bits into rows first .. last-1 of both. */
static void disturb(DlcaPlanes *planes, PlainGrid *grid, int32_t first, int32_t last, TestRandom *random) {
    for (int32_t y = first; y < last; y++) {
        uint8_t *row = grid->bits + (size_t)y * (size_t)grid->width * CHANNELS;
        for (int32_t i = 0; i < grid->width * CHANNELS; i++) {
            row[i] = test_random_word(random) & 1;
        }
        for (int32_t c = 0; c < CHANNELS; c++) {
            dlca_planes_set(planes, c, 0, y, grid->width, row + c, CHANNELS);
        }
    }
}

static void run_both(DlcaPlanes *planes, PlainGrid *grid, const DlcaCircuit *rule, int32_t steps, const char *when) {
    dlca_planes_run(planes, steps);
    for (int32_t i = 0; i < steps; i++) {
        plain_step(grid, rule);
    }
    assert_equal(planes, grid, when);
}

static void run_and_disturb(DlcaPlanes *planes, PlainGrid *grid, const DlcaCircuit *rule, TestRandom *random) {
    disturb(planes, grid, 0, grid->height, random);
    for (int32_t i = 0; i < 8; i++) {
        run_both(planes, grid, rule, 1, "step by step");
    }
    for (int32_t i = 1; i < 8; i++) {
        disturb(planes, grid, grid->height / 2, grid->height / 2 + 1, random);
        run_both(planes, grid, rule, i, "after a row was set");
    }
    disturb(planes, grid, 0, grid->height, random);
    run_both(planes, grid, rule, 11, "at once");
}

Test(steady, same_cells_on_odd_sizes) {
    static const int32_t sides[6] = {1, 3, 37, 64, 65, 131};
    static const DlcaIsa sets[3] = {DLCA_ISA_AVX512, DLCA_ISA_SCALAR, DLCA_ISA_AVX2};
    TestRandom random = test_random(31);
    for (int32_t i = 0; i < 36; i++) {
        DlcaCircuit rule = rule_that_settles(&random);
        PlainGrid grid = plain_grid(sides[i % 6], sides[i / 6], CHANNELS, i % 2 == 0, 1, 7);
        DlcaPlanesSetup setup = dlca_planes_setup(grid.height, grid.width, CHANNELS, grid.periodic);
        setup.isa = dlca_isa_usable(sets[i % 3]) ? sets[i % 3] : DLCA_ISA_SCALAR;
        setup.native = i / 3 % 2 == 0;
        setup.threads = 1 + i % 2;
        setup.steps_per_pass = 1;
        DlcaPlanes *planes = dlca_planes_create(&setup, &rule, NULL);
        cr_assert_not_null(planes);
        cr_assert_neq(dlca_planes_strides(planes, DLCA_PLANES_CASES - 1).row, 0, "the smaller rule is not used");
        run_and_disturb(planes, &grid, &rule, &random);
        dlca_planes_free(planes);
        plain_free(&grid);
        dlca_circuit_free(&rule);
    }
}

Test(steady, same_cells_when_compiled) {
    TestRandom random = test_random(32);
    for (int32_t i = 0; i < 2; i++) {
        DlcaCircuit rule = rule_that_settles(&random);
        PlainGrid grid = plain_grid(i == 0 ? 70 : 64, 45, CHANNELS, i == 0, 1, 7);
        DlcaPlanesSetup setup = dlca_planes_setup(grid.height, grid.width, CHANNELS, grid.periodic);
        DlcaPlanes *planes = dlca_planes_create(&setup, &rule, NULL);
        DlcaCompiledRule made;
        DlcaError error = {0};
        if (!dlca_compiled_rule_create(&made, planes, setup.isa, &error)) {
            cr_assert(strstr(error.message, "no C compiler"), "%s", error.message);
        } else {
            run_and_disturb(planes, &grid, &rule, &random);
            cr_assert(dlca_planes_use_compiled(planes, made.rows, &error), "%s", error.message);
            run_both(planes, &grid, &rule, 5, "compiled, with the state that was there");
            run_and_disturb(planes, &grid, &rule, &random);
        }
        dlca_planes_free(planes);
        dlca_compiled_rule_free(&made);
        plain_free(&grid);
        dlca_circuit_free(&rule);
    }
}

Test(steady, cells_that_fire_at_random_run_the_rule_itself) {
    TestRandom random = test_random(33);
    DlcaCircuit rule = rule_that_settles(&random);
    PlainGrid grid = plain_grid(33, 70, CHANNELS, true, 0.3, 7);
    DlcaPlanesSetup setup = dlca_planes_setup(grid.height, grid.width, CHANNELS, true);
    setup.asynchronous = true;
    setup.fire_rate = 0.3;
    setup.seed = 7;
    DlcaPlanes *planes = dlca_planes_create(&setup, &rule, NULL);
    cr_assert_eq(dlca_planes_strides(planes, DLCA_PLANES_CASES - 1).row, 0);
    run_and_disturb(planes, &grid, &rule, &random);
    dlca_planes_free(planes);
    plain_free(&grid);
    dlca_circuit_free(&rule);
}

Test(steady, drops_what_keeps_its_value) {
    TestRandom random = test_random(34);
    DlcaCircuit rule = rule_that_settles(&random);
    DlcaSteadyRule steady;
    cr_assert(dlca_steady_rule_create(&steady, &rule, true, NULL));
    cr_assert_leq(steady.after, CHANNELS);
    cr_assert_lt(steady.circuit.gates, rule.gates);
    cr_assert_leq(steady.circuit.outputs, CHANNELS - 2);
    for (int32_t i = 0; i < steady.circuit.outputs; i++) {
        cr_assert(steady.channel[i] != 4 && steady.channel[i] != 5, "channel %d is constant or kept",
                  steady.channel[i]);
    }
    dlca_steady_rule_free(&steady);
    dlca_circuit_free(&rule);
}

/* Every channel keeps its value: nothing changes, and one output is left to say so. A rule without any of this gives
 * nothing to gain. */
Test(steady, rules_at_the_ends) {
    DlcaCircuit rule;
    DlcaSteadyRule steady;
    cr_assert(dlca_circuit_create(&rule, DLCA_NEIGHBOURS * 2, 2, 1, NULL));
    rule.gate[0] = (DlcaGate){0, 1, DLCA_OP_AND};
    rule.output[0] = DLCA_CENTRE * 2;
    rule.output[1] = DLCA_CENTRE * 2 + 1;
    cr_assert(dlca_steady_rule_create(&steady, &rule, false, NULL));
    cr_assert_eq(steady.circuit.outputs, 1);
    dlca_steady_rule_free(&steady);
    rule.output[0] = rule.inputs;
    rule.output[1] = DLCA_CENTRE * 2;
    cr_assert(dlca_steady_rule_create(&steady, &rule, false, NULL));
    cr_assert_eq(steady.circuit.outputs, 0, "nothing is gained");
    dlca_steady_rule_free(&steady);
    dlca_circuit_free(&rule);
}
