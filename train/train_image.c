/* train_image.c - ./train_image: a user's own picture. Leaves alone: reading it (picture_target.h), the rules for its
 * model (picture_model.h), training. */
#include "../src/file.h"
#include "picture_model.h"
#include "picture_target.h"
#include "picture_task.h"
#include "program.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

enum { LEARNS_FROM = 8, LEARNS_TO = 64, SMALL_SIDE = 8, MOST_OPTIONS = 64 };

typedef struct ImageRun {
    DlcaRunOptions run;
    const char *target, *colours, *start;
    int64_t size, channels; /* 0: not given */
    bool periodic, yes;
    DlcaPictureTarget picture;
    DlcaConfig config;
} ImageRun;

/* ---- options ---- */

static bool check_colours(const char *text, DlcaError *error) {
    if (strcmp(text, "auto") == 0 || (text[0] >= '1' && text[0] <= '8' && text[1] == '\0')) {
        return true;
    }
    return dlca_fail(error, DLCA_BAD_INPUT, "'%s' is no number of colours; accepted: auto, or 1 to 8", text);
}

static const DlcaStart starts[] = {DLCA_START_ZEROS, DLCA_START_SEED, DLCA_START_RANDOM};

static bool find_start(const char *text, DlcaStart *start) {
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        if (strcmp(text, dlca_start_name(starts[i])) == 0) {
            *start = starts[i];
            return true;
        }
    }
    return false;
}

static bool check_start(const char *text, DlcaError *error) {
    DlcaStart start;
    return find_start(text, &start) ||
           dlca_fail(error, DLCA_BAD_INPUT, "'%s' is no start; accepted: zeros, seed or random", text);
}

#define AT(field) offsetof(ImageRun, field)

static const DlcaOption image_options[] = {
    {.name = "target",
     .kind = DLCA_OPTION_TEXT,
     .value = "FILE",
     .resume = DLCA_RESUME_KEPT, /* by what is in it, not by its name: make_task_again */
     .help = "the picture to learn: PNG, JPEG, GIF or BMP, up to 16384 pixels a side; must be given",
     .offset = AT(target)},
    {.name = "size",
     .kind = DLCA_OPTION_INTEGER,
     .resume = DLCA_RESUME_FIXED,
     .value = "N",
     .help = "cells of the longer side; the other follows the picture; 8 to 64 learns, more needs --yes",
     .offset = AT(size),
     .minimum = DLCA_TARGET_LEAST_SIDE,
     .maximum = DLCA_TARGET_MOST_SIDE,
     .no_default = "16, or the picture's own pixels when they are fewer"},
    {.name = "colors",
     .kind = DLCA_OPTION_TEXT,
     .resume = DLCA_RESUME_FIXED,
     .value = "N",
     .help = "colours to reduce the picture to, 1 (ink on paper, as 2) to 8; they take 1 to 3 bits of a cell; auto: as "
             "few as show it well",
     .offset = AT(colours),
     .check = check_colours},
    {.name = "channels",
     .kind = DLCA_OPTION_INTEGER,
     .resume = DLCA_RESUME_FIXED,
     .value = "C",
     .help = "bits of a cell",
     .offset = AT(channels),
     .minimum = 1,
     .maximum = DLCA_MAX_CHANNELS,
     .no_default = "by the size, printed"},
    {.name = "start",
     .kind = DLCA_OPTION_TEXT,
     .resume = DLCA_RESUME_FIXED,
     .value = "NAME",
     .help = "what the cells start from: zeros, seed (one cell of ones in the middle) or random",
     .offset = AT(start),
     .check = check_start},
    {.name = "periodic",
     .kind = DLCA_OPTION_FLAG,
     .resume = DLCA_RESUME_FIXED,
     .help = "the grid wraps; only with --start seed",
     .offset = AT(periodic)},
    {.name = "yes",
     .kind = DLCA_OPTION_FLAG,
     .resume = DLCA_RESUME_KEPT,
     .help = "train also beyond 64 cells a side",
     .offset = AT(yes)},
};

enum { OWN_OPTIONS = sizeof image_options / sizeof image_options[0] };

/* Our own options first, then those of every trainer; table [MOST_OPTIONS]. The trainers' lie at the front of ImageRun,
 * so their offsets fit. */
static DlcaArguments arguments_into(DlcaOption *table) {
    DlcaArguments arguments =
        dlca_run_arguments("train_image",
                           "Trains a differentiable logic cellular automaton to grow a picture of yours. Writes\n"
                           "target.png too: what was read, beside what is learned.",
                           true);
    const int32_t room = MOST_OPTIONS - OWN_OPTIONS;
    const int32_t common = arguments.options < room ? arguments.options : room;
    memcpy(table, image_options, sizeof image_options);
    memcpy(table + OWN_OPTIONS, arguments.option, (size_t)common * sizeof *table);
    arguments.option = table;
    arguments.options = OWN_OPTIONS + common;
    return arguments;
}

/* ---- the task ---- */

/* What two cores with AVX-512 make of training, forward and backward together. */
static bool check_cost(const ImageRun *image, DlcaError *error) {
    static const double rate = 3e8;
    const DlcaPictureTarget *picture = &image->picture;
    if (image->yes || image->run.dry_run || (picture->width <= LEARNS_TO && picture->height <= LEARNS_TO)) {
        return true;
    }
    const double evaluations = dlca_picture_gate_evaluations(&image->config);
    return dlca_fail(
        error, DLCA_BAD_INPUT,
        "--size: %dx%d cells cost about %.0f s per epoch (at %.1g gate evaluations a second) and %.0f MiB, "
        "thousands of epochs long, and may not be learned; accepted: up to %d, or add --yes",
        picture->width, picture->height, evaluations / rate, rate, dlca_picture_state_bytes(&image->config) / 1048576,
        (int)LEARNS_TO);
}

static bool make_task(void *values, DlcaTask *task, DlcaError *error) {
    ImageRun *image = values;
    if (!image->target) {
        return dlca_fail(error, DLCA_BAD_INPUT, "--target is missing; accepted: a PNG, JPEG, GIF or BMP file");
    }
    const int32_t colours = strcmp(image->colours, "auto") == 0 ? 0 : image->colours[0] - '0';
    const int32_t size = image->size == 0 && image->run.small ? SMALL_SIDE : (int32_t)image->size;
    DlcaPictureWishes wishes = {.channels = image->channels,
                                .steps = image->run.method.steps > 0 ? image->run.method.steps : 0,
                                .periodic = image->periodic,
                                .asynchronous = image->run.asynchronous,
                                .small = image->run.small,
                                .seed = (uint64_t)image->run.seed};
    DlcaPictureTarget *picture = &image->picture;
    return find_start(image->start, &wishes.start) &&
           dlca_picture_target_read(picture, image->target, size, colours, error) &&
           dlca_picture_model(&image->config, picture->height, picture->width, picture->scored, &wishes, error) &&
           check_cost(image, error) &&
           dlca_task_from_picture(task, &image->config, wishes.start, picture->bits, &picture->palette, error);
}

static bool same_colours(const DlcaPalette *left, const DlcaPalette *right) {
    return left->codes == right->codes && memcmp(left->rgb, right->rgb, (size_t)left->codes * sizeof left->rgb[0]) == 0;
}

/* The picture as it was read, from the checkpoint: its file may be elsewhere by now. Another file that is named now is
 * read, and must give the same task. */
static bool make_task_again(void *values, const void *saved, const DlcaModel *model, const DlcaModelExtras *extras,
                            DlcaTask *task, DlcaError *error) {
    const ImageRun *image = values, *before = saved;
    DlcaStart start;
    DlcaPalette palette;
    const bool named = image->target && (!before->target || strcmp(image->target, before->target) != 0);
    if (!extras->target || !dlca_picture_notes_read(extras, &start, &palette)) {
        return dlca_fail(error, DLCA_BAD_INPUT,
                         "--resume: the checkpoint holds no picture; accepted: one of train_image");
    }
    if (named) {
        return make_task(values, task, error) &&
               (same_colours(&task->palette, &palette) ||
                dlca_fail(error, DLCA_BAD_INPUT, "--target: '%s' has other colours than the picture of this run",
                          image->target));
    }
    return dlca_task_from_picture(task, &model->config, start, extras->target, &palette, error);
}

/* ---- what the user sees first ---- */

static void print_colours(const DlcaPictureTarget *picture, FILE *out) {
    fprintf(out, "target: %dx%d cells in %d colours, %d bit%s per cell (--size, --colors), codes", picture->width,
            picture->height, picture->colours, picture->scored, picture->scored > 1 ? "s" : "");
    for (int32_t code = 0; code < picture->palette.codes; code++) {
        const uint8_t *rgb = picture->palette.rgb[code];
        fprintf(out, " #%02x%02x%02x", rgb[0], rgb[1], rgb[2]);
    }
    fputc('\n', out);
}

static void print_layers(const char *name, const int32_t *gates, int32_t layers, FILE *out) {
    fprintf(out, "%s", name);
    for (int32_t l = 0; l < layers;) {
        int32_t same = 1;
        while (l + same < layers && gates[l + same] == gates[l]) {
            same++;
        }
        if (same > 1) {
            fprintf(out, " %dx%d", same, gates[l]);
        } else {
            fprintf(out, " %d", gates[l]);
        }
        l += same;
    }
}

static void describe(const void *values, FILE *out) {
    const ImageRun *image = values;
    const DlcaConfig *config = &image->config;
    const DlcaPicture *read = &image->picture.picture;
    fprintf(out, "read: %s, %dx%d pixels\n", image->target, read->width, read->height);
    print_colours(&image->picture, out);
    fprintf(out, "model: bits per cell: %d (--channels), kernels: %d", config->channels, config->kernels);
    print_layers(", perception layers:", config->perceive, config->perceive_layers, out);
    print_layers(", update layers:", config->update, config->update_layers, out);
    fprintf(out, "\nrollout: %d steps (--steps) from %s (--start), %s, %s\n", config->steps, image->start,
            config->periodic ? "periodic" : "outside reads 0", config->asynchronous ? "asynchronous" : "synchronous");
    if (image->picture.width < LEARNS_FROM && image->picture.height < LEARNS_FROM) {
        fprintf(out, "note: pictures of %d to %d cells a side are what this was tried on\n", (int)LEARNS_FROM,
                (int)LEARNS_TO);
    }
}

static bool write_target(const void *values, const char *folder, DlcaError *error) {
    const ImageRun *image = values;
    char path[PATH_MAX];
    return dlca_path_join(path, sizeof path, folder, "target.png", error) &&
           dlca_picture_target_write(&image->picture, path, error);
}

int main(int argc, char **argv) {
    DlcaOption table[MOST_OPTIONS];
    const DlcaArguments arguments = arguments_into(table);
    const ImageRun defaults = {.run = dlca_run_options_default(), .colours = "auto", .start = "zeros"};
    ImageRun image = defaults;
    const DlcaTrainer trainer = {.arguments = &arguments,
                                 .task_name = DLCA_PICTURE_TASK,
                                 .values = &image,
                                 .values_bytes = sizeof image,
                                 .defaults = &defaults,
                                 .options = &image.run,
                                 .make_task = make_task,
                                 .make_task_again = make_task_again,
                                 .describe = describe,
                                 .write = write_target};
    const int code = dlca_trainer_program(argc, argv, &trainer);
    dlca_picture_target_free(&image.picture);
    return code;
}
