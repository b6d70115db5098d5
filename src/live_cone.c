/* live_cone.c - see live_cone.h. */
#include "live_cone.h"

void dlca_cone_layer_take(DlcaConeLayer *cone, int32_t inputs, int32_t gates, DlcaArena *arena) {
    cone->steps = dlca_arena_take(arena, (size_t)gates, sizeof *cone->steps);
    cone->brief = dlca_arena_take(arena, (size_t)gates, sizeof *cone->brief);
    cone->runs = dlca_arena_take(arena, (size_t)gates / (2 * DLCA_BLOCK) + 1, sizeof *cone->runs);
    cone->silent = dlca_arena_take(arena, (size_t)inputs, sizeof *cone->silent);
}

static bool any_wanted(const DlcaConeSource *layer, int32_t first, int32_t end, const uint8_t *wanted) {
    for (int32_t s = first; s < end; s++) {
        if (wanted[layer->steps[s].out / DLCA_TILE]) {
            return true;
        }
    }
    return false;
}

static void find_runs(DlcaConeLayer *cone, const DlcaConeSource *layer, const uint8_t *wanted) {
    cone->run_count = cone->gates = 0;
    for (int32_t first = 0; first < layer->gates; first += DLCA_BLOCK) {
        const int32_t left = layer->gates - first, count = left < DLCA_BLOCK ? left : DLCA_BLOCK;
        if (!any_wanted(layer, first, first + count, wanted)) {
            continue;
        }
        DlcaStepRun *last = cone->run_count > 0 ? &cone->runs[cone->run_count - 1] : NULL;
        if (!last || last->first + last->count < first) {
            last = &cone->runs[cone->run_count++];
            *last = (DlcaStepRun){first, 0};
        }
        last->count += count;
        cone->gates += count;
    }
}

/* A trail that the run's ends cut begins and ends there; rows are added to from the second time on (schedule.c). */
static void flag_run(DlcaConeLayer *cone, const DlcaConeSource *layer, DlcaStepRun run, uint8_t *written) {
    for (int32_t s = run.first; s < run.first + run.count; s++) {
        const uint32_t ends = layer->steps[s].flags & (DLCA_STEP_FRESH | DLCA_STEP_LAST);
        const uint32_t first = s == run.first ? DLCA_STEP_FRESH : 0;
        const uint32_t last = s + 1 == run.first + run.count ? DLCA_STEP_LAST : 0;
        DlcaStep *step = &cone->steps[s];
        *step = layer->steps[s];
        step->flags = ends | first | last;
        step->flags |= written[step->near / DLCA_TILE] ? DLCA_STEP_NEAR_ADDS : 0;
        written[step->near / DLCA_TILE] = 1;
        if (step->flags & DLCA_STEP_LAST) {
            step->flags |= written[step->far / DLCA_TILE] ? DLCA_STEP_FAR_ADDS : 0;
            written[step->far / DLCA_TILE] = 1;
        }
        cone->brief[s] = layer->brief[s];
        cone->brief[s].flags |= first;
    }
}

void dlca_cone_layer_trace(DlcaConeLayer *cone, const DlcaConeSource *layer, uint8_t *wanted, uint8_t *scratch) {
    find_runs(cone, layer, wanted);
    memset(scratch, 0, (size_t)layer->inputs);
    for (int32_t r = 0; r < cone->run_count; r++) {
        flag_run(cone, layer, cone->runs[r], scratch);
    }
    memset(scratch, 0, (size_t)layer->inputs);
    for (int32_t s = 0; s < layer->gates; s++) {
        if (wanted[layer->steps[s].out / DLCA_TILE]) {
            scratch[layer->steps[s].near / DLCA_TILE] = scratch[layer->steps[s].far / DLCA_TILE] = 1;
        }
    }
    memcpy(wanted, scratch, (size_t)layer->inputs);
}

void dlca_cone_layer_silence(DlcaConeLayer *cone, const DlcaConeSource *layer, const DlcaConeLayer *below,
                             uint8_t *scratch) {
    uint8_t *written = scratch, *taken = scratch + layer->inputs;
    memset(written, 0, (size_t)layer->inputs);
    memset(taken, below == NULL, (size_t)layer->inputs);
    for (int32_t r = 0; r < cone->run_count; r++) {
        const DlcaStep *step = cone->steps + cone->runs[r].first, *end = step + cone->runs[r].count;
        for (; step < end; step++) {
            written[step->near / DLCA_TILE] = written[step->far / DLCA_TILE] = 1;
        }
    }
    for (int32_t r = 0; below && r < below->run_count; r++) {
        const DlcaStep *step = below->steps + below->runs[r].first, *end = step + below->runs[r].count;
        for (; step < end; step++) {
            taken[step->out / DLCA_TILE] = 1;
        }
    }
    cone->silent_count = 0;
    for (int32_t row = 0; row < layer->inputs; row++) {
        if (taken[row] && !written[row]) {
            cone->silent[cone->silent_count++] = row;
        }
    }
}
