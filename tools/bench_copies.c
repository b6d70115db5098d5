/* bench_copies.c - see bench_copies.h. */
#include "bench_copies.h"

#include <stdlib.h>

static bool create_copy(BenchCase *copy, const BenchCase *like, DlcaError *error) {
    if (!bench_case_task(copy, like->task.config.task, like->task.config.asynchronous, error)) {
        return false;
    }
    copy->task.config.batch = like->task.config.batch;
    copy->shares = like->shares;
    copy->without_judge = true;
    return bench_case_create(copy, like->isa, 1, error);
}

bool bench_copies_create(BenchCopies *copies, const BenchCase *like, int32_t count, DlcaError *error) {
    *copies = (BenchCopies){.test = calloc((size_t)count, sizeof *copies->test)};
    if (!copies->test) {
        return dlca_fail(error, DLCA_FAILED, "no memory for %d copies of '%s'", count, like->label);
    }
    for (; copies->count < count; copies->count++) {
        if (!create_copy(&copies->test[copies->count], like, error)) {
            bench_case_free(&copies->test[copies->count]);
            return false;
        }
    }
    copies->team = dlca_threads_create(count, error);
    return copies->team != NULL;
}

void bench_copies_free(BenchCopies *copies) {
    dlca_threads_destroy(copies->team);
    for (int32_t i = 0; i < copies->count; i++) {
        bench_case_free(&copies->test[i]);
    }
    free(copies->test);
    *copies = (BenchCopies){0};
}

static void run_copy(void *context, int32_t thread) {
    const BenchCopies *copies = context;
    bench_run_backward(&copies->test[thread]);
}

static void run_copy_forward(void *context, int32_t thread) {
    const BenchCopies *copies = context;
    bench_run_forward(&copies->test[thread]);
}

void bench_run_copies_forward(void *context) {
    BenchCopies *copies = context;
    dlca_threads_run(copies->team, run_copy_forward, copies);
}

void bench_run_copies(void *context) {
    BenchCopies *copies = context;
    dlca_threads_run(copies->team, run_copy, copies);
}
