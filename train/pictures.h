/* pictures.h - the pictures of a run: frames/step_NNN.png and rollout.gif. Leaves alone: training. */
#ifndef DLCA_PICTURES_H
#define DLCA_PICTURES_H

#include "task.h"

typedef struct DlcaPictureOptions {
    uint64_t seed;      /* of the start and the firing */
    bool all_frames;    /* every `every` steps, not just the last */
    int32_t every;      /* steps, >= 1 */
    const char *folder; /* of the run */
} DlcaPictureOptions;

/* Runs `rule` from a start that training never saw, for the trained steps, and writes folder/rollout.gif with the
 * target beside it and folder/frames/step_NNN.png. */
bool dlca_pictures_write(const DlcaTask *task, const DlcaCircuit *rule, const DlcaPictureOptions *options,
                         DlcaError *error);

#endif
