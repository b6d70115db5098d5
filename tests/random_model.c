/* random_model.c - see random_model.h. */
#include "random_model.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

DlcaModel *random_model(TestRandom *random, int32_t height, int32_t width, bool periodic) {
    DlcaConfig config = {.task = "test",
                         .height = height,
                         .width = width,
                         .channels = 1 + test_random_below(random, 4),
                         .scored_channels = 1,
                         .kernels = 1 + test_random_below(random, 3),
                         .perceive_layers = 1 + test_random_below(random, 3),
                         .update_layers = 1 + test_random_below(random, 4),
                         .steps = 3,
                         .batch = 1,
                         .periodic = periodic,
                         .fire_rate = 1.0,
                         .wiring = test_random_below(random, 2) ? DLCA_WIRING_UNIQUE : DLCA_WIRING_RANDOM};
    for (int32_t l = 0; l < config.perceive_layers; l++) {
        config.perceive[l] = l == 0 ? 8 : 1 + test_random_below(random, 6);
    }
    for (int32_t l = 0; l < config.update_layers; l++) {
        config.update[l] = 1 + test_random_below(random, 20);
    }
    config.update[config.update_layers - 1] = config.channels;
    DlcaError error = {0};
    DlcaModel *model = dlca_model_create(&config, &error);
    cr_assert_not_null(model, "%s", error.message);
    dlca_model_wire(model, test_random_word(random), 0);
    const RandomOps ops = test_random_below(random, 2) ? TRAINED_OPS : ANY_OPS;
    for (int64_t gate = 0; gate < model->gates; gate++) {
        model->ops[gate] = (uint8_t)random_op(random, ops);
    }
    model->has_ops = true;
    return model;
}

static bool neighbour_of(const DlcaModel *model, int32_t height, int32_t width, const bool *from, int32_t cell,
                         int32_t neighbour, int32_t channel) {
    int32_t y = cell / width + neighbour / 3 - 1, x = cell % width + neighbour % 3 - 1;
    if (model->config.periodic) {
        y = (y + height) % height;
        x = (x + width) % width;
    } else if (y < 0 || y >= height || x < 0 || x >= width) {
        return false;
    }
    return from[(y * width + x) * model->config.channels + channel];
}

/* in [inputs] to out [gates], with one kernel's gates. */
static void apply_layer(const DlcaLayer *layer, int32_t kernel, const uint8_t *ops, const bool *in, bool *out) {
    for (int32_t gate = 0; gate < layer->gates; gate++) {
        const int op = ops[layer->first + (int64_t)kernel * layer->gates + gate];
        out[gate] = dlca_op_bit(op, in[layer->wires[gate]], in[layer->wires[layer->gates + gate]]);
    }
}

static void apply_layers(const DlcaModel *model, int32_t first, int32_t last, int32_t kernel, const uint8_t *ops,
                         bool *values) {
    for (int32_t l = first; l < last; l++) {
        bool out[1024];
        cr_assert_leq(model->layer[l].gates, 1024);
        apply_layer(&model->layer[l], kernel, ops, values, out);
        memcpy(values, out, (size_t)model->layer[l].gates * sizeof *out);
    }
}

static void step_cell(const DlcaModel *model, const uint8_t *ops, int32_t height, int32_t width, const bool *from,
                      int32_t cell, bool *to) {
    const DlcaConfig *config = &model->config;
    const int32_t outputs = config->perceive[config->perceive_layers - 1];
    bool seen[1024], update[1024];
    cr_assert_leq(config->channels * (1 + outputs * config->kernels), 1024);
    for (int32_t channel = 0; channel < config->channels; channel++) {
        update[channel] = from[cell * config->channels + channel];
        for (int32_t kernel = 0; kernel < config->kernels; kernel++) {
            for (int32_t neighbour = 0; neighbour < 9; neighbour++) {
                seen[neighbour] = neighbour_of(model, height, width, from, cell, neighbour, channel);
            }
            apply_layers(model, 0, config->perceive_layers, kernel, ops, seen);
            for (int32_t output = 0; output < outputs; output++) {
                update[config->channels + (channel * outputs + output) * config->kernels + kernel] = seen[output];
            }
        }
    }
    apply_layers(model, config->perceive_layers, model->layers, 0, ops, update);
    memcpy(to, update, (size_t)config->channels * sizeof *to);
}

void step_plainly(const DlcaModel *model, const uint8_t *ops, int32_t height, int32_t width, const bool *fire,
                  const bool *from, bool *to) {
    const int32_t channels = model->config.channels;
    for (int32_t cell = 0; cell < height * width; cell++) {
        if (fire && !fire[cell]) {
            memcpy(to + cell * channels, from + cell * channels, (size_t)channels * sizeof *to);
        } else {
            step_cell(model, ops, height, width, from, cell, to + cell * channels);
        }
    }
}
