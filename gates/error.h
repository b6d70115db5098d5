/* error.h - how every function of the library reports what went wrong.
 *
 * A function that can fail takes a `DlcaError *error` as its last parameter and returns false (or NULL). The library
 * never prints and never exits; only the mains do. Leaves alone: what to do about an error. */
#ifndef DLCA_ERROR_H
#define DLCA_ERROR_H

#include <stdbool.h>

/* The kinds are the exit codes of the programs. */
typedef enum DlcaErrorKind {
    DLCA_NO_ERROR = 0,
    DLCA_FAILED = 1,   /* the machine let us down: a write, memory, a thread */
    DLCA_BAD_INPUT = 2 /* the caller's file, option or value is wrong */
} DlcaErrorKind;

typedef struct DlcaError {
    DlcaErrorKind kind;
    char message[512]; /* one line, no newline: what is wrong, with its name, and what would be right */
} DlcaError;

/* Fills `error` (may be NULL) from a printf format and returns false, so that `return dlca_fail(...)` reads well.
 * Control characters in the result (from file names or file contents) are replaced by '?', so it stays one line. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
bool dlca_fail(DlcaError *error, DlcaErrorKind kind, const char *format, ...);

/* Puts '?' for every byte of a control character: below 0x20, 0x7f, and U+0080 to U+009F in UTF-8. What is left can
 * be shown on a terminal without steering it. */
void dlca_make_plain(char *text);

#endif
