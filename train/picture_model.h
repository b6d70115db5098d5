/* picture_model.h - the shape of a model for a picture of some size: the rules, and what a training costs.
 *
 * The rules give the tasks of the published work their own layers: 16x16 cells in 8 colours from zeros, the lizard of
 * 20x20 cells from one cell, and the small ones of both. Leaves alone: reading pictures, options. */
#ifndef DLCA_PICTURE_MODEL_H
#define DLCA_PICTURE_MODEL_H

#include "task.h"

typedef struct DlcaPictureWishes {
    int64_t channels, steps; /* 0: by the rules */
    DlcaStart start;         /* seed, zeros or random */
    bool periodic, asynchronous, small;
    uint64_t seed;
} DlcaPictureWishes;

/* Fills `config` for a target of height x width cells with `scored` bits each. A message names the option. */
bool dlca_picture_model(DlcaConfig *config, int32_t height, int32_t width, int32_t scored,
                        const DlcaPictureWishes *wishes, DlcaError *error);

/* An epoch forward, in evaluations of a gate for one cell and step; and the bytes of the states that it keeps. */
double dlca_picture_gate_evaluations(const DlcaConfig *config);
double dlca_picture_state_bytes(const DlcaConfig *config);

#endif
