/* rollout_kernels.h - the soft rollout both ways as one launch, and the update: the kernels' source, for CUDA and for
 * C.
 *
 * Include it with DLCA_GPU_LANES defined: cells of a strip (rollout_data.h). All layers of a step are evaluated by one
 * block in its own memory; states go through global memory, and the blocks of a model meet once per step forward, twice
 * backward (gather gradients, then compute). Backward computes a step's activations again from its states.
 *
 * Every number is made by the same operations in the same order as on the CPU (gates/kernels_*.h, src/tile.c,
 * src/rollout.c, src/state_gradient.c), so the bytes are the CPU's: a parity test is a comparison of memory, on a
 * device as in the emulation. That costs little: what must be kept apart to be added in the CPU's order (sums of each
 * strip, and of each chunk of channels) goes through the second-level cache once per step. No atomics but the
 * barrier's. Leaves alone: launching, memory (backend_cuda.c, device_*). */
#define DLCA_SIMD_SCALAR
#include "../gates/simd.h"

#include "../gates/fold.h"
#include "../gates/gate_math.h"
#include "../src/parametrization_math.h"
#include "parallel.h"

#define ALWAYS_INLINE DLCA_INLINE
#define KERNEL DLCA_INLINE
#include "../gates/kernels_parameters.h"

enum {
    LANES = DLCA_GPU_LANES,
    SPACING = DLCA_TILE / LANES, /* strips of a tile; lane i of strip r is lane r + i SPACING of the tile */
    HALF = LANES / 2,            /* lanes of the first sixteen */
    NEIGHBOURS = 9,
    CENTRE = 4,
    CHUNK = 4,               /* channels whose sums are folded together (DLCA_CHUNK) */
    WIDE = CHUNK * DLCA_TILE /* floats from a neighbour to the next in patch gradients (DLCA_WIDE) */
};

#include "kernel_rows.h"
#include "kernel_work.h"

#include "kernel_prepare.h"
#include "kernel_sums.h"

#include "kernel_perceive.h"
#include "kernel_update.h"

#include "kernel_between.h"

/* ---- a strip of a step, forward ---- */

DLCA_INLINE const float *layer_inputs(const DlcaGpuModel *model, Work work, int32_t l) {
    return l > 0 ? work.activations + (size_t)model->layer[l - 1].kept * LANES : work.inputs;
}

/* Patches, perception, and the first `layers` update layers. */
static DLCA_GPU_FUNCTION void strip_activations(const Place *place, Work work, Tables tables, int32_t step, Strip strip,
                                                int32_t layers) {
    const DlcaGpuModel *model = place->model;
    EACH_THREAD(place, find_sources(model, work, step, strip, thread));
    EACH_THREAD(place, load_patch(model, work, step, thread));
    for (int32_t first = 0; first < model->channels; first += model->piece) {
        EACH_THREAD(place, perceive_forward(model, work, tables.coefficients, first, thread));
    }
    for (int32_t l = 0; l < layers; l++) {
        const DlcaGpuLayer *layer = &model->layer[l];
        float *out = work.activations + (size_t)layer->kept * LANES;
        EACH_THREAD(place, layer_forward(model, tables, layer, layer_inputs(model, work, l), out, thread));
    }
}

/* Output c of the last layer lies in its row c. */
DLCA_INLINE void store_states(const DlcaGpuModel *model, Work work, int32_t step, int32_t thread) {
    const float *rows = layer_inputs(model, work, model->update_layers);
    float *state = state_at(model, step + 1);
    for (int32_t c = thread; c < model->channels; c += model->threads) {
        const Row row = row_load(rows + (size_t)c * LANES);
        EACH_LANE(i) {
            if (work.place[i] >= 0) {
                state[(size_t)c * (size_t)model->pitch + (size_t)work.place[i]] = row.lane[i];
            }
        }
    }
}

/* Cells that do not fire keep their state. */
DLCA_INLINE void keep_states(const DlcaGpuModel *model, int32_t step, int32_t block, int32_t thread) {
    const float *before = state_at(model, step);
    float *after = state_at(model, step + 1);
    const int32_t values = model->cells * model->channels;
    for (int32_t i = block * model->threads + thread; i < values; i += model->blocks * model->threads) {
        const int32_t c = i / model->cells, cell = i - c * model->cells;
        if (model->fire_place[(size_t)step * (size_t)model->area + (size_t)(cell % model->area)] < 0) {
            const size_t at = (size_t)c * (size_t)model->pitch + (size_t)cell;
            after[at] = before[at];
        }
    }
}

static DLCA_GPU_FUNCTION void forward_block(const Place *place, int32_t block, int32_t step) {
    const DlcaGpuModel *model = place->model;
    const Work work = work_of(place, block);
    const Tables tables = tables_of(place, block);
    const int32_t units = tiles_of(model, step) * SPACING;
    for (int32_t unit = block; unit < units; unit += model->blocks) {
        strip_activations(place, work, tables, step, strip_of(unit), model->update_layers);
        EACH_THREAD(place, store_states(model, work, step, thread));
    }
    if (model->columns == DLCA_GPU_FIRE) {
        EACH_THREAD(place, keep_states(model, step, block, thread));
    }
}

/* ---- a strip of a step, backward ---- */

/* Lanes without a column have no gradient. */
DLCA_INLINE void load_new_gradient(const DlcaGpuModel *model, Work work, float *rows, int32_t thread) {
    for (int32_t c = thread; c < model->channels; c += model->threads) {
        Row row;
        EACH_LANE(i) {
            const int32_t at = work.place[i];
            row.lane[i] = at < 0 ? 0.0f : model->state_gradient[(size_t)c * (size_t)model->pitch + (size_t)at];
        }
        row_store(rows + (size_t)c * LANES, row);
    }
}

static DLCA_GPU_FUNCTION void backward_strip(const Place *place, Work work, Tables tables, int32_t step, Strip strip) {
    const DlcaGpuModel *model = place->model;
    const int32_t layers = model->update_layers;
    float *sums =
        partial_of(model, strip) + (size_t)model->chunks * (size_t)model->kernels * (size_t)model->kernel_slots * 4;
    const int32_t first_slot = model->kernels * model->kernel_slots;
    strip_activations(place, work, tables, step, strip, layers - 1);
    EACH_THREAD(place, load_new_gradient(model, work, work.gradient[layers % 2], thread));
    for (int32_t l = layers - 1; l >= 0; l--) {
        const DlcaGpuLayer *layer = &model->layer[l];
        LayerBackward rows;
        rows.in = layer_inputs(model, work, l);
        rows.out_gradient = work.gradient[(l + 1) % 2];
        rows.in_gradient = work.gradient[l % 2];
        rows.sums = sums + (size_t)(layer->first - first_slot) * 4;
        EACH_THREAD(place, layer_backward(model, tables, layer, rows, thread));
    }
    const float *input_gradient = work.gradient[0];
    for (int32_t first = 0; first < model->channels; first += model->piece) {
        EACH_THREAD(place, perceive_backward(model, work, tables.coefficients, input_gradient, first, thread));
        EACH_THREAD(place, (perceive_sums(model, work, strip, first, thread),
                            patch_gradients(model, work, tables.coefficients, input_gradient, strip, first, thread)));
    }
}

static DLCA_GPU_FUNCTION void backward_block(const Place *place, int32_t block, int32_t step) {
    const DlcaGpuModel *model = place->model;
    const Work work = work_of(place, block);
    const Tables tables = tables_of(place, block);
    const int32_t units = tiles_of(model, step) * SPACING;
    for (int32_t unit = block; unit < units; unit += model->blocks) {
        backward_strip(place, work, tables, step, strip_of(unit));
    }
}

/* ---- the rollout ---- */

static DLCA_GPU_FUNCTION void run_forward(const Place *place) {
    const DlcaGpuModel *model = place->model;
    EACH_BLOCK(place, (copy_tables_of_block(place, block), forward_block(place, block, 0)));
    for (int32_t step = 1; step < model->steps; step++) {
        EACH_BLOCK(place, (forward_block(place, block, step), loss_block(place, block, step - 1)));
    }
}

/* The states between two checkpoints again, before backward needs them. */
static DLCA_GPU_FUNCTION void restore_segment(const Place *place, int32_t step) {
    const DlcaGpuModel *model = place->model;
    const int32_t end = step + 1;
    if (end % model->every == 0 && end < model->steps) {
        for (int32_t again = end - model->every; again + 1 < end; again++) {
            EACH_BLOCK(place, forward_block(place, block, again));
        }
    }
}

static DLCA_GPU_FUNCTION void run_backward(const Place *place) {
    const DlcaGpuModel *model = place->model;
    for (int32_t step = model->steps - 1; step >= 0; step--) {
        restore_segment(place, step);
        EACH_BLOCK(place, gather_block(place, block, step));
        EACH_BLOCK(place, backward_block(place, block, step));
    }
    EACH_BLOCK(place, add_partials_block(place, block, 0));
    EACH_BLOCK(place, reduce_block(place, block));
}

/* One model's whole rollout; gradient of the logits when it goes backward too. */
static DLCA_GPU_FUNCTION void run_rollout(const Place *place) {
    const DlcaGpuModel *model = place->model;
    EACH_BLOCK(place, prepare_block(place, block));
    run_forward(place);
    if (model->backward) {
        run_backward(place);
    } else {
        EACH_BLOCK(place, loss_block(place, block, model->steps - 1));
    }
}

/* ---- the update ---- */

/* Alone, for gradients that were looked at in between: a thread for each gate. */
DLCA_INLINE void update_gates(const DlcaGpuModel *model, const DlcaAdamWStep *step, int32_t thread, int32_t threads) {
    for (int32_t gate = thread; gate < model->gates; gate += threads) {
        update_gate(model, step, gate);
    }
}
