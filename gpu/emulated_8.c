/* emulated_8.c - the kernels for strips of 8 lanes as plain C. */
#define DLCA_GPU_LANES 8
#include "emulated_kernels.h"
#include "rollout_kernels.h"

void dlca_emulated_rollout_8(const DlcaGpuModel *model, char *shared, size_t shared_bytes, int32_t order) {
    const Place place = {.model = model, .shared = shared, .shared_bytes = shared_bytes, .order = order};
    run_rollout(&place);
}
