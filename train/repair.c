/* repair.c - greedy search, then annealing, over the operations of a hard circuit. */
#include "repair.h"

#include "repair_lanes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    GREEDY_BATCH = DLCA_REPAIR_CHAINS, /* candidates judged side by side; the first that improves is taken */
    ROUND = 50                         /* evaluations of a chain between looks at the others */
};

/* ---- memory ---- */

void dlca_repair_free(DlcaRepair *repair) {
    dlca_threads_destroy(repair->team);
    for (int i = 0; i < DLCA_REPAIR_CHAINS; i++) {
        dlca_bench_free(&repair->bench[i]);
        free(repair->ops[i]);
        free(repair->best[i]);
        free(repair->live[i]);
        free(repair->marked[i]);
        dlca_known_scores_free(&repair->known[i]);
        dlca_lane_judge_free(repair->lanes[i]);
    }
    free(repair->certain);
    free(repair->rank);
    free(repair->candidates);
    *repair = (DlcaRepair){0};
}

bool dlca_repair_create(DlcaRepair *repair, const DlcaModel *model, int32_t threads, DlcaError *error) {
    const size_t gates = (size_t)model->gates;
    *repair = (DlcaRepair){.model = model};
    bool enough = true;
    for (int i = 0; i < DLCA_REPAIR_CHAINS; i++) {
        repair->ops[i] = malloc(gates);
        repair->best[i] = malloc(gates);
        repair->live[i] = malloc(gates * sizeof(int32_t));
        repair->marked[i] = calloc((gates + 63) / 64, sizeof(uint64_t));
        enough = enough && repair->ops[i] && repair->best[i] && repair->live[i] && repair->marked[i];
        if (!dlca_bench_create(&repair->bench[i], model, error) ||
            !dlca_known_scores_create(&repair->known[i], dlca_model_cell_gates(model) + model->config.channels,
                                      model->config.channels, error)) {
            dlca_repair_free(repair);
            return false;
        }
    }
    repair->certain = malloc(gates * sizeof(int32_t));
    repair->rank = malloc(gates * sizeof(int32_t));
    repair->candidates = malloc(gates * DLCA_OPS * sizeof(DlcaCandidate));
    if (!enough || !repair->certain || !repair->rank || !repair->candidates) {
        dlca_repair_free(repair);
        return dlca_fail(error, DLCA_FAILED, "no memory to repair a circuit of %zu gates", gates);
    }
    repair->team = dlca_threads_create(threads < DLCA_REPAIR_CHAINS ? threads : DLCA_REPAIR_CHAINS, error);
    if (!repair->team) {
        dlca_repair_free(repair);
        return false;
    }
    return true;
}

/* ---- shared by both searches ---- */

static bool score_ops(DlcaRepair *repair, int32_t chain, const DlcaStarts *starts, int32_t steps, const uint8_t *ops,
                      int64_t most, DlcaHardScore *score) {
    DlcaBench *bench = &repair->bench[chain];
    const DlcaCircuit *circuit = dlca_hardener_circuit(bench->hardener, ops);
    return dlca_known_scores_judge(&repair->known[chain], bench, starts, circuit, steps, most, score, NULL);
}

static float largest_logit(const float *logits) {
    float most = logits[0];
    for (int op = 1; op < DLCA_OPS; op++) {
        most = logits[op] > most ? logits[op] : most;
    }
    return most;
}

static int compare_ranked(const void *left, const void *right) {
    const DlcaCandidate *a = left, *b = right;
    if (a->margin != b->margin) {
        return a->margin < b->margin ? -1 : 1;
    }
    return (a->gate > b->gate) - (a->gate < b->gate);
}

static float margin_of(const float *logits) {
    float first = -INFINITY, second = -INFINITY;
    for (int op = 0; op < DLCA_OPS; op++) {
        if (logits[op] > first) {
            second = first;
            first = logits[op];
        } else if (logits[op] > second) {
            second = logits[op];
        }
    }
    return first - second;
}

/* The list of candidates, not yet needed, is where they are sorted. */
static void rank_gates(DlcaRepair *repair) {
    const int32_t gates = (int32_t)repair->model->gates;
    for (int32_t gate = 0; gate < gates; gate++) {
        repair->candidates[gate] = (DlcaCandidate){margin_of(repair->model->logits + (size_t)gate * DLCA_OPS), gate, 0};
    }
    qsort(repair->candidates, (size_t)gates, sizeof *repair->candidates, compare_ranked);
    for (int32_t rank = 0; rank < gates; rank++) {
        repair->certain[rank] = repair->candidates[rank].gate;
        repair->rank[repair->candidates[rank].gate] = rank;
    }
}

/* ---- greedy ---- */

static int compare_candidates(const void *left, const void *right) {
    const DlcaCandidate *a = left, *b = right;
    if (a->margin != b->margin) {
        return a->margin < b->margin ? -1 : 1;
    }
    if (a->gate != b->gate) {
        return a->gate < b->gate ? -1 : 1;
    }
    return (a->op > b->op) - (a->op < b->op);
}

int32_t dlca_repair_candidates(DlcaRepair *repair, const uint8_t *ops) {
    DlcaCandidate *candidates = repair->candidates;
    dlca_hardener_circuit(repair->bench[0].hardener, ops);
    const int32_t live = dlca_hardener_live(repair->bench[0].hardener, repair->live[0]);
    int32_t count = 0;
    for (int32_t i = 0; i < live; i++) {
        const int32_t gate = repair->live[0][i];
        const float *logits = repair->model->logits + (size_t)gate * DLCA_OPS;
        const float most = largest_logit(logits);
        for (int op = 0; op < DLCA_OPS; op++) {
            if (op != ops[gate]) {
                candidates[count++] = (DlcaCandidate){most - logits[op], gate, (uint8_t)op};
            }
        }
    }
    qsort(candidates, (size_t)count, sizeof *candidates, compare_candidates);
    return count;
}

typedef struct GreedyBatch {
    DlcaRepair *repair;
    const DlcaStarts *starts;
    int32_t steps;
    const uint8_t *ops;
    const DlcaCandidate *candidates;
    int64_t fewest; /* wrong cells so far */
    DlcaHardScore scores[GREEDY_BATCH];
    bool judged[GREEDY_BATCH];
} GreedyBatch;

static void judge_candidate(void *context, int32_t i) {
    GreedyBatch *batch = context;
    const DlcaCandidate candidate = batch->candidates[i];
    uint8_t *ops = batch->repair->ops[i];
    ops[candidate.gate] = candidate.op;
    batch->judged[i] =
        score_ops(batch->repair, i, batch->starts, batch->steps, ops, batch->fewest - 1, &batch->scores[i]);
    ops[candidate.gate] = batch->ops[candidate.gate];
}

/* One pass over the candidates, GREEDY_BATCH at a time. Every slot's ops are kept equal to `ops` between batches. */
static bool greedy(DlcaRepair *repair, const DlcaStarts *starts, int32_t steps, int32_t budget, uint8_t *ops,
                   DlcaHardScore *score, int64_t *evaluations) {
    const DlcaCandidate *candidates = repair->candidates;
    const int32_t listed = dlca_repair_candidates(repair, ops);
    const int32_t count = listed < budget ? listed : budget;
    for (int i = 0; i < GREEDY_BATCH; i++) {
        memcpy(repair->ops[i], ops, (size_t)repair->model->gates);
    }
    for (int32_t at = 0; at < count && score->wrong_cells > 0;) {
        const int32_t batch = count - at < GREEDY_BATCH ? count - at : GREEDY_BATCH;
        GreedyBatch judging = {.repair = repair,
                               .starts = starts,
                               .steps = steps,
                               .ops = ops,
                               .candidates = candidates + at,
                               .fewest = score->wrong_cells};
        dlca_threads_each(repair->team, batch, judge_candidate, &judging);
        const DlcaHardScore *scores = judging.scores;
        const bool *judged = judging.judged;
        *evaluations += batch;
        int32_t taken = 0;
        while (taken < batch && judged[taken] && scores[taken].wrong_cells >= score->wrong_cells) {
            taken++;
        }
        at += batch;
        if (taken == batch) {
            continue;
        }
        if (!judged[taken]) {
            return false;
        }
        at += taken + 1 - batch; /* those behind it are judged again, on top of it */
        const DlcaCandidate candidate = candidates[at - 1];
        *score = scores[taken];
        ops[candidate.gate] = candidate.op;
        for (int i = 0; i < GREEDY_BATCH; i++) {
            repair->ops[i][candidate.gate] = candidate.op;
        }
    }
    return true;
}

/* ---- annealing ---- */

typedef struct Chain {
    DlcaRandom random;
    int64_t wrong, best_wrong; /* cells */
    DlcaHardScore best_score;
    int32_t gates, best_gates; /* of the circuits of `wrong` and `best_wrong` */
    int32_t live;
    bool failed;
} Chain;

/* A change that is taken ranks the gates anew, and most changes that cost nothing are: sorting them took a fifth of a
 * repair. So all are sorted once, and the live ones read off in that order. */
int32_t dlca_repair_rank(DlcaRepair *repair, int32_t chain) {
    int32_t *live = repair->live[chain];
    uint64_t *marked = repair->marked[chain];
    const int32_t found = dlca_hardener_live(repair->bench[chain].hardener, live);
    for (int32_t i = 0; i < found; i++) {
        const int32_t rank = repair->rank[live[i]];
        marked[rank / 64] |= (uint64_t)1 << (rank % 64);
    }
    int32_t count = 0;
    for (int32_t word = 0; count < found; word++) {
        for (uint64_t left = marked[word]; left; left &= left - 1) {
            live[count++] = repair->certain[64 * word + __builtin_ctzll(left)];
        }
        marked[word] = 0;
    }
    return count;
}

/* What a proposal is judged under: the chain's temperature and what a gate costs, in wrong cells. */
typedef struct Climate {
    double temperature, gate_cost;
} Climate;

/* Most wrong cells with which a proposal of so many gates is taken: it may cost the chain (gates counted in) what a
 * draw from an exponential distribution allows, so that a rise is taken with probability exp(-rise / temperature). */
static int64_t most_taken(const Chain *state, int32_t gates, Climate climate, double draw) {
    const double allowed = climate.temperature > 0.0 ? -climate.temperature * log(draw) : 0.0;
    return (int64_t)floor((double)state->wrong + climate.gate_cost * (double)(state->gates - gates) + allowed);
}

static bool is_better(int64_t wrong, int32_t gates, int64_t best_wrong, int32_t best_gates) {
    return wrong < best_wrong || (wrong == best_wrong && gates < best_gates);
}

/* One proposal: one to three live gates, the square of a uniform draw favouring the uncertain ones. */
static void propose_and_judge(DlcaRepair *repair, const DlcaStarts *starts, int32_t steps, int32_t chain, Chain *state,
                              Climate climate) {
    uint8_t *ops = repair->ops[chain];
    int32_t gates[3];
    uint8_t before[3];
    const int32_t changes = 1 + (int32_t)dlca_random_below(&state->random, 3);
    for (int32_t i = 0; i < changes; i++) {
        const double draw = dlca_random_unit(&state->random);
        gates[i] = repair->live[chain][(int32_t)(draw * draw * (double)state->live)];
        before[i] = ops[gates[i]];
        ops[gates[i]] = (uint8_t)((before[i] + 1 + (int)dlca_random_below(&state->random, DLCA_OPS - 1)) % DLCA_OPS);
    }
    DlcaBench *bench = &repair->bench[chain];
    const DlcaCircuit *circuit = dlca_hardener_circuit(bench->hardener, ops);
    const int32_t grown = circuit->gates;
    const int64_t most = most_taken(state, grown, climate, dlca_random_unit(&state->random));
    DlcaHardScore score = {.wrong_cells = INT64_MAX};
    if (most >= 0 &&
        !dlca_known_scores_judge(&repair->known[chain], bench, starts, circuit, steps, most, &score, NULL)) {
        state->failed = true;
        return;
    }
    if (score.wrong_cells > most) {
        for (int32_t i = changes - 1; i >= 0; i--) {
            ops[gates[i]] = before[i];
        }
        return;
    }
    state->wrong = score.wrong_cells;
    state->gates = grown;
    state->live = dlca_repair_rank(repair, chain);
    if (is_better(score.wrong_cells, grown, state->best_wrong, state->best_gates)) {
        state->best_wrong = score.wrong_cells;
        state->best_gates = grown;
        state->best_score = score;
        memcpy(repair->best[chain], ops, (size_t)repair->model->gates);
    }
}

static void start_chain(DlcaRepair *repair, int32_t chain, Chain *state, const uint8_t *ops, DlcaHardScore score,
                        uint64_t seed, uint32_t epoch, int32_t turn) {
    const size_t gates = (size_t)repair->model->gates;
    *state = (Chain){
        .random = dlca_random_stream(seed, DLCA_RANDOM_REPAIR, epoch, (uint32_t)(turn * DLCA_REPAIR_CHAINS + chain)),
        .wrong = score.wrong_cells,
        .best_wrong = score.wrong_cells,
        .best_score = score};
    memcpy(repair->ops[chain], ops, gates);
    memcpy(repair->best[chain], ops, gates);
    state->gates = state->best_gates = dlca_hardener_circuit(repair->bench[chain].hardener, ops)->gates;
    state->live = dlca_repair_rank(repair, chain);
}

typedef struct AnnealingRound {
    DlcaRepair *repair;
    const DlcaStarts *starts;
    Chain *chains;
    double hot, gate_cost;
    int32_t steps, round, rounds;
} AnnealingRound;

static void anneal_chain(void *context, int32_t c) {
    const AnnealingRound *annealing = context;
    Chain *chain = &annealing->chains[c];
    for (int32_t i = 0; i < ROUND && !chain->failed && chain->live > 0; i++) {
        const double done = (double)(annealing->round * ROUND + i) / (double)(annealing->rounds * ROUND);
        propose_and_judge(annealing->repair, annealing->starts, annealing->steps, c, chain,
                          (Climate){annealing->hot * (1.0 - done), annealing->gate_cost});
    }
}

/* `turn` counts the annealings of one repair: each draws anew. */
static bool anneal(DlcaRepair *repair, const DlcaStarts *starts, int32_t steps, DlcaRepairBudget budget, uint64_t seed,
                   uint32_t epoch, int32_t turn, uint8_t *ops, DlcaHardScore *score, int64_t *evaluations) {
    Chain chains[DLCA_REPAIR_CHAINS];
    const int32_t rounds = budget.annealing / (DLCA_REPAIR_CHAINS * ROUND);
    const double hot = DLCA_REPAIR_TEMPERATURE * (double)score->wrong_cells;
    for (int32_t c = 0; c < DLCA_REPAIR_CHAINS; c++) {
        start_chain(repair, c, &chains[c], ops, *score, seed, epoch, turn);
        if (chains[c].live == 0) {
            return true; /* nothing that could be changed */
        }
    }
    int32_t best = 0;
    for (int32_t round = 0; round < rounds && chains[best].best_wrong > 0; round++) {
        AnnealingRound annealing = {repair, starts, chains, hot, budget.gate_cost, steps, round, rounds};
        dlca_threads_each(repair->team, DLCA_REPAIR_CHAINS, anneal_chain, &annealing);
        *evaluations += DLCA_REPAIR_CHAINS * ROUND;
        for (int32_t c = 0; c < DLCA_REPAIR_CHAINS; c++) {
            if (chains[c].failed) {
                return false;
            }
            const Chain *chain = &chains[c], *other = &chains[best];
            best = is_better(chain->best_wrong, chain->best_gates, other->best_wrong, other->best_gates) ? c : best;
        }
    }
    memcpy(ops, repair->best[best], (size_t)repair->model->gates);
    *score = chains[best].best_score;
    return true;
}

/* Annealing, and again from where it came to, while that is close and has not stood still for long. */
static bool anneal_on(DlcaRepair *repair, const DlcaStarts *starts, int32_t steps, DlcaRepairBudget budget,
                      uint64_t seed, uint32_t epoch, uint8_t *ops, DlcaHardScore *score, int64_t *evaluations) {
    int32_t idle = 0;
    for (int32_t turn = 0; turn == 0 || (turn < budget.turns && idle < budget.idle); turn++) {
        const int64_t before = score->wrong_cells;
        if (!anneal(repair, starts, steps, budget, seed, epoch, turn, ops, score, evaluations)) {
            return false;
        }
        if (score->wrong_cells == 0 || score->wrong_cells >= budget.close) {
            return true;
        }
        idle = (double)score->wrong_cells < DLCA_REPAIR_GAIN * (double)before ? 0 : idle + 1;
    }
    return true;
}

bool dlca_repair_run(DlcaRepair *repair, const DlcaStarts *starts, int32_t steps, DlcaRepairBudget budget,
                     uint64_t seed, uint32_t epoch, uint8_t *ops, DlcaHardScore *score, int64_t *evaluations,
                     DlcaError *error) {
    rank_gates(repair);
    if (dlca_starts_count(starts) == 1 && !starts->fire) {
        return dlca_repair_lanes(repair, starts, steps, budget, seed, epoch, ops, score, evaluations, error);
    }
    bool done = greedy(repair, starts, steps, budget.greedy, ops, score, evaluations);
    if (done && score->wrong_cells > 0) {
        done = anneal_on(repair, starts, steps, budget, seed, epoch, ops, score, evaluations);
    }
    return done ? true : dlca_fail(error, DLCA_FAILED, "no memory to repair a circuit");
}
