/* test_harden.c - argmax; the rule as a circuit against a plain step of a grid; the fast way against the slow one. */
#include "../gates/optimize.h"
#include "../src/hard.h"
#include "../src/harden.h"
#include "random_model.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

Test(harden, argmax_takes_the_lowest_of_equals) {
    TestRandom random = test_random(21);
    DlcaModel *model = random_model(&random, 3, 3, false);
    dlca_model_start(model, &(DlcaGateStart){.pass = 2.0f}, 0, 0, NULL);
    uint8_t *ops = calloc((size_t)model->gates, 1);
    dlca_model_argmax(model, ops);
    for (int64_t gate = 0; gate < model->gates; gate++) {
        cr_assert_eq(ops[gate], DLCA_OP_A);
    }
    float *logits = model->logits + (model->gates - 1) * DLCA_OPS;
    logits[9] = logits[12] = 2.0f; /* as large as A, but later */
    dlca_model_argmax(model, ops);
    cr_assert_eq(ops[model->gates - 1], DLCA_OP_A);
    logits[9] = logits[12] = 2.5f;
    dlca_model_argmax(model, ops);
    cr_assert_eq(ops[model->gates - 1], 9);
    logits[15] = 3.0f;
    logits[0] = -1.0f;
    dlca_model_argmax(model, ops);
    cr_assert_eq(ops[model->gates - 1], 15);
    dlca_model_start(model, &(DlcaGateStart){.pass = -1.0f}, 0, 0,
                     NULL); /* all others are equal: the lowest is FALSE */
    dlca_model_argmax(model, ops);
    cr_assert_eq(ops[0], DLCA_OP_FALSE);
    free(ops);
    dlca_model_free(model);
}

/* The circuit on the patch of every cell of a 3x4 grid. */
static void compare_with_plain_step(const DlcaModel *model, const DlcaCircuit *circuit, TestRandom *random) {
    enum { HEIGHT = 3, WIDTH = 4, CELLS = HEIGHT * WIDTH };
    const int32_t channels = model->config.channels;
    bool from[CELLS * 4], to[CELLS * 4];
    for (int32_t i = 0; i < CELLS * channels; i++) {
        from[i] = test_random_below(random, 2);
    }
    step_plainly(model, model->ops, HEIGHT, WIDTH, NULL, from, to);
    bool *values = calloc((size_t)circuit->inputs + (size_t)circuit->gates, sizeof *values);
    for (int32_t cell = 0; cell < CELLS; cell++) {
        for (int32_t neighbour = 0; neighbour < 9; neighbour++) {
            const int32_t y = (cell / WIDTH + neighbour / 3 - 1 + HEIGHT) % HEIGHT;
            const int32_t x = (cell % WIDTH + neighbour % 3 - 1 + WIDTH) % WIDTH;
            for (int32_t channel = 0; channel < channels; channel++) {
                values[neighbour * channels + channel] = from[(y * WIDTH + x) * channels + channel];
            }
        }
        evaluate_plainly(circuit, values);
        for (int32_t channel = 0; channel < channels; channel++) {
            cr_assert_eq(values[circuit->output[channel]], to[cell * channels + channel], "cell %d, channel %d", cell,
                         channel);
        }
    }
    free(values);
}

Test(harden, the_circuit_is_the_rule) {
    TestRandom random = test_random(22);
    DlcaError error = {0};
    for (int round = 0; round < 300; round++) {
        DlcaModel *model = random_model(&random, 3, 4, true);
        DlcaCircuit circuit;
        cr_assert(dlca_model_circuit(model, model->ops, &circuit, &error), "%s", error.message);
        cr_assert(dlca_circuit_check(&circuit, &error), "%s", error.message);
        cr_assert_eq(circuit.gates, dlca_model_cell_gates(model));
        cr_assert_eq(circuit.inputs, 9 * model->config.channels);
        for (int i = 0; i < 5; i++) {
            compare_with_plain_step(model, &circuit, &random);
        }
        dlca_circuit_free(&circuit);
        dlca_model_free(model);
    }
}

Test(harden, the_hardener_gives_the_same_function_and_no_more_gates) {
    TestRandom random = test_random(23);
    DlcaError error = {0};
    for (int round = 0; round < 100; round++) {
        DlcaModel *model = random_model(&random, 3, 4, true);
        model->config.scored_channels = model->config.channels;
        DlcaHardener *hardener = dlca_hardener_create(model, &error);
        cr_assert_not_null(hardener, "%s", error.message);
        for (int change = 0; change < 20; change++) { /* one workspace, many operations */
            DlcaCircuit all, small;
            model->ops[test_random_below(&random, (int32_t)model->gates)] = (uint8_t)random_op(&random, ANY_OPS);
            cr_assert(dlca_model_circuit(model, model->ops, &all, &error));
            cr_assert(dlca_circuit_optimize(&small, &all, &error));
            const DlcaCircuit *fast = dlca_hardener_circuit(hardener, model->ops);
            cr_assert(dlca_circuit_check(fast, &error), "%s", error.message);
            cr_assert(dlca_circuit_same_on_samples(&all, fast, 64, 1, &error), "%s", error.message);
            cr_assert_leq(fast->gates, dlca_circuit_live_gates(&all));
            DlcaCircuit again;
            cr_assert(dlca_circuit_optimize(&again, fast, &error));
            cr_assert_eq(again.gates, fast->gates, "nothing is left for the optimizer");
            dlca_circuit_free(&again);
            dlca_circuit_free(&small);
            dlca_circuit_free(&all);
        }
        dlca_hardener_free(hardener);
        dlca_model_free(model);
    }
    dlca_hardener_free(NULL);
}

/* Writes the scored channels of 64 random starts after some steps under a rule. */
static void run_scored(const DlcaModel *model, const DlcaCircuit *circuit, const uint64_t *planes, int32_t steps,
                       uint64_t *scored) {
    const DlcaConfig *config = &model->config;
    const size_t cells = (size_t)config->height * (size_t)config->width;
    uint64_t *all = malloc(cells * (size_t)config->channels * sizeof *all);
    DlcaError error = {0};
    DlcaHardGrid *grid = dlca_hard_create(config->height, config->width, config->channels, config->periodic, &error);
    cr_assert(all && grid && dlca_hard_set_rule(grid, circuit, &error), "%s", error.message);
    dlca_hard_set_state(grid, planes);
    for (int32_t step = 0; step < steps; step++) {
        dlca_hard_step(grid, NULL);
    }
    dlca_hard_get_state(grid, all);
    memcpy(scored, all, cells * (size_t)config->scored_channels * sizeof *scored);
    dlca_hard_free(grid);
    free(all);
}

/* Channels that the scored ones never depend on are left out; at any step these are what the whole rule makes of them.
 */
Test(harden, only_channels_that_matter_are_computed) {
    enum { CELLS = 12, MOST_CHANNELS = 4 };
    TestRandom random = test_random(25);
    DlcaError error = {0};
    int smaller = 0;
    for (int round = 0; round < 200; round++) {
        DlcaModel *model = random_model(&random, 3, 4, true);
        model->config.scored_channels = 1 + test_random_below(&random, model->config.channels);
        DlcaHardener *hardener = dlca_hardener_create(model, &error);
        DlcaCircuit all;
        cr_assert(hardener && dlca_model_circuit(model, model->ops, &all, &error), "%s", error.message);
        const DlcaCircuit *scored = dlca_hardener_circuit(hardener, model->ops);
        uint64_t planes[CELLS * MOST_CHANNELS], expected[CELLS * MOST_CHANNELS], got[CELLS * MOST_CHANNELS];
        for (int i = 0; i < CELLS * MOST_CHANNELS; i++) {
            planes[i] = test_random_word(&random);
        }
        for (int32_t steps = 1; steps <= 5; steps++) {
            run_scored(model, &all, planes, steps, expected);
            run_scored(model, scored, planes, steps, got);
            cr_assert_eq(memcmp(expected, got, CELLS * (size_t)model->config.scored_channels * sizeof *got), 0,
                         "round %d, after %d steps", round, steps);
        }
        DlcaCircuit optimized;
        cr_assert(dlca_circuit_optimize(&optimized, &all, &error));
        smaller += dlca_circuit_size(scored).gates < dlca_circuit_size(&optimized).gates;
        dlca_circuit_free(&optimized);
        dlca_circuit_free(&all);
        dlca_hardener_free(hardener);
        dlca_model_free(model);
    }
    cr_assert_gt(smaller, 20, "smaller in %d of 200", smaller);
}

Test(harden, gates_that_are_not_live_do_not_matter) {
    TestRandom random = test_random(24);
    DlcaError error = {0};
    for (int round = 0; round < 100; round++) {
        DlcaModel *model = random_model(&random, 3, 4, true);
        DlcaHardener *hardener = dlca_hardener_create(model, &error);
        DlcaCircuit before;
        cr_assert(dlca_circuit_copy(&before, dlca_hardener_circuit(hardener, model->ops), &error));
        int32_t *live = calloc((size_t)model->gates, sizeof *live);
        bool *is_live = calloc((size_t)model->gates, sizeof *is_live);
        const int32_t count = dlca_hardener_live(hardener, live);
        cr_assert(count >= 1 && count <= model->gates);
        for (int32_t i = 0; i < count; i++) {
            cr_assert_not(is_live[live[i]], "gate %d twice", live[i]);
            is_live[live[i]] = true;
        }
        cr_assert_eq(dlca_hardener_live(hardener, live), count, "asking again gives the same");
        for (int64_t gate = 0; gate < model->gates; gate++) {
            model->ops[gate] = is_live[gate] ? model->ops[gate] : (uint8_t)random_op(&random, ANY_OPS);
        }
        const DlcaCircuit *after = dlca_hardener_circuit(hardener, model->ops);
        cr_assert_eq(after->gates, before.gates);
        cr_assert(dlca_circuit_same_on_samples(&before, after, 64, 2, &error), "%s", error.message);
        free(is_live);
        free(live);
        dlca_circuit_free(&before);
        dlca_hardener_free(hardener);
        dlca_model_free(model);
    }
}

/* A rule too large for a circuit is refused before memory is taken. */
Test(harden, too_many_gates_are_refused) {
    DlcaConfig config = {.task = "test",
                         .height = 1,
                         .width = 1,
                         .channels = 1024,
                         .scored_channels = 1,
                         .kernels = 16,
                         .perceive_layers = 2,
                         .perceive = {2000, 1},
                         .update_layers = 1,
                         .update = {1024},
                         .steps = 1,
                         .batch = 1,
                         .fire_rate = 1.0};
    DlcaError error = {0};
    DlcaModel *model = dlca_model_create(&config, &error);
    cr_assert_not_null(model, "%s", error.message);
    DlcaCircuit circuit;
    cr_assert_not(dlca_model_circuit(model, model->ops, &circuit, &error));
    cr_assert_eq(error.kind, DLCA_BAD_INPUT);
    cr_assert_null(dlca_hardener_create(model, &error));
    dlca_model_free(model);
}
