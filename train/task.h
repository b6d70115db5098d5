/* task.h - the table of tasks: for each the configuration, the starts, the target. Leaves alone: how to train. */
#ifndef DLCA_TASK_H
#define DLCA_TASK_H

#include "../src/dlca.h"

typedef enum DlcaStart {
    DLCA_START_RANDOM, /* every bit of every cell drawn; many starts */
    DLCA_START_SEED,   /* one cell of ones in the middle, zeros elsewhere; one start */
    DLCA_START_ZEROS   /* one start */
} DlcaStart;

typedef struct DlcaTask {
    DlcaConfig config; /* batch, steps, ... as trained; config.task is its name */
    DlcaStart start;
    uint8_t *target;   /* [H][W][S] bits, owned */
    int64_t epochs;    /* the default budget */
    float rate;        /* the paper's learning rate */
} DlcaTask;

/* Fills `task` by name ("checkerboard"). `small` is a model that trains in about a second. `paper` takes the published
 * batch. NULL-safe free. */
bool dlca_task_create(DlcaTask *task, const char *name, bool asynchronous, bool small, bool paper, uint64_t seed,
                      DlcaError *error);
void dlca_task_free(DlcaTask *task);

/* Writes start number `index` of purpose and epoch: bits [H][W][C] as 0/1 bytes. */
void dlca_task_start(const DlcaTask *task, uint64_t seed, DlcaPurpose purpose, uint32_t epoch, uint32_t index,
                     uint8_t *bits);
/* The same for 64 starts in words, [C][cell]: bit s is start 64*block + s. */
void dlca_task_start_words(const DlcaTask *task, uint64_t seed, DlcaPurpose purpose, uint32_t epoch, uint32_t block,
                           uint64_t *planes);

#endif
