/* bench_case.h - a task made ready to be timed on one backend: model, batch, optimizer. Leaves alone: timing. */
#ifndef DLCA_TOOLS_BENCH_CASE_H
#define DLCA_TOOLS_BENCH_CASE_H

#include "../src/backend.h"
#include "../train/judge.h"
#include "../train/task.h"

/* What is timed. The configuration starts as the paper's and may be changed before bench_case_create. */
typedef struct BenchCase {
    char label[48]; /* "checkerboard", "checkerboard, async" */
    DlcaTask task;
    DlcaIsa isa;
    int32_t threads;
    DlcaModel *model;
    DlcaBackend *backend;
    DlcaBatch batch;
    float *input, *target;
    uint8_t *fire;
    DlcaBench judge; /* for the evaluation: one block of 64 starts */
    DlcaStarts starts;
    uint8_t *ops;
    bool without_judge; /* set before bench_case_create where no evaluation is timed */
    bool repeats;       /* computes_repeats */
    bool dead;          /* computes_dead */
    int32_t checkpoint_every;
    bool shares;  /* cells with equal histories are computed once (fixed_input) */
    double gates; /* gate evaluations of one epoch that are computed: not those of cells that do not fire, or share, and
                     not those that the last step leaves out */
} BenchCase;

/* The paper's configuration of a task; false with an error when there is none of that name. */
bool bench_case_task(BenchCase *test, const char *name, bool asynchronous, DlcaError *error);
bool bench_case_create(BenchCase *test, DlcaIsa isa, int32_t threads, DlcaError *error);
void bench_case_free(BenchCase *test);

/* Bytes that the kernels load and store for one gate evaluation, forward, recomputed and backward, on average. */
double bench_case_bytes(const BenchCase *test);

/* For BenchItem: context is the case. */
void bench_run_forward(void *context);
void bench_run_backward(void *context); /* forward and backward */
void bench_run_update(void *context);
void bench_run_evaluation(void *context); /* harden, then 64 starts for all steps */

/* FMA slots of a gate evaluation: 3 in the first forward pass; 3 in the recomputation and 8 backward. */
enum { BENCH_FORWARD_SLOTS = 3, BENCH_EPOCH_SLOTS = 14 };

#endif
