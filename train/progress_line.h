/* progress_line.h - what a run shows while it trains: one live line on a terminal, else a line now and then.
 *
 * Leaves alone: log.csv (log.h). */
#ifndef DLCA_PROGRESS_LINE_H
#define DLCA_PROGRESS_LINE_H

#include "loop.h"

#include <stdio.h>

typedef struct DlcaProgressLine {
    FILE *out;        /* NULL: shows nothing */
    bool live;        /* a terminal that moves its cursor */
    bool shown;       /* a live line stands there and must be ended */
    int64_t interval; /* epochs between lines, when not live */
    double drawn_at;  /* seconds; of the last live drawing */
} DlcaProgressLine;

/* `out` NULL: shows nothing. */
DlcaProgressLine dlca_progress_line(FILE *out, int64_t interval);

void dlca_progress_line_show(DlcaProgressLine *line, const DlcaProgress *progress);
void dlca_progress_line_end(DlcaProgressLine *line); /* the next output begins on a line of its own */

/* Epoch, soft and hard loss, wrong cells, ms per epoch, time left (or what is done besides training); without a
 * newline. `brief` is for a terminal of 80 columns. */
void dlca_progress_format(const DlcaProgress *progress, bool brief, char *text, size_t size);

#endif
