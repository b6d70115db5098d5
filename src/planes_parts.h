/* planes_parts.h - what the files of the fast rollout share: a grid, its rules, what each thread has of its own.
 *
 * For planes.c, planes_make.c and planes_look.c alone; everybody else has planes.h. */
#ifndef DLCA_PLANES_PARTS_H
#define DLCA_PLANES_PARTS_H

#include "block_words.h"
#include "planes.h"
#include "steady.h"
#include "tile_plan.h"

/* A row kernel: bits that say where it reads and writes, and which rule it is of; rows at the edge. */
enum { FROM_TILE = 2, TO_TILE = 1, STEADY = 4, TOP = 0, BOTTOM = 1 };

/* What a thread has of its own. */
typedef struct Worker {
    DlcaRowKernel kernel[DLCA_PLANES_CASES];
    DlcaRowKernel edge[2][2]; /* of the rule and the steady rule: for the first row and the last */
    uint64_t *tile[2];        /* [room][channels] blocks */
    uint64_t *fire;           /* [columns] blocks */
} Worker;

/* A rule as it is run. */
typedef struct RunRule {
    DlcaProgram program;
    uint8_t *sides; /* [channels] what has to be there of the frame */
} RunRule;

struct DlcaPlanes {
    DlcaPlanesSetup setup;
    DlcaCellBlocks blocks;
    DlcaTilePlan plan;
    RunRule rule;
    DlcaSteadyRule steady; /* empty where it is not used */
    RunRule steady_rule;
    const DlcaBlockWords *words;
    uint64_t *current, *next; /* [blocks.words] */
    int64_t tile_plane;       /* words from a channel to the next in a tile's buffer */
    Worker *worker;           /* [plan.threads] */
    uint64_t *row_mask;       /* [frame + rows + frame] bits that are not outside, as far as that matters */
    uint64_t *column_mask;    /* [frame + columns + frame][8] the same for words */
    uint64_t *count_mask;     /* [columns][8] words that are cells */
    uint64_t fire_threshold;
    int64_t step;
    int64_t undisturbed; /* steps since bits were set */
    bool edges;          /* rows at the edge read the other edge: no rows of a frame are needed */
};

#endif
