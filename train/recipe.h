/* recipe.h - how a task is trained: the paper's way, or ours. Every number that the loop needs, with its reason.
 *
 * What differs between tasks follows from size, steps and starts, never from a task's name. Leaves alone: the loop. */
#ifndef DLCA_RECIPE_H
#define DLCA_RECIPE_H

#include "../src/backend.h"
#include "repair.h"

typedef struct DlcaRecipe {
    float pass;             /* logit of operation A at the start */
    DlcaAdamW adamw;
    bool accepts;           /* stops at a circuit that is exact and holds; otherwise trains every epoch */
    int64_t restart_after;  /* epochs, then new wiring and new logits; 0: never */
    int32_t judge_steps;    /* steps after which the judge looks at the fixed starts */
    int32_t judge_starts;   /* fixed starts */
    double repair_below;    /* part of wrong cells under which a repair is tried; 0: never */
    DlcaRepairBudget repair;
    int32_t fresh_starts;   /* a result is accepted and reported on so many */
    int32_t hold_factor;    /* and has to stay right for so many times the trained steps */
} DlcaRecipe;

DlcaRecipe dlca_recipe(const DlcaTask *task, bool paper);

#endif
