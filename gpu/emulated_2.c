/* emulated_2.c - the kernels for strips of 2 lanes as plain C. */
#define DLCA_GPU_LANES 2
#include "emulated_kernels.h"
#include "rollout_kernels.h"

void dlca_emulated_rollout_2(const DlcaGpuModel *model, char *shared, size_t shared_bytes, int32_t order) {
    const Place place = {.model = model, .shared = shared, .shared_bytes = shared_bytes, .order = order};
    run_rollout(&place);
}

/* A thread for each gate, whatever the strips. */
void dlca_emulated_update(const DlcaGpuModel *model, const DlcaAdamWStep *step) {
    update_gates(model, step, 0, 1);
}
