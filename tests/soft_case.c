/* soft_case.c - see soft_case.h. */
#include "soft_case.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static float unit(TestRandom *random) {
    return (float)(test_random_word(random) >> 40) * 0x1p-24f;
}

static float *random_floats(TestRandom *random, size_t count) {
    float *values = malloc(count * sizeof *values);
    for (size_t i = 0; i < count; i++) {
        values[i] = unit(random);
    }
    return values;
}

size_t soft_logits(const DlcaModel *model) {
    return (size_t)model->gates * DLCA_OPS;
}

SoftCase soft_case(const DlcaConfig *config, uint64_t seed, float spread, bool target_per_grid, bool every_step) {
    TestRandom random = test_random(seed);
    DlcaError error = {0};
    const size_t area = (size_t)config->height * (size_t)config->width, cells = area * (size_t)config->batch;
    SoftCase test = {.model = dlca_model_create(config, &error)};
    cr_assert_not_null(test.model, "%s", error.message);
    dlca_model_wire(test.model, seed, 0);
    for (size_t i = 0; i < soft_logits(test.model); i++) {
        test.model->logits[i] = spread * (unit(&random) + unit(&random) + unit(&random) - 1.5f);
    }
    test.input = random_floats(&random, cells * (size_t)config->channels);
    test.target = random_floats(&random, (target_per_grid ? cells : area) * (size_t)config->scored_channels);
    test.step_weight = random_floats(&random, (size_t)config->steps);
    test.fire = malloc((size_t)config->steps * area);
    for (int32_t step = 0; step < config->steps; step++) {
        dlca_fire_mask(seed, DLCA_RANDOM_FIRE, 0, (uint32_t)step, config->fire_rate, (int32_t)area,
                       test.fire + (size_t)step * area);
    }
    test.batch = (DlcaBatch){.input = test.input, .target = test.target, .target_per_grid = target_per_grid};
    test.batch.fire = config->asynchronous ? test.fire : NULL;
    test.batch.step_weight = every_step ? test.step_weight : NULL;
    return test;
}

void soft_case_free(SoftCase *test) {
    dlca_model_free(test->model);
    free(test->input);
    free(test->target);
    free(test->step_weight);
    free(test->fire);
}

DlcaBackend *soft_backend(const DlcaModel *model, DlcaIsa isa, int32_t threads) {
    DlcaError error = {0};
    DlcaBackend *backend =
        dlca_backend_cpu.create(model, &(DlcaBackendOptions){.threads = threads, .isa = isa}, &error);
    cr_assert_not_null(backend, "%s", error.message);
    return backend;
}

double soft_gradient(DlcaBackend *backend, const DlcaBatch *batch, float *gradient) {
    double loss;
    DlcaError error = {0};
    cr_assert(dlca_backend_cpu.backward(backend, batch, &loss, &error), "%s", error.message);
    cr_assert(!gradient || dlca_backend_cpu.gradient(backend, gradient, &error), "%s", error.message);
    return loss;
}
