/* import_blif.h - the parts of the BLIF reader: what the scan leaves for the building of gates. */
#ifndef DLCA_IMPORT_BLIF_H
#define DLCA_IMPORT_BLIF_H

#include "import_builder.h"

/* A .names: a signal as a sum of products of others. */
typedef struct DlcaBlifTable {
    int32_t signal;
    int32_t first_read, reads; /* in DlcaBlif.read */
    int32_t first_row, rows;   /* in DlcaBlif.row */
    char phase;                /* '1': the rows say where it is 1; '0': where it is 0 */
} DlcaBlifTable;

enum { DLCA_BLIF_UNDEFINED = -1, DLCA_BLIF_INPUT = -2 };

typedef struct DlcaBlif {
    const char *name;
    DlcaError *error;
    DlcaNameTable signals;
    int32_t *definition;                      /* [signals] a table, or DLCA_BLIF_... */
    int32_t *input, inputs, *output, outputs; /* signals */
    DlcaBlifTable *table;
    int32_t tables;
    int32_t *read, reads; /* signals */
    const char **row;     /* [rows] as many characters as its table reads: 0, 1, - */
    int32_t rows;
} DlcaBlif;

/* Scans the text; all that it finds is syntactically right, and no signal is defined twice. */
bool dlca_blif_scan(DlcaBlif *blif, const char *text, size_t size);

/* Makes gates of the tables. */
bool dlca_blif_build(const DlcaBlif *blif, DlcaCircuit *circuit);

#endif
