/* loop_state.c - captures the state of a training between two epochs, has it saved, and goes on from one.
 *
 * Leaves alone: training (loop.c), files (checkpoint.h). */
#include "loop_parts.h"

#include <math.h>
#include <time.h>

/* A state is saved at least this often, so that a crash costs a minute; it takes a few milliseconds. In memory one is
 * kept that is newer: what is left when the next epochs turn out to be no numbers. */
static const double SECONDS_BETWEEN_SAVES = 60.0, SECONDS_BETWEEN_CAPTURES = 1.0;

double dlca_loop_seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static DlcaTrainPosition position_of(const Loop *loop) {
    const DlcaProgress *progress = &loop->progress;
    return (DlcaTrainPosition){.epoch = progress->epoch,
                               .restart_epoch = loop->restart_epoch,
                               .restarts = progress->restarts,
                               .leaves = loop->leave,
                               .patience_noted = loop->patience.noted,
                               .patience_means = loop->patience.means,
                               .patience_sum = loop->patience.sum,
                               .patience_last = loop->patience.last,
                               .patience_before = loop->patience.before,
                               .fewest_wrong = loop->fewest_wrong,
                               .longest_hold = loop->longest_hold,
                               .smallest = loop->smallest,
                               .exact_epoch = loop->result->exact_epoch,
                               .repair_evaluations = loop->result->repair_evaluations,
                               .gates_patched = loop->result->mended.gates,
                               .cells_mended = loop->result->mended.cells,
                               .finished_by_clock = loop->result->mended.by_clock,
                               .rows = loop->rows,
                               .judged = progress->judged,
                               .hard_loss = progress->hard_loss,
                               .hard_accuracy = progress->hard_accuracy,
                               .wrong_cells = progress->wrong_cells,
                               .soft_loss = progress->soft_loss,
                               .seconds_total = dlca_loop_seconds() - loop->started,
                               .seconds_train = loop->result->seconds_train,
                               .seconds_repair = loop->result->seconds_repair,
                               .evaluated_cells = loop->evaluated_cells};
}

bool dlca_loop_go_on(Loop *loop, const DlcaTrainState *from, DlcaError *error) {
    const DlcaTrainPosition *position = &from->position;
    DlcaProgress *progress = &loop->progress;
    progress->epoch = position->epoch;
    progress->restarts = (int32_t)position->restarts;
    progress->judged = position->judged != 0;
    progress->hard_loss = position->hard_loss;
    progress->hard_accuracy = position->hard_accuracy;
    progress->wrong_cells = position->wrong_cells;
    progress->soft_loss = position->soft_loss;
    loop->restart_epoch = position->restart_epoch;
    loop->leave = position->leaves != 0;
    loop->patience.noted = position->patience_noted;
    loop->patience.means = (int32_t)position->patience_means;
    loop->patience.sum = position->patience_sum;
    loop->patience.last = position->patience_last;
    loop->patience.before = position->patience_before;
    loop->fewest_wrong = position->fewest_wrong;
    loop->longest_hold = position->longest_hold;
    loop->smallest = position->smallest;
    loop->rows = position->rows;
    loop->evaluated_cells = position->evaluated_cells;
    loop->started -= position->seconds_total;
    loop->saved_epoch = position->epoch;
    loop->result->exact_epoch = position->exact_epoch;
    loop->result->repair_evaluations = position->repair_evaluations;
    loop->result->mended = (DlcaMended){position->gates_patched, position->cells_mended, position->finished_by_clock};
    loop->result->seconds_train = position->seconds_train;
    loop->result->seconds_repair = position->seconds_repair;
    dlca_model_copy(loop->kept, from->kept);
    return loop->table->load(loop->backend, from->training->logits, from->first_moment, from->second_moment,
                             from->updates, error);
}

bool dlca_loop_read(Loop *loop, DlcaError *error) {
    const double begin = dlca_loop_seconds();
    DlcaPass pass[DLCA_MOST_PASSES_KEPT];
    const int32_t count = loop->unread;
    if (count == 0) {
        return true;
    }
    if (!loop->table->passes(loop->backend, pass, count, error)) {
        return false;
    }
    loop->unread = 0;
    for (int32_t i = 0; i < count; i++) {
        if (!isfinite(pass[i].loss)) {
            loop->progress.epoch -= count - 1 - i;
            return dlca_loop_diverged(loop, "the loss", error);
        }
        loop->progress.soft_loss = pass[i].loss;
        loop->evaluated_cells += (double)pass[i].cells;
        loop->window_ended = dlca_patience_note(&loop->patience, pass[i].loss);
    }
    loop->result->seconds_train += dlca_loop_seconds() - begin;
    return true;
}

static bool all_finite(const float *numbers, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        if (!isfinite(numbers[i])) {
            return false;
        }
    }
    return true;
}

static bool save_captured(Loop *loop, DlcaError *error) {
    if (!loop->observer->save(loop->observer->context, &loop->state, error)) {
        return false;
    }
    loop->saved = dlca_loop_seconds();
    loop->saved_epoch = loop->state.position.epoch;
    return true;
}

/* What was captured before is the last state that is good for anything, so that is saved. */
bool dlca_loop_diverged(Loop *loop, const char *what, DlcaError *error) {
    if (loop->saved_epoch < loop->state.position.epoch && !save_captured(loop, error)) {
        return false;
    }
    loop->result->diverged = true;
    loop->result->epochs_run = loop->progress.epoch;
    return dlca_fail(
        error, DLCA_FAILED,
        "epoch %lld: %s is no finite number, so training cannot go on; the state after epoch %lld is kept; "
        "a smaller --rate or --decay may train",
        (long long)loop->progress.epoch, what, (long long)loop->saved_epoch);
}

/* Into loop->state, unless a logit is no number: then the state before stays. */
static bool capture(Loop *loop, DlcaError *error) {
    DlcaTrainState *state = &loop->state;
    if (!dlca_loop_read(loop, error) ||
        !loop->table->store(loop->backend, loop->model->logits, NULL, NULL, NULL, error)) {
        return false;
    }
    if (!all_finite(loop->model->logits, loop->model->gates * DLCA_OPS)) {
        return dlca_loop_diverged(loop, "a logit", error);
    }
    if (!loop->table->store(loop->backend, NULL, state->first_moment, state->second_moment, &state->updates, error)) {
        return false;
    }
    dlca_model_copy(state->training, loop->model);
    dlca_model_copy(state->kept, loop->kept);
    state->position = position_of(loop);
    loop->captured = dlca_loop_seconds();
    return true;
}

bool dlca_loop_save(Loop *loop, bool must, DlcaError *error) {
    const int64_t every = loop->options->save_every;
    const double now = dlca_loop_seconds();
    const bool due =
        must || (every > 0 && loop->progress.epoch % every == 0) || now - loop->saved >= SECONDS_BETWEEN_SAVES;
    if (!due && now - loop->captured < SECONDS_BETWEEN_CAPTURES) {
        return true;
    }
    return capture(loop, error) && (!due || save_captured(loop, error));
}
