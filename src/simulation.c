/* simulation.c - one hard rollout of one start over DlcaHardGrid. Leaves alone: pictures, files. */
#include "simulation.h"

#include <stdlib.h>
#include <string.h>

static size_t cell_count(const DlcaSimulation *simulation) {
    return (size_t)simulation->setup.height * (size_t)simulation->setup.width;
}

bool dlca_simulation_create(DlcaSimulation *simulation, const DlcaSimulationSetup *setup, const DlcaCircuit *rule,
                            DlcaError *error) {
    *simulation = (DlcaSimulation){.setup = *setup};
    int64_t bits = (int64_t)setup->height * setup->width;
    if (setup->height < 1 || setup->width < 1 || setup->channels < 1 || bits > DLCA_SIMULATION_MAX_BITS ||
        bits * setup->channels > DLCA_SIMULATION_MAX_BITS) {
        return dlca_fail(error, DLCA_BAD_INPUT,
                         "a grid of %dx%d cells with %d bits each cannot be simulated; accepted: up to %d bits in all",
                         setup->width, setup->height, setup->channels, DLCA_SIMULATION_MAX_BITS);
    }
    size_t cells = cell_count(simulation);
    simulation->planes = calloc(cells * (size_t)setup->channels, sizeof *simulation->planes);
    simulation->fire = calloc(cells, sizeof *simulation->fire);
    simulation->fire_mask = calloc(cells, sizeof *simulation->fire_mask);
    if (!simulation->planes || !simulation->fire || !simulation->fire_mask) {
        dlca_simulation_free(simulation);
        return dlca_fail(error, DLCA_FAILED, "no memory for a grid of %dx%d cells", setup->width, setup->height);
    }
    simulation->grid = dlca_hard_create(setup->height, setup->width, setup->channels, setup->periodic, error);
    if (!simulation->grid || !dlca_hard_set_rule(simulation->grid, rule, error)) {
        dlca_simulation_free(simulation);
        return false;
    }
    dlca_hard_set_state(simulation->grid, simulation->planes);
    return true;
}

void dlca_simulation_free(DlcaSimulation *simulation) {
    dlca_hard_free(simulation->grid);
    free(simulation->planes);
    free(simulation->fire);
    free(simulation->fire_mask);
    *simulation = (DlcaSimulation){0};
}

void dlca_simulation_set(DlcaSimulation *simulation, const uint8_t *bits) {
    size_t cells = cell_count(simulation), channels = (size_t)simulation->setup.channels;
    for (size_t cell = 0; cell < cells; cell++) {
        for (size_t channel = 0; channel < channels; channel++) {
            simulation->planes[channel * cells + cell] = bits[cell * channels + channel] & 1;
        }
    }
    dlca_hard_set_state(simulation->grid, simulation->planes);
}

void dlca_simulation_get(DlcaSimulation *simulation, int32_t wanted, uint8_t *bits) {
    size_t cells = cell_count(simulation);
    dlca_hard_get_state(simulation->grid, simulation->planes);
    for (size_t cell = 0; cell < cells; cell++) {
        for (size_t channel = 0; channel < (size_t)wanted; channel++) {
            bits[cell * (size_t)wanted + channel] = simulation->planes[channel * cells + cell] & 1;
        }
    }
}

void dlca_simulation_step(DlcaSimulation *simulation) {
    const DlcaSimulationSetup *setup = &simulation->setup;
    const uint64_t *fire = NULL;
    if (setup->asynchronous) {
        size_t cells = cell_count(simulation);
        dlca_fire_mask(setup->seed, DLCA_RANDOM_SIMULATE, 0, (uint32_t)simulation->step, setup->fire_rate,
                       (int32_t)cells, simulation->fire_mask);
        for (size_t cell = 0; cell < cells; cell++) {
            simulation->fire[cell] = simulation->fire_mask[cell];
        }
        fire = simulation->fire;
    }
    dlca_hard_step(simulation->grid, fire);
    simulation->step++;
}

void dlca_simulation_damage(DlcaSimulation *simulation, int32_t x, int32_t y, int32_t width, int32_t height) {
    const DlcaSimulationSetup *setup = &simulation->setup;
    size_t cells = cell_count(simulation);
    DlcaRandom random = dlca_random_stream(setup->seed, DLCA_RANDOM_DAMAGE, 0, (uint32_t)simulation->step);
    dlca_hard_get_state(simulation->grid, simulation->planes);
    for (int64_t row = y; row < (int64_t)y + height && row < setup->height; row++) {
        for (int64_t column = x; column < (int64_t)x + width && column < setup->width; column++) {
            if (row < 0 || column < 0) {
                continue;
            }
            size_t cell = (size_t)row * (size_t)setup->width + (size_t)column;
            for (size_t channel = 0; channel < (size_t)setup->channels; channel++) {
                simulation->planes[channel * cells + cell] = dlca_random_below(&random, 2);
            }
        }
    }
    dlca_hard_set_state(simulation->grid, simulation->planes);
}
