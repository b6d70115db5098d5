/* model.c - a model's shape and memory: the configuration checked, the layers laid out, wires and logits filled.
 *
 * Leaves alone: training (backend), hardening (harden.c), files (model_file.c). */
#include "dlca.h"

#include "../gates/wiring.h"
#include "parametrization.h"

#include <stdlib.h>
#include <string.h>

/* Bounds on what one model may take: 2^26 gates are 4 GiB of logits. */
enum { MAX_GATES = 1 << 26 };

static bool in_range(const char *field, int64_t value, int64_t low, int64_t high, DlcaError *error) {
    if (value >= low && value <= high) {
        return true;
    }
    return dlca_fail(error, DLCA_BAD_INPUT, "%s is %lld: it must be %lld to %lld", field, (long long)value,
                     (long long)low, (long long)high);
}

static bool check_layers(const char *field, int32_t count, const int32_t *gates, DlcaError *error) {
    if (!in_range(field, count, 1, DLCA_MAX_LAYERS, error)) {
        return false;
    }
    for (int32_t l = 0; l < count; l++) {
        if (!in_range(field, gates[l], 1, DLCA_MAX_LAYER_GATES, error)) {
            return false;
        }
    }
    return true;
}

static int64_t sum_of(const int32_t *values, int32_t count) {
    int64_t sum = 0;
    for (int32_t i = 0; i < count; i++) {
        sum += values[i];
    }
    return sum;
}

static bool check_products(const DlcaConfig *config, DlcaError *error) {
    const int64_t gates = config->kernels * sum_of(config->perceive, config->perceive_layers) +
                          sum_of(config->update, config->update_layers);
    const int64_t perceived =
        (int64_t)config->channels * config->kernels * config->perceive[config->perceive_layers - 1];
    const int64_t cells = (int64_t)config->height * config->width;
    return in_range("the number of gates", gates, 1, MAX_GATES, error) &&
           in_range("channels + channels * kernels * perception outputs", config->channels + perceived, 1, 1 << 22,
                    error) &&
           in_range("height * width * batch * channels", cells * config->batch * config->channels, 1, INT32_MAX, error);
}

bool dlca_config_check(const DlcaConfig *config, DlcaError *error) {
    if (memchr(config->task, '\0', sizeof config->task) == NULL) {
        return dlca_fail(error, DLCA_BAD_INPUT, "the task's name is longer than 31 bytes");
    }
    if (!in_range("height", config->height, 1, DLCA_MAX_SIDE, error) ||
        !in_range("width", config->width, 1, DLCA_MAX_SIDE, error) ||
        !in_range("height * width", (int64_t)config->height * config->width, 1, 1 << 28, error) ||
        !in_range("channels", config->channels, 1, DLCA_MAX_CHANNELS, error) ||
        !in_range("scored_channels", config->scored_channels, 1, config->channels, error) ||
        !in_range("kernels", config->kernels, 1, DLCA_MAX_KERNELS, error) ||
        !check_layers("perceive", config->perceive_layers, config->perceive, error) ||
        !check_layers("update", config->update_layers, config->update, error) ||
        !in_range("steps", config->steps, 1, DLCA_MAX_STEPS, error) ||
        !in_range("batch", config->batch, 1, DLCA_MAX_BATCH, error)) {
        return false;
    }
    if (config->update[config->update_layers - 1] != config->channels) {
        return dlca_fail(error, DLCA_BAD_INPUT, "the last update layer has %d gates: it must have one per channel, %d",
                         config->update[config->update_layers - 1], config->channels);
    }
    if (!(config->fire_rate > 0.0 && config->fire_rate <= 1.0)) {
        return dlca_fail(error, DLCA_BAD_INPUT, "fire_rate is %g: it must be above 0 and at most 1", config->fire_rate);
    }
    if (config->wiring != DLCA_WIRING_UNIQUE && config->wiring != DLCA_WIRING_RANDOM) {
        return dlca_fail(error, DLCA_BAD_INPUT, "wiring is %d: it must be unique or random", (int)config->wiring);
    }
    return in_range("gates", (int64_t)config->gates, 0, DLCA_GATES_COUNT - 1, error) && check_products(config, error);
}

static size_t rounded(size_t bytes) {
    return (bytes + 63) & ~(size_t)63;
}

/* Fills in layers' shapes; returns the number of wires, 2 per gate of a layer. */
static int64_t shape_layers(const DlcaConfig *config, DlcaLayer *layer, int64_t *gates) {
    int64_t wires = 0;
    *gates = 0;
    int32_t inputs = DLCA_NEIGHBOURS;
    const int32_t layers = config->perceive_layers + config->update_layers;
    for (int32_t l = 0; l < layers; l++) {
        const bool perceive = l < config->perceive_layers;
        if (l == config->perceive_layers) {
            inputs = config->channels + config->channels * config->kernels * inputs;
        }
        layer[l].perceive = perceive;
        layer[l].kernels = perceive ? config->kernels : 1;
        layer[l].inputs = inputs;
        layer[l].gates = perceive ? config->perceive[l] : config->update[l - config->perceive_layers];
        layer[l].first = *gates;
        *gates += (int64_t)layer[l].kernels * layer[l].gates;
        wires += 2 * (int64_t)layer[l].gates;
        inputs = layer[l].gates;
    }
    return wires;
}

/* One allocation: the model, its layers, wires, operations, logits, in this order, each on a 64-byte boundary. */
DlcaModel *dlca_model_create(const DlcaConfig *config, DlcaError *error) {
    if (!dlca_config_check(config, error)) {
        return NULL;
    }
    DlcaLayer shape[2 * DLCA_MAX_LAYERS];
    int64_t gates;
    const int64_t wires = shape_layers(config, shape, &gates);
    const int32_t layers = config->perceive_layers + config->update_layers;
    const size_t model_bytes = rounded(sizeof(DlcaModel));
    const size_t layer_bytes = rounded((size_t)layers * sizeof(DlcaLayer));
    const size_t wire_bytes = rounded((size_t)wires * sizeof(int32_t));
    const size_t op_bytes = rounded((size_t)gates);
    const size_t logit_bytes = rounded((size_t)gates * DLCA_OPS * sizeof(float));
    const size_t bytes = model_bytes + layer_bytes + wire_bytes + op_bytes + logit_bytes;
    char *memory = aligned_alloc(64, bytes);
    if (!memory) {
        dlca_fail(error, DLCA_FAILED, "no memory for a model of %lld gates (%zu bytes)", (long long)gates, bytes);
        return NULL;
    }
    memset(memory, 0, bytes);
    DlcaModel *model = (DlcaModel *)memory;
    model->config = *config;
    model->layers = layers;
    model->gates = gates;
    model->layer = (DlcaLayer *)(memory + model_bytes);
    int32_t *wire = (int32_t *)(memory + model_bytes + layer_bytes);
    model->ops = (uint8_t *)(memory + model_bytes + layer_bytes + wire_bytes);
    model->logits = (float *)(memory + model_bytes + layer_bytes + wire_bytes + op_bytes);
    for (int32_t l = 0; l < layers; l++) {
        model->layer[l] = shape[l];
        model->layer[l].wires = wire;
        wire += 2 * shape[l].gates;
    }
    return model;
}

void dlca_model_free(DlcaModel *model) {
    free(model);
}

void dlca_model_copy(DlcaModel *to, const DlcaModel *from) {
    for (int32_t l = 0; l < from->layers; l++) {
        memcpy(to->layer[l].wires, from->layer[l].wires, 2 * (size_t)from->layer[l].gates * sizeof(int32_t));
    }
    memcpy(to->logits, from->logits, (size_t)from->gates * DLCA_OPS * sizeof(float));
    memcpy(to->ops, from->ops, (size_t)from->gates);
    to->has_ops = from->has_ops;
}

static uint32_t draw_below(void *context, uint32_t bound) {
    return dlca_random_below(context, bound);
}

void dlca_model_wire(DlcaModel *model, uint64_t seed, uint32_t restart) {
    for (int32_t l = 0; l < model->layers; l++) {
        DlcaLayer *layer = &model->layer[l];
        DlcaRandom stream = dlca_random_stream(seed, DLCA_RANDOM_WIRING, restart, (uint32_t)l);
        const DlcaDraw draw = {draw_below, &stream};
        if (l == 0) {
            dlca_wire_neighbours(DLCA_NEIGHBOURS, DLCA_CENTRE, layer->gates, layer->wires);
        } else if (model->config.wiring == DLCA_WIRING_UNIQUE) {
            dlca_wire_unique(layer->inputs, layer->gates, draw, layer->wires);
        } else {
            dlca_wire_random(layer->inputs, layer->gates, draw, layer->wires);
        }
    }
}

int64_t dlca_model_cell_gates(const DlcaModel *model) {
    const DlcaConfig *config = &model->config;
    return (int64_t)config->channels * config->kernels * sum_of(config->perceive, config->perceive_layers) +
           sum_of(config->update, config->update_layers);
}
