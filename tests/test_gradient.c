/* test_gradient.c - loss, states and every logit's gradient of the CPU backend against finite differences of an
 * independent rollout in double (naive_soft.h), for small models of many shapes. */
#include "naive_soft.h"
#include "soft_case.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

/* A float rollout of a few steps is right to about 1e-6 of the largest value; 2e-5 is far below the error of a wrong
 * term and far above rounding. */
static const double BOUND = 2e-5;

static void expect_gradient(SoftCase *test, const double *p, double *weights, double loss, const float *gradient) {
    const size_t count = soft_logits(test->model);
    double *expected = malloc(count * sizeof *expected), largest = 1e-3;
    const double naive_loss = naive_rollout(test->model, weights, &test->batch, NULL);
    cr_assert_lt(fabs(loss - naive_loss), BOUND * (1.0 + naive_loss), "loss %g, in double %g", loss, naive_loss);
    naive_gradient(test->model, p, weights, &test->batch, expected);
    for (size_t i = 0; i < count; i++) {
        largest = fmax(largest, fabs(expected[i]));
    }
    for (size_t i = 0; i < count; i++) {
        if (naive_leaves_out(i)) {
            continue;
        }
        cr_assert_lt(fabs((double)gradient[i] - expected[i]), BOUND * largest,
                     "logit %zu of gate %zu: %g, by differences %g (largest %g)", i % DLCA_OPS, i / DLCA_OPS,
                     (double)gradient[i], expected[i], largest);
    }
    free(expected);
}

static void expect_output(SoftCase *test, DlcaBackend *backend, const double *weights) {
    const DlcaConfig *config = &test->model->config;
    const size_t count =
        (size_t)config->batch * (size_t)config->height * (size_t)config->width * (size_t)config->channels;
    float *output = malloc(count * sizeof *output);
    double *expected = malloc(count * sizeof *expected), loss;
    DlcaError error = {0};
    cr_assert(dlca_backend_cpu.forward(backend, &test->batch, output, &loss, &error));
    naive_rollout(test->model, weights, &test->batch, expected);
    for (size_t i = 0; i < count; i++) {
        cr_assert_lt(fabs((double)output[i] - expected[i]), BOUND, "value %zu: %g, in double %g", i, (double)output[i],
                     expected[i]);
    }
    free(expected);
    free(output);
}

static void compare(const DlcaConfig *config, uint64_t seed, bool target_per_grid, bool every_step, bool hardens) {
    SoftCase test = soft_case(config, seed, 4.0f, target_per_grid, every_step);
    const size_t count = soft_logits(test.model);
    float *gradient = malloc(count * sizeof *gradient);
    double *p = malloc(count * sizeof *p), *weights = malloc(count * sizeof *weights);
    DlcaBackend *backend = soft_backend(test.model, dlca_isa_best(), 2);
    test.batch.harden_probability = hardens ? 1.0f : 0.0f;
    naive_softmax(test.model, p);
    if (hardens) {
        naive_one_hot(test.model, weights);
    } else {
        naive_softmax(test.model, weights);
    }
    const double loss = soft_gradient(backend, &test.batch, gradient);
    expect_gradient(&test, p, weights, loss, gradient);
    expect_output(&test, backend, weights);
    dlca_backend_cpu.destroy(backend);
    free(weights);
    free(p);
    free(gradient);
    soft_case_free(&test);
}

static DlcaConfig base(void) {
    return (DlcaConfig){.task = "test",
                        .height = 4,
                        .width = 5,
                        .channels = 3,
                        .scored_channels = 2,
                        .kernels = 2,
                        .perceive_layers = 2,
                        .perceive = {4, 2},
                        .update_layers = 3,
                        .update = {10, 6, 3},
                        .steps = 3,
                        .batch = 1,
                        .fire_rate = 1.0,
                        .wiring = DLCA_WIRING_UNIQUE};
}

Test(gradient, border) {
    const DlcaConfig config = base();
    compare(&config, 1, false, false, false);
}

Test(gradient, wraps) {
    DlcaConfig config = base();
    config.periodic = true;
    compare(&config, 2, false, false, false);
}

Test(gradient, wraps_onto_itself) {
    DlcaConfig config = base();
    config.periodic = true;
    config.height = 1;
    config.width = 2;
    compare(&config, 3, false, true, false);
}

Test(gradient, asynchronous) {
    DlcaConfig config = base();
    config.asynchronous = true;
    config.fire_rate = 0.6;
    compare(&config, 4, false, false, false);
}

Test(gradient, asynchronous_batch_wraps) {
    DlcaConfig config = base();
    config.asynchronous = config.periodic = true;
    config.fire_rate = 0.5;
    config.batch = 3;
    compare(&config, 5, true, true, false);
}

Test(gradient, batch_shares_its_target) {
    DlcaConfig config = base();
    config.batch = 2;
    compare(&config, 6, false, false, false);
}

Test(gradient, batch_with_targets_of_its_own) {
    DlcaConfig config = base();
    config.batch = 2;
    compare(&config, 7, true, false, false);
}

Test(gradient, loss_at_every_step) {
    DlcaConfig config = base();
    config.steps = 4;
    compare(&config, 8, false, true, false);
}

/* Random wiring of few inputs: gates that read one input twice, inputs that nobody reads. */
Test(gradient, random_wiring) {
    DlcaConfig config = base();
    config.wiring = DLCA_WIRING_RANDOM;
    config.update[0] = 4;
    config.update[1] = 12;
    for (uint64_t seed = 20; seed < 24; seed++) {
        compare(&config, seed, false, false, false);
    }
}

Test(gradient, one_perception_layer_of_ten_gates) {
    DlcaConfig config = base();
    config.perceive_layers = 1;
    config.perceive[0] = 10;
    compare(&config, 9, false, false, false);
}

Test(gradient, three_perception_layers) {
    DlcaConfig config = base();
    config.perceive_layers = 3;
    config.perceive[0] = 8;
    config.perceive[1] = 4;
    config.perceive[2] = 1;
    compare(&config, 10, false, false, false);
}

Test(gradient, one_update_layer) {
    DlcaConfig config = base();
    config.update_layers = 1;
    config.update[0] = 3;
    compare(&config, 11, false, false, false);
}

Test(gradient, one_channel_one_kernel_one_cell) {
    DlcaConfig config = base();
    config.height = config.width = config.kernels = 1;
    config.channels = config.scored_channels = config.update[2] = 1;
    compare(&config, 12, false, false, false);
}

/* More channels than one chunk of the perception, and not a multiple of it. */
Test(gradient, many_channels) {
    const int32_t counts[] = {5, 8, 11};
    for (uint64_t i = 0; i < 3; i++) {
        DlcaConfig config = base();
        config.height = 2;
        config.steps = 2;
        config.channels = config.update[2] = counts[i];
        compare(&config, 13 + i, false, false, false);
    }
}

/* More cells than a tile, the last one cut. */
Test(gradient, several_tiles) {
    DlcaConfig config = base();
    config.height = 7;
    config.width = 11;
    config.steps = 2;
    compare(&config, 16, false, false, false);
}

/* The forward pass takes the most probable operations, the gradient goes through the softmax. */
Test(gradient, hardened) {
    DlcaConfig config = base();
    compare(&config, 17, false, false, true);
    config.asynchronous = true;
    config.fire_rate = 0.6;
    compare(&config, 18, false, true, true);
}
