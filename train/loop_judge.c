/* loop_judge.c - what becomes of a judged circuit: kept, repaired, mended with spare gates, accepted on fresh starts.
 *
 * Leaves alone: when (loop.c). */
#include "../gates/optimize.h"
#include "hurry.h"
#include "loop_parts.h"
#include "patch.h"
#include "training_memory.h"

#include <string.h>

bool dlca_loop_fetch(Loop *loop, DlcaError *error) {
    return loop->table->store(loop->backend, loop->model->logits, NULL, NULL, NULL, error);
}

/* A model with the operations that were judged: the one in training, or the mended one. */
void dlca_loop_keep(Loop *loop, const DlcaModel *model, DlcaMended mended) {
    dlca_model_copy(loop->kept, model);
    memcpy(loop->kept->ops, loop->ops, (size_t)model->gates);
    loop->kept->has_ops = true;
    loop->result->mended = mended;
    loop->result->exact_epoch = loop->progress.epoch; /* of what is kept; the report says whether it is exact */
}

void dlca_loop_note_score(Loop *loop, DlcaHardScore score, int64_t starts) {
    const DlcaConfig *config = &loop->task->config;
    const double bits = (double)dlca_loop_cells(loop->task) * (double)config->scored_channels;
    const double wrong = (double)score.wrong_bits / (double)starts;
    loop->progress.judged = true;
    loop->progress.hard_loss = wrong * (double)config->batch;
    loop->progress.hard_accuracy = 1.0 - wrong / bits;
    loop->progress.wrong_cells = (double)score.wrong_cells / (double)starts;
}

/* The best while none is exact. */
void dlca_loop_keep_closest(Loop *loop, const DlcaModel *model, DlcaMended mended, DlcaHardScore score) {
    if (loop->smallest < 0 && (loop->fewest_wrong < 0 || score.wrong_cells < loop->fewest_wrong)) {
        loop->fewest_wrong = score.wrong_cells;
        dlca_loop_keep(loop, model, mended);
    }
}

/* Of the fresh starts of an epoch; `refutations`: of the circuit, that it was repaired on: they are not fresh any more.
 */
static uint32_t fresh_key(const Loop *loop, int32_t refutations) {
    return (uint32_t)loop->progress.epoch + ((uint32_t)refutations << 24);
}

static bool is_late(const Loop *loop, const DlcaVerdict *verdict) {
    return loop->recipe.accept_late > 0.0 && dlca_verdict_late(verdict) > loop->recipe.accept_late;
}

/* Looks at the other sizes; which phase of the pattern they ask for where cells fire at random. */
static bool settle_sizes(Loop *loop, const DlcaCircuit *circuit, DlcaError *error) {
    return !loop->recipe.any_size ||
           dlca_sizes_settle(&loop->sizes, loop->bench.with, circuit, loop->recipe.judge_steps, error);
}

/* A verdict on what passed so far becomes that of the other sizes. */
static bool consider_sizes(Loop *loop, const DlcaCircuit *circuit, uint32_t key, DlcaVerdict *verdict,
                           DlcaError *error) {
    bool right = true;
    if (loop->recipe.any_size && verdict->exact &&
        (!settle_sizes(loop, circuit, error) ||
         !dlca_sizes_judge(&loop->sizes, circuit, loop->options->seed, key, &right, error))) {
        return false;
    }
    verdict->exact = verdict->exact && right;
    verdict->other_size = !right;
    return true;
}

/* Exact on fresh starts and holding? Then the circuit is kept, unless a smaller one was accepted before. */
static bool consider(Loop *loop, const DlcaModel *model, DlcaBench *bench, DlcaMended mended, uint32_t key,
                     DlcaVerdict *verdict, DlcaError *error) {
    const DlcaCircuit *circuit = dlca_hardener_circuit(bench->hardener, loop->ops);
    const int32_t gates = dlca_circuit_size(circuit).gates;
    *verdict = (DlcaVerdict){.exact = true};
    if (loop->smallest >= 0 && gates >= loop->smallest) {
        return true;
    }
    const int32_t further = loop->recipe.hold_factor * loop->task->config.steps;
    const DlcaFreshLook look = {.blocks = dlca_starts_blocks(loop->task, loop->recipe.accept_starts),
                                .hold_blocks = dlca_starts_blocks(loop->task, loop->recipe.hold_starts),
                                .further = further,
                                .strict = true};
    if (!dlca_judge_fresh(bench, loop->task, circuit, loop->options->seed, key, look, verdict, error) ||
        !consider_sizes(loop, circuit, key, verdict, error)) {
        return false;
    }
    const bool accepted =
        verdict->exact && (verdict->hold >= further || !loop->recipe.must_hold) && !is_late(loop, verdict);
    if (accepted) {
        loop->smallest = gates;
    }
    /* while none is accepted, the exact one that holds longest is the best, the last of equals where they are hurried
     */
    const int64_t longer = loop->recipe.accept_late > 0.0 ? loop->longest_hold : loop->longest_hold + 1;
    if (accepted || (verdict->exact && loop->smallest < 0 && verdict->hold >= longer)) {
        loop->longest_hold = verdict->hold;
        dlca_loop_keep(loop, model, mended);
    }
    return true;
}

/* Parts of what the best constant answer has wrong, in cells over all these starts. */
static double wrong_limit(const Loop *loop, const DlcaStarts *starts, double part) {
    double cells = 0.0;
    for (; starts; starts = starts->with) {
        cells += (double)dlca_starts_count(starts) * (double)dlca_loop_cells(starts->task);
    }
    return part * loop->constant_wrong * cells;
}

/* Changes loop->ops. */
static bool repair_on(Loop *loop, const DlcaStarts *starts, DlcaHardScore *score, DlcaError *error) {
    const double begin = dlca_loop_seconds();
    DlcaRepairBudget budget = loop->recipe.repair;
    budget.close = (int64_t)wrong_limit(loop, starts, loop->recipe.repair_close);
    loop->progress.doing = "repairing";
    loop->observer->progress(loop->observer->context, &loop->progress);
    const bool done =
        dlca_repair_run(&loop->repair, starts, loop->recipe.judge_steps, budget, loop->options->seed,
                        (uint32_t)loop->progress.epoch, loop->ops, score, &loop->result->repair_evaluations, error);
    loop->progress.doing = "training";
    loop->result->seconds_repair += dlca_loop_seconds() - begin;
    return done;
}

/* Which starts a circuit is repaired on first: of all sizes together, as a rule that is right on one is rarely right on
 * the others; of the trained one where a rule may choose its phase on the others (sizes.h). */
static const DlcaStarts *repaired_on(const Loop *loop) {
    return loop->task->config.asynchronous ? &loop->judged : &loop->wider;
}

bool dlca_loop_repair(Loop *loop, DlcaHardScore *score, DlcaError *error) {
    const DlcaStarts *starts = repaired_on(loop);
    if (starts->with && !dlca_judge(&loop->bench, starts, dlca_hardener_circuit(loop->bench.hardener, loop->ops),
                                    loop->recipe.judge_steps, score, error)) {
        return false;
    }
    if (score->wrong_cells == 0 || (double)score->wrong_cells >= wrong_limit(loop, starts, loop->recipe.repair_below)) {
        return true;
    }
    return repair_on(loop, starts, score, error);
}

/* Repairs loop->ops on a block of fresh starts; *wrong cells are left. 1 where they only go wrong later than the judge
 * looks: there is nothing to be learned from them. */
static bool repair_refuted(Loop *loop, uint32_t key, int32_t block, int64_t *wrong, DlcaError *error) {
    DlcaStarts refuting;
    if (!dlca_starts_create(&refuting, loop->task, loop->options->seed, DLCA_RANDOM_FRESH_START, DLCA_RANDOM_FRESH_FIRE,
                            key, (DlcaBlocks){block, 1}, loop->recipe.judge_steps, error)) {
        return false;
    }
    DlcaHardScore score;
    bool good = dlca_judge(&loop->bench, &refuting, dlca_hardener_circuit(loop->bench.hardener, loop->ops),
                           loop->recipe.judge_steps, &score, error);
    if (good && score.wrong_cells > 0) {
        good = repair_on(loop, &refuting, &score, error);
        *wrong = score.wrong_cells;
    } else {
        *wrong = 1;
    }
    dlca_starts_free(&refuting);
    return good;
}

/* Makes loop->ops right earlier, if it can. */
static bool hurry(Loop *loop, int32_t refutations, bool *earlier, DlcaError *error) {
    const double begin = dlca_loop_seconds();
    const DlcaHurryDraws draws = {.seed = loop->options->seed,
                                  .epoch = (uint32_t)loop->progress.epoch,
                                  .key = fresh_key(loop, refutations),
                                  .next_key = fresh_key(loop, refutations + 1),
                                  .with = loop->wider.with};
    loop->progress.doing = "repairing";
    loop->observer->progress(loop->observer->context, &loop->progress);
    const bool done = dlca_hurry_run(&loop->repair, &loop->bench, loop->task, loop->recipe.hurry, draws, loop->ops,
                                     earlier, &loop->result->repair_evaluations, error);
    loop->progress.doing = "training";
    loop->result->seconds_repair += dlca_loop_seconds() - begin;
    return done;
}

/* Repairs loop->ops on the trained size and the others; *wrong cells were and are left. */
static bool repair_sizes(Loop *loop, int64_t *before, int64_t *wrong, DlcaError *error) {
    DlcaHardScore score;
    const DlcaCircuit *circuit = dlca_hardener_circuit(loop->bench.hardener, loop->ops);
    bool good = settle_sizes(loop, circuit, error) &&
                dlca_judge(&loop->bench, &loop->wider, circuit, loop->recipe.judge_steps, &score, error);
    *before = good ? score.wrong_cells : 0;
    good = good && (*before == 0 || repair_on(loop, &loop->wider, &score, error));
    *wrong = good ? score.wrong_cells : 0;
    return good;
}

/* A circuit whose cells fire at random is late. Where the other sizes matter it is made right on them first, and is
 * hurried with them. */
static bool answer_late(Loop *loop, int32_t refutations, bool *useless, DlcaError *error) {
    int64_t before = 0, wrong = 0;
    if (loop->recipe.any_size && !repair_sizes(loop, &before, &wrong, error)) {
        return false;
    }
    bool earlier = wrong == 0;
    if (before == 0 && !hurry(loop, refutations, &earlier, error)) {
        return false;
    }
    *useless = !earlier;
    return true;
}

/* Repairs loop->ops on what refuted it: those starts, or that it is too late where cells fire at random. *useless when
 * that leads nowhere. */
static bool answer(Loop *loop, int32_t refutations, const DlcaVerdict *verdict, bool *useless, DlcaError *error) {
    if (loop->recipe.accept_late > 0.0) {
        return answer_late(loop, refutations, useless, error);
    }
    int64_t before = 0, wrong = 0;
    const bool done = verdict->other_size
                          ? repair_sizes(loop, &before, &wrong, error)
                          : repair_refuted(loop, fresh_key(loop, refutations), verdict->refuted_by, &wrong, error);
    *useless = wrong > 0;
    return done;
}

/* Considers the circuit of loop->ops. The starts that refute it are what it has to learn: it is repaired on them and
 * considered again, a few times (counterexample-guided synthesis: Solar-Lezama et al., "Combinatorial sketching for
 * finite programs", 2006). */
bool dlca_loop_consider(Loop *loop, DlcaError *error) {
    enum { MOST_REFUTATIONS = 8 };
    DlcaVerdict verdict;
    if (!consider(loop, loop->model, &loop->bench, (DlcaMended){0}, fresh_key(loop, 0), &verdict, error)) {
        return false;
    }
    const bool repairs = loop->recipe.repair_below > 0.0;
    bool useless = false;
    for (int32_t i = 0; repairs && i < MOST_REFUTATIONS && (!verdict.exact || is_late(loop, &verdict)); i++) {
        if (!answer(loop, i, &verdict, &useless, error)) {
            return false;
        }
        if (useless) {
            break;
        }
        if (!consider(loop, loop->model, &loop->bench, (DlcaMended){0}, fresh_key(loop, i + 1), &verdict, error)) {
            return false;
        }
    }
    return true;
}

/* Where spare gates mend all of the trained step the result is considered; *score is left as it is unless it improves.
 */
static bool judge_mended(Loop *loop, DlcaMended how, DlcaHardScore *score, DlcaError *error) {
    DlcaBench bench;
    DlcaHardScore mended;
    DlcaVerdict verdict;
    const bool judged =
        dlca_bench_create(&bench, loop->mended, error) &&
        dlca_judge(&bench, &loop->judged, dlca_hardener_circuit(bench.hardener, loop->ops), loop->recipe.judge_steps,
                   &mended, error) &&
        (mended.wrong_cells > 0 || consider(loop, loop->mended, &bench, how, fresh_key(loop, 0), &verdict, error));
    if (judged && mended.wrong_cells < score->wrong_cells) {
        *score = mended;
        dlca_loop_keep_closest(loop, loop->mended, how, mended);
    }
    dlca_bench_free(&bench);
    return judged;
}

/* What repair left wrong, or what does not hold. */
bool dlca_loop_patch(Loop *loop, DlcaHardScore *score, DlcaError *error) {
    const double most = wrong_limit(loop, &loop->judged, loop->recipe.patch_below);
    if (!dlca_training_patches(loop->task, &loop->recipe) || loop->smallest >= 0 ||
        (double)score->wrong_cells >= most) {
        return true;
    }
    const double begin = dlca_loop_seconds();
    const DlcaPatchLimits limits = {.further = dlca_training_patch_steps(loop->task, &loop->recipe),
                                    .wrong_most = (int64_t)most,
                                    .clock = loop->recipe.hold == 0 || loop->leave};
    DlcaPatchReport report;
    dlca_model_copy(loop->mended, loop->model);
    const bool done =
        dlca_patch_run(loop->mended, loop->ops, loop->task, limits, &report, error) &&
        (report.gates == 0 ||
         judge_mended(loop, (DlcaMended){report.gates, score->wrong_cells, report.finished}, score, error));
    loop->result->seconds_repair += dlca_loop_seconds() - begin;
    return done;
}
