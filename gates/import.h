/* import.h - circuits that other programs wrote: AIGER (text and bytes) and BLIF, combinational.
 *
 * The readers trust nothing: every number in range, every name defined once, no circles, nothing missing at the end,
 * and memory in proportion to the file. Inputs and outputs that carry the names of patch_names.h are put into our
 * order, whatever order the file has, and inputs that it leaves out are ones that nothing reads; otherwise they keep
 * the file's order. Latches, subcircuits and don't-cares are refused. Formats: docs/formats.md. Leaves alone: whether
 * the circuit is a cell's rule (dlca_circuit_facts_check), files. */
#ifndef DLCA_IMPORT_H
#define DLCA_IMPORT_H

#include "circuit.h"

enum {
    DLCA_IMPORT_MAX_BYTES = 1 << 26,
    DLCA_IMPORT_MAX_OUTPUTS = 1024,
    DLCA_IMPORT_MAX_INPUTS = 9 * DLCA_IMPORT_MAX_OUTPUTS
};

/* Whether the bytes begin as AIGER does, or as BLIF (a directive or a comment). */
bool dlca_import_is_aiger(const char *bytes, size_t size);
bool dlca_import_is_blif(const char *bytes, size_t size);

/* Creates `circuit`, which has passed dlca_circuit_check; `name` (a path) stands in messages. */
bool dlca_import_aiger(const char *bytes, size_t size, const char *name, DlcaCircuit *circuit, DlcaError *error);
bool dlca_import_blif(const char *bytes, size_t size, const char *name, DlcaCircuit *circuit, DlcaError *error);

#endif
