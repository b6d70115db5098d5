/* scenario.h - one way to try a rule beyond what it was trained for: size, steps, firing, starts, damage.
 *
 * 64 starts a block, as everywhere on the hard side. Leaves alone: which scenarios there are (evaluation.h), tables. */
#ifndef DLCA_SCENARIO_H
#define DLCA_SCENARIO_H

#include "task.h"

typedef enum DlcaScenarioStart {
    DLCA_STARTS_AS_TRAINED,
    DLCA_STARTS_ZEROS,
    DLCA_STARTS_ONES,
    DLCA_STARTS_SPARSE, /* one bit in eight is 1 */
    DLCA_STARTS_DENSE   /* seven in eight */
} DlcaScenarioStart;

typedef enum DlcaScenarioDamage {
    DLCA_DAMAGE_NONE,
    DLCA_DAMAGE_BLOCK, /* half of the sides, in the middle: every bit drawn anew, once */
    DLCA_DAMAGE_FLIPS, /* 10 % of the cells: every bit inverted, once */
    DLCA_DAMAGE_STUCK  /* 2 % of the cells: every bit drawn anew, and kept for ever; they do not count */
} DlcaScenarioDamage;

typedef struct DlcaScenario {
    char name[64];
    int32_t height, width; /* 0: as trained */
    int64_t steps;         /* looked at in all */
    double fire_rate;      /* 0: as trained */
    DlcaScenarioStart start;
    DlcaScenarioDamage damage;
    int64_t damage_after; /* steps */
    bool any_phase;       /* the pattern may come out shifted: for each start the best of 4 x 4 shifts counts */
} DlcaScenario;

typedef struct DlcaScenarioResult {
    int64_t starts;
    int64_t right_at_end;      /* starts without a wrong cell after the last step */
    int64_t shifted_at_end;    /* those that are so in some of the 4 x 4 shifts of the target */
    double wrong_cells_at_end; /* per start */
    /* Steps, since the start or the damage, from which on a start is right to the end: half of them, all; -1: not. */
    int64_t half_settled, all_settled;
    int64_t longest_hold; /* steps after the trained one for which every start was right; -1: wrong at it */
    int64_t steps;
    double *wrong; /* [steps + 1] wrong cells per start after each step */
} DlcaScenarioResult;

/* `task` as trained (its target has the trained size). An error of DLCA_BAD_INPUT kind: the scenario does not apply. */
bool dlca_scenario_run(const DlcaScenario *scenario, const DlcaTask *task, const DlcaCircuit *rule, uint64_t seed,
                       int32_t blocks, DlcaScenarioResult *result, DlcaError *error);
void dlca_scenario_result_free(DlcaScenarioResult *result); /* an empty one is fine */

#endif
