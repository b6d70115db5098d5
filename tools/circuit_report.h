/* circuit_report.h - what `dlca circuit` prints. */
#ifndef DLCA_CIRCUIT_REPORT_H
#define DLCA_CIRCUIT_REPORT_H

#include "../gates/equivalent.h"
#include "../src/other_program.h"
#include "circuit_minimize.h"
#include "rule.h"

/* Operations before and after, sizes, depth, what each channel depends on, which neighbours nothing reads. */
bool dlca_report_circuit(const DlcaConfig *config, const DlcaCircuit *before, const DlcaCircuit *after,
                         DlcaError *error);

/* What each pass left, where it helped, and what was found across time. */
void dlca_report_passes(const DlcaMinimized *minimized);

/* "proven: ..." or "not proven: ..." */
void dlca_report_proof(const DlcaEquivalenceProof *proof, DlcaAbcAnswer abc, const char *with);

/* "verified: ..." */
void dlca_report_verdict(const DlcaVerdict *verdict, const char *with);

/* Each output as expressions. */
bool dlca_report_expressions(const DlcaCircuit *circuit, DlcaError *error);

#endif
