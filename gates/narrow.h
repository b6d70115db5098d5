/* narrow.h - a circuit without the inputs that no gate reads and without the outputs that are inputs, and back.
 *
 * A rule of 8 channels has 72 inputs and often reads ten: tables need only those. Leaves alone: what is done with the
 * narrow circuit. */
#ifndef DLCA_NARROW_H
#define DLCA_NARROW_H

#include "circuit.h"

typedef struct DlcaNarrow {
    DlcaCircuit circuit;
    int32_t *input;  /* [circuit.inputs] the node that it was */
    int32_t *output; /* [circuit.outputs] the output that it was */
} DlcaNarrow;

bool dlca_narrow_create(DlcaNarrow *narrow, const DlcaCircuit *from, DlcaError *error);
void dlca_narrow_free(DlcaNarrow *narrow);

/* `from` with its gates replaced by those of `circuit`, which has the narrow one's inputs and outputs; creates `to`. */
bool dlca_narrow_widen(const DlcaNarrow *narrow, const DlcaCircuit *circuit, const DlcaCircuit *from, DlcaCircuit *to,
                       DlcaError *error);

#endif
