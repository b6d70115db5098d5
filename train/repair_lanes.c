/* repair_lanes.c - greedy search, then annealing, 64 proposals to a run of the rollout.
 *
 * The greedy pass goes through every single change of the live circuit; the best of a group that helps is taken. A
 * chain of the annealing draws 64 proposals from where it stands and goes where the best of them leads, uphill as its
 * temperature allows; so it drifts over the many changes that cost nothing. */
#include "repair_lanes.h"

#include <math.h>
#include <string.h>

typedef struct Chain {
    DlcaRandom random;
    int64_t wrong, best_wrong; /* cells */
    int32_t live;
    bool failed;
} Chain;

static int32_t lowest(const int64_t *wrong, int32_t lanes) {
    int32_t best = 0;
    for (int32_t lane = 1; lane < lanes; lane++) {
        best = wrong[lane] < wrong[best] ? lane : best;
    }
    return best;
}

/* ---- greedy ---- */

/* Judges candidates at .. at+count-1; *winner is the one with the fewest wrong cells, the earliest of equals. */
static bool judge_group(DlcaRepair *repair, int32_t slot, const uint8_t *ops, int32_t at, int32_t count, int32_t steps,
                        int32_t *winner, int64_t *fewest) {
    DlcaProposal proposals[DLCA_LANES];
    int64_t wrong[DLCA_LANES];
    for (int32_t i = 0; i < count; i++) {
        const DlcaCandidate candidate = repair->candidates[at + i];
        proposals[i] = (DlcaProposal){{{candidate.gate, candidate.op}}, 1};
    }
    if (!dlca_lane_judge_run(repair->lanes[slot], ops, proposals, count, steps, wrong, NULL)) {
        return false;
    }
    *winner = at + lowest(wrong, count);
    *fewest = wrong[*winner - at];
    return true;
}

typedef struct GreedyGroups {
    DlcaRepair *repair;
    const uint8_t *ops;
    int32_t at, end, steps; /* candidates of all groups: from `at`, before `end` */
    int32_t winner[DLCA_REPAIR_CHAINS];
    int64_t fewest[DLCA_REPAIR_CHAINS];
    bool judged[DLCA_REPAIR_CHAINS];
} GreedyGroups;

static void judge_greedy_group(void *context, int32_t g) {
    GreedyGroups *groups = context;
    const int32_t first = groups->at + g * DLCA_LANES, rest = groups->end - first;
    groups->judged[g] = judge_group(groups->repair, g, groups->ops, first, rest < DLCA_LANES ? rest : DLCA_LANES,
                                    groups->steps, &groups->winner[g], &groups->fewest[g]);
}

static bool greedy(DlcaRepair *repair, int32_t steps, int32_t budget, uint8_t *ops, int64_t *wrong,
                   int64_t *evaluations) {
    const int32_t listed = dlca_repair_candidates(repair, ops), count = listed < budget ? listed : budget;
    const int32_t stride = DLCA_LANES * DLCA_REPAIR_CHAINS;
    for (int32_t at = 0; at<count && * wrong> 0; at += stride) {
        const int32_t left = count - at < stride ? count - at : stride;
        const int32_t groups = (left + DLCA_LANES - 1) / DLCA_LANES;
        GreedyGroups judging = {.repair = repair, .ops = ops, .at = at, .end = at + left, .steps = steps};
        dlca_threads_each(repair->team, groups, judge_greedy_group, &judging);
        const int32_t *winner = judging.winner;
        const int64_t *fewest = judging.fewest;
        const bool *judged = judging.judged;
        *evaluations += left;
        for (int32_t g = 0; g < groups; g++) {
            if (!judged[g]) {
                return false;
            }
        }
        const int32_t best = lowest(fewest, groups);
        if (fewest[best] < *wrong) {
            *wrong = fewest[best];
            ops[repair->candidates[winner[best]].gate] = repair->candidates[winner[best]].op;
        }
    }
    return true;
}

/* ---- annealing ---- */

static bool names(const DlcaProposal *proposal, int32_t gate) {
    for (int32_t i = 0; i < proposal->edits; i++) {
        if (proposal->edit[i].gate == gate) {
            return true;
        }
    }
    return false;
}

/* One to three live gates, the square of a uniform draw favouring the uncertain ones. */
static DlcaProposal propose(const DlcaRepair *repair, int32_t chain, Chain *state) {
    DlcaProposal proposal = {0};
    const int32_t changes = 1 + (int32_t)dlca_random_below(&state->random, DLCA_LANE_EDITS);
    for (int32_t i = 0; i < changes; i++) {
        const double draw = dlca_random_unit(&state->random);
        const int32_t gate = repair->live[chain][(int32_t)(draw * draw * (double)state->live)];
        const int turn = 1 + (int)dlca_random_below(&state->random, DLCA_OPS - 1);
        if (!names(&proposal, gate)) {
            proposal.edit[proposal.edits++] = (DlcaEdit){gate, (uint8_t)((repair->ops[chain][gate] + turn) % DLCA_OPS)};
        }
    }
    return proposal;
}

static void follow(DlcaRepair *repair, int32_t chain, Chain *state, const DlcaProposal *proposal, int64_t wrong) {
    uint8_t *ops = repair->ops[chain];
    for (int32_t i = 0; i < proposal->edits; i++) {
        ops[proposal->edit[i].gate] = proposal->edit[i].op;
    }
    dlca_hardener_circuit(repair->bench[chain].hardener, ops);
    state->live = dlca_repair_rank(repair, chain);
    state->wrong = wrong;
    if (wrong < state->best_wrong) {
        state->best_wrong = wrong;
        memcpy(repair->best[chain], ops, (size_t)repair->model->gates);
    }
}

static void anneal_once(DlcaRepair *repair, int32_t steps, int32_t chain, Chain *state, double temperature) {
    DlcaProposal proposals[DLCA_LANES];
    int64_t wrong[DLCA_LANES];
    for (int32_t lane = 0; lane < DLCA_LANES; lane++) {
        proposals[lane] = propose(repair, chain, state);
    }
    if (!dlca_lane_judge_run(repair->lanes[chain], repair->ops[chain], proposals, DLCA_LANES, steps, wrong, NULL)) {
        state->failed = true;
        return;
    }
    const int32_t best = lowest(wrong, DLCA_LANES);
    const double rise = (double)(wrong[best] - state->wrong), draw = dlca_random_unit(&state->random);
    if (rise <= 0.0 || (temperature > 0.0 && draw < exp(-rise / temperature))) {
        follow(repair, chain, state, &proposals[best], wrong[best]);
    }
}

static void start_chain(DlcaRepair *repair, int32_t chain, Chain *state, const uint8_t *ops, int64_t wrong,
                        uint64_t seed, uint32_t epoch) {
    const size_t gates = (size_t)repair->model->gates;
    *state = (Chain){.random = dlca_random_stream(seed, DLCA_RANDOM_REPAIR, epoch, (uint32_t)chain),
                     .wrong = wrong,
                     .best_wrong = wrong};
    memcpy(repair->ops[chain], ops, gates);
    memcpy(repair->best[chain], ops, gates);
    dlca_hardener_circuit(repair->bench[chain].hardener, ops);
    state->live = dlca_repair_rank(repair, chain);
}

typedef struct AnnealingRound {
    DlcaRepair *repair;
    Chain *chains;
    double temperature;
    int32_t steps;
} AnnealingRound;

static void anneal_chain(void *context, int32_t c) {
    const AnnealingRound *annealing = context;
    Chain *chain = &annealing->chains[c];
    if (!chain->failed && chain->live > 0) {
        anneal_once(annealing->repair, annealing->steps, c, chain, annealing->temperature);
    }
}

static bool anneal(DlcaRepair *repair, int32_t steps, int32_t budget, uint64_t seed, uint32_t epoch, uint8_t *ops,
                   int64_t *wrong, int64_t *evaluations) {
    Chain chains[DLCA_REPAIR_CHAINS];
    const int32_t rounds = budget / (DLCA_REPAIR_CHAINS * DLCA_LANES);
    const double hot = DLCA_REPAIR_TEMPERATURE * (double)*wrong;
    for (int32_t c = 0; c < DLCA_REPAIR_CHAINS; c++) {
        start_chain(repair, c, &chains[c], ops, *wrong, seed, epoch);
        if (chains[c].live == 0) {
            return true; /* nothing that could be changed */
        }
    }
    int32_t best = 0;
    for (int32_t round = 0; round < rounds && chains[best].best_wrong > 0; round++) {
        AnnealingRound annealing = {repair, chains, hot * (1.0 - (double)round / (double)rounds), steps};
        dlca_threads_each(repair->team, DLCA_REPAIR_CHAINS, anneal_chain, &annealing);
        *evaluations += (int64_t)DLCA_REPAIR_CHAINS * DLCA_LANES;
        for (int32_t c = 0; c < DLCA_REPAIR_CHAINS; c++) {
            if (chains[c].failed) {
                return false;
            }
            best = chains[c].best_wrong < chains[best].best_wrong ? c : best;
        }
    }
    memcpy(ops, repair->best[best], (size_t)repair->model->gates);
    *wrong = chains[best].best_wrong;
    return true;
}

bool dlca_repair_lanes(DlcaRepair *repair, const DlcaStarts *starts, int32_t steps, DlcaRepairBudget budget,
                       uint64_t seed, uint32_t epoch, uint8_t *ops, DlcaHardScore *score, int64_t *evaluations,
                       DlcaError *error) {
    for (int32_t c = 0; c < DLCA_REPAIR_CHAINS; c++) {
        if (!repair->lanes[c]) {
            repair->lanes[c] = dlca_lane_judge_create(repair->model, starts, error);
        }
        if (!repair->lanes[c]) {
            return false;
        }
    }
    int64_t wrong = score->wrong_cells;
    bool done = greedy(repair, steps, budget.greedy, ops, &wrong, evaluations);
    if (done && wrong > 0) {
        done = anneal(repair, steps, budget.annealing, seed, epoch, ops, &wrong, evaluations);
    }
    if (!done) {
        return dlca_fail(error, DLCA_FAILED, "no memory to repair a circuit");
    }
    const DlcaCircuit *circuit = dlca_hardener_circuit(repair->bench[0].hardener, ops);
    return dlca_judge(&repair->bench[0], starts, circuit, steps, score, error);
}
