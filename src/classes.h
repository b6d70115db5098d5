/* classes.h - cells that have had the same history, which are computed once.
 *
 * Where a rollout always begins with the same states (one seed cell, or zeros), most cells look alike for many steps.
 * Two cells are in one class at step 0 when their states are equal, and at step t+1 when their nine neighbours are, one
 * by one, in the same classes at step t (outside the grid is a class of its own). Cells of a class have equal states,
 * exactly; so a step computes one column per class, and states and their gradients are kept per class. The gradient of
 * a class is the sum over its cells, which goes back through the one column as it is, because what it is multiplied
 * with is the same for all of them. Leaves alone: evaluating; steps at which cells fire at random. */
#ifndef DLCA_CLASSES_H
#define DLCA_CLASSES_H

#include "geometry.h"

/* What one step does. Columns are the classes after it, sources the classes before it. */
typedef struct DlcaClassStep {
    DlcaPatchPlan patches; /* of all tiles: those of the classes, then, when asked for, those of all other cells */
    int32_t tiles;         /* of the classes alone */
    int32_t columns;       /* computed, repeated ones included */
    int32_t *back_first;   /* [classes before + 1] */
    int32_t *back;         /* where the patch gradients lie whose sum is the gradient of a class before the step */
} DlcaClassStep;

typedef struct DlcaClasses {
    int32_t steps, cells;
    int32_t *count;      /* [T + 1] classes of the states at a step; NULL: there is no plan */
    int32_t *class_of;   /* [T + 1][cell] */
    DlcaClassStep *step; /* [T] */
    float *input;        /* [cell][C] the states at step 0 that all this belongs to */
    int64_t shared;      /* classes after all steps: columns that have to be computed */
} DlcaClasses;

/* Sizes of the patch gradients (tile.h), and whether columns that repeat others are computed nevertheless: the same
 * bytes, for tests and measurements of what the sharing brings. */
typedef struct DlcaClassLayout {
    size_t tile_floats, neighbour_floats;
    bool repeats;
} DlcaClassLayout;

/* input [cell][C]. */
bool dlca_classes_create(DlcaClasses *classes, const DlcaGeometry *geometry, const float *input, int32_t channels,
                         int32_t steps, DlcaClassLayout layout, DlcaError *error);
void dlca_classes_free(DlcaClasses *classes);

/* Whether the plan is for this input. */
bool dlca_classes_match(const DlcaClasses *classes, const float *input, int32_t channels);

#endif
