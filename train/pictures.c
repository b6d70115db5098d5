/* pictures.c - runs the circuit that was kept and pictures it. Leaves alone: drawing (src/movie.h). */
#include "pictures.h"

#include "../src/file.h"
#include "../src/movie.h"
#include "../src/simulation.h"

#include <limits.h>
#include <stdlib.h>

enum { START_DELAY_MS = 600, STEP_DELAY_MS = 150, END_DELAY_MS = 2000 };

/* Of a task with few starts one that is not the empty grid; of the others the first that the seed draws. */
static uint32_t start_number(const DlcaTask *task, uint64_t seed) {
    int64_t starts = dlca_task_starts(task);
    return starts > 1 ? (uint32_t)(1 + seed * 2654435761U % (uint64_t)(starts - 1)) : 0;
}

/* What this start should become: bits [H][W][S] from bits [H][W][C]. */
static bool find_target(const DlcaTask *task, const uint8_t *start, uint8_t *target, DlcaError *error) {
    size_t cells = (size_t)task->config.height * (size_t)task->config.width;
    size_t channels = (size_t)task->config.channels, scored = (size_t)task->config.scored_channels;
    uint64_t *planes = malloc(cells * (channels + scored) * sizeof *planes);
    if (!planes) {
        return dlca_fail(error, DLCA_FAILED, "no memory for a target");
    }
    uint64_t *words = planes + cells * channels;
    for (size_t i = 0; i < cells * channels; i++) {
        planes[i % channels * cells + i / channels] = start[i];
    }
    dlca_task_target_words(task, planes, words);
    for (size_t i = 0; i < cells * scored; i++) {
        target[i] = words[i % scored * cells + i / scored] & 1;
    }
    free(planes);
    return true;
}

/* Gives the simulation its start, and writes to target [H][W][S] what it should become. */
static bool set_start(DlcaSimulation *simulation, const DlcaTask *task, uint64_t seed, uint8_t *target,
                      DlcaError *error) {
    const DlcaConfig *config = &task->config;
    uint8_t *bits = malloc((size_t)config->height * (size_t)config->width * (size_t)config->channels);
    bool good = bits && dlca_task_start(task, seed, DLCA_RANDOM_SIMULATE, 0, start_number(task, seed), bits);
    if (good) {
        dlca_simulation_set(simulation, bits);
        good = find_target(task, bits, target, error);
    } else {
        dlca_fail(error, DLCA_FAILED, "no memory for a start");
    }
    free(bits);
    return good;
}

static int32_t delay_of(int32_t step, int32_t last) {
    return step == last ? END_DELAY_MS : step == 0 ? START_DELAY_MS : STEP_DELAY_MS;
}

/* `bits` [H][W][S] is scratch. */
static bool roll(DlcaSimulation *simulation, DlcaMovie *movie, const DlcaTask *task, const DlcaPictureOptions *options,
                 const char *frames, uint8_t *bits, DlcaError *error) {
    const DlcaConfig *config = &task->config;
    bool good = true;
    for (int32_t step = 0; good && step <= config->steps; step++) {
        if (step > 0) {
            dlca_simulation_step(simulation);
        }
        bool last = step == config->steps;
        bool wanted = last || (options->all_frames && step % options->every == 0);
        dlca_simulation_get(simulation, config->scored_channels, bits);
        good = dlca_movie_add(movie, bits, step, delay_of(step, config->steps), wanted ? frames : NULL, error);
    }
    return good;
}

bool dlca_pictures_write(const DlcaTask *task, const DlcaCircuit *rule, const DlcaPictureOptions *options,
                         DlcaError *error) {
    const DlcaConfig *config = &task->config;
    const DlcaSimulationSetup setup = {config->height,       config->width,     config->channels, config->periodic,
                                       config->asynchronous, config->fire_rate, options->seed};
    char frames[PATH_MAX], animation[PATH_MAX];
    DlcaSimulation simulation = {0};
    DlcaMovie movie = {0};
    uint8_t *bits = malloc((size_t)config->height * (size_t)config->width * (size_t)config->scored_channels);
    bool good = (bits || dlca_fail(error, DLCA_FAILED, "no memory for a frame")) &&
                dlca_path_join(frames, sizeof frames, options->folder, "frames", error) &&
                dlca_path_join(animation, sizeof animation, options->folder, "rollout.gif", error) &&
                dlca_folder_create(frames, error) && dlca_simulation_create(&simulation, &setup, rule, error) &&
                set_start(&simulation, task, options->seed, bits, error) &&
                dlca_movie_create(&movie, config->height, config->width, config->scored_channels, bits, true, error) &&
                dlca_movie_use_palette(&movie, &task->palette, bits, error) &&
                roll(&simulation, &movie, task, options, frames, bits, error) &&
                dlca_gif_write(movie.gif, animation, error);
    dlca_movie_free(&movie);
    dlca_simulation_free(&simulation);
    free(bits);
    return good;
}
