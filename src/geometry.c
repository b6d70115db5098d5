/* geometry.c - neighbours and gather plans. */
#include "geometry.h"

#include <stdlib.h>

int32_t dlca_neighbour(const DlcaGeometry *geometry, int32_t cell, int neighbour) {
    const int32_t area = geometry->height * geometry->width;
    const int32_t grid = cell / area, within = cell % area;
    int32_t y = within / geometry->width + neighbour / 3 - 1;
    int32_t x = within % geometry->width + neighbour % 3 - 1;
    if (geometry->periodic) {
        y = (y + geometry->height) % geometry->height;
        x = (x + geometry->width) % geometry->width;
    } else if (y < 0 || x < 0 || y >= geometry->height || x >= geometry->width) {
        return -1;
    }
    return grid * area + y * geometry->width + x;
}

int32_t dlca_segments(const int32_t sources[DLCA_TILE], int32_t zeros, DlcaSegment *segments) {
    int32_t count = 0;
    for (int32_t lane = 0; lane < DLCA_TILE;) {
        const int32_t source = sources[lane] < 0 ? zeros : sources[lane];
        int32_t length = 1;
        while (length < 16 && lane + length < DLCA_TILE &&
               sources[lane + length] == (sources[lane] < 0 ? sources[lane] : source + length)) {
            length++;
        }
        segments[count++] = (DlcaSegment){lane, source};
        lane += length;
    }
    return count;
}

static int32_t plan_tile(const DlcaGeometry *geometry, bool reverse, int32_t tile, int neighbour,
                         DlcaSegment *segments) {
    const int32_t cells = geometry->grids * geometry->height * geometry->width;
    int32_t sources[DLCA_TILE];
    for (int32_t lane = 0; lane < DLCA_TILE; lane++) {
        const int32_t cell = tile * DLCA_TILE + lane;
        sources[lane] = cell < cells ? dlca_neighbour(geometry, cell, reverse ? 8 - neighbour : neighbour) : -1;
    }
    return dlca_segments(sources, dlca_row_zeros(cells), segments);
}

bool dlca_patch_plan_create(DlcaPatchPlan *plan, const DlcaGeometry *geometry, bool reverse, DlcaError *error) {
    const int32_t cells = geometry->grids * geometry->height * geometry->width;
    const int32_t tiles = dlca_row_zeros(cells) / DLCA_TILE;
    *plan = (DlcaPatchPlan){.tiles = tiles};
    plan->first = malloc(((size_t)tiles * DLCA_NEIGHBOURS + 1) * sizeof *plan->first);
    if (plan->first) {
        int32_t count = 0;
        DlcaSegment scratch[DLCA_MAX_SEGMENTS];
        for (int32_t i = 0; i < tiles * DLCA_NEIGHBOURS; i++) {
            plan->first[i] = count;
            count += plan_tile(geometry, reverse, i / DLCA_NEIGHBOURS, i % DLCA_NEIGHBOURS, scratch);
        }
        plan->first[tiles * DLCA_NEIGHBOURS] = count;
        plan->segments = malloc((size_t)count * sizeof *plan->segments);
    }
    if (!plan->segments) {
        dlca_patch_plan_free(plan);
        return dlca_fail(error, DLCA_FAILED, "no memory for the neighbour plan of %d cells", cells);
    }
    for (int32_t i = 0; i < tiles * DLCA_NEIGHBOURS; i++) {
        plan_tile(geometry, reverse, i / DLCA_NEIGHBOURS, i % DLCA_NEIGHBOURS, plan->segments + plan->first[i]);
    }
    return true;
}

void dlca_patch_plan_free(DlcaPatchPlan *plan) {
    free(plan->first);
    free(plan->segments);
    *plan = (DlcaPatchPlan){0};
}
