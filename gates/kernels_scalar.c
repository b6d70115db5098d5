/* kernels_scalar.c - the kernels in plain C: the reference that every other instruction set equals to the bit. */
#define DLCA_SIMD_SCALAR
#define DLCA_KERNELS_NAME dlca_kernels_scalar
#include "kernels_template.h"
