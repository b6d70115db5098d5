/* rollout_8.cu - the rollout's kernel for strips of 8 lanes. */
#define DLCA_GPU_LANES 8
#define DLCA_GPU_ROLLOUT dlca_rollout_8
#include "rollout_launch.cuh"
