/* import_builder.h - what the readers share: a circuit that grows gate by gate, and its names put in order. */
#ifndef DLCA_IMPORT_BUILDER_H
#define DLCA_IMPORT_BUILDER_H

#include "import.h"
#include "literal.h"
#include "name_table.h"

/* Literals: value 0 is false, 1 .. inputs the inputs, then the gates. */
typedef struct DlcaImportBuilder {
    const char *name; /* of the file */
    DlcaCircuit circuit;
    bool failed; /* no memory or too many gates; every later call does nothing */
} DlcaImportBuilder;

/* Inverters and constants are taken into the gate, so it may come out as no gate at all. */
DlcaLiteral dlca_import_gate(DlcaImportBuilder *builder, int op, DlcaLiteral a, DlcaLiteral b);

/* Adds what the outputs need, puts inputs and outputs into the order of their names, checks, and hands the circuit
 * over. The names may be NULL. The builder is empty afterwards, whatever comes out. */
bool dlca_import_finish(DlcaImportBuilder *builder, const DlcaLiteral *output, int32_t outputs,
                        const DlcaName *input_name, const DlcaName *output_name, DlcaCircuit *circuit,
                        DlcaError *error);

/* Counts within what is supported, said of the file. */
bool dlca_import_counts(const char *name, int64_t inputs, int64_t outputs, DlcaError *error);

#endif
