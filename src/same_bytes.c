/* same_bytes.c - see same_bytes.h. */
#include "same_bytes.h"

/* Cells and steps up to which classes are looked for, and the part of the columns that may be left at most. */
static const double MOST_CELL_STEPS = 4e6, MOST_COLUMNS = 0.9;

bool dlca_classes_tried(int32_t cells, int32_t steps) {
    return (double)cells * (double)steps <= MOST_CELL_STEPS;
}

bool dlca_classes_pay(const DlcaClasses *classes) {
    return (double)classes->shared <= MOST_COLUMNS * ((double)classes->cells * (double)classes->steps);
}

bool dlca_checkpoints_check(int32_t asked, int32_t steps, DlcaError *error) {
    return (asked >= 0 && asked <= steps) ||
           dlca_fail(error, DLCA_BAD_INPUT, "checkpoint-every is %d: it must be 1 to %d, the steps of the rollout",
                     asked, steps);
}

int32_t dlca_checkpoints(int32_t asked, int32_t steps, size_t plane_floats) {
    if (asked > 0) {
        return asked;
    }
    if (((size_t)steps + 1) * plane_floats * sizeof(float) <= DLCA_STATE_BUDGET) {
        return steps;
    }
    int32_t every = 1;
    while ((int64_t)every * every < steps) {
        every++;
    }
    return every;
}

/* x^n by squaring: the library's pow need not round alike everywhere. */
static double power(double x, int64_t n) {
    double result = 1.0;
    for (; n > 0; n /= 2) {
        result = n % 2 ? result * x : result;
        x *= x;
    }
    return result;
}

DlcaAdamWStep dlca_adamw_step(const DlcaAdamW *optimizer, int64_t updates) {
    return (DlcaAdamWStep){.rate = optimizer->rate,
                           .b1 = optimizer->b1,
                           .b2 = optimizer->b2,
                           .epsilon = optimizer->epsilon,
                           .decay = optimizer->decay,
                           .clip = optimizer->clip,
                           .correction1 = (float)(1.0 - power((double)optimizer->b1, updates)),
                           .correction2 = (float)(1.0 - power((double)optimizer->b2, updates))};
}
