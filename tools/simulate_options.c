/* simulate_options.c - the table of options of `dlca simulate`, and their checks. Leaves alone: simulating. */
#include "simulate_options.h"

#include "../src/simulation.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_ANIMATION_FRAMES = 10000 };

/* Reads 1 to 7 digits at *at, and steps over them. */
static bool read_whole(const char **at, int32_t *number) {
    size_t digits = strspn(*at, "0123456789");
    if (digits < 1 || digits > 7) {
        return false;
    }
    *number = (int32_t)strtol(*at, NULL, 10);
    *at += digits;
    return true;
}

static bool skip(const char **at, char expected) {
    bool found = **at == expected;
    *at += found;
    return found;
}

/* "X,Y,W,H" or "X,Y,W,H@STEP". */
static bool parse_damage(const char *text, void *into, DlcaError *error) {
    DlcaDamageList *list = into;
    DlcaDamage damage = {.step = DLCA_NOT_GIVEN};
    const char *at = text;
    bool good = read_whole(&at, &damage.x) && skip(&at, ',') && read_whole(&at, &damage.y) && skip(&at, ',') &&
                read_whole(&at, &damage.width) && skip(&at, ',') && read_whole(&at, &damage.height) &&
                (!skip(&at, '@') || read_whole(&at, &damage.step)) && *at == '\0';
    if (!good || damage.width < 1 || damage.height < 1) {
        return dlca_fail(error, DLCA_BAD_INPUT,
                         "'%s' is no rectangle; accepted: X,Y,WIDTH,HEIGHT in cells, sizes from 1, then perhaps @STEP",
                         text);
    }
    if (list->count == DLCA_MAX_DAMAGE) {
        return dlca_fail(error, DLCA_BAD_INPUT, "given more than %d times", DLCA_MAX_DAMAGE);
    }
    list->item[list->count++] = damage;
    return true;
}

/* A file that could not be written must not be found out after the rollout. */
static bool check_output(const char *path, DlcaError *error) {
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) : 0;
    struct stat status;
    if (strlen(path) >= sizeof folder) {
        return dlca_fail(error, DLCA_BAD_INPUT, "the path is longer than %zu bytes", sizeof folder - 1);
    }
    if ((slash && slash[1] == '\0') || (stat(path, &status) == 0 && S_ISDIR(status.st_mode))) {
        return dlca_fail(error, DLCA_BAD_INPUT, "'%s' is a folder; accepted: the path of a file", path);
    }
    snprintf(folder, sizeof folder, "%.*s", (int)length, path);
    const char *parent = !slash ? "." : length == 0 ? "/" : folder;
    if (access(parent, W_OK | X_OK) != 0) {
        return dlca_fail(error, DLCA_BAD_INPUT, "'%s' cannot be written: %s: %s", path, parent, strerror(errno));
    }
    return true;
}

#define AT(field) offsetof(DlcaSimulateOptions, field)
#define WHOLE(text, unit, at, low, high) \
    .name = (text), .kind = DLCA_OPTION_INTEGER, .value = (unit), .offset = AT(at), .minimum = (low), .maximum = (high)

static const DlcaOption simulate_options[] = {
    {WHOLE("width", "W", width, 1, DLCA_MAX_SIDE), .help = "width of the grid in cells", .no_default = "as trained"},
    {WHOLE("height", "H", height, 1, DLCA_MAX_SIDE), .help = "height of the grid in cells", .no_default = "as trained"},
    {WHOLE("steps", "T", steps, 1, DLCA_MAX_STEPS), .help = "steps to run", .no_default = "as trained"},
    {WHOLE("seed", "S", seed, 0, INT64_MAX), .help = "number that start, firing and damage follow from",
     .no_default = "the model's"},
    {.name = "periodic",
     .kind = DLCA_OPTION_SET,
     .help = "the grid wraps at its borders",
     .offset = AT(periodic),
     .minimum = 1,
     .no_default = "as trained"},
    {.name = "no-periodic",
     .kind = DLCA_OPTION_SET,
     .help = "outside the grid reads 0",
     .offset = AT(periodic),
     .minimum = 0,
     .no_default = "as trained"},
    {.name = "async",
     .kind = DLCA_OPTION_SET,
     .help = "each cell takes its new state with the probability --fire-rate",
     .offset = AT(asynchronous),
     .minimum = 1,
     .no_default = "as trained"},
    {.name = "no-async",
     .kind = DLCA_OPTION_SET,
     .help = "all cells take their new state at once",
     .offset = AT(asynchronous),
     .minimum = 0,
     .no_default = "as trained"},
    {.name = "fire-rate",
     .kind = DLCA_OPTION_REAL,
     .value = "F",
     .help = "with --async: probability, per cell and step, of taking the new state",
     .offset = AT(fire_rate),
     .real_minimum = 0,
     .real_maximum = 1,
     .open = true,
     .no_default = "as trained, else 0.6"},
    {.name = "damage",
     .kind = DLCA_OPTION_PARSED,
     .value = "X,Y,W,H[@STEP]",
     .help = "after STEP steps give every bit of this rectangle of cells a random value; may be repeated",
     .offset = AT(damage),
     .parse = parse_damage,
     .no_default = "none; STEP: half of the steps"},
    {.name = "frames",
     .kind = DLCA_OPTION_FLAG,
     .help = "write pictures of the scored channels into DIR/frames/",
     .offset = AT(frames)},
    {WHOLE("frame-every", "N", frame_every, 1, DLCA_MAX_STEPS),
     .help = "steps between the pictures of --frames and --gif"},
    {.name = "gif",
     .kind = DLCA_OPTION_TEXT,
     .value = "FILE",
     .help = "write an animation of the scored channels",
     .offset = AT(gif),
     .check = check_output},
    {.name = "out",
     .kind = DLCA_OPTION_TEXT,
     .value = "DIR",
     .help = "folder for --frames, new or empty",
     .offset = AT(out),
     .no_default = "the next free number in results/simulate/"},
    {.name = "save-state",
     .kind = DLCA_OPTION_TEXT,
     .value = "FILE",
     .help = "write the scored channels after the last step as a PNG picture, a pixel per cell",
     .offset = AT(save_state),
     .check = check_output},
    {.name = "quiet", .kind = DLCA_OPTION_FLAG, .help = "print nothing but errors", .offset = AT(quiet)},
};

DlcaSimulateOptions dlca_simulate_options_default(void) {
    return (DlcaSimulateOptions){
        .seed = DLCA_NOT_GIVEN,
        .periodic = DLCA_NOT_GIVEN,
        .asynchronous = DLCA_NOT_GIVEN,
        .frame_every = 1,
    };
}

DlcaArguments dlca_simulate_arguments(void) {
    return (DlcaArguments){
        .program = "dlca simulate",
        .operands = "MODEL",
        .operand_count = 1,
        .summary = "Runs the hard circuit of a model.safetensors or circuit.json.",
        .option = simulate_options,
        .options = (int32_t)(sizeof simulate_options / sizeof simulate_options[0]),
    };
}

/* ---- checks that need the model ---- */

static bool complete_damage(DlcaSimulateOptions *options, DlcaError *error) {
    for (int32_t i = 0; i < options->damage.count; i++) {
        DlcaDamage *damage = &options->damage.item[i];
        if (damage->step == DLCA_NOT_GIVEN) {
            damage->step = (int32_t)(options->steps / 2);
        }
        if (damage->x >= options->width || damage->y >= options->height) {
            return dlca_fail(error, DLCA_BAD_INPUT,
                             "--damage: the corner %d,%d is outside the grid; accepted: 0 to %" PRId64
                             ", 0 to %" PRId64,
                             damage->x, damage->y, options->width - 1, options->height - 1);
        }
        if (damage->step > options->steps) {
            return dlca_fail(error, DLCA_BAD_INPUT, "--damage: step %d is after the last; accepted: 0 to %" PRId64,
                             damage->step, options->steps);
        }
    }
    return true;
}

bool dlca_simulate_options_complete(DlcaSimulateOptions *options, const DlcaConfig *trained, DlcaError *error) {
    options->width = options->width ? options->width : trained->width;
    options->height = options->height ? options->height : trained->height;
    options->steps = options->steps ? options->steps : trained->steps;
    options->periodic = options->periodic == DLCA_NOT_GIVEN ? trained->periodic : options->periodic;
    options->asynchronous = options->asynchronous == DLCA_NOT_GIVEN ? trained->asynchronous : options->asynchronous;
    if (options->fire_rate <= 0) {
        const double paper_rate = 0.6;
        options->fire_rate = trained->asynchronous ? trained->fire_rate : paper_rate;
    }
    if (options->width * options->height > DLCA_SIMULATION_MAX_BITS / trained->channels) {
        return dlca_fail(error, DLCA_BAD_INPUT,
                         "--width, --height: %" PRId64 "x%" PRId64 " cells are too many; accepted: up to %d cells",
                         options->width, options->height, DLCA_SIMULATION_MAX_BITS / trained->channels);
    }
    if (options->gif && options->steps / options->frame_every > MOST_ANIMATION_FRAMES) {
        return dlca_fail(error, DLCA_BAD_INPUT,
                         "--gif: %" PRId64
                         " pictures are too many for an animation; accepted: up to %d (--frame-every)",
                         options->steps / options->frame_every, MOST_ANIMATION_FRAMES);
    }
    return complete_damage(options, error);
}
