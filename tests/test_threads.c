/* test_threads.c - threads that stay: every piece of work is done once by each, and who waits long enough to fall
 * asleep is woken. */
#include "../src/threads.h"

#include <criterion/criterion.h>
#include <time.h>

enum { THREADS = 3, PIECES = 2000, INDICES = 100 };

typedef struct Counts {
    int by_thread[THREADS]; /* each written by its own thread, and read by the caller when all have returned */
    int by_index[INDICES];
} Counts;

static void count_thread(void *context, int32_t thread) {
    ((Counts *)context)->by_thread[thread]++;
}

static void count_index(void *context, int32_t index) {
    ((Counts *)context)->by_index[index]++;
}

static DlcaThreads *create(int32_t count) {
    DlcaError error = {0};
    DlcaThreads *threads = dlca_threads_create(count, &error);
    cr_assert_not_null(threads, "%s", error.message);
    return threads;
}

Test(threads, each_does_every_piece_once) {
    DlcaThreads *threads = create(THREADS);
    Counts counts = {0};
    for (int piece = 0; piece < PIECES; piece++) {
        dlca_threads_run(threads, count_thread, &counts);
        for (int i = 0; i < THREADS; i++) {
            cr_assert_eq(counts.by_thread[i], piece + 1);
        }
    }
    dlca_threads_destroy(threads);
}

Test(threads, every_index_is_taken_once) {
    for (int32_t count = 1; count <= THREADS; count++) {
        DlcaThreads *threads = create(count);
        Counts counts = {0};
        dlca_threads_each(threads, 0, count_index, &counts);
        dlca_threads_each(threads, INDICES, count_index, &counts);
        for (int i = 0; i < INDICES; i++) {
            cr_assert_eq(counts.by_index[i], 1, "index %d with %d threads", i, count);
        }
        dlca_threads_destroy(threads);
    }
}

typedef struct Relay {
    DlcaBell bell;
    DlcaCounter turn;
    int baton; /* whoever's turn it is has it */
} Relay;

/* Long enough for the others to fall asleep. */
static void linger(void) {
    nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
}

enum { ROUNDS = 5 };

static void hand_on(void *context, int32_t thread) {
    Relay *relay = context;
    for (int round = 0; round < ROUNDS; round++) {
        const long long turn = (long long)round * THREADS + thread;
        dlca_await(&relay->bell, &relay->turn, turn);
        linger();
        relay->baton++;
        dlca_announce(&relay->bell, &relay->turn, turn + 1);
    }
}

Test(threads, sleepers_are_woken, .timeout = 60) {
    DlcaThreads *threads = create(THREADS);
    Relay relay = {0};
    dlca_bell_create(&relay.bell);
    dlca_threads_run(threads, hand_on, &relay);
    cr_assert_eq(relay.baton, ROUNDS * THREADS);
    dlca_bell_destroy(&relay.bell);
    linger(); /* the threads sleep when they are ended */
    dlca_threads_destroy(threads);
}
