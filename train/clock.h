/* clock.h - lets each cell know when the trained steps are over, with channels that the picture does not need.
 *
 * All cells of a rule with one start begin alike, but for a single cell of ones, and all of them fire in each step. So
 * a counter in each cell, which looks at nobody, counts the steps of all. It is a shift register whose new bit is the
 * XNOR of two of its bits (a linear feedback shift register with inverted feedback, which begins at zeros; Golomb,
 * "Shift register sequences", 1967): one gate of logic. Ones in all its bits, where it would stay for ever and where
 * the single cell begins, count as zeros.
 *
 * Leaves alone: what is done in the last step and after it (finish.h). */
#ifndef DLCA_CLOCK_H
#define DLCA_CLOCK_H

#include "carry.h"

typedef struct DlcaClock {
    bool running;
    int32_t last; /* channel that is 1 in each cell before the last of the trained steps */
    int32_t done; /* channel that is 1 in each cell after the trained steps, and 0 before */
} DlcaClock;

/* Builds a clock for `steps` (2 to 126). False, where it does not find the channels or the gates; the picture after
 * step `steps` is the same in any case. The trace is that of the present circuit, before and after. */
bool dlca_clock_build(DlcaClock *clock, DlcaCarry *carry, int32_t steps, int64_t *gates);

#endif
