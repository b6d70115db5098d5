/* task.h - the table of tasks: for each the configuration, the starts, the target. Leaves alone: how to train.
 *
 * A task either has many starts (drawn), or few enough to take them all, or one. 64 starts make a block, one per bit of
 * a word. */
#ifndef DLCA_TASK_H
#define DLCA_TASK_H

#include "../src/dlca.h"
#include "../src/image.h"

enum { DLCA_TASK_ALL_BITS = 16 }; /* most bits of a grid whose every state is a start */

typedef enum DlcaStart {
    DLCA_START_RANDOM, /* every bit of every cell drawn; many starts */
    DLCA_START_ALL,    /* every state that the grid can have: start i holds the bits of i; at most 2^16 */
    DLCA_START_SEED,   /* one cell of ones in the middle, zeros elsewhere; one start */
    DLCA_START_ZEROS   /* one start */
} DlcaStart;

typedef struct DlcaTask {
    DlcaConfig config; /* batch, steps, ... as trained; config.task is its name */
    DlcaStart start;
    uint8_t *target;     /* [H][W][S] bits, owned; NULL when the target depends on the start */
    DlcaPalette palette; /* the colours of a user's picture; without codes: the usual ones */
    int64_t epochs;      /* the default budget, restarts included */
    float rate;          /* the paper's learning rate */
} DlcaTask;

/* Fills `task` by name ("checkerboard"). `small` is a model that trains in about a second. `paper` takes the published
 * batch. An error lists the names. Free with dlca_task_free in any case. */
bool dlca_task_create(DlcaTask *task, const char *name, bool asynchronous, bool small, bool paper, uint64_t seed,
                      DlcaError *error);
/* The task that a rule of this name, size and channels was trained on. Bad input when there is none. */
bool dlca_task_find(DlcaTask *task, const DlcaConfig *config, DlcaError *error);
void dlca_task_free(DlcaTask *task);

bool dlca_task_has_asynchronous(const char *name);

/* The same task on a grid of another size: a checkerboard goes on, life has no size; a drawing has its own and is
 * refused. Batches and steps stay as they are. */
bool dlca_task_resize(DlcaTask *task, int32_t height, int32_t width, DlcaError *error);

/* Whether every start is the same one: a start counts once, and fresh ones differ in their firing alone. */
bool dlca_task_one_start(const DlcaTask *task);

/* Start number `index` of a purpose and epoch: bits [H][W][C] as 0/1 bytes. False: no memory. */
bool dlca_task_start(const DlcaTask *task, uint64_t seed, DlcaPurpose purpose, uint32_t epoch, uint32_t index,
                     uint8_t *bits);
/* The same for 64 starts in words, planes [C][cell]: bit s is start 64 * block + s. */
void dlca_task_start_words(const DlcaTask *task, uint64_t seed, DlcaPurpose purpose, uint32_t epoch, uint32_t block,
                           uint64_t *planes);

/* How many starts there are to be right on: 2^bits when all are taken, 1 when there is one, else 0: no end of them. */
int64_t dlca_task_starts(const DlcaTask *task);

/* words [S][cell]: what 64 starts `planes` [C][cell] should have become after the trained steps. */
void dlca_task_target_words(const DlcaTask *task, const uint64_t *planes, uint64_t *words);

/* From the target after some step to the one after the next: the same where a pattern is to stay, the next generation
 * for life. */
void dlca_task_advance_target(const DlcaTask *task, uint64_t *words);

/* fire [cell] words: each start of a block draws its own firing for a step. */
void dlca_task_fire_words(const DlcaTask *task, uint64_t seed, DlcaPurpose purpose, uint32_t epoch, uint32_t block,
                          uint32_t step, uint64_t *fire);

#endif
