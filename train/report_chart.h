/* report_chart.h - lines over an axis as inline SVG. Leaves alone: where the numbers come from, colours (the page's
 * style gives them, by class). */
#ifndef DLCA_REPORT_CHART_H
#define DLCA_REPORT_CHART_H

#include "../gates/text.h"

#include <stdint.h>

enum { DLCA_CHART_LINES = 3 };

typedef struct DlcaChartLine {
    const char *name;
    const char *style; /* the class that colours it: "soft", "hard", "mean", "most" */
    const double *y;   /* [points] */
} DlcaChartLine;

typedef struct DlcaChart {
    const char *style; /* classes of the whole */
    const char *title, *x_name;
    bool logarithmic; /* y; numbers that are not positive lie on the lower edge */
    int32_t points;
    const double *x; /* [points], rising */
    int32_t lines;
    DlcaChartLine line[DLCA_CHART_LINES];
    const char *mark_name; /* an upright line at mark_x; NULL: none */
    double mark_x;
} DlcaChart;

/* Names are escaped. A chart without points says so. */
void dlca_report_chart(DlcaText *text, const DlcaChart *chart);

#endif
