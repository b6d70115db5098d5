/* repair.h - search among the neighbours of a nearly right circuit: other operations, same wires.
 *
 * First greedy: every live gate with each other operation, the least certain first; what lowers the number of wrong
 * cells stays. Then annealing: chains that change one to three gates at once, biased to uncertain ones; what came close
 * is annealed again, from there, while that gains. What costs nothing is accepted freely, so circuits would fill with
 * gates that do nothing for the score, and those that came of it were slow to run and right on few other starts: a gate
 * therefore costs some wrong cells. The soft model is left alone. Counted in evaluations, not seconds, and spread over
 * a fixed number of chains whatever the number of threads, so that it gives the same result everywhere.
 * Leaves alone: whether the result holds on other starts. */
#ifndef DLCA_REPAIR_H
#define DLCA_REPAIR_H

#include "../src/threads.h"
#include "known_scores.h"
#include "lanes.h"

enum { DLCA_REPAIR_CHAINS = 8 };

/* Start of the annealing temperature, in parts of the wrong cells at its start (measured in a prototype: 20 of 20
 * checkerboards). */
#define DLCA_REPAIR_TEMPERATURE 0.08

/* A turn of annealing that leaves more than this part of the wrong cells has gained nothing worth another. */
#define DLCA_REPAIR_GAIN 0.95

typedef struct DlcaCandidate {
    float margin; /* what the operation lacks to the most probable one */
    int32_t gate;
    uint8_t op;
} DlcaCandidate;

typedef struct DlcaRepair {
    const DlcaModel *model;
    DlcaThreads *team;
    DlcaBench bench[DLCA_REPAIR_CHAINS];
    uint8_t *ops[DLCA_REPAIR_CHAINS];     /* [gates] each chain's candidate */
    uint8_t *best[DLCA_REPAIR_CHAINS];    /* [gates] the best that a chain has seen */
    uint64_t *marked[DLCA_REPAIR_CHAINS]; /* [gates / 64, rounded up] bits, zero between uses */
    int32_t *live[DLCA_REPAIR_CHAINS]; /* [gates] gates that matter in a chain's present circuit, least certain first */
    int32_t *certain; /* [gates] all gates; first where the most probable operation is least ahead of the second */
    int32_t *rank;    /* [gates] a gate's place among those */
    DlcaCandidate *candidates; /* [gates * 16] of the greedy pass */
    DlcaKnownScores known[DLCA_REPAIR_CHAINS];
    DlcaLaneJudge *lanes[DLCA_REPAIR_CHAINS]; /* made when a task has one start */
} DlcaRepair;

typedef struct DlcaRepairBudget {
    int32_t greedy, annealing; /* evaluations at most, of one pass and of one turn */
    int32_t turns;             /* of annealing, at most, each from the best so far */
    int32_t idle;              /* turns without gain after which it ends */
    int64_t close;             /* wrong cells: with as many or more there is only one turn */
    double gate_cost;          /* wrong cells that a gate more must be worth in annealing; not where lanes.h judges */
} DlcaRepairBudget;

bool dlca_repair_create(DlcaRepair *repair, const DlcaModel *model, int32_t threads, DlcaError *error);
void dlca_repair_free(DlcaRepair *repair);

/* Changes ops [gates] to the best found and *score with it; ends when no cell is wrong after `steps` steps. `epoch`
 * keys the draws. Adds to *evaluations. */
bool dlca_repair_run(DlcaRepair *repair, const DlcaStarts *starts, int32_t steps, DlcaRepairBudget budget,
                     uint64_t seed, uint32_t epoch, uint8_t *ops, DlcaHardScore *score, int64_t *evaluations,
                     DlcaError *error);

/* For repair_lanes.c. Fills candidates with every other operation of every live gate of ops, least margin first;
 * returns their number. */
int32_t dlca_repair_candidates(DlcaRepair *repair, const uint8_t *ops);
/* The live gates of the circuit that a chain's hardener built last, least certain first, into live[chain]; returns
 * their number. */
int32_t dlca_repair_rank(DlcaRepair *repair, int32_t chain);

#endif
