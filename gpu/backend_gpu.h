/* backend_gpu.h - what the files of the device backend share: its buffers, and who fills what.
 *
 * backend_gpu.c makes and frees it and holds the parameters, shape.c cuts the work into blocks and lists the memory,
 * batch.c brings a batch and its columns to the device. Leaves alone: the kernels, the devices (device.h). */
#ifndef DLCA_GPU_BACKEND_GPU_H
#define DLCA_GPU_BACKEND_GPU_H

#include "../src/backend.h"
#include "../src/parametrization.h"
#include "../src/same_bytes.h"
#include "../src/tile.h"
#include "device.h"
#include "tables.h"

/* What was last brought to a buffer of the device: most batches have the target of the one before. */
typedef struct DlcaGpuMirror {
    void *device, *host;
    size_t room, bytes; /* of the host's copy; of what was brought last: 0, nothing */
} DlcaGpuMirror;

struct DlcaBackend {
    const DlcaGpuDriver *driver;
    DlcaGpuDevice *device;
    DlcaGpuLimits limits;
    DlcaConfig config; /* the model's, but for its steps: the most that a pass has */
    DlcaNetwork network;
    DlcaGeometry geometry;
    DlcaGpuTables tables;
    DlcaGpuLaunch launch;
    DlcaGpuModel model; /* pointers are the device's */
    DlcaGpuMirror input, target, step_weight, fire;
    void *arena;  /* the device's one allocation */
    size_t bytes; /* of it */
    DlcaClasses classes;
    void *class_memory; /* the device's tables of the classes */
    size_t class_bytes;
    DlcaGpuPass *passes; /* [DLCA_MOST_PASSES_KEPT + 1] of the last epochs trained, in turn; then of any other pass */
    int64_t trained;     /* epochs */
    int64_t updates;
};

/* ---- shape.c ---- */

/* Rows of a strip's work, as work_of in rollout_kernels.h places them. */
int32_t dlca_gpu_work_rows(const DlcaNetwork *network, int32_t piece);
/* All sizes, and how the work is cut; no memory on the device. */
bool dlca_gpu_shape(DlcaBackend *backend, const DlcaModel *model, const DlcaBackendOptions *options, DlcaError *error);
/* Measures, or places the buffers when the arena has a base. */
void dlca_gpu_take_buffers(DlcaBackend *backend, DlcaArena *arena);
/* How `count` models of this shape run side by side: the launch, what of the model depends on it, and how many of them
 * the device holds at a time. */
bool dlca_gpu_side_by_side(DlcaBackend *backend, int32_t count, DlcaGpuLaunch *launch, DlcaGpuModel *model,
                           int32_t *at_a_time, DlcaError *error);

/* ---- batch.c ---- */

/* Brings what differs from the last batch to the device and fills the batch's fields of the model. */
bool dlca_gpu_load_batch(DlcaBackend *backend, const DlcaBatch *batch, bool backward, DlcaError *error);
void dlca_gpu_mirror_free(DlcaGpuMirror *mirror);

/* ---- backend_gpu.c: what a table of src/backend.h consists of ---- */

DlcaBackend *dlca_gpu_create(const DlcaGpuDriver *driver, const DlcaModel *model, const DlcaBackendOptions *options,
                             DlcaError *error);
bool dlca_gpu_plan(const DlcaGpuDriver *driver, const DlcaModel *model, const DlcaBackendOptions *options,
                   DlcaMemoryPlan *plan, DlcaError *error);
void dlca_gpu_destroy(DlcaBackend *backend);
bool dlca_gpu_load(DlcaBackend *backend, const float *logits, const float *m, const float *v, int64_t updates,
                   DlcaError *error);
bool dlca_gpu_store(DlcaBackend *backend, float *logits, float *m, float *v, int64_t *updates, DlcaError *error);
bool dlca_gpu_rewire(DlcaBackend *backend, const DlcaModel *model, DlcaError *error);
bool dlca_gpu_forward(DlcaBackend *backend, const DlcaBatch *batch, float *output, double *loss, DlcaError *error);
bool dlca_gpu_backward(DlcaBackend *backend, const DlcaBatch *batch, double *loss, DlcaError *error);
bool dlca_gpu_train(DlcaBackend *const *backends, const DlcaBatch *batches, const DlcaAdamW *optimizers, int32_t count,
                    DlcaError *error);
bool dlca_gpu_passes(DlcaBackend *backend, DlcaPass *passes, int32_t count, DlcaError *error);
bool dlca_gpu_loss(DlcaBackend *backend, double *loss, DlcaError *error);
bool dlca_gpu_gradient(DlcaBackend *backend, float *gradient, DlcaError *error);
bool dlca_gpu_update(DlcaBackend *backend, const DlcaAdamW *optimizer, DlcaError *error);
size_t dlca_gpu_bytes(const DlcaBackend *backend);

/* Defines the functions that need a driver, and the table. */
#define DLCA_GPU_TABLE(table, label, driver)                                                                          \
    static DlcaBackend *create_backend(const DlcaModel *model, const DlcaBackendOptions *options, DlcaError *error) { \
        return dlca_gpu_create(&(driver), model, options, error);                                                     \
    }                                                                                                                 \
    static bool plan_backend(const DlcaModel *model, const DlcaBackendOptions *options, DlcaMemoryPlan *plan,         \
                             DlcaError *error) {                                                                      \
        return dlca_gpu_plan(&(driver), model, options, plan, error);                                                 \
    }                                                                                                                 \
    const DlcaBackendTable table = {.name = (label),                                                                  \
                                    .device = true,                                                                   \
                                    .passes_kept = DLCA_MOST_PASSES_KEPT,                                             \
                                    .plan = plan_backend,                                                             \
                                    .create = create_backend,                                                         \
                                    .destroy = dlca_gpu_destroy,                                                      \
                                    .load = dlca_gpu_load,                                                            \
                                    .store = dlca_gpu_store,                                                          \
                                    .rewire = dlca_gpu_rewire,                                                        \
                                    .forward = dlca_gpu_forward,                                                      \
                                    .backward = dlca_gpu_backward,                                                    \
                                    .loss = dlca_gpu_loss,                                                            \
                                    .gradient = dlca_gpu_gradient,                                                    \
                                    .update = dlca_gpu_update,                                                        \
                                    .train = dlca_gpu_train,                                                          \
                                    .passes = dlca_gpu_passes,                                                        \
                                    .memory_bytes = dlca_gpu_bytes}

#endif
