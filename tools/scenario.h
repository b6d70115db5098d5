/* scenario.h - one way to try a rule beyond what it was trained for: size, steps, firing, starts, damage.
 *
 * 64 starts a block, as everywhere on the hard side. Leaves alone: which scenarios there are, and the table. */
#ifndef DLCA_SCENARIO_H
#define DLCA_SCENARIO_H

#include "../train/task.h"

typedef enum ScenarioStart { START_AS_TRAINED, START_ZEROS, START_ONES, START_SPARSE, START_DENSE } ScenarioStart;

typedef enum ScenarioDamage {
    DAMAGE_NONE,
    DAMAGE_BLOCK, /* half of the sides, in the middle: every bit drawn anew, once */
    DAMAGE_FLIPS, /* 10 % of the cells: every bit drawn anew, once */
    DAMAGE_STUCK  /* 2 % of the cells keep what they have for ever, and do not count */
} ScenarioDamage;

typedef struct Scenario {
    const char *name;
    int32_t height, width; /* 0: as trained */
    int64_t steps;         /* looked at in all */
    double fire_rate;      /* 0: as trained */
    ScenarioStart start;
    ScenarioDamage damage;
    int64_t damage_after; /* steps */
    bool any_phase;       /* the pattern may come out shifted: the best of 4 x 4 shifts counts, per start */
} Scenario;

typedef struct ScenarioResult {
    int64_t starts;
    int64_t right_at_end;      /* starts without a wrong cell after the last step */
    int64_t settled;           /* step from which on every start stays right to the end; -1: not */
    double wrong_cells_at_end; /* per start */
    int64_t longest_hold;      /* steps after the trained one for which every start was right; -1: wrong at it */
} ScenarioResult;

/* `task` as trained (its target has the trained size). An error of DLCA_BAD_INPUT kind: the scenario does not apply. */
bool scenario_run(const Scenario *scenario, const DlcaTask *task, const DlcaCircuit *rule, uint64_t seed,
                  int32_t blocks, ScenarioResult *result, DlcaError *error);

#endif
