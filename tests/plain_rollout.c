/* plain_rollout.c - steps by definition, for comparing. */
#include "plain_rollout.h"

#include "random_circuit.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static size_t bytes_of(const PlainGrid *grid) {
    return (size_t)grid->height * (size_t)grid->width * (size_t)grid->channels;
}

PlainGrid plain_grid(int32_t height, int32_t width, int32_t channels, bool periodic, double fire_rate, uint64_t seed) {
    PlainGrid grid = {height, width, channels, periodic, fire_rate, seed, 0, NULL};
    grid.bits = calloc(bytes_of(&grid), 1);
    cr_assert_not_null(grid.bits);
    return grid;
}

void plain_free(PlainGrid *grid) {
    free(grid->bits);
    grid->bits = NULL;
}

static bool bit_at(const PlainGrid *grid, int32_t x, int32_t y, int32_t channel) {
    if (grid->periodic) {
        x = (x + grid->width) % grid->width;
        y = (y + grid->height) % grid->height;
    } else if (x < 0 || y < 0 || x >= grid->width || y >= grid->height) {
        return false;
    }
    return grid->bits[((size_t)y * (size_t)grid->width + (size_t)x) * (size_t)grid->channels + (size_t)channel] != 0;
}

void plain_step(PlainGrid *grid, const DlcaCircuit *rule) {
    bool *values = malloc((size_t)rule->inputs + (size_t)rule->gates);
    const int32_t cells = grid->height * grid->width;
    uint8_t *next = malloc(bytes_of(grid)), *fires = malloc((size_t)cells);
    cr_assert(values && next && fires);
    dlca_fire_mask(grid->seed, DLCA_RANDOM_SIMULATE, 0, (uint32_t)grid->step, grid->fire_rate, cells, fires);
    memcpy(next, grid->bits, bytes_of(grid));
    for (int32_t cell = 0; cell < cells; cell++) {
        const int32_t x = cell % grid->width, y = cell / grid->width;
        for (int32_t i = 0; i < rule->inputs; i++) {
            const int32_t neighbour = i / grid->channels;
            values[i] = bit_at(grid, x + neighbour % 3 - 1, y + neighbour / 3 - 1, i % grid->channels);
        }
        evaluate_plainly(rule, values);
        for (int32_t c = 0; fires[cell] && c < grid->channels; c++) {
            next[(size_t)cell * (size_t)grid->channels + (size_t)c] = values[rule->output[c]];
        }
    }
    free(grid->bits);
    free(values);
    free(fires);
    grid->bits = next;
    grid->step++;
}

void plain_life_step(PlainGrid *grid) {
    uint8_t *next = malloc(bytes_of(grid));
    cr_assert_not_null(next);
    for (int32_t y = 0; y < grid->height; y++) {
        for (int32_t x = 0; x < grid->width; x++) {
            int32_t around = 0;
            for (int32_t n = 0; n < DLCA_NEIGHBOURS; n++) {
                around += n != DLCA_CENTRE && bit_at(grid, x + n % 3 - 1, y + n / 3 - 1, 0);
            }
            next[(size_t)y * (size_t)grid->width + (size_t)x] = around == 3 || (around == 2 && bit_at(grid, x, y, 0));
        }
    }
    free(grid->bits);
    grid->bits = next;
    grid->step++;
}
