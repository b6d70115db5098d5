/* recipe.h - how a task is trained: the paper's way, or ours. Every number that the loop needs, with its reason.
 *
 * What differs between tasks follows from size, steps and starts, never from a task's name. Leaves alone: the loop. */
#ifndef DLCA_RECIPE_H
#define DLCA_RECIPE_H

#include "../src/backend.h"
#include "repair.h"

/* A circuit with more wrong cells than this part of the best constant answer's has not learned its picture: what mended
 * it would be the picture, not its last cells. */
#define DLCA_PATCH_BELOW 0.35

typedef struct DlcaRecipe {
    DlcaGateStart start;
    DlcaAdamW adamw;
    bool accepts;          /* stops at a circuit that is exact and holds; otherwise trains every epoch */
    int64_t restart_after; /* epochs, then new wiring and new logits; 0: never */
    bool patient;          /* not while the attempt still promises something (patience.h) */
    int64_t harden_from;   /* epoch of an attempt from which gates are hardened at random; see DlcaBatch */
    int64_t harden_ramp;   /* epochs over which the probability then rises from the first to the last */
    float harden_first, harden_last;
    /* What an epoch trains: a number of steps drawn from steps_min..steps_max, after which the loss is taken, and again
     * after each of `hold` further steps, which weigh hold_weight together where the first weighs 1. In a part `damage`
     * of the epochs the start is what the rule makes of one in 1 to steps_max steps, with a block of it randomised. */
    int32_t steps_min, steps_max, hold;
    float hold_weight, damage;
    int32_t judge_steps;  /* steps after which the judge looks at the fixed starts */
    int32_t judge_starts; /* fixed starts */
    double repair_below; /* wrong cells, in parts of those of the best constant answer, under which a repair is tried */
    int64_t repair_every;    /* epochs of an attempt between repairs; 0: never */
    DlcaRepairBudget repair; /* without `close`, which follows: */
    double repair_close;     /* in the parts of repair_below: under that a repair goes on annealing */
    DlcaRepairBudget hurry;  /* of a search for what is right earlier (hurry.h) */
    double patch_below; /* likewise, under which what repair leaves is mended with spare gates: where there is one start
                           (patch.h); 0: never */
    int32_t accept_starts; /* fresh starts on which a result is accepted: more than it is reported on, so that a wrong
                              one in ten thousand does not slip through */
    double accept_late;    /* the part of starts that may be late where cells fire at random; 0: whatever it is */
    int32_t hold_starts;   /* of those, the ones that are watched for holding */
    int32_t report_starts; /* further fresh starts on which it is reported */
    int32_t hold_factor;   /* steps looked at beyond the trained ones, in times of those */
    bool any_size;         /* right on larger grids too: repaired and accepted so (sizes.h) */
    bool must_hold;        /* accepted only when right at each of them */
} DlcaRecipe;

/* Probability of hardening in epoch `epoch` (from 1) of an attempt. */
float dlca_recipe_harden(const DlcaRecipe *recipe, int64_t epoch);

DlcaRecipe dlca_recipe(const DlcaTask *task, bool paper);

/* What a user may have asked for that cannot be. */
bool dlca_recipe_check(const DlcaRecipe *recipe, const DlcaTask *task, DlcaError *error);

#endif
