/* state_parse.c - a saved state from the bytes of a file, which it does not trust. */
#include "safetensors.h"
#include "state_file.h"

#include <stdlib.h>
#include <string.h>

void dlca_state_free(DlcaState *state) {
    free(state->packed);
    *state = (DlcaState){0};
}

/* A whole number from 0, of decimal digits only. */
static bool metadata_number(const DlcaSafetensors *file, const char *key, int64_t most, int64_t *number) {
    const char *text = dlca_safetensors_metadata(file, key);
    const size_t digits = text ? strspn(text, "0123456789") : 0;
    if (digits < 1 || digits > 18 || text[digits] != '\0') {
        return false;
    }
    *number = strtoll(text, NULL, 10);
    return *number <= most;
}

static bool describe(const DlcaSafetensors *file, const char *name, DlcaState *state, const DlcaTensor **tensor,
                     DlcaError *error) {
    const char *format = dlca_safetensors_metadata(file, "format");
    int64_t width = 0, version = 0, step = 0;
    if (!format || strcmp(format, DLCA_STATE_FORMAT) != 0 || !metadata_number(file, "version", 1, &version) ||
        version != 1) {
        return dlca_fail(error, DLCA_BAD_INPUT, "%s is no saved state; accepted: what --save-state writes", name);
    }
    *tensor = dlca_safetensors_find(file, "state");
    if (!*tensor || (*tensor)->dtype != DLCA_U8 || (*tensor)->rank != 3 ||
        !metadata_number(file, "width", DLCA_MAX_SIDE, &width) || !metadata_number(file, "step", INT64_MAX, &step)) {
        return dlca_fail(error, DLCA_BAD_INPUT, "%s: the saved state lacks its bits, width or step", name);
    }
    const int64_t *shape = (*tensor)->shape;
    if (width < 1 || shape[0] < 1 || shape[0] > DLCA_MAX_CHANNELS || shape[1] < 1 || shape[1] > DLCA_MAX_SIDE ||
        shape[2] != dlca_state_row_bytes((int32_t)width)) {
        return dlca_fail(error, DLCA_BAD_INPUT, "%s: a saved state of impossible size", name);
    }
    *state =
        (DlcaState){.height = (int32_t)shape[1], .width = (int32_t)width, .channels = (int32_t)shape[0], .step = step};
    return true;
}

bool dlca_state_parse(const uint8_t *data, size_t size, const char *name, DlcaState *state, DlcaError *error) {
    DlcaSafetensors file;
    const DlcaTensor *tensor = NULL;
    *state = (DlcaState){0};
    if (!dlca_safetensors_parse(data, size, name, &file, error)) {
        return false;
    }
    bool good = describe(&file, name, state, &tensor, error);
    if (good) {
        const size_t bytes = (size_t)tensor->elements;
        state->packed = malloc(bytes);
        good = state->packed != NULL;
        if (good) {
            memcpy(state->packed, tensor->data, bytes);
        } else {
            dlca_fail(error, DLCA_FAILED, "%s: no memory for %zu bytes", name, bytes);
        }
    }
    dlca_safetensors_free(&file);
    return good;
}
