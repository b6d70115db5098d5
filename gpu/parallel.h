/* parallel.h - how the kernels are written so that CUDA and plain C run the same source.
 *
 * A kernel is a sequence of phases. EACH_THREAD runs a call for every thread of a block and then lets them meet;
 * EACH_BLOCK runs a call for every block of a model and then lets those meet. In CUDA a thread runs its own part of a
 * phase and waits; in C (the emulated device) both are loops, which may go through threads and blocks in any order:
 * when the bytes do not depend on that order, no phase reads what another thread of it writes. Leaves alone: what the
 * phases do. */
#ifndef DLCA_GPU_PARALLEL_H
#define DLCA_GPU_PARALLEL_H

#include "rollout_data.h"

#include "../gates/inline.h"

/* A block's view of the launch; in C that of all blocks. */
typedef struct Place {
    const DlcaGpuModel *model;
    int32_t block;
    char *shared; /* the block's shared memory; in C [blocks][shared_bytes] */
    size_t shared_bytes;
    int32_t order; /* in C: which order the loops take */
} Place;

#if defined(__CUDACC__)

#define DLCA_GPU_FUNCTION __device__

DLCA_INLINE char *shared_of(const Place *place, int32_t block) {
    (void)block;
    return place->shared;
}

/* All blocks of a model wait here. They run at the same time: the launch is cooperative. The last to arrive lets the
 * others go; a fence on each side makes what was written before visible after. */
DLCA_INLINE void meet_blocks(DlcaGpuBarrier *barrier, uint32_t blocks) {
    __syncthreads();
    if (threadIdx.x == 0) {
        volatile uint32_t *turn = &barrier->turn;
        const uint32_t before = *turn;
        __threadfence();
        if (atomicAdd(&barrier->arrived, 1u) + 1u == blocks) {
            barrier->arrived = 0;
            __threadfence();
            *turn = before + 1u;
        } else {
            while (*turn == before) {
            }
        }
        __threadfence();
    }
    __syncthreads();
}

#define EACH_THREAD(place, call)                     \
    do {                                             \
        const int32_t thread = (int32_t)threadIdx.x; \
        call;                                        \
        __syncthreads();                             \
    } while (0)

#define EACH_BLOCK(place, call)                                                 \
    do {                                                                        \
        const int32_t block = (place)->block;                                   \
        call;                                                                   \
        meet_blocks((place)->model->barrier, (uint32_t)(place)->model->blocks); \
    } while (0)

#else

#define DLCA_GPU_FUNCTION

static inline char *shared_of(const Place *place, int32_t block) {
    return place->shared + (size_t)block * place->shared_bytes;
}

/* Turn `i` of `count` in one of three orders: ascending, descending, or odd ones before even ones. */
static inline int32_t turn_of(int32_t order, int32_t i, int32_t count) {
    if (order == 0) {
        return i;
    }
    if (order == 1) {
        return count - 1 - i;
    }
    return i < count / 2 ? 2 * i + 1 : 2 * (i - count / 2);
}

#define EACH_THREAD(place, call)                                                                  \
    do {                                                                                          \
        for (int32_t thread_turn = 0; thread_turn < (place)->model->threads; thread_turn++) {     \
            const int32_t thread = turn_of((place)->order, thread_turn, (place)->model->threads); \
            call;                                                                                 \
        }                                                                                         \
    } while (0)

#define EACH_BLOCK(place, call)                                                                \
    do {                                                                                       \
        for (int32_t block_turn = 0; block_turn < (place)->model->blocks; block_turn++) {      \
            const int32_t block = turn_of((place)->order, block_turn, (place)->model->blocks); \
            call;                                                                              \
        }                                                                                      \
    } while (0)

#endif

#endif
