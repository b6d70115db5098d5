/* sizes.h - a rule for grids of any size: what it is judged on beside the trained grid.
 *
 * A grid of 16x16 cells does not tell a rule from which edge to take its bearings: a pattern of period 4 looks the same
 * from each. Grids a few cells larger do. Order walks a cell a step, so each gets twice as many further steps as it has
 * further cells a side. Leaves alone: training, which sees the trained grid alone. */
#ifndef DLCA_SIZES_H
#define DLCA_SIZES_H

#include "judge.h"

enum { DLCA_SIZES = 3 };

typedef struct DlcaSizes {
    DlcaTask task[DLCA_SIZES];     /* with the steps of their size */
    DlcaStarts starts[DLCA_SIZES]; /* to repair on; each judged with the next */
} DlcaSizes;

/* Whether this task has other sizes and all its cells fire; `of` what it is otherwise goes into the error. */
bool dlca_sizes_apply(const DlcaTask *task, DlcaError *error);

/* Of the starts, and of so many grids for each size. */
size_t dlca_sizes_bytes(const DlcaTask *task, int32_t blocks, size_t grids);
bool dlca_sizes_create(DlcaSizes *sizes, const DlcaTask *task, uint64_t seed, int32_t blocks, DlcaError *error);
void dlca_sizes_free(DlcaSizes *sizes);

/* *right: on fresh starts of every size, and for as many further steps as were trained. */
bool dlca_sizes_judge(const DlcaSizes *sizes, const DlcaCircuit *circuit, uint64_t seed, uint32_t epoch, bool *right,
                      DlcaError *error);

#endif
