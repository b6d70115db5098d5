/* threads.c - see threads.h. */
#include "threads.h"

#include "now.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

/* ---- waiting ---- */

/* Looks at a counter before going to sleep: with the pause between them about 100 microseconds. */
enum { LOOKS = 5000 };

static int processor_here(void) {
#if defined(__linux__)
    return sched_getcpu();
#else
    return -1;
#endif
}

/* Woken on the processor of the thread that rang, a thread would take turns with it for tens of milliseconds, until the
 * system shares out the load again: where others keep all processors busy, most wakings end so, and two threads were
 * half as fast as one. Where each may run stays as it was. */
static void leave_processor(int processor) {
#if defined(__linux__)
    cpu_set_t allowed, others;
    if (sched_getcpu() != processor || sched_getaffinity(0, sizeof allowed, &allowed) != 0) {
        return;
    }
    others = allowed;
    CPU_CLR((size_t)processor, &others);
    if (CPU_COUNT(&others) > 0 && sched_setaffinity(0, sizeof others, &others) == 0) {
        sched_setaffinity(0, sizeof allowed, &allowed);
    }
#else
    (void)processor;
#endif
}

void dlca_bell_create(DlcaBell *bell) {
    pthread_mutex_init(&bell->lock, NULL);
    pthread_cond_init(&bell->rings, NULL);
    atomic_init(&bell->sleepers, 0);
    bell->processor = -1;
}

void dlca_bell_destroy(DlcaBell *bell) {
    pthread_mutex_destroy(&bell->lock);
    pthread_cond_destroy(&bell->rings);
}

/* Either this sees the sleeper or the sleeper sees the counter: both write first and then read, in one order for all.
 */
void dlca_announce(DlcaBell *bell, DlcaCounter *counter, long long value) {
    atomic_store(&counter->value, value);
    if (atomic_load(&bell->sleepers) > 0) {
        pthread_mutex_lock(&bell->lock);
        bell->processor = processor_here();
        pthread_cond_broadcast(&bell->rings);
        pthread_mutex_unlock(&bell->lock);
    }
}

static void pause_briefly(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static bool has_come(DlcaCounter *counter, long long value) {
    return atomic_load_explicit(&counter->value, memory_order_acquire) >= value;
}

static void sleep_until(DlcaBell *bell, DlcaCounter *counter, long long value) {
    pthread_mutex_lock(&bell->lock);
    atomic_fetch_add(&bell->sleepers, 1);
    while (atomic_load(&counter->value) < value) {
        pthread_cond_wait(&bell->rings, &bell->lock);
    }
    atomic_fetch_sub(&bell->sleepers, 1);
    const int processor = bell->processor;
    pthread_mutex_unlock(&bell->lock);
    leave_processor(processor);
}

double dlca_await(DlcaBell *bell, DlcaCounter *counter, long long value) {
    if (has_come(counter, value)) {
        return 0.0;
    }
    const double start = dlca_now();
    for (int look = 0; look < LOOKS && !has_come(counter, value); look++) {
        pause_briefly();
    }
    if (!has_come(counter, value)) {
        sleep_until(bell, counter, value);
    }
    return dlca_now() - start;
}

/* ---- threads ---- */

/* All but the caller's. */
typedef struct Member {
    DlcaCounter done; /* pieces of work */
    DlcaThreads *threads;
    pthread_t handle;
    int32_t thread;
} Member;

struct DlcaThreads {
    DlcaCounter begun; /* pieces of work; what follows is written before it moves on */
    void (*work)(void *context, int32_t thread);
    void *context;
    bool ends;
    DlcaBell bell;
    int32_t members;
    Member member[];
};

static void *serve(void *argument) {
    Member *member = argument;
    DlcaThreads *threads = member->threads;
    for (long long piece = 1;; piece++) {
        dlca_await(&threads->bell, &threads->begun, piece);
        if (threads->ends) {
            return NULL;
        }
        threads->work(threads->context, member->thread);
        dlca_announce(&threads->bell, &member->done, piece);
    }
}

static long long begin(DlcaThreads *threads) {
    const long long piece = atomic_load_explicit(&threads->begun.value, memory_order_relaxed) + 1;
    dlca_announce(&threads->bell, &threads->begun, piece);
    return piece;
}

DlcaThreads *dlca_threads_create(int32_t threads, DlcaError *error) {
    const size_t members = (size_t)threads - 1;
    DlcaThreads *created = aligned_alloc(64, sizeof *created + members * sizeof created->member[0]);
    if (!created) {
        dlca_fail(error, DLCA_FAILED, "no memory for %d threads", threads);
        return NULL;
    }
    memset(created, 0, sizeof *created + members * sizeof created->member[0]);
    dlca_bell_create(&created->bell);
    for (int32_t i = 0; i < threads - 1; i++) {
        Member *member = &created->member[i];
        member->threads = created;
        member->thread = i + 1;
        if (pthread_create(&member->handle, NULL, serve, member) != 0) {
            dlca_threads_destroy(created);
            dlca_fail(error, DLCA_FAILED,
                      "the system starts no further thread: %d of %d were started; --threads %d "
                      "needs no more",
                      i, threads - 1, i + 1);
            return NULL;
        }
        created->members++;
    }
    return created;
}

void dlca_threads_destroy(DlcaThreads *threads) {
    if (!threads) {
        return;
    }
    threads->ends = true;
    begin(threads);
    for (int32_t i = 0; i < threads->members; i++) {
        pthread_join(threads->member[i].handle, NULL);
    }
    dlca_bell_destroy(&threads->bell);
    free(threads);
}

void dlca_threads_run(DlcaThreads *threads, void (*work)(void *context, int32_t thread), void *context) {
    threads->work = work;
    threads->context = context;
    const long long piece = begin(threads);
    work(context, 0);
    for (int32_t i = 0; i < threads->members; i++) {
        dlca_await(&threads->bell, &threads->member[i].done, piece);
    }
}

typedef struct Each {
    void (*one)(void *context, int32_t index);
    void *context;
    int32_t count;
    atomic_int next;
} Each;

static void take_next(void *context, int32_t thread) {
    Each *each = context;
    (void)thread;
    for (int32_t i; (i = atomic_fetch_add_explicit(&each->next, 1, memory_order_relaxed)) < each->count;) {
        each->one(each->context, i);
    }
}

void dlca_threads_each(DlcaThreads *threads, int32_t count, void (*one)(void *context, int32_t index), void *context) {
    Each each = {.one = one, .context = context, .count = count};
    dlca_threads_run(threads, take_next, &each);
}
