/* network.c - compiles a model's wiring into the orders that the kernels walk. */
#include "network.h"

#include "../gates/schedule.h"

#include <stdlib.h>

static void take_buffers(DlcaNetwork *network, const DlcaModel *model, DlcaArena *arena) {
    network->perceive = dlca_arena_take(arena, (size_t)network->perceive_layers, sizeof *network->perceive);
    network->update = dlca_arena_take(arena, (size_t)network->update_layers, sizeof *network->update);
    network->slot = dlca_arena_take(arena, (size_t)network->gates, sizeof *network->slot);
    network->swapped = dlca_arena_take(arena, (size_t)network->gates, sizeof *network->swapped);
    for (int32_t l = 0; l < model->layers; l++) {
        const DlcaLayer *layer = &model->layer[l];
        void *gates = dlca_arena_take(arena, (size_t)layer->gates, sizeof(DlcaStep));
        int32_t *unused = dlca_arena_take(arena, (size_t)layer->inputs, sizeof *unused);
        if (!arena->base) {
            continue;
        }
        if (layer->perceive) {
            network->perceive[l] = (DlcaWideLayer){.inputs = layer->inputs, .gates = layer->gates, .pairs = gates,
                                                   .unused = unused};
        } else {
            network->update[l - network->perceive_layers] = (DlcaTrailLayer){
                .inputs = layer->inputs, .gates = layer->gates, .steps = gates, .unused = unused};
        }
    }
}

_Static_assert(sizeof(DlcaStep) == sizeof(DlcaPair), "take_buffers reserves room for either");

static void number_layers(DlcaNetwork *network) {
    int32_t first = 0;
    for (int32_t l = 0; l < network->perceive_layers; l++) {
        network->perceive[l].first = first;
        first += network->perceive[l].gates;
    }
    first = network->kernels * network->kernel_gates;
    for (int32_t l = 0; l < network->update_layers; l++) {
        network->update[l].first = first;
        first += network->update[l].gates;
    }
}

bool dlca_network_create(DlcaNetwork *network, const DlcaModel *model, DlcaError *error) {
    const DlcaConfig *config = &model->config;
    *network = (DlcaNetwork){.channels = config->channels,
                             .kernels = config->kernels,
                             .kernel_outputs = config->perceive[config->perceive_layers - 1],
                             .perceive_layers = config->perceive_layers,
                             .update_layers = config->update_layers,
                             .update_inputs = model->layer[config->perceive_layers].inputs,
                             .gates = model->gates};
    for (int32_t l = 0; l < config->perceive_layers; l++) {
        network->kernel_gates += config->perceive[l];
    }
    for (int32_t l = 0; l < config->update_layers; l++) {
        network->update_gates += config->update[l];
        network->widest = config->update[l] > network->widest ? config->update[l] : network->widest;
    }
    take_buffers(network, model, &network->arena);
    if (!dlca_arena_allocate(&network->arena)) {
        return dlca_fail(error, DLCA_FAILED, "no memory to compile a network of %lld gates", (long long)model->gates);
    }
    take_buffers(network, model, &network->arena);
    number_layers(network);
    if (!dlca_network_rewire(network, model, error)) {
        dlca_network_free(network);
        return false;
    }
    return true;
}

void dlca_network_free(DlcaNetwork *network) {
    dlca_arena_free(&network->arena);
}

/* Lists the rows that no end of a wire touches; `place` maps an input to its row, NULL: itself. */
static int32_t list_unused(const DlcaLayer *layer, const int32_t *place, uint8_t *seen, int32_t *unused) {
    int32_t count = 0;
    memset(seen, 0, (size_t)layer->inputs);
    for (int32_t e = 0; e < 2 * layer->gates; e++) {
        seen[layer->wires[e]] = 1;
    }
    for (int32_t i = 0; i < layer->inputs; i++) {
        if (!seen[i]) {
            unused[count++] = place ? place[i] : i;
        }
    }
    return count;
}

static void compile_perceive(DlcaNetwork *network, const DlcaModel *model, int32_t l, uint8_t *seen) {
    const DlcaLayer *layer = &model->layer[l];
    DlcaWideLayer *wide = &network->perceive[l];
    /* the first layer's input gradient is summed over kernels: zeroed by the caller, always added to */
    dlca_schedule_pairs(layer->inputs, layer->gates, layer->wires, l == 0, seen, wide->pairs);
    wide->unused_count = list_unused(layer, NULL, seen, wide->unused);
    for (int32_t k = 0; k < layer->kernels; k++) {
        for (int32_t g = 0; g < layer->gates; g++) {
            network->slot[layer->first + k * layer->gates + g] = k * network->kernel_gates + wide->first + g;
            network->swapped[layer->first + k * layer->gates + g] = 0;
        }
    }
}

/* Where the rows of the first update layer's input lie. */
static void place_update_inputs(const DlcaNetwork *network, int32_t *place) {
    const int32_t C = network->channels, K = network->kernels, O = network->kernel_outputs;
    for (int32_t i = 0; i < network->update_inputs; i++) {
        const int32_t p = i - C, k = p % K, o = p / K % O, c = p / K / O;
        place[i] = i < C ? i : C + (k * O + o) * C + c;
    }
}

static bool compile_update(DlcaNetwork *network, const DlcaModel *model, int32_t *place, int32_t *next_place,
                           int32_t *order, uint8_t *bytes, DlcaError *error) {
    /* steps first in input and gate numbers, then renumbered to rows from both sides */
    for (int32_t l = 0; l < network->update_layers; l++) {
        const DlcaLayer *layer = &model->layer[network->perceive_layers + l];
        DlcaTrailLayer *trail = &network->update[l];
        const DlcaTrails trails = {order, bytes};
        if (!dlca_schedule_trails(layer->inputs, layer->gates, layer->wires, trail->steps, trails, error)) {
            return false;
        }
        for (int32_t s = 0; s < layer->gates; s++) {
            network->slot[layer->first + order[s]] = trail->first + s;
            network->swapped[layer->first + order[s]] = bytes[s];
        }
    }
    place_update_inputs(network, place);
    for (int32_t l = 0; l < network->update_layers; l++) {
        const DlcaLayer *layer = &model->layer[network->perceive_layers + l];
        DlcaTrailLayer *trail = &network->update[l];
        trail->unused_count = list_unused(layer, place, bytes, trail->unused);
        if (l + 1 < network->update_layers) {
            dlca_schedule_first_use(layer->gates, network->update[l + 1].gates, network->update[l + 1].steps,
                                    next_place);
        } else {
            for (int32_t g = 0; g < layer->gates; g++) {
                next_place[g] = g;
            }
        }
        for (int32_t s = 0; s < layer->gates; s++) {
            DlcaStep *step = &trail->steps[s];
            step->near = place[step->near];
            step->far = place[step->far];
            step->out = next_place[step->out];
        }
        memcpy(place, next_place, (size_t)layer->gates * sizeof *place);
    }
    return true;
}

bool dlca_network_rewire(DlcaNetwork *network, const DlcaModel *model, DlcaError *error) {
    size_t most = (size_t)network->update_inputs;
    for (int32_t l = 0; l < model->layers; l++) {
        const size_t inputs = (size_t)model->layer[l].inputs, gates = (size_t)model->layer[l].gates;
        most = inputs > most ? inputs : most;
        most = gates > most ? gates : most;
    }
    int32_t *scratch = malloc(most * (3 * sizeof(int32_t) + 1));
    if (!scratch) {
        return dlca_fail(error, DLCA_FAILED, "no memory to compile a network of %lld gates", (long long)model->gates);
    }
    uint8_t *bytes = (uint8_t *)(scratch + 3 * most);
    for (int32_t l = 0; l < network->perceive_layers; l++) {
        compile_perceive(network, model, l, bytes);
    }
    const bool compiled = compile_update(network, model, scratch, scratch + most, scratch + 2 * most, bytes, error);
    free(scratch);
    return compiled;
}
