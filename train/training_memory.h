/* training_memory.h - what training takes besides its backend: batches, the grids in which circuits are judged, the
 * state that is saved. Beside a grid of a million cells that is a third of all. Leaves alone: the backend's own plan.
 */
#ifndef DLCA_TRAINING_MEMORY_H
#define DLCA_TRAINING_MEMORY_H

#include "../src/memory_plan.h"
#include "loop.h"

/* Whether circuits on grids of this task are repaired: 8 chains with grids of their own would take gigabytes beyond. */
bool dlca_training_repairs(const DlcaTask *task, const DlcaRecipe *recipe);

/* Whether what repair leaves is mended with spare gates, and for how many steps after the trained one. */
bool dlca_training_patches(const DlcaTask *task, const DlcaRecipe *recipe);
int32_t dlca_training_patch_steps(const DlcaTask *task, const DlcaRecipe *recipe);

void dlca_training_memory_add(const DlcaModel *model, const DlcaTask *task, const DlcaRecipe *recipe,
                              DlcaMemoryPlan *plan);

#endif
