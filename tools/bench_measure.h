/* bench_measure.h - timing: repetitions of several things in turn, so that a machine that slows down slows all of them.
 *
 * Leaves alone: what is run, and what its time is compared with. */
#ifndef DLCA_TOOLS_BENCH_MEASURE_H
#define DLCA_TOOLS_BENCH_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

enum { BENCH_MOST_ROUNDS = 64 };

/* One thing that is timed: run(context) is called `calls` times a round. */
typedef struct BenchItem {
    void (*run)(void *context);
    void *context;
    int32_t calls;
    double seconds[BENCH_MOST_ROUNDS]; /* of one call, by round */
} BenchItem;

typedef struct BenchSpread {
    double median, low, high; /* low, high: quartiles */
} BenchSpread;

/* Runs every item once untimed, then `rounds` times in turn. */
void bench_interleave(BenchItem *items, int32_t count, int32_t rounds);

/* One round of one item, for callers that interleave themselves. */
void bench_round(BenchItem *item, int32_t round);

/* Sets `calls` so that a round of the item takes about this long. */
void bench_calibrate(BenchItem *item, double seconds);

BenchSpread bench_spread(const double *values, int32_t count);

double bench_now(void);

/* Seconds in which a virtual machine's processors had something to run and its host did not run them, since it began:
 * "steal" of /proc/stat, in ticks of 10 ms as a rule. 0 where the system does not say. */
double bench_stolen(void);

#endif
