/* backend_gpu.c - the device backend: its life, parameters, passes; behind the table of src/backend.h.
 *
 * One implementation for every device (device.h): the CUDA one, and the emulated one that tests compare with the CPU
 * backend byte by byte. Leaves alone: sizes (shape.c), batches (batch.c), the arithmetic (rollout_kernels.h). */
#include "backend_gpu.h"

#include <stdlib.h>
#include <string.h>

/* ---- life ---- */

void dlca_gpu_destroy(DlcaBackend *backend) {
    if (!backend) {
        return;
    }
    if (backend->device) {
        backend->driver->release(backend->device, backend->class_memory);
        backend->driver->release(backend->device, backend->arena);
        backend->driver->close(backend->device);
    }
    dlca_gpu_mirror_free(&backend->input);
    dlca_gpu_mirror_free(&backend->target);
    dlca_gpu_mirror_free(&backend->step_weight);
    dlca_gpu_mirror_free(&backend->fire);
    dlca_classes_free(&backend->classes);
    dlca_gpu_tables_free(&backend->tables);
    dlca_network_free(&backend->network);
    free(backend);
}

static bool upload(DlcaBackend *backend, const void *to, const void *from, size_t bytes, DlcaError *error) {
    return bytes == 0 || backend->driver->upload(backend->device, (void *)(uintptr_t)to, from, bytes, error);
}

static bool upload_wiring(DlcaBackend *backend, DlcaError *error) {
    const DlcaGpuTables *tables = &backend->tables;
    const DlcaGpuModel *model = &backend->model;
    const DlcaNetwork *network = &backend->network;
    const size_t layers = (size_t)model->update_layers, gates = (size_t)tables->update_gates;
    return upload(backend, model->layer, tables->layer, layers * sizeof *tables->layer, error) &&
           upload(backend, model->step, tables->step, gates * sizeof *tables->step, error) &&
           upload(backend, model->visit, tables->visit, (size_t)tables->visits * sizeof *tables->visit, error) &&
           upload(backend, model->visit_first, tables->visit_first,
                  (size_t)tables->visit_rows * sizeof *tables->visit_first, error) &&
           upload(backend, model->pair, tables->pair, (size_t)tables->pairs * sizeof *tables->pair, error) &&
           upload(backend, model->layer_pairs, tables->layer_pairs,
                  ((size_t)model->perceive_layers + 1) * sizeof *tables->layer_pairs, error) &&
           upload(backend, model->unused_row, tables->unused_row,
                  (size_t)tables->unused_rows * sizeof *tables->unused_row, error) &&
           upload(backend, model->use, tables->use, (size_t)tables->use_first[DLCA_NEIGHBOURS] * sizeof *tables->use,
                  error) &&
           upload(backend, model->use_first, tables->use_first, (DLCA_NEIGHBOURS + 1) * sizeof *tables->use_first,
                  error) &&
           upload(backend, model->slot, network->slot, (size_t)network->gates * sizeof *network->slot, error) &&
           upload(backend, model->swapped, network->swapped, (size_t)network->gates, error);
}

static bool upload_neighbours(DlcaBackend *backend, DlcaError *error) {
    const size_t area = (size_t)backend->model.area;
    int32_t *neighbours = malloc(DLCA_NEIGHBOURS * area * sizeof *neighbours);
    if (!neighbours) {
        return dlca_fail(error, DLCA_FAILED, "no memory for the neighbours of %zu cells", area);
    }
    for (size_t i = 0; i < DLCA_NEIGHBOURS * area; i++) {
        neighbours[i] = dlca_neighbour(&backend->geometry, (int32_t)(i % area), (int)(i / area));
    }
    const bool done =
        upload(backend, backend->model.neighbours, neighbours, DLCA_NEIGHBOURS * area * sizeof *neighbours, error);
    free(neighbours);
    return done;
}

static void list_memory(DlcaBackend *backend, DlcaMemoryPlan *plan) {
    DlcaArena measure = {.plan = plan};
    *plan = (DlcaMemoryPlan){.threads = backend->launch.blocks * backend->launch.threads,
                             .checkpoint_every = backend->model.every,
                             .free_bytes = backend->limits.free_bytes};
    dlca_gpu_take_buffers(backend, &measure);
}

static bool fits(DlcaBackend *backend, DlcaError *error) {
    DlcaMemoryPlan plan;
    list_memory(backend, &plan);
    if (plan.bytes <= backend->limits.free_bytes) {
        return true;
    }
    return dlca_fail(
        error, DLCA_FAILED,
        "training needs %.3f GiB of the device's memory, %.3f of its %.3f GiB are free: take a smaller grid, "
        "batch or distance between kept states (checkpoint-every)",
        (double)plan.bytes / 0x1p30, (double)backend->limits.free_bytes / 0x1p30,
        (double)backend->limits.all_bytes / 0x1p30);
}

static bool allocate(DlcaBackend *backend, DlcaError *error) {
    DlcaArena arena = {0};
    dlca_gpu_take_buffers(backend, &arena);
    backend->bytes = arena.used;
    backend->arena = backend->driver->allocate(backend->device, backend->bytes, error);
    arena = (DlcaArena){.base = backend->arena};
    if (backend->arena) {
        dlca_gpu_take_buffers(backend, &arena);
    }
    return backend->arena != NULL;
}

/* Opened and shaped, nothing allocated on the device. */
static DlcaBackend *shaped(const DlcaGpuDriver *driver, const DlcaModel *model, const DlcaBackendOptions *options,
                           DlcaError *error) {
    DlcaBackend *backend = calloc(1, sizeof *backend);
    if (!backend) {
        dlca_fail(error, DLCA_FAILED, "no memory for a backend");
        return NULL;
    }
    backend->driver = driver;
    backend->device = driver->open(error);
    if (!backend->device || !driver->limits(backend->device, &backend->limits, error) ||
        !dlca_gpu_shape(backend, model, options, error)) {
        dlca_gpu_destroy(backend);
        return NULL;
    }
    return backend;
}

bool dlca_gpu_plan(const DlcaGpuDriver *driver, const DlcaModel *model, const DlcaBackendOptions *options,
                   DlcaMemoryPlan *plan, DlcaError *error) {
    DlcaBackend *backend = shaped(driver, model, options, error);
    const bool fitting = backend && fits(backend, error);
    if (fitting) {
        list_memory(backend, plan);
    }
    dlca_gpu_destroy(backend);
    return fitting;
}

/* ---- parameters ---- */

bool dlca_gpu_load(DlcaBackend *backend, const float *logits, const float *m, const float *v, int64_t updates,
                   DlcaError *error) {
    const size_t bytes = (size_t)backend->model.gates * DLCA_OPS * sizeof(float);
    float *zeros = m && v ? NULL : calloc(1, bytes);
    if (!(m && v) && !zeros) {
        return dlca_fail(error, DLCA_FAILED, "no memory for the moments of %d gates", backend->model.gates);
    }
    backend->updates = updates;
    const bool done = upload(backend, backend->model.logits, logits, bytes, error) &&
                      upload(backend, backend->model.m, m ? m : zeros, bytes, error) &&
                      upload(backend, backend->model.v, v ? v : zeros, bytes, error);
    free(zeros);
    return done;
}

static bool fetch(DlcaBackend *backend, float *to, const float *from, size_t bytes, DlcaError *error) {
    return !to || backend->driver->download(backend->device, to, from, bytes, error);
}

bool dlca_gpu_store(DlcaBackend *backend, float *logits, float *m, float *v, int64_t *updates, DlcaError *error) {
    const DlcaGpuModel *model = &backend->model;
    const size_t bytes = (size_t)model->gates * DLCA_OPS * sizeof(float);
    if (updates) {
        *updates = backend->updates;
    }
    return fetch(backend, logits, model->logits, bytes, error) && fetch(backend, m, model->m, bytes, error) &&
           fetch(backend, v, model->v, bytes, error);
}

bool dlca_gpu_rewire(DlcaBackend *backend, const DlcaModel *model, DlcaError *error) {
    dlca_gpu_tables_free(&backend->tables);
    if (!dlca_network_rewire(&backend->network, model, error) ||
        !dlca_gpu_tables_create(&backend->tables, &backend->network, error)) {
        return false;
    }
    backend->model.visits = backend->tables.visits;
    backend->model.unused_rows = backend->tables.unused_rows;
    return upload_wiring(backend, error);
}

DlcaBackend *dlca_gpu_create(const DlcaGpuDriver *driver, const DlcaModel *model, const DlcaBackendOptions *options,
                             DlcaError *error) {
    DlcaBackend *backend = shaped(driver, model, options, error);
    if (!backend || !fits(backend, error) || !allocate(backend, error) || !upload_wiring(backend, error) ||
        !upload_neighbours(backend, error) || !dlca_gpu_load(backend, model->logits, NULL, NULL, 0, error)) {
        dlca_gpu_destroy(backend);
        return NULL;
    }
    return backend;
}

/* ---- passes ---- */

bool dlca_gpu_loss(DlcaBackend *backend, double *loss, DlcaError *error) {
    return backend->driver->download(backend->device, loss, &backend->model.pass->loss, sizeof *loss, error);
}

static bool run(DlcaBackend *backend, const DlcaBatch *batch, bool backward, double *loss, DlcaError *error) {
    backend->model.updates = false;
    backend->model.pass = backend->passes + DLCA_MOST_PASSES_KEPT;
    return dlca_gpu_load_batch(backend, batch, backward, error) &&
           backend->driver->rollout(backend->device, &backend->launch, &backend->model, 1, error) &&
           (!loss || dlca_gpu_loss(backend, loss, error));
}

/* The states after the last step, from [C][pitch] to [cell][C]. */
static bool fetch_output(DlcaBackend *backend, float *output, DlcaError *error) {
    const DlcaGpuModel *model = &backend->model;
    const size_t C = (size_t)model->channels, pitch = (size_t)model->pitch, plane = C * pitch;
    const int32_t within = model->steps % model->every;
    const float *from = within == 0 ? model->checkpoints + (size_t)(model->steps / model->every) * plane
                                    : model->segment + (size_t)(within - 1) * plane;
    const int32_t *places = NULL;
    if (model->columns == DLCA_GPU_CLASSES) {
        places = backend->classes.class_of + (size_t)model->steps * (size_t)model->cells;
    }
    float *state = malloc(plane * sizeof *state);
    if (!state || !backend->driver->download(backend->device, state, from, plane * sizeof *state, error)) {
        free(state);
        return state || dlca_fail(error, DLCA_FAILED, "no memory for the states of %d cells", model->cells);
    }
    for (size_t cell = 0; cell < (size_t)model->cells; cell++) {
        const size_t place = places ? (size_t)places[cell] : cell;
        for (size_t c = 0; c < C; c++) {
            output[cell * C + c] = state[c * pitch + place];
        }
    }
    free(state);
    return true;
}

bool dlca_gpu_forward(DlcaBackend *backend, const DlcaBatch *batch, float *output, double *loss, DlcaError *error) {
    return run(backend, batch, false, loss, error) && (!output || fetch_output(backend, output, error));
}

bool dlca_gpu_backward(DlcaBackend *backend, const DlcaBatch *batch, double *loss, DlcaError *error) {
    return run(backend, batch, true, loss, error);
}

static bool same_shape(const DlcaBackend *a, const DlcaBackend *b) {
    return a->model.cells == b->model.cells && a->config.steps == b->config.steps && a->model.every == b->model.every &&
           a->model.work_rows == b->model.work_rows && a->model.threads == b->model.threads &&
           a->model.slots == b->model.slots && a->model.update_gates == b->model.update_gates &&
           a->model.visit_rows == b->model.visit_rows && a->launch.width == b->launch.width;
}

/* ---- epochs ---- */

static int32_t first_updated(const DlcaBackend *backend, const DlcaAdamW *optimizer) {
    return optimizer->fixed_perception ? (int32_t)backend->network.update_first : 0;
}

/* Everything about an epoch but the launch. */
static bool prepare_epoch(DlcaBackend *backend, const DlcaBatch *batch, const DlcaAdamW *optimizer, DlcaError *error) {
    backend->model.updates = true;
    backend->model.first_updated = first_updated(backend, optimizer);
    backend->model.adamw = dlca_adamw_step(optimizer, ++backend->updates);
    backend->model.pass = backend->passes + backend->trained++ % DLCA_MOST_PASSES_KEPT;
    return dlca_gpu_load_batch(backend, batch, true, error);
}

bool dlca_gpu_train(DlcaBackend *const *backends, const DlcaBatch *batches, const DlcaAdamW *optimizers, int32_t count,
                    DlcaError *error) {
    DlcaBackend *first = backends[0];
    DlcaGpuModel *models = malloc((size_t)count * sizeof *models), cut = first->model;
    DlcaGpuLaunch launch = first->launch;
    int32_t at_a_time = 1;
    bool done = models || dlca_fail(error, DLCA_FAILED, "no memory for %d models side by side", count);
    done = done && (count == 1 || dlca_gpu_side_by_side(first, count, &launch, &cut, &at_a_time, error));
    for (int32_t i = 0; done && i < count; i++) {
        done = (same_shape(first, backends[i]) ||
                dlca_fail(error, DLCA_BAD_INPUT, "models side by side must have one shape")) &&
               prepare_epoch(backends[i], &batches[i], &optimizers[i], error);
        models[i] = backends[i]->model;
        models[i].blocks = cut.blocks;
        models[i].work_is_shared = cut.work_is_shared;
        models[i].tables_are_shared = cut.tables_are_shared;
    }
    for (int32_t i = 0; done && i < count; i += at_a_time) {
        const int32_t left = count - i;
        done = first->driver->rollout(first->device, &launch, models + i, left < at_a_time ? left : at_a_time, error);
    }
    free(models);
    return done;
}

bool dlca_gpu_passes(DlcaBackend *backend, DlcaPass *passes, int32_t count, DlcaError *error) {
    DlcaGpuPass kept[DLCA_MOST_PASSES_KEPT];
    if (!backend->driver->download(backend->device, kept, backend->passes, sizeof kept, error)) {
        return false;
    }
    for (int32_t i = 0; i < count; i++) {
        const DlcaGpuPass *pass = &kept[(backend->trained - count + i) % DLCA_MOST_PASSES_KEPT];
        passes[i] = (DlcaPass){pass->loss, pass->cells};
    }
    return true;
}

bool dlca_gpu_gradient(DlcaBackend *backend, float *gradient, DlcaError *error) {
    return fetch(backend, gradient, backend->model.gradient, (size_t)backend->model.gates * DLCA_OPS * sizeof(float),
                 error);
}

bool dlca_gpu_update(DlcaBackend *backend, const DlcaAdamW *optimizer, DlcaError *error) {
    backend->updates++;
    const DlcaAdamWStep step = dlca_adamw_step(optimizer, backend->updates);
    backend->model.first_updated = first_updated(backend, optimizer);
    return backend->driver->update(backend->device, &backend->model, &step, error);
}

size_t dlca_gpu_bytes(const DlcaBackend *backend) {
    return backend->bytes + backend->class_bytes;
}
