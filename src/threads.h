/* threads.h - threads that stay from one piece of work to the next, and how they wait for each other.
 *
 * Who waits watches a counter that somebody else moves on. A step of a rollout lasts tens to hundreds of microseconds,
 * so it watches for about as long as it takes to wake a thread; then it sleeps, because on a busy machine the thread
 * that is waited for may be the one that has no processor. (OpenMP's run time, which did this before, watches for
 * milliseconds unless the user sets OMP_WAIT_POLICY; beside two busy processes, repairs took several times as long.)
 * Leaves alone: what the work is, and in which order sums are added. */
#ifndef DLCA_THREADS_H
#define DLCA_THREADS_H

#include "dlca.h"

#include <pthread.h>
#include <stdatomic.h>

/* Counts up, on a cache line of its own. */
typedef struct DlcaCounter {
    _Alignas(64) atomic_llong value;
} DlcaCounter;

/* Wakes those who sleep until a counter has moved on. */
typedef struct DlcaBell {
    pthread_mutex_t lock;
    pthread_cond_t rings;
    atomic_int sleepers;
    int processor; /* of the thread that rang last */
} DlcaBell;

void dlca_bell_create(DlcaBell *bell);
void dlca_bell_destroy(DlcaBell *bell);

/* Sets the counter to `value`: all that was written before is seen by whoever awaited it. */
void dlca_announce(DlcaBell *bell, DlcaCounter *counter, long long value);
/* Returns when the counter is at least `value`, with the seconds that this took: 0 where it was already. */
double dlca_await(DlcaBell *bell, DlcaCounter *counter, long long value);

typedef struct DlcaThreads DlcaThreads;

/* `threads` counts the one that calls; 1 starts none. */
DlcaThreads *dlca_threads_create(int32_t threads, DlcaError *error);
void dlca_threads_destroy(DlcaThreads *threads); /* NULL is fine */

/* Calls work with thread = 0 .. threads-1, 0 by the caller, and returns when all have returned. */
void dlca_threads_run(DlcaThreads *threads, void (*work)(void *context, int32_t thread), void *context);

/* Calls one with index = 0 .. count-1, each by the next thread that is free, and returns when all have returned. */
void dlca_threads_each(DlcaThreads *threads, int32_t count, void (*one)(void *context, int32_t index), void *context);

#endif
