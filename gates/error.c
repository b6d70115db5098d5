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
    for (char *c = error->message; *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f) {
            *c = '?';
        }
    }
    return false;
}
