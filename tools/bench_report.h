/* bench_report.h - what a run of `dlca bench` found, as records, and the two ways to print them. Leaves alone:
 * measuring. */
#ifndef DLCA_TOOLS_BENCH_REPORT_H
#define DLCA_TOOLS_BENCH_REPORT_H

#include "bench_case.h"
#include "bench_measure.h"
#include "bench_peak.h"

#include <stdio.h>

enum { BENCH_MOST_RECORDS = 256 };

typedef struct BenchPeakRecord {
    BenchPeakKind kind;
    DlcaIsa isa;
    int32_t threads;
    BenchSpread rate; /* fma of one lane, or bytes, in a second, of all threads together */
} BenchPeakRecord;

/* A task on one backend. Fractions are medians over rounds of the rate by the peak measured in the same round. */
typedef struct BenchPassRecord {
    char label[48];
    DlcaIsa isa;
    int32_t threads, batch;
    double gates;                                   /* evaluations of one epoch, recomputation not counted */
    double bytes;                                   /* that the kernels load and store for one of them */
    BenchSpread forward, epoch, update, evaluation; /* seconds; evaluation: harden, 64 starts, all steps */
    BenchSpread forward_fraction, epoch_fraction;   /* of the peak, at 3 and at 14 slots */
    size_t memory_bytes;
    double stolen; /* part of the threads' time in epochs that the host of a virtual machine took (bench_measure.h) */
    /* With several threads: epochs in the time of one thread's, of the same round; the same for as many trainings of
     * one thread each that share nothing; and what part of their time the threads waited. */
    BenchSpread speed_up, copies, idle;
} BenchPassRecord;

/* One configuration among several that differ in one number. */
typedef struct BenchGrowthRecord {
    const char *what; /* "grid side", "channels", "steps", "batch", "threads" */
    int32_t value;
    double gates;
    BenchSpread epoch;
} BenchGrowthRecord;

/* The same work done in another way, beside the fast one of the same run. */
typedef struct BenchVariantRecord {
    const char *what;
    BenchSpread epoch;
    double ratio; /* of its median to the fast one's */
} BenchVariantRecord;

typedef struct BenchReport {
    char cpu[128], compiler[64], commit[48], command[256];
    int32_t processors, rounds;
    bool quick, lacks_avx2;
    double seconds;
    BenchPeakRecord peak[BENCH_MOST_RECORDS];
    BenchPassRecord pass[BENCH_MOST_RECORDS];
    BenchGrowthRecord growth[BENCH_MOST_RECORDS];
    BenchVariantRecord variant[BENCH_MOST_RECORDS];
    int32_t peaks, passes, growths, variants;
} BenchReport;

void bench_print_table(const BenchReport *report, FILE *out);
void bench_print_json(const BenchReport *report, FILE *out);

#endif
