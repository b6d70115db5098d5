/* harden.h - from a model's operations to its rule as a small circuit, again and again and fast.
 *
 * dlca_model_circuit (dlca.h) writes out every gate; this one is for loops that try many operations on one wiring. It
 * walks back from the outputs, enters only gates whose value matters (a pass-through ignores an input, and most gates
 * of a trained model are pass-throughs), and simplifies while it builds. It computes the scored channels and those that
 * they come to depend on, step after step. Nothing is allocated after create.
 * Leaves alone: choosing the operations. */
#ifndef DLCA_HARDEN_H
#define DLCA_HARDEN_H

#include "dlca.h"

typedef struct DlcaHardener DlcaHardener;

/* Takes what it needs of the model's shape and wires: after dlca_model_wire make a new one. */
DlcaHardener *dlca_hardener_create(const DlcaModel *model, DlcaError *error);
void dlca_hardener_free(DlcaHardener *hardener);

/* The rule with `ops` [model->gates], each below 16, simplified: 9*C inputs (neighbour * C + channel), C outputs.
 * Channels that the scored ones do not depend on, in any number of steps, are 0 after one. The circuit belongs to the
 * hardener and stays until its next call; dlca_circuit_copy keeps it. Cannot fail. */
const DlcaCircuit *dlca_hardener_circuit(DlcaHardener *hardener, const uint8_t *ops);

/* The gates of the model that the last call of dlca_hardener_circuit had to look at: with any other gate changed alone,
 * the rule stays the same. Writes their indices (each once; [model->gates] is room enough) and returns their number. */
int32_t dlca_hardener_live(DlcaHardener *hardener, int32_t *live);

#endif
