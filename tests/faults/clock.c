/* clock.c - clocks that a test sets: linked into a program beside faults.c, in the same way.
 *
 *   DLCA_WALL_JUMPS=yes   each look at the clock on the wall sees it years away from the look before, forth and back
 *   DLCA_STEADY_STEP=S    each look at CLOCK_MONOTONIC finds it S seconds further than the last; 0: it stands
 *
 * Leaves alone: clocks of the processor's time, and what the system itself dates, such as files. */
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

enum { FIVE_YEARS = 5 * 365 * 24 * 3600 };

/* What the clock on the wall is ahead of the real one at this look. */
static time_t jump(void) {
    static atomic_long looks;
    const long look = atomic_fetch_add(&looks, 1);
    return getenv("DLCA_WALL_JUMPS") ? (look % 2 ? -FIVE_YEARS : FIVE_YEARS) : 0;
}

int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now) {
    static atomic_long looks;
    const char *step = getenv("DLCA_STEADY_STEP");
    if (clock == CLOCK_MONOTONIC && step) {
        *now = (struct timespec){.tv_sec = atomic_fetch_add(&looks, 1) * strtol(step, NULL, 10)};
        return 0;
    }
    const int result = __real_clock_gettime(clock, now);
    if (clock == CLOCK_REALTIME) {
        now->tv_sec += jump();
    }
    return result;
}

time_t __real_time(time_t *kept);
time_t __wrap_time(time_t *kept);
time_t __wrap_time(time_t *kept) {
    const time_t now = __real_time(NULL) + jump();
    if (kept) {
        *kept = now;
    }
    return now;
}

int __real_gettimeofday(struct timeval *now, void *zone);
int __wrap_gettimeofday(struct timeval *now, void *zone);
int __wrap_gettimeofday(struct timeval *now, void *zone) {
    const int result = __real_gettimeofday(now, zone);
    now->tv_sec += jump();
    return result;
}
