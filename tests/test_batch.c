/* test_batch.c - what an epoch trains on: passes of fewer steps than the backend was made for, steps drawn, weights of
 * later steps, damaged starts. */
#include "../train/batch.h"
#include "../train/setup.h"
#include "soft_case.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* ---- passes ---- */

static DlcaConfig base(void) {
    return (DlcaConfig){.task = "test",
                        .height = 7,
                        .width = 9,
                        .channels = 5,
                        .scored_channels = 2,
                        .kernels = 2,
                        .perceive_layers = 2,
                        .perceive = {8, 4},
                        .update_layers = 2,
                        .update = {20, 5},
                        .steps = 3,
                        .batch = 2,
                        .fire_rate = 1.0,
                        .wiring = DLCA_WIRING_UNIQUE};
}

typedef struct Pass {
    float *gradient, *output;
    double loss;
} Pass;

/* Loss, gradient and states of a pass of the model's steps, in a backend made for `most` (0: for as many). */
static Pass run_pass(SoftCase *test, int32_t most, int32_t every) {
    const DlcaConfig *config = &test->model->config;
    DlcaError error = {0};
    const DlcaBackendOptions options = {.threads = 1, .isa = dlca_isa_best(), .steps = most, .checkpoint_every = every};
    DlcaBackend *backend = dlca_backend_cpu.create(test->model, &options, &error);
    cr_assert_not_null(backend, "%s", error.message);
    const size_t states = (size_t)(config->height * config->width * config->channels * config->batch);
    Pass pass = {malloc(soft_logits(test->model) * sizeof(float)), malloc(states * sizeof(float)), 0.0};
    test->batch.steps = most ? config->steps : 0;
    pass.loss = soft_gradient(backend, &test->batch, pass.gradient);
    cr_assert(dlca_backend_cpu.forward(backend, &test->batch, pass.output, NULL, &error));
    dlca_backend_cpu.destroy(backend);
    return pass;
}

static void expect_same_pass(const DlcaConfig *config, bool every_step, bool fixed_input) {
    SoftCase test = soft_case(config, 5, 4.0f, true, every_step);
    if (fixed_input) { /* many cells alike */
        memset(test.input, 0,
               (size_t)(config->height * config->width * config->channels * config->batch) * sizeof(float));
        test.batch.fixed_input = true;
    }
    const size_t states = (size_t)(config->height * config->width * config->channels * config->batch);
    const Pass expected = run_pass(&test, 0, 0);
    for (int32_t every = 0; every <= 8; every += 2) {
        const Pass pass = run_pass(&test, 8, every);
        cr_assert_eq(pass.loss, expected.loss, "loss %g and %g", pass.loss, expected.loss);
        cr_assert_arr_eq(pass.gradient, expected.gradient, soft_logits(test.model) * sizeof(float));
        cr_assert_arr_eq(pass.output, expected.output, states * sizeof(float));
        free(pass.gradient);
        free(pass.output);
    }
    free(expected.gradient);
    free(expected.output);
    soft_case_free(&test);
}

Test(batch, a_pass_of_fewer_steps_than_the_backend_has) {
    const DlcaConfig config = base();
    expect_same_pass(&config, false, false);
    expect_same_pass(&config, true, false);
    expect_same_pass(&config, false, true);
}

Test(batch, a_pass_of_fewer_steps_where_cells_fire_by_chance) {
    DlcaConfig config = base();
    config.asynchronous = true;
    config.fire_rate = 0.6;
    expect_same_pass(&config, false, false);
}

Test(batch, a_pass_of_more_steps_than_the_backend_has_is_refused) {
    const DlcaConfig config = base();
    SoftCase test = soft_case(&config, 5, 4.0f, true, false);
    DlcaBackend *backend = soft_backend(test.model, DLCA_ISA_SCALAR, 1);
    DlcaError error = {0};
    double loss;
    test.batch.steps = 4;
    cr_assert(!dlca_backend_cpu.backward(backend, &test.batch, &loss, &error));
    cr_assert(strstr(error.message, "1 to 3"), "%s", error.message);
    dlca_backend_cpu.destroy(backend);
    soft_case_free(&test);
}

/* ---- what is drawn ---- */

typedef struct Drawn {
    DlcaSetup setup;
    DlcaBatchSource source;
} Drawn;

static void draw_from(Drawn *drawn, const char *task, bool asynchronous, const DlcaMethodOptions *method) {
    DlcaError error = {0};
    DlcaRunOptions options = dlca_run_options_default();
    options.small = true;
    options.asynchronous = asynchronous;
    options.method = *method;
    cr_assert(dlca_setup_create(&drawn->setup, task, &options, &error), "%s", error.message);
    cr_assert(dlca_batch_source_create(&drawn->source, &drawn->setup.task, &drawn->setup.train.recipe, 1, &error));
}

static void free_drawn(Drawn *drawn) {
    dlca_batch_source_free(&drawn->source);
    dlca_setup_free(&drawn->setup);
}

Test(batch, steps_are_drawn_from_the_whole_range) {
    Drawn drawn;
    DlcaMethodOptions method = dlca_run_options_default().method;
    method.steps_min = 4;
    method.steps_max = 8;
    draw_from(&drawn, "checkerboard", false, &method);
    int32_t seen[16] = {0};
    for (uint32_t epoch = 1; epoch <= 200; epoch++) {
        const DlcaBatch batch = dlca_batch_draw(&drawn.source, epoch);
        cr_assert(batch.steps >= 4 && batch.steps <= 8);
        seen[batch.steps]++;
        for (int32_t step = 0; step < batch.steps; step++) {
            cr_assert_eq(batch.step_weight[step], step + 1 == batch.steps ? 1.0f : 0.0f);
        }
        cr_assert_eq(dlca_batch_draw(&drawn.source, epoch).steps, batch.steps);
    }
    for (int32_t steps = 4; steps <= 8; steps++) {
        cr_assert(seen[steps] > 20 && seen[steps] < 60, "%d steps: %d times of 200", steps, seen[steps]);
    }
    free_drawn(&drawn);
}

Test(batch, later_steps_share_their_weight) {
    Drawn drawn;
    DlcaMethodOptions method = dlca_run_options_default().method;
    method.hold = 4;
    method.hold_weight = 3.0;
    draw_from(&drawn, "checkerboard", true, &method);
    const int32_t trained = drawn.setup.task.config.steps;
    const DlcaBatch batch = dlca_batch_draw(&drawn.source, 1);
    cr_assert_eq(batch.steps, trained + 4);
    cr_assert_not_null(batch.fire);
    for (int32_t step = 0; step < batch.steps; step++) {
        const float expected = step + 1 < trained ? 0.0f : step + 1 == trained ? 0.25f : 0.1875f;
        cr_assert_float_eq(batch.step_weight[step], expected, 1e-7f, "step %d", step);
    }
    free_drawn(&drawn);
}

/* Half of the sides, anywhere, and nothing else; about half of its bits are ones. */
static void expect_block(const DlcaConfig *config, const float *grid, int32_t *top, int32_t *left) {
    int32_t first_y = config->height, last_y = -1, first_x = config->width, last_x = -1, ones = 0;
    for (int32_t i = 0; i < config->height * config->width * config->channels; i++) {
        const int32_t cell = i / config->channels, y = cell / config->width, x = cell % config->width;
        if (grid[i] == 0.5f) {
            continue;
        }
        cr_assert(grid[i] == 0.0f || grid[i] == 1.0f);
        ones += grid[i] == 1.0f;
        first_y = y < first_y ? y : first_y;
        last_y = y > last_y ? y : last_y;
        first_x = x < first_x ? x : first_x;
        last_x = x > last_x ? x : last_x;
    }
    const int32_t height = (config->height + 1) / 2, width = (config->width + 1) / 2;
    const int32_t bits = height * width * config->channels;
    cr_assert_eq(last_y - first_y + 1, height);
    cr_assert_eq(last_x - first_x + 1, width);
    cr_assert(ones > bits / 3 && ones < bits * 2 / 3, "%d of %d", ones, bits);
    *top = first_y;
    *left = first_x;
}

Test(batch, damage_randomises_a_block) {
    Drawn drawn;
    DlcaMethodOptions method = dlca_run_options_default().method;
    method.damage = 0.5;
    method.batch = 2;
    draw_from(&drawn, "checkerboard", false, &method);
    const DlcaConfig *config = &drawn.setup.task.config;
    const size_t values = (size_t)(config->height * config->width * config->channels);
    int32_t damaged = 0, places = 0, top[2], left[2];
    for (uint32_t epoch = 1; epoch <= 100; epoch++) {
        DlcaBatch batch = dlca_batch_draw(&drawn.source, epoch);
        const int32_t after = dlca_batch_damage_after(&drawn.source, epoch);
        cr_assert(after >= 0 && after <= config->steps);
        if (after == 0) {
            continue;
        }
        const DlcaBatch growing = dlca_batch_grow(&drawn.source, &batch, after);
        cr_assert_eq(growing.steps, after);
        for (size_t i = 0; i < 2 * values; i++) { /* what growing would leave */
            drawn.source.input[i] = 0.5f;
        }
        dlca_batch_damage(&drawn.source, &batch);
        cr_assert_eq(batch.input, drawn.source.input);
        cr_assert(!batch.fixed_input);
        for (int grid = 0; grid < 2; grid++) {
            expect_block(config, batch.input + (size_t)grid * values, &top[grid], &left[grid]);
        }
        places += top[0] != top[1] || left[0] != left[1];
        damaged++;
    }
    cr_assert(damaged > 30 && damaged < 70, "%d of 100", damaged);
    cr_assert_gt(places, damaged / 2);
    free_drawn(&drawn);
}

static void expect_refused(const char *task, const DlcaMethodOptions *method, const char *text) {
    DlcaSetup setup = {0};
    DlcaError error = {0};
    DlcaRunOptions options = dlca_run_options_default();
    options.small = true;
    options.method = *method;
    cr_assert(!dlca_setup_create(&setup, task, &options, &error));
    cr_assert_eq(error.kind, DLCA_BAD_INPUT);
    cr_assert(strstr(error.message, text), "%s", error.message);
    dlca_setup_free(&setup);
}

Test(batch, ranges_that_cannot_be) {
    DlcaMethodOptions method = dlca_run_options_default().method;
    method.steps_min = 9;
    method.steps_max = 8;
    expect_refused("checkerboard", &method, "--steps-min 9 is above --steps-max 8");
    method = dlca_run_options_default().method;
    method.hold = DLCA_MAX_STEPS;
    expect_refused("checkerboard", &method, "--hold 1000000 is too long");
    method = dlca_run_options_default().method;
    method.hold = 1;
    expect_refused("life", &method, "the target of 'life' depends on its start");
}
