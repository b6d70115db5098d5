/* judge.h - how right a hard circuit is: on fixed starts while training, on fresh ones before it is believed.
 *
 * A set of starts is drawn once and may be judged by many circuits, also by several threads, each with a bench of its
 * own. Leaves alone: what to do with the verdict. */
#ifndef DLCA_JUDGE_H
#define DLCA_JUDGE_H

#include "../src/harden.h"
#include "task.h"

/* 64 starts per block, with the firing of each for `steps` steps when the task is asynchronous. */
typedef struct DlcaStarts {
    const DlcaTask *task;
    int32_t blocks, steps;
    uint64_t identity; /* of all that they were drawn from, without those of another grid: others differ in it */
    uint64_t counted;  /* starts of a block that count: one when all are alike */
    uint64_t *planes;  /* [blocks][C][cell] */
    uint64_t *fire;    /* [blocks][steps][cell], NULL when all cells fire */
    uint64_t *target;  /* [blocks][S][cell] after the trained steps */
    int32_t further;   /* steps that these take beyond those of the starts that they are judged with */
    const struct DlcaStarts *with; /* others, of another grid, that are judged with these; NULL: none */
} DlcaStarts;

/* Which blocks of those that a purpose and an epoch have. */
typedef struct DlcaBlocks {
    int32_t first, count;
} DlcaBlocks;

bool dlca_starts_create(DlcaStarts *starts, const DlcaTask *task, uint64_t seed, DlcaPurpose starts_purpose,
                        DlcaPurpose fire_purpose, uint32_t epoch, DlcaBlocks which, int32_t steps, DlcaError *error);
void dlca_starts_free(DlcaStarts *starts);

/* Blocks that hold `wanted` starts, or all when there are fewer; 1 when all starts and their firing are alike. */
int32_t dlca_starts_blocks(const DlcaTask *task, int32_t wanted);
int64_t dlca_starts_count(const DlcaStarts *starts);

/* One thread's place to judge: a grid and a hardener. */
typedef struct DlcaBench {
    DlcaHardGrid *grid;
    DlcaHardener *hardener;
    uint64_t *fire;         /* [cell] */
    struct DlcaBench *with; /* owned: for the starts of another grid; NULL: none */
} DlcaBench;

bool dlca_bench_create(DlcaBench *bench, const DlcaModel *model, DlcaError *error);
void dlca_bench_free(DlcaBench *bench);
/* Without a hardener. */
bool dlca_bench_create_grid(DlcaBench *bench, const DlcaTask *task, DlcaError *error);
/* From now on also for starts that are judged with others. */
bool dlca_bench_widen(DlcaBench *bench, const DlcaStarts *others, DlcaError *error);

/* Sums over all blocks after `steps` steps (at most starts->steps). */
bool dlca_judge(DlcaBench *bench, const DlcaStarts *starts, const DlcaCircuit *circuit, int32_t steps,
                DlcaHardScore *score, DlcaError *error);
/* The same, but may end, with the blocks so far, when more than `most` cells are wrong. */
bool dlca_judge_until(DlcaBench *bench, const DlcaStarts *starts, const DlcaCircuit *circuit, int32_t steps,
                      int64_t most, DlcaHardScore *score, DlcaError *error);

/* What to look at: fresh starts with fresh firing. */
typedef struct DlcaFreshLook {
    int32_t blocks;
    int32_t hold_blocks; /* the first of them, that are watched beyond the trained step */
    int32_t further;     /* steps */
    bool strict;         /* ends at the first block that is wrong */
} DlcaFreshLook;

/* Steps between the looks at starts that are late: an eighth of the trained ones. */
int32_t dlca_late_steps(const DlcaTask *task);

/* The verdict that a result stands on: right in every cell after the trained steps, and for how many further ones every
 * start stays right. */
typedef struct DlcaVerdict {
    int64_t starts;
    DlcaHardScore score;           /* after the trained steps */
    int64_t late_twice, late_once; /* wrong starts twice dlca_late_steps before the trained step, and once */
    bool exact;
    int64_t hold;       /* 0 when not exact */
    bool other_size;    /* not exact on a grid of another size (sizes.h) */
    int32_t refuted_by; /* block, of a strict verdict that it ended; else 0 */
} DlcaVerdict;
bool dlca_judge_fresh(DlcaBench *bench, const DlcaTask *task, const DlcaCircuit *circuit, uint64_t seed, uint32_t epoch,
                      DlcaFreshLook look, DlcaVerdict *verdict, DlcaError *error);

/* The part of the starts that is wrong after the trained steps where cells fire at random, from how fast it fell
 * before: the next factor taken to be that of the two looks. The true one is somewhat lower: the later, the faster. */
double dlca_verdict_late(const DlcaVerdict *verdict);

#endif
