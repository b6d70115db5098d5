/* model_tensors.c - the list of a model file's tensors, their places and their checks. */
#include "model_tensors.h"

#include "parametrization.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *front, *back; /* front<kind>.<layer>back */
    DlcaDtype dtype;
} roles[DLCA_ROLES] = {
    [DLCA_ROLE_LOGITS] = {"", ".logits", DLCA_F32},
    [DLCA_ROLE_FIRST_MOMENT] = {"adam.m.", ".logits", DLCA_F32},
    [DLCA_ROLE_SECOND_MOMENT] = {"adam.v.", ".logits", DLCA_F32},
    [DLCA_ROLE_TRAINING_LOGITS] = {"training.", ".logits", DLCA_F32},
    [DLCA_ROLE_WIRES] = {"", ".wires", DLCA_I32},
    [DLCA_ROLE_TRAINING_WIRES] = {"training.", ".wires", DLCA_I32},
    [DLCA_ROLE_OPS] = {"", ".ops", DLCA_U8},
    [DLCA_ROLE_TARGET] = {"", "target", DLCA_U8},
};

static void set_shape(DlcaTensor *tensor, int32_t rank, int64_t first, int64_t second, int64_t third) {
    tensor->rank = rank;
    tensor->shape[0] = first;
    tensor->shape[1] = second;
    tensor->shape[2] = third;
    tensor->elements = first * (rank > 1 ? second : 1) * (rank > 2 ? third : 1);
}

/* [K, out, 16], [2, out], [K, out]; an update layer has no K. */
static void shape_layer_tensor(const DlcaConfig *config, DlcaModelTensor *entry) {
    const bool perceive = entry->layer < config->perceive_layers;
    const int64_t gates =
        perceive ? config->perceive[entry->layer] : config->update[entry->layer - config->perceive_layers];
    if (entry->role == DLCA_ROLE_WIRES || entry->role == DLCA_ROLE_TRAINING_WIRES) {
        set_shape(&entry->tensor, 2, 2, gates, 0);
    } else if (entry->role == DLCA_ROLE_OPS) {
        set_shape(&entry->tensor, perceive ? 2 : 1, perceive ? config->kernels : gates, gates, 0);
    } else if (perceive) {
        set_shape(&entry->tensor, 3, config->kernels, gates, DLCA_OPS);
    } else {
        set_shape(&entry->tensor, 2, gates, DLCA_OPS, 0);
    }
}

/* One tensor of the role for every layer. */
static DlcaModelTensor *add_layers(const DlcaConfig *config, DlcaTensorRole role, DlcaModelTensor *entry) {
    for (int32_t l = 0; l < config->perceive_layers + config->update_layers; l++, entry++) {
        const bool perceive = l < config->perceive_layers;
        *entry = (DlcaModelTensor){.role = role, .layer = l, .tensor = {.dtype = roles[role].dtype}};
        snprintf(entry->name, sizeof entry->name, "%s%s.%d%s", roles[role].front, perceive ? "perceive" : "update",
                 perceive ? l : l - config->perceive_layers, roles[role].back);
        shape_layer_tensor(config, entry);
    }
    return entry;
}

int32_t dlca_model_tensors(const DlcaConfig *config, DlcaModelParts parts, DlcaModelTensor *list) {
    DlcaModelTensor *entry = add_layers(config, DLCA_ROLE_LOGITS, list);
    if (parts.moments) {
        entry = add_layers(config, DLCA_ROLE_FIRST_MOMENT, entry);
        entry = add_layers(config, DLCA_ROLE_SECOND_MOMENT, entry);
    }
    if (parts.training) {
        entry = add_layers(config, DLCA_ROLE_TRAINING_LOGITS, entry);
    }
    entry = add_layers(config, DLCA_ROLE_WIRES, entry);
    if (parts.training) {
        entry = add_layers(config, DLCA_ROLE_TRAINING_WIRES, entry);
    }
    if (parts.ops) {
        entry = add_layers(config, DLCA_ROLE_OPS, entry);
    }
    if (parts.target) {
        *entry = (DlcaModelTensor){.role = DLCA_ROLE_TARGET, .name = "target", .tensor = {.dtype = DLCA_U8}};
        set_shape(&entry->tensor, 3, config->height, config->width, config->scored_channels);
        entry++;
    }
    for (DlcaModelTensor *named = list; named < entry; named++) {
        named->tensor.name = named->name;
    }
    return (int32_t)(entry - list);
}

void *dlca_model_tensor_place(const DlcaModelTensor *tensor, const DlcaModel *model, const DlcaModelExtras *extras) {
    const DlcaLayer *layer = &model->layer[tensor->layer];
    switch (tensor->role) {
    case DLCA_ROLE_LOGITS:
        return model->logits + layer->first * DLCA_OPS;
    case DLCA_ROLE_FIRST_MOMENT:
        return extras->first_moment + layer->first * DLCA_OPS;
    case DLCA_ROLE_SECOND_MOMENT:
        return extras->second_moment + layer->first * DLCA_OPS;
    case DLCA_ROLE_TRAINING_LOGITS:
        return extras->training->logits + layer->first * DLCA_OPS;
    case DLCA_ROLE_WIRES:
        return layer->wires;
    case DLCA_ROLE_TRAINING_WIRES:
        return extras->training->layer[tensor->layer].wires;
    case DLCA_ROLE_OPS:
        return model->ops + layer->first;
    case DLCA_ROLE_TARGET:
    case DLCA_ROLES:
        break;
    }
    return extras->target;
}

static bool all_finite(const char *data, int64_t elements, float lowest) {
    for (int64_t i = 0; i < elements; i++) {
        float value;
        memcpy(&value, data + (size_t)i * sizeof value, sizeof value);
        if (!isfinite(value) || value < lowest) {
            return false;
        }
    }
    return true;
}

/* Logits of a parametrization with fewer parameters follow from these. */
static bool all_valid(const char *data, int64_t elements, DlcaGates gates) {
    const DlcaParametrization *parametrization = dlca_parametrization(gates);
    float logits[DLCA_OPS];
    for (int64_t i = 0; parametrization->valid && i < elements; i += DLCA_OPS) {
        memcpy(logits, data + (size_t)i * sizeof *logits, sizeof logits);
        if (!parametrization->valid(logits)) {
            return false;
        }
    }
    return true;
}

static bool all_wires(const char *data, int64_t elements, int32_t inputs) {
    for (int64_t i = 0; i < elements; i++) {
        int32_t wire;
        memcpy(&wire, data + (size_t)i * sizeof wire, sizeof wire);
        if (wire < 0 || wire >= inputs) {
            return false;
        }
    }
    return true;
}

static bool all_below(const char *data, int64_t elements, unsigned bound) {
    for (int64_t i = 0; i < elements; i++) {
        if ((unsigned char)data[i] >= bound) {
            return false;
        }
    }
    return true;
}

bool dlca_model_tensor_check(const DlcaModelTensor *tensor, const void *data, const DlcaModel *model,
                             DlcaErrorKind kind, const char *file_name, DlcaError *error) {
    const int64_t elements = tensor->tensor.elements;
    const char *want = NULL;
    switch (tensor->role) {
    case DLCA_ROLE_LOGITS:
        want = !all_finite(data, elements, -INFINITY)            ? "finite"
               : !all_valid(data, elements, model->config.gates) ? "as its parametrization makes it (metadata gates)"
                                                                 : NULL;
        break;
    case DLCA_ROLE_FIRST_MOMENT:
    case DLCA_ROLE_TRAINING_LOGITS:
        want = all_finite(data, elements, -INFINITY) ? NULL : "finite";
        break;
    case DLCA_ROLE_SECOND_MOMENT:
        want = all_finite(data, elements, 0.0F) ? NULL : "finite and not negative";
        break;
    case DLCA_ROLE_WIRES:
    case DLCA_ROLE_TRAINING_WIRES:
        want = all_wires(data, elements, model->layer[tensor->layer].inputs) ? NULL : "within the layer's inputs";
        break;
    case DLCA_ROLE_OPS:
        want = all_below(data, elements, DLCA_OPS) ? NULL : "operations 0 to 15";
        break;
    case DLCA_ROLE_TARGET:
    case DLCA_ROLES:
        want = all_below(data, elements, 2) ? NULL : "0 or 1";
        break;
    }
    return !want || dlca_fail(error, kind, "%s: tensor %s: every element must be %s", file_name, tensor->name, want);
}
