/* text.h - a growing text buffer, for the formats that are written as text.
 *
 * A failed allocation is remembered and makes every later call a no-op, so a writer checks once, at the end. Leaves
 * alone: files. */
#ifndef DLCA_TEXT_H
#define DLCA_TEXT_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct DlcaText {
    char *data; /* NUL-terminated once something was added; free() it, or dlca_text_free */
    size_t size, capacity;
    bool failed;
} DlcaText;

void dlca_text_free(DlcaText *text);

/* Appends as printf does. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void dlca_text_add(DlcaText *text, const char *format, ...);

/* Appends `length` bytes as they are. */
void dlca_text_add_bytes(DlcaText *text, const char *bytes, size_t length);

/* Appends a JSON string with its quotes; quotes, backslashes and control characters are escaped. */
void dlca_text_add_json_string(DlcaText *text, const char *string);

/* Appends a number so that reading it gives the same double, as short as %g makes it. */
void dlca_text_add_real(DlcaText *text, double value);

/* False with a message when an allocation failed on the way; the text is freed then. */
bool dlca_text_check(DlcaText *text, const char *what, DlcaError *error);

#endif
