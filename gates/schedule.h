/* schedule.h - the order in which the gates of a layer are evaluated, made so that neighbours in it share an input.
 *
 * Inputs are vertices, gates are edges; the edges are walked in trails. Along a trail the row that the last gate read
 * is the next gate's other input, so that each row is loaded once, and its gradient, the sum of two gates' parts, is
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
 * number) and flags; the caller turns numbers into places. Deterministic. Fails only for lack of memory. */
bool dlca_schedule_trails(int32_t inputs, int32_t gates, const int32_t *wires, DlcaStep *steps, DlcaTrails trails,
                          DlcaError *error);

/* first_use [inputs]: a permutation of 0..inputs-1, the place of each input in the order of first use by the steps;
 * inputs that no step uses come last. */
void dlca_schedule_first_use(int32_t inputs, int32_t gates, const DlcaStep *steps, int32_t *first_use);

/* Rows that layers in turn share, and scratch. A layer needs at most as many as it has inputs and gates. */
typedef struct DlcaRows {
    int32_t count;         /* rows in use so far */
    const int32_t *row_of; /* [inputs] the row of each input, all different, below count */
    int32_t *left;         /* [inputs] scratch */
    int32_t *spare;        /* [most rows] scratch */
    uint8_t *taken;        /* [most rows] scratch */
} DlcaRows;

/* Outputs in place of inputs: as soon as no later step reads an input, its row may take an output, so that the values
 * of a layer stay within the first-level cache. Fills out_row [gates]; adds rows when none is free. */
void dlca_schedule_in_place(int32_t inputs, int32_t gates, const DlcaStep *steps, DlcaRows *rows, int32_t *out_row);

/* A perception kernel's layers in the order of a binary tree (kernels.h): order[l][i] is the gate of layer l at place
 * i, so that place i reads places 2i (as a) and 2i+1 (as b) of the layer before. gates [layers], wires [layers]. False
 * when the wiring is no such tree of 8, 4, 2 or 8, 4, 2, 1 gates whose first layer reads `centre` as b. */
bool dlca_schedule_tree(int32_t layers, const int32_t *gates, int32_t *const *wires, int32_t centre,
                        int32_t order[4][8]);

/* pairs [gates] for a wide layer in the given order of its gates (NULL: their own): a and b are input numbers, out the
 * gate's. seen [inputs] says which gradient rows have a value already, and is brought up to date. */
void dlca_schedule_pairs(int32_t gates, const int32_t *wires, const int32_t *order, uint8_t *seen, DlcaPair *pairs);

#endif
