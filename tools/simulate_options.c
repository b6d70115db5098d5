/* simulate_options.c - the table of options of `dlca simulate`, and their checks. Leaves alone: simulating. */
#include "simulate_options.h"

#include <inttypes.h>

enum { MOST_ANIMATION_FRAMES = 10000 };

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
    {.name = "start",
     .kind = DLCA_OPTION_PARSED,
     .value = "NAME",
     .help = "trained (what the task starts from), random, cell (one of ones in the middle) or zeros",
     .offset = AT(start),
     .parse = dlca_parse_start,
     .no_default = "trained; zeros with --pattern"},
    {.name = "density",
     .kind = DLCA_OPTION_REAL,
     .value = "P",
     .help = "part of ones among the bits of a random start, 0 to 1; implies --start random",
     .offset = AT(density),
     .real_minimum = 0,
     .real_maximum = 1,
     .no_default = "0.5"},
    {.name = "pattern",
     .kind = DLCA_OPTION_TEXT,
     .value = "FILE",
     .help = "lay a pattern over the start: RLE or plain-text Life (channel 0), or PNG (the scored channels)",
     .offset = AT(pattern)},
    {.name = "at",
     .kind = DLCA_OPTION_PARSED,
     .value = "X,Y",
     .help = "cell of the pattern's upper left corner",
     .offset = AT(at),
     .parse = dlca_parse_point,
     .no_default = "in the middle"},
    {.name = "state",
     .kind = DLCA_OPTION_TEXT,
     .value = "FILE",
     .help = "go on from a state that --save-state wrote; the grid has its size",
     .offset = AT(state)},
    {.name = "damage",
     .kind = DLCA_OPTION_PARSED,
     .value = "X,Y,W,H[@STEP][:KIND]",
     .help =
         "after STEP steps damage this rectangle of cells: random bits, flip (inverted bits), stuck0 or stuck1 (from "
         "then on); may be repeated",
     .offset = AT(damage),
     .parse = dlca_parse_damage,
     .no_default = "none; STEP: half of the steps; KIND: random"},
    {.name = "frames",
     .kind = DLCA_OPTION_FLAG,
     .help = "write pictures of the scored channels into DIR/frames/",
     .offset = AT(frames)},
    {WHOLE("frame-every", "N", frame_every, 1, DLCA_MAX_STEPS),
     .help = "steps between the pictures of --frames and --gif"},
    {.name = "view",
     .kind = DLCA_OPTION_PARSED,
     .value = "X,Y,W,H",
     .help = "cells that the pictures show",
     .offset = AT(view),
     .parse = dlca_parse_view,
     .no_default = "all"},
    {WHOLE("scale", "K", scale, 1, 256), .help = "pixels per cell in pictures, in both directions",
     .no_default = "about 256 pixels a picture"},
    {.name = "gif",
     .kind = DLCA_OPTION_TEXT,
     .value = "FILE",
     .help = "write an animation of the scored channels",
     .offset = AT(gif),
     .check = dlca_check_output},
    {.name = "out",
     .kind = DLCA_OPTION_TEXT,
     .value = "DIR",
     .help = "folder for --frames, new or empty",
     .offset = AT(out),
     .no_default = "the next free number in results/simulate/"},
    {.name = "save-state",
     .kind = DLCA_OPTION_TEXT,
     .value = "FILE",
     .help = "write the state after the last step: the scored channels as a picture, a pixel per cell, when FILE ends "
             "in .png; otherwise every bit, for --state",
     .offset = AT(save_state),
     .check = dlca_check_output},
    {.name = "statistics",
     .kind = DLCA_OPTION_TEXT,
     .value = "FILE",
     .help = "write a CSV table: for each step the live cells (a scored bit is 1), the changed and the wrong cells",
     .offset = AT(statistics),
     .check = dlca_check_output},
    {WHOLE("threads", "N", threads, 1, 1024), .help = "threads; the cells are the same for any number",
     .no_default = "all processors"},
    {.name = "backend",
     .kind = DLCA_OPTION_PARSED,
     .value = "NAME",
     .help = "auto, scalar, avx2, avx512 or neon; the cells are the same",
     .offset = AT(isa),
     .parse = dlca_parse_isa,
     .no_default = "auto: the widest"},
    {.name = "jit",
     .kind = DLCA_OPTION_FLAG,
     .help = "let the system's C compiler compile the rule; without one the built-in engine serves",
     .offset = AT(jit)},
    {.name = "yes",
     .kind = DLCA_OPTION_FLAG,
     .help = "write pictures even if they may fill the disk",
     .offset = AT(yes)},
    {.name = "quiet", .kind = DLCA_OPTION_FLAG, .help = "print nothing but errors", .offset = AT(quiet)},
};

DlcaSimulateOptions dlca_simulate_options_default(void) {
    return (DlcaSimulateOptions){
        .seed = DLCA_NOT_GIVEN,
        .periodic = DLCA_NOT_GIVEN,
        .asynchronous = DLCA_NOT_GIVEN,
        .start = DLCA_NOT_GIVEN,
        .density = -1,
        .at = {DLCA_NOT_GIVEN, DLCA_NOT_GIVEN},
        .frame_every = 1,
        .isa = (int32_t)dlca_isa_best(),
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

static bool complete_view(DlcaSimulateOptions *options, DlcaError *error) {
    DlcaView *view = &options->view;
    if (view->width == 0) {
        *view = (DlcaView){0, 0, (int32_t)options->width, (int32_t)options->height};
    }
    if (view->x + view->width > options->width || view->y + view->height > options->height) {
        return dlca_fail(error, DLCA_BAD_INPUT,
                         "--view: %d,%d,%d,%d reaches out of the grid; accepted: within %" PRId64 "x%" PRId64 " cells",
                         view->x, view->y, view->width, view->height, options->width, options->height);
    }
    return true;
}

bool dlca_simulate_options_start(DlcaSimulateOptions *options, DlcaError *error) {
    const bool given = options->start != DLCA_NOT_GIVEN || options->density >= 0 || options->pattern;
    if (options->state && given) {
        return dlca_fail(error, DLCA_BAD_INPUT, "--state goes without --start, --density and --pattern");
    }
    if (options->density >= 0 && options->start != DLCA_NOT_GIVEN && options->start != DLCA_BEGIN_RANDOM) {
        return dlca_fail(error, DLCA_BAD_INPUT, "--density goes with --start random alone");
    }
    if (options->at.x != DLCA_NOT_GIVEN && !options->pattern) {
        return dlca_fail(error, DLCA_BAD_INPUT, "--at goes with --pattern FILE");
    }
    if (options->density >= 0) {
        options->start = DLCA_BEGIN_RANDOM;
    } else if (options->start == DLCA_NOT_GIVEN) {
        options->start = options->pattern ? DLCA_BEGIN_ZEROS : DLCA_BEGIN_TRAINED;
    }
    return true;
}

bool dlca_simulate_options_complete(DlcaSimulateOptions *options, const DlcaConfig *trained, DlcaError *error) {
    options->width = options->width ? options->width : trained->width;
    options->height = options->height ? options->height : trained->height;
    options->steps = options->steps ? options->steps : trained->steps;
    options->periodic = options->periodic == DLCA_NOT_GIVEN ? trained->periodic : options->periodic;
    options->asynchronous = options->asynchronous == DLCA_NOT_GIVEN ? trained->asynchronous : options->asynchronous;
    options->threads = options->threads ? options->threads : dlca_cpu_count();
    if (options->fire_rate <= 0) {
        const double paper_rate = 0.6;
        options->fire_rate = trained->asynchronous ? trained->fire_rate : paper_rate;
    }
    if (options->gif && options->steps / options->frame_every > MOST_ANIMATION_FRAMES) {
        return dlca_fail(error, DLCA_BAD_INPUT,
                         "--gif: %" PRId64
                         " pictures are too many for an animation; accepted: up to %d (--frame-every)",
                         options->steps / options->frame_every, MOST_ANIMATION_FRAMES);
    }
    return complete_damage(options, error) && complete_view(options, error);
}
