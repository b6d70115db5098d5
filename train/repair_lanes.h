/* repair_lanes.h - the repair search where there is one start: each run of the rollout judges 64 proposals. */
#ifndef DLCA_REPAIR_LANES_H
#define DLCA_REPAIR_LANES_H

#include "repair.h"

/* As dlca_repair_run, which calls it; an evaluation is one proposal, 64 to a run. */
bool dlca_repair_lanes(DlcaRepair *repair, const DlcaStarts *starts, int32_t steps, DlcaRepairBudget budget,
                       uint64_t seed, uint32_t epoch, uint8_t *ops, DlcaHardScore *score, int64_t *evaluations,
                       DlcaError *error);

#endif
