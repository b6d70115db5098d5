/* tile.c - one step of one tile, both ways. */
#include "tile.h"

/* Channels whose patches make up one wide row: 4 x 32 lanes are 512 bytes, so that a kernel's 9 + 14 rows and their
 * gradients stay in a 32 KiB first-level cache, and the reduction of a gate's sums is paid once for eight vectors. */
enum { CHUNK = 4, VECTORS_PER_CHANNEL = DLCA_TILE / 16 };
static const size_t WIDE = (size_t)CHUNK * DLCA_TILE; /* floats of a wide row */

enum { SPARE = 16 }; /* floats behind a buffer that the gather kernel may write */

static int32_t chunks_of(const DlcaNetwork *network) {
    return (network->channels + CHUNK - 1) / CHUNK;
}

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

void dlca_tile_scratch_take(DlcaTileScratch *scratch, const DlcaNetwork *network, DlcaArena *arena) {
    const size_t inputs = (size_t)network->update_inputs, widest = (size_t)network->widest;
    const size_t activations = larger((size_t)network->update_gates, 2 * widest);
    const size_t gradients = larger(inputs, widest), kernel_gates = (size_t)network->kernel_gates;
    const size_t patch = (size_t)chunks_of(network) * DLCA_NEIGHBOURS * WIDE + SPARE;
    scratch->patch = dlca_arena_take(arena, patch, sizeof(float));
    scratch->inputs = dlca_arena_take(arena, inputs * DLCA_TILE, sizeof(float));
    scratch->activations = dlca_arena_take(arena, activations * DLCA_TILE, sizeof(float));
    scratch->gradients[0] = dlca_arena_take(arena, gradients * DLCA_TILE, sizeof(float));
    scratch->gradients[1] = dlca_arena_take(arena, gradients * DLCA_TILE, sizeof(float));
    scratch->kernel_values = dlca_arena_take(arena, kernel_gates * WIDE, sizeof(float));
    scratch->kernel_gradients = dlca_arena_take(arena, kernel_gates * WIDE, sizeof(float));
    scratch->patch_gradient = dlca_arena_take(arena, DLCA_NEIGHBOURS * WIDE, sizeof(float));
    scratch->segments = dlca_arena_take(arena, (size_t)DLCA_NEIGHBOURS * DLCA_MAX_SEGMENTS, sizeof(DlcaSegment));
}

/* ---- a chunk of channels ---- */

typedef struct Chunk {
    int32_t first, channels;
    int32_t vectors; /* of a wide row that holds these channels */
    float *patch;    /* [9] wide rows */
} Chunk;

static Chunk chunk_of(const DlcaNetwork *network, const DlcaTileScratch *scratch, int32_t index) {
    const int32_t first = index * CHUNK, left = network->channels - first;
    const int32_t channels = left < CHUNK ? left : CHUNK;
    return (Chunk){first, channels, channels * VECTORS_PER_CHANNEL,
                   scratch->patch + (size_t)index * DLCA_NEIGHBOURS * WIDE};
}

/* Row c of neighbour n; what a run of segments writes past its row is overwritten by the next. */
static void gather_patch(const DlcaKernels *kernels, const DlcaSources *sources, const float *state, size_t pitch,
                         const Chunk *chunk) {
    const float *from = state + (size_t)chunk->first * pitch;
    for (int n = 0; n < DLCA_NEIGHBOURS; n++) {
        kernels->gather(sources->segments[n], sources->count[n], from, pitch, chunk->channels,
                        chunk->patch + (size_t)n * WIDE);
    }
}

/* ---- perception: one kernel on one chunk ---- */

/* Where the last layer's outputs of kernel k lie in the update network's input (or its gradient): output o at
 * o * C rows from here, the chunk's channels side by side. */
static float *kernel_output(const DlcaNetwork *network, const Chunk *chunk, int32_t k, float *update_rows) {
    const size_t C = (size_t)network->channels, O = (size_t)network->kernel_outputs;
    return update_rows + (C + (size_t)k * O * C + (size_t)chunk->first) * DLCA_TILE;
}

static void perceive_forward(const DlcaNetwork *network, const DlcaKernels *kernels, const float *coefficients,
                             const Chunk *chunk, int32_t k, bool with_outputs, DlcaTileScratch *scratch) {
    const float *c = coefficients + (size_t)k * (size_t)network->kernel_gates * 4;
    const int32_t last = network->perceive_layers - 1;
    const float *in = chunk->patch;
    for (int32_t l = 0; l < last; l++) {
        const DlcaWideLayer *layer = &network->perceive[l];
        float *out = scratch->kernel_values + (size_t)layer->first * WIDE;
        kernels->forward_rows(layer->pairs, layer->gates, c + (size_t)layer->first * 4, in, WIDE, out, WIDE,
                              chunk->vectors);
        in = out;
    }
    if (with_outputs) {
        const DlcaWideLayer *layer = &network->perceive[last];
        kernels->forward_rows(layer->pairs, layer->gates, c + (size_t)layer->first * 4, in, WIDE,
                              kernel_output(network, chunk, k, scratch->inputs),
                              (size_t)network->channels * DLCA_TILE, chunk->vectors);
    }
}

static void zero_rows(const int32_t *rows, int32_t count, float *buffer, size_t pitch) {
    for (int32_t i = 0; i < count; i++) {
        memset(buffer + (size_t)rows[i] * pitch, 0, pitch * sizeof(float));
    }
}

/* input_gradient: gradient of the update network's input. Adds to scratch->patch_gradient. */
static void perceive_backward(const DlcaNetwork *network, const DlcaKernels *kernels, const float *coefficients,
                              const Chunk *chunk, int32_t k, float *input_gradient, float *sums,
                              DlcaTileScratch *scratch) {
    const size_t kernel_first = (size_t)k * (size_t)network->kernel_gates * 4;
    const int32_t last = network->perceive_layers - 1;
    perceive_forward(network, kernels, coefficients, chunk, k, false, scratch);
    const float *out_gradient = kernel_output(network, chunk, k, input_gradient);
    size_t out_pitch = (size_t)network->channels * DLCA_TILE;
    for (int32_t l = last; l >= 0; l--) {
        const DlcaWideLayer *layer = &network->perceive[l];
        const size_t slots = kernel_first + (size_t)layer->first * 4;
        const float *in = chunk->patch;
        float *in_gradient = scratch->patch_gradient;
        if (l > 0) {
            const size_t below = (size_t)network->perceive[l - 1].first * WIDE;
            in = scratch->kernel_values + below;
            in_gradient = scratch->kernel_gradients + below;
            zero_rows(layer->unused, layer->unused_count, in_gradient, WIDE);
        }
        kernels->backward_rows(layer->pairs, layer->gates, coefficients + slots, in, out_gradient, out_pitch,
                               in_gradient, WIDE, chunk->vectors, sums + slots);
        out_gradient = in_gradient;
        out_pitch = WIDE;
    }
}

/* ---- the tile ---- */

/* Patches of all channels, and the update network's input: the centres, then the perception outputs. */
static void fill_inputs(const DlcaNetwork *network, const DlcaKernels *kernels, const float *coefficients,
                        const DlcaSources *sources, const float *state, size_t pitch, DlcaTileScratch *scratch) {
    for (int32_t i = 0; i < chunks_of(network); i++) {
        const Chunk chunk = chunk_of(network, scratch, i);
        gather_patch(kernels, sources, state, pitch, &chunk);
        memcpy(scratch->inputs + (size_t)chunk.first * DLCA_TILE, chunk.patch + DLCA_CENTRE * WIDE,
               (size_t)chunk.channels * DLCA_TILE * sizeof(float));
        for (int32_t k = 0; k < network->kernels; k++) {
            perceive_forward(network, kernels, coefficients, &chunk, k, true, scratch);
        }
    }
}

const float *dlca_tile_forward(const DlcaNetwork *network, const DlcaKernels *kernels, const float *coefficients,
                               const DlcaSources *sources, const float *state, size_t pitch,
                               DlcaTileScratch *scratch) {
    fill_inputs(network, kernels, coefficients, sources, state, pitch, scratch);
    const float *in = scratch->inputs;
    for (int32_t l = 0; l < network->update_layers; l++) {
        /* two halves in turn: only the last layer's output is wanted */
        const DlcaTrailLayer *layer = &network->update[l];
        float *out = scratch->activations + (size_t)(l % 2) * (size_t)network->widest * DLCA_TILE;
        kernels->forward_layer(layer->steps, layer->gates, coefficients + (size_t)layer->first * 4, in, out);
        in = out;
    }
    return in;
}

/* All layers but the last, whose output backward does not need, kept at their slots' rows. */
static void recompute_update(const DlcaNetwork *network, const DlcaKernels *kernels, const float *coefficients,
                             DlcaTileScratch *scratch) {
    const int32_t base = network->update[0].first;
    const float *in = scratch->inputs;
    for (int32_t l = 0; l + 1 < network->update_layers; l++) {
        const DlcaTrailLayer *layer = &network->update[l];
        float *out = scratch->activations + (size_t)(layer->first - base) * DLCA_TILE;
        kernels->forward_layer(layer->steps, layer->gates, coefficients + (size_t)layer->first * 4, in, out);
        in = out;
    }
}

/* Returns the gradient of the update network's input. */
static float *update_backward(const DlcaNetwork *network, const DlcaKernels *kernels, const float *coefficients,
                              const float *new_gradient, float *sums, DlcaTileScratch *scratch) {
    const int32_t base = network->update[0].first;
    const float *out_gradient = new_gradient;
    float *in_gradient = NULL;
    for (int32_t l = network->update_layers - 1; l >= 0; l--) {
        const DlcaTrailLayer *layer = &network->update[l];
        const size_t slots = (size_t)layer->first * 4;
        const float *in = scratch->inputs;
        if (l > 0) {
            in = scratch->activations + (size_t)(network->update[l - 1].first - base) * DLCA_TILE;
        }
        in_gradient = scratch->gradients[l % 2];
        zero_rows(layer->unused, layer->unused_count, in_gradient, DLCA_TILE);
        kernels->backward_layer(layer->steps, layer->gates, coefficients + slots, in, out_gradient, in_gradient,
                                sums + slots);
        out_gradient = in_gradient;
    }
    return in_gradient;
}

void dlca_tile_backward(const DlcaNetwork *network, const DlcaKernels *kernels, const float *coefficients,
                        const DlcaSources *sources, const float *state, size_t pitch, const float *new_gradient,
                        float *patch_gradient, size_t patch_pitch, float *sums, DlcaTileScratch *scratch) {
    fill_inputs(network, kernels, coefficients, sources, state, pitch, scratch);
    recompute_update(network, kernels, coefficients, scratch);
    float *input_gradient = update_backward(network, kernels, coefficients, new_gradient, sums, scratch);
    for (int32_t i = 0; i < chunks_of(network); i++) {
        const Chunk chunk = chunk_of(network, scratch, i);
        const size_t lanes = (size_t)chunk.channels * DLCA_TILE;
        memset(scratch->patch_gradient, 0, DLCA_NEIGHBOURS * WIDE * sizeof(float));
        memcpy(scratch->patch_gradient + DLCA_CENTRE * WIDE, input_gradient + (size_t)chunk.first * DLCA_TILE,
               lanes * sizeof(float));
        for (int32_t k = 0; k < network->kernels; k++) {
            perceive_backward(network, kernels, coefficients, &chunk, k, input_gradient, sums, scratch);
        }
        for (int32_t row = 0; row < DLCA_NEIGHBOURS * chunk.channels; row++) {
            const int32_t n = row / chunk.channels, c = row % chunk.channels;
            memcpy(patch_gradient + (size_t)(n * network->channels + chunk.first + c) * patch_pitch,
                   scratch->patch_gradient + (size_t)n * WIDE + (size_t)c * DLCA_TILE, DLCA_TILE * sizeof(float));
        }
    }
}
