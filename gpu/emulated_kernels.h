/* emulated_kernels.h - the kernels as plain C functions: every thread of every block, one after the other. */
#ifndef DLCA_GPU_EMULATED_KERNELS_H
#define DLCA_GPU_EMULATED_KERNELS_H

#include "rollout_data.h"

/* One model's rollout; shared [blocks][shared_bytes]; the order as in parallel.h. */
void dlca_emulated_rollout_2(const DlcaGpuModel *model, char *shared, size_t shared_bytes, int32_t order);
void dlca_emulated_rollout_4(const DlcaGpuModel *model, char *shared, size_t shared_bytes, int32_t order);
void dlca_emulated_rollout_8(const DlcaGpuModel *model, char *shared, size_t shared_bytes, int32_t order);
void dlca_emulated_update(const DlcaGpuModel *model, const DlcaAdamWStep *step);

#endif
