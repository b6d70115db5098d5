/* hurry.c - a repair at an early step. */
#include "hurry.h"

#include <stdlib.h>
#include <string.h>

enum {
    SEARCH_BLOCKS = 16, /* on one block or four the search found rules that were early on those starts alone */
    LOOK_BLOCKS = 64,   /* 4096 starts, of which a usual rule has 5 to 300 wrong when it is looked at */
    WRONG_PART = 8      /* one start in so many should be wrong: that tells more than one in a hundred does */
};

/* Wrong starts early on. */
static bool look(DlcaBench *bench, const DlcaTask *task, DlcaHurryDraws draws, const uint8_t *ops, int64_t *wrong,
                 DlcaError *error) {
    DlcaVerdict verdict;
    const bool judged = dlca_judge_fresh(bench, task, dlca_hardener_circuit(bench->hardener, ops), draws.seed,
                                         draws.next_key, (DlcaFreshLook){.blocks = LOOK_BLOCKS}, &verdict, error);
    *wrong = verdict.late_twice;
    return judged;
}

/* The last step after which enough cells are wrong to search on, with its score. */
static bool find_step(DlcaBench *bench, const DlcaStarts *starts, const uint8_t *ops, int32_t *step,
                      DlcaHardScore *score, DlcaError *error) {
    const DlcaCircuit *circuit = dlca_hardener_circuit(bench->hardener, ops);
    for (*step = starts->steps; *step > 0; --*step) {
        if (!dlca_judge(bench, starts, circuit, *step, score, error)) {
            return false;
        }
        if (score->wrong_cells >= dlca_starts_count(starts) / WRONG_PART) {
            break;
        }
    }
    return true;
}

/* Changes ops. */
static bool search(DlcaRepair *repair, DlcaBench *bench, const DlcaTask *task, DlcaRepairBudget budget,
                   DlcaHurryDraws draws, uint8_t *ops, int64_t *evaluations, DlcaError *error) {
    DlcaStarts starts;
    if (!dlca_starts_create(&starts, task, draws.seed, DLCA_RANDOM_FRESH_START, DLCA_RANDOM_FRESH_FIRE, draws.key,
                            (DlcaBlocks){.count = SEARCH_BLOCKS}, task->config.steps, error)) {
        return false;
    }
    starts.with = draws.with;
    int32_t step;
    DlcaHardScore score;
    const bool good = find_step(bench, &starts, ops, &step, &score, error) &&
                      (step == 0 || dlca_repair_run(repair, &starts, step, budget, draws.seed, draws.epoch, ops, &score,
                                                    evaluations, error));
    dlca_starts_free(&starts);
    return good;
}

bool dlca_hurry_run(DlcaRepair *repair, DlcaBench *bench, const DlcaTask *task, DlcaRepairBudget budget,
                    DlcaHurryDraws draws, uint8_t *ops, bool *earlier, int64_t *evaluations, DlcaError *error) {
    const size_t gates = (size_t)repair->model->gates;
    uint8_t *tried = malloc(gates);
    if (!tried) {
        return dlca_fail(error, DLCA_FAILED, "no memory to repair a circuit of %zu gates", gates);
    }
    memcpy(tried, ops, gates);
    int64_t before, after;
    const bool good = look(bench, task, draws, ops, &before, error) &&
                      search(repair, bench, task, budget, draws, tried, evaluations, error) &&
                      look(bench, task, draws, tried, &after, error);
    if (good && after < before) {
        memcpy(ops, tried, gates);
    }
    *earlier = good && (double)after <= DLCA_HURRY_GAIN * (double)before;
    free(tried);
    return good;
}
