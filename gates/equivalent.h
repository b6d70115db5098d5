/* equivalent.h - do two circuits compute the same outputs for every assignment of their inputs? A proof, not a sample.
 *
 * With few inputs by trying all assignments. With more, both are built into one graph of unique gates, where much
 * becomes the same node at once, and a SAT solver is asked for an assignment that tells the others apart. Leaves alone:
 * circuits that are the same only as rules that run (src/across_time.h). */
#ifndef DLCA_EQUIVALENT_H
#define DLCA_EQUIVALENT_H

#include "circuit.h"

typedef enum DlcaEquivalence { DLCA_EQUIVALENCE_UNDECIDED, DLCA_EQUIVALENT, DLCA_DIFFERENT } DlcaEquivalence;

typedef struct DlcaEquivalenceProof {
    DlcaEquivalence answer; /* undecided: there is no solver, or the time ran out */
    int64_t assignments;    /* tried, all there are; 0: by graph and solver */
    int32_t by_graph;       /* outputs that became the same node */
    int32_t by_solver;      /* outputs that the solver decided */
    int32_t output;         /* by graph and solver: the one that differs or is undecided */
} DlcaEquivalenceProof;

enum { DLCA_EQUIVALENT_ALL_INPUTS = 20 };

/* Both must pass dlca_circuit_check. `seconds`: limit for the solver, 0: none. False when they have other numbers of
 * inputs or outputs, or there is no memory. */
bool dlca_circuit_equivalent(const DlcaCircuit *left, const DlcaCircuit *right, double seconds,
                             DlcaEquivalenceProof *proof, DlcaError *error);

#endif
