/* kernels_avx512.c - the kernels for AVX512; no table where the compiler does not target it. */
#include "kernels.h"

#if defined(__AVX512F__) && defined(__AVX512DQ__)

#define DLCA_SIMD_AVX512
#define DLCA_KERNELS_NAME dlca_kernels_avx512
#include "kernels_template.h"

#else

const DlcaKernels *dlca_kernels_avx512(void) {
    return NULL;
}

#endif
