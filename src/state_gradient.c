/* state_gradient.c - the loss of the states between steps, and their gradients: gathered from the patches that read
 * them. Leaves alone: what a step makes of them (tile.c). */
#include "rollout.h"

static int32_t smaller(int32_t a, int32_t b) {
    return a < b ? a : b;
}

/* ---- loss ---- */

float dlca_weight_after(const DlcaShare *share, int32_t step) {
    if (share->batch->step_weight) {
        return share->batch->step_weight[step];
    }
    return step + 1 == share->steps ? 1.0f : 0.0f;
}

/* The target of scored channel s in cell `cell` of the batch. */
static float target_of(const DlcaBackend *backend, const DlcaBatch *batch, int32_t cell, int32_t s) {
    const int32_t area = backend->config.height * backend->config.width;
    const int32_t at = batch->target_per_grid ? cell : cell % area;
    return batch->target[(size_t)at * (size_t)backend->config.scored_channels + (size_t)s];
}

/* Where the state of a cell after a step lies in a row, with the step's classes; otherwise at the cell itself. */
static const int32_t *places_after(const DlcaShare *share, int32_t step) {
    const DlcaClasses *classes = &share->backend->classes;
    return share->columns == DLCA_COLUMNS_CLASSES ? classes->class_of + (size_t)(step + 1) * (size_t)classes->cells
                                                  : NULL;
}

/* Weighted sum of squared differences after a step, in double and in the order of cells: small beside a step, so thread
 * 0 does it alone. */
double dlca_loss_after(const DlcaShare *share, int32_t step) {
    const DlcaBackend *backend = share->backend;
    const double weight = (double)dlca_weight_after(share, step);
    const float *state = dlca_state_at(backend, step + 1);
    const int32_t *places = places_after(share, step);
    double loss = 0.0;
    for (int32_t cell = 0; weight != 0.0 && cell < backend->cells; cell++) {
        for (int32_t s = 0; s < backend->config.scored_channels; s++) {
            const double value = (double)state[(size_t)s * backend->pitch + (size_t)(places ? places[cell] : cell)];
            const double difference = value - (double)target_of(backend, share->batch, cell, s);
            loss += weight * difference * difference;
        }
    }
    return loss;
}

/* d/ds of w (s - target)^2, for the states of a tile; a class has the sum over its cells. */
static void add_loss_gradient(const DlcaShare *share, int32_t step, int32_t tile, DlcaChannels channels) {
    const DlcaBackend *backend = share->backend;
    const float weight = dlca_weight_after(share, step);
    const float *state = dlca_state_at(backend, step + 1);
    const int32_t *places = places_after(share, step);
    const int32_t first = places ? 0 : tile * DLCA_TILE;
    const int32_t end = places ? backend->cells : smaller(backend->cells, first + DLCA_TILE);
    const int32_t scored = smaller(channels.last, backend->config.scored_channels);
    for (int32_t cell = first; weight != 0.0f && channels.first < scored && cell < end; cell++) {
        const int32_t place = places ? places[cell] : cell;
        for (int32_t s = channels.first; place / DLCA_TILE == tile && s < scored; s++) {
            const size_t at = (size_t)s * backend->pitch + (size_t)place;
            backend->state_gradient[at] += 2.0f * weight * (state[at] - target_of(backend, share->batch, cell, s));
        }
    }
}

/* ---- from the patches ---- */

/* What the cells of a tile keep of the gradient by the states after `step`: all of it where a cell did not fire at the
 * step after and handed its state on as it was, otherwise nothing. */
static void keep_gradient(const DlcaShare *share, int32_t step, int32_t tile, DlcaChannels channels) {
    const DlcaBackend *backend = share->backend;
    const int32_t first = tile * DLCA_TILE, end = smaller(backend->cells, first + DLCA_TILE);
    bool kept[DLCA_TILE] = {false};
    if (share->columns == DLCA_COLUMNS_FIRE && step + 1 < share->steps) {
        int32_t within = first % backend->fire.area;
        for (int32_t cell = first; cell < end; cell++) {
            kept[cell - first] = dlca_fire_place(&backend->fire, step + 1, within) < 0;
            within = within + 1 == backend->fire.area ? 0 : within + 1;
        }
    }
    for (int32_t c = channels.first; c < channels.last; c++) {
        float *row = backend->state_gradient + (size_t)c * backend->pitch + (size_t)first;
        for (int32_t lane = 0; lane < DLCA_TILE; lane++) {
            row[lane] = kept[lane] ? row[lane] : 0.0f;
        }
    }
}

/* To the states of a tile of classes, each from all the places where it was read; several channels of a chunk at a
 * time, so that their additions overlap. */
static void gather_add_classes(const DlcaBackend *backend, int32_t step, int32_t tile, int32_t channel) {
    const DlcaClassStep *plan = &backend->classes.step[step];
    const int32_t lanes = smaller(DLCA_TILE, backend->classes.count[step] - tile * DLCA_TILE);
    const int32_t channels = smaller(DLCA_CHUNK, backend->config.channels - channel);
    const float *from = backend->patch_gradient + dlca_patch_channel(channel);
    float *to = backend->state_gradient + (size_t)channel * backend->pitch + (size_t)tile * DLCA_TILE;
    for (int32_t lane = 0; lane < lanes; lane++) {
        const int32_t *first = plan->back_first + tile * DLCA_TILE + lane;
        float sum[DLCA_CHUNK] = {0.0f};
        for (int32_t i = first[0]; i < first[1]; i++) {
            const float *place = from + plan->back[i];
            for (int32_t c = 0; c < DLCA_CHUNK; c++) { /* those past the last channel read what nobody uses */
                sum[c] += place[c * DLCA_TILE];
            }
        }
        for (int32_t c = 0; c < channels; c++) {
            to[(size_t)c * backend->pitch + (size_t)lane] += sum[c];
        }
    }
}

/* Whether every cell is a class of its own from this step on: columns are then the cells, in their order. */
static bool all_differ(const DlcaBackend *backend, int32_t step) {
    return backend->classes.count[step] == backend->cells;
}

static void gather_add_columns(const DlcaShare *share, int32_t step, int32_t tile, DlcaChannels channels) {
    const DlcaBackend *backend = share->backend;
    const DlcaColumns columns = share->columns == DLCA_COLUMNS_FIRE ? DLCA_COLUMNS_FIRE : DLCA_COLUMNS_CELLS;
    const DlcaSources sources = dlca_reverse_sources(backend, columns, share->work.scratch, step, tile);
    for (int32_t c = channels.first; c < channels.last; c++) {
        const float *from = backend->patch_gradient + dlca_patch_channel(c);
        float *to = backend->state_gradient + (size_t)c * backend->pitch + (size_t)tile * DLCA_TILE;
        if (sources.lanes) {
            backend->kernels->gather_lanes_add(sources.lanes, from, to);
        } else {
            backend->kernels->gather_add(sources.spans, sources.first, from, to);
        }
    }
}

void dlca_gather_state_gradient(const DlcaShare *share, int32_t step, int32_t tile, DlcaChannels channels) {
    const DlcaBackend *backend = share->backend;
    keep_gradient(share, step, tile, channels);
    if (step + 1 < share->steps) {
        if (share->columns == DLCA_COLUMNS_CLASSES && !all_differ(backend, step + 1)) {
            for (int32_t c = channels.first; c < channels.last; c += DLCA_CHUNK) {
                gather_add_classes(backend, step + 1, tile, c);
            }
        } else {
            gather_add_columns(share, step + 1, tile, channels);
        }
    }
    add_loss_gradient(share, step, tile, channels);
}
