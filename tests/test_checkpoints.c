/* test_checkpoints.c - states kept every K steps and computed again between: the same bytes for every K; the plan of
 * memory before it is taken. */
#include "soft_case.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

static DlcaConfig base(void) {
    return (DlcaConfig){.task = "test",
                        .height = 17,
                        .width = 16,
                        .channels = 5,
                        .scored_channels = 2,
                        .kernels = 32, /* enough work for several threads */
                        .perceive_layers = 3,
                        .perceive = {8, 4, 2},
                        .update_layers = 3,
                        .update = {40, 13, 5},
                        .steps = 7,
                        .batch = 1,
                        .periodic = true,
                        .fire_rate = 1.0,
                        .wiring = DLCA_WIRING_UNIQUE};
}

typedef struct Result {
    float *gradient, *output;
    double loss;
} Result;

static Result run(SoftCase *test, int32_t every, int32_t threads) {
    const DlcaConfig *config = &test->model->config;
    const size_t states = (size_t)(config->height * config->width * config->channels * config->batch);
    DlcaError error = {0};
    const DlcaBackendOptions options = {.threads = threads, .isa = dlca_isa_best(), .checkpoint_every = every};
    DlcaBackend *backend = dlca_backend_cpu.create(test->model, &options, &error);
    cr_assert_not_null(backend, "%s", error.message);
    Result result = {malloc(soft_logits(test->model) * sizeof(float)), malloc(states * sizeof(float)), 0.0};
    for (int again = 0; again < 2; again++) { /* twice: what the first run left behind must not matter */
        result.loss = soft_gradient(backend, &test->batch, result.gradient);
    }
    cr_assert(dlca_backend_cpu.forward(backend, &test->batch, result.output, NULL, &error));
    dlca_backend_cpu.destroy(backend);
    return result;
}

static void expect_same_bytes(const DlcaConfig *config, uint64_t seed) {
    SoftCase test = soft_case(config, seed, 4.0f, false, true);
    const size_t states = (size_t)(config->height * config->width * config->channels * config->batch);
    const Result expected = run(&test, 0, 1);
    for (int32_t every = 1; every <= config->steps; every++) {
        const Result result = run(&test, every, 1 + every % 3);
        cr_assert_arr_eq(result.gradient, expected.gradient, soft_logits(test.model) * sizeof(float),
                         "gradient, states kept every %d steps", every);
        cr_assert_arr_eq(result.output, expected.output, states * sizeof(float), "states, every %d steps", every);
        cr_assert_eq(result.loss, expected.loss);
        free(result.gradient);
        free(result.output);
    }
    free(expected.gradient);
    free(expected.output);
    soft_case_free(&test);
}

Test(checkpoints, same_bytes) {
    const DlcaConfig config = base();
    expect_same_bytes(&config, 1);
}

Test(checkpoints, same_bytes_asynchronous) {
    DlcaConfig config = base();
    config.asynchronous = true;
    config.fire_rate = 0.6;
    config.batch = 2;
    expect_same_bytes(&config, 2);
}

Test(checkpoints, one_step) {
    DlcaConfig config = base();
    config.steps = 1;
    expect_same_bytes(&config, 3);
}

static void expect_refused(const DlcaConfig *config, int32_t every, const char *text) {
    DlcaError error = {0};
    DlcaMemoryPlan plan;
    DlcaModel *model = dlca_model_create(config, &error);
    dlca_model_wire(model, 1, 0);
    const DlcaBackendOptions options = {.threads = 1, .checkpoint_every = every};
    cr_assert_null(dlca_backend_cpu.create(model, &options, &error));
    cr_assert_eq(error.kind, DLCA_BAD_INPUT);
    cr_assert(strstr(error.message, text), "%s", error.message);
    cr_assert(every == 1 || !dlca_backend_cpu_plan(model, &options, &plan, &error));
    dlca_model_free(model);
}

Test(checkpoints, range) {
    const DlcaConfig config = base();
    expect_refused(&config, -1, "1 to 7");
    expect_refused(&config, 8, "1 to 7");
}

/* Five billion states of five channels: more than any machine that runs these tests. */
Test(checkpoints, more_memory_than_there_is) {
    DlcaConfig config = base();
    config.height = config.width = 1024;
    config.steps = DLCA_MAX_STEPS;
    expect_refused(&config, 1, "GiB");
}

Test(checkpoints, the_plan_is_what_is_taken) {
    DlcaConfig config = base();
    config.asynchronous = true;
    config.fire_rate = 0.6;
    DlcaError error = {0};
    DlcaModel *model = dlca_model_create(&config, &error);
    dlca_model_wire(model, 1, 0);
    for (int32_t every = 0; every <= config.steps; every += 3) {
        const DlcaBackendOptions options = {.threads = 2, .isa = dlca_isa_best(), .checkpoint_every = every};
        DlcaMemoryPlan plan;
        cr_assert(dlca_backend_cpu_plan(model, &options, &plan, &error));
        cr_assert_eq(plan.checkpoint_every, every ? every : config.steps);
        DlcaBackend *backend = dlca_backend_cpu.create(model, &options, &error);
        cr_assert_eq(plan.bytes, dlca_backend_cpu.memory_bytes(backend));
        size_t sum = 0;
        for (int32_t i = 0; i < plan.items; i++) {
            sum += plan.item[i].bytes;
        }
        cr_assert_eq(sum, plan.bytes);
        dlca_backend_cpu.destroy(backend);
    }
    dlca_model_free(model);
}

/* A rollout of 10 000 steps, and a grid of 1024 x 1024: what is planned stays within a fraction of all states. */
Test(checkpoints, long_rollouts_and_large_grids_are_bounded) {
    DlcaError error = {0};
    DlcaMemoryPlan plan;
    for (int large = 0; large < 2; large++) {
        DlcaConfig config = base();
        config.steps = large ? 20 : 100000;
        config.height = config.width = large ? 1024 : 16;
        config.channels = config.update[2] = 8;
        DlcaModel *model = dlca_model_create(&config, &error);
        dlca_model_wire(model, 1, 0);
        cr_assert(dlca_backend_cpu_plan(model, &(DlcaBackendOptions){.threads = 1}, &plan, &error));
        const size_t states = (size_t)(config.steps + 1) * (size_t)(config.height * config.width * 8) * sizeof(float);
        cr_assert_gt(states, DLCA_STATE_BUDGET);
        cr_assert_lt(plan.checkpoint_every, config.steps);
        cr_assert_lt(plan.bytes, states + DLCA_STATE_BUDGET, "%zu of %zu", plan.bytes, states);
        dlca_model_free(model);
    }
}

#ifndef SANITIZED
static double peak_bytes(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return 1024.0 * (double)usage.ru_maxrss;
}

/* What the process grows by is what the plan says, within a tenth. */
Test(checkpoints, a_large_grid_takes_what_is_planned) {
    DlcaConfig config = base();
    DlcaError error = {0};
    DlcaMemoryPlan plan;
    config.height = config.width = 1024;
    config.steps = 20;
    config.kernels = 1;
    config.channels = config.update_layers = 2;
    config.update[0] = 4;
    config.update[1] = 2;
    SoftCase test = soft_case(&config, 5, 4.0f, false, false);
    const double before = peak_bytes();
    const DlcaBackendOptions options = {.threads = 2, .isa = dlca_isa_best(), .checkpoint_every = 5};
    cr_assert(dlca_backend_cpu_plan(test.model, &options, &plan, &error));
    DlcaBackend *backend = dlca_backend_cpu.create(test.model, &options, &error);
    soft_gradient(backend, &test.batch, NULL);
    const double grown = peak_bytes() - before, planned = (double)plan.bytes;
    cr_assert(grown > 0.9 * planned && grown < 1.1 * planned, "%.0f bytes planned, %.0f taken", planned, grown);
    dlca_backend_cpu.destroy(backend);
    soft_case_free(&test);
}
#endif
