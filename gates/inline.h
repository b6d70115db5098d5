/* inline.h - DLCA_INLINE: small functions that both a processor's code and a CUDA kernel call. The arithmetic that has
 * to give the same bytes everywhere is written once, in files that use it and that C and CUDA's C++ both read. */
#ifndef DLCA_INLINE_H
#define DLCA_INLINE_H

#if defined(__CUDACC__)
#define DLCA_INLINE static __device__ __forceinline__
#elif defined(__GNUC__)
#define DLCA_INLINE static inline __attribute__((always_inline))
#else
#define DLCA_INLINE static inline
#endif

#endif
