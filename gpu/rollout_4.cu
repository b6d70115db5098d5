/* rollout_4.cu - the rollout's kernel for strips of 4 lanes. */
#define DLCA_GPU_LANES 4
#define DLCA_GPU_ROLLOUT dlca_rollout_4
#include "rollout_launch.cuh"
