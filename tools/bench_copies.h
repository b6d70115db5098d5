/* bench_copies.h - several trainings of one task side by side, one thread each, that share nothing.
 *
 * What a machine lets them do together is what it lets the threads of one training do at most: cores that slow each
 * other down, or that others use too, slow both. Leaves alone: timing. */
#ifndef DLCA_TOOLS_BENCH_COPIES_H
#define DLCA_TOOLS_BENCH_COPIES_H

#include "../src/threads.h"
#include "bench_case.h"

typedef struct BenchCopies {
    BenchCase *test; /* [count] */
    int32_t count;
    DlcaThreads *team;
} BenchCopies;

/* Copies of a case that has been made for one thread. */
bool bench_copies_create(BenchCopies *copies, const BenchCase *like, int32_t count, DlcaError *error);
void bench_copies_free(BenchCopies *copies);

/* For BenchItem: context is the copies; an epoch of each, at once, or the forward pass alone. */
void bench_run_copies(void *context);
void bench_run_copies_forward(void *context);

#endif
