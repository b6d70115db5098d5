/* report_page.h - the style and the script of the report, as text that goes into the page. Leaves alone: its content.
 */
#ifndef DLCA_REPORT_PAGE_H
#define DLCA_REPORT_PAGE_H

#include "../gates/text.h"

/* The style: light and dark by the reader's preference, narrow and wide screens, paper. */
void dlca_report_add_style(DlcaText *text);

/* Plays the rollout whose data stands in the element `rollout-data`; report.c says how that looks. */
void dlca_report_add_script(DlcaText *text);

#endif
