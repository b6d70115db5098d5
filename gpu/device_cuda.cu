/* device_cuda.cu - NVIDIA's devices through the CUDA run time.
 *
 * The first device is used (CUDA_VISIBLE_DEVICES chooses). The run time is linked statically and finds the driver by
 * itself, so a program that was built with CUDA runs where there is none, and can say so. Every call is checked by one
 * macro. Leaves alone: what is computed (rollout_kernels.h), how the work is cut (shape.c). */
#include <cstdio>
#include <cstdlib>
#include <cuda_runtime.h>

extern "C" {
#include "../src/backend.h"
#include "device.h"
}

extern "C" __global__ void dlca_rollout_2(const DlcaGpuModel *models);
extern "C" __global__ void dlca_rollout_4(const DlcaGpuModel *models);
extern "C" __global__ void dlca_rollout_8(const DlcaGpuModel *models);
extern "C" __global__ void dlca_update(DlcaGpuModel model, DlcaAdamWStep step);

enum { LEAST_MAJOR = 7, LEAST_MINOR = 5, UPDATE_THREADS = 64, STATIC_SHARED = 1024 };

/* Everything goes through the default stream, in the order of the calls: backends of one process that share a launch
 * need no other order among them. */
struct DlcaGpuDevice {
    cudaStream_t stream;
    int number;
    DlcaGpuModel *models; /* [room] of the launch under way */
    int32_t room;
};

static bool check(cudaError_t code, const char *call, DlcaError *error) {
    if (code == cudaSuccess) {
        return true;
    }
    cudaGetLastError(); /* what was reported is not reported again */
    return dlca_fail(error, DLCA_FAILED, "CUDA: %s: %s", call, cudaGetErrorString(code));
}

/* The call by its name, and whether it was done. */
#define DONE(call) check(call, #call, error)

/* ---- which devices there are ---- */

bool dlca_cuda_built(void) {
    return true;
}

static bool describe(int number, DlcaCudaDevice *device, DlcaError *error) {
    cudaDeviceProp properties;
    if (!DONE(cudaGetDeviceProperties(&properties, number))) {
        return false;
    }
    *device = DlcaCudaDevice();
    snprintf(device->name, sizeof device->name, "%s", properties.name);
    device->major = properties.major;
    device->minor = properties.minor;
    device->processors = properties.multiProcessorCount;
    device->bytes = properties.totalGlobalMem;
    int driver, runtime;
    if (!DONE(cudaDriverGetVersion(&driver)) || !DONE(cudaRuntimeGetVersion(&runtime))) {
        return false;
    }
    device->driver = driver;
    device->runtime = runtime;
    device->usable = properties.major * 10 + properties.minor >= LEAST_MAJOR * 10 + LEAST_MINOR;
    return true;
}

/* The version that the driver is for, 1000 major + 10 minor; 0: there is none. */
static int driver_version(void) {
    int version = 0;
    if (cudaDriverGetVersion(&version) != cudaSuccess) {
        cudaGetLastError();
        return 0;
    }
    return version;
}

bool dlca_cuda_driver(void) {
    return driver_version() > 0;
}

static void say_why_there_is_none(cudaError_t code, DlcaError *error) {
    const int driver = driver_version();
    if (driver == 0) {
        dlca_fail(error, DLCA_BAD_INPUT, "there is no NVIDIA driver");
    } else if (code == cudaErrorInsufficientDriver) {
        dlca_fail(error, DLCA_BAD_INPUT, "the NVIDIA driver is one for CUDA %d.%d, this program needs one for %d.%d",
                  driver / 1000, driver % 1000 / 10, CUDART_VERSION / 1000, CUDART_VERSION % 1000 / 10);
    } else if (code == cudaErrorNoDevice || code == cudaSuccess) {
        dlca_fail(error, DLCA_BAD_INPUT, "there is a driver, but no CUDA device (or CUDA_VISIBLE_DEVICES hides it)");
    } else {
        dlca_fail(error, DLCA_BAD_INPUT, "cudaGetDeviceCount: %s", cudaGetErrorString(code));
    }
}

int32_t dlca_cuda_devices(DlcaCudaDevice *device, int32_t most, DlcaError *error) {
    int count = 0;
    const cudaError_t code = cudaGetDeviceCount(&count);
    if (code != cudaSuccess || count == 0) {
        cudaGetLastError();
        say_why_there_is_none(code, error);
        return 0;
    }
    for (int i = 0; i < count && i < most; i++) {
        if (!describe(i, &device[i], error)) {
            return 0;
        }
    }
    return count;
}

/* ---- life ---- */

static const void *kernel_of(int32_t width) {
    return width == 2   ? (const void *)dlca_rollout_2
           : width == 4 ? (const void *)dlca_rollout_4
                        : (const void *)dlca_rollout_8;
}

static bool check_device(DlcaError *error) {
    DlcaCudaDevice first;
    DlcaError reason = DlcaError();
    if (dlca_cuda_devices(&first, 1, &reason) == 0) {
        return dlca_fail(error, DLCA_BAD_INPUT, "backend cuda: %s", reason.message);
    }
    if (!first.usable) {
        return dlca_fail(error, DLCA_BAD_INPUT,
                         "backend cuda: %s has compute capability %d.%d, too old: %d.%d or more is needed", first.name,
                         first.major, first.minor, LEAST_MAJOR, LEAST_MINOR);
    }
    return true;
}

static void device_close(DlcaGpuDevice *device) {
    cudaFree(device->models);
    free(device);
}

static DlcaGpuDevice *device_open(DlcaError *error) {
    if (!check_device(error)) {
        return NULL;
    }
    DlcaGpuDevice *device = (DlcaGpuDevice *)calloc(1, sizeof *device);
    if (!device) {
        dlca_fail(error, DLCA_FAILED, "no memory for a CUDA device");
        return NULL;
    }
    if (!DONE(cudaSetDevice(device->number))) {
        device_close(device);
        return NULL;
    }
    return device;
}

static bool attribute(const DlcaGpuDevice *device, cudaDeviceAttr which, int *value, DlcaError *error) {
    return DONE(cudaDeviceGetAttribute(value, which, device->number));
}

static bool device_limits(DlcaGpuDevice *device, DlcaGpuLimits *limits, DlcaError *error) {
    int processors, threads, shared, processor_shared, cooperative;
    *limits = DlcaGpuLimits();
    if (!attribute(device, cudaDevAttrMultiProcessorCount, &processors, error) ||
        !attribute(device, cudaDevAttrMaxThreadsPerMultiProcessor, &threads, error) ||
        !attribute(device, cudaDevAttrMaxSharedMemoryPerBlockOptin, &shared, error) ||
        !attribute(device, cudaDevAttrMaxSharedMemoryPerMultiprocessor, &processor_shared, error) ||
        !attribute(device, cudaDevAttrCooperativeLaunch, &cooperative, error) ||
        !DONE(cudaMemGetInfo(&limits->free_bytes, &limits->all_bytes))) {
        return false;
    }
    if (!cooperative) {
        return dlca_fail(error, DLCA_BAD_INPUT, "backend cuda: the device has no cooperative launches");
    }
    for (int32_t i = 0; i < DLCA_GPU_WIDTHS; i++) {
        if (!DONE(cudaFuncSetAttribute(kernel_of(dlca_gpu_width(i)), cudaFuncAttributeMaxDynamicSharedMemorySize,
                                       shared - STATIC_SHARED))) {
            return false;
        }
    }
    limits->processors = processors;
    limits->processor_threads = threads;
    limits->shared_bytes = (size_t)shared - STATIC_SHARED;
    limits->processor_shared = (size_t)processor_shared;
    return true;
}

/* ---- memory ---- */

static void *device_allocate(DlcaGpuDevice *device, size_t bytes, DlcaError *error) {
    void *memory = NULL;
    if (!DONE(cudaMalloc(&memory, bytes ? bytes : 1)) || !DONE(cudaMemsetAsync(memory, 0, bytes, device->stream))) {
        cudaFree(memory);
        return NULL;
    }
    return memory;
}

static void device_release(DlcaGpuDevice *device, void *memory) {
    (void)device;
    cudaFree(memory);
}

/* From pageable memory: the run time takes a copy of its own before it returns. */
static bool device_upload(DlcaGpuDevice *device, void *to, const void *from, size_t bytes, DlcaError *error) {
    return DONE(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, device->stream));
}

static bool device_download(DlcaGpuDevice *device, void *to, const void *from, size_t bytes, DlcaError *error) {
    return DONE(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, device->stream)) &&
           DONE(cudaStreamSynchronize(device->stream));
}

/* ---- launches ---- */

static bool device_resident(DlcaGpuDevice *device, const DlcaGpuLaunch *launch, int32_t *blocks, DlcaError *error) {
    int each, processors;
    if (!DONE(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&each, kernel_of(launch->width), launch->threads,
                                                            launch->shared_bytes)) ||
        !attribute(device, cudaDevAttrMultiProcessorCount, &processors, error)) {
        return false;
    }
    *blocks = each * processors;
    return true;
}

static bool make_room(DlcaGpuDevice *device, int32_t count, DlcaError *error) {
    if (device->room >= count) {
        return true;
    }
    cudaFree(device->models);
    device->models = NULL;
    device->room = 0;
    if (!DONE(cudaMalloc((void **)&device->models, (size_t)count * sizeof *device->models))) {
        return false;
    }
    device->room = count;
    return true;
}

static bool device_rollout(DlcaGpuDevice *device, const DlcaGpuLaunch *launch, const DlcaGpuModel *models,
                           int32_t count, DlcaError *error) {
    const dim3 blocks((unsigned)(launch->blocks * count)), threads((unsigned)launch->threads);
    if (!make_room(device, count, error) ||
        !device_upload(device, device->models, models, (size_t)count * sizeof *models, error)) {
        return false;
    }
    const DlcaGpuModel *on_device = device->models;
    void *arguments[] = {(void *)&on_device};
    return DONE(cudaLaunchCooperativeKernel(kernel_of(launch->width), blocks, threads, arguments, launch->shared_bytes,
                                            device->stream));
}

static bool device_update(DlcaGpuDevice *device, const DlcaGpuModel *model, const DlcaAdamWStep *step,
                          DlcaError *error) {
    const unsigned blocks = (unsigned)((model->gates + UPDATE_THREADS - 1) / UPDATE_THREADS);
    dlca_update<<<blocks, UPDATE_THREADS, 0, device->stream>>>(*model, *step);
    return check(cudaGetLastError(), "launch of dlca_update", error);
}

const DlcaGpuDriver dlca_gpu_cuda = {
    device_open,   device_close,    device_limits,   device_allocate, device_release,
    device_upload, device_download, device_resident, device_rollout,  device_update,
};

/* ---- the peak ---- */

enum { PEAK_ROUNDS = 4096, PEAK_CHAINS = 8, PEAK_THREADS = 256, PEAK_BLOCKS = 16 };

/* Independent chains of fused multiply-adds; what comes out is kept so that it is computed. */
extern "C" __global__ void dlca_fma_chains(float *out, float factor) {
    float chain[PEAK_CHAINS];
    for (int i = 0; i < PEAK_CHAINS; i++) {
        chain[i] = (float)(threadIdx.x + (unsigned)i);
    }
    for (int round = 0; round < PEAK_ROUNDS; round++) {
        for (int i = 0; i < PEAK_CHAINS; i++) {
            chain[i] = __fmaf_rn(chain[i], factor, 1.0f);
        }
    }
    float sum = 0.0f;
    for (int i = 0; i < PEAK_CHAINS; i++) {
        sum += chain[i];
    }
    out[blockIdx.x * blockDim.x + threadIdx.x] = sum;
}

bool dlca_cuda_fma_peak(double *per_second, DlcaError *error) {
    DlcaCudaDevice device;
    cudaEvent_t begin = NULL, end = NULL;
    float *out = NULL, milliseconds = 0.0f;
    if (dlca_cuda_devices(&device, 1, error) == 0) {
        return false;
    }
    const unsigned blocks = (unsigned)(device.processors * PEAK_BLOCKS);
    bool done = DONE(cudaMalloc((void **)&out, (size_t)blocks * PEAK_THREADS * sizeof *out)) &&
                DONE(cudaEventCreate(&begin)) && DONE(cudaEventCreate(&end));
    for (int warm = 0; done && warm < 2; warm++) { /* the first one loads the code */
        done = DONE(cudaEventRecord(begin));
        dlca_fma_chains<<<blocks, PEAK_THREADS>>>(out, 0.5f);
        done = done && check(cudaGetLastError(), "launch of dlca_fma_chains", error) && DONE(cudaEventRecord(end)) &&
               DONE(cudaEventSynchronize(end)) && DONE(cudaEventElapsedTime(&milliseconds, begin, end));
    }
    *per_second = (double)blocks * PEAK_THREADS * PEAK_ROUNDS * PEAK_CHAINS / ((double)milliseconds / 1e3);
    cudaEventDestroy(begin);
    cudaEventDestroy(end);
    cudaFree(out);
    return done;
}
