/* now.h - a clock that only goes forward. Leaves alone: dates. */
#ifndef DLCA_NOW_H
#define DLCA_NOW_H

#include <time.h>

/* Seconds since some fixed moment. */
static inline double dlca_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

#endif
