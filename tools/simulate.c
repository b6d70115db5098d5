/* simulate.c - `dlca simulate MODEL`: a hard rollout of any size, with damage, pictures and a count of wrong cells.
 *
 * Leaves alone: the options (simulate_options.c), the rollout itself (src/simulation.h). */
#include "../src/file.h"
#include "../src/movie.h"
#include "../src/simulation.h"
#include "../train/run_folder.h"
#include "../train/task.h"
#include "command.h"
#include "simulate_options.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { STEP_DELAY_MS = 150, END_DELAY_MS = 2000 };

typedef struct Run {
    DlcaSimulateOptions options;
    DlcaRule rule;
    DlcaSimulation simulation;
    DlcaMovie movie;
    DlcaRunFolder folder;
    char frames[PATH_MAX]; /* "" without --frames */
    bool comparable;       /* the grid has the target's size */
    uint64_t seed;
    uint8_t *bits; /* [height][width][channels], scratch */
} Run;

/* ---- setting up ---- */

/* The task knows what its grids start as. A task of another program starts from random bits, and so does one whose
 * starts are all states of its own small grid: they are none of another size. */
static bool set_start(Run *run, DlcaError *error) {
    const DlcaConfig *trained = &run->rule.config;
    DlcaTask task = {0};
    if (!dlca_task_create(&task, trained->task, trained->asynchronous, false, false, trained->seed, NULL)) {
        dlca_task_free(&task);
        task.start = DLCA_START_RANDOM;
    }
    if (task.start == DLCA_START_ALL) {
        task.start = DLCA_START_RANDOM;
    }
    task.config.height = (int32_t)run->options.height;
    task.config.width = (int32_t)run->options.width;
    task.config.channels = trained->channels;
    size_t cells = (size_t)run->options.height * (size_t)run->options.width;
    run->bits = malloc(cells * (size_t)trained->channels);
    bool good = run->bits && dlca_task_start(&task, run->seed, DLCA_RANDOM_SIMULATE, 0, 0, run->bits);
    dlca_task_free(&task);
    if (!good) {
        return dlca_fail(error, DLCA_FAILED, "no memory for a grid of %zu cells", cells);
    }
    dlca_simulation_set(&run->simulation, run->bits);
    return true;
}

static bool create_simulation(Run *run, DlcaError *error) {
    const DlcaSimulateOptions *options = &run->options;
    const DlcaSimulationSetup setup = {
        .height = (int32_t)options->height,
        .width = (int32_t)options->width,
        .channels = run->rule.config.channels,
        .periodic = options->periodic != 0,
        .asynchronous = options->asynchronous != 0,
        .fire_rate = options->fire_rate,
        .seed = run->seed,
    };
    return dlca_simulation_create(&run->simulation, &setup, &run->rule.circuit, error) && set_start(run, error);
}

/* The first thing that writes; everything that can be refused was refused before. */
static bool open_pictures(Run *run, DlcaError *error) {
    const DlcaSimulateOptions *options = &run->options;
    const uint8_t *target = run->comparable ? run->rule.target : NULL;
    if (!options->frames && !options->gif) {
        return true;
    }
    if (!dlca_movie_create(&run->movie, (int32_t)options->height, (int32_t)options->width,
                           run->rule.config.scored_channels, target, options->gif != NULL, error)) {
        return false;
    }
    return !options->frames || (dlca_run_folder_create(&run->folder, "simulate", options->out, error) &&
                                dlca_path_join(run->frames, sizeof run->frames, run->folder.path, "frames", error) &&
                                dlca_folder_create(run->frames, error));
}

/* ---- running ---- */

static int64_t wrong_cells(Run *run) {
    const DlcaConfig *trained = &run->rule.config;
    size_t cells = (size_t)trained->height * (size_t)trained->width, scored = (size_t)trained->scored_channels;
    int64_t wrong = 0;
    dlca_simulation_get(&run->simulation, trained->scored_channels, run->bits);
    for (size_t cell = 0; cell < cells; cell++) {
        wrong += memcmp(run->bits + cell * scored, run->rule.target + cell * scored, scored) != 0;
    }
    return wrong;
}

static void print_step(Run *run, const char *note) {
    int64_t cells = run->options.height * run->options.width;
    if (run->options.quiet) {
        return;
    }
    if (run->comparable) {
        printf("step %d%s: %" PRId64 " of %" PRId64 " cells wrong\n", run->simulation.step, note, wrong_cells(run),
               cells);
        return;
    }
    int64_t ones = 0, bits = cells * run->rule.config.scored_channels;
    dlca_simulation_get(&run->simulation, run->rule.config.scored_channels, run->bits);
    for (int64_t bit = 0; bit < bits; bit++) {
        ones += run->bits[bit];
    }
    printf("step %d%s: %" PRId64 " of %" PRId64 " scored bits are 1\n", run->simulation.step, note, ones, bits);
}

static void apply_damage(Run *run) {
    for (int32_t i = 0; i < run->options.damage.count; i++) {
        const DlcaDamage *damage = &run->options.damage.item[i];
        if (damage->step == run->simulation.step) {
            print_step(run, ", before the damage");
            dlca_simulation_damage(&run->simulation, damage->x, damage->y, damage->width, damage->height);
            print_step(run, ", damaged");
        }
    }
}

static bool show(Run *run, DlcaError *error) {
    const DlcaSimulateOptions *options = &run->options;
    bool last = run->simulation.step == options->steps;
    if ((!options->frames && !options->gif) || (!last && run->simulation.step % options->frame_every != 0)) {
        return true;
    }
    dlca_simulation_get(&run->simulation, run->rule.config.scored_channels, run->bits);
    return dlca_movie_add(&run->movie, run->bits, run->simulation.step, last ? END_DELAY_MS : STEP_DELAY_MS,
                          run->frames[0] ? run->frames : NULL, error);
}

static bool roll(Run *run, DlcaError *error) {
    print_step(run, "");
    apply_damage(run);
    bool good = show(run, error);
    while (good && run->simulation.step < run->options.steps) {
        dlca_simulation_step(&run->simulation);
        if (run->simulation.step == run->rule.config.steps && run->options.steps > run->rule.config.steps) {
            print_step(run, ", as long as trained");
        }
        apply_damage(run);
        good = show(run, error);
    }
    print_step(run, ", the last");
    return good;
}

static bool save_state(Run *run, DlcaError *error) {
    DlcaPicture picture = {0};
    if (!run->options.save_state) {
        return true;
    }
    dlca_simulation_get(&run->simulation, run->rule.config.scored_channels, run->bits);
    bool good = dlca_picture_of_cells(&picture, run->bits, (int32_t)run->options.height, (int32_t)run->options.width,
                                      run->rule.config.scored_channels, 1, error) &&
                dlca_png_write(run->options.save_state, &picture, error);
    dlca_picture_free(&picture);
    return good;
}

/* ---- the command ---- */

static void print_heading(const Run *run, const char *path) {
    const DlcaSimulateOptions *options = &run->options;
    if (options->quiet) {
        return;
    }
    printf("rule: %s, %s, %d gates, bits per cell: %d\n", path, run->rule.config.task, run->rule.circuit.gates,
           run->rule.config.channels);
    printf("grid: %" PRId64 "x%" PRId64 " cells, %s, ", options->width, options->height,
           options->periodic ? "periodic" : "outside reads 0");
    if (options->asynchronous) {
        printf("asynchronous with fire rate %g, ", options->fire_rate);
    } else {
        printf("synchronous, ");
    }
    printf("seed %" PRIu64 "\n", run->seed);
}

static void print_files(const Run *run) {
    if (run->options.quiet) {
        return;
    }
    if (run->options.frames) {
        printf("pictures: %s/\n", run->frames);
    }
    if (run->options.gif) {
        printf("animation: %s\n", run->options.gif);
    }
    if (run->options.save_state) {
        printf("last state: %s\n", run->options.save_state);
    }
}

static bool simulate(Run *run, const char *path, DlcaError *error) {
    if (!dlca_rule_load(&run->rule, path, error) ||
        !dlca_simulate_options_complete(&run->options, &run->rule.config, error)) {
        return false;
    }
    const DlcaConfig *trained = &run->rule.config;
    run->seed = run->options.seed == DLCA_NOT_GIVEN ? trained->seed : (uint64_t)run->options.seed;
    run->comparable =
        run->rule.target && run->options.height == trained->height && run->options.width == trained->width;
    if (!create_simulation(run, error) || !open_pictures(run, error)) {
        return false;
    }
    print_heading(run, path);
    if (!roll(run, error) || !save_state(run, error) ||
        (run->options.gif && !dlca_gif_write(run->movie.gif, run->options.gif, error))) {
        return false;
    }
    print_files(run);
    return true;
}

int dlca_command_simulate(int argc, char **argv) {
    const DlcaArguments arguments = dlca_simulate_arguments();
    const char *operand[DLCA_MAX_OPERANDS];
    DlcaError error = {0};
    int code;
    Run run = {.options = dlca_simulate_options_default()};
    if (!dlca_command_parse(&arguments, argc, argv, &run.options, operand, &code)) {
        return code;
    }
    bool good = simulate(&run, operand[0], &error);
    dlca_movie_free(&run.movie);
    dlca_simulation_free(&run.simulation);
    dlca_rule_free(&run.rule);
    free(run.bits);
    return good ? 0 : dlca_command_fail(arguments.program, &error);
}
