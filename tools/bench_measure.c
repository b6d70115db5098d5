/* bench_measure.c - see bench_measure.h. */
#include "bench_measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

double bench_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* The first line of /proc/stat: "cpu", then ticks of user, nice, system, idle, iowait, irq, softirq and steal. */
double bench_stolen(void) {
    enum { STEAL = 8 };
    char line[256] = "";
    FILE *file = fopen("/proc/stat", "r");
    if (file) {
        if (!fgets(line, sizeof line, file)) {
            line[0] = '\0';
        }
        fclose(file);
    }
    const char *at = line + strcspn(line, " ");
    unsigned long long ticks = 0;
    for (int field = 0; field < STEAL; field++) {
        char *end;
        ticks = strtoull(at, &end, 10);
        at = end;
    }
    const long per_second = sysconf(_SC_CLK_TCK);
    return per_second > 0 ? (double)ticks / (double)per_second : 0.0;
}

static double time_calls(const BenchItem *item, int32_t calls) {
    const double start = bench_now();
    for (int32_t i = 0; i < calls; i++) {
        item->run(item->context);
    }
    return (bench_now() - start) / (double)calls;
}

void bench_calibrate(BenchItem *item, double seconds) {
    const double once = time_calls(item, 1);
    item->calls = once > 0.0 && once < seconds ? (int32_t)(seconds / once) : 1;
    item->calls = item->calls < 1 ? 1 : item->calls;
}

void bench_round(BenchItem *item, int32_t round) {
    item->seconds[round] = time_calls(item, item->calls);
}

void bench_interleave(BenchItem *items, int32_t count, int32_t rounds) {
    for (int32_t i = 0; i < count; i++) {
        items[i].run(items[i].context);
    }
    for (int32_t round = 0; round < rounds; round++) {
        for (int32_t i = 0; i < count; i++) {
            bench_round(&items[i], round);
        }
    }
}

static int by_size(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

BenchSpread bench_spread(const double *values, int32_t count) {
    double sorted[BENCH_MOST_ROUNDS];
    memcpy(sorted, values, (size_t)count * sizeof *sorted);
    qsort(sorted, (size_t)count, sizeof *sorted, by_size);
    return (BenchSpread){sorted[count / 2], sorted[count / 4], sorted[count - 1 - count / 4]};
}
