/* circuit_report.h - what `dlca circuit` prints. */
#ifndef DLCA_CIRCUIT_REPORT_H
#define DLCA_CIRCUIT_REPORT_H

#include "circuit_minimize.h"
#include "rule.h"

/* Operations before and after, sizes, depth, what each channel depends on, which neighbours nothing reads. */
bool dlca_report_circuit(const DlcaConfig *config, const DlcaCircuit *before, const DlcaCircuit *after,
                         DlcaError *error);

void dlca_report_across_time(const DlcaRuleReport *report);

/* "verified: ..." */
void dlca_report_verdict(const DlcaVerdict *verdict, const char *with);

/* Each output as expressions. */
bool dlca_report_expressions(const DlcaCircuit *circuit, DlcaError *error);

#endif
