/* error.c - fills the one error record that the library hands up to its caller. */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>

bool dlca_fail(DlcaError *error, DlcaErrorKind kind, const char *format, ...) {
    if (!error) {
        return false;
    }
    error->kind = kind;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    dlca_make_plain(error->message);
    return false;
}

void dlca_make_plain(char *text) {
    for (unsigned char *c = (unsigned char *)text; *c; c++) {
        if (*c < 0x20 || *c == 0x7f) {
            *c = '?';
        } else if (c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0) {
            c[0] = c[1] = '?';
        }
    }
}
