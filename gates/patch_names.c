/* patch_names.c - names of a cell's inputs and outputs. */
#include "patch_names.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

const char *const dlca_patch_cell[DLCA_PATCH_CELLS] = {"nw", "n", "ne", "w", "c", "e", "sw", "s", "se"};

void dlca_input_name(char name[DLCA_PATCH_NAME_BYTES], int32_t input, int32_t channels) {
    snprintf(name, DLCA_PATCH_NAME_BYTES, "%s_%d", dlca_patch_cell[input / channels], input % channels);
}

void dlca_output_name(char name[DLCA_PATCH_NAME_BYTES], int32_t output) {
    snprintf(name, DLCA_PATCH_NAME_BYTES, "next_%d", output);
}

void dlca_input_label(char label[DLCA_PATCH_NAME_BYTES], int32_t input, int32_t channels) {
    if (channels == 1) {
        snprintf(label, DLCA_PATCH_NAME_BYTES, "%s", dlca_patch_cell[input]);
    } else {
        snprintf(label, DLCA_PATCH_NAME_BYTES, "%s %d", dlca_patch_cell[input / channels], input % channels);
    }
}

void dlca_output_label(char label[DLCA_PATCH_NAME_BYTES], int32_t output, int32_t channels) {
    if (channels == 1) {
        snprintf(label, DLCA_PATCH_NAME_BYTES, "next");
    } else {
        snprintf(label, DLCA_PATCH_NAME_BYTES, "next %d", output);
    }
}

void dlca_node_name(char name[DLCA_PATCH_NAME_BYTES], int32_t node, int32_t channels) {
    if (node < DLCA_PATCH_CELLS * channels) {
        dlca_input_name(name, node, channels);
    } else {
        snprintf(name, DLCA_PATCH_NAME_BYTES, "g%d", node - DLCA_PATCH_CELLS * channels);
    }
}

/* "_3" or "[3]" behind the word, nothing for the only channel; without leading zeros. */
static int32_t channel_of(const char *text, size_t length, int32_t channels) {
    int32_t channel = 0;
    if (length == 0) {
        return channels == 1 ? 0 : -1;
    }
    const bool bracket = text[0] == '[' && text[length - 1] == ']';
    const size_t end = bracket ? length - 1 : length;
    if ((!bracket && text[0] != '_') || end < 2 || (text[1] == '0' && end > 2)) {
        return -1;
    }
    for (size_t i = 1; i < end; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return -1;
        }
        channel = channel * 10 + (text[i] - '0');
        if (channel >= channels) {
            return -1;
        }
    }
    return channel;
}

/* The channel behind `word`, -1 when the name does not begin so. */
static int32_t channel_behind(const char *word, const char *name, size_t length, int32_t channels) {
    const size_t front = strlen(word);
    return length >= front && memcmp(name, word, front) == 0 ? channel_of(name + front, length - front, channels) : -1;
}

int32_t dlca_input_of_name(const char *name, size_t length, int32_t channels) {
    for (int32_t cell = 0; cell < DLCA_PATCH_CELLS; cell++) {
        const int32_t channel = channel_behind(dlca_patch_cell[cell], name, length, channels);
        if (channel >= 0) {
            return cell * channels + channel;
        }
    }
    return -1;
}

int32_t dlca_output_of_name(const char *name, size_t length, int32_t channels) {
    return channel_behind("next", name, length, channels);
}
