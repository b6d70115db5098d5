/* bench_case.c - see bench_case.h. */
#include "bench_case.h"

#include <stdio.h>
#include <stdlib.h>

bool bench_case_task(BenchCase *test, const char *name, bool asynchronous, DlcaError *error) {
    *test = (BenchCase){0};
    snprintf(test->label, sizeof test->label, "%s%s", name, asynchronous ? ", async" : "");
    return dlca_task_create(&test->task, name, asynchronous, false, true, 1, error);
}

/* Starts as the task draws them; targets that depend on the start are drawn too: their values do not matter to time. */
static bool fill_batch(BenchCase *test, DlcaError *error) {
    const DlcaConfig *config = &test->task.config;
    const size_t area = (size_t)config->height * (size_t)config->width, bits = area * (size_t)config->channels;
    const size_t scored = area * (size_t)config->scored_channels, steps = (size_t)config->steps;
    uint8_t *start = malloc(bits);
    test->input = malloc((size_t)config->batch * bits * sizeof *test->input);
    test->target = malloc(scored * sizeof *test->target);
    test->fire = config->asynchronous ? malloc(steps * area) : NULL;
    bool filled = start && test->input && test->target && (test->fire || !config->asynchronous);
    for (int32_t grid = 0; filled && grid < config->batch; grid++) {
        filled = dlca_task_start(&test->task, 1, DLCA_RANDOM_START, 0, (uint32_t)grid, start);
        for (size_t i = 0; filled && i < bits; i++) {
            test->input[(size_t)grid * bits + i] = start[i];
        }
    }
    free(start);
    if (!filled) {
        return dlca_fail(error, DLCA_FAILED, "no memory for a batch of '%s'", test->label);
    }
    const bool drawn = test->task.target != NULL;
    for (size_t i = 0; i < scored; i++) {
        test->target[i] = drawn ? test->task.target[i] : (float)(i % 2);
    }
    for (int32_t step = 0; test->fire && step < config->steps; step++) {
        dlca_fire_mask(1, DLCA_RANDOM_FIRE, 0, (uint32_t)step, config->fire_rate, (int32_t)area,
                       test->fire + (size_t)step * area);
    }
    test->batch = (DlcaBatch){.input = test->input, .target = test->target, .fire = test->fire};
    return true;
}

/* From the kernels: an update gate reads its far row and writes its own (8 bytes a lane), the same when recomputed, and
 * backward reads near, far and its gradient and writes near's (16). A perception kernel of G gates and O outputs reads
 * nine rows and writes its O outputs, twice; its inner gates again once; backward reads two rows and a gradient and
 * reads and writes two gradients (28). */
double bench_case_bytes(const BenchCase *test) {
    const DlcaConfig *config = &test->task.config;
    const double outputs = config->perceive[config->perceive_layers - 1];
    double kernel = 0.0, update = 0.0;
    for (int32_t l = 0; l < config->perceive_layers; l++) {
        kernel += config->perceive[l];
    }
    for (int32_t l = 0; l < config->update_layers; l++) {
        update += config->update[l];
    }
    const double perceive = (double)config->channels * config->kernels;
    const double bytes = perceive * (2 * 4 * (9 + outputs) + 4 * (9 + kernel - outputs) + 28 * kernel) + 32 * update;
    return bytes / (perceive * kernel + update);
}

/* As after some training: 3 gates in 10 lean to another operation than pass-through, none is saturated. */
static void lean(DlcaModel *model) {
    dlca_model_start(model, &(DlcaGateStart){.pass = 5.0f}, 0, 0, NULL);
    for (int64_t gate = 0; gate < model->gates; gate++) {
        uint32_t draws[4];
        dlca_random(1, DLCA_RANDOM_SAMPLE, 0, 0, (uint32_t)gate, draws);
        if (draws[0] % 10 < 3) {
            model->logits[gate * DLCA_OPS + draws[1] % DLCA_OPS] += 6.0f;
        }
    }
}

static bool create_judge(BenchCase *test, DlcaError *error) {
    const DlcaConfig *config = &test->task.config;
    test->ops = malloc((size_t)test->model->gates);
    return (test->ops || dlca_fail(error, DLCA_FAILED, "no memory for the operations of '%s'", test->label)) &&
           dlca_bench_create(&test->judge, test->model, error) &&
           dlca_starts_create(&test->starts, &test->task, 1, DLCA_RANDOM_JUDGE_START, DLCA_RANDOM_JUDGE_FIRE, 0,
                              (DlcaBlocks){.count = 1}, config->steps, error);
}

bool bench_case_create(BenchCase *test, DlcaIsa isa, int32_t threads, DlcaError *error) {
    test->isa = isa;
    test->threads = threads;
    test->model = dlca_model_create(&test->task.config, error);
    if (!test->model || !fill_batch(test, error)) {
        return false;
    }
    dlca_model_wire(test->model, 1, 0);
    lean(test->model);
    test->batch.fixed_input = test->shares;
    const DlcaBackendOptions options = {.threads = threads,
                                        .isa = isa,
                                        .checkpoint_every = test->checkpoint_every,
                                        .computes_repeats = test->repeats,
                                        .computes_dead = test->dead};
    test->backend = dlca_backend_cpu.create(test->model, &options, error);
    int64_t gates = 0;
    if (!test->backend || !dlca_backend_cpu_gates(test->backend, &test->batch, &gates, error)) {
        return false;
    }
    test->gates = (double)gates;
    return test->without_judge || create_judge(test, error);
}

void bench_case_free(BenchCase *test) {
    dlca_backend_cpu.destroy(test->backend);
    dlca_starts_free(&test->starts);
    dlca_bench_free(&test->judge);
    free(test->ops);
    dlca_model_free(test->model);
    dlca_task_free(&test->task);
    free(test->input);
    free(test->target);
    free(test->fire);
    *test = (BenchCase){0};
}

/* A pass can only fail for memory, which the first, untimed one has taken. */
void bench_run_forward(void *context) {
    BenchCase *test = context;
    DlcaError error;
    double loss;
    dlca_backend_cpu.forward(test->backend, &test->batch, NULL, &loss, &error);
}

void bench_run_backward(void *context) {
    BenchCase *test = context;
    DlcaError error;
    double loss;
    dlca_backend_cpu.backward(test->backend, &test->batch, &loss, &error);
}

/* A learning rate of 0 leaves the logits as they are, so that all repetitions do the same work. */
void bench_run_update(void *context) {
    BenchCase *test = context;
    DlcaError error;
    const DlcaAdamW still = {0.0f, 0.9f, 0.99f, 1e-8f, 0.01f, 100.0f, false};
    dlca_backend_cpu.update(test->backend, &still, &error);
}

void bench_run_evaluation(void *context) {
    BenchCase *test = context;
    DlcaError error;
    DlcaHardScore score;
    dlca_model_argmax(test->model, test->ops);
    dlca_judge(&test->judge, &test->starts, dlca_hardener_circuit(test->judge.hardener, test->ops),
               test->task.config.steps, &score, &error);
}
