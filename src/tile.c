/* tile.c - one step of one tile, both ways. */
#include "tile.h"

#include "profile.h"

enum { SIXTEENS = DLCA_TILE / 16 };

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

void dlca_tile_scratch_take(DlcaTileScratch *scratch, const DlcaNetwork *network, DlcaArena *arena) {
    const size_t inputs = (size_t)network->update_inputs, widest = (size_t)network->widest;
    const size_t gradients = larger(inputs, widest), kernel_slots = (size_t)network->kernel_slots;
    scratch->patch = dlca_arena_take(arena, dlca_patch_floats(network), sizeof(float));
    scratch->inputs = dlca_arena_take(arena, (size_t)network->brief_rows * DLCA_TILE, sizeof(float));
    scratch->activations = dlca_arena_take(arena, (size_t)network->update_slots * DLCA_TILE, sizeof(float));
    scratch->gradients[0] = dlca_arena_take(arena, gradients * DLCA_TILE, sizeof(float));
    scratch->gradients[1] = dlca_arena_take(arena, gradients * DLCA_TILE, sizeof(float));
    scratch->kernel_values = dlca_arena_take(arena, kernel_slots * DLCA_WIDE, sizeof(float));
    scratch->kernel_gradients = dlca_arena_take(arena, kernel_slots * DLCA_WIDE, sizeof(float));
    scratch->new_gradient = dlca_arena_take(arena, (size_t)network->channels * DLCA_TILE, sizeof(float));
    scratch->lanes = dlca_arena_take(arena, DLCA_NEIGHBOURS, sizeof *scratch->lanes);
}

/* ---- a chunk of channels ---- */

typedef struct Chunk {
    int32_t first, channels;
    DlcaLanes lanes;  /* of a wide row that holds these channels */
    DlcaLanes paired; /* the same in an even number of vectors, if only with lanes that nobody asks for */
    float *patch;     /* [9] wide rows */
    float *patch_gradient;
} Chunk;

static Chunk chunk_of(const DlcaTileWork *work, int32_t index, int32_t sixteens, float *patch_gradient) {
    const int32_t first = index * DLCA_CHUNK, left = work->network->channels - first;
    const int32_t channels = left < DLCA_CHUNK ? left : DLCA_CHUNK;
    const size_t at = (size_t)index * DLCA_NEIGHBOURS * DLCA_WIDE;
    const DlcaLanes whole = {channels * SIXTEENS, DLCA_TILE / SIXTEENS}, halves = {channels, DLCA_TILE};
    return (Chunk){.first = first,
                   .channels = channels,
                   .lanes = sixteens == SIXTEENS ? whole : halves,
                   .paired = sixteens == SIXTEENS || channels % 2 ? whole : halves,
                   .patch = work->scratch->patch + at,
                   .patch_gradient = patch_gradient ? patch_gradient + at : NULL};
}

static void gather_patch(const DlcaTileWork *work, const DlcaSources *sources, const float *state, size_t pitch,
                         const Chunk *chunk) {
    const float *from = state + (size_t)chunk->first * pitch;
    for (int n = 0; n < DLCA_NEIGHBOURS; n++) {
        float *to = chunk->patch + (size_t)n * DLCA_WIDE;
        if (sources->lanes) {
            work->kernels->gather_lanes(sources->lanes[n], from, pitch, chunk->channels, to);
        } else {
            work->kernels->gather(sources->spans + sources->first[n], sources->first[n + 1] - sources->first[n], from,
                                  pitch, chunk->channels, to);
        }
    }
}

/* ---- perception: one kernel on one chunk ---- */

/* Where the last layer's outputs of kernel k lie in the update network's input (or its gradient): output o at
 * o * C rows from here, the chunk's channels side by side. */
static float *kernel_output(const DlcaNetwork *network, const Chunk *chunk, int32_t k, float *update_rows) {
    const size_t C = (size_t)network->channels, O = (size_t)network->kernel_outputs;
    return update_rows + (C + (size_t)k * O * C + (size_t)chunk->first) * DLCA_TILE;
}

static const float *kernel_coefficients(const DlcaTileWork *work, int32_t k) {
    return work->coefficients + (size_t)k * (size_t)work->network->kernel_slots * 4;
}

/* The layers before the last one, kept in kernel_values. */
static void tile_perceive_inner(const DlcaTileWork *work, const Chunk *chunk, int32_t k) {
    const DlcaNetwork *network = work->network;
    const float *c = kernel_coefficients(work, k), *in = chunk->patch;
    if (network->is_tree) {
        work->kernels->forward_tree_inner(&network->tree, c, in, DLCA_WIDE, work->scratch->kernel_values, DLCA_WIDE,
                                          chunk->paired);
        return;
    }
    for (int32_t l = 0; l + 1 < network->perceive_layers; l++) {
        const DlcaWideLayer *layer = &network->perceive[l];
        float *out = work->scratch->kernel_values + (size_t)layer->first * DLCA_WIDE;
        work->kernels->forward_rows(layer->pairs, layer->gates, c + (size_t)layer->first * 4, in, DLCA_WIDE, out,
                                    DLCA_WIDE, chunk->lanes);
        in = out;
    }
}

/* The last layer's outputs, into the update network's input. */
static void tile_perceive_forward(const DlcaTileWork *work, const Chunk *chunk, int32_t k) {
    const DlcaNetwork *network = work->network;
    const int32_t last = network->perceive_layers - 1;
    const size_t out_pitch = (size_t)network->channels * DLCA_TILE;
    float *out = kernel_output(network, chunk, k, work->scratch->inputs);
    if (network->is_tree) {
        work->kernels->forward_tree(&network->tree, kernel_coefficients(work, k), chunk->patch, DLCA_WIDE, out,
                                    out_pitch, chunk->paired);
        return;
    }
    tile_perceive_inner(work, chunk, k);
    const DlcaWideLayer *layer = &network->perceive[last];
    const float *in = chunk->patch;
    if (last > 0) {
        in = work->scratch->kernel_values + (size_t)network->perceive[last - 1].first * DLCA_WIDE;
    }
    work->kernels->forward_rows(layer->pairs, layer->gates, kernel_coefficients(work, k) + (size_t)layer->first * 4, in,
                                DLCA_WIDE, out, out_pitch, chunk->lanes);
}

static void zero_rows(const int32_t *rows, int32_t count, float *buffer, size_t pitch) {
    for (int32_t i = 0; i < count; i++) {
        memset(buffer + (size_t)rows[i] * pitch, 0, pitch * sizeof(float));
    }
}

/* input_gradient: gradient of the update network's input. Kernel 0 writes the chunk's patch gradient (its centre row
 * holds a value already), the others add to it. */
static DLCA_OWN_FRAME void tile_perceive_backward(const DlcaTileWork *work, const Chunk *chunk, int32_t k,
                                                  float *input_gradient, float *sums) {
    const DlcaNetwork *network = work->network;
    const size_t kernel_first = (size_t)k * (size_t)network->kernel_slots * 4;
    tile_perceive_inner(work, chunk, k);
    const float *out_gradient = kernel_output(network, chunk, k, input_gradient);
    size_t out_pitch = (size_t)network->channels * DLCA_TILE;
    for (int32_t l = network->perceive_layers - 1; l >= 0; l--) {
        const DlcaWideLayer *layer = &network->perceive[l];
        const size_t slots = kernel_first + (size_t)layer->first * 4;
        const float *in = chunk->patch;
        float *in_gradient = chunk->patch_gradient;
        if (l > 0) {
            const size_t below = (size_t)network->perceive[l - 1].first * DLCA_WIDE;
            in = work->scratch->kernel_values + below;
            in_gradient = work->scratch->kernel_gradients + below;
        }
        if (l > 0) {
            zero_rows(layer->unused, layer->unused_count, in_gradient, DLCA_WIDE);
        }
        work->kernels->backward_rows(l == 0 && k == 0 ? layer->first_pairs : layer->pairs, layer->gates,
                                     work->coefficients + slots, in, DLCA_WIDE, out_gradient, out_pitch, in_gradient,
                                     DLCA_WIDE, chunk->lanes, sums + slots);
        out_gradient = in_gradient;
        out_pitch = DLCA_WIDE;
    }
}

/* ---- the tile ---- */

/* Patches of all channels, and the update network's input: the centres, then the perception outputs. */
static DLCA_OWN_FRAME void tile_inputs(const DlcaTileWork *work, const DlcaSources *sources, const float *state,
                                       size_t pitch) {
    for (int32_t i = 0; i < dlca_chunks(work->network); i++) {
        const Chunk chunk = chunk_of(work, i, sources->sixteens, NULL);
        gather_patch(work, sources, state, pitch, &chunk);
        memcpy(work->scratch->inputs + (size_t)chunk.first * DLCA_TILE, chunk.patch + (size_t)DLCA_CENTRE * DLCA_WIDE,
               (size_t)chunk.channels * DLCA_TILE * sizeof(float));
        for (int32_t k = 0; k < work->network->kernels; k++) {
            tile_perceive_forward(work, &chunk, k);
        }
    }
}

/* What of a layer is computed: all, or what the last step needs. *count runs. */
static const DlcaStepRun *runs_of(const DlcaTileWork *work, int32_t l, DlcaStepRun *all, int32_t *count) {
    *all = (DlcaStepRun){0, work->network->update[l].gates};
    *count = work->last ? work->network->cone[l].run_count : 1;
    return work->last ? work->network->cone[l].runs : all;
}

static void update_layer_forward(const DlcaTileWork *work, int32_t l, int32_t sixteens, const DlcaStep *steps,
                                 const float *in, float *out) {
    const float *coefficients = work->coefficients + (size_t)work->network->update[l].first * 4;
    DlcaStepRun all;
    int32_t count;
    const DlcaStepRun *runs = runs_of(work, l, &all, &count);
    for (int32_t r = 0; r < count; r++) {
        work->kernels->forward_layer(steps + runs[r].first, runs[r].count, coefficients + (size_t)runs[r].first * 4, in,
                                     out, sixteens);
    }
}

static void update_layer_backward(const DlcaTileWork *work, int32_t l, int32_t sixteens, const float *in,
                                  const float *out_gradient, float *in_gradient, float *sums) {
    const DlcaTrailLayer *layer = &work->network->update[l];
    const DlcaConeLayer *cone = &work->network->cone[l];
    const DlcaStep *steps = work->last ? cone->steps : layer->steps;
    DlcaStepRun all;
    int32_t count;
    const DlcaStepRun *runs = runs_of(work, l, &all, &count);
    zero_rows(work->last ? cone->silent : layer->unused, work->last ? cone->silent_count : layer->unused_count,
              in_gradient, DLCA_TILE);
    for (int32_t r = 0; r < count; r++) {
        const size_t slots = ((size_t)layer->first + (size_t)runs[r].first) * 4;
        work->kernels->backward_layer(steps + runs[r].first, runs[r].count, work->coefficients + slots, in,
                                      out_gradient, in_gradient, sums + slots, sixteens);
    }
}

const float *dlca_tile_forward(const DlcaTileWork *work, const DlcaSources *sources, const float *state, size_t pitch) {
    float *rows = work->scratch->inputs;
    tile_inputs(work, sources, state, pitch);
    for (int32_t l = 0; l < work->network->update_layers; l++) {
        const DlcaTrailLayer *layer = &work->network->update[l];
        update_layer_forward(work, l, sources->sixteens, work->last ? work->network->cone[l].brief : layer->brief, rows,
                             rows);
    }
    return rows;
}

/* Output rows of an update layer when all is kept. */
static float *kept_rows(const DlcaTileWork *work, int32_t l) {
    const int32_t base = work->network->update[0].first;
    return work->scratch->activations + (size_t)(work->network->update[l].first - base) * DLCA_TILE;
}

/* All layers but the last, whose output backward does not need. */
static DLCA_OWN_FRAME void tile_recompute(const DlcaTileWork *work, int32_t sixteens) {
    const float *in = work->scratch->inputs;
    for (int32_t l = 0; l + 1 < work->network->update_layers; l++) {
        float *out = kept_rows(work, l);
        update_layer_forward(work, l, sixteens,
                             work->last ? work->network->cone[l].steps : work->network->update[l].steps, in, out);
        in = out;
    }
}

/* Returns the gradient of the update network's input. */
static DLCA_OWN_FRAME float *tile_update_backward(const DlcaTileWork *work, int32_t sixteens, float *sums) {
    const float *out_gradient = work->scratch->new_gradient;
    float *in_gradient = NULL;
    for (int32_t l = work->network->update_layers - 1; l >= 0; l--) {
        const float *in = l > 0 ? kept_rows(work, l - 1) : work->scratch->inputs;
        in_gradient = work->scratch->gradients[l % 2];
        update_layer_backward(work, l, sixteens, in, out_gradient, in_gradient, sums);
        out_gradient = in_gradient;
    }
    return in_gradient;
}

void dlca_tile_backward(const DlcaTileWork *work, const DlcaSources *sources, const float *state, size_t pitch,
                        float *patch_gradient, float *sums) {
    tile_inputs(work, sources, state, pitch);
    tile_recompute(work, sources->sixteens);
    float *input_gradient = tile_update_backward(work, sources->sixteens, sums);
    for (int32_t i = 0; i < dlca_chunks(work->network); i++) {
        const Chunk chunk = chunk_of(work, i, sources->sixteens, patch_gradient);
        const DlcaWideLayer *first = &work->network->perceive[0];
        zero_rows(first->unused, first->unused_count, chunk.patch_gradient, DLCA_WIDE);
        memcpy(chunk.patch_gradient + (size_t)DLCA_CENTRE * DLCA_WIDE, input_gradient + (size_t)chunk.first * DLCA_TILE,
               (size_t)chunk.channels * DLCA_TILE * sizeof(float));
        for (int32_t k = 0; k < work->network->kernels; k++) {
            tile_perceive_backward(work, &chunk, k, input_gradient, sums);
        }
    }
}
