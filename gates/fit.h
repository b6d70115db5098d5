/* fit.h - whether a wanted value is a gate of two nodes, or two gates of three, where it matters.
 *
 * What is wanted: 1 at the assignments of `on`, 0 at those of `off`, anything elsewhere. Most pairs fail, so each is
 * first tried on 64 drawn pairs of an assignment of `on` and one of `off`: nodes can only tell the two apart when one
 * of them differs there, which is one word per node ("distinguishing bit-pairs", Mishchenko, Brayton, 2005). Leaves
 * alone: where on and off come from (tables.h), and which fit to take (resubstitute.h). */
#ifndef DLCA_FIT_H
#define DLCA_FIT_H

#include "ops.h"

#include <stddef.h>

typedef struct DlcaFit {
    int32_t words;
    const uint64_t *on, *off; /* [words] */
    int32_t pairs;            /* up to 64 */
    int32_t pair[64][2];      /* an assignment of on, one of off */
    uint64_t told;            /* a bit per pair */
} DlcaFit;

/* Draws the pairs; `random` is the state of a xorshift64 generator, not 0. */
void dlca_fit_begin(DlcaFit *fit, const uint64_t *on, const uint64_t *off, int32_t words, uint64_t *random);

/* Bit k: the node's values at both assignments of pair k differ. */
uint64_t dlca_fit_signature(const DlcaFit *fit, const uint64_t *row);

/* The operation of no node (FALSE, TRUE), or -1; of one node (A, NOT_A), or -1. */
int dlca_fit_constant(const DlcaFit *fit);
int dlca_fit_one(const DlcaFit *fit, const uint64_t *a);

/* Bits of the operation op(a, b) (ops.h) that must be 1, and those that must be 0; false when one must be both. */
bool dlca_fit_two(const DlcaFit *fit, const uint64_t *a, const uint64_t *b, int *ones, int *zeros);

/* op(x, inner(y, z)) where x is row `outer` of the three and y, z the next two in a circle. `first` (0 to 14) says
 * where to begin to look among the forms, so that each has its chance. */
typedef struct DlcaFitThree {
    int outer, inner, ones, zeros;
} DlcaFitThree;
bool dlca_fit_three(const DlcaFit *fit, const uint64_t *const row[3], int first, DlcaFitThree *found);

/* xorshift64 (Marsaglia, 2003). */
static inline uint64_t dlca_fit_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

#endif
