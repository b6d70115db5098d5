/* simulate.c - `dlca simulate MODEL`: a hard rollout of any size, with damage, pictures, a saved state and statistics.
 *
 * Leaves alone: the options (simulate_options.c), starts, damage and reports (simulate_run.h), the steps themselves
 * (src/planes.h). */
#include "../gates/counting.h"
#include "../src/file.h"
#include "command.h"
#include "simulate_run.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { STEP_DELAY_MS = 150, END_DELAY_MS = 2000, PICTURE_HEADER_BYTES = 1024 };

static volatile sig_atomic_t stop_signal;

static void note_stop(int number) {
    stop_signal = number;
}

static void catch_stops(void) {
    struct sigaction stop = {.sa_handler = note_stop, .sa_flags = (int)SA_RESETHAND}; /* a second one ends it at once */
    sigemptyset(&stop.sa_mask);
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, &stop, NULL);
}

/* ---- what can be refused is refused before anything is written ---- */

/* Bytes that this process may still take: what the system calls available, or its own limit. */
static int64_t free_memory(void) {
    int64_t bytes = (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);
    struct rlimit limit;
    char line[128];
    FILE *file = fopen("/proc/meminfo", "r");
    while (file && fgets(line, sizeof line, file)) {
        if (strncmp(line, "MemAvailable:", 13) == 0) {
            bytes = strtoll(line + 13, NULL, 10) * 1024;
        }
    }
    if (file) {
        fclose(file);
    }
    if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && (int64_t)limit.rlim_cur < bytes) {
        bytes = (int64_t)limit.rlim_cur;
    }
    return bytes;
}

static bool check_memory(const DlcaPlanesSetup *setup, DlcaError *error) {
    const int64_t needed = dlca_planes_bytes(setup), free_bytes = free_memory();
    return needed <= free_bytes ||
           dlca_fail(error, DLCA_BAD_INPUT,
                     "--width, --height: %dx%d cells are too many: with %d bits each they take %" PRId64
                     " bytes of memory, and %" PRId64 " are free",
                     setup->width, setup->height, setup->channels, needed, free_bytes);
}

/* Where `path` lies, or what is there of the folders above it. False where the system does not say. */
static bool free_disk(const char *path, int64_t *bytes) {
    char folder[PATH_MAX];
    struct statvfs status;
    snprintf(folder, sizeof folder, "%s", path);
    while (statvfs(folder, &status) != 0) {
        char *slash = strrchr(folder, '/');
        if (slash && slash != folder) {
            *slash = '\0';
        } else if (strcmp(folder, ".") != 0 && !slash) {
            snprintf(folder, sizeof folder, ".");
        } else {
            return false;
        }
    }
    *bytes = (int64_t)status.f_bavail * (int64_t)status.f_frsize;
    return status.f_blocks > 0;
}

/* Pictures are compressed, but nobody knows how far: what they take at most counts. */
static bool check_disk(const DlcaSimulateRun *run, DlcaError *error) {
    const DlcaSimulateOptions *options = &run->options;
    const DlcaView *view = &options->view;
    const int64_t scale =
        options->scale ? options->scale : dlca_picture_scale(view->height, view->width, DLCA_MOVIE_PIXELS);
    const int64_t pictures = options->steps / options->frame_every + 2;
    const double each = 3.0 * (double)(view->width * scale) * (double)(view->height * scale) + PICTURE_HEADER_BYTES;
    int64_t free_bytes;
    if (!options->frames || options->yes || !free_disk(options->out ? options->out : "results", &free_bytes) ||
        each * (double)pictures <= (double)free_bytes) {
        return true;
    }
    return dlca_fail(
        error, DLCA_BAD_INPUT,
        "--frames: %" PRId64 " pictures take up to %.0f bytes and %" PRId64
        " are free; fewer with --frame-every, smaller with --view or --scale; --yes writes them all the same",
        pictures, each * (double)pictures, free_bytes);
}

static bool ends_in_png(const char *path) {
    const size_t length = strlen(path);
    return length >= 4 && strcmp(path + length - 4, ".png") == 0;
}

static bool check_picture_size(const DlcaSimulateRun *run, DlcaError *error) {
    const DlcaSimulateOptions *options = &run->options;
    if (options->save_state && ends_in_png(options->save_state) &&
        (options->width > DLCA_PICTURE_MAX_SIDE || options->height > DLCA_PICTURE_MAX_SIDE ||
         options->width * options->height > DLCA_PICTURE_MAX_PIXELS)) {
        return dlca_fail(error, DLCA_BAD_INPUT,
                         "--save-state: a picture of %" PRId64 "x%" PRId64
                         " pixels is too large; accepted: another ending than .png, for every bit",
                         options->width, options->height);
    }
    return true;
}

/* ---- setting up ---- */

static bool create_planes(DlcaSimulateRun *run, DlcaError *error) {
    const DlcaSimulateOptions *options = &run->options;
    const DlcaPlanesSetup setup = {
        .height = (int32_t)options->height,
        .width = (int32_t)options->width,
        .channels = run->rule.config.channels,
        .periodic = options->periodic != 0,
        .asynchronous = options->asynchronous != 0,
        .fire_rate = options->fire_rate,
        .seed = run->seed,
        .isa = (DlcaIsa)options->isa,
        .native = true,
        .threads = (int32_t)options->threads,
        .steady = true,
    };
    if (!check_memory(&setup, error)) {
        return false;
    }
    run->planes = dlca_planes_create(&setup, &run->rule.circuit, error);
    if (!run->planes) {
        return false;
    }
    DlcaError reason = {0};
    if (options->jit && !dlca_compiled_rule_create(&run->compiled, run->planes, setup.isa, &reason)) {
        fprintf(stderr, "dlca simulate: --jit: %s; the built-in engine serves\n", reason.message);
        return true;
    }
    return !options->jit || dlca_planes_use_compiled(run->planes, run->compiled.rows, error);
}

/* The first thing that writes. */
static bool open_pictures(DlcaSimulateRun *run, DlcaError *error) {
    const DlcaSimulateOptions *options = &run->options;
    const DlcaView *view = &options->view;
    const int32_t scored = run->rule.config.scored_channels;
    const bool whole = view->width == options->width && view->height == options->height;
    if (!options->frames && !options->gif) {
        return true;
    }
    run->bits = malloc((size_t)view->width * (size_t)view->height * (size_t)scored);
    if (!run->bits) {
        return dlca_fail(error, DLCA_FAILED, "no memory for a picture of %dx%d cells", view->width, view->height);
    }
    if (!dlca_movie_create_scaled(&run->movie, view->height, view->width, scored, (int32_t)options->scale,
                                  run->comparable && whole ? run->rule.target : NULL, options->gif != NULL, error) ||
        !dlca_movie_use_palette(&run->movie, &run->rule.palette, run->rule.target, error)) {
        return false;
    }
    return !options->frames || (dlca_run_folder_create(&run->folder, "simulate", options->out, error) &&
                                dlca_path_join(run->frames, sizeof run->frames, run->folder.path, "frames", error) &&
                                dlca_folder_create(run->frames, error));
}

/* ---- running ---- */

static void get_cells(const DlcaSimulateRun *run, const DlcaView *view, uint8_t *bits) {
    const int32_t scored = run->rule.config.scored_channels;
    for (int32_t y = 0; y < view->height; y++) {
        for (int32_t channel = 0; channel < scored; channel++) {
            dlca_planes_get(run->planes, channel, view->x, view->y + y, view->width,
                            bits + (int64_t)y * view->width * scored + channel, scored);
        }
    }
}

static bool show(DlcaSimulateRun *run, DlcaError *error) {
    const DlcaSimulateOptions *options = &run->options;
    const bool last = run->done == options->steps;
    if ((!options->frames && !options->gif) || (!last && run->done % options->frame_every != 0)) {
        return true;
    }
    get_cells(run, &options->view, run->bits);
    return dlca_movie_add(&run->movie, run->bits, (int32_t)run->done, last ? END_DELAY_MS : STEP_DELAY_MS,
                          run->frames[0] ? run->frames : NULL, error);
}

/* Steps that may be taken before something else is to be done. */
static int64_t steps_at_once(const DlcaSimulateRun *run) {
    const DlcaSimulateOptions *options = &run->options;
    int64_t steps = dlca_simulate_steps_to_damage(run);
    const int64_t trained = run->rule.config.steps - run->done;
    if (trained > 0 && trained < steps) {
        steps = trained;
    }
    if (options->frames || options->gif) {
        const int64_t to_picture = options->frame_every - run->done % options->frame_every;
        steps = to_picture < steps ? to_picture : steps;
    }
    return options->statistics ? 1 : steps;
}

/* In pieces that take about so long, so that Ctrl-C and progress are not kept waiting. */
static void take_steps(DlcaSimulateRun *run, int64_t steps) {
    static const double piece_seconds = 0.1;
    int64_t piece = 1;
    while (steps > 0 && !stop_signal) {
        const int64_t taken = piece < steps ? piece : steps;
        const double began = dlca_simulate_now();
        dlca_planes_run(run->planes, taken);
        run->done += taken;
        steps -= taken;
        piece = dlca_simulate_now() - began < piece_seconds / 2 ? 2 * piece : piece;
        dlca_simulate_show_progress(run);
    }
}

static bool roll(DlcaSimulateRun *run, DlcaError *error) {
    const int64_t trained = run->rule.config.steps;
    dlca_simulate_print_step(run, "");
    dlca_simulate_damage(run);
    dlca_simulate_add_statistics(run);
    bool good = show(run, error);
    run->began = run->shown = dlca_simulate_now();
    while (good && run->done < run->options.steps && !stop_signal) {
        take_steps(run, steps_at_once(run));
        if (run->done == trained && run->options.steps > trained && !run->options.state) {
            dlca_simulate_print_step(run, ", as long as trained");
        }
        dlca_simulate_keep_stuck(run);
        if (dlca_simulate_damages_now(run)) {
            dlca_simulate_damage(run);
        }
        dlca_simulate_add_statistics(run);
        good = stop_signal || show(run, error);
    }
    dlca_simulate_end_progress(run);
    dlca_simulate_print_step(run, stop_signal ? ", interrupted" : ", the last");
    return good;
}

/* ---- writing ---- */

static bool save_picture(DlcaSimulateRun *run, DlcaError *error) {
    const DlcaView whole = {0, 0, (int32_t)run->options.width, (int32_t)run->options.height};
    const int32_t scored = run->rule.config.scored_channels;
    uint8_t *bits = malloc((size_t)whole.width * (size_t)whole.height * (size_t)scored);
    DlcaPicture picture = {0};
    if (!bits) {
        return dlca_fail(error, DLCA_FAILED, "no memory for a picture of %dx%d cells", whole.width, whole.height);
    }
    get_cells(run, &whole, bits);
    const bool good = dlca_picture_of_cells(&picture, bits, whole.height, whole.width, scored, 1, error) &&
                      dlca_png_write(run->options.save_state, &picture, error);
    dlca_picture_free(&picture);
    free(bits);
    return good;
}

static bool save_bits(DlcaSimulateRun *run, const char *path, DlcaError *error) {
    return dlca_state_write(path, run->planes, (int32_t)run->options.height, (int32_t)run->options.width,
                            run->rule.config.channels, error);
}

/* An interrupted run leaves a state that it can go on from, where it was asked to or in a folder of its own. */
static bool save_interrupted(DlcaSimulateRun *run, DlcaError *error) {
    char path[PATH_MAX];
    const char *asked = run->options.save_state;
    if (asked && !ends_in_png(asked)) {
        snprintf(path, sizeof path, "%s", asked);
    } else if ((run->folder.path[0] == '\0' &&
                !dlca_run_folder_create(&run->folder, "simulate", run->options.out, error)) ||
               !dlca_path_join(path, sizeof path, run->folder.path, "state.safetensors", error)) {
        return false;
    }
    if (!save_bits(run, path, error)) {
        return false;
    }
    fprintf(stderr, "dlca simulate: interrupted after step %" PRId64 " of %" PRId64 "; go on with --state %s\n",
            run->done, run->options.steps, path);
    return true;
}

static bool save(DlcaSimulateRun *run, DlcaError *error) {
    const DlcaSimulateOptions *options = &run->options;
    if (stop_signal && !save_interrupted(run, error)) {
        return false;
    }
    if (options->save_state && ends_in_png(options->save_state)) {
        if (!save_picture(run, error)) {
            return false;
        }
    } else if (options->save_state && !stop_signal && !save_bits(run, options->save_state, error)) {
        return false;
    }
    if (options->statistics &&
        (!dlca_text_check(&run->statistics, "the statistics", error) ||
         !dlca_file_write(options->statistics, run->statistics.data, run->statistics.size, error))) {
        return false;
    }
    return !options->gif || dlca_gif_write(run->movie.gif, options->gif, error);
}

static void print_files(const DlcaSimulateRun *run) {
    const DlcaSimulateOptions *options = &run->options;
    if (options->quiet) {
        return;
    }
    if (options->frames) {
        printf("pictures: %s/\n", run->frames);
    }
    if (options->gif) {
        printf("animation: %s\n", options->gif);
    }
    if (options->statistics) {
        printf("statistics: %s\n", options->statistics);
    }
    if (options->save_state) {
        printf("last state: %s\n", options->save_state);
    }
}

/* ---- the command ---- */

/* Fewer gates for the same cells: a thousand cost about a tenth of a second once, and each one every step. */
static bool shrink(DlcaCircuit *circuit, DlcaError *error) {
    enum { PATIENCE = 20, MOST_GATES = 5000 };
    DlcaCircuit small;
    if (circuit->gates > MOST_GATES) {
        return true;
    }
    if (!dlca_circuit_smallest(&small, circuit, PATIENCE, error)) {
        return false;
    }
    dlca_circuit_free(circuit);
    *circuit = small;
    return true;
}

static bool simulate(DlcaSimulateRun *run, const char *path, DlcaError *error) {
    if (!dlca_rule_load(&run->rule, path, error) || !dlca_simulate_read_start(run, error) ||
        !shrink(&run->rule.circuit, error)) {
        return false;
    }
    const DlcaConfig *trained = &run->rule.config;
    run->seed = run->options.seed == DLCA_NOT_GIVEN ? trained->seed : (uint64_t)run->options.seed;
    run->comparable =
        run->rule.target && run->options.height == trained->height && run->options.width == trained->width;
    if (!check_picture_size(run, error) || !check_disk(run, error) || !create_planes(run, error) ||
        !dlca_simulate_set_start(run, error) || !open_pictures(run, error)) {
        return false;
    }
    catch_stops();
    dlca_simulate_print_heading(run, path);
    if (!roll(run, error) || !save(run, error)) {
        return false;
    }
    print_files(run);
    return true;
}

static void free_run(DlcaSimulateRun *run) {
    dlca_run_folder_release(&run->folder);
    dlca_movie_free(&run->movie);
    dlca_planes_free(run->planes);
    dlca_compiled_rule_free(&run->compiled);
    dlca_pattern_free(&run->pattern);
    dlca_state_free(&run->state);
    dlca_rule_free(&run->rule);
    dlca_text_free(&run->statistics);
    free(run->bits);
}

int dlca_command_simulate(int argc, char **argv) {
    const DlcaArguments arguments = dlca_simulate_arguments();
    const char *operand[DLCA_MAX_OPERANDS];
    DlcaError error = {0};
    int code;
    DlcaSimulateRun run = {.options = dlca_simulate_options_default()};
    if (!dlca_command_parse(&arguments, argc, argv, &run.options, operand, &code)) {
        return code;
    }
    const bool good = simulate(&run, operand[0], &error);
    free_run(&run);
    if (!good) {
        return dlca_command_fail(arguments.program, &error);
    }
    return stop_signal ? 128 + stop_signal : 0;
}
