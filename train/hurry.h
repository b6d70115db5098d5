/* hurry.h - makes a right circuit right earlier, for tasks whose cells fire at random.
 *
 * Such a circuit is late on some firings: of rules that come to be right about half as many starts are still wrong with
 * each further step. So a rule that is right earlier on most is right in time on nearly all, and how early it is can be
 * measured on few starts where how often it is late cannot. The search is that of repair.h, at a step so early that
 * many starts are still wrong. Leaves alone: whether the result is early enough (loop_judge.c). */
#ifndef DLCA_HURRY_H
#define DLCA_HURRY_H

#include "repair.h"

/* Where the starts come from: those of `key` are searched on, those of `next_key` tell how early the result is. */
typedef struct DlcaHurryDraws {
    uint64_t seed;
    uint32_t epoch, key, next_key;
    const DlcaStarts *with; /* of other grids, searched on as well (the benches hold them: judge.h); NULL: none */
} DlcaHurryDraws;

/* A search that leaves more than this part of the wrong starts will not come far when it is repeated. */
#define DLCA_HURRY_GAIN 0.8

/* ops [gates] become what the search finds, when fewer starts are wrong twice dlca_late_steps before the trained one;
 * *earlier: by so much that another search is worth it. `budget`: of the search; adds to *evaluations. */
bool dlca_hurry_run(DlcaRepair *repair, DlcaBench *bench, const DlcaTask *task, DlcaRepairBudget budget,
                    DlcaHurryDraws draws, uint8_t *ops, bool *earlier, int64_t *evaluations, DlcaError *error);

#endif
