/* circuit_options.h - the options of `dlca circuit`. */
#ifndef DLCA_CIRCUIT_OPTIONS_H
#define DLCA_CIRCUIT_OPTIONS_H

#include "../gates/export.h"
#include "../train/arguments.h"

enum { DLCA_MOST_OUTPUTS = 16 };

typedef struct DlcaCircuitOutputs {
    int32_t count;
    const char *path[DLCA_MOST_OUTPUTS];
    DlcaExportFormat format[DLCA_MOST_OUTPUTS];
} DlcaCircuitOutputs;

typedef struct DlcaCircuitOptions {
    DlcaCircuitOutputs output;
    const char *original;
    bool no_optimize, prove, steady, shrink, explain, quiet;
} DlcaCircuitOptions;

DlcaArguments dlca_circuit_arguments(void);

#endif
