/* rollout_launch.cuh - a kernel around the rollout; rollout_<lanes>.cu include it. Leaves alone: launching it. */
#include "../gates/ops.h"

/* The table of operations where a kernel can read it; the arithmetic knows it by the name that it has on the host. */
static __device__ const float device_op_coefficients[DLCA_OPS][DLCA_COEFFICIENTS] = {
#include "../gates/ops_table.h"
};
#define dlca_op_coefficients device_op_coefficients

#include "rollout_kernels.h"

/* Threads of a block at most (backend_shape.c). */
enum { MOST_THREADS = 256 };

/* Blocks of one model lie side by side; each keeps the model's description in its own memory. */
extern "C" __global__ void __launch_bounds__(MOST_THREADS, 1) DLCA_GPU_ROLLOUT(const DlcaGpuModel *models) {
    extern __shared__ __align__(16) char shared[];
    __shared__ DlcaGpuModel model;
    const int32_t blocks = models[0].blocks;
    const uint32_t *from = (const uint32_t *)&models[(int32_t)blockIdx.x / blocks];
    for (uint32_t i = threadIdx.x; i < sizeof model / 4; i += blockDim.x) {
        ((uint32_t *)&model)[i] = from[i];
    }
    __syncthreads();
    Place place;
    place.model = &model;
    place.block = (int32_t)blockIdx.x % blocks;
    place.shared = shared;
    place.shared_bytes = 0;
    place.order = 0;
    run_rollout(&place);
}
