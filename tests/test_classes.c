/* test_classes.c - cells with equal histories computed once: as many as there are, the states of the plain rollout to
 * the bit, gradients against finite differences, the same bytes with the repeated columns computed. */
#include "naive_soft.h"
#include "rounds.h"
#include "soft_case.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static DlcaConfig base(void) {
    return (DlcaConfig){.task = "test",
                        .height = 9,
                        .width = 11,
                        .channels = 3,
                        .scored_channels = 2,
                        .kernels = 2,
                        .perceive_layers = 3,
                        .perceive = {8, 4, 2},
                        .update_layers = 2,
                        .update = {9, 3},
                        .steps = 3,
                        .batch = 1,
                        .periodic = true,
                        .fire_rate = 1.0,
                        .wiring = DLCA_WIRING_UNIQUE};
}

/* Zeros, with one cell of other values in every grid when `seed`. */
static SoftCase fixed_case(const DlcaConfig *config, uint64_t number, bool seed, bool every_step) {
    SoftCase test = soft_case(config, number, 4.0f, false, every_step);
    const size_t area = (size_t)config->height * (size_t)config->width, C = (size_t)config->channels;
    memset(test.input, 0, (size_t)config->batch * area * C * sizeof(float));
    for (size_t grid = 0; seed && grid < (size_t)config->batch; grid++) {
        for (size_t c = 0; c < C; c++) {
            test.input[(grid * area + area / 2) * C + c] = 0.25f * (float)(c + 1);
        }
    }
    test.batch.fixed_input = true;
    return test;
}

static DlcaBackend *backend_of(SoftCase *test, DlcaIsa isa, int32_t threads, bool repeats) {
    DlcaError error = {0};
    const DlcaBackendOptions options = {.threads = threads, .isa = isa, .computes_repeats = repeats};
    DlcaBackend *backend = dlca_backend_cpu.create(test->model, &options, &error);
    cr_assert_not_null(backend, "%s", error.message);
    return backend;
}

static int64_t columns_of(DlcaBackend *backend, const DlcaBatch *batch) {
    int64_t columns = 0;
    DlcaError error = {0};
    cr_assert(dlca_backend_cpu_columns(backend, batch, &columns, &error));
    return columns;
}

/* On a torus a cell at distance d from the seed (the larger of both ways) differs from the others after d steps: a
 * square of side 2t + 3 sees a difference at step t. */
Test(classes, a_seed_spreads_one_cell_a_step) {
    const DlcaConfig config = base();
    SoftCase test = fixed_case(&config, 1, true, false);
    DlcaBackend *backend = backend_of(&test, dlca_isa_best(), 1, false);
    cr_assert_eq(columns_of(backend, &test.batch), (9 + 1) + (25 + 1) + (49 + 1));
    test.batch.fixed_input = false;
    cr_assert_eq(columns_of(backend, &test.batch), 3 * 99);
    dlca_backend_cpu.destroy(backend);
    soft_case_free(&test);
}

/* With a border that reads 0, zeros differ by how far the border is: 3, 5, 7 kinds of rows, and as many of columns of
 * the grid. */
Test(classes, a_border_spreads_inwards) {
    DlcaConfig config = base();
    config.periodic = false;
    SoftCase test = fixed_case(&config, 2, false, false);
    DlcaBackend *backend = backend_of(&test, dlca_isa_best(), 1, false);
    cr_assert_eq(columns_of(backend, &test.batch), 3 * 3 + 5 * 5 + 7 * 7);
    dlca_backend_cpu.destroy(backend);
    soft_case_free(&test);
}

/* Equal grids of a batch share; nothing is shared where nothing is equal. */
Test(classes, across_the_batch_or_not_at_all) {
    DlcaConfig config = base();
    config.batch = 3;
    SoftCase test = fixed_case(&config, 3, true, false);
    DlcaBackend *backend = backend_of(&test, dlca_isa_best(), 1, false);
    cr_assert_eq(columns_of(backend, &test.batch), 10 + 26 + 50);
    for (int i = 0; i < 3 * 99 * 3; i++) {
        test.input[i] = (float)i;
    }
    cr_assert_eq(columns_of(backend, &test.batch), 3 * 3 * 99);
    dlca_backend_cpu.destroy(backend);
    soft_case_free(&test);
}

static void expect_right(const DlcaConfig *config, uint64_t number, bool seed, bool every_step) {
    SoftCase test = fixed_case(config, number, seed, every_step);
    const size_t logits = soft_logits(test.model);
    const size_t values = (size_t)(config->batch * config->height * config->width * config->channels);
    float *gradient = malloc(logits * sizeof *gradient), *shared = malloc(values * sizeof *shared);
    float *plain = malloc(values * sizeof *plain);
    double *p = malloc(logits * sizeof *p), *weights = malloc(logits * sizeof *weights);
    double *expected = malloc(logits * sizeof *expected), largest = 1e-3, plain_loss, loss;
    DlcaError error = {0};
    DlcaBackend *backend = backend_of(&test, dlca_isa_best(), 2, false);
    loss = soft_gradient(backend, &test.batch, gradient);
    cr_assert(dlca_backend_cpu.forward(backend, &test.batch, shared, NULL, &error));
    test.batch.fixed_input = false;
    cr_assert(dlca_backend_cpu.forward(backend, &test.batch, plain, &plain_loss, &error));
    cr_assert_arr_eq(shared, plain, values * sizeof *plain);
    cr_assert_eq(loss, plain_loss);
    naive_softmax(test.model, p);
    naive_softmax(test.model, weights);
    naive_gradient(test.model, p, weights, &test.batch, expected);
    for (size_t i = 0; i < logits; i++) {
        largest = fmax(largest, fabs(expected[i]));
    }
    for (size_t i = 0; i < logits; i++) {
        if (naive_leaves_out(i)) {
            continue;
        }
        cr_assert_lt(fabs((double)gradient[i] - expected[i]), 2e-5 * largest, "logit %zu: %g, by differences %g", i,
                     (double)gradient[i], expected[i]);
    }
    dlca_backend_cpu.destroy(backend);
    free(expected);
    free(weights);
    free(p);
    free(plain);
    free(shared);
    free(gradient);
    soft_case_free(&test);
}

Test(classes, gradient_from_a_seed) {
    const DlcaConfig config = base();
    expect_right(&config, 4, true, false);
}

Test(classes, gradient_from_zeros_with_a_border) {
    DlcaConfig config = base();
    config.periodic = false;
    expect_right(&config, 5, false, true);
}

Test(classes, gradient_of_a_batch) {
    DlcaConfig config = base();
    config.batch = config.steps = 2;
    expect_right(&config, 6, true, true);
}

/* Parameters after some updates. */
static float *trained(SoftCase *test, DlcaIsa isa, int32_t threads, bool repeats) {
    const DlcaAdamW adamw = {0.05f, 0.9f, 0.99f, 1e-8f, 0.01f, 100.0f, false};
    float *logits = malloc(soft_logits(test->model) * sizeof *logits);
    DlcaError error = {0};
    DlcaBackend *backend = backend_of(test, isa, threads, repeats);
    for (int update = 0; update < test_rounds(8, 1); update++) {
        soft_gradient(backend, &test->batch, NULL);
        cr_assert(dlca_backend_cpu.update(backend, &adamw, &error));
    }
    cr_assert(dlca_backend_cpu.store(backend, logits, NULL, NULL, NULL, &error));
    dlca_backend_cpu.destroy(backend);
    return logits;
}

Test(classes, same_bytes) {
    DlcaConfig config = base();
    config.height = 20;
    config.width = 23;
    config.kernels = 32; /* enough work for several threads */
    config.update[0] = 60;
    config.steps = 5;
    SoftCase test = fixed_case(&config, 7, true, false);
    float *expected = trained(&test, DLCA_ISA_SCALAR, 1, false);
    for (int isa = 0; isa < DLCA_ISA_COUNT; isa++) {
        for (int i = 0; dlca_isa_usable((DlcaIsa)isa) && i < 4; i++) {
            const int32_t threads[4] = {1, 2, 3, 7};
            float *result = trained(&test, (DlcaIsa)isa, threads[i], i % 2);
            cr_assert_arr_eq(result, expected, soft_logits(test.model) * sizeof *result,
                             "%s, %d threads, repeated columns %d", dlca_isa_name((DlcaIsa)isa), threads[i], i % 2);
            free(result);
        }
    }
    free(expected);
    soft_case_free(&test);
}
