/* arguments.h - command lines: one table of options gives the parser, the range checks, the messages and the help.
 *
 * An option is written `--name value` or `--name=value`; a flag stands alone. A struct of the caller's holds the
 * values; the table says where in it. What the struct holds before parsing are the defaults, and the help shows them.
 * Leaves alone: what the options mean, and ending the program. */
#ifndef DLCA_ARGUMENTS_H
#define DLCA_ARGUMENTS_H

#include "../gates/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef enum DlcaOptionKind {
    DLCA_OPTION_FLAG,    /* bool, set to true */
    DLCA_OPTION_SET,     /* int32_t, set to `minimum`; for pairs such as --periodic and --no-periodic */
    DLCA_OPTION_INTEGER, /* int64_t, from minimum to maximum */
    DLCA_OPTION_REAL,    /* double, from real_minimum to real_maximum; the minimum itself only when not `open` */
    DLCA_OPTION_TEXT,    /* const char *, not empty; `check` may refuse it */
    DLCA_OPTION_MAYBE,   /* const char *, "" when the option stands alone */
    DLCA_OPTION_PARSED   /* whatever `parse` makes of it, at `offset` */
} DlcaOptionKind;

/* What becomes of an option when a run is gone on with (resume.h). */
typedef enum DlcaOptionResume {
    DLCA_RESUME_FRESH, /* of this start alone */
    DLCA_RESUME_KEPT,  /* taken over when not given again */
    DLCA_RESUME_FIXED  /* another value would give another result: taken over, and must not change */
} DlcaOptionResume;

typedef struct DlcaOption {
    const char *name; /* without the dashes */
    DlcaOptionKind kind;
    DlcaOptionResume resume;
    const char *value; /* what the help calls the value: "N"; NULL for flags */
    const char *help;  /* what it does, with the unit */
    size_t offset;     /* of its value in the caller's struct */
    int64_t minimum, maximum;
    double real_minimum, real_maximum;
    bool open;              /* real_minimum itself is refused */
    const char *no_default; /* shown instead of the value that the struct holds, when that one only says "not given"; of
                               a whole number: when it is below the minimum */
    char letter;            /* 'o': `-o value` is the same option; 0: none */
    bool (*check)(const char *text, DlcaError *error);             /* DLCA_OPTION_TEXT; may be NULL */
    bool (*parse)(const char *text, void *into, DlcaError *error); /* DLCA_OPTION_PARSED */
    const char *(*print)(const void *value);                       /* its inverse; may be NULL */
} DlcaOption;

typedef struct DlcaArguments {
    const char *program;   /* as in messages and help: "dlca simulate" */
    const char *operands;  /* "MODEL", shown in the help; "" when there are none */
    int32_t operand_count; /* how many it takes, exactly */
    const char *summary;   /* one or two lines for the help */
    const DlcaOption *option;
    int32_t options;
} DlcaArguments;

typedef enum DlcaRequest {
    DLCA_REQUEST_RUN,
    DLCA_REQUEST_HELP,   /* --help or -h */
    DLCA_REQUEST_VERSION /* --version */
} DlcaRequest;

enum { DLCA_MAX_OPERANDS = 4 };

/* Parses argv[1..] into the struct at `values` and the operands into operand [operand_count]. --help and --version end
 * the parsing where they stand. Errors name the option, what is wrong and what is accepted. */
bool dlca_arguments_parse(const DlcaArguments *arguments, int argc, char **argv, void *values,
                          const char *operand[DLCA_MAX_OPERANDS], DlcaRequest *request, DlcaError *error);

/* One option by its name, with a value as on the command line, "on" for a flag. */
bool dlca_arguments_set(const DlcaArguments *arguments, const char *name, const char *text, void *values,
                        DlcaError *error);

/* The value of an option as dlca_arguments_set takes it; false for one that says "not given" or cannot be said. */
bool dlca_option_text(const DlcaOption *option, const void *values, char *text, size_t size);

/* Usage, every option with its unit and default (what `values` holds), --help and --version. */
void dlca_arguments_help(const DlcaArguments *arguments, const void *values, FILE *out);

#endif
