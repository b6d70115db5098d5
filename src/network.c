/* network.c - compiles a model's wiring into the orders that the kernels walk. */
#include "network.h"

#include "../gates/schedule.h"

#include <stdlib.h>

_Static_assert(DLCA_NEIGHBOURS == 9, "a tree has eight leaves around one centre");

/* ---- shapes and memory ---- */

static void take_layer(DlcaNetwork *network, const DlcaLayer *layer, int32_t l, DlcaArena *arena) {
    const size_t gates = (size_t)layer->gates;
    int32_t *unused = dlca_arena_take(arena, (size_t)layer->inputs, sizeof *unused);
    if (layer->perceive) {
        DlcaPair *pairs = dlca_arena_take(arena, gates, sizeof *pairs);
        DlcaPair *first_pairs = dlca_arena_take(arena, gates, sizeof *first_pairs);
        if (arena->base) {
            network->perceive[l] = (DlcaWideLayer){.inputs = layer->inputs,
                                                   .gates = layer->gates,
                                                   .pairs = pairs,
                                                   .first_pairs = first_pairs,
                                                   .unused = unused};
        }
        return;
    }
    DlcaStep *steps = dlca_arena_take(arena, gates, sizeof *steps);
    DlcaStep *brief = dlca_arena_take(arena, gates, sizeof *brief);
    DlcaConeLayer cone = {0};
    dlca_cone_layer_take(&cone, layer->inputs, layer->gates, arena);
    if (arena->base) {
        network->cone[l - network->perceive_layers] = cone;
        network->update[l - network->perceive_layers] = (DlcaTrailLayer){
            .inputs = layer->inputs, .gates = layer->gates, .steps = steps, .brief = brief, .unused = unused};
    }
}

static void take_buffers(DlcaNetwork *network, const DlcaModel *model, DlcaArena *arena) {
    network->perceive = dlca_arena_take(arena, (size_t)network->perceive_layers, sizeof *network->perceive);
    network->update = dlca_arena_take(arena, (size_t)network->update_layers, sizeof *network->update);
    network->cone = dlca_arena_take(arena, (size_t)network->update_layers, sizeof *network->cone);
    network->slot = dlca_arena_take(arena, (size_t)network->gates, sizeof *network->slot);
    network->swapped = dlca_arena_take(arena, (size_t)network->gates, sizeof *network->swapped);
    network->brief_outputs = dlca_arena_take(arena, (size_t)network->channels, sizeof *network->brief_outputs);
    for (int32_t l = 0; l < model->layers; l++) {
        take_layer(network, &model->layer[l], l, arena);
    }
}

static void number_layers(DlcaNetwork *network) {
    int32_t first = 0;
    for (int32_t l = 0; l < network->perceive_layers; l++) {
        network->perceive[l].first = first;
        first += dlca_slots(network->perceive[l].gates);
    }
    first = network->kernels * network->kernel_slots;
    for (int32_t l = 0; l < network->update_layers; l++) {
        network->update[l].first = first;
        first += dlca_slots(network->update[l].gates);
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
                             .gates = model->gates,
                             .update_first = model->layer[model->config.perceive_layers].first};
    for (int32_t l = 0; l < config->perceive_layers; l++) {
        network->kernel_slots += dlca_slots(config->perceive[l]);
    }
    for (int32_t l = 0; l < config->update_layers; l++) {
        network->update_slots += dlca_slots(config->update[l]);
        network->widest = config->update[l] > network->widest ? config->update[l] : network->widest;
    }
    /* the in-place pass needs rows for the inputs and outputs of one layer at a time */
    network->brief_rows = network->update_inputs + 2 * network->widest;
    network->slots = (int64_t)network->kernels * network->kernel_slots + network->update_slots;
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

/* ---- perception ---- */

/* A tree's gates take the places of the tree, which changes the order within a layer alone: place i of a layer then
 * reads places 2i and 2i+1. Otherwise a gate's place is its number. */
static void find_tree(DlcaNetwork *network, const DlcaModel *model, int32_t order[4][8]) {
    int32_t gates[DLCA_MAX_LAYERS];
    int32_t *wires[DLCA_MAX_LAYERS];
    for (int32_t l = 0; l < network->perceive_layers; l++) {
        gates[l] = model->layer[l].gates;
        wires[l] = model->layer[l].wires;
    }
    network->is_tree = dlca_schedule_tree(network->perceive_layers, gates, wires, DLCA_CENTRE, order);
    if (network->is_tree) {
        const int32_t *last = order[network->perceive_layers - 1];
        network->tree = (DlcaTree){.centre = DLCA_CENTRE,
                                   .out = {last[0], network->kernel_outputs > 1 ? last[1] : last[0]},
                                   .four_layers = network->perceive_layers == 4};
        for (int i = 0; i < 8; i++) {
            network->tree.leaf[i] = wires[0][order[0][i]];
        }
    }
}

/* Inputs and outputs of the inner layers from gate numbers to places. */
static void place_pairs(const DlcaNetwork *network, int32_t l, DlcaPair *pairs) {
    for (int32_t i = 0; i < network->perceive[l].gates; i++) {
        if (l > 0) {
            pairs[i].a = 2 * i;
            pairs[i].b = 2 * i + 1;
        }
        if (l + 1 < network->perceive_layers) {
            pairs[i].out = i;
        }
    }
}

static void compile_perceive_layer(DlcaNetwork *network, const DlcaModel *model, int32_t l, const int32_t *order,
                                   uint8_t *seen) {
    const DlcaLayer *layer = &model->layer[l];
    DlcaWideLayer *wide = &network->perceive[l];
    memset(seen, l == 0, (size_t)layer->inputs); /* kernels after the first add to the patch's gradient */
    dlca_schedule_pairs(layer->gates, layer->wires, order, seen, wide->pairs);
    memset(seen, 0, (size_t)layer->inputs);
    seen[DLCA_CENTRE < layer->inputs ? DLCA_CENTRE : 0] = l == 0;
    dlca_schedule_pairs(layer->gates, layer->wires, order, seen, wide->first_pairs);
    if (order) {
        place_pairs(network, l, wide->pairs);
        place_pairs(network, l, wide->first_pairs);
    }
    wide->unused_count = list_unused(layer, NULL, seen, wide->unused);
    for (int32_t k = 0; k < layer->kernels; k++) {
        for (int32_t i = 0; i < layer->gates; i++) {
            const int64_t gate = layer->first + k * layer->gates + (order ? order[i] : i);
            network->slot[gate] = k * network->kernel_slots + wide->first + i;
            network->swapped[gate] = 0;
        }
    }
}

static void compile_perceive(DlcaNetwork *network, const DlcaModel *model, uint8_t *seen) {
    int32_t order[4][8];
    find_tree(network, model, order);
    for (int32_t l = 0; l < network->perceive_layers; l++) {
        compile_perceive_layer(network, model, l, network->is_tree ? order[l] : NULL, seen);
    }
}

/* ---- update ---- */

/* Scratch of one compilation, each [most inputs or gates of a layer]. */
typedef struct Places {
    int32_t *kept, *next_kept;   /* row of each input, of each output, when all is kept */
    int32_t *brief, *next_brief; /* the same in place */
    int32_t *order;
    uint8_t *bytes;
    DlcaRows rows; /* of the in-place pass */
} Places;

/* Where the rows of the first update layer's input lie. */
static void place_update_inputs(const DlcaNetwork *network, int32_t *place) {
    const int32_t C = network->channels, K = network->kernels, O = network->kernel_outputs;
    for (int32_t i = 0; i < network->update_inputs; i++) {
        const int32_t p = i - C, k = p % K, o = p / K % O, c = p / K / O;
        place[i] = i < C ? i : C + (k * O + o) * C + c;
    }
}

static bool walk_trails(DlcaNetwork *network, const DlcaModel *model, const Places *places, DlcaError *error) {
    for (int32_t l = 0; l < network->update_layers; l++) {
        const DlcaLayer *layer = &model->layer[network->perceive_layers + l];
        DlcaTrailLayer *trail = &network->update[l];
        const DlcaTrails trails = {places->order, places->bytes};
        if (!dlca_schedule_trails(layer->inputs, layer->gates, layer->wires, trail->steps, trails, error)) {
            return false;
        }
        for (int32_t s = 0; s < layer->gates; s++) {
            network->slot[layer->first + places->order[s]] = trail->first + s;
            network->swapped[layer->first + places->order[s]] = places->bytes[s];
        }
    }
    return true;
}

static void place_steps(DlcaStep *steps, int32_t gates, const int32_t *row_of_input, const int32_t *row_of_output) {
    for (int32_t s = 0; s < gates; s++) {
        steps[s].near = row_of_input[steps[s].near] * DLCA_TILE;
        steps[s].far = row_of_input[steps[s].far] * DLCA_TILE;
        steps[s].out = row_of_output[steps[s].out] * DLCA_TILE;
    }
}

/* Steps come in input and gate numbers and leave in places. */
static void place_layer(DlcaNetwork *network, const DlcaModel *model, int32_t l, Places *places) {
    const DlcaLayer *layer = &model->layer[network->perceive_layers + l];
    DlcaTrailLayer *trail = &network->update[l];
    trail->unused_count = list_unused(layer, places->kept, places->bytes, trail->unused);
    memcpy(trail->brief, trail->steps, (size_t)layer->gates * sizeof *trail->steps);
    dlca_schedule_in_place(layer->inputs, layer->gates, trail->steps, &places->rows, places->next_brief);
    if (l + 1 < network->update_layers) {
        dlca_schedule_first_use(layer->gates, network->update[l + 1].gates, network->update[l + 1].steps,
                                places->next_kept);
    } else {
        for (int32_t g = 0; g < layer->gates; g++) {
            places->next_kept[g] = g;
            network->brief_outputs[g] = places->next_brief[g] * DLCA_TILE;
        }
    }
    place_steps(trail->steps, layer->gates, places->kept, places->next_kept);
    place_steps(trail->brief, layer->gates, places->brief, places->next_brief);
    memcpy(places->kept, places->next_kept, (size_t)layer->gates * sizeof *places->kept);
    memcpy(places->brief, places->next_brief, (size_t)layer->gates * sizeof *places->brief);
}

/* bytes [2 x most inputs or gates] */
static void trace_cone(DlcaNetwork *network, int32_t scored, size_t most, uint8_t *bytes) {
    uint8_t *wanted = bytes, *scratch = bytes + most;
    memset(wanted, 0, most);
    memset(wanted, 1, (size_t)scored);
    for (int32_t l = network->update_layers - 1; l >= 0; l--) {
        const DlcaTrailLayer *layer = &network->update[l];
        const DlcaConeSource source = {layer->steps, layer->brief, layer->inputs, layer->gates};
        dlca_cone_layer_trace(&network->cone[l], &source, wanted, scratch);
    }
    for (int32_t l = network->update_layers - 1; l >= 0; l--) {
        const DlcaTrailLayer *layer = &network->update[l];
        const DlcaConeSource source = {layer->steps, layer->brief, layer->inputs, layer->gates};
        dlca_cone_layer_silence(&network->cone[l], &source, l > 0 ? &network->cone[l - 1] : NULL, bytes);
    }
}

bool dlca_network_rewire(DlcaNetwork *network, const DlcaModel *model, DlcaError *error) {
    size_t most = (size_t)network->update_inputs;
    for (int32_t l = 0; l < model->layers; l++) {
        const size_t inputs = (size_t)model->layer[l].inputs, gates = (size_t)model->layer[l].gates;
        most = inputs > most ? inputs : most;
        most = gates > most ? gates : most;
    }
    const size_t rows = (size_t)network->brief_rows;
    int32_t *scratch = malloc((6 * most + rows) * sizeof(int32_t) + most + rows);
    if (!scratch) {
        return dlca_fail(error, DLCA_FAILED, "no memory to compile a network of %lld gates", (long long)model->gates);
    }
    Places places = {.kept = scratch,
                     .next_kept = scratch + most,
                     .brief = scratch + 2 * most,
                     .next_brief = scratch + 3 * most,
                     .order = scratch + 4 * most,
                     .bytes = (uint8_t *)(scratch + 6 * most + rows)};
    places.rows = (DlcaRows){.count = network->update_inputs,
                             .row_of = places.brief,
                             .left = scratch + 5 * most,
                             .spare = scratch + 6 * most,
                             .taken = places.bytes + most};
    compile_perceive(network, model, places.bytes);
    const bool walked = walk_trails(network, model, &places, error);
    place_update_inputs(network, places.kept);
    place_update_inputs(network, places.brief);
    for (int32_t l = 0; walked && l < network->update_layers; l++) {
        place_layer(network, model, l, &places);
    }
    if (walked) {
        trace_cone(network, model->config.scored_channels, most, places.bytes);
    }
    free(scratch);
    return walked;
}
