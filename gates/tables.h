/* tables.h - a circuit with the values of all its nodes over many assignments at once, and what may change in it.
 *
 * Assignments stand in words of 64; with all 2^inputs of them the rows are truth tables. Leaves alone: which
 * assignments, and which change to make (resubstitute.h). */
#ifndef DLCA_TABLES_H
#define DLCA_TABLES_H

#include "circuit.h"

typedef struct DlcaTables {
    DlcaCircuit circuit; /* gates and outputs within the room of the one it was created for */
    int32_t words;
    int32_t room;      /* nodes */
    uint64_t *value;   /* [node][words] */
    uint64_t *flipped; /* [node][words] with one gate inverted; written for nodes that follow it */
    bool *follows;     /* [node] depends on that gate, or is it */
    int32_t *readers;  /* [node] gates and outputs that read it */
    bool *freed;       /* [node] goes when that gate goes */
    int32_t *list;     /* [2 * node] the nodes that go; then those of them that are kept again */
    int32_t freed_count;
    DlcaGate *moved; /* [gates] */
    int32_t *place;  /* [node] */
} DlcaTables;

/* Room for circuits with `more` gates more than this one; it holds a copy of it. The inputs' rows are the caller's to
 * fill, then dlca_tables_evaluate. */
bool dlca_tables_create(DlcaTables *tables, const DlcaCircuit *circuit, int32_t more, int32_t words, DlcaError *error);
void dlca_tables_free(DlcaTables *tables);

/* Takes over another circuit of the same inputs, no larger than the room, and evaluates it. */
void dlca_tables_set(DlcaTables *tables, const DlcaCircuit *circuit);
void dlca_tables_evaluate(DlcaTables *tables);

static inline uint64_t *dlca_tables_row(const DlcaTables *tables, int32_t node) {
    return tables->value + (size_t)node * (size_t)tables->words;
}

/* Where node n matters: assignments at which an output changes when n is inverted. on: it matters and is 1; off: it
 * matters and is 0; both [words]. Marks what follows n. */
void dlca_tables_care(DlcaTables *tables, int32_t n, uint64_t *on, uint64_t *off);

/* Lists the nodes that do not follow n (after dlca_tables_care of it), gates of less than two inputs left out. */
int32_t dlca_tables_independent(const DlcaTables *tables, int32_t *list);

/* Gate n is about to be replaced: marks the gates that nothing else reads. Until dlca_tables_bring_back nothing else
 * may change. */
void dlca_tables_take_away(DlcaTables *tables, int32_t n);
void dlca_tables_bring_back(DlcaTables *tables);

/* Gates, without n itself, that go when n is replaced by something that reads these nodes. */
int32_t dlca_tables_freed(DlcaTables *tables, const int32_t *read, int32_t reads);

/* Gate n becomes `gate`, which reads nodes that do not follow n (after dlca_tables_care of it), or DLCA_TABLES_INNER:
 * then `inner` is added, otherwise it may be NULL. Gates are put in order again, values are not computed again. */
enum { DLCA_TABLES_INNER = -1 };
void dlca_tables_put(DlcaTables *tables, int32_t n, DlcaGate gate, const DlcaGate *inner);

#endif
