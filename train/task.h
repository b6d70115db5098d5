/* task.h - the table of tasks: for each the configuration, the starts, the target. Leaves alone: how to train.
 *
 * A task either has many starts (drawn), or few enough to take them all, or one. 64 starts make a block, one per bit of
 * a word. */
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
    uint8_t *target; /* [H][W][S] bits, owned */
    int64_t epochs;  /* the default budget, restarts included */
    float rate;      /* the paper's learning rate */
} DlcaTask;

/* Fills `task` by name ("checkerboard"). `small` is a model that trains in about a second. `paper` takes the published
 * batch. An error lists the names. Free with dlca_task_free in any case. */
bool dlca_task_create(DlcaTask *task, const char *name, bool asynchronous, bool small, bool paper, uint64_t seed,
                      DlcaError *error);
void dlca_task_free(DlcaTask *task);

/* Whether every start is the same one: a start counts once, and fresh ones differ in their firing alone. */
bool dlca_task_one_start(const DlcaTask *task);

/* Start number `index` of a purpose and epoch: bits [H][W][C] as 0/1 bytes. */
void dlca_task_start(const DlcaTask *task, uint64_t seed, DlcaPurpose purpose, uint32_t epoch, uint32_t index,
                     uint8_t *bits);
/* The same for 64 starts in words, planes [C][cell]: bit s is start 64 * block + s. */
void dlca_task_start_words(const DlcaTask *task, uint64_t seed, DlcaPurpose purpose, uint32_t epoch, uint32_t block,
                           uint64_t *planes);

/* words [S][cell]: the target, alike for 64 starts. */
void dlca_task_target_words(const DlcaTask *task, uint64_t *words);

/* fire [cell] words: each start of a block draws its own firing for a step. */
void dlca_task_fire_words(const DlcaTask *task, uint64_t seed, DlcaPurpose purpose, uint32_t epoch, uint32_t block,
                          uint32_t step, uint64_t *fire);

#endif
