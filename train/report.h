/* report.h - report.html: a run in one page that needs nothing else and no network. Leaves alone: measuring, training.
 */
#ifndef DLCA_REPORT_H
#define DLCA_REPORT_H

#include "results.h"
#include "summary.h"

/* Writes folder/report.html, atomically. Reads the folder's log.csv, which must be closed. `rule` is the optimized
 * circuit that was kept. */
bool dlca_report_write(const DlcaRun *run, const DlcaSummary *summary, const DlcaCircuit *rule, DlcaError *error);

#endif
