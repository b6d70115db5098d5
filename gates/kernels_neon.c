/* kernels_neon.c - the kernels for NEON; no table where the compiler does not target it. */
#include "kernels.h"

#if defined(__aarch64__)

#define DLCA_SIMD_NEON
#define DLCA_KERNELS_NAME dlca_kernels_neon
#include "kernels_template.h"

#else

const DlcaKernels *dlca_kernels_neon(void) {
    return NULL;
}

#endif
