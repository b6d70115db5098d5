/* report_text.h - text for the report that is safe inside HTML and SVG, and bytes as base64.
 *
 * Leaves alone: what is said (the other report files). */
#ifndef DLCA_REPORT_TEXT_H
#define DLCA_REPORT_TEXT_H

#include "../gates/text.h"

#include <stdint.h>

/* Appends any bytes so that they are text and nothing but text, in content and in quoted attributes: markup is
 * escaped, control characters and what is not UTF-8 become '?'. */
void dlca_report_escape(DlcaText *text, const char *string);

/* Appends a whole number in groups of three, with thin spaces between: 12 345. */
void dlca_report_count(DlcaText *text, int64_t number);

/* Appends base64 with padding, without line breaks. */
void dlca_report_base64(DlcaText *text, const uint8_t *bytes, size_t size);

#endif
