/* loop.c - the training loop. Top to bottom: a run is attempts, an attempt is epochs, every few epochs the hard circuit
 * is judged, repaired when it is close, and accepted when it is exact on fresh starts and stays so. Between two epochs
 * the state can be captured (loop_state.c), and another process goes on from it as if nothing had happened. */
#include "loop.h"

#include "../gates/optimize.h"
#include "loop_parts.h"
#include "training_memory.h"

#include <stdio.h>
#include <stdlib.h>

/* Key of the fresh starts that the final report uses: no epoch has it, so nothing was chosen on them. */
static const uint32_t REPORT_EPOCH = UINT32_MAX;

/* ---- beginning and end ---- */

static void loop_free(Loop *loop) {
    if (loop->table) {
        loop->table->destroy(loop->backend);
    }
    dlca_bench_free(&loop->bench);
    dlca_repair_free(&loop->repair);
    dlca_starts_free(&loop->judged);
    dlca_sizes_free(&loop->sizes);
    dlca_batch_source_free(&loop->batches);
    free(loop->ops);
    dlca_model_free(loop->mended);
    dlca_model_free(loop->kept);
    dlca_train_state_free(&loop->state);
}

/* The yardstick of a hard circuit: what the better of "all bits 0" and "all bits 1" gets wrong. */
static bool judge_constant(Loop *loop, DlcaError *error) {
    const DlcaConfig *config = &loop->task->config;
    DlcaHardScore least = {.wrong_cells = INT64_MAX};
    for (int value = 0; value < 2; value++) {
        DlcaCircuit constant;
        if (!dlca_circuit_create(&constant, DLCA_NEIGHBOURS * config->channels, config->channels, 1, error)) {
            return false;
        }
        constant.gate[0].op = value ? DLCA_OP_TRUE : DLCA_OP_FALSE;
        for (int32_t c = 0; c < config->channels; c++) {
            constant.output[c] = constant.inputs;
        }
        DlcaHardScore score;
        const bool judged = dlca_judge(&loop->bench, &loop->judged, &constant, loop->recipe.judge_steps, &score, error);
        dlca_circuit_free(&constant);
        if (!judged) {
            return false;
        }
        least = score.wrong_cells < least.wrong_cells ? score : least;
    }
    const double starts = (double)dlca_starts_count(&loop->judged);
    loop->constant_wrong = (double)least.wrong_cells / (starts * (double)dlca_loop_cells(loop->task));
    loop->constant_loss = (double)least.wrong_bits / starts * (double)loop->task->config.batch;
    return true;
}

DlcaBackendOptions dlca_train_device(const DlcaTrainOptions *options) {
    return (DlcaBackendOptions){.threads = options->threads,
                                .checkpoint_every = options->checkpoint_every,
                                .steps = dlca_batch_most_steps(&options->recipe)};
}

/* For the model's present wires. */
static bool create_benches(Loop *loop, DlcaError *error) {
    if (!dlca_bench_create(&loop->bench, loop->model, error)) {
        return false;
    }
    const bool repairs = dlca_training_repairs(loop->task, &loop->recipe), widens = loop->recipe.any_size;
    bool good = !repairs || dlca_repair_create(&loop->repair, loop->model, loop->options->threads, error);
    good = good && (!widens || dlca_bench_widen(&loop->bench, loop->wider.with, error));
    for (int i = 0; good && repairs && widens && i < DLCA_REPAIR_CHAINS; i++) {
        good = dlca_bench_widen(&loop->repair.bench[i], loop->wider.with, error);
    }
    return good;
}

/* The fixed starts, and with them those of another size where that is asked for. */
static bool create_starts(Loop *loop, DlcaError *error) {
    const int32_t blocks = dlca_starts_blocks(loop->task, loop->recipe.judge_starts);
    if (!dlca_starts_create(&loop->judged, loop->task, loop->options->seed, DLCA_RANDOM_JUDGE_START,
                            DLCA_RANDOM_JUDGE_FIRE, 0, (DlcaBlocks){.count = blocks}, loop->task->config.steps,
                            error)) {
        return false;
    }
    if (loop->recipe.any_size && !dlca_sizes_create(&loop->sizes, loop->task, loop->options->seed, blocks, error)) {
        return false;
    }
    loop->wider = loop->judged;
    loop->wider.with = loop->recipe.any_size ? &loop->sizes.starts[0] : NULL;
    return true;
}

/* With the wires and logits of `from`, or of a new training where it is NULL. */
static bool loop_create(Loop *loop, const DlcaTrainState *from, DlcaError *error) {
    DlcaBackendOptions device = dlca_train_device(loop->options);
    loop->table = dlca_backend_find(loop->options->backend, &device.isa, error);
    if (!loop->table ||
        !dlca_batch_source_create(&loop->batches, loop->task, &loop->recipe, loop->options->seed, error)) {
        return false;
    }
    loop->ops = malloc((size_t)loop->model->gates);
    if (!loop->ops) {
        return dlca_fail(error, DLCA_FAILED, "no memory for %lld operations", (long long)loop->model->gates);
    }
    snprintf(loop->result->backend, sizeof loop->result->backend, "%s", dlca_backend_label(loop->table, device.isa));
    loop->kept = dlca_model_create(&loop->task->config, error);
    loop->mended = dlca_model_create(&loop->task->config, error);
    if (!loop->kept || !loop->mended || !dlca_train_state_create(&loop->state, &loop->task->config, error)) {
        return false;
    }
    if (from) {
        dlca_model_copy(loop->model, from->training);
    } else {
        dlca_model_wire(loop->model, loop->options->seed, 0);
        if (!dlca_model_start(loop->model, &loop->recipe.start, loop->options->seed, 0, error)) {
            return false;
        }
    }
    loop->backend = loop->table->create(loop->model, &device, error);
    return loop->backend && create_starts(loop, error) && create_benches(loop, error) && judge_constant(loop, error);
}

/* New wires, new logits, and whatever was made for the old wires made again. */
static bool restart(Loop *loop, DlcaError *error) {
    loop->progress.restarts++;
    loop->restart_epoch = 0;
    loop->leave = false;
    loop->patience = dlca_patience(loop->recipe.restart_after);
    dlca_model_wire(loop->model, loop->options->seed, (uint32_t)loop->progress.restarts);
    dlca_bench_free(&loop->bench);
    dlca_repair_free(&loop->repair);
    return dlca_model_start(loop->model, &loop->recipe.start, loop->options->seed, (uint32_t)loop->progress.restarts,
                            error) &&
           loop->table->rewire(loop->backend, loop->model, error) &&
           loop->table->load(loop->backend, loop->model->logits, NULL, NULL, 0, error) && create_benches(loop, error);
}

/* ---- one epoch: one update on one batch ---- */

/* Cells x steps that are computed, in all grids. */
static double count_evaluated(const Loop *loop, const DlcaBatch *batch) {
    const DlcaConfig *config = &loop->task->config;
    const size_t all = dlca_loop_cells(loop->task) * (size_t)batch->steps;
    size_t fired = batch->fire ? 0 : all;
    for (size_t i = 0; batch->fire && i < all; i++) {
        fired += batch->fire[i];
    }
    return (double)fired * (double)config->batch;
}

/* Grows the starts for some steps and damages what comes out, where the recipe has this epoch begin so. */
static bool damage_starts(Loop *loop, DlcaBatch *batch, DlcaError *error) {
    const int32_t steps = dlca_batch_damage_after(&loop->batches, batch->epoch);
    if (steps == 0) {
        return true;
    }
    const DlcaBatch growing = dlca_batch_grow(&loop->batches, batch, steps);
    if (!loop->table->forward(loop->backend, &growing, loop->batches.input, NULL, error)) {
        return false;
    }
    loop->evaluated_cells += count_evaluated(loop, &growing);
    dlca_batch_damage(&loop->batches, batch);
    return true;
}

/* Epochs that take longer are seen to get on, and so often. */
static const double LONG_EPOCH_SECONDS = 1.0;

static bool watch_epoch(void *context, double done) {
    Loop *loop = context;
    const double now = dlca_loop_seconds();
    loop->given_up = loop->observer->stop(loop->observer->context);
    if (now - loop->looked >= LONG_EPOCH_SECONDS) {
        loop->looked = now;
        loop->progress.within = true;
        loop->progress.part = done;
        loop->progress.seconds = now - loop->started;
        loop->observer->progress(loop->observer->context, &loop->progress);
        loop->progress.within = false;
    }
    return !loop->given_up;
}

static bool train_epoch(Loop *loop, DlcaError *error) {
    const double begin = dlca_loop_seconds();
    const uint32_t epoch = (uint32_t)loop->progress.epoch;
    const DlcaAdamW *adamw = &loop->recipe.adamw;
    DlcaBatch batch =
        loop->table->device ? dlca_batch_for_device(&loop->batches, epoch) : dlca_batch_draw(&loop->batches, epoch);
    loop->looked = begin;
    loop->watch = (DlcaWatch){watch_epoch, loop};
    batch.watch = &loop->watch;
    batch.harden_probability = dlca_recipe_harden(&loop->recipe, loop->restart_epoch);
    if (!damage_starts(loop, &batch, error) ||
        !(loop->options->crew ? dlca_crew_train(loop->options->crew, loop->table, loop->backend, &batch, adamw, error)
                              : loop->table->train(&loop->backend, &batch, adamw, 1, error))) {
        return false;
    }
    loop->unread++;
    loop->result->seconds_train += dlca_loop_seconds() - begin;
    return true;
}

/* ---- judging ---- */

/* What an epoch asks for after its update. */
typedef struct Due {
    bool row, repair;
} Due;

/* Rows of the log at the user's interval; repairs at the recipe's, counted in epochs of the attempt. */
static Due due_after(const Loop *loop) {
    const int64_t every = loop->recipe.repair_every;
    return (Due){.row = loop->progress.epoch % loop->options->eval_interval == 0,
                 .repair =
                     every > 0 && dlca_training_repairs(loop->task, &loop->recipe) && loop->restart_epoch % every == 0};
}

static bool add_row(Loop *loop, DlcaError *error) {
    loop->rows++;
    return loop->observer->evaluated(loop->observer->context, &loop->progress, error);
}

/* Judges the circuit of the present logits; a row of the log; repair; acceptance. */
static bool judge(Loop *loop, Due due, DlcaError *error) {
    if (!dlca_loop_fetch(loop, error)) {
        return false;
    }
    dlca_model_argmax(loop->model, loop->ops);
    DlcaHardScore score;
    if (!dlca_judge(&loop->bench, &loop->judged, dlca_hardener_circuit(loop->bench.hardener, loop->ops),
                    loop->recipe.judge_steps, &score, error)) {
        return false;
    }
    dlca_loop_note_score(loop, score, dlca_starts_count(&loop->judged));
    if (due.row && !add_row(loop, error)) {
        return false;
    }
    if (!loop->recipe.accepts) {
        dlca_loop_keep(loop, loop->model, (DlcaMended){0}); /* the last one is the result, exact or not */
        return true;
    }
    if (due.repair && !dlca_loop_repair(loop, &score, error)) {
        return false;
    }
    /* a repair on all sizes together scores them all: not to be compared with a score of the trained one */
    if (due.repair || !loop->wider.with || loop->task->config.asynchronous) {
        dlca_loop_keep_closest(loop, loop->model, (DlcaMended){0}, score);
    }
    if (score.wrong_cells == 0 && !dlca_loop_consider(loop, error)) {
        return false;
    }
    return !due.repair || dlca_loop_patch(loop, &score, error);
}

/* ---- the run ---- */

static void show_progress(Loop *loop) {
    loop->progress.seconds = dlca_loop_seconds() - loop->started;
    if (loop->progress.epoch > 0) {
        loop->progress.ms_per_epoch = 1e3 * loop->result->seconds_train / (double)loop->progress.epoch;
    }
    loop->observer->progress(loop->observer->context, &loop->progress);
}

/* After an epoch: whether the next one is to begin with new wires. A patient recipe asks at the end of each window. */
static bool time_is_up(Loop *loop) {
    const bool asks = loop->unread == 0 && loop->window_ended;
    if (loop->recipe.restart_after == 0 || loop->restart_epoch < loop->recipe.restart_after) {
        return false;
    }
    return !loop->recipe.patient || (asks && !dlca_patience_promises(&loop->patience, loop->constant_loss));
}

static bool is_accepted(const Loop *loop) {
    return loop->smallest >= 0 && !loop->options->all_epochs;
}

/* Whether somebody wants to know the losses up to this epoch. */
static bool wants_losses(const Loop *loop, Due due) {
    const DlcaPatience *patience = &loop->patience;
    const int64_t epoch = loop->progress.epoch;
    return due.row || due.repair || loop->unread >= loop->table->passes_kept || epoch == loop->options->epochs ||
           epoch % loop->options->log_interval == 0 ||
           (loop->recipe.patient && patience->noted + loop->unread >= patience->window);
}

/* An epoch that was given up has not been: its draws follow from its number, and nothing was updated. */
static bool run_epoch(Loop *loop, DlcaError *error) {
    if (loop->leave && !(dlca_loop_read(loop, error) && restart(loop, error))) {
        return false;
    }
    const DlcaProgress before = loop->progress;
    const double evaluated_before = loop->evaluated_cells;
    loop->progress.epoch++;
    loop->restart_epoch++;
    loop->progress.judged = false;
    Due due = due_after(loop);
    if (!train_epoch(loop, error)) {
        loop->progress = before;
        loop->restart_epoch--;
        loop->evaluated_cells = evaluated_before;
        return loop->given_up;
    }
    if (wants_losses(loop, due) && !dlca_loop_read(loop, error)) {
        return false;
    }
    loop->leave = time_is_up(loop);
    due.repair |= loop->leave && dlca_training_repairs(loop->task, &loop->recipe); /* what can be made of it, now */
    const int64_t smallest_before = loop->smallest;
    if ((due.row || due.repair) && !judge(loop, due, error)) {
        return false;
    }
    show_progress(loop);
    if (loop->smallest != smallest_before) {
        loop->leave = loop->recipe.restart_after > 0; /* look elsewhere for a smaller one */
    }
    return true;
}

/* A run that ends where no row is due gets one for its last epoch. It is not part of the state: a run that goes on from
 * there with a larger budget has no such row. */
static bool close_log(Loop *loop, DlcaError *error) {
    if (!loop->kept->has_ops) { /* the first epoch was given up */
        return judge(loop, (Due){0}, error);
    }
    if (is_accepted(loop) || due_after(loop).row) {
        return true;
    }
    return loop->progress.judged ? add_row(loop, error) : judge(loop, (Due){.row = true}, error);
}

/* A picture that the budget has not made right is finished by a clock if that can be done. It is not part of the state
 * either: with a larger budget training goes on from what it was. */
static bool last_chance(Loop *loop, DlcaError *error) {
    if (is_accepted(loop) || loop->result->interrupted || loop->progress.epoch < loop->options->epochs ||
        !dlca_training_patches(loop->task, &loop->recipe)) {
        return true;
    }
    DlcaHardScore score;
    loop->leave = true;
    if (!dlca_loop_fetch(loop, error)) {
        return false;
    }
    dlca_model_argmax(loop->model, loop->ops);
    return dlca_judge(&loop->bench, &loop->judged, dlca_hardener_circuit(loop->bench.hardener, loop->ops),
                      loop->recipe.judge_steps, &score, error) &&
           dlca_loop_patch(loop, &score, error);
}

static bool run_epochs(Loop *loop, DlcaError *error) {
    const int64_t budget = loop->options->epochs;
    bool ended = is_accepted(loop) || loop->progress.epoch >= budget;
    if (!dlca_loop_save(loop, true, error)) {
        return false;
    }
    while (!ended) {
        if (!run_epoch(loop, error)) {
            return false;
        }
        loop->result->interrupted = loop->given_up || loop->observer->stop(loop->observer->context);
        ended = is_accepted(loop) || loop->progress.epoch >= budget || loop->result->interrupted;
        if (!dlca_loop_save(loop, ended, error)) {
            return false;
        }
    }
    return close_log(loop, error) && last_chance(loop, error);
}

static int64_t count_active(const DlcaModel *model) {
    int64_t active = 0;
    for (int64_t gate = 0; gate < model->gates; gate++) {
        active += dlca_op_active(model->ops[gate]);
    }
    return active;
}

/* The kept circuit's verdict, on starts that nothing was chosen on. */
static bool report(Loop *loop, DlcaError *error) {
    DlcaTrainResult *result = loop->result;
    DlcaBench bench;
    dlca_bench_free(&loop->bench); /* of other wires, perhaps, and as large */
    if (!dlca_bench_create(&bench, loop->model, error)) {
        return false;
    }
    const DlcaCircuit *circuit = dlca_hardener_circuit(bench.hardener, loop->model->ops);
    DlcaVerdict verdict;
    const int32_t blocks = dlca_starts_blocks(loop->task, loop->recipe.report_starts);
    const DlcaFreshLook look = {
        .blocks = blocks, .hold_blocks = blocks, .further = loop->recipe.hold_factor * loop->task->config.steps};
    const bool judged =
        dlca_judge_fresh(&bench, loop->task, circuit, loop->options->seed, REPORT_EPOCH, look, &verdict, error);
    if (judged) {
        dlca_loop_note_score(loop, verdict.score, verdict.starts);
        result->hard_loss = loop->progress.hard_loss;
        result->hard_accuracy = loop->progress.hard_accuracy;
        result->hard_exact = verdict.exact;
        result->hold_steps = verdict.hold;
        result->gates_optimized = dlca_circuit_size(circuit).gates;
    }
    dlca_bench_free(&bench);
    return judged;
}

static bool finish(Loop *loop, DlcaError *error) {
    DlcaTrainResult *result = loop->result;
    loop->progress.doing = "checking";
    show_progress(loop);
    dlca_model_copy(loop->model, loop->kept);
    if (!report(loop, error)) {
        return false;
    }
    result->epochs_run = loop->progress.epoch;
    result->exact_epoch = result->hard_exact ? result->exact_epoch : -1;
    result->soft_loss = loop->progress.soft_loss;
    result->restarts = loop->progress.restarts;
    result->gates_total = loop->model->gates;
    result->gates_active = count_active(loop->model);
    result->seconds_total = dlca_loop_seconds() - loop->started;
    if (result->seconds_train > 0) {
        result->gate_evals_per_second =
            loop->evaluated_cells * (double)dlca_model_cell_gates(loop->model) / result->seconds_train;
    }
    return true;
}

bool dlca_train(DlcaModel *model, const DlcaTask *task, const DlcaTrainOptions *options, const DlcaTrainState *from,
                const DlcaObserver *observer, DlcaTrainResult *result, DlcaError *error) {
    *result = (DlcaTrainResult){.exact_epoch = -1};
    Loop loop = {.model = model,
                 .task = task,
                 .options = options,
                 .observer = observer,
                 .result = result,
                 .recipe = options->recipe,
                 .fewest_wrong = -1,
                 .longest_hold = -1,
                 .smallest = -1,
                 .saved_epoch = -1,
                 .patience = dlca_patience(options->recipe.restart_after),
                 .started = dlca_loop_seconds()};
    loop.progress = (DlcaProgress){.epochs = options->epochs, .rate = loop.recipe.adamw.rate, .doing = "training"};
    const bool trained = loop_create(&loop, from, error) && (!from || dlca_loop_go_on(&loop, from, error)) &&
                         run_epochs(&loop, error) && finish(&loop, error);
    loop_free(&loop);
    return trained;
}
