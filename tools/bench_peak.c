/* bench_peak.c - see bench_peak.h. */
#include "bench_peak.h"

#include <stdlib.h>
#include <string.h>

enum { FMA_PER_ROUND = 16 * 16 }; /* chains times lanes, see kernels.h */

/* Bytes of a thread's buffer: half of a first-level cache of 32 KiB, a quarter of a second-level one of 1 MiB, and more
 * than a share of any last-level cache. A run lasts about a millisecond or two. */
static const size_t buffer_bytes[BENCH_PEAKS] = {0, (size_t)16 << 10, (size_t)256 << 10, (size_t)64 << 20};
static const int64_t rounds_of[BENCH_PEAKS] = {200000, 8000, 300, 1};

const char *bench_peak_name(BenchPeakKind kind) {
    static const char *const names[BENCH_PEAKS] = {"fma", "l1", "l2", "memory"};
    return names[kind];
}

bool bench_peak_create(BenchPeak *peak, BenchPeakKind kind, DlcaIsa isa, int32_t threads, DlcaError *error) {
    *peak = (BenchPeak){.kind = kind, .isa = isa, .threads = threads, .rounds = rounds_of[kind]};
    if (isa == DLCA_ISA_SCALAR && kind == BENCH_FMA) {
        peak->rounds /= 50; /* a call of the library's fma for each lane */
    }
    peak->sink = calloc((size_t)threads, sizeof *peak->sink);
    peak->buffer = calloc((size_t)threads, sizeof *peak->buffer);
    bool allocated = peak->sink && peak->buffer;
    for (int32_t i = 0; allocated && kind != BENCH_FMA && i < threads; i++) {
        peak->buffer[i] = aligned_alloc(64, buffer_bytes[kind]);
        allocated = peak->buffer[i] != NULL;
        if (allocated) {
            memset(peak->buffer[i], 0, buffer_bytes[kind]);
        }
    }
    if (!allocated) {
        return dlca_fail(error, DLCA_FAILED, "no memory to measure peaks with %d threads", threads);
    }
    peak->team = dlca_threads_create(threads, error);
    return peak->team != NULL;
}

void bench_peak_free(BenchPeak *peak) {
    dlca_threads_destroy(peak->team);
    for (int32_t i = 0; peak->buffer && i < peak->threads; i++) {
        free(peak->buffer[i]);
    }
    free(peak->buffer);
    free(peak->sink);
    *peak = (BenchPeak){0};
}

static void run_thread(void *context, int32_t thread) {
    const BenchPeak *peak = context;
    const DlcaKernels *kernels = dlca_kernels_for(peak->isa);
    if (peak->kind == BENCH_FMA) {
        peak->sink[thread] += kernels->fma_peak(peak->rounds);
    } else {
        const float *buffer = peak->buffer[thread];
        peak->sink[thread] +=
            kernels->read_peak(buffer, (int64_t)(buffer_bytes[peak->kind] / sizeof *buffer), peak->rounds);
    }
}

void bench_run_peak(void *context) {
    BenchPeak *peak = context;
    dlca_threads_run(peak->team, run_thread, peak);
}

double bench_peak_work(const BenchPeak *peak) {
    const double each = peak->kind == BENCH_FMA ? FMA_PER_ROUND : (double)buffer_bytes[peak->kind];
    return each * (double)peak->rounds * peak->threads;
}
