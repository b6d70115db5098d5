/* plain_rollout.h - the plainest way to run a rule on a grid: cell by cell, bit by bit, gate by gate. */
#ifndef DLCA_TESTS_PLAIN_ROLLOUT_H
#define DLCA_TESTS_PLAIN_ROLLOUT_H

#include "../src/dlca.h"

typedef struct PlainGrid {
    int32_t height, width, channels;
    bool periodic;
    double fire_rate; /* 1: synchronous */
    uint64_t seed;
    int32_t step;
    uint8_t *bits; /* [height][width][channels] */
} PlainGrid;

PlainGrid plain_grid(int32_t height, int32_t width, int32_t channels, bool periodic, double fire_rate, uint64_t seed);
void plain_free(PlainGrid *grid);
void plain_step(PlainGrid *grid, const DlcaCircuit *rule);

/* Conway's Life by counting neighbours; one channel. */
void plain_life_step(PlainGrid *grid);

#endif
