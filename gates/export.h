/* export.h - a cell's circuit in the formats of other tools.
 *
 * Everything is made in memory; the caller writes it. Each text begins with (or, where comments stand elsewhere, holds)
 * the task, the seed and the number of gates. Gates that no output depends on are left out, except from circuit.json.
 * Names out of files never become code: the task is reduced to letters, digits and few signs, and stands in comments
 * and strings only. Formats are specified in docs/formats.md. Leaves alone: files, making the circuit small. */
#ifndef DLCA_EXPORT_H
#define DLCA_EXPORT_H

#include "circuit_json.h"
#include "text.h"

typedef enum DlcaExportFormat {
    DLCA_EXPORT_C,          /* .c */
    DLCA_EXPORT_VERILOG,    /* .v */
    DLCA_EXPORT_BLIF,       /* .blif */
    DLCA_EXPORT_AAG,        /* .aag, AIGER as text */
    DLCA_EXPORT_AIG,        /* .aig, AIGER as bytes */
    DLCA_EXPORT_DOT,        /* .dot, Graphviz */
    DLCA_EXPORT_SVG,        /* .svg */
    DLCA_EXPORT_YOSYS_JSON, /* .yosys.json, the netlist that Yosys (read_json) and netlistsvg read */
    DLCA_EXPORT_JSON,       /* .json, circuit.json */
    DLCA_EXPORT_MARKDOWN,   /* .md */
    DLCA_EXPORT_FORMATS
} DlcaExportFormat;

/* By the end of the file's name, in any case; a message that lists the known ones otherwise. */
bool dlca_export_format(const char *path, DlcaExportFormat *format, DlcaError *error);

/* Adds the circuit in this format to `text`. Both must belong together (dlca_circuit_facts_check). */
bool dlca_export(DlcaExportFormat format, const DlcaCircuit *circuit, const DlcaCircuitFacts *facts, DlcaText *text,
                 DlcaError *error);

#endif
