/* bench_variants.h - what each idea brings, and how time grows: more cases of the same run, into the report. */
#ifndef DLCA_TOOLS_BENCH_VARIANTS_H
#define DLCA_TOOLS_BENCH_VARIANTS_H

#include "bench_report.h"

/* Grids, channels, steps, batches and threads around the paper's checkerboard. */
bool bench_measure_growth(BenchReport *report, int32_t threads, DlcaError *error);

/* The plain ways beside the fast one, and switches of the fast one on and off. */
bool bench_measure_variants(BenchReport *report, int32_t threads, DlcaError *error);

#endif
