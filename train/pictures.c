/* pictures.c - runs the circuit that was kept and pictures it. Leaves alone: drawing (src/movie.h). */
#include "pictures.h"

#include "../src/file.h"
#include "../src/movie.h"
#include "../src/simulation.h"

#include <limits.h>
#include <stdlib.h>

enum { START_DELAY_MS = 600, STEP_DELAY_MS = 150, END_DELAY_MS = 2000 };

static bool set_start(DlcaSimulation *simulation, const DlcaTask *task, uint64_t seed, DlcaError *error) {
    const DlcaConfig *config = &task->config;
    uint8_t *bits = malloc((size_t)config->height * (size_t)config->width * (size_t)config->channels);
    if (!bits) {
        return dlca_fail(error, DLCA_FAILED, "no memory for a start");
    }
    dlca_task_start(task, seed, DLCA_RANDOM_SIMULATE, 0, 0, bits);
    dlca_simulation_set(simulation, bits);
    free(bits);
    return true;
}

static int32_t delay_of(int32_t step, int32_t last) {
    return step == last ? END_DELAY_MS : step == 0 ? START_DELAY_MS : STEP_DELAY_MS;
}

static bool roll(DlcaSimulation *simulation, DlcaMovie *movie, const DlcaTask *task, const DlcaPictureOptions *options,
                 const char *frames, DlcaError *error) {
    const DlcaConfig *config = &task->config;
    uint8_t *bits = malloc((size_t)config->height * (size_t)config->width * (size_t)config->scored_channels);
    bool good = bits != NULL || dlca_fail(error, DLCA_FAILED, "no memory for a frame");
    for (int32_t step = 0; good && step <= config->steps; step++) {
        if (step > 0) {
            dlca_simulation_step(simulation);
        }
        bool last = step == config->steps;
        bool wanted = last || (options->all_frames && step % options->every == 0);
        dlca_simulation_get(simulation, config->scored_channels, bits);
        good = dlca_movie_add(movie, bits, step, delay_of(step, config->steps), wanted ? frames : NULL, error);
    }
    free(bits);
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
    bool good =
        dlca_path_join(frames, sizeof frames, options->folder, "frames", error) &&
        dlca_path_join(animation, sizeof animation, options->folder, "rollout.gif", error) &&
        dlca_folder_create(frames, error) && dlca_simulation_create(&simulation, &setup, rule, error) &&
        set_start(&simulation, task, options->seed, error) &&
        dlca_movie_create(&movie, config->height, config->width, config->scored_channels, task->target, true, error) &&
        roll(&simulation, &movie, task, options, frames, error) && dlca_gif_write(movie.gif, animation, error);
    dlca_movie_free(&movie);
    dlca_simulation_free(&simulation);
    return good;
}
