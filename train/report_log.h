/* report_log.h - the rows of log.csv as columns of numbers, for curves. Leaves alone: writing it (log.h). */
#ifndef DLCA_REPORT_LOG_H
#define DLCA_REPORT_LOG_H

#include "../gates/error.h"

#include <stdint.h>

typedef struct DlcaLogColumns {
    int32_t rows;
    double *epoch, *soft_loss, *hard_loss, *wrong_percent; /* [rows] of the scored bits; one allocation, at epoch */
} DlcaLogColumns;

/* Reads the log of a run's folder; a run that was never judged has a heading and no rows. Rows beyond `most` are drawn
 * together, the mean of neighbours taking their place. */
bool dlca_log_columns_read(DlcaLogColumns *columns, const char *folder, int32_t most, DlcaError *error);
void dlca_log_columns_free(DlcaLogColumns *columns);

#endif
