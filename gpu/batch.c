/* batch.c - a batch on its way to the device: states, targets, masks, and which columns the steps have. */
#include "backend_gpu.h"

#include "../src/draws.h"

#include <stdlib.h>
#include <string.h>

/* ---- buffers that are brought only when they change ---- */

static bool bring(DlcaBackend *backend, DlcaGpuMirror *mirror, const void *from, size_t bytes, DlcaError *error) {
    if (mirror->bytes == bytes && memcmp(mirror->host, from, bytes) == 0) {
        return true;
    }
    if (mirror->room < bytes) {
        free(mirror->host);
        mirror->host = malloc(bytes);
        mirror->room = mirror->host ? bytes : 0;
    }
    mirror->bytes = 0;
    if (!mirror->host) {
        return dlca_fail(error, DLCA_FAILED, "no memory for a batch of %d grids", backend->config.batch);
    }
    memcpy(mirror->host, from, bytes);
    if (!backend->driver->upload(backend->device, mirror->device, mirror->host, bytes, error)) {
        return false;
    }
    mirror->bytes = bytes;
    return true;
}

void dlca_gpu_mirror_free(DlcaGpuMirror *mirror) {
    free(mirror->host);
    *mirror = (DlcaGpuMirror){0};
}

/* ---- classes of cells ---- */

/* Places of the lanes of one tile and neighbour, from the spans of src/geometry.h; `zeros`: of lanes in no span. */
static void spread_spans(const DlcaPatchPlan *plan, int32_t place, int32_t zeros, int32_t *sources) {
    for (int32_t lane = 0; lane < DLCA_TILE; lane++) {
        sources[lane] = zeros;
    }
    for (int32_t i = plan->first[place]; i < plan->first[place + 1]; i++) {
        for (int32_t lane = 0; lane < DLCA_TILE; lane++) {
            sources[lane] = plan->spans[i].lanes >> lane & 1u ? plan->spans[i].base + lane : sources[lane];
        }
    }
}

/* The tables of all steps, one behind the other. */
typedef struct ClassTables {
    int32_t *count, *class_of, *source, *back_first, *back;
    DlcaGpuClassStep *step;
} ClassTables;

static void take_class_tables(const DlcaClasses *classes, DlcaArena *arena, ClassTables *tables) {
    const size_t steps = (size_t)classes->steps, cells = (size_t)classes->cells;
    size_t sources = 0, firsts = 0, backs = 0;
    for (int32_t step = 0; step < classes->steps; step++) {
        const DlcaClassStep *plan = &classes->step[step];
        sources += (size_t)plan->tiles * DLCA_NEIGHBOURS * DLCA_TILE;
        firsts += (size_t)classes->count[step] + 1;
        backs += (size_t)plan->back_first[classes->count[step]];
    }
    tables->count = dlca_arena_take(arena, steps + 1, sizeof *tables->count);
    tables->class_of = dlca_arena_take(arena, (steps + 1) * cells, sizeof *tables->class_of);
    tables->step = dlca_arena_take(arena, steps, sizeof *tables->step);
    tables->source = dlca_arena_take(arena, sources, sizeof *tables->source);
    tables->back_first = dlca_arena_take(arena, firsts, sizeof *tables->back_first);
    tables->back = dlca_arena_take(arena, backs, sizeof *tables->back);
}

static void fill_class_tables(const DlcaClasses *classes, const ClassTables *tables) {
    const size_t states = (size_t)classes->steps + 1;
    int32_t sources = 0, firsts = 0, backs = 0;
    memcpy(tables->count, classes->count, states * sizeof *tables->count);
    memcpy(tables->class_of, classes->class_of, states * (size_t)classes->cells * sizeof *tables->class_of);
    for (int32_t step = 0; step < classes->steps; step++) {
        const DlcaClassStep *plan = &classes->step[step];
        const int32_t before = classes->count[step], places = plan->tiles * DLCA_NEIGHBOURS;
        tables->step[step] = (DlcaGpuClassStep){plan->tiles, sources, firsts, backs};
        for (int32_t i = 0; i < places; i++, sources += DLCA_TILE) {
            spread_spans(&plan->patches, i, dlca_row_zeros(classes->cells), tables->source + sources);
        }
        memcpy(tables->back_first + firsts, plan->back_first, ((size_t)before + 1) * sizeof *tables->back_first);
        memcpy(tables->back + backs, plan->back, (size_t)plan->back_first[before] * sizeof *tables->back);
        firsts += before + 1;
        backs += plan->back_first[before];
    }
}

static bool upload_classes(DlcaBackend *backend, DlcaError *error) {
    DlcaGpuModel *model = &backend->model;
    DlcaArena host = {0}, device = {0};
    ClassTables tables;
    take_class_tables(&backend->classes, &host, &tables);
    const size_t bytes = host.used;
    if (!dlca_arena_allocate(&host)) {
        return dlca_fail(error, DLCA_FAILED, "no memory to plan the steps of %d cells", backend->model.cells);
    }
    take_class_tables(&backend->classes, &host, &tables);
    fill_class_tables(&backend->classes, &tables);
    backend->driver->release(backend->device, backend->class_memory);
    backend->class_memory = backend->driver->allocate(backend->device, bytes, error);
    backend->class_bytes = bytes;
    const bool done = backend->class_memory &&
                      backend->driver->upload(backend->device, backend->class_memory, host.base, bytes, error);
    dlca_arena_free(&host);
    device.base = backend->class_memory;
    if (done) {
        take_class_tables(&backend->classes, &device, &tables);
        model->class_count = tables.count;
        model->class_of = tables.class_of;
        model->class_step = tables.step;
        model->class_source = tables.source;
        model->class_back_first = tables.back_first;
        model->class_back = tables.back;
    }
    return done;
}

static bool load_classes(DlcaBackend *backend, const float *input, DlcaError *error) {
    if (dlca_classes_match(&backend->classes, input, backend->config.channels)) {
        return true;
    }
    const DlcaClassLayout layout = {dlca_patch_floats(&backend->network), DLCA_WIDE, false};
    dlca_classes_free(&backend->classes);
    return dlca_classes_create(&backend->classes, &backend->geometry, input, backend->config.channels,
                               backend->config.steps, layout, error) &&
           (!dlca_classes_pay(&backend->classes) || upload_classes(backend, error));
}

/* The choice of src/sources.c. */
static bool load_columns(DlcaBackend *backend, const DlcaBatch *batch, DlcaError *error) {
    DlcaGpuModel *model = &backend->model;
    model->columns = DLCA_GPU_CELLS;
    model->fire_below = draw_threshold(batch->draws.fire_rate);
    if (model->fire_below > 0) {
        model->columns = DLCA_GPU_FIRE;
        return true;
    }
    if (batch->fire) {
        model->columns = DLCA_GPU_FIRE;
        return bring(backend, &backend->fire, batch->fire, (size_t)model->steps * (size_t)model->area, error);
    }
    if (batch->fixed_input && dlca_classes_tried(model->cells, backend->config.steps)) {
        if (!load_classes(backend, batch->input, error)) {
            return false;
        }
        if (dlca_classes_pay(&backend->classes)) {
            model->columns = DLCA_GPU_CLASSES;
        }
    }
    return true;
}

/* ---- the batch ---- */

bool dlca_gpu_load_batch(DlcaBackend *backend, const DlcaBatch *batch, bool backward, DlcaError *error) {
    DlcaGpuModel *model = &backend->model;
    if (batch->steps < 0 || batch->steps > backend->config.steps) {
        return dlca_fail(error, DLCA_BAD_INPUT, "a pass of %d steps: this backend was made for 1 to %d", batch->steps,
                         backend->config.steps);
    }
    model->steps = batch->steps > 0 ? batch->steps : backend->config.steps;
    const size_t cells = (size_t)model->cells, targets = batch->target_per_grid ? cells : (size_t)model->area;
    const DlcaBatchDraws *draws = &batch->draws;
    if (!load_columns(backend, batch, error) ||
        (!draws->starts &&
         !bring(backend, &backend->input, batch->input, cells * (size_t)model->channels * sizeof(float), error))) {
        return false;
    }
    if (draws->next_generation) {
        backend->target.bytes = 0; /* the device writes over what was brought */
    } else if (!bring(backend, &backend->target, batch->target, targets * (size_t)model->scored * sizeof(float),
                      error)) {
        return false;
    }
    if (batch->step_weight &&
        !bring(backend, &backend->step_weight, batch->step_weight, (size_t)model->steps * sizeof(float), error)) {
        return false;
    }
    model->step_weight = batch->step_weight ? backend->step_weight.device : NULL;
    model->target_per_grid = batch->target_per_grid || draws->next_generation;
    model->backward = backward;
    model->harden_below = batch->harden_probability > 0.0f ? (double)batch->harden_probability * 4294967296.0 : 0.0;
    if (dlca_parametrization(backend->config.gates)->hard) {
        model->harden_below = 4294967296.0; /* above every draw */
    }
    model->epoch = batch->epoch;
    model->draw_seed = draws->seed;
    model->starts_drawn = draws->starts;
    model->next_generation = draws->next_generation;
    return true;
}
