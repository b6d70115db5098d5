/* picture_task.h - a user's picture as a task, and how a model file remembers it. Leaves alone: reading the picture
 * (picture_target.h), the shape of the model (picture_model.h). */
#ifndef DLCA_PICTURE_TASK_H
#define DLCA_PICTURE_TASK_H

#include "../src/model_file.h"
#include "task.h"

#define DLCA_PICTURE_TASK "image"

/* A task that no table names: the grid, steps and bits of `config`, a start, a target [H][W][S] of 0/1 bytes (copied),
 * colours. Free with dlca_task_free in any case. */
bool dlca_task_from_picture(DlcaTask *task, const DlcaConfig *config, DlcaStart start, const uint8_t *target,
                            const DlcaPalette *palette, DlcaError *error);

const char *dlca_start_name(DlcaStart start); /* "random", "all", "seed", "zeros" */

/* Start and colours as notes of a model file; nothing for a task without a palette. */
bool dlca_picture_notes_add(const DlcaTask *task, DlcaModelExtras *extras, DlcaError *error);

/* True when the notes of a file say both, soundly. */
bool dlca_picture_notes_read(const DlcaModelExtras *extras, DlcaStart *start, DlcaPalette *palette);

#endif
