/* barrier.h - where the threads of a rollout meet between steps.
 *
 * A step lasts tens to hundreds of microseconds, so waiting threads spin; but only for a moment, then they give their
 * processor away: on a busy machine the thread that is waited for may be the one that has none. C11 atomics, which the
 * thread sanitizer understands. Leaves alone: starting threads. */
#ifndef DLCA_BARRIER_H
#define DLCA_BARRIER_H

#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>

typedef struct DlcaBarrier {
    _Alignas(64) atomic_int arrived;
    _Alignas(64) atomic_uint turn;
} DlcaBarrier;

enum { DLCA_BARRIER_SPINS = 2000 };

static inline void dlca_barrier_wait(DlcaBarrier *barrier, int32_t threads) {
    if (threads == 1) {
        return;
    }
    const unsigned turn = atomic_load_explicit(&barrier->turn, memory_order_relaxed);
    if (atomic_fetch_add_explicit(&barrier->arrived, 1, memory_order_acq_rel) + 1 == threads) {
        atomic_store_explicit(&barrier->arrived, 0, memory_order_relaxed);
        atomic_store_explicit(&barrier->turn, turn + 1, memory_order_release);
        return;
    }
    for (int spins = 0; atomic_load_explicit(&barrier->turn, memory_order_acquire) == turn; spins++) {
        if (spins >= DLCA_BARRIER_SPINS) {
            sched_yield();
        } else {
#if defined(__x86_64__)
            __builtin_ia32_pause();
#endif
        }
    }
}

#endif
