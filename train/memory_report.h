/* memory_report.h - the memory plan of a training, for people. Leaves alone: making the plan (src/backend.h). */
#ifndef DLCA_MEMORY_REPORT_H
#define DLCA_MEMORY_REPORT_H

#include "../src/backend.h"

#include <stdio.h>

void dlca_memory_print(const DlcaMemoryPlan *plan, const DlcaConfig *config, FILE *out);

#endif
