/* bench_naive.c - see bench_naive.h. */
#include "bench_naive.h"

#include "../src/geometry.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct BenchNaive {
    const DlcaModel *model;
    const DlcaBatch *batch;
    BenchNaiveGate gate;
    DlcaGeometry geometry;
    int32_t cells, values; /* values of a cell in a step: patch, perception, update input, update gates */
    int32_t kernel_values; /* of one channel and kernel: nine inputs, then the gates */
    double loss;
    float *softmax;      /* [gates][16] */
    float *coefficients; /* [gates][4] */
    float *sums;         /* [gates][16] or [gates][4] */
    float *gradient;     /* [gates][16] */
    float *states;       /* [T + 1][cell][C] */
    float *state_gradient[2];
    float *activations;     /* [T][cell][values] */
    float *value_gradients; /* [values] of one cell */
};

/* ---- one gate ---- */

static void softmax_of(const float *logits, float *p) {
    float most = logits[0], total = 0.0f;
    for (int op = 1; op < DLCA_OPS; op++) {
        most = fmaxf(most, logits[op]);
    }
    for (int op = 0; op < DLCA_OPS; op++) {
        p[op] = expf(logits[op] - most);
        total += p[op];
    }
    for (int op = 0; op < DLCA_OPS; op++) {
        p[op] /= total;
    }
}

static float gate_forward(const BenchNaive *naive, int64_t gate, float a, float b) {
    if (naive->gate == BENCH_GATE_FOUR) {
        const float *c = naive->coefficients + 4 * gate;
        return c[0] + c[1] * a + c[2] * b + c[3] * a * b;
    }
    float own[DLCA_OPS], out = 0.0f;
    const float *p = naive->softmax + DLCA_OPS * gate;
    if (naive->gate == BENCH_GATE_EXP) {
        softmax_of(naive->model->logits + DLCA_OPS * gate, own);
        p = own;
    }
    for (int op = 0; op < DLCA_OPS; op++) {
        const float *k = dlca_op_coefficients[op];
        out += p[op] * (k[0] + k[1] * a + k[2] * b + k[3] * a * b);
    }
    return out;
}

/* Adds to the gradients of a and b and to the gate's sums. */
static void gate_backward(BenchNaive *naive, int64_t gate, float a, float b, float g, float *da, float *db) {
    if (naive->gate == BENCH_GATE_FOUR) {
        const float *c = naive->coefficients + 4 * gate;
        float *sums = naive->sums + 4 * gate;
        *da += g * (c[1] + c[3] * b);
        *db += g * (c[2] + c[3] * a);
        sums[0] += g;
        sums[1] += g * a;
        sums[2] += g * b;
        sums[3] += g * a * b;
        return;
    }
    float own[DLCA_OPS];
    const float *p = naive->softmax + DLCA_OPS * gate;
    float *sums = naive->sums + DLCA_OPS * gate;
    if (naive->gate == BENCH_GATE_EXP) {
        softmax_of(naive->model->logits + DLCA_OPS * gate, own);
        p = own;
    }
    for (int op = 0; op < DLCA_OPS; op++) {
        const float *k = dlca_op_coefficients[op];
        *da += g * p[op] * (k[1] + k[3] * b);
        *db += g * p[op] * (k[2] + k[3] * a);
        sums[op] += g * (k[0] + k[1] * a + k[2] * b + k[3] * a * b);
    }
}

/* ---- layers; in and out are values of one cell ---- */

static void layer_forward(const BenchNaive *naive, const DlcaLayer *layer, int32_t kernel, const float *in,
                          float *out) {
    const int64_t first = layer->first + (int64_t)kernel * layer->gates;
    for (int32_t g = 0; g < layer->gates; g++) {
        out[g] = gate_forward(naive, first + g, in[layer->wires[g]], in[layer->wires[layer->gates + g]]);
    }
}

static void layer_backward(BenchNaive *naive, const DlcaLayer *layer, int32_t kernel, const float *in,
                           const float *out_gradient, float *in_gradient) {
    const int64_t first = layer->first + (int64_t)kernel * layer->gates;
    for (int32_t g = 0; g < layer->gates; g++) {
        const int32_t a = layer->wires[g], b = layer->wires[layer->gates + g];
        gate_backward(naive, first + g, in[a], in[b], out_gradient[g], &in_gradient[a], &in_gradient[b]);
    }
}

/* ---- a cell: [channel][kernel][nine inputs, gates], then the update network's input, then its gates ---- */

static size_t kernel_at(const BenchNaive *naive, int32_t channel, int32_t kernel) {
    return (size_t)(channel * naive->model->config.kernels + kernel) * (size_t)naive->kernel_values;
}

static size_t update_at(const BenchNaive *naive) {
    return kernel_at(naive, naive->model->config.channels, 0);
}

static void cell_forward(const BenchNaive *naive, const float *state, int32_t cell, float *values, float *new_state) {
    const DlcaConfig *config = &naive->model->config;
    const int32_t C = config->channels, K = config->kernels, O = config->perceive[config->perceive_layers - 1];
    float *update = values + update_at(naive);
    for (int32_t c = 0; c < C; c++) {
        update[c] = state[cell * C + c];
        for (int32_t k = 0; k < K; k++) {
            float *in = values + kernel_at(naive, c, k);
            for (int n = 0; n < DLCA_NEIGHBOURS; n++) {
                const int32_t other = dlca_neighbour(&naive->geometry, cell, n);
                in[n] = other < 0 ? 0.0f : state[other * C + c];
            }
            for (int32_t l = 0; l < config->perceive_layers; l++) {
                float *out = in + naive->model->layer[l].inputs;
                layer_forward(naive, &naive->model->layer[l], k, in, out);
                in = out;
            }
            for (int32_t o = 0; o < O; o++) {
                update[C + (c * O + o) * K + k] = in[o];
            }
        }
    }
    for (int32_t l = config->perceive_layers; l < naive->model->layers; l++) {
        float *out = update + naive->model->layer[l].inputs;
        layer_forward(naive, &naive->model->layer[l], 0, update, out);
        update = out;
    }
    memcpy(new_state + cell * C, update, (size_t)C * sizeof *update);
}

/* From the last layer of a run of layers back to its first input; `at` is that input. */
static void layers_backward(BenchNaive *naive, int32_t first, int32_t last, int32_t kernel, const float *values,
                            float *gradients, size_t at) {
    size_t in[DLCA_MAX_LAYERS];
    for (int32_t l = first; l < last; l++) {
        in[l - first] = at;
        at += (size_t)naive->model->layer[l].inputs;
    }
    for (int32_t l = last - 1; l >= first; l--) {
        const DlcaLayer *layer = &naive->model->layer[l];
        const size_t place = in[l - first];
        layer_backward(naive, layer, kernel, values + place, gradients + place + layer->inputs, gradients + place);
    }
}

static void cell_backward(BenchNaive *naive, int32_t cell, const float *values, const float *new_gradient,
                          float *state_gradient) {
    const DlcaConfig *config = &naive->model->config;
    const int32_t C = config->channels, K = config->kernels, O = config->perceive[config->perceive_layers - 1];
    float *gradients = naive->value_gradients, *update = gradients + update_at(naive);
    memset(gradients, 0, (size_t)naive->values * sizeof *gradients);
    memcpy(gradients + naive->values - C, new_gradient + cell * C, (size_t)C * sizeof *gradients);
    layers_backward(naive, config->perceive_layers, naive->model->layers, 0, values, gradients, update_at(naive));
    for (int32_t c = 0; c < C; c++) {
        state_gradient[cell * C + c] += update[c];
        for (int32_t k = 0; k < K; k++) {
            float *in = gradients + kernel_at(naive, c, k);
            for (int32_t o = 0; o < O; o++) {
                in[naive->kernel_values - O + o] = update[C + (c * O + o) * K + k];
            }
            layers_backward(naive, 0, config->perceive_layers, k, values, gradients, kernel_at(naive, c, k));
            for (int n = 0; n < DLCA_NEIGHBOURS; n++) {
                const int32_t other = dlca_neighbour(&naive->geometry, cell, n);
                if (other >= 0) {
                    state_gradient[other * C + c] += in[n];
                }
            }
        }
    }
}

/* ---- the epoch ---- */

static void prepare(BenchNaive *naive) {
    const size_t per_gate = naive->gate == BENCH_GATE_FOUR ? 4 : DLCA_OPS;
    memset(naive->sums, 0, (size_t)naive->model->gates * per_gate * sizeof *naive->sums);
    for (int64_t gate = 0; gate < naive->model->gates; gate++) {
        float *p = naive->softmax + DLCA_OPS * gate, *c = naive->coefficients + 4 * gate;
        softmax_of(naive->model->logits + DLCA_OPS * gate, p);
        for (int j = 0; j < 4; j++) {
            c[j] = 0.0f;
            for (int op = 0; op < DLCA_OPS; op++) {
                c[j] += p[op] * dlca_op_coefficients[op][j];
            }
        }
    }
}

static void expand(BenchNaive *naive) {
    for (int64_t gate = 0; gate < naive->model->gates; gate++) {
        const float *p = naive->softmax + DLCA_OPS * gate;
        float v[DLCA_OPS], mean = 0.0f;
        for (int op = 0; op < DLCA_OPS; op++) {
            const float *k = dlca_op_coefficients[op], *sums = naive->sums + 4 * gate;
            v[op] = naive->gate == BENCH_GATE_FOUR ? k[0] * sums[0] + k[1] * sums[1] + k[2] * sums[2] + k[3] * sums[3]
                                                   : naive->sums[DLCA_OPS * gate + op];
            mean += p[op] * v[op];
        }
        for (int op = 0; op < DLCA_OPS; op++) {
            naive->gradient[DLCA_OPS * gate + op] = p[op] * (v[op] - mean);
        }
    }
}

static void start_gradient(BenchNaive *naive, float *gradient) {
    const DlcaConfig *config = &naive->model->config;
    const size_t plane = (size_t)naive->cells * (size_t)config->channels;
    const float *state = naive->states + (size_t)config->steps * plane;
    memset(gradient, 0, plane * sizeof *gradient);
    naive->loss = 0.0;
    for (int32_t i = 0; i < naive->cells * config->scored_channels; i++) {
        const int32_t at = i / config->scored_channels * config->channels + i % config->scored_channels;
        const float difference = state[at] - naive->batch->target[i];
        gradient[at] = 2.0f * difference;
        naive->loss += (double)difference * (double)difference;
    }
}

void bench_run_naive(void *context) {
    BenchNaive *naive = context;
    const int32_t steps = naive->model->config.steps;
    const size_t plane = (size_t)naive->cells * (size_t)naive->model->config.channels;
    const size_t step_values = (size_t)naive->cells * (size_t)naive->values;
    prepare(naive);
    memcpy(naive->states, naive->batch->input, plane * sizeof *naive->states);
    for (int32_t step = 0; step < steps; step++) {
        for (int32_t cell = 0; cell < naive->cells; cell++) {
            cell_forward(naive, naive->states + (size_t)step * plane, cell,
                         naive->activations + (size_t)step * step_values + (size_t)cell * (size_t)naive->values,
                         naive->states + (size_t)(step + 1) * plane);
        }
    }
    start_gradient(naive, naive->state_gradient[steps % 2]);
    for (int32_t step = steps - 1; step >= 0; step--) {
        float *before = naive->state_gradient[step % 2];
        memset(before, 0, plane * sizeof *before);
        for (int32_t cell = 0; cell < naive->cells; cell++) {
            cell_backward(naive, cell,
                          naive->activations + (size_t)step * step_values + (size_t)cell * (size_t)naive->values,
                          naive->state_gradient[(step + 1) % 2], before);
        }
    }
    expand(naive);
}

double bench_naive_loss(const BenchNaive *naive) {
    return naive->loss;
}

const float *bench_naive_gradient(const BenchNaive *naive) {
    return naive->gradient;
}

void bench_naive_free(BenchNaive *naive) {
    if (naive) {
        float *const buffers[] = {naive->softmax,           naive->coefficients, naive->sums,
                                  naive->gradient,          naive->states,       naive->state_gradient[0],
                                  naive->state_gradient[1], naive->activations,  naive->value_gradients};
        for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++) {
            free(buffers[i]);
        }
        free(naive);
    }
}

static float *floats(size_t count, bool *allocated) {
    float *buffer = calloc(count, sizeof *buffer);
    *allocated = *allocated && buffer;
    return buffer;
}

BenchNaive *bench_naive_create(const DlcaModel *model, const DlcaBatch *batch, BenchNaiveGate gate, DlcaError *error) {
    const DlcaConfig *config = &model->config;
    BenchNaive *naive = calloc(1, sizeof *naive);
    bool allocated = naive != NULL;
    if (naive) {
        const size_t gates = (size_t)model->gates, steps = (size_t)config->steps;
        naive->model = model;
        naive->batch = batch;
        naive->gate = gate;
        naive->geometry = (DlcaGeometry){config->height, config->width, 1, config->periodic};
        naive->cells = config->height * config->width;
        naive->kernel_values = DLCA_NEIGHBOURS;
        for (int32_t l = 0; l < model->layers; l++) {
            *(l < config->perceive_layers ? &naive->kernel_values : &naive->values) += model->layer[l].gates;
        }
        naive->values += (int32_t)update_at(naive) + model->layer[config->perceive_layers].inputs;
        const size_t plane = (size_t)naive->cells * (size_t)config->channels;
        naive->softmax = floats(gates * DLCA_OPS, &allocated);
        naive->coefficients = floats(gates * 4, &allocated);
        naive->sums = floats(gates * DLCA_OPS, &allocated);
        naive->gradient = floats(gates * DLCA_OPS, &allocated);
        naive->states = floats((steps + 1) * plane, &allocated);
        naive->state_gradient[0] = floats(plane, &allocated);
        naive->state_gradient[1] = floats(plane, &allocated);
        naive->activations = floats(steps * (size_t)naive->cells * (size_t)naive->values, &allocated);
        naive->value_gradients = floats((size_t)naive->values, &allocated);
    }
    if (!allocated) {
        bench_naive_free(naive);
        dlca_fail(error, DLCA_FAILED, "no memory for the plain rollout");
        return NULL;
    }
    return naive;
}
