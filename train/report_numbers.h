/* report_numbers.h - the tables of the report: numbers of the run, its options, where it ran. Leaves alone: what they
 * are (summary.h, options.h). */
#ifndef DLCA_REPORT_NUMBERS_H
#define DLCA_REPORT_NUMBERS_H

#include "../gates/text.h"
#include "arguments.h"
#include "summary.h"

/* Every field of summary.json. */
bool dlca_report_summary(DlcaText *text, const DlcaSummary *summary, DlcaError *error);

/* Every option with its value. */
void dlca_report_options(DlcaText *text, const DlcaArguments *arguments, const void *values);

/* Processor, threads, backend, the time now. */
void dlca_report_machine(DlcaText *text, const DlcaSummary *summary);

#endif
