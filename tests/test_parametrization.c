/* test_parametrization.c - every parametrization: its gradient against finite differences in double, the same bytes on
 * every instruction set and thread count, its start, its file. */
#include "../src/model_file.h"
#include "../src/model_seal.h"
#include "../src/parametrization.h"
#include "naive_soft.h"
#include "rounds.h"
#include "soft_case.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double BOUND = 2e-5; /* see test_gradient.c */
static const uint32_t EPOCH = 7;

static DlcaConfig base(DlcaGates gates) {
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
                        .wiring = DLCA_WIRING_UNIQUE,
                        .gates = gates,
                        .seed = 3};
}

/* A case whose logits are such as the parametrization allows. */
static SoftCase case_of(const DlcaConfig *config) {
    SoftCase test = soft_case(config, 5, 4.0f, false, false);
    const DlcaParametrization *parametrization = dlca_parametrization(config->gates);
    for (int64_t gate = 0; parametrization->settle && gate < test.model->gates; gate++) {
        parametrization->settle(test.model->logits + gate * DLCA_OPS);
    }
    test.batch.epoch = EPOCH;
    return test;
}

/* ---- gradients ---- */

/* Weights of the operations from the definition of each kind, with the library's log and exp. */
static void naive_weights(const DlcaModel *model, double *weights) {
    for (int64_t gate = 0; gate < model->gates; gate++) {
        double total = 0.0, *w = weights + gate * DLCA_OPS;
        for (int op = 0; op < DLCA_OPS; op++) {
            double logit = (double)model->logits[gate * DLCA_OPS + op];
            if (model->config.gates == DLCA_GATES_GUMBEL) {
                uint32_t draws[4];
                dlca_random(model->config.seed, DLCA_RANDOM_GUMBEL, EPOCH, (uint32_t)op / 4, (uint32_t)gate, draws);
                logit -= log(-log(((double)draws[op % 4] + 0.5) * 0x1p-32));
            }
            w[op] = exp(logit);
            total += w[op];
        }
        for (int op = 0; op < DLCA_OPS; op++) {
            w[op] /= total;
        }
    }
}

static void expect_close(const float *gradient, const double *expected, size_t count) {
    double largest = 1e-3;
    for (size_t i = 0; i < count; i++) {
        largest = fmax(largest, fabs(expected[i]));
    }
    for (size_t i = 0; i < count; i++) {
        if (naive_leaves_out(i)) {
            continue;
        }
        cr_assert_lt(fabs((double)gradient[i] - expected[i]), BOUND * largest,
                     "parameter %zu of gate %zu: %g, by differences %g (largest %g)", i % DLCA_OPS, i / DLCA_OPS,
                     (double)gradient[i], expected[i], largest);
    }
}

/* Kinds whose parameters are the 16 logits. */
static void expect_logit_gradient(DlcaGates gates) {
    const DlcaConfig config = base(gates);
    SoftCase test = case_of(&config);
    const size_t count = soft_logits(test.model);
    float *gradient = malloc(count * sizeof *gradient);
    double *p = malloc(count * sizeof *p), *weights = malloc(count * sizeof *weights);
    double *expected = malloc(count * sizeof *expected);
    DlcaBackend *backend = soft_backend(test.model, dlca_isa_best(), 2);
    naive_weights(test.model, p);
    if (gates == DLCA_GATES_STRAIGHT_THROUGH) {
        naive_one_hot(test.model, weights);
    } else {
        memcpy(weights, p, count * sizeof *weights);
    }
    const double loss = soft_gradient(backend, &test.batch, gradient);
    const double naive_loss = naive_rollout(test.model, weights, &test.batch, NULL);
    cr_assert_lt(fabs(loss - naive_loss), BOUND * (1.0 + naive_loss), "loss %g, in double %g", loss, naive_loss);
    naive_gradient(test.model, p, weights, &test.batch, expected);
    expect_close(gradient, expected, count);
    dlca_backend_cpu.destroy(backend);
    free(expected);
    free(weights);
    free(p);
    free(gradient);
    soft_case_free(&test);
}

Test(parametrization, gradient_of_softmax16) {
    expect_logit_gradient(DLCA_GATES_SOFTMAX16);
}

Test(parametrization, gradient_of_gumbel) {
    expect_logit_gradient(DLCA_GATES_GUMBEL);
}

Test(parametrization, gradient_of_straight_through) {
    expect_logit_gradient(DLCA_GATES_STRAIGHT_THROUGH);
}

/* Each row of the truth table drawn by its sigmoid: the probability of an operation is the product over its rows. */
static void weights_of_rows(const double rows[4], double w[DLCA_OPS]) {
    for (int op = 0; op < DLCA_OPS; op++) {
        w[op] = 1.0;
        for (int row = 0; row < 4; row++) {
            const double one = 1.0 / (1.0 + exp(-rows[row]));
            w[op] *= op >> row & 1 ? one : 1.0 - one;
        }
    }
}

static void rows_of(const DlcaModel *model, int64_t gate, double rows[4]) {
    for (int row = 0; row < 4; row++) {
        rows[row] = (double)model->logits[gate * DLCA_OPS + (1 << row)];
    }
}

/* By central differences in the four parameters of every gate. */
static void naive_light_gradient(const SoftCase *test, double *weights, double *expected) {
    const double h = 1e-4;
    for (int64_t gate = 0; gate < test->model->gates; gate++) {
        double rows[4], *w = weights + gate * DLCA_OPS;
        rows_of(test->model, gate, rows);
        for (int row = 0; row < 4; row++) {
            const double middle = rows[row];
            rows[row] = middle + h;
            weights_of_rows(rows, w);
            const double above = naive_rollout(test->model, weights, &test->batch, NULL);
            rows[row] = middle - h;
            weights_of_rows(rows, w);
            const double below = naive_rollout(test->model, weights, &test->batch, NULL);
            rows[row] = middle;
            expected[gate * DLCA_OPS + (1 << row)] = (above - below) / (2.0 * h);
        }
        weights_of_rows(rows, w);
    }
}

Test(parametrization, gradient_of_light) {
    const DlcaConfig config = base(DLCA_GATES_LIGHT);
    SoftCase test = case_of(&config);
    const size_t count = soft_logits(test.model);
    float *gradient = malloc(count * sizeof *gradient);
    double *weights = malloc(count * sizeof *weights), *expected = calloc(count, sizeof *expected);
    DlcaBackend *backend = soft_backend(test.model, dlca_isa_best(), 2);
    for (int64_t gate = 0; gate < test.model->gates; gate++) {
        double rows[4];
        rows_of(test.model, gate, rows);
        weights_of_rows(rows, weights + gate * DLCA_OPS);
    }
    const double loss = soft_gradient(backend, &test.batch, gradient);
    const double naive_loss = naive_rollout(test.model, weights, &test.batch, NULL);
    cr_assert_lt(fabs(loss - naive_loss), BOUND * (1.0 + naive_loss), "loss %g, in double %g", loss, naive_loss);
    naive_light_gradient(&test, weights, expected);
    expect_close(gradient, expected, count);
    dlca_backend_cpu.destroy(backend);
    free(expected);
    free(weights);
    free(gradient);
    soft_case_free(&test);
}

/* ---- training ---- */

/* Logits after some updates. */
static float *trained(SoftCase *test, DlcaIsa isa, int32_t threads) {
    const DlcaAdamW optimizer = {0.1f, 0.9f, 0.99f, 1e-8f, 0.01f, 100.0f, false};
    float *logits = malloc(soft_logits(test->model) * sizeof *logits);
    DlcaBackend *backend = soft_backend(test->model, isa, threads);
    DlcaError error = {0};
    for (uint32_t epoch = 0; epoch < (uint32_t)test_rounds(4, 1); epoch++) {
        double loss;
        test->batch.epoch = epoch;
        cr_assert(dlca_backend_cpu.backward(backend, &test->batch, &loss, &error));
        cr_assert(dlca_backend_cpu.update(backend, &optimizer, &error));
    }
    cr_assert(dlca_backend_cpu.store(backend, logits, NULL, NULL, NULL, &error));
    dlca_backend_cpu.destroy(backend);
    return logits;
}

Test(parametrization, the_same_bytes_everywhere) {
    for (int gates = 0; gates < DLCA_GATES_COUNT; gates++) {
        DlcaConfig config = base((DlcaGates)gates);
        config.height = config.width = 20; /* enough work for several threads */
        config.kernels = 32;
        config.perceive[0] = 8;
        SoftCase test = case_of(&config);
        float *expected = trained(&test, DLCA_ISA_SCALAR, 1);
        cr_assert_arr_neq(expected, test.model->logits, soft_logits(test.model) * sizeof(float));
        for (int isa = 0; isa < DLCA_ISA_COUNT; isa++) {
            for (int32_t threads = 1; dlca_isa_usable((DlcaIsa)isa) && threads <= 3; threads += 2) {
                float *logits = trained(&test, (DlcaIsa)isa, threads);
                cr_assert_arr_eq(logits, expected, soft_logits(test.model) * sizeof(float), "%s, %s, %d threads",
                                 dlca_parametrization((DlcaGates)gates)->name, dlca_isa_name((DlcaIsa)isa), threads);
                free(logits);
            }
        }
        free(expected);
        soft_case_free(&test);
    }
}

Test(parametrization, updates_leave_valid_logits) {
    const DlcaConfig config = base(DLCA_GATES_LIGHT);
    SoftCase test = case_of(&config);
    float *logits = trained(&test, dlca_isa_best(), 1);
    for (int64_t gate = 0; gate < test.model->gates; gate++) {
        cr_assert(dlca_parametrization(DLCA_GATES_LIGHT)->valid(logits + gate * DLCA_OPS));
    }
    free(logits);
    soft_case_free(&test);
}

Test(parametrization, starts_pass_input_a_through) {
    for (int gates = 0; gates < DLCA_GATES_COUNT; gates++) {
        for (int pass = 4; pass <= 10; pass += 2) {
            float logits[DLCA_OPS];
            double total = 0.0;
            dlca_parametrization((DlcaGates)gates)->start(DLCA_OP_A, (float)pass, logits);
            for (int op = 0; op < DLCA_OPS; op++) {
                total += exp((double)logits[op]);
            }
            const double paper = 1.0 / (1.0 + 15.0 * exp(-pass));
            cr_assert_float_eq(exp((double)logits[DLCA_OP_A]) / total, paper, 0.045, "%d: %g, %g", pass,
                               exp((double)logits[DLCA_OP_A]) / total, paper);
        }
    }
}

Test(parametrization, logarithm) {
    for (double x = 0x1p-40; x < 100.0; x *= 1.0009765625) {
        cr_assert_leq(fabs(dlca_natural_log(x) - log(x)), 1e-15 * fabs(log(x)) + 1e-300, "%.17g", x);
    }
    const double below = 1.0 - 0x1p-33;
    cr_assert_float_eq(dlca_natural_log(below) / log(below), 1.0, 1e-14);
    cr_assert_eq(dlca_natural_log(1.0), 0.0);
}

/* ---- files and names ---- */

static void expect_round_trip(DlcaGates gates) {
    const DlcaConfig config = base(gates);
    SoftCase test = case_of(&config);
    DlcaError error = {0};
    uint8_t *bytes;
    size_t size;
    cr_assert(dlca_model_serialize(test.model, NULL, &bytes, &size, &error), "%s", error.message);
    DlcaModel *back = dlca_model_parse(bytes, size, "model", NULL, &error);
    cr_assert_not_null(back, "%s", error.message);
    cr_assert_eq(back->config.gates, gates);
    cr_assert_arr_eq(back->logits, test.model->logits, soft_logits(test.model) * sizeof(float));
    dlca_model_free(back);
    free(bytes);
    soft_case_free(&test);
}

Test(parametrization, files_keep_it) {
    for (int gates = 0; gates < DLCA_GATES_COUNT; gates++) {
        expect_round_trip((DlcaGates)gates);
    }
}

/* The file with one byte changed and sealed again. */
static void expect_refused(uint8_t *bytes, size_t size, uint8_t *place, const char *text) {
    DlcaError error = {0};
    const uint8_t before = *place;
    *place = before == 'l' ? 'i' : before ^ 1;
    cr_assert(dlca_seal(bytes, size));
    cr_assert_null(dlca_model_parse(bytes, size, "model", NULL, &error));
    cr_assert(strstr(error.message, text), "%s", error.message);
    *place = before;
}

Test(parametrization, light_logits_that_are_no_sums_are_refused) {
    const DlcaConfig config = base(DLCA_GATES_LIGHT);
    SoftCase test = case_of(&config);
    DlcaError error = {0};
    uint8_t *bytes;
    size_t size;
    cr_assert(dlca_model_serialize(test.model, NULL, &bytes, &size, &error), "%s", error.message);
    const float last = test.model->logits[3 * DLCA_OPS + DLCA_OP_XOR];
    uint8_t *place = memmem(bytes, size, &last, sizeof last);
    cr_assert_not_null(place);
    expect_refused(bytes, size, place, "metadata gates");
    expect_refused(bytes, size, memmem(bytes, size, "light", 5), "gates 'iight'");
    free(bytes);
    test.model->logits[3 * DLCA_OPS + DLCA_OP_XOR] += 0.5f;
    cr_assert(!dlca_model_serialize(test.model, NULL, &bytes, &size, &error));
    cr_assert(strstr(error.message, "perceive.0.logits") && strstr(error.message, "metadata gates"), "%s",
              error.message);
    soft_case_free(&test);
}

Test(parametrization, names) {
    DlcaGates gates;
    DlcaError error = {0};
    for (int i = 0; i < DLCA_GATES_COUNT; i++) {
        cr_assert(dlca_gates_find(dlca_parametrization((DlcaGates)i)->name, &gates, &error));
        cr_assert_eq((int)gates, i);
    }
    cr_assert(!dlca_gates_find("softmax", &gates, &error));
    cr_assert(strstr(error.message, "softmax16, light, gumbel, straight-through"), "%s", error.message);
}
