/* equivalence.h - proof that two circuits compute the same outputs, or an assignment on which they do not.
 *
 * Both become one graph of unique gates, so what they share falls together; the pairs of outputs that still differ are
 * tried on all assignments where they read at most DLCA_EQUIVALENCE_ALL_INPUTS inputs together, else on 2^16 random
 * ones, and what survives is put to the SAT solver (a "miter": Brand, 1993). Leaves alone: other programs' proofs. */
#ifndef DLCA_EQUIVALENCE_H
#define DLCA_EQUIVALENCE_H

#include "circuit.h"

enum { DLCA_EQUIVALENCE_ALL_INPUTS = 20 };

typedef enum DlcaEquivalence { DLCA_EQUIVALENCE_NOT_DECIDED, DLCA_EQUIVALENT, DLCA_DIFFERENT } DlcaEquivalence;

typedef struct DlcaEquivalenceProof {
    DlcaEquivalence verdict;
    const char *means;   /* "structure", "all assignments", "samples", "SAT" */
    int32_t output;      /* the first found to differ, when different */
    uint8_t *assignment; /* [inputs] on which it does; owned; NULL otherwise */
} DlcaEquivalenceProof;

/* `seconds`: limit of the solver's part, 0: none. False only for circuits of different shape and lack of memory. */
bool dlca_circuit_equivalence(DlcaEquivalenceProof *proof, const DlcaCircuit *left, const DlcaCircuit *right,
                              double seconds, DlcaError *error);
void dlca_equivalence_free(DlcaEquivalenceProof *proof);

#endif
