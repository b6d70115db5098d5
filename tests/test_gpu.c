/* test_gpu.c - the CUDA kernels' own source, run on the processor (gpu/emulated_device.h), gives the bytes of the CPU
 * backend: synchronous and asynchronous, with and without borders, for batches, checkpoints, hardening, weights of the
 * steps, shared histories, gates whose inputs are one row, any cut into strips and blocks, and whatever the order of
 * threads and blocks between two barriers. */
#include "../gpu/emulated_device.h"
#include "../src/parametrization.h"
#include "rounds.h"
#include "soft_case.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const DlcaAdamW adamw = {0.05f, 0.9f, 0.99f, 1e-8f, 0.01f, 100.0f, false};

static DlcaConfig small(void) {
    return (DlcaConfig){.task = "test",
                        .height = 7,
                        .width = 9,
                        .channels = 5,
                        .scored_channels = 2,
                        .kernels = 3,
                        .perceive_layers = 3,
                        .perceive = {8, 4, 2},
                        .update_layers = 3,
                        .update = {30, 13, 5},
                        .steps = 4,
                        .batch = 2,
                        .periodic = true,
                        .fire_rate = 1.0,
                        .wiring = DLCA_WIRING_UNIQUE};
}

/* What a few updates leave behind. */
typedef struct Outcome {
    float *values; /* output, gradient of the last update, logits, both moments */
    size_t count;
    double loss[3]; /* forward, first and last backward */
} Outcome;

static Outcome outcome_of(const DlcaBackendTable *table, SoftCase *test, const DlcaBackendOptions *options,
                          int updates) {
    DlcaError error = {0};
    const DlcaConfig *config = &test->model->config;
    const size_t logits = soft_logits(test->model);
    const size_t states = (size_t)(config->batch * config->height * config->width * config->channels);
    Outcome outcome = {.count = states + 4 * logits};
    outcome.values = malloc(outcome.count * sizeof *outcome.values);
    DlcaBackend *backend = table->create(test->model, options, &error);
    cr_assert_not_null(backend, "%s", error.message);
    test->batch.epoch = 0;
    cr_assert(table->forward(backend, &test->batch, outcome.values, &outcome.loss[0], &error), "%s", error.message);
    for (int i = 0; i < updates; i++) {
        test->batch.epoch = (uint32_t)i;
        cr_assert(table->backward(backend, &test->batch, &outcome.loss[i == 0 ? 1 : 2], &error), "%s", error.message);
        cr_assert(table->gradient(backend, outcome.values + states, &error));
        cr_assert(table->update(backend, &adamw, &error));
    }
    float *x = outcome.values + states + logits;
    int64_t count;
    cr_assert(table->store(backend, x, x + logits, x + 2 * logits, &count, &error));
    cr_assert_eq(count, updates);
    cr_assert_gt(table->memory_bytes(backend), 5 * logits * sizeof(float));
    table->destroy(backend);
    return outcome;
}

/* Limits that lead to every kernel and every place of its memory. */
typedef struct Device {
    int32_t processors;
    size_t shared_bytes;
    int32_t order;
} Device;

static void use_device(Device device) {
    DlcaEmulation emulation = dlca_emulation_default();
    emulation.limits.processors = device.processors;
    emulation.limits.shared_bytes = emulation.limits.processor_shared = device.shared_bytes;
    emulation.order = device.order;
    dlca_emulation_use(&emulation);
}

static const Device devices[] = {
    {200, 228 << 10, 0}, {200, 228 << 10, 1}, {40, 228 << 10, 2}, {12, 64 << 10, 2}, {3, 64 << 10, 1}, {3, 2 << 10, 2},
};
enum { DEVICES = sizeof devices / sizeof *devices };

static void expect_cpu_bytes(SoftCase *test, int32_t checkpoint_every, int updates) {
    const DlcaBackendOptions options = {.threads = 2, .isa = dlca_isa_best(), .checkpoint_every = checkpoint_every};
    const Outcome expected = outcome_of(&dlca_backend_cpu, test, &options, updates);
    for (int i = 0; i < DEVICES; i++) {
        use_device(devices[i]);
        const Outcome result = outcome_of(&dlca_backend_emulated, test, &options, updates);
        for (int j = 0; j < 3 && j <= updates; j++) {
            cr_assert_eq(result.loss[j], expected.loss[j], "device %d, loss %d: %.17g, not %.17g", i, j, result.loss[j],
                         expected.loss[j]);
        }
        for (size_t v = 0; v < result.count; v++) {
            cr_assert_eq(memcmp(&result.values[v], &expected.values[v], sizeof(float)), 0,
                         "device %d, value %zu of %zu: %.9g, not %.9g", i, v, result.count, (double)result.values[v],
                         (double)expected.values[v]);
        }
        free(result.values);
    }
    free(expected.values);
}

Test(gpu, synchronous) {
    const DlcaConfig config = small();
    SoftCase test = soft_case(&config, 1, 4.0f, true, false);
    expect_cpu_bytes(&test, 0, 3);
    soft_case_free(&test);
}

Test(gpu, borders_and_batch_1) {
    DlcaConfig config = small();
    config.periodic = false;
    config.batch = 1;
    SoftCase test = soft_case(&config, 2, 4.0f, false, false);
    expect_cpu_bytes(&test, 0, 3);
    soft_case_free(&test);
}

Test(gpu, asynchronous) {
    DlcaConfig config = small();
    config.asynchronous = true;
    config.periodic = false;
    config.fire_rate = 0.6;
    SoftCase test = soft_case(&config, 3, 4.0f, false, true);
    expect_cpu_bytes(&test, 0, 3);
    expect_cpu_bytes(&test, 2, 2);
    soft_case_free(&test);
}

Test(gpu, a_step_at_which_no_cell_fires) {
    DlcaConfig config = small();
    config.asynchronous = true;
    config.fire_rate = 0.6;
    SoftCase test = soft_case(&config, 4, 4.0f, false, false);
    memset(test.fire + 63, 0, 63);
    expect_cpu_bytes(&test, 0, 2);
    soft_case_free(&test);
}

Test(gpu, checkpoints_and_weights_of_every_step) {
    DlcaConfig config = small();
    config.steps = 7;
    SoftCase test = soft_case(&config, 5, 4.0f, false, true);
    for (int32_t every = 1; every <= 7; every += test_rounds(2, 6)) {
        expect_cpu_bytes(&test, every, 2);
    }
    soft_case_free(&test);
}

Test(gpu, hardening) {
    DlcaConfig config = small();
    config.seed = 77;
    SoftCase test = soft_case(&config, 6, 4.0f, false, false);
    test.batch.harden_probability = 0.4f;
    expect_cpu_bytes(&test, 0, 3);
    test.batch.harden_probability = 1.0f;
    expect_cpu_bytes(&test, 0, 1);
    soft_case_free(&test);
}

/* Random wiring draws gates whose two inputs are one row, rows that nobody reads, and rows that many read. */
Test(gpu, any_wiring) {
    DlcaConfig config = small();
    config.wiring = DLCA_WIRING_RANDOM;
    config.kernels = 2;
    config.perceive_layers = 4;
    memcpy(config.perceive, (int32_t[]){6, 5, 4, 3}, 4 * sizeof(int32_t));
    SoftCase test = soft_case(&config, 7, 4.0f, false, false);
    for (int32_t l = 1; l < test.model->layers; l++) {
        const DlcaLayer *layer = &test.model->layer[l];
        for (int32_t g = 0; g < layer->gates; g += 3) {
            layer->wires[layer->gates + g] = layer->wires[g]; /* one row twice */
        }
    }
    expect_cpu_bytes(&test, 0, 3);
    soft_case_free(&test);
}

Test(gpu, one_layer_and_a_chunk_that_is_cut) {
    DlcaConfig config = small();
    config.perceive_layers = config.update_layers = 1;
    config.channels = config.update[0] = 9;
    SoftCase test = soft_case(&config, 8, 4.0f, false, false);
    expect_cpu_bytes(&test, 0, 2);
    soft_case_free(&test);
}

/* Starts that most cells share: columns are classes of cells. */
Test(gpu, equal_histories) {
    DlcaConfig config = small();
    config.height = config.width = 12;
    config.batch = 1;
    for (int periodic = 0; periodic < 2; periodic++) {
        for (int every_step = 0; every_step < 2; every_step++) {
            config.periodic = periodic;
            SoftCase test = soft_case(&config, 9, 4.0f, false, every_step);
            for (int i = 0; i < 144 * config.channels; i++) {
                test.input[i] = periodic && i / config.channels == 78 ? 1.0f : 0.0f;
            }
            test.batch.fixed_input = true;
            int64_t columns;
            DlcaError error = {0};
            DlcaBackend *backend = soft_backend(test.model, dlca_isa_best(), 1);
            cr_assert(dlca_backend_cpu_columns(backend, &test.batch, &columns, &error) && columns < 144 * 4);
            dlca_backend_cpu.destroy(backend);
            expect_cpu_bytes(&test, 0, 2);
            soft_case_free(&test);
        }
    }
}

/* Layers of the real tasks, on a small grid: trees of four layers, kernels in several pieces of channels. */
Test(gpu, layers_of_lizard) {
    DlcaConfig config = small();
    config.channels = 16;
    config.kernels = 4;
    config.perceive_layers = 4;
    memcpy(config.perceive, (int32_t[]){8, 4, 2, 1}, 4 * sizeof(int32_t));
    config.update_layers = 4;
    memcpy(config.update, (int32_t[]){64, 64, 32, 16}, 4 * sizeof(int32_t));
    SoftCase test = soft_case(&config, 10, 4.0f, false, false);
    expect_cpu_bytes(&test, 0, 2);
    soft_case_free(&test);
}

/* Passes of fewer steps than the backend has room for, one after the other; hard gates. */
Test(gpu, fewer_steps_and_straight_through) {
    DlcaConfig config = small();
    config.asynchronous = true;
    config.fire_rate = 0.6;
    config.gates = DLCA_GATES_STRAIGHT_THROUGH;
    SoftCase test = soft_case(&config, 13, 4.0f, false, true);
    const int32_t steps[3] = {3, 4, 1};
    for (int i = 0; i < 3; i++) {
        test.batch.steps = steps[i];
        expect_cpu_bytes(&test, 0, 2);
    }
    DlcaError error = {0};
    DlcaBackend *backend = dlca_backend_emulated.create(test.model, &(DlcaBackendOptions){.threads = 1}, &error);
    test.batch.steps = 5;
    cr_assert_not(dlca_backend_emulated.backward(backend, &test.batch, NULL, &error));
    cr_assert_eq(error.kind, DLCA_BAD_INPUT);
    dlca_backend_emulated.destroy(backend);
    soft_case_free(&test);
}

/* Light gates, noise on the logits, hard gates; each also hardened at random. */
Test(gpu, every_parametrization) {
    for (int gates = 0; gates < DLCA_GATES_COUNT; gates++) {
        DlcaConfig config = small();
        config.gates = (DlcaGates)gates;
        config.seed = 5;
        SoftCase test = soft_case(&config, 14, 4.0f, false, false);
        const DlcaParametrization *parametrization = dlca_parametrization(config.gates);
        for (int64_t gate = 0; parametrization->settle && gate < test.model->gates; gate++) {
            parametrization->settle(test.model->logits + gate * DLCA_OPS);
        }
        expect_cpu_bytes(&test, 0, 3);
        test.batch.harden_probability = 0.4f;
        expect_cpu_bytes(&test, 0, 3);
        soft_case_free(&test);
    }
}

Test(gpu, new_wires_and_loaded_parameters) {
    const DlcaConfig config = small();
    const DlcaBackendOptions options = {.threads = 1, .isa = dlca_isa_best()};
    SoftCase test = soft_case(&config, 11, 4.0f, false, false);
    const size_t count = soft_logits(test.model);
    float *result[2];
    const DlcaBackendTable *table[2] = {&dlca_backend_cpu, &dlca_backend_emulated};
    DlcaError error = {0};
    use_device(devices[3]);
    for (int i = 0; i < 2; i++) {
        result[i] = malloc(count * sizeof(float));
        dlca_model_wire(test.model, 11, 0);
        DlcaBackend *backend = table[i]->create(test.model, &options, &error);
        cr_assert(table[i]->backward(backend, &test.batch, NULL, &error) && table[i]->update(backend, &adamw, &error));
        dlca_model_wire(test.model, 11, 1);
        cr_assert(table[i]->rewire(backend, test.model, &error));
        cr_assert(table[i]->load(backend, test.model->logits, NULL, NULL, 0, &error));
        cr_assert(table[i]->backward(backend, &test.batch, NULL, &error) && table[i]->update(backend, &adamw, &error));
        cr_assert(table[i]->store(backend, result[i], NULL, NULL, NULL, &error));
        table[i]->destroy(backend);
    }
    cr_assert_arr_eq(result[0], result[1], count * sizeof(float));
    free(result[0]);
    free(result[1]);
    soft_case_free(&test);
}

/* The device's memory is asked for before anything is there: both figures, and not the user's fault. */
Test(gpu, too_little_memory) {
    const DlcaConfig config = small();
    SoftCase test = soft_case(&config, 12, 4.0f, false, false);
    const DlcaBackendOptions options = {.threads = 1};
    DlcaEmulation emulation = dlca_emulation_default();
    DlcaMemoryPlan plan;
    DlcaError error = {0};
    dlca_emulation_use(&emulation);
    cr_assert(dlca_backend_emulated.plan(test.model, &options, &plan, &error), "%s", error.message);
    DlcaBackend *backend = dlca_backend_emulated.create(test.model, &options, &error);
    cr_assert_eq(dlca_backend_emulated.memory_bytes(backend), plan.bytes);
    dlca_backend_emulated.destroy(backend);
    emulation.limits.free_bytes = plan.bytes - 1;
    dlca_emulation_use(&emulation);
    cr_assert_null(dlca_backend_emulated.create(test.model, &options, &error));
    cr_assert_eq(error.kind, DLCA_FAILED);
    cr_assert(strstr(error.message, "GiB of the device's memory") && strstr(error.message, "are free"));
    emulation = dlca_emulation_default();
    emulation.limits.all_bytes = plan.bytes / 2; /* somebody else took it in between */
    dlca_emulation_use(&emulation);
    cr_assert_null(dlca_backend_emulated.create(test.model, &options, &error));
    cr_assert_eq(error.kind, DLCA_FAILED);
    emulation.limits.shared_bytes = 16;
    dlca_emulation_use(&emulation);
    cr_assert_null(dlca_backend_emulated.create(test.model, &options, &error), "no block fits");
    cr_assert_null(dlca_backend_emulated.create(test.model, &(DlcaBackendOptions){.checkpoint_every = 5}, &error));
    cr_assert_eq(error.kind, DLCA_BAD_INPUT);
    soft_case_free(&test);
}
