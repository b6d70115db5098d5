/* emulated_device.c - see emulated_device.h. */
#include "emulated_device.h"

#include "backend_gpu.h"
#include "emulated_kernels.h"

#include <stdlib.h>
#include <string.h>

static DlcaEmulation emulation;

struct DlcaGpuDevice {
    DlcaEmulation emulation;
    char *shared; /* of all blocks */
    size_t shared_bytes;
    size_t taken; /* of the device's memory */
};

DlcaEmulation dlca_emulation_default(void) {
    return (DlcaEmulation){.limits = {.processors = 4,
                                      .processor_threads = 1024,
                                      .shared_bytes = 64 << 10,
                                      .processor_shared = 64 << 10,
                                      .free_bytes = (size_t)1 << 30,
                                      .all_bytes = (size_t)1 << 30}};
}

void dlca_emulation_use(const DlcaEmulation *next) {
    emulation = *next;
}

static DlcaGpuDevice *device_open(DlcaError *error) {
    DlcaGpuDevice *device = calloc(1, sizeof *device);
    if (!device) {
        dlca_fail(error, DLCA_FAILED, "no memory for an emulated device");
        return NULL;
    }
    device->emulation = emulation.limits.processors > 0 ? emulation : dlca_emulation_default();
    return device;
}

static void device_close(DlcaGpuDevice *device) {
    free(device->shared);
    free(device);
}

static bool device_limits(DlcaGpuDevice *device, DlcaGpuLimits *limits, DlcaError *error) {
    (void)error;
    *limits = device->emulation.limits;
    return true;
}

static void *device_allocate(DlcaGpuDevice *device, size_t bytes, DlcaError *error) {
    void *memory = bytes + device->taken <= device->emulation.limits.all_bytes
                       ? aligned_alloc(64, (bytes + 63) / 64 * 64 + 64)
                       : NULL;
    if (!memory) {
        dlca_fail(error, DLCA_FAILED, "the emulated device has no %zu bytes", bytes);
        return NULL;
    }
    memset(memory, 0, bytes);
    device->taken += bytes;
    return memory;
}

static void device_release(DlcaGpuDevice *device, void *memory) {
    (void)device;
    free(memory);
}

static bool device_copy(DlcaGpuDevice *device, void *to, const void *from, size_t bytes, DlcaError *error) {
    (void)device;
    (void)error;
    memcpy(to, from, bytes);
    return true;
}

static bool device_resident(DlcaGpuDevice *device, const DlcaGpuLaunch *launch, int32_t *blocks, DlcaError *error) {
    (void)error;
    const DlcaGpuLimits *limits = &device->emulation.limits;
    const size_t by_memory = limits->processor_shared / (launch->shared_bytes ? launch->shared_bytes : 1);
    const int32_t by_threads = limits->processor_threads / launch->threads;
    *blocks = limits->processors * (by_memory < (size_t)by_threads ? (int32_t)by_memory : by_threads);
    return true;
}

/* The memory of a block is not cleared between launches: NaN shows what is read before it is written. */
static bool make_shared(DlcaGpuDevice *device, size_t bytes, DlcaError *error) {
    if (device->shared_bytes < bytes) {
        free(device->shared);
        device->shared = aligned_alloc(64, (bytes + 63) / 64 * 64);
        device->shared_bytes = device->shared ? bytes : 0;
    }
    if (!device->shared) {
        return dlca_fail(error, DLCA_FAILED, "no memory for the emulated blocks");
    }
    memset(device->shared, 0xFF, bytes);
    return true;
}

static bool device_rollout(DlcaGpuDevice *device, const DlcaGpuLaunch *launch, const DlcaGpuModel *models,
                           int32_t count, DlcaError *error) {
    void (*const run)(const DlcaGpuModel *, char *, size_t, int32_t) = launch->width == 2   ? dlca_emulated_rollout_2
                                                                       : launch->width == 4 ? dlca_emulated_rollout_4
                                                                                            : dlca_emulated_rollout_8;
    const size_t shared = (launch->shared_bytes + 63) / 64 * 64;
    for (int32_t i = 0; i < count; i++) {
        if (!make_shared(device, shared * (size_t)launch->blocks, error)) {
            return false;
        }
        run(&models[i], device->shared, shared, device->emulation.order);
    }
    return true;
}

static bool device_update(DlcaGpuDevice *device, const DlcaGpuModel *model, const DlcaAdamWStep *step,
                          DlcaError *error) {
    (void)device;
    (void)error;
    dlca_emulated_update(model, step);
    return true;
}

const DlcaGpuDriver dlca_gpu_emulated = {
    .open = device_open,
    .close = device_close,
    .limits = device_limits,
    .allocate = device_allocate,
    .release = device_release,
    .upload = device_copy,
    .download = device_copy,
    .resident = device_resident,
    .rollout = device_rollout,
    .update = device_update,
};

DLCA_GPU_TABLE(dlca_backend_emulated, "emulated", dlca_gpu_emulated);
