/* device_none.c - in place of device_cuda.cu where there was no nvcc: says so. */
#include "../src/backend.h"
#include "device.h"

static const char not_built[] = "this program was built without CUDA (make finds nvcc by itself where it is installed)";

static DlcaGpuDevice *device_open(DlcaError *error) {
    dlca_fail(error, DLCA_BAD_INPUT, "backend cuda: %s", not_built);
    return NULL;
}

const DlcaGpuDriver dlca_gpu_cuda = {.open = device_open};

bool dlca_cuda_built(void) {
    return false;
}

bool dlca_cuda_driver(void) {
    return false;
}

int32_t dlca_cuda_devices(DlcaCudaDevice *device, int32_t most, DlcaError *error) {
    (void)device;
    (void)most;
    dlca_fail(error, DLCA_BAD_INPUT, "%s", not_built);
    return 0;
}

bool dlca_cuda_fma_peak(double *per_second, DlcaError *error) {
    *per_second = 0.0;
    return dlca_fail(error, DLCA_BAD_INPUT, "%s", not_built);
}
