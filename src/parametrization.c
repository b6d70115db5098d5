/* parametrization.c - the table of parametrizations. */
#include "parametrization.h"

#include "parametrization_math.h"

#include <stdio.h>
#include <string.h>

/* ---- softmax16: a logit for each operation (Petersen et al., 2022; Miotti et al., 2025) ---- */

static void start_softmax(DlcaOp operation, float pass, float logits[DLCA_OPS]) {
    memset(logits, 0, DLCA_OPS * sizeof *logits);
    logits[operation] = pass;
}

/* ---- light ---- */

static void settle_light(float logits[DLCA_OPS]) {
    light_settle(logits);
}

/* With parameters of 3/4 of `pass` the operation has about the probability that softmax16 gives it: 0.91 for 5, 0.998
 * for 10. */
static void start_light(DlcaOp operation, float pass, float logits[DLCA_OPS]) {
    for (int row = 0; row < TABLE_ROWS; row++) {
        logits[1 << row] = (int)operation >> row & 1 ? 0.75f * pass : -0.75f * pass;
    }
    settle_light(logits);
}

static void pull_back_light(float gradient[DLCA_OPS]) {
    light_pull_back(gradient);
}

static bool valid_light(const float logits[DLCA_OPS]) {
    for (int op = 0; op < DLCA_OPS; op++) {
        if (logits[op] != light_sum_of_rows(logits, op)) {
            return false;
        }
    }
    return true;
}

/* ---- gumbel ---- */

double dlca_natural_log(double x) {
    return natural_log(x);
}

static void disturb_gumbel(uint64_t seed, uint32_t epoch, int64_t gate, float logits[DLCA_OPS]) {
    gumbel_disturb(seed, DLCA_RANDOM_GUMBEL, epoch, (uint32_t)gate, logits);
}

/* ---- the table ---- */

/* straight-through: Bengio, Leonard, Courville, "Estimating or propagating gradients through stochastic neurons"
 * (2013), here for the argmax of the softmax. */
static const DlcaParametrization table[DLCA_GATES_COUNT] = {
    [DLCA_GATES_SOFTMAX16] = {.name = "softmax16", .start = start_softmax},
    [DLCA_GATES_LIGHT] = {.name = "light",
                          .start = start_light,
                          .pull_back = pull_back_light,
                          .settle = settle_light,
                          .valid = valid_light},
    [DLCA_GATES_GUMBEL] = {.name = "gumbel", .start = start_softmax, .disturb = disturb_gumbel},
    [DLCA_GATES_STRAIGHT_THROUGH] = {.name = "straight-through", .hard = true, .start = start_softmax},
};

const DlcaParametrization *dlca_parametrization(DlcaGates gates) {
    return &table[gates];
}

bool dlca_gates_find(const char *name, DlcaGates *gates, DlcaError *error) {
    char names[128] = "";
    for (int i = 0; i < DLCA_GATES_COUNT; i++) {
        if (strcmp(name, table[i].name) == 0) {
            *gates = (DlcaGates)i;
            return true;
        }
        const size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "", table[i].name);
    }
    return dlca_fail(error, DLCA_BAD_INPUT, "gates '%.40s': accepted are %s", name, names);
}
