/* emulated_device.h - a device that runs the kernels' own source on the processor, one thread after the other.
 *
 * For tests (dlca_backend_emulated, `--backend emulated`): it has the limits it is given, and goes through threads and
 * blocks in the order it is given (parallel.h). Slow. Leaves alone: everything that only a device can show, such as its
 * memory model and its speed. */
#ifndef DLCA_GPU_EMULATED_DEVICE_H
#define DLCA_GPU_EMULATED_DEVICE_H

#include "../src/backend.h"
#include "device.h"

/* What dlca_backend_emulated's next backends get; not for several threads at once. */
typedef struct DlcaEmulation {
    DlcaGpuLimits limits;
    int32_t order; /* 0, 1, 2 */
} DlcaEmulation;

DlcaEmulation dlca_emulation_default(void);
void dlca_emulation_use(const DlcaEmulation *next);

extern const DlcaGpuDriver dlca_gpu_emulated;

#endif
