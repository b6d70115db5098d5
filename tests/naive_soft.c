/* naive_soft.c - see naive_soft.h. */
#include "naive_soft.h"

#include "rounds.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

double naive_relaxed(int op, double a, double b) {
    const double both = a * b;
    const double values[DLCA_OPS] = {0.0,
                                     both,
                                     a - both,
                                     a,
                                     b - both,
                                     b,
                                     a + b - 2.0 * both,
                                     a + b - both,
                                     1.0 - (a + b - both),
                                     1.0 - (a + b - 2.0 * both),
                                     1.0 - b,
                                     1.0 - b + both,
                                     1.0 - a,
                                     1.0 - a + both,
                                     1.0 - both,
                                     1.0};
    return values[op];
}

void naive_softmax(const DlcaModel *model, double *weights) {
    for (int64_t gate = 0; gate < model->gates; gate++) {
        double total = 0.0;
        for (int op = 0; op < DLCA_OPS; op++) {
            weights[gate * DLCA_OPS + op] = exp((double)model->logits[gate * DLCA_OPS + op]);
            total += weights[gate * DLCA_OPS + op];
        }
        for (int op = 0; op < DLCA_OPS; op++) {
            weights[gate * DLCA_OPS + op] /= total;
        }
    }
}

void naive_one_hot(const DlcaModel *model, double *weights) {
    for (int64_t gate = 0; gate < model->gates; gate++) {
        const float *logits = model->logits + gate * DLCA_OPS;
        int best = 0;
        for (int op = 0; op < DLCA_OPS; op++) {
            best = logits[op] > logits[best] ? op : best;
        }
        for (int op = 0; op < DLCA_OPS; op++) {
            weights[gate * DLCA_OPS + op] = op == best ? 1.0 : 0.0;
        }
    }
}

/* values: in [inputs], afterwards [gates] */
static void apply_layer(const DlcaLayer *layer, int32_t kernel, const double *weights, double *values) {
    double out[1024];
    cr_assert_leq(layer->gates, 1024);
    for (int32_t g = 0; g < layer->gates; g++) {
        const double *w = weights + (layer->first + (int64_t)kernel * layer->gates + g) * DLCA_OPS;
        const double a = values[layer->wires[g]], b = values[layer->wires[layer->gates + g]];
        out[g] = 0.0;
        for (int op = 0; op < DLCA_OPS; op++) {
            out[g] += w[op] * naive_relaxed(op, a, b);
        }
    }
    memcpy(values, out, (size_t)layer->gates * sizeof *out);
}

static double state_of_neighbour(const DlcaConfig *config, const double *grid, int32_t cell, int n, int32_t channel) {
    int32_t y = cell / config->width + n / 3 - 1, x = cell % config->width + n % 3 - 1;
    if (config->periodic) {
        y = (y + config->height) % config->height;
        x = (x + config->width) % config->width;
    } else if (y < 0 || y >= config->height || x < 0 || x >= config->width) {
        return 0.0;
    }
    return grid[(y * config->width + x) * config->channels + channel];
}

static void new_state(const DlcaModel *model, const double *weights, const double *grid, int32_t cell, double *to) {
    const DlcaConfig *config = &model->config;
    const int32_t C = config->channels, K = config->kernels, O = config->perceive[config->perceive_layers - 1];
    double values[1024], seen[1024];
    cr_assert_leq(C + C * K * O, 1024);
    for (int32_t c = 0; c < C; c++) {
        values[c] = grid[cell * C + c];
        for (int32_t k = 0; k < K; k++) {
            for (int n = 0; n < 9; n++) {
                seen[n] = state_of_neighbour(config, grid, cell, n, c);
            }
            for (int32_t l = 0; l < config->perceive_layers; l++) {
                apply_layer(&model->layer[l], k, weights, seen);
            }
            for (int32_t o = 0; o < O; o++) {
                values[C + (c * O + o) * K + k] = seen[o];
            }
        }
    }
    for (int32_t l = config->perceive_layers; l < model->layers; l++) {
        apply_layer(&model->layer[l], 0, weights, values);
    }
    memcpy(to, values, (size_t)C * sizeof *to);
}

/* Loss of one grid after a step. */
static double loss_of(const DlcaConfig *config, const double *grid, const float *target) {
    double loss = 0.0;
    for (int32_t cell = 0; cell < config->height * config->width; cell++) {
        for (int32_t s = 0; s < config->scored_channels; s++) {
            const double difference =
                grid[cell * config->channels + s] - (double)target[cell * config->scored_channels + s];
            loss += difference * difference;
        }
    }
    return loss;
}

static double roll_grid(const DlcaModel *model, const double *weights, const DlcaBatch *batch, int32_t b,
                        double *output) {
    const DlcaConfig *config = &model->config;
    const int32_t area = config->height * config->width, C = config->channels;
    const float *target = batch->target + (batch->target_per_grid ? b * area * config->scored_channels : 0);
    double *from = malloc(sizeof *from * (size_t)(area * C)), *to = malloc(sizeof *to * (size_t)(area * C));
    double loss = 0.0;
    for (int32_t i = 0; i < area * C; i++) {
        from[i] = (double)batch->input[b * area * C + i];
    }
    for (int32_t step = 0; step < config->steps; step++) {
        for (int32_t cell = 0; cell < area; cell++) {
            if (batch->fire && !batch->fire[step * area + cell]) {
                memcpy(to + cell * C, from + cell * C, (size_t)C * sizeof *to);
            } else {
                new_state(model, weights, from, cell, to + cell * C);
            }
        }
        const double weight = batch->step_weight ? (double)batch->step_weight[step] : step + 1 == config->steps;
        loss += weight * loss_of(config, to, target);
        memcpy(from, to, (size_t)(area * C) * sizeof *to);
    }
    if (output) {
        memcpy(output + b * area * C, from, (size_t)(area * C) * sizeof *output);
    }
    free(from);
    free(to);
    return loss;
}

double naive_rollout(const DlcaModel *model, const double *weights, const DlcaBatch *batch, double *output) {
    double loss = 0.0;
    for (int32_t b = 0; b < model->config.batch; b++) {
        loss += roll_grid(model, weights, batch, b, output);
    }
    return loss;
}

bool naive_leaves_out(size_t logit) {
    return logit / DLCA_OPS % (size_t)test_rounds(1, 9) != 0;
}

void naive_gradient(const DlcaModel *model, const double *p, double *weights, const DlcaBatch *batch,
                    double *gradient) {
    const double step = 1e-5;
    for (int64_t gate = 0; gate < model->gates; gate++) {
        double v[DLCA_OPS], mean = 0.0;
        if (naive_leaves_out((size_t)gate * DLCA_OPS)) {
            memset(&gradient[gate * DLCA_OPS], 0, DLCA_OPS * sizeof *gradient);
            continue;
        }
        for (int op = 0; op < DLCA_OPS; op++) {
            double *weight = &weights[gate * DLCA_OPS + op];
            const double before = *weight;
            *weight = before + step;
            const double above = naive_rollout(model, weights, batch, NULL);
            *weight = before - step;
            v[op] = (above - naive_rollout(model, weights, batch, NULL)) / (2.0 * step);
            *weight = before;
            mean += p[gate * DLCA_OPS + op] * v[op];
        }
        for (int op = 0; op < DLCA_OPS; op++) {
            gradient[gate * DLCA_OPS + op] = p[gate * DLCA_OPS + op] * (v[op] - mean);
        }
    }
}
