/* wiring.h - which two rows each gate of a layer reads.
 *
 * Leaves alone: where random numbers come from (the caller draws) and what the rows mean. */
#ifndef DLCA_WIRING_H
#define DLCA_WIRING_H

#include <stdint.h>

/* Uniform in 0..bound-1. */
typedef struct DlcaDraw {
    uint32_t (*below)(void *context, uint32_t bound);
    void *context;
} DlcaDraw;

/* Each function fills wires [2][gates]: input a of every gate, then input b; inputs >= 1, gates >= 1. */

/* Pairs (0,1),(2,3),...; then (1,2),(3,4),...; then (i,i+2), (i,i+3), ... until there is one pair per gate, from the
 * beginning again when all pairs are used; then the gates are shuffled. The published `unique` connections. */
void dlca_wire_unique(int32_t inputs, int32_t gates, DlcaDraw draw, int32_t *wires);

/* Both ends drawn at random, each input used equally often to within one. A gate may read the same input twice. */
void dlca_wire_random(int32_t inputs, int32_t gates, DlcaDraw draw, int32_t *wires);

/* The first perception layer: each of `neighbours` - 1 surrounding inputs as a, the centre as b; not shuffled. */
void dlca_wire_neighbours(int32_t neighbours, int32_t centre, int32_t gates, int32_t *wires);

#endif
