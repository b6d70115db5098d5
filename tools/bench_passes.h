/* bench_passes.h - measures peaks, tasks and growth into a report. Leaves alone: printing. */
#ifndef DLCA_TOOLS_BENCH_PASSES_H
#define DLCA_TOOLS_BENCH_PASSES_H

#include "bench_report.h"

/* report->quick and report->rounds are set; `threads` is the most to measure with. */
bool bench_measure_all(BenchReport *report, int32_t threads, DlcaError *error);

#endif
