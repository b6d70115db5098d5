/* arguments.c - parses a command line by a table of options. Leaves alone: the help text (arguments_help.c). */
#include "arguments.h"

#include "nearest.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NAMES = 64 };

static void *place(const DlcaOption *option, void *values) {
    return (char *)values + option->offset;
}

static bool takes_value(const DlcaOption *option) {
    return option->kind != DLCA_OPTION_FLAG && option->kind != DLCA_OPTION_SET;
}

/* What an option accepts, for messages. */
static void describe(const DlcaOption *option, char *text, size_t size) {
    switch (option->kind) {
    case DLCA_OPTION_INTEGER:
        snprintf(text, size, "a whole number from %" PRId64 " to %" PRId64, option->minimum, option->maximum);
        break;
    case DLCA_OPTION_REAL:
        snprintf(text, size, "a number %s %g up to %g", option->open ? "above" : "from", option->real_minimum,
                 option->real_maximum);
        break;
    default:
        snprintf(text, size, "%s (%s)", option->value ? option->value : "", option->help);
    }
}

static bool refuse(const DlcaOption *option, const char *text, const char *what, DlcaError *error) {
    char accepted[256];
    describe(option, accepted, sizeof accepted);
    return dlca_fail(error, DLCA_BAD_INPUT, "--%s: '%s' %s; accepted: %s", option->name, text, what, accepted);
}

static bool parse_integer(const DlcaOption *option, const char *text, void *values, DlcaError *error) {
    /* strtoll would also take leading blanks and a plus sign. */
    const char *digits = text[0] == '-' ? text + 1 : text;
    if (digits[0] == '\0' || digits[strspn(digits, "0123456789")] != '\0') {
        return refuse(option, text, "is not a whole number", error);
    }
    errno = 0;
    long long number = strtoll(text, NULL, 10);
    if (errno == ERANGE || number < option->minimum || number > option->maximum) {
        return refuse(option, text, "is out of range", error);
    }
    *(int64_t *)place(option, values) = number;
    return true;
}

static bool parse_real(const DlcaOption *option, const char *text, void *values, DlcaError *error) {
    char *end = NULL;
    double number = strtod(text, &end);
    /* strtod would also take blanks, hexadecimal, "nan" and "inf". */
    if (text[0] == '\0' || text[strspn(text, "0123456789.eE+-")] != '\0' || *end != '\0') {
        return refuse(option, text, "is not a number", error);
    }
    bool too_small = option->open ? number <= option->real_minimum : number < option->real_minimum;
    if (!isfinite(number) || too_small || number > option->real_maximum) {
        return refuse(option, text, "is out of range", error);
    }
    *(double *)place(option, values) = number;
    return true;
}

/* A message of a check or parse of the caller's gets the option's name in front. */
static bool name_option(const DlcaOption *option, const DlcaError *inner, DlcaError *error) {
    return dlca_fail(error, inner->kind ? inner->kind : DLCA_BAD_INPUT, "--%s: %s", option->name, inner->message);
}

static bool parse_value(const DlcaOption *option, const char *text, void *values, DlcaError *error) {
    DlcaError inner = {0};
    if (text[0] == '\0') {
        return refuse(option, text, "is empty", error);
    }
    switch (option->kind) {
    case DLCA_OPTION_INTEGER:
        return parse_integer(option, text, values, error);
    case DLCA_OPTION_REAL:
        return parse_real(option, text, values, error);
    case DLCA_OPTION_PARSED:
        return option->parse(text, place(option, values), &inner) || name_option(option, &inner, error);
    case DLCA_OPTION_FLAG:
        *(bool *)place(option, values) = true;
        return true;
    case DLCA_OPTION_SET:
        *(int32_t *)place(option, values) = (int32_t)option->minimum;
        return true;
    default:
        if (option->check && !option->check(text, &inner)) {
            return name_option(option, &inner, error);
        }
        *(const char **)place(option, values) = text;
        return true;
    }
}

static const DlcaOption *find(const DlcaArguments *arguments, const char *name, size_t length) {
    for (int32_t i = 0; i < arguments->options; i++) {
        const DlcaOption *option = &arguments->option[i];
        if (strlen(option->name) == length && strncmp(option->name, name, length) == 0) {
            return option;
        }
    }
    return NULL;
}

/* `-o` alone: its value is the next word. */
static const DlcaOption *find_letter(const DlcaArguments *arguments, const char *given) {
    for (int32_t i = 0; i < arguments->options; i++) {
        const DlcaOption *option = &arguments->option[i];
        if (option->letter && given[1] == option->letter && given[2] == '\0') {
            return option;
        }
    }
    return NULL;
}

static bool unknown_option(const DlcaArguments *arguments, const char *given, size_t length, DlcaError *error) {
    const char *names[MAX_NAMES] = {"help", "version"};
    size_t count = 2;
    for (int32_t i = 0; i < arguments->options && count < MAX_NAMES; i++) {
        names[count++] = arguments->option[i].name;
    }
    char word[64];
    snprintf(word, sizeof word, "%.*s", (int)(length < sizeof word ? length : sizeof word - 1), given);
    const char *nearest = dlca_nearest(word + strspn(word, "-"), names, count);
    if (nearest) {
        return dlca_fail(error, DLCA_BAD_INPUT, "unknown option '%s'; did you mean --%s? (--help lists all)", word,
                         nearest);
    }
    return dlca_fail(error, DLCA_BAD_INPUT, "unknown option '%s'; accepted are those that --help lists", word);
}

/* One option at argv[*at]; moves *at over its value. */
static bool parse_option(const DlcaArguments *arguments, int argc, char **argv, int *at, void *values,
                         DlcaError *error) {
    const char *given = argv[*at];
    size_t length = strcspn(given, "=");
    const DlcaOption *option =
        strncmp(given, "--", 2) == 0 ? find(arguments, given + 2, length - 2) : find_letter(arguments, given);
    if (!option) {
        return unknown_option(arguments, given, length, error);
    }
    const char *value = given[length] == '=' ? given + length + 1 : NULL;
    if (!takes_value(option)) {
        if (value) {
            return dlca_fail(error, DLCA_BAD_INPUT, "--%s takes no value, but '%s' was given", option->name, value);
        }
        return parse_value(option, "on", values, error);
    }
    const bool alone = !value && (*at + 1 >= argc || strncmp(argv[*at + 1], "--", 2) == 0);
    if (alone && option->kind == DLCA_OPTION_MAYBE) {
        *(const char **)place(option, values) = "";
        return true;
    }
    if (!value) {
        /* What looks like the next option is not a value; one that really begins so can be given with '='. */
        if (alone) {
            char accepted[256];
            describe(option, accepted, sizeof accepted);
            return dlca_fail(error, DLCA_BAD_INPUT, "--%s needs a value; accepted: %s", option->name, accepted);
        }
        value = argv[++*at];
    }
    return parse_value(option, value, values, error);
}

bool dlca_arguments_set(const DlcaArguments *arguments, const char *name, const char *text, void *values,
                        DlcaError *error) {
    const DlcaOption *option = find(arguments, name, strlen(name));
    return option ? parse_value(option, text, values, error)
                  : dlca_fail(error, DLCA_BAD_INPUT, "%s has no option --%.40s", arguments->program, name);
}

bool dlca_option_text(const DlcaOption *option, const void *values, char *text, size_t size) {
    const void *value = (const char *)values + option->offset;
    const char *const *string = value;
    int length = -1;
    switch (option->kind) {
    case DLCA_OPTION_FLAG:
        length = *(const bool *)value ? snprintf(text, size, "on") : -1;
        break;
    case DLCA_OPTION_INTEGER:
        length =
            *(const int64_t *)value >= option->minimum ? snprintf(text, size, "%" PRId64, *(const int64_t *)value) : -1;
        break;
    case DLCA_OPTION_REAL:
        length =
            *(const double *)value >= option->real_minimum ? snprintf(text, size, "%.17g", *(const double *)value) : -1;
        break;
    case DLCA_OPTION_TEXT:
        length = *string ? snprintf(text, size, "%s", *string) : -1;
        break;
    case DLCA_OPTION_PARSED:
        length = option->print ? snprintf(text, size, "%s", option->print(value)) : -1;
        break;
    default:
        break;
    }
    return length >= 0 && (size_t)length < size;
}

static bool check_operands(const DlcaArguments *arguments, int32_t count, const char *excess, DlcaError *error) {
    if (excess && arguments->operand_count == 0) {
        return dlca_fail(error, DLCA_BAD_INPUT, "unexpected argument '%s'; %s takes only options (--help lists them)",
                         excess, arguments->program);
    }
    if (excess) {
        return dlca_fail(error, DLCA_BAD_INPUT, "unexpected argument '%s'; usage: %s %s [options]", excess,
                         arguments->program, arguments->operands);
    }
    if (count < arguments->operand_count) {
        return dlca_fail(error, DLCA_BAD_INPUT, "an argument is missing; usage: %s %s [options]", arguments->program,
                         arguments->operands);
    }
    return true;
}

bool dlca_arguments_parse(const DlcaArguments *arguments, int argc, char **argv, void *values,
                          const char *operand[DLCA_MAX_OPERANDS], DlcaRequest *request, DlcaError *error) {
    int32_t count = 0;
    const char *excess = NULL;
    *request = DLCA_REQUEST_RUN;
    for (int at = 1; at < argc; at++) {
        const char *given = argv[at];
        if (strcmp(given, "--help") == 0 || strcmp(given, "-h") == 0) {
            *request = DLCA_REQUEST_HELP;
            return true;
        }
        if (strcmp(given, "--version") == 0) {
            *request = DLCA_REQUEST_VERSION;
            return true;
        }
        if (given[0] == '-' && given[1] != '\0') {
            if (!parse_option(arguments, argc, argv, &at, values, error)) {
                return false;
            }
        } else if (count < arguments->operand_count) {
            operand[count++] = given;
        } else if (!excess) {
            excess = given;
        }
    }
    return check_operands(arguments, count, excess, error);
}
