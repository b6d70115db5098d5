/* picture_task.c - tasks from pictures and their notes in model files. Leaves alone: reading pictures. */
#include "picture_task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STARTS = DLCA_START_ZEROS + 1 };

static const char start_note[] = "image.start", palette_note[] = "image.palette";

const char *dlca_start_name(DlcaStart start) {
    static const char *const names[STARTS] = {"random", "all", "seed", "zeros"};
    return names[start];
}

bool dlca_task_from_picture(DlcaTask *task, const DlcaConfig *config, DlcaStart start, const uint8_t *target,
                            const DlcaPalette *palette, DlcaError *error) {
    /* twice those of the letter in eight colours: wirings differ, and some take all of those for one
     * (results/bench/learning/images.md) */
    enum { EPOCHS = 6000 };
    *task = (DlcaTask){.config = *config, .start = start, .palette = *palette, .epochs = EPOCHS, .rate = 0.06f};
    if (!dlca_config_check(config, error)) {
        return false;
    }
    const size_t bits = (size_t)config->height * (size_t)config->width * (size_t)config->scored_channels;
    task->target = malloc(bits);
    if (!task->target) {
        return dlca_fail(error, DLCA_FAILED, "no memory for a target of %zu bits", bits);
    }
    memcpy(task->target, target, bits);
    return true;
}

/* "rrggbb rrggbb ...", a colour for each code. */
bool dlca_picture_notes_add(const DlcaTask *task, DlcaModelExtras *extras, DlcaError *error) {
    char text[DLCA_PALETTE_CODES * 7 + 1] = "";
    size_t used = 0;
    for (int32_t code = 0; code < task->palette.codes; code++) {
        const uint8_t *rgb = task->palette.rgb[code];
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%02x%02x%02x", code ? " " : "", rgb[0], rgb[1],
                                 rgb[2]);
    }
    return task->palette.codes == 0 ||
           (dlca_model_extras_add_note(extras, start_note, dlca_start_name(task->start), error) &&
            dlca_model_extras_add_note(extras, palette_note, text, error));
}

static bool read_palette(const char *text, DlcaPalette *palette) {
    *palette = (DlcaPalette){0};
    while (*text) {
        unsigned red, green, blue;
        int used = 0;
        if (palette->codes == DLCA_PALETTE_CODES || text[strspn(text, "0123456789abcdef")] > ' ' ||
            sscanf(text, "%2x%2x%2x%n", &red, &green, &blue, &used) != 3 || used != 6) {
            return false;
        }
        uint8_t *rgb = palette->rgb[palette->codes++];
        rgb[0] = (uint8_t)red;
        rgb[1] = (uint8_t)green;
        rgb[2] = (uint8_t)blue;
        text += used;
        text += *text == ' ';
    }
    return palette->codes == 2 || palette->codes == 4 || palette->codes == 8;
}

bool dlca_picture_notes_read(const DlcaModelExtras *extras, DlcaStart *start, DlcaPalette *palette) {
    const char *name = dlca_model_extras_note(extras, start_note);
    const char *colours = dlca_model_extras_note(extras, palette_note);
    for (int i = 0; name && colours && i < STARTS; i++) {
        if (i != DLCA_START_ALL && strcmp(name, dlca_start_name((DlcaStart)i)) == 0) {
            *start = (DlcaStart)i;
            return read_palette(colours, palette);
        }
    }
    return false;
}
