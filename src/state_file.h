/* state_file.h - every bit of a grid in a file, to go on from later: a safetensors container.
 *
 * Tensor `state` U8 [channels][height][bytes of a row]: cell x is bit x % 8 of byte x / 8, bits beyond the width are 0.
 * Metadata: format "dlca-state", version, width, step. Leaves alone: pictures, and what the bits mean. */
#ifndef DLCA_STATE_FILE_H
#define DLCA_STATE_FILE_H

#include "planes.h"

#define DLCA_STATE_FORMAT "dlca-state"

static inline int32_t dlca_state_row_bytes(int32_t width) {
    return (width + 7) / 8;
}

typedef struct DlcaState {
    int32_t height, width, channels;
    int64_t step;
    uint8_t *packed; /* [channels][height][(width + 7) / 8], owned */
} DlcaState;

bool dlca_state_parse(const uint8_t *data, size_t size, const char *name, DlcaState *state, DlcaError *error);
bool dlca_state_read(DlcaState *state, const char *path, DlcaError *error);
void dlca_state_free(DlcaState *state); /* leaves it empty; an empty one is fine */

/* Into a grid of the same shape, its step count too. */
bool dlca_state_load(const DlcaState *state, DlcaPlanes *planes, DlcaError *error);

bool dlca_state_write(const char *path, const DlcaPlanes *planes, int32_t height, int32_t width, int32_t channels,
                      DlcaError *error);

#endif
