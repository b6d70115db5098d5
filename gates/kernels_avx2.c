/* kernels_avx2.c - the kernels for AVX2; no table where the compiler does not target it. */
#include "kernels.h"

#if defined(__AVX2__) && defined(__FMA__)

#define DLCA_SIMD_AVX2
#define DLCA_KERNELS_NAME dlca_kernels_avx2
#include "kernels_template.h"

#else

const DlcaKernels *dlca_kernels_avx2(void) {
    return NULL;
}

#endif
