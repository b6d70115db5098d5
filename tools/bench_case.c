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
    for (size_t i = 0; i < scored; i++) {
        test->target[i] = test->task.target ? test->task.target[i] : (float)(i % 2);
    }
    for (int32_t step = 0; test->fire && step < config->steps; step++) {
        dlca_fire_mask(1, DLCA_RANDOM_FIRE, 0, (uint32_t)step, config->fire_rate, (int32_t)area,
                       test->fire + (size_t)step * area);
    }
    test->batch = (DlcaBatch){.input = test->input, .target = test->target, .fire = test->fire};
    return true;
}

static double count_gates(const BenchCase *test) {
    const DlcaConfig *config = &test->task.config;
    const size_t area = (size_t)config->height * (size_t)config->width;
    double cells = 0.0;
    for (size_t i = 0; i < area * (size_t)config->steps; i++) {
        cells += test->fire ? test->fire[i] : 1.0;
    }
    return cells * config->batch * (double)dlca_model_cell_gates(test->model);
}

/* As after some training: 3 gates in 10 lean to another operation than pass-through, none is saturated. */
static void lean(DlcaModel *model) {
    dlca_model_start(model, 5.0f);
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
           dlca_starts_create(&test->starts, &test->task, 1, DLCA_RANDOM_JUDGE_START, DLCA_RANDOM_JUDGE_FIRE, 0, 1,
                              config->steps, error);
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
    test->gates = count_gates(test);
    test->backend = dlca_backend_cpu.create(test->model, &(DlcaBackendOptions){.threads = threads, .isa = isa}, error);
    return test->backend && create_judge(test, error);
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
    const DlcaAdamW still = {0.0f, 0.9f, 0.99f, 1e-8f, 0.01f, 100.0f};
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
