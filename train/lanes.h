/* lanes.h - with one start, the 64 bits of a word carry 64 edits of the circuit instead of 64 starts.
 *
 * Bit i of every word follows the circuit with the edits of lane i: where gate g has operation o and lane i wants p,
 * the gate becomes o ^ (mask_i & (o ^ p)), mask_i the word with bit i alone, and o ^ p is itself one of the 16
 * operations. The masks ride along as further channels that keep their value. Leaves alone: which edits to try
 * (repair_lanes.c). */
#ifndef DLCA_LANES_H
#define DLCA_LANES_H

#include "judge.h"

enum { DLCA_LANES = 64, DLCA_LANE_EDITS = 3 };

typedef struct DlcaEdit {
    int32_t gate; /* of the model */
    uint8_t op;
} DlcaEdit;

/* One lane's edits, each of another gate. */
typedef struct DlcaProposal {
    DlcaEdit edit[DLCA_LANE_EDITS];
    int32_t edits;
} DlcaProposal;

typedef struct DlcaLaneJudge DlcaLaneJudge;

/* For a task with one start whose cells all fire; `starts` holds it. The model is kept by reference. */
DlcaLaneJudge *dlca_lane_judge_create(const DlcaModel *model, const DlcaStarts *starts, DlcaError *error);
void dlca_lane_judge_free(DlcaLaneJudge *judge);

/* wrong [lanes]: wrong cells of ops [gates] with each proposal, after `steps` steps. */
bool dlca_lane_judge_run(DlcaLaneJudge *judge, const uint8_t *ops, const DlcaProposal *proposals, int32_t lanes,
                         int32_t steps, int64_t wrong[DLCA_LANES], DlcaError *error);

#endif
