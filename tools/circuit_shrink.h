/* circuit_shrink.h - `dlca circuit --shrink`: the same target by any way with fewer gates, proven.
 *
 * Leaves alone: the search and the proof (src/shrink.h). */
#ifndef DLCA_CIRCUIT_SHRINK_H
#define DLCA_CIRCUIT_SHRINK_H

#include "../src/dlca.h"

typedef struct DlcaShrunk {
    DlcaCircuit rule; /* when smaller: right for every start at the trained step and for ever, proven */
    int32_t gates_before;
} DlcaShrunk;

/* `target` [H][W][S] bits; NULL is refused, as is a rule whose cells fire at random. */
bool dlca_shrink(DlcaShrunk *shrunk, const DlcaCircuit *rule, const DlcaConfig *config, const uint8_t *target,
                 DlcaError *error);

void dlca_report_shrunk(const DlcaShrunk *shrunk, const DlcaConfig *config);

#endif
