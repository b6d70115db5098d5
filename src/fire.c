/* fire.c - turns firing masks into lists of columns. */
#include "fire.h"

#include <stdlib.h>

size_t dlca_fire_bytes(const DlcaConfig *config) {
    const size_t steps = (size_t)config->steps, area = (size_t)config->height * (size_t)config->width;
    return steps * (1 + 2 * area) * sizeof(int32_t);
}

bool dlca_fire_reserve(DlcaFire *fire, const DlcaConfig *config, DlcaError *error) {
    const size_t steps = (size_t)config->steps, area = (size_t)config->height * (size_t)config->width;
    if (fire->count) {
        return true;
    }
    fire->steps = config->steps;
    fire->area = (int32_t)area;
    fire->grids = config->batch;
    fire->count = malloc(dlca_fire_bytes(config));
    if (!fire->count) {
        return dlca_fail(error, DLCA_FAILED, "no memory for the firing masks of %d steps", config->steps);
    }
    fire->cell = fire->count + steps;
    fire->place = fire->cell + steps * area;
    return true;
}

void dlca_fire_load(DlcaFire *fire, const uint8_t *mask, int32_t steps) {
    for (int32_t step = 0; step < steps; step++) {
        const size_t first = (size_t)step * (size_t)fire->area;
        int32_t count = 0;
        for (int32_t cell = 0; cell < fire->area; cell++) {
            const bool fires = mask[first + (size_t)cell] != 0;
            fire->place[first + (size_t)cell] = fires ? count : -1;
            if (fires) {
                fire->cell[first + (size_t)count++] = cell;
            }
        }
        fire->count[step] = count;
    }
}

void dlca_fire_cells(const DlcaFire *fire, int32_t step, int32_t first, int32_t count, int32_t *cells) {
    const int32_t fires = fire->count[step], columns = fires * fire->grids;
    const int32_t *list = fire->cell + (size_t)step * (size_t)fire->area;
    int32_t place = fires > 0 ? first % fires : 0, offset = fires > 0 ? first / fires * fire->area : 0;
    for (int32_t i = 0; i < count; i++) {
        cells[i] = first + i < columns ? offset + list[place] : -1;
        if (++place == fires) {
            place = 0;
            offset += fire->area;
        }
    }
}

void dlca_fire_free(DlcaFire *fire) {
    free(fire->count);
    *fire = (DlcaFire){0};
}
