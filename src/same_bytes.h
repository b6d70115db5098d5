/* same_bytes.h - choices that results depend on to the bit: every backend takes them from here.
 *
 * Gradients are sums, and sums depend on their order: which tiles make a group, and whether cells with equal histories
 * are one column. Leaves alone: how a backend computes. */
#ifndef DLCA_SAME_BYTES_H
#define DLCA_SAME_BYTES_H

#include "backend.h"
#include "classes.h"

/* Steps that a backend is made for. */
static inline int32_t dlca_most_steps(const DlcaModel *model, const DlcaBackendOptions *options) {
    return options->steps > 0 ? options->steps : model->config.steps;
}

/* Groups of tiles with gradient sums of their own: enough for many threads, few enough that adding them up costs
 * nothing beside a step. */
enum { DLCA_MAX_GROUPS = 8 };

static inline int32_t dlca_groups(int32_t tiles) {
    return tiles < DLCA_MAX_GROUPS ? tiles : DLCA_MAX_GROUPS;
}

/* Parts of a whole that differ by one at most: where part `index` begins. */
static inline int64_t dlca_part(int64_t whole, int32_t index, int32_t parts) {
    return whole * index / parts;
}

/* Whether equal histories are looked for, and whether those found save enough: gathering gradients by class is slower
 * than by cell. */
bool dlca_classes_tried(int32_t cells, int32_t steps);
bool dlca_classes_pay(const DlcaClasses *classes);

/* Steps between kept states: all when states [C][pitch] fit the budget; otherwise so that checkpoints and a segment
 * take about as much. `asked`: the user's, 0 when it is free. (The bytes do not depend on it, what training takes
 * does.) */
bool dlca_checkpoints_check(int32_t asked, int32_t steps, DlcaError *error);
int32_t dlca_checkpoints(int32_t asked, int32_t steps, size_t plane_floats);

/* The constants of update number `updates` (from 1). */
DlcaAdamWStep dlca_adamw_step(const DlcaAdamW *optimizer, int64_t updates);

#endif
