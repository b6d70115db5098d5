/* simulation.h - one hard rollout as users watch it: one start, bits in and out, firing, damage.
 *
 * A thin layer over DlcaHardGrid (dlca.h), which runs 64 starts at once; here only bit 0 of its words is used. Leaves
 * alone: pictures (movie.h), files, what the start is. */
#ifndef DLCA_SIMULATION_H
#define DLCA_SIMULATION_H

#include "dlca.h"

/* Cells times channels; beyond it a grid would take more than 6 GiB. */
enum { DLCA_SIMULATION_MAX_BITS = 1 << 28 };

typedef struct DlcaSimulationSetup {
    int32_t height, width, channels; /* cells, cells, bits of a cell */
    bool periodic;
    bool asynchronous;
    double fire_rate; /* (0, 1]; used when asynchronous */
    uint64_t seed;    /* of the firing and the damage */
} DlcaSimulationSetup;

typedef struct DlcaSimulation {
    DlcaSimulationSetup setup;
    int32_t step; /* steps taken since the start */
    DlcaHardGrid *grid;
    uint64_t *planes;   /* [channels][cell], scratch */
    uint64_t *fire;     /* [cell], scratch */
    uint8_t *fire_mask; /* [cell], scratch */
} DlcaSimulation;

/* `rule` has 9*channels inputs and `channels` outputs and must outlive the simulation. All bits start as 0. */
bool dlca_simulation_create(DlcaSimulation *simulation, const DlcaSimulationSetup *setup, const DlcaCircuit *rule,
                            DlcaError *error);
void dlca_simulation_free(DlcaSimulation *simulation); /* leaves it empty; an empty one is fine */

/* bits [height][width][channels] of 0/1 bytes. Setting them leaves the step count alone. */
void dlca_simulation_set(DlcaSimulation *simulation, const uint8_t *bits);
/* bits [height][width][wanted]: the first `wanted` channels of every cell. */
void dlca_simulation_get(DlcaSimulation *simulation, int32_t wanted, uint8_t *bits);

void dlca_simulation_step(DlcaSimulation *simulation);

/* Replaces every bit of the cells x .. x+width-1, y .. y+height-1 by a random one; the part outside the grid is left
 * out. */
void dlca_simulation_damage(DlcaSimulation *simulation, int32_t x, int32_t y, int32_t width, int32_t height);

#endif
