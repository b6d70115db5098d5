/* reads.h - what a circuit says about itself: operations, what each output depends on, expressions.
 *
 * Leaves alone: where it is printed. */
#ifndef DLCA_READS_H
#define DLCA_READS_H

#include "circuit.h"
#include "text.h"

enum { DLCA_EXPLAIN_INPUTS = 12 };

/* How often each operation stands in it. */
void dlca_circuit_histogram(const DlcaCircuit *circuit, int64_t count[DLCA_OPS]);

/* reads [outputs][inputs]: output depends on input, as far as the wires say (a small circuit has few false ones).
 * False when there is no memory. */
bool dlca_circuit_support(const DlcaCircuit *circuit, bool *reads, DlcaError *error);

/* The output as expressions of ! & ^ | and the inputs' names, one per line: what is used more than once is named first
 * (t1, t2, ...). Where some of the inputs matter only by how many of them are 1, a line says for which counts. Adds a
 * line that says so when the output depends on more than DLCA_EXPLAIN_INPUTS inputs. Each line begins with `indent`.
 * Inputs are named as in patch_names.h, with circuit->inputs / 9 channels. */
void dlca_circuit_explain(const DlcaCircuit *circuit, int32_t output, const char *indent, DlcaText *text);

/* The line about counts alone; nothing when there is none to say. input [inputs], at most DLCA_EXPLAIN_INPUTS: those
 * that the output depends on. */
void dlca_circuit_explain_counts(const DlcaCircuit *circuit, int32_t output, const int32_t *input, int32_t inputs,
                                 const char *indent, DlcaText *text);

#endif
