/* backend_cuda.c - the table of the CUDA backend: the device backend on NVIDIA's devices. */
#include "backend_gpu.h"

DLCA_GPU_TABLE(dlca_backend_cuda, "cuda", dlca_gpu_cuda);
