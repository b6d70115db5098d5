/* train_checksum.c - prints a checksum of the parameters after 20 updates: what must be the same on every processor.
 *
 *   train_checksum BACKEND [THREADS]     one line for each of several small models: its name and the checksum
 *
 * Plain C with nothing but the library's own gates/ and src/ files of the soft rollout, so that it can be built for
 * another processor and run under an emulator (tests/test_neon.sh). Leaves alone: comparing. */
#include "../../src/backend.h"

#include <stdio.h>
#include <stdlib.h>

enum { UPDATES = 20 };

static const DlcaConfig configs[] = {
    {.task = "border",
     .height = 9,
     .width = 7,
     .channels = 5,
     .scored_channels = 2,
     .kernels = 3,
     .perceive_layers = 3,
     .perceive = {8, 4, 2},
     .update_layers = 3,
     .update = {30, 11, 5},
     .steps = 4,
     .batch = 2,
     .fire_rate = 1.0},
    {.task = "wrap",
     .height = 6,
     .width = 10,
     .channels = 3,
     .scored_channels = 3,
     .kernels = 2,
     .perceive_layers = 4,
     .perceive = {8, 4, 2, 1},
     .update_layers = 2,
     .update = {17, 3},
     .steps = 3,
     .batch = 1,
     .periodic = true,
     .fire_rate = 1.0,
     .wiring = DLCA_WIRING_RANDOM},
    {.task = "async",
     .height = 8,
     .width = 8,
     .channels = 4,
     .scored_channels = 1,
     .kernels = 2,
     .perceive_layers = 2,
     .perceive = {5, 3},
     .update_layers = 3,
     .update = {21, 9, 4},
     .steps = 5,
     .batch = 1,
     .asynchronous = true,
     .fire_rate = 0.6},
};

static double unit(uint32_t word) {
    return (double)word * 0x1p-32;
}

/* Numbers in [0, 1) from the library's own generator. */
static void fill(float *values, size_t count, uint32_t stream) {
    for (size_t i = 0; i < count; i++) {
        uint32_t draws[4];
        dlca_random(1, DLCA_RANDOM_SAMPLE, 0, stream, (uint32_t)i, draws);
        values[i] = (float)unit(draws[0] & ~0xFFu);
    }
}

/* FNV-1a (Fowler, Noll, Vo) over the bytes. */
static uint64_t checksum(const void *bytes, size_t size) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ ((const unsigned char *)bytes)[i]) * 0x100000001b3u;
    }
    return hash;
}

static bool train(DlcaModel *model, DlcaBackend *backend, DlcaError *error) {
    const DlcaConfig *config = &model->config;
    const size_t area = (size_t)config->height * (size_t)config->width, logits = (size_t)model->gates * DLCA_OPS;
    const size_t inputs = (size_t)config->batch * area * (size_t)config->channels;
    const size_t targets = area * (size_t)config->scored_channels;
    float *values = malloc((inputs + targets) * sizeof *values);
    uint8_t *fire = malloc((size_t)config->steps * area);
    bool done = values && fire;
    for (uint32_t update = 0; done && update < UPDATES; update++) {
        fill(values, inputs + targets, 100 + update);
        for (uint32_t step = 0; step < (uint32_t)config->steps; step++) {
            dlca_fire_mask(1, DLCA_RANDOM_FIRE, update, step, config->fire_rate, (int32_t)area, fire + step * area);
        }
        const DlcaBatch batch = {.input = values,
                                 .target = values + inputs,
                                 .fire = config->asynchronous ? fire : NULL,
                                 .harden_probability = update % 3 == 0 ? 0.25f : 0.0f,
                                 .epoch = update};
        const DlcaAdamW adamw = {0.05f, 0.9f, 0.99f, 1e-8f, 0.01f, 100.0f, false};
        double loss;
        done =
            dlca_backend_cpu.backward(backend, &batch, &loss, error) && dlca_backend_cpu.update(backend, &adamw, error);
    }
    done = done && dlca_backend_cpu.store(backend, model->logits, NULL, NULL, NULL, error);
    if (done) {
        printf("%s %016llx\n", config->task, (unsigned long long)checksum(model->logits, logits * sizeof(float)));
    }
    free(fire);
    free(values);
    return done;
}

static bool run(const DlcaConfig *config, DlcaBackendOptions options, DlcaError *error) {
    DlcaModel *model = dlca_model_create(config, error);
    if (!model) {
        return false;
    }
    dlca_model_wire(model, 7, 0);
    fill(model->logits, (size_t)model->gates * DLCA_OPS, 0);
    for (int64_t i = 0; i < model->gates * DLCA_OPS; i++) {
        model->logits[i] = 6.0f * model->logits[i] - 3.0f;
    }
    DlcaBackend *backend = dlca_backend_cpu.create(model, &options, error);
    const bool done = backend && train(model, backend, error);
    dlca_backend_cpu.destroy(backend);
    dlca_model_free(model);
    return done;
}

int main(int argc, char **argv) {
    DlcaError error = {0};
    DlcaBackendOptions options = {.threads = argc > 2 ? atoi(argv[2]) : 1};
    bool done = argc > 1 && dlca_backend_find(argv[1], &options.isa, &error);
    for (size_t i = 0; done && i < sizeof configs / sizeof *configs; i++) {
        done = run(&configs[i], options, &error);
    }
    if (!done) {
        fprintf(stderr, "train_checksum: %s\n", argc > 1 ? error.message : "usage: train_checksum BACKEND [THREADS]");
    }
    return done ? 0 : 1;
}
