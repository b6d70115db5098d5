/* checkpoint.c - a training's state to a model file with notes, and back. Leaves alone: options. */
#include "checkpoint.h"

#include "picture_task.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char version_note[] = "state.version";

/* The numbers of a position that the file's own counters do not hold. */
typedef struct Field {
    const char *note;
    size_t offset;
    bool real;     /* a double, not negative; otherwise an int64_t */
    int64_t least; /* of a whole number */
} Field;

#define WHOLE(field, low) \
    { "state." #field, offsetof(DlcaTrainPosition, field), false, low }
#define REAL(field) \
    { "state." #field, offsetof(DlcaTrainPosition, field), true, 0 }

/* clang-format off: a field a line */
static const Field fields[] = {
    WHOLE(restart_epoch, 0),  WHOLE(leaves, 0),        WHOLE(patience_noted, 0),
    WHOLE(patience_means, 0), REAL(patience_sum),      REAL(patience_last),
    REAL(patience_before),    WHOLE(fewest_wrong, -1), WHOLE(longest_hold, -1),
    WHOLE(smallest, -1),      WHOLE(exact_epoch, -1),  WHOLE(repair_evaluations, 0),
    WHOLE(gates_patched, 0),  WHOLE(rows, 0),          WHOLE(judged, 0),
    REAL(hard_loss),          WHOLE(cells_mended, 0),  WHOLE(finished_by_clock, 0),
    REAL(hard_accuracy),      REAL(wrong_cells),       REAL(soft_loss),
    REAL(seconds_total),      REAL(seconds_train),     REAL(seconds_repair),
    REAL(evaluated_cells),
};
/* clang-format on */

enum { FIELDS = sizeof fields / sizeof *fields };

/* ---- writing ---- */

static bool add_position(const DlcaTrainPosition *position, DlcaModelExtras *extras, DlcaError *error) {
    bool good = dlca_model_extras_add_note(extras, version_note, DLCA_VERSION, error);
    for (int i = 0; good && i < FIELDS; i++) {
        const void *value = (const char *)position + fields[i].offset;
        char text[40];
        if (fields[i].real) {
            snprintf(text, sizeof text, "%.17g", *(const double *)value); /* 17 digits give a double back exactly */
        } else {
            snprintf(text, sizeof text, "%" PRId64, *(const int64_t *)value);
        }
        good = dlca_model_extras_add_note(extras, fields[i].note, text, error);
    }
    return good;
}

bool dlca_checkpoint_write(const char *path, const DlcaTask *task, const DlcaTrainState *state,
                           const DlcaModelExtras *notes, DlcaError *error) {
    const bool kept = state->kept->has_ops;
    DlcaModelExtras extras = *notes;
    extras.first_moment = state->first_moment;
    extras.second_moment = state->second_moment;
    extras.updates = state->updates;
    extras.epoch = state->position.epoch;
    extras.restart = (int32_t)state->position.restarts;
    extras.target = task->target;
    extras.training = kept ? state->training : NULL;
    return add_position(&state->position, &extras, error) && dlca_picture_notes_add(task, &extras, error) &&
           dlca_model_save(kept ? state->kept : state->training, &extras, path, error);
}

/* ---- reading ---- */

static bool read_whole(const char *text, int64_t least, int64_t *value) {
    char *end = NULL;
    errno = 0;
    const long long number = strtoll(text, &end, 10);
    *value = number;
    return text[0] != '\0' && text[strspn(text, "-0123456789")] == '\0' && *end == '\0' && errno == 0 &&
           number >= least;
}

static bool read_real(const char *text, double *value) {
    char *end = NULL;
    *value = strtod(text, &end);
    return text[0] != '\0' && text[strspn(text, "0123456789.e+-")] == '\0' && *end == '\0' && isfinite(*value) &&
           *value >= 0.0;
}

static bool read_field(const DlcaModelExtras *extras, const Field *field, DlcaTrainPosition *position, const char *path,
                       DlcaError *error) {
    const char *text = dlca_model_extras_note(extras, field->note);
    void *value = (char *)position + field->offset;
    if (!text) {
        return dlca_fail(error, DLCA_BAD_INPUT, "%s: a model, not the checkpoint of a run: it lacks %s", path,
                         field->note);
    }
    return (field->real ? read_real(text, value) : read_whole(text, field->least, value)) ||
           dlca_fail(error, DLCA_BAD_INPUT, "%s: metadata note.%s is \"%.40s\": it must be a number %s", path,
                     field->note, text, field->real || field->least == 0 ? "from 0" : "from -1");
}

static bool read_version(const DlcaModelExtras *extras, const char *path, DlcaError *error) {
    const char *version = dlca_model_extras_note(extras, version_note);
    if (!version) {
        return dlca_fail(error, DLCA_BAD_INPUT, "%s: a model, not the checkpoint of a run: it lacks %s", path,
                         version_note);
    }
    return strcmp(version, DLCA_VERSION) == 0 ||
           dlca_fail(error, DLCA_BAD_INPUT,
                     "%s: was written by dlca %.40s, and this is %s: only the same version goes on to the same bytes",
                     path, version, DLCA_VERSION);
}

/* What no run writes would be gone on with all the same, to a result that says nothing. */
static bool check_position(const DlcaTrainPosition *position, bool kept, const char *path, DlcaError *error) {
    const bool sound = position->judged <= 1 && position->finished_by_clock <= 1 && position->leaves <= 1 &&
                       position->patience_means <= 2 && position->restart_epoch <= position->epoch &&
                       position->exact_epoch <= position->epoch && position->rows <= position->epoch &&
                       (kept || (position->smallest < 0 && position->longest_hold < 0 && position->fewest_wrong < 0));
    return sound || dlca_fail(error, DLCA_BAD_INPUT, "%s: its counters contradict each other", path);
}

static bool take(DlcaModel *model, DlcaTrainState *state, DlcaModelExtras *extras, const char *path, DlcaError *error) {
    if (extras->training) {
        state->kept = model;
        state->training = extras->training;
        extras->training = NULL;
    } else {
        state->training = model;
        state->kept = dlca_model_create(&model->config, error);
    }
    state->first_moment = extras->first_moment;
    state->second_moment = extras->second_moment;
    state->updates = extras->updates;
    extras->first_moment = extras->second_moment = NULL;
    state->position = (DlcaTrainPosition){.epoch = extras->epoch, .restarts = extras->restart};
    bool good = state->kept && read_version(extras, path, error);
    for (int i = 0; good && i < FIELDS; i++) {
        good = read_field(extras, &fields[i], &state->position, path, error);
    }
    if (good && (!state->first_moment || (state->kept == model) != model->has_ops)) {
        return dlca_fail(error, DLCA_BAD_INPUT, "%s: a model, not the checkpoint of a run: tensors are missing", path);
    }
    return good && check_position(&state->position, state->kept->has_ops, path, error);
}

bool dlca_checkpoint_read(const char *path, DlcaTrainState *state, DlcaModelExtras *extras, DlcaError *error) {
    *state = (DlcaTrainState){0};
    DlcaModel *model = dlca_model_load(path, extras, error);
    return model && take(model, state, extras, path, error);
}

/* ---- is it of this task? ---- */

static bool same_layers(const int32_t *left, const int32_t *right, int32_t layers) {
    return memcmp(left, right, (size_t)layers * sizeof *left) == 0;
}

static bool same_config(const DlcaConfig *left, const DlcaConfig *right) {
    return strcmp(left->task, right->task) == 0 && left->height == right->height && left->width == right->width &&
           left->channels == right->channels && left->scored_channels == right->scored_channels &&
           left->kernels == right->kernels && left->perceive_layers == right->perceive_layers &&
           same_layers(left->perceive, right->perceive, left->perceive_layers) &&
           left->update_layers == right->update_layers &&
           same_layers(left->update, right->update, left->update_layers) && left->steps == right->steps &&
           left->batch == right->batch && left->periodic == right->periodic &&
           left->asynchronous == right->asynchronous && left->fire_rate == right->fire_rate &&
           left->wiring == right->wiring && left->gates == right->gates && left->seed == right->seed;
}

bool dlca_checkpoint_fits(const DlcaTrainState *state, const DlcaModelExtras *extras, const DlcaTask *task,
                          const char *path, DlcaError *error) {
    const DlcaConfig *config = &state->training->config;
    const uint8_t *target = extras->target;
    if (!same_config(&task->config, config) || (task->target != NULL) != (target != NULL)) {
        return dlca_fail(error, DLCA_BAD_INPUT,
                         "%s: a run of another model (task %s) than these options give (task %s)", path, config->task,
                         task->config.task);
    }
    const size_t bits = (size_t)config->height * (size_t)config->width * (size_t)config->scored_channels;
    return !target || memcmp(target, task->target, bits) == 0 ||
           dlca_fail(error, DLCA_BAD_INPUT, "%s: a run with another target than these options give", path);
}
