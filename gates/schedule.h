/* schedule.h - the order in which the gates of a layer are evaluated, made so that neighbours in it share an input.
 *
 * Inputs are vertices, gates are edges; the edges are walked in trails. Along a trail the row that the last gate read is
 * the next gate's other input, so that each row is loaded once, and its gradient, the sum of two gates' parts, is
 * stored once. With `unique` wiring a layer of 256 gates on 264 inputs is nearly one trail. Leaves alone: the kernels
 * that follow the order (kernels.h), and where rows lie (the caller places them). */
#ifndef DLCA_SCHEDULE_H
#define DLCA_SCHEDULE_H

#include "error.h"
#include "kernels.h"

/* Places of the gates in the order: gate order[s] is step s; swapped[s] says that near is its input b. */
typedef struct DlcaTrails {
    int32_t *order;   /* [gates] */
    uint8_t *swapped; /* [gates] */
} DlcaTrails;

/* Walks trails over wires [2][gates] of `inputs` rows and fills steps [gates] with near, far (input numbers), out (gate
 * number) and flags. Deterministic. Fails only for lack of memory. */
bool dlca_schedule_trails(int32_t inputs, int32_t gates, const int32_t *wires, DlcaStep *steps, DlcaTrails trails,
                          DlcaError *error);

/* first_use [inputs]: a permutation of 0..inputs-1, the place of each input in the order of first use by the steps;
 * inputs that no step uses come last. */
void dlca_schedule_first_use(int32_t inputs, int32_t gates, const DlcaStep *steps, int32_t *first_use);

/* pairs [gates] for a wide layer in the gates' own order. With all_add every flag says add. */
void dlca_schedule_pairs(int32_t inputs, int32_t gates, const int32_t *wires, bool all_add, uint8_t *seen,
                         DlcaPair *pairs);

#endif
