/* device.h - the few things that the CUDA backend asks of a device: memory, copies, and two launches.
 *
 * Two devices answer: NVIDIA's through the CUDA run time (device_cuda.cu, or device_none.c where there was no nvcc),
 * and the emulated one, which runs the kernels' own source on the processor (emulated_device.c) and is there for tests.
 * Calls return false with an error that names the call. Leaves alone: what is computed. */
#ifndef DLCA_GPU_DEVICE_H
#define DLCA_GPU_DEVICE_H

#include "../gates/error.h"
#include "rollout_data.h"

typedef struct DlcaGpuDevice DlcaGpuDevice;

typedef struct DlcaGpuLimits {
    int32_t processors;        /* streaming multiprocessors */
    int32_t processor_threads; /* that one of them holds */
    size_t shared_bytes;       /* that one block may have */
    size_t processor_shared;   /* that the blocks of one processor share */
    size_t free_bytes, all_bytes;
} DlcaGpuLimits;

/* How the blocks of a launch are made. */
typedef struct DlcaGpuLaunch {
    int32_t width;           /* lanes of a strip: 2, 4, 8 */
    int32_t threads, blocks; /* blocks of one model */
    size_t shared_bytes;
} DlcaGpuLaunch;

typedef struct DlcaGpuDriver {
    DlcaGpuDevice *(*open)(DlcaError *error);
    void (*close)(DlcaGpuDevice *device);
    bool (*limits)(DlcaGpuDevice *device, DlcaGpuLimits *limits, DlcaError *error);
    void *(*allocate)(DlcaGpuDevice *device, size_t bytes, DlcaError *error); /* zeroed */
    void (*release)(DlcaGpuDevice *device, void *memory);
    /* The buffer may be changed as soon as upload returns; download waits for all that was launched. */
    bool (*upload)(DlcaGpuDevice *device, void *to, const void *from, size_t bytes, DlcaError *error);
    bool (*download)(DlcaGpuDevice *device, void *to, const void *from, size_t bytes, DlcaError *error);
    /* Blocks of such a launch that run at the same time on the whole device. */
    bool (*resident)(DlcaGpuDevice *device, const DlcaGpuLaunch *launch, int32_t *blocks, DlcaError *error);
    /* Rollouts of `count` models of one shape side by side; returns before they are done. */
    bool (*rollout)(DlcaGpuDevice *device, const DlcaGpuLaunch *launch, const DlcaGpuModel *models, int32_t count,
                    DlcaError *error);
    bool (*update)(DlcaGpuDevice *device, const DlcaGpuModel *model, const DlcaAdamWStep *step, DlcaError *error);
} DlcaGpuDriver;

extern const DlcaGpuDriver dlca_gpu_cuda;

#endif
