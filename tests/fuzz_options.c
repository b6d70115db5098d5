/* fuzz_options.c - the parser of command lines on arbitrary bytes. */
#include "../tools/circuit_options.h"
#include "../tools/simulate_options.h"
#include "../train/options.h"
#include "fuzz_targets.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_WORDS = 32, MOST_BYTES = 4096 };

static void must(bool condition) {
    if (!condition) {
        abort();
    }
}

typedef union Values {
    DlcaRunOptions run;
    DlcaSimulateOptions simulate;
    DlcaCircuitOptions circuit;
} Values;

/* Four tables, chosen by the first byte; *values gets the defaults. */
static DlcaArguments choose(uint8_t which, Values *values) {
    *values = (Values){0};
    switch (which % 4) {
    case 0:
    case 1:
        values->run = dlca_run_options_default();
        return dlca_run_arguments("fuzz", "", which % 4 == 0);
    case 2:
        values->simulate = dlca_simulate_options_default();
        return dlca_simulate_arguments();
    default:
        return dlca_circuit_arguments();
    }
}

/* A number is what it was before, or in its range. */
static void check_number(const DlcaOption *option, const void *before, const void *after) {
    if (option->kind == DLCA_OPTION_INTEGER && memcmp(before, after, sizeof(int64_t)) != 0) {
        int64_t number;
        memcpy(&number, after, sizeof number);
        must(number >= option->minimum && number <= option->maximum);
    }
    if (option->kind == DLCA_OPTION_REAL && memcmp(before, after, sizeof(double)) != 0) {
        double number;
        memcpy(&number, after, sizeof number);
        must(isfinite(number) && number <= option->real_maximum && number >= option->real_minimum);
        must(!option->open || number > option->real_minimum);
    }
}

static void check_values(const DlcaArguments *arguments, const Values *before, const Values *after) {
    for (int32_t i = 0; i < arguments->options; i++) {
        const size_t offset = arguments->option[i].offset;
        check_number(&arguments->option[i], (const char *)before + offset, (const char *)after + offset);
    }
}

/* A NUL or a line's end between words. */
static int cut_into_words(char *text, size_t size, char *word[MOST_WORDS + 1]) {
    int words = 0;
    word[words++] = (char *)(uintptr_t) "fuzz";
    for (size_t at = 0; at < size && words < MOST_WORDS;) {
        const size_t length = strcspn(text + at, "\n");
        text[at + length] = '\0';
        word[words++] = text + at;
        at += length + 1;
    }
    word[words] = NULL;
    return words;
}

void fuzz_options(const uint8_t *data, size_t size) {
    char text[MOST_BYTES + 1], *word[MOST_WORDS + 1];
    const char *operand[DLCA_MAX_OPERANDS] = {NULL};
    DlcaRequest request;
    DlcaError error = {0};
    Values before, after;
    if (size < 1 || size > MOST_BYTES) {
        return;
    }
    const DlcaArguments arguments = choose(data[0], &before);
    after = before;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    const int words = cut_into_words(text, size - 1, word);
    if (dlca_arguments_parse(&arguments, words, word, &after, operand, &request, &error)) {
        must(request != DLCA_REQUEST_RUN || (operand[0] != NULL) == (arguments.operand_count > 0));
        check_values(&arguments, &before, &after);
    } else {
        must(error.kind == DLCA_BAD_INPUT || error.kind == DLCA_FAILED);
        must(error.message[0] != '\0' && strchr(error.message, '\n') == NULL);
    }
}
