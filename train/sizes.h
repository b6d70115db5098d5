/* sizes.h - a rule for grids of any size: what it is judged on beside the trained grid.
 *
 * A grid of 16x16 cells does not tell a rule from which edge to take its bearings: a pattern of period 4 looks the same
 * from each. Grids a few cells larger do. Order walks a cell a step, so each gets twice as many further steps as it has
 * further cells a side, and eight times as many where cells fire at random. There a rule may take its bearings from
 * whichever edges it likes: asked for the phase that the upper left corner has, 2 of 7 seeds were accepted within 800
 * epochs, and 14 of 15 in any phase. Leaves alone: training, which sees the trained grid alone. */
#ifndef DLCA_SIZES_H
#define DLCA_SIZES_H

#include "judge.h"

enum { DLCA_SIZES = 3 };

typedef struct DlcaSizes {
    DlcaTask task[DLCA_SIZES];     /* with the steps of their size */
    DlcaStarts starts[DLCA_SIZES]; /* to repair on; each judged with the next */
    uint8_t *pattern[DLCA_SIZES];  /* [H + 3][W + 3][S] where cells fire at random: the target is a window of it */
    int32_t phase[DLCA_SIZES];     /* the window's place: row phase / 4, column phase % 4 */
} DlcaSizes;

/* Whether this task has other sizes. */
bool dlca_sizes_apply(const DlcaTask *task, DlcaError *error);

/* Of the starts, and of so many grids for each size. */
size_t dlca_sizes_bytes(const DlcaTask *task, int32_t blocks, size_t grids);
bool dlca_sizes_create(DlcaSizes *sizes, const DlcaTask *task, uint64_t seed, int32_t blocks, DlcaError *error);
void dlca_sizes_free(DlcaSizes *sizes);

/* Where cells fire at random: the target of each size becomes that phase of the pattern to which the circuit comes
 * closest after `steps` steps of the trained grid. `bench`: of the first size, with the others. */
bool dlca_sizes_settle(DlcaSizes *sizes, DlcaBench *bench, const DlcaCircuit *circuit, int32_t steps, DlcaError *error);

/* *right: on fresh starts of every size, and for as many further steps as were trained. */
bool dlca_sizes_judge(const DlcaSizes *sizes, const DlcaCircuit *circuit, uint64_t seed, uint32_t epoch, bool *right,
                      DlcaError *error);

#endif
