/* report_circuit.h - a small circuit of a cell as an inline SVG drawing, and how often each operation occurs.
 *
 * Gates stand in columns by depth; a gate's upper wire is its a, the lower one its b. Leaves alone: other formats
 * (exporters), large circuits. */
#ifndef DLCA_REPORT_CIRCUIT_H
#define DLCA_REPORT_CIRCUIT_H

#include "../gates/circuit.h"
#include "../gates/text.h"

enum { DLCA_DRAWN_GATES = 60 }; /* more than these are a tangle */

/* False only without memory. `circuit` is a cell's rule with 9 * channels inputs. */
bool dlca_report_circuit(DlcaText *text, const DlcaCircuit *circuit, int32_t channels, int32_t scored_channels,
                         DlcaError *error);

/* A table with bars: of `ops` [gates] before, of the circuit's gates after optimization. */
void dlca_report_histogram(DlcaText *text, const uint8_t *ops, int64_t gates, const DlcaCircuit *circuit);

#endif
