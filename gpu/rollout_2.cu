/* rollout_2.cu - the rollout's kernel for strips of 2 lanes. */
#define DLCA_GPU_LANES 2
#define DLCA_GPU_ROLLOUT dlca_rollout_2
#include "rollout_launch.cuh"

/* A thread for each gate, whatever the strips. */
extern "C" __global__ void dlca_update(DlcaGpuModel model, DlcaAdamWStep step) {
    update_gates(&model, &step, (int32_t)(blockIdx.x * blockDim.x + threadIdx.x), (int32_t)(gridDim.x * blockDim.x));
}
