/* fuzz_cells.c - what is run on arbitrary bytes for cells: patterns and saved states. */
#include "../src/pattern.h"
#include "../src/state_file.h"
#include "fuzz_targets.h"

#include <stdlib.h>
#include <string.h>

static void must(bool holds) {
    if (!holds) {
        abort();
    }
}

static void check_refusal(const DlcaError *error) {
    must(error->kind == DLCA_BAD_INPUT || error->kind == DLCA_FAILED);
    must(error->message[0] != '\0' && strchr(error->message, '\n') == NULL);
}

static void check_pattern(DlcaPattern *pattern, bool parsed, int32_t channels, const DlcaError *error) {
    if (!parsed) {
        check_refusal(error);
        must(pattern->bits == NULL);
        return;
    }
    must(pattern->width >= 1 && pattern->height >= 1 && (pattern->channels == 1 || pattern->channels == channels));
    for (int64_t i = 0; i < (int64_t)pattern->width * pattern->height * pattern->channels; i++) {
        must(pattern->bits[i] <= 1);
    }
    dlca_pattern_free(pattern);
}

void fuzz_pattern(const uint8_t *data, size_t size) {
    DlcaPattern pattern;
    DlcaError error = {0};
    const bool any = dlca_pattern_parse(data, size, 3, "fuzz", &pattern, &error);
    check_pattern(&pattern, any, 3, &error);
    const bool plain = dlca_pattern_parse_plain((const char *)data, size, "fuzz", &pattern, &error);
    check_pattern(&pattern, plain, 1, &error);
}

void fuzz_state(const uint8_t *data, size_t size) {
    DlcaState state;
    DlcaError error = {0};
    if (!dlca_state_parse(data, size, "fuzz", &state, &error)) {
        check_refusal(&error);
        must(state.packed == NULL);
        return;
    }
    must(state.width >= 1 && state.height >= 1 && state.channels >= 1 && state.step >= 0);
    const size_t bytes = (size_t)state.channels * (size_t)state.height * (size_t)dlca_state_row_bytes(state.width);
    must(bytes <= size);
    volatile uint8_t sum = 0; /* every byte is read, so that the sanitizer sees it */
    for (size_t i = 0; i < bytes; i++) {
        sum = (uint8_t)(sum + state.packed[i]);
    }
    dlca_state_free(&state);
}
