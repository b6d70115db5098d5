/* conformance.c - build/conformance FILE...: how far dlca is from the published implementation.
 *
 * Reads conformance files (safetensors with wires, logits, inputs, targets, firing masks, and the results that the
 * published functions give in float64) and prints for each group of results, and for each tensor's gradient, the error,
 * its bound and whether it is within. Exit code 0: all within; 1: one is not; 2: a file cannot be read. With
 * --backend NAME and --threads N another backend is compared; `emulated` is the CUDA kernels' source on the processor.
 * Bounds: e is the published float32 run's own error (metadata f32_error.*), so that dlca is never asked to be closer
 * than that run by much, nor allowed to be far. */
#include "../gpu/emulated_device.h"
#include "../src/file.h"
#include "../src/harden.h"
#include "../src/safetensors.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Case {
    const char *path;
    DlcaSafetensors file;
    DlcaModel *model;
    const DlcaBackendTable *table;
    DlcaBackendOptions options;
    DlcaAdamW adamw;
    float *input, *target; /* [B][H][W][C], [B][H][W][S] */
    uint8_t *fire;         /* [T][H][W] or NULL */
    int failures;
} Case;

_Noreturn static void stop(const char *path, const char *message) {
    fprintf(stderr, "%s: %s\n", path, message);
    exit(2);
}

static void *need(void *memory) {
    if (!memory) {
        stop("conformance", "no memory");
    }
    return memory;
}

/* ---- reading ---- */

static const char *text_of(const Case *test, const char *key) {
    const char *value = dlca_safetensors_metadata(&test->file, key);
    if (!value) {
        fprintf(stderr, "%s: no metadata '%s'\n", test->path, key);
        exit(2);
    }
    return value;
}

static double number_of(const Case *test, const char *key) {
    return strtod(text_of(test, key), NULL);
}

static int32_t list_of(const Case *test, const char *key, int32_t *values) {
    int32_t count = 0;
    for (const char *at = text_of(test, key); count < DLCA_MAX_LAYERS; at++) {
        char *end;
        values[count++] = (int32_t)strtol(at, &end, 10);
        at = end;
        if (*at != ',') {
            break;
        }
    }
    return count;
}

static DlcaConfig config_of(const Case *test) {
    DlcaConfig config = {.task = "conformance", .seed = 1};
    config.height = (int32_t)number_of(test, "height");
    config.width = (int32_t)number_of(test, "width");
    config.channels = (int32_t)number_of(test, "channels");
    config.scored_channels = (int32_t)number_of(test, "scored_channels");
    config.kernels = (int32_t)number_of(test, "kernels");
    config.steps = (int32_t)number_of(test, "steps");
    config.batch = (int32_t)number_of(test, "batch");
    config.periodic = number_of(test, "periodic") != 0.0;
    config.fire_rate = number_of(test, "fire_rate");
    config.asynchronous = config.fire_rate < 1.0;
    config.perceive_layers = list_of(test, "perceive", config.perceive);
    config.update_layers = list_of(test, "update", config.update);
    return config;
}

static const DlcaTensor *tensor_of(const Case *test, const char *name, int64_t elements) {
    const DlcaTensor *tensor = dlca_safetensors_find(&test->file, name);
    if (!tensor || (elements >= 0 && tensor->elements != elements)) {
        fprintf(stderr, "%s: tensor '%s' is missing or has the wrong size\n", test->path, name);
        exit(2);
    }
    return tensor;
}

static float *floats_of(const Case *test, const char *name, int64_t elements) {
    const DlcaTensor *tensor = tensor_of(test, name, elements);
    float *values = need(malloc((size_t)tensor->elements * sizeof *values));
    for (int64_t i = 0; i < tensor->elements; i++) {
        values[i] = (float)dlca_tensor_value(tensor, i);
    }
    return values;
}

static void layer_name(const DlcaModel *model, int32_t l, const char *prefix, const char *suffix, char name[64]) {
    const bool perceive = model->layer[l].perceive;
    snprintf(name, 64, "%s%s.%d.%s", prefix, perceive ? "perceive" : "update",
             perceive ? l : l - model->config.perceive_layers, suffix);
}

static void read_model(Case *test) {
    DlcaError error;
    const DlcaConfig config = config_of(test);
    test->model = dlca_model_create(&config, &error);
    if (!test->model) {
        stop(test->path, error.message);
    }
    for (int32_t l = 0; l < test->model->layers; l++) {
        const DlcaLayer *layer = &test->model->layer[l];
        char name[64];
        layer_name(test->model, l, "", "logits", name);
        const int64_t logits = (int64_t)layer->kernels * layer->gates * DLCA_OPS;
        float *values = floats_of(test, name, logits);
        memcpy(test->model->logits + layer->first * DLCA_OPS, values, (size_t)logits * sizeof *values);
        free(values);
        layer_name(test->model, l, "", "wires", name);
        const DlcaTensor *wires = tensor_of(test, name, 2 * (int64_t)layer->gates);
        for (int64_t i = 0; i < wires->elements; i++) {
            const double wire = dlca_tensor_value(wires, i);
            if (!(wire >= 0 && wire < layer->inputs)) {
                stop(test->path, "a wire is out of range");
            }
            layer->wires[i] = (int32_t)wire;
        }
    }
}

static void read_case(Case *test) {
    read_model(test);
    const DlcaConfig *config = &test->model->config;
    const int64_t area = (int64_t)config->height * config->width, cells = area * config->batch;
    test->input = floats_of(test, "input", cells * config->channels);
    test->target = floats_of(test, "target", cells * config->scored_channels);
    const DlcaTensor *mask = dlca_safetensors_find(&test->file, "mask");
    if (mask) {
        tensor_of(test, "mask", area * config->steps);
        test->fire = need(malloc((size_t)mask->elements));
        for (int64_t i = 0; i < mask->elements; i++) {
            test->fire[i] = dlca_tensor_value(mask, i) != 0.0;
        }
    }
    test->adamw = (DlcaAdamW){.rate = (float)number_of(test, "lr"),
                              .b1 = (float)number_of(test, "b1"),
                              .b2 = (float)number_of(test, "b2"),
                              .epsilon = (float)number_of(test, "eps"),
                              .decay = (float)number_of(test, "weight_decay"),
                              .clip = (float)number_of(test, "clip")};
}

/* ---- comparing ---- */

static void report(Case *test, const char *group, double error, double bound) {
    const bool within = error <= bound; /* false for NaN */
    printf("  %-44s %10.3e  at most %10.3e  %s\n", group, error, bound, within ? "ok" : "NOT WITHIN");
    test->failures += !within;
}

/* The published float32 run's error of a group, 0 when the file has none. */
static double published(const Case *test, const char *group) {
    char key[128];
    snprintf(key, sizeof key, "f32_error.%s", group);
    const char *value = dlca_safetensors_metadata(&test->file, key);
    return value ? strtod(value, NULL) : 0.0;
}

static double bound_of(const Case *test, const char *group, double factor, double least) {
    const double bound = factor * published(test, group);
    return bound > least ? bound : least;
}

/* max |x - reference| / max(1, max |reference|) */
static double largest_error(const float *x, const DlcaTensor *reference) {
    double error = 0.0, scale = 1.0;
    for (int64_t i = 0; i < reference->elements; i++) {
        const double expected = dlca_tensor_value(reference, i), difference = fabs((double)x[i] - expected);
        error = difference > error || isnan(difference) ? difference : error;
        scale = fabs(expected) > scale ? fabs(expected) : scale;
    }
    return error / scale;
}

static double scalar_error(double x, double reference) {
    return fabs(x - reference) / (fabs(reference) > 1.0 ? fabs(reference) : 1.0);
}

static DlcaBackend *backend_for(Case *test, const DlcaModel *model) {
    DlcaError error;
    DlcaBackend *backend = test->table->create(model, &test->options, &error);
    if (!backend) {
        stop(test->path, error.message);
    }
    return backend;
}

static DlcaBatch batch_of(const Case *test) {
    return (DlcaBatch){.input = test->input, .target = test->target, .target_per_grid = true, .fire = test->fire};
}

static void run_forward(Case *test, DlcaBackend *backend, const DlcaBatch *batch, float *output, double *loss) {
    DlcaError error;
    if (!test->table->forward(backend, batch, output, loss, &error)) {
        stop(test->path, error.message);
    }
}

static void compare_forward(Case *test) {
    const DlcaTensor *expected = tensor_of(test, "soft_output", -1);
    float *output = need(malloc((size_t)expected->elements * sizeof *output));
    double loss;
    DlcaBatch batch = batch_of(test);
    DlcaBackend *backend = backend_for(test, test->model);
    run_forward(test, backend, &batch, output, &loss);
    report(test, "soft_output", largest_error(output, expected), bound_of(test, "soft_output", 4, 1e-5));
    report(test, "soft_loss", scalar_error(loss, dlca_tensor_value(tensor_of(test, "soft_loss", 1), 0)),
           bound_of(test, "soft_loss", 4, 1e-5));
    batch.harden_probability = 1.0f;
    run_forward(test, backend, &batch, output, &loss);
    report(test, "hard_output", largest_error(output, tensor_of(test, "hard_output", expected->elements)), 0.0);
    const double hard_loss = dlca_tensor_value(tensor_of(test, "hard_loss", 1), 0);
    const bool clips = strstr(text_of(test, "case"), "clip") != NULL;
    report(test, "hard_loss", scalar_error(loss, hard_loss), clips ? 1e-6 : 0.0);
    test->table->destroy(backend);
    free(output);
}

static void compare_one_step(Case *test) {
    const DlcaTensor *expected = dlca_safetensors_find(&test->file, "soft_step1");
    if (!expected && strcmp(text_of(test, "logits"), "init") == 0) {
        return; /* `init` cases hold the end of the rollout alone */
    }
    expected = tensor_of(test, "soft_step1", tensor_of(test, "soft_output", -1)->elements);
    float *output = need(malloc((size_t)expected->elements * sizeof *output));
    const int32_t steps = test->model->config.steps;
    test->model->config.steps = 1;
    DlcaBackend *backend = backend_for(test, test->model);
    const DlcaBatch batch = batch_of(test);
    run_forward(test, backend, &batch, output, NULL);
    report(test, "soft_step1", largest_error(output, expected), bound_of(test, "soft_step1", 4, 1e-5));
    test->model->config.steps = steps;
    test->table->destroy(backend);
    free(output);
}

/* The same hard result from the bit-parallel engine: grid b of the batch is bit b of every word. */
static void compare_bits(Case *test) {
    DlcaError error;
    const DlcaConfig *config = &test->model->config;
    const int32_t area = config->height * config->width, C = config->channels;
    uint8_t *ops = need(malloc((size_t)test->model->gates));
    uint64_t *planes = need(calloc((size_t)C * (size_t)area, sizeof *planes));
    uint64_t *fire = need(malloc((size_t)area * sizeof *fire));
    for (int32_t i = 0; i < config->batch * area; i++) {
        for (int32_t c = 0; c < C; c++) {
            const uint64_t bit = test->input[(size_t)i * (size_t)C + (size_t)c] != 0.0f;
            planes[(size_t)c * (size_t)area + (size_t)(i % area)] |= bit << (i / area);
        }
    }
    DlcaCircuit circuit;
    DlcaHardGrid *grid = dlca_hard_create(config->height, config->width, C, config->periodic, &error);
    dlca_model_argmax(test->model, ops);
    if (!grid || !dlca_model_circuit(test->model, ops, &circuit, &error) ||
        !dlca_hard_set_rule(grid, &circuit, &error)) {
        stop(test->path, error.message);
    }
    dlca_hard_set_state(grid, planes);
    for (int32_t step = 0; step < config->steps; step++) {
        for (int32_t cell = 0; cell < area; cell++) {
            fire[cell] = !test->fire || test->fire[(size_t)step * (size_t)area + (size_t)cell] ? UINT64_MAX : 0;
        }
        dlca_hard_step(grid, fire);
    }
    dlca_hard_get_state(grid, planes);
    const DlcaTensor *expected = tensor_of(test, "hard_output", (int64_t)config->batch * area * C);
    double error_bits = 0.0;
    for (int64_t i = 0; i < expected->elements; i++) {
        const int64_t cell = i / C, c = i % C;
        const double bit = (double)(planes[c * area + cell % area] >> (cell / area) & 1);
        error_bits = fmax(error_bits, fabs(bit - dlca_tensor_value(expected, i)));
    }
    report(test, "hard_output, bit-parallel", error_bits, 0.0);
    dlca_circuit_free(&circuit);
    dlca_hard_free(grid);
    free(fire);
    free(planes);
    free(ops);
}

typedef struct Norms {
    double difference, reference; /* squared */
} Norms;

static Norms gradient_norms(const float *gradient, const DlcaTensor *expected) {
    Norms norms = {0};
    for (int64_t i = 0; i < expected->elements; i++) {
        const double reference = dlca_tensor_value(expected, i), difference = (double)gradient[i] - reference;
        norms.difference += difference * difference;
        norms.reference += reference * reference;
    }
    return norms;
}

static double relative(Norms norms) {
    return norms.reference > 0.0 ? sqrt(norms.difference / norms.reference) : sqrt(norms.difference);
}

static void compare_gradient(Case *test, const float *gradient) {
    Norms all = {0};
    bool complete = true;
    for (int32_t l = 0; l < test->model->layers; l++) {
        char name[64], group[96];
        layer_name(test->model, l, "grad.", "logits", name);
        const DlcaTensor *expected = dlca_safetensors_find(&test->file, name);
        if (!expected) {
            complete = false;
            continue;
        }
        const Norms norms = gradient_norms(gradient + test->model->layer[l].first * DLCA_OPS, expected);
        all.difference += norms.difference;
        all.reference += norms.reference;
        snprintf(group, sizeof group, "grad_relative_norm.%s", name + strlen("grad."));
        report(test, group, relative(norms), bound_of(test, group, 10, 2e-4));
    }
    if (complete) {
        report(test, "grad_relative_norm", relative(all), bound_of(test, "grad_relative_norm", 4, 5e-5));
    }
}

/* Updated logits: root of the mean square, and the largest where the gradient is firm, both over max(1, |reference|).
 * AdamW divides by sqrt(v) + 1e-8, which turns rounding into full steps where the gradient nearly vanishes. */
static void compare_updated(Case *test, const float *logits, const char *group) {
    double squares = 0.0, count = 0.0, firm = 0.0, scale = 1.0;
    for (int32_t l = 0; l < test->model->layers; l++) {
        char name[64], prefix[16];
        snprintf(prefix, sizeof prefix, "%s.", group);
        layer_name(test->model, l, prefix, "logits", name);
        const DlcaTensor *expected = dlca_safetensors_find(&test->file, name);
        layer_name(test->model, l, "grad.", "logits", name);
        const DlcaTensor *gradient = dlca_safetensors_find(&test->file, name);
        for (int64_t i = 0; expected && i < expected->elements; i++) {
            const double reference = dlca_tensor_value(expected, i);
            const double value = (double)logits[test->model->layer[l].first * DLCA_OPS + i];
            const double difference = fabs(value - reference);
            squares += difference * difference;
            count += 1.0;
            scale = fmax(scale, fabs(reference));
            if (gradient && fabs(dlca_tensor_value(gradient, i)) >= 1e-6) {
                firm = difference > firm || isnan(difference) ? difference : firm;
            }
        }
    }
    if (count == 0.0) {
        return;
    }
    char key[48];
    snprintf(key, sizeof key, "%s_rms", group);
    report(test, key, sqrt(squares / count) / scale, bound_of(test, key, 4, 2e-5));
    snprintf(key, sizeof key, "%s_firm", group);
    report(test, key, firm / scale, bound_of(test, key, 10, 1e-4));
}

static void compare_training(Case *test) {
    const DlcaTensor *losses = dlca_safetensors_find(&test->file, "losses10");
    if (!losses || losses->elements != 10) {
        return; /* `init` cases stop at the forward pass */
    }
    DlcaError error;
    DlcaBackend *backend = backend_for(test, test->model);
    const DlcaBatch batch = batch_of(test);
    float *values = need(malloc((size_t)test->model->gates * DLCA_OPS * sizeof *values));
    float loss[10];
    for (int update = 0; update < 10; update++) {
        double soft_loss;
        if (!test->table->backward(backend, &batch, &soft_loss, &error)) {
            stop(test->path, error.message);
        }
        loss[update] = (float)soft_loss;
        if (update == 0 && test->table->gradient(backend, values, &error)) {
            compare_gradient(test, values);
        }
        if (!test->table->update(backend, &test->adamw, &error)) {
            stop(test->path, error.message);
        }
        if ((update == 0 || update == 9) && test->table->store(backend, values, NULL, NULL, NULL, &error)) {
            compare_updated(test, values, update == 0 ? "after1" : "after10");
        }
    }
    report(test, "losses10", largest_error(loss, losses), bound_of(test, "losses10", 4, 1e-5));
    test->table->destroy(backend);
    free(values);
}

/* The relaxed operations through the coefficients, as the kernels evaluate them. */
static void compare_operations(Case *test) {
    const DlcaTensor *a = tensor_of(test, "a", -1), *b = tensor_of(test, "b", a->elements);
    const DlcaTensor *ops = tensor_of(test, "ops", a->elements * DLCA_OPS);
    double error = 0.0;
    for (int64_t i = 0; i < ops->elements; i++) {
        const float *c = dlca_op_coefficients[i % DLCA_OPS];
        const double x = dlca_tensor_value(a, i / DLCA_OPS), y = dlca_tensor_value(b, i / DLCA_OPS);
        const double value = (double)c[0] + (double)c[1] * x + (double)c[2] * y + (double)c[3] * x * y;
        error = fmax(error, fabs(value - dlca_tensor_value(ops, i)));
    }
    report(test, "gates", error, 1e-7);
}

static int compare_file(Case *test) {
    DlcaError error;
    DlcaBytes bytes;
    if (!dlca_file_read(test->path, (size_t)1 << 30, &bytes, &error) ||
        !dlca_safetensors_parse(bytes.data, bytes.size, test->path, &test->file, &error)) {
        fprintf(stderr, "%s\n", error.message);
        exit(2);
    }
    printf("%s\n", test->path);
    if (dlca_safetensors_find(&test->file, "ops")) {
        compare_operations(test);
    } else {
        read_case(test);
        compare_forward(test);
        compare_one_step(test);
        compare_bits(test);
        compare_training(test);
        dlca_model_free(test->model);
        free(test->input);
        free(test->target);
        free(test->fire);
    }
    dlca_safetensors_free(&test->file);
    dlca_bytes_free(&bytes);
    return test->failures;
}

int main(int argc, char **argv) {
    const char *backend = "auto";
    DlcaBackendOptions options = {.threads = dlca_cpu_count()};
    int failures = 0, files = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--backend") == 0 && i + 1 < argc) {
            backend = argv[++i];
            continue;
        }
        if (strcmp(argv[i], "--threads") == 0 && i + 1 < argc) {
            options.threads = (int32_t)strtol(argv[++i], NULL, 10);
            continue;
        }
        DlcaError error;
        Case test = {.path = argv[i], .options = options};
        test.table = strcmp(backend, dlca_backend_emulated.name) == 0
                         ? &dlca_backend_emulated
                         : dlca_backend_find(backend, &test.options.isa, &error);
        if (!test.table) {
            stop("conformance", error.message);
        }
        failures += compare_file(&test);
        files++;
    }
    if (files == 0) {
        fprintf(stderr, "usage: conformance [--backend NAME] [--threads N] FILE.safetensors...\n");
        return 2;
    }
    printf("%d files, %d results not within their bounds\n", files, failures);
    return failures == 0 ? 0 : 1;
}
