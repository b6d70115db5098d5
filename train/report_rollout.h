/* report_rollout.h - one rollout kept step by step, and how wrong 64 starts are at each: what the report animates.
 *
 * Goes on beyond the trained steps, to show whether the pattern stays. Leaves alone: drawing (the page's script). */
#ifndef DLCA_REPORT_ROLLOUT_H
#define DLCA_REPORT_ROLLOUT_H

#include "task.h"

typedef struct DlcaRolloutRecord {
    int32_t steps;      /* recorded, the start is step 0; the trained number of them at least */
    int32_t starts;     /* 1 when all starts and their firing are alike, else 64 */
    size_t frame_bytes; /* of H * W * S bits: bit i of a frame is bit i % 8 of byte i / 8 */
    uint8_t *frames;    /* [steps + 1][frame_bytes] the scored bits of one start */
    uint8_t *targets;   /* [steps + 1][frame_bytes] what each frame is compared with */
    double *step;       /* [steps + 1] 0, 1, 2, ... */
    double *mean_wrong; /* [steps + 1] wrong cells, mean of the starts */
    double *most_wrong; /* [steps + 1] wrong cells of the worst start */
} DlcaRolloutRecord;

/* Runs `rule` from starts that training never saw, with firing of its own. `further` steps beyond the trained ones, or
 * fewer, so that the frames stay small. Frees nothing that was there before. */
bool dlca_rollout_record(DlcaRolloutRecord *record, const DlcaTask *task, const DlcaCircuit *rule, uint64_t seed,
                         int32_t further, DlcaError *error);
void dlca_rollout_record_free(DlcaRolloutRecord *record); /* leaves it empty */

#endif
