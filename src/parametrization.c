/* parametrization.c - the table of parametrizations. */
#include "parametrization.h"

#include <stdio.h>
#include <string.h>

/* ---- softmax16: a logit for each operation (Petersen et al., 2022; Miotti et al., 2025) ---- */

static void start_softmax(DlcaOp operation, float pass, float logits[DLCA_OPS]) {
    memset(logits, 0, DLCA_OPS * sizeof *logits);
    logits[operation] = pass;
}

/* ---- light: a parameter for each row of the truth table ----
 *
 * Ruettgers, Aczel, Plesner, Wattenhofer, "Light Differentiable Logic Gate Networks" (2025): the output for inputs
 * (0,0), (0,1), (1,0), (1,1) is sigmoid(t) of a parameter t of its own. If each row of the table is drawn by its
 * sigmoid, an operation has the probability of all its rows, which is proportional to e to the sum of t over the rows
 * that it has 1 in: a softmax over logits that are these sums. The mean of the tables is the table of the sigmoids, and
 * relaxed operations are linear in their tables, so coefficients and gradients are those of the light gate, exactly.
 *
 * The parameter of a row is the logit of the operation with that row alone; that of FALSE is 0, the others are sums. */
enum { ROWS = 4 };

static float sum_of_rows(const float logits[DLCA_OPS], int op) {
    float sum = 0.0f;
    for (int row = 0; row < ROWS; row++) {
        sum += op >> row & 1 ? logits[1 << row] : 0.0f;
    }
    return sum;
}

static void settle_light(float logits[DLCA_OPS]) {
    for (int op = 0; op < DLCA_OPS; op++) {
        logits[op] = sum_of_rows(logits, op); /* of one row: itself */
    }
}

/* With parameters of 3/4 of `pass` the operation has about the probability that softmax16 gives it: 0.91 for 5, 0.998
 * for 10. */
static void start_light(DlcaOp operation, float pass, float logits[DLCA_OPS]) {
    for (int row = 0; row < ROWS; row++) {
        logits[1 << row] = (int)operation >> row & 1 ? 0.75f * pass : -0.75f * pass;
    }
    settle_light(logits);
}

static void pull_back_light(float gradient[DLCA_OPS]) {
    float rows[ROWS] = {0.0f};
    for (int op = 0; op < DLCA_OPS; op++) {
        for (int row = 0; row < ROWS; row++) {
            rows[row] += op >> row & 1 ? gradient[op] : 0.0f;
        }
    }
    memset(gradient, 0, DLCA_OPS * sizeof *gradient);
    for (int row = 0; row < ROWS; row++) {
        gradient[1 << row] = rows[row];
    }
}

static bool valid_light(const float logits[DLCA_OPS]) {
    for (int op = 0; op < DLCA_OPS; op++) {
        if (logits[op] != sum_of_rows(logits, op)) {
            return false;
        }
    }
    return true;
}

/* ---- gumbel: softmax16 of logits with noise ----
 *
 * Gumbel noise, -log(-log u) with u uniform in (0,1), makes the largest logit that of an operation drawn by the softmax
 * (Jang, Gu, Poole, "Categorical reparameterization with Gumbel-softmax", 2017; for gates Yousefi et al., "Mind the
 * gap", 2025). One draw for each gate, operation and epoch, temperature 1. */
double dlca_natural_log(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int64_t exponent = (int64_t)(bits >> 52) - 1022;
    bits = (bits & 0xFFFFFFFFFFFFFu) | 0x3FE0000000000000u; /* the fraction, in [1/2, 1) */
    memcpy(&x, &bits, sizeof x);
    if (x < 0.70710678118654752) {
        x += x;
        exponent--;
    }
    /* log x = 2 artanh z = 2 (z + z^3/3 + z^5/5 + ...), |z| < 0.172: the next term is below 1e-18 of the sum */
    const double z = (x - 1.0) / (x + 1.0), square = z * z;
    double series = 0.0;
    for (int term = 21; term >= 1; term -= 2) {
        series = series * square + 1.0 / term;
    }
    return (double)exponent * 0.69314718055994531 + 2.0 * z * series;
}

static void disturb_gumbel(uint64_t seed, uint32_t epoch, int64_t gate, float logits[DLCA_OPS]) {
    uint32_t draws[4];
    for (int op = 0; op < DLCA_OPS; op++) {
        if (op % 4 == 0) {
            dlca_random(seed, DLCA_RANDOM_GUMBEL, epoch, (uint32_t)op / 4, (uint32_t)gate, draws);
        }
        const double uniform = ((double)draws[op % 4] + 0.5) / 4294967296.0;
        logits[op] += (float)-dlca_natural_log(-dlca_natural_log(uniform));
    }
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
