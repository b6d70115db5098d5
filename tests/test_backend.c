/* test_backend.c - the CPU backend as a whole: the same bytes for every thread count and instruction set, cells that do
 * not fire, hardening against the bit-parallel engine's rule, AdamW inside training, loading, storing, new wires. */
#include "naive_soft.h"
#include "random_model.h"
#include "rounds.h"
#include "soft_case.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const DlcaAdamW adamw = {0.05f, 0.9f, 0.99f, 1e-8f, 0.01f, 100.0f, false};

/* Large enough for several threads and groups: 26 tiles, the last one cut. */
static DlcaConfig large(void) {
    return (DlcaConfig){.task = "test",
                        .height = 17,
                        .width = 16,
                        .channels = 5,
                        .scored_channels = 2,
                        .kernels = 8,
                        .perceive_layers = 3,
                        .perceive = {8, 4, 2},
                        .update_layers = 3,
                        .update = {170, 33, 5},
                        .steps = 5,
                        .batch = 3,
                        .periodic = true,
                        .fire_rate = 1.0,
                        .wiring = DLCA_WIRING_UNIQUE};
}

typedef struct Parameters {
    float *x, *m, *v; /* [gates][16] each, in one piece */
    size_t bytes;     /* of all three */
    int64_t updates;
} Parameters;

static Parameters parameters_of(DlcaBackend *backend, const DlcaModel *model) {
    const size_t count = soft_logits(model);
    Parameters parameters = {.x = malloc(3 * count * sizeof(float)), .bytes = 3 * count * sizeof(float)};
    parameters.m = parameters.x + count;
    parameters.v = parameters.m + count;
    DlcaError error = {0};
    cr_assert(dlca_backend_cpu.store(backend, parameters.x, parameters.m, parameters.v, &parameters.updates, &error));
    return parameters;
}

static void train(DlcaBackend *backend, SoftCase *test, int updates) {
    DlcaError error = {0};
    for (int i = 0; i < updates; i++) {
        test->batch.epoch = (uint32_t)i;
        soft_gradient(backend, &test->batch, NULL);
        cr_assert(dlca_backend_cpu.update(backend, &adamw, &error));
    }
}

static Parameters trained(SoftCase *test, DlcaIsa isa, int32_t threads, int updates) {
    DlcaBackend *backend = soft_backend(test->model, isa, threads);
    train(backend, test, updates);
    const Parameters parameters = parameters_of(backend, test->model);
    dlca_backend_cpu.destroy(backend);
    return parameters;
}

static void expect_same_bytes(const DlcaConfig *config, uint64_t seed, float harden_probability) {
    SoftCase test = soft_case(config, seed, 4.0f, false, false);
    test.batch.harden_probability = harden_probability;
    const int32_t updates = test_rounds(20, 2);
    const Parameters expected = trained(&test, DLCA_ISA_SCALAR, 1, updates);
    cr_assert_neq(memcmp(expected.x, test.model->logits, expected.bytes / 3), 0, "training changes the logits");
    const int32_t threads[] = {1, 2, 3, 7};
    for (int isa = 0; isa < DLCA_ISA_COUNT; isa++) {
        for (int i = 0; dlca_isa_usable((DlcaIsa)isa) && i < 4; i++) {
            if (isa == DLCA_ISA_SCALAR && i != 2) {
                continue; /* slow: 3 threads alone */
            }
            const Parameters result = trained(&test, (DlcaIsa)isa, threads[i], updates);
            cr_assert_arr_eq(result.x, expected.x, expected.bytes, "%s with %d threads differs from scalar with one",
                             dlca_isa_name((DlcaIsa)isa), threads[i]);
            free(result.x);
        }
    }
    free(expected.x);
    soft_case_free(&test);
}

Test(backend, same_bytes_for_all_threads_and_instruction_sets) {
    const DlcaConfig config = large();
    expect_same_bytes(&config, 1, 0.0f);
}

Test(backend, same_bytes_asynchronous) {
    DlcaConfig config = large();
    config.asynchronous = true;
    config.periodic = false;
    config.fire_rate = 0.6;
    expect_same_bytes(&config, 2, 0.0f);
}

Test(backend, same_bytes_with_random_wiring_and_hardening) {
    DlcaConfig config = large();
    config.wiring = DLCA_WIRING_RANDOM;
    expect_same_bytes(&config, 3, 0.3f);
}

static size_t state_values(const DlcaConfig *config) {
    return (size_t)config->batch * (size_t)config->height * (size_t)config->width * (size_t)config->channels;
}

static float *final_states(SoftCase *test) {
    DlcaBackend *backend = soft_backend(test->model, dlca_isa_best(), 2);
    float *output = malloc(state_values(&test->model->config) * sizeof *output);
    DlcaError error = {0};
    cr_assert(dlca_backend_cpu.forward(backend, &test->batch, output, NULL, &error));
    dlca_backend_cpu.destroy(backend);
    return output;
}

Test(backend, cells_that_do_not_fire_keep_their_state) {
    DlcaConfig config = large();
    config.asynchronous = true;
    config.fire_rate = 0.6;
    config.steps = 1;
    SoftCase test = soft_case(&config, 4, 4.0f, false, false);
    float *output = final_states(&test);
    const size_t channels = (size_t)config.channels, area = state_values(&config) / (size_t)config.batch / channels;
    for (size_t cell = 0; cell < (size_t)config.batch * area; cell++) {
        const bool same = memcmp(output + cell * channels, test.input + cell * channels, channels * sizeof(float)) == 0;
        cr_assert_eq(same, !test.fire[cell % area], "cell %zu", cell);
    }
    free(output);
    soft_case_free(&test);
}

/* Nobody fires: states stay, no gate has a gradient; later steps still count. */
Test(backend, a_step_at_which_no_cell_fires) {
    DlcaConfig config = large();
    config.asynchronous = true;
    config.fire_rate = 0.6;
    config.steps = 1;
    SoftCase test = soft_case(&config, 5, 4.0f, false, false);
    memset(test.fire, 0, (size_t)config.height * (size_t)config.width);
    float *output = final_states(&test), *gradient = calloc(soft_logits(test.model), sizeof *gradient);
    cr_assert_arr_eq(output, test.input, state_values(&config) * sizeof *output);
    DlcaBackend *backend = soft_backend(test.model, dlca_isa_best(), 2);
    soft_gradient(backend, &test.batch, gradient);
    for (size_t i = 0; i < soft_logits(test.model); i++) {
        cr_assert_eq(gradient[i], 0.0f);
    }
    dlca_backend_cpu.destroy(backend);
    free(gradient);
    free(output);
    soft_case_free(&test);
}

/* All cells firing through masks is the synchronous rollout, to the bit. */
Test(backend, masks_of_ones_are_the_synchronous_rollout) {
    DlcaConfig config = large();
    SoftCase test = soft_case(&config, 6, 4.0f, false, false);
    const Parameters synchronous = trained(&test, dlca_isa_best(), 2, 3);
    memset(test.fire, 1, (size_t)config.steps * (size_t)config.height * (size_t)config.width);
    test.batch.fire = test.fire;
    const Parameters masked = trained(&test, dlca_isa_best(), 2, 3);
    cr_assert_arr_eq(masked.x, synchronous.x, synchronous.bytes);
    free(masked.x);
    free(synchronous.x);
    soft_case_free(&test);
}

/* Logits of 60 on one operation, and probability 1: both are the boolean rule, exactly. */
Test(backend, one_hot_logits_are_the_hard_rule) {
    TestRandom random = test_random(7);
    for (int round = 0; round < 20; round++) {
        DlcaModel *model = random_model(&random, 5, 7, round % 2);
        SoftCase test = soft_case(&model->config, 100 + (uint64_t)round, 1.0f, false, false);
        const size_t values = state_values(&model->config);
        bool *from = malloc(values), *to = malloc(values);
        dlca_model_copy(test.model, model);
        for (int64_t i = 0; i < model->gates * DLCA_OPS; i++) {
            test.model->logits[i] = i % DLCA_OPS == model->ops[i / DLCA_OPS] ? 60.0f : -60.0f;
        }
        for (size_t i = 0; i < values; i++) {
            test.input[i] = from[i] = test.input[i] < 0.5f;
        }
        for (int32_t step = 0; step < model->config.steps; step++) {
            step_plainly(model, model->ops, 5, 7, NULL, from, to);
            memcpy(from, to, values);
        }
        float *soft = final_states(&test);
        test.batch.harden_probability = 1.0f;
        float *hard = final_states(&test);
        for (size_t i = 0; i < values; i++) {
            /* e^-87 is the least that an operation's part can be */
            cr_assert_lt(fabs((double)soft[i] - (from[i] ? 1.0 : 0.0)), 1e-30, "round %d, value %zu: %g", round, i,
                         (double)soft[i]);
            cr_assert_eq(hard[i], from[i] ? 1.0f : 0.0f);
        }
        free(hard);
        free(soft);
        free(to);
        free(from);
        soft_case_free(&test);
        dlca_model_free(model);
    }
}

/* One draw per gate and epoch, at its rate: gates that keep the soft mixture and gates that do not both occur. */
Test(backend, hardening_depends_on_the_epoch_alone) {
    const DlcaConfig config = large();
    SoftCase test = soft_case(&config, 8, 4.0f, false, false);
    double loss[4];
    DlcaBackend *backend = soft_backend(test.model, dlca_isa_best(), 2);
    const float probability[4] = {0.5f, 0.5f, 0.5f, 0.0f};
    const uint32_t epoch[4] = {1, 2, 1, 1};
    for (int i = 0; i < 4; i++) {
        test.batch.harden_probability = probability[i];
        test.batch.epoch = epoch[i];
        loss[i] = soft_gradient(backend, &test.batch, NULL);
    }
    cr_assert_eq(loss[0], loss[2]);
    cr_assert_neq(loss[0], loss[1]);
    cr_assert_neq(loss[0], loss[3], "a soft pass after a hardened one is soft");
    dlca_backend_cpu.destroy(backend);
    soft_case_free(&test);
}

/* Fixed perception: its gates stay, all others do what they did. */
Test(backend, fixed_perception_stays) {
    const DlcaConfig config = large();
    SoftCase test = soft_case(&config, 9, 4.0f, false, false);
    const size_t count = soft_logits(test.model);
    const size_t first = (size_t)test.model->layer[config.perceive_layers].first * DLCA_OPS;
    float *gradient = malloc(count * sizeof *gradient);
    Parameters now[2];
    for (int fixed = 0; fixed < 2; fixed++) {
        DlcaBackend *backend = soft_backend(test.model, dlca_isa_best(), 2);
        const DlcaAdamW optimizer = {0.05f, 0.9f, 0.99f, 1e-8f, 0.01f, 100.0f, fixed == 1};
        DlcaError error = {0};
        soft_gradient(backend, &test.batch, gradient);
        cr_assert(dlca_backend_cpu.update(backend, &optimizer, &error));
        now[fixed] = parameters_of(backend, test.model);
        dlca_backend_cpu.destroy(backend);
    }
    cr_assert_eq(memcmp(now[1].x, test.model->logits, first * sizeof(float)), 0);
    cr_assert_neq(memcmp(now[0].x, test.model->logits, first * sizeof(float)), 0);
    cr_assert_eq(memcmp(now[0].x + first, now[1].x + first, (count - first) * sizeof(float)), 0);
    free(now[0].x);
    free(now[1].x);
    free(gradient);
    soft_case_free(&test);
}

/* Three updates whose gradients pass the clip, in double from the backend's own gradients. */
Test(backend, updates_are_clipped_adamw) {
    const DlcaConfig config = large();
    SoftCase test = soft_case(&config, 9, 4.0f, false, false);
    const DlcaAdamW clipped = {0.05f, 0.9f, 0.99f, 1e-8f, 0.01f, 0.004f, false};
    const size_t count = soft_logits(test.model);
    double *x = malloc(count * sizeof *x), *m = calloc(count, sizeof *m), *v = calloc(count, sizeof *v);
    float *gradient = malloc(count * sizeof *gradient);
    size_t reached = 0;
    DlcaBackend *backend = soft_backend(test.model, dlca_isa_best(), 2);
    DlcaError error = {0};
    for (size_t i = 0; i < count; i++) {
        x[i] = (double)test.model->logits[i];
    }
    for (int t = 1; t <= 3; t++) {
        soft_gradient(backend, &test.batch, gradient);
        cr_assert(dlca_backend_cpu.update(backend, &clipped, &error));
        const Parameters now = parameters_of(backend, test.model);
        cr_assert_eq(now.updates, t);
        for (size_t i = 0; i < count; i++) {
            const double clip = (double)clipped.clip, g = fmax(-clip, fmin(clip, (double)gradient[i]));
            reached += fabs((double)gradient[i]) > clip;
            m[i] = 0.9 * m[i] + 0.1 * g;
            v[i] = 0.99 * v[i] + 0.01 * g * g;
            x[i] -= 0.05 * (m[i] / (1 - pow(0.9, t)) / (sqrt(v[i] / (1 - pow(0.99, t))) + 1e-8) + 0.01 * x[i]);
            cr_assert_lt(fabs((double)now.x[i] - x[i]), 1e-5, "logit %zu, update %d", i, t);
        }
        free(now.x);
    }
    cr_assert(reached > 10 && reached < 3 * count / 2, "%zu gradients of %zu pass the clip", reached, 3 * count);
    dlca_backend_cpu.destroy(backend);
    free(gradient);
    free(v);
    free(m);
    free(x);
    soft_case_free(&test);
}

Test(backend, load_continues_what_store_gave) {
    const DlcaConfig config = large();
    SoftCase test = soft_case(&config, 10, 4.0f, false, false);
    const Parameters expected = trained(&test, dlca_isa_best(), 2, 6);
    const Parameters half = trained(&test, dlca_isa_best(), 2, 3);
    DlcaBackend *backend = soft_backend(test.model, dlca_isa_best(), 1);
    DlcaError error = {0};
    train(backend, &test, 2); /* something else in it */
    cr_assert(dlca_backend_cpu.load(backend, half.x, half.m, half.v, half.updates, &error));
    const Parameters loaded = parameters_of(backend, test.model);
    cr_assert_arr_eq(loaded.x, half.x, half.bytes);
    cr_assert_eq(loaded.updates, 3);
    train(backend, &test, 3);
    const Parameters result = parameters_of(backend, test.model);
    cr_assert_arr_eq(result.x, expected.x, expected.bytes);
    free(result.x);
    free(loaded.x);
    dlca_backend_cpu.destroy(backend);
    free(half.x);
    free(expected.x);
    soft_case_free(&test);
}

Test(backend, rewiring_equals_a_fresh_backend) {
    const DlcaConfig config = large();
    SoftCase test = soft_case(&config, 11, 4.0f, false, false);
    DlcaBackend *backend = soft_backend(test.model, dlca_isa_best(), 2);
    DlcaError error = {0};
    train(backend, &test, 2);
    dlca_model_wire(test.model, 11, 1);
    cr_assert(dlca_backend_cpu.rewire(backend, test.model, &error));
    cr_assert(dlca_backend_cpu.load(backend, test.model->logits, NULL, NULL, 0, &error));
    train(backend, &test, 3);
    const Parameters result = parameters_of(backend, test.model), fresh = trained(&test, dlca_isa_best(), 2, 3);
    cr_assert_arr_eq(result.x, fresh.x, fresh.bytes);
    free(fresh.x);
    free(result.x);
    dlca_backend_cpu.destroy(backend);
    soft_case_free(&test);
}

Test(backend, says_what_it_cannot_do) {
    const DlcaConfig config = large();
    SoftCase test = soft_case(&config, 12, 4.0f, false, false);
    DlcaError error = {0};
    cr_assert_null(dlca_backend_cpu.create(test.model, &(DlcaBackendOptions){.threads = 0}, &error));
    cr_assert_eq(error.kind, DLCA_BAD_INPUT);
    for (int isa = 0; isa < DLCA_ISA_COUNT; isa++) {
        const DlcaBackendOptions options = {.threads = 1, .isa = (DlcaIsa)isa};
        DlcaBackend *backend = dlca_backend_cpu.create(test.model, &options, &error);
        cr_assert_eq(backend != NULL, dlca_isa_usable((DlcaIsa)isa));
        cr_assert(!backend || dlca_backend_cpu.memory_bytes(backend) > 16 * sizeof(float) * (size_t)test.model->gates);
        dlca_backend_cpu.destroy(backend);
    }
    soft_case_free(&test);
}

/* ---- a pass that is given up ---- */

typedef struct Looks {
    int seen, most;
    double last;
} Looks;

static bool look(void *context, double done) {
    Looks *looks = context;
    cr_assert(done >= looks->last && done <= 1.0, "%g after %g", done, looks->last);
    looks->last = done;
    return ++looks->seen <= looks->most;
}

/* least: looks at a whole pass. With several threads the first of them does what the others leave, which is little
 * where it has to share a processor. */
static void expect_given_up(SoftCase *test, DlcaBackend *backend, int least, const float *expected, float *gradient) {
    DlcaError error = {0};
    for (int most = 0;; most += 3) {
        Looks looks = {.most = most};
        const DlcaWatch watch = {look, &looks};
        test->batch.watch = &watch;
        if (dlca_backend_cpu.backward(backend, &test->batch, NULL, &error)) {
            cr_assert(looks.seen >= least && looks.last == 1.0, "%d looks, the last at %g", looks.seen, looks.last);
            test->batch.watch = NULL;
            return;
        }
        cr_assert_eq(looks.seen, most + 1, "it is asked once more after it was given up");
        test->batch.watch = NULL;
        soft_gradient(backend, &test->batch, gradient);
        cr_assert_arr_eq(gradient, expected, soft_logits(test->model) * sizeof *gradient);
    }
}

Test(backend, a_pass_that_is_given_up_leaves_no_trace) {
    const DlcaConfig config = large();
    SoftCase test = soft_case(&config, 6, 4.0f, false, false);
    float *expected = malloc(soft_logits(test.model) * sizeof *expected);
    float *gradient = malloc(soft_logits(test.model) * sizeof *gradient);
    for (int32_t threads = 1; threads <= 3; threads++) {
        for (int32_t every = 0; every <= 2; every += 2) {
            const DlcaBackendOptions options = {.threads = threads, .isa = dlca_isa_best(), .checkpoint_every = every};
            DlcaError error = {0};
            DlcaBackend *backend = dlca_backend_cpu.create(test.model, &options, &error);
            cr_assert_not_null(backend, "%s", error.message);
            soft_gradient(backend, &test.batch, expected);
            expect_given_up(&test, backend, threads == 1 ? 70 : 1, expected, gradient);
            dlca_backend_cpu.destroy(backend);
        }
    }
    free(expected);
    free(gradient);
    soft_case_free(&test);
}
