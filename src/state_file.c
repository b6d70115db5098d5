/* state_file.c - bits of a grid to a file and back. Leaves alone: what a file may hold (state_parse.c). */
#include "state_file.h"

#include "file.h"
#include "safetensors.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const size_t largest_file = (size_t)1 << 40;

bool dlca_state_read(DlcaState *state, const char *path, DlcaError *error) {
    DlcaBytes bytes = {0};
    *state = (DlcaState){0};
    const bool good = dlca_file_read(path, largest_file, &bytes, error) &&
                      dlca_state_parse(bytes.data, bytes.size, path, state, error);
    dlca_bytes_free(&bytes);
    return good;
}

bool dlca_state_load(const DlcaState *state, DlcaPlanes *planes, DlcaError *error) {
    uint8_t *row = malloc((size_t)state->width);
    if (!row) {
        return dlca_fail(error, DLCA_FAILED, "no memory for a row of %d cells", state->width);
    }
    for (int32_t channel = 0; channel < state->channels; channel++) {
        for (int32_t y = 0; y < state->height; y++) {
            const uint8_t *packed =
                state->packed + ((int64_t)channel * state->height + y) * dlca_state_row_bytes(state->width);
            for (int32_t x = 0; x < state->width; x++) {
                row[x] = packed[x / 8] >> (x % 8) & 1;
            }
            dlca_planes_set(planes, channel, 0, y, state->width, row, 1);
        }
    }
    dlca_planes_set_step_count(planes, state->step);
    free(row);
    return true;
}

static void pack_rows(const DlcaPlanes *planes, int32_t height, int32_t width, int32_t channels, uint8_t *row,
                      uint8_t *packed) {
    for (int32_t channel = 0; channel < channels; channel++) {
        for (int32_t y = 0; y < height; y++) {
            uint8_t *to = packed + ((int64_t)channel * height + y) * dlca_state_row_bytes(width);
            dlca_planes_get(planes, channel, 0, y, width, row, 1);
            for (int32_t x = 0; x < width; x++) {
                to[x / 8] = (uint8_t)(to[x / 8] | row[x] << (x % 8));
            }
        }
    }
}

bool dlca_state_write(const char *path, const DlcaPlanes *planes, int32_t height, int32_t width, int32_t channels,
                      DlcaError *error) {
    uint8_t *packed = calloc((size_t)channels * (size_t)height, (size_t)dlca_state_row_bytes(width));
    uint8_t *row = malloc((size_t)width);
    DlcaBytes bytes = {0};
    bool good = packed && row;
    if (good) {
        char width_text[24], step_text[24];
        snprintf(width_text, sizeof width_text, "%d", width);
        snprintf(step_text, sizeof step_text, "%" PRId64, dlca_planes_step_count(planes));
        const DlcaMetadata metadata[] = {
            {"format", DLCA_STATE_FORMAT}, {"version", "1"}, {"width", width_text}, {"step", step_text}};
        const DlcaTensor tensor = {.name = "state",
                                   .dtype = DLCA_U8,
                                   .rank = 3,
                                   .shape = {channels, height, dlca_state_row_bytes(width)},
                                   .data = packed};
        pack_rows(planes, height, width, channels, row, packed);
        good = dlca_safetensors_build(&tensor, 1, metadata, 4, &bytes, error) &&
               dlca_file_write(path, bytes.data, bytes.size, error);
    } else {
        dlca_fail(error, DLCA_FAILED, "%s: no memory for the state", path);
    }
    dlca_bytes_free(&bytes);
    free(packed);
    free(row);
    return good;
}
