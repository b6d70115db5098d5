/* circuit_json.h - circuit.json: a hard circuit as text that people and programs read.
 *
 * The format is specified in docs/formats.md: one object, one gate [op, a, b] per line. The reader trusts nothing:
 * every key once and none unknown, whole numbers in range, gates in topological order, nothing after the object.
 * Leaves alone: files (the text is a buffer here), grids (the facts are carried, not understood). */
#ifndef DLCA_CIRCUIT_JSON_H
#define DLCA_CIRCUIT_JSON_H

#include "circuit.h"

#include <stdbool.h>
#include <stddef.h>

enum { DLCA_CIRCUIT_JSON_VERSION = 1, DLCA_CIRCUIT_JSON_MAX_BYTES = 1 << 29 };

/* Where a circuit comes from and how its cells are run. */
typedef struct DlcaCircuitFacts {
    char task[32];
    uint64_t seed;
    int32_t height, width;   /* cells of the trained grid */
    int32_t channels;        /* bits of a cell: the outputs; the inputs are 9 times as many */
    int32_t scored_channels; /* the first ones are compared with the target */
    int32_t steps;           /* of the trained rollout */
    bool periodic;
    bool asynchronous;
    double fire_rate;     /* (0, 1] */
    int64_t gates_total;  /* gates of the model that it was hardened from */
    int64_t gates_active; /* of these, neither A nor B */
} DlcaCircuitFacts;

/* Every fact in range and in keeping with the circuit; `name` (a path) stands in messages. */
bool dlca_circuit_facts_check(const DlcaCircuit *circuit, const DlcaCircuitFacts *facts, const char *name,
                              DlcaError *error);

/* The file's text, NUL-terminated, *size without the NUL; the caller frees *text with free(). The same circuit and
 * facts give the same bytes. */
bool dlca_circuit_to_json(const DlcaCircuit *circuit, const DlcaCircuitFacts *facts, char **text, size_t *size,
                          DlcaError *error);

/* Parses text of `size` bytes (no NUL needed); `name` (a path) stands in messages. Creates `circuit`, which has passed
 * dlca_circuit_check. `facts` may be NULL. */
bool dlca_circuit_from_json(const char *text, size_t size, const char *name, DlcaCircuit *circuit,
                            DlcaCircuitFacts *facts, DlcaError *error);

#endif
