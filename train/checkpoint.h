/* checkpoint.h - checkpoint.safetensors: a training between two epochs as a file, and back.
 *
 * It is a model file (src/model_file.h): the model in it is the best circuit so far, so that every command that takes
 * a model takes it; beside it stand the model in training, the optimizer's moments, and as notes the position and the
 * options of the run. Specified in docs/formats.md. Leaves alone: when to save, which options may change (resume.h). */
#ifndef DLCA_CHECKPOINT_H
#define DLCA_CHECKPOINT_H

#include "../src/model_file.h"
#include "task.h"
#include "training_state.h"

/* Replaces `path` atomically and durably. `extras` has the notes of the run (resume.h) and nothing else; the rest is
 * filled in here. */
bool dlca_checkpoint_write(const char *path, const DlcaTask *task, const DlcaTrainState *state,
                           const DlcaModelExtras *notes, DlcaError *error);

/* Reads and checks the file. `state` and `extras` are to be freed in any case; what the state has, extras has not. A
 * model without a training's state, and one that another version of dlca wrote, is refused. */
bool dlca_checkpoint_read(const char *path, DlcaTrainState *state, DlcaModelExtras *extras, DlcaError *error);

/* Whether a training of this task can go on from it: the same shape, seed and target. `path` stands in messages. */
bool dlca_checkpoint_fits(const DlcaTrainState *state, const DlcaModelExtras *extras, const DlcaTask *task,
                          const char *path, DlcaError *error);

#endif
