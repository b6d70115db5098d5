/* bench_peak.h - what the machine can do at most: fused multiply-adds, and reading from each level of memory.
 *
 * Leaves alone: timing (bench_measure.h) and what training makes of it. */
#ifndef DLCA_TOOLS_BENCH_PEAK_H
#define DLCA_TOOLS_BENCH_PEAK_H

#include "../src/backend.h"
#include "../src/threads.h"

typedef enum BenchPeakKind {
    BENCH_FMA,
    BENCH_FIRST_CACHE,
    BENCH_SECOND_CACHE,
    BENCH_MEMORY,
    BENCH_PEAKS
} BenchPeakKind;

/* Every thread does the same work at once. */
typedef struct BenchPeak {
    BenchPeakKind kind;
    DlcaIsa isa;
    int32_t threads;
    int64_t rounds; /* of the kernel, in one run */
    float **buffer; /* [threads], NULL for fma */
    DlcaThreads *team;
    float *sink; /* [threads] keeps the compiler from leaving the work out */
} BenchPeak;

bool bench_peak_create(BenchPeak *peak, BenchPeakKind kind, DlcaIsa isa, int32_t threads, DlcaError *error);
void bench_peak_free(BenchPeak *peak);

/* For BenchItem: context is the peak. */
void bench_run_peak(void *context);

/* FMA of one lane, or bytes, in one run by all threads. */
double bench_peak_work(const BenchPeak *peak);

const char *bench_peak_name(BenchPeakKind kind); /* "fma", "l1", "l2", "memory" */

#endif
