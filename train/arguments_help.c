/* arguments_help.c - the help text that a table of options gives. Leaves alone: parsing (arguments.c). */
#include "arguments.h"

#include <inttypes.h>
#include <string.h>

enum { INDENT = 28, WIDTH = 100 };

static void default_text(const DlcaOption *option, const void *values, char *text, size_t size) {
    const void *value = (const char *)values + option->offset;
    text[0] = '\0';
    bool given = option->kind == DLCA_OPTION_INTEGER && *(const int64_t *)value >= option->minimum;
    if (option->no_default && !given) {
        snprintf(text, size, "%s", option->no_default);
        return;
    }
    switch (option->kind) {
    case DLCA_OPTION_FLAG:
        snprintf(text, size, "off");
        break;
    case DLCA_OPTION_INTEGER:
        snprintf(text, size, "%" PRId64, *(const int64_t *)value);
        break;
    case DLCA_OPTION_REAL:
        snprintf(text, size, "%g", *(const double *)value);
        break;
    case DLCA_OPTION_TEXT:
        snprintf(text, size, "%s", *(const char *const *)value ? *(const char *const *)value : "none");
        break;
    default:
        break;
    }
}

/* Words of `text` from column INDENT on, broken before WIDTH. */
static void print_wrapped(const char *text, FILE *out) {
    int column = INDENT;
    while (*text) {
        int length = (int)strcspn(text, " ");
        if (column > INDENT && column + 1 + length > WIDTH) {
            fprintf(out, "\n%*s", INDENT, "");
            column = INDENT;
        }
        column += fprintf(out, "%s%.*s", column > INDENT ? " " : "", length, text);
        text += length;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

static void print_option(const char *name, char letter, const char *value, const char *help, const char *fallback,
                         FILE *out) {
    char left[64], right[768], short_form[8] = "";
    if (letter) {
        snprintf(short_form, sizeof short_form, "-%c, ", letter);
    }
    snprintf(left, sizeof left, "  %s--%s%s%s", short_form, name, value ? " " : "", value ? value : "");
    fprintf(out, "%-*s", INDENT, left);
    if ((int)strlen(left) >= INDENT) {
        fprintf(out, "\n%*s", INDENT, "");
    }
    snprintf(right, sizeof right, "%s%s%s%s", help, fallback[0] ? " (default: " : "", fallback, fallback[0] ? ")" : "");
    print_wrapped(right, out);
}

void dlca_arguments_help(const DlcaArguments *arguments, const void *values, FILE *out) {
    fprintf(out, "usage: %s%s%s [options]\n%s\n\noptions, each also as --name=value:\n", arguments->program,
            arguments->operands[0] ? " " : "", arguments->operands, arguments->summary);
    for (int32_t i = 0; i < arguments->options; i++) {
        const DlcaOption *option = &arguments->option[i];
        char fallback[128];
        default_text(option, values, fallback, sizeof fallback);
        print_option(option->name, option->letter, option->value, option->help, fallback, out);
    }
    print_option("help", 0, NULL, "print this and end", "", out);
    print_option("version", 0, NULL, "print the version and end", "", out);
    fputs("\nexit codes: 0 done, 1 the run failed, 2 a bad option or file, 130 ended by Ctrl-C (128 + signal)\n", out);
}
