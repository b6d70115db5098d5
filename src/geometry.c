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

int32_t dlca_spans(const int32_t sources[DLCA_TILE], DlcaSpan *spans) {
    int32_t count = 0;
    for (int32_t lane = 0; lane < DLCA_TILE; lane++) {
        int32_t i = 0;
        while (sources[lane] >= 0 && i < count && spans[i].base != sources[lane] - lane) {
            i++;
        }
        if (sources[lane] >= 0 && i == count) {
            spans[count++] = (DlcaSpan){sources[lane] - lane, 0};
        }
        if (sources[lane] >= 0) {
            spans[i].lanes |= 1u << lane;
        }
    }
    return count;
}

/* How a plan's sources are numbered. */
typedef struct Numbering {
    bool reverse;
    int32_t tile_floats, neighbour_floats; /* of reverse plans */
} Numbering;

static int32_t source_of(const DlcaGeometry *geometry, const Numbering *numbering, int32_t cell, int n) {
    const int32_t other = dlca_neighbour(geometry, cell, numbering->reverse ? 8 - n : n);
    if (other < 0 || !numbering->reverse) {
        return other;
    }
    return other / DLCA_TILE * numbering->tile_floats + n * numbering->neighbour_floats + other % DLCA_TILE;
}

static int32_t plan_tile(const DlcaGeometry *geometry, const Numbering *numbering, int32_t tile, int n,
                         DlcaSpan *spans) {
    const int32_t cells = geometry->grids * geometry->height * geometry->width;
    int32_t sources[DLCA_TILE];
    for (int32_t lane = 0; lane < DLCA_TILE; lane++) {
        const int32_t cell = tile * DLCA_TILE + lane;
        sources[lane] = cell < cells ? source_of(geometry, numbering, cell, n) : -1;
    }
    return dlca_spans(sources, spans);
}

static bool create_plan(DlcaPatchPlan *plan, const DlcaGeometry *geometry, const Numbering *numbering,
                        DlcaError *error) {
    const int32_t cells = geometry->grids * geometry->height * geometry->width;
    const int32_t tiles = dlca_row_zeros(cells) / DLCA_TILE;
    *plan = (DlcaPatchPlan){.tiles = tiles};
    plan->first = malloc(((size_t)tiles * DLCA_NEIGHBOURS + 1) * sizeof *plan->first);
    if (plan->first) {
        int32_t count = 0;
        DlcaSpan scratch[DLCA_TILE];
        for (int32_t i = 0; i < tiles * DLCA_NEIGHBOURS; i++) {
            plan->first[i] = count;
            count += plan_tile(geometry, numbering, i / DLCA_NEIGHBOURS, i % DLCA_NEIGHBOURS, scratch);
        }
        plan->first[tiles * DLCA_NEIGHBOURS] = count;
        plan->spans = malloc(((size_t)count + 1) * sizeof *plan->spans);
    }
    if (!plan->spans) {
        dlca_patch_plan_free(plan);
        return dlca_fail(error, DLCA_FAILED, "no memory for the neighbour plan of %d cells", cells);
    }
    for (int32_t i = 0; i < tiles * DLCA_NEIGHBOURS; i++) {
        plan_tile(geometry, numbering, i / DLCA_NEIGHBOURS, i % DLCA_NEIGHBOURS, plan->spans + plan->first[i]);
    }
    return true;
}

bool dlca_patch_plan_create(DlcaPatchPlan *plan, const DlcaGeometry *geometry, DlcaError *error) {
    return create_plan(plan, geometry, &(Numbering){0}, error);
}

bool dlca_patch_plan_reverse(DlcaPatchPlan *plan, const DlcaGeometry *geometry, size_t tile_floats,
                             size_t neighbour_floats, DlcaError *error) {
    const size_t tiles = (size_t)dlca_row_zeros(geometry->grids * geometry->height * geometry->width) / DLCA_TILE;
    *plan = (DlcaPatchPlan){0};
    if (tiles * tile_floats > INT32_MAX) {
        return dlca_fail(error, DLCA_BAD_INPUT,
                         "the patch gradients of one step have %zu values: at most %d can be trained",
                         tiles * tile_floats, INT32_MAX);
    }
    const Numbering numbering = {true, (int32_t)tile_floats, (int32_t)neighbour_floats};
    return create_plan(plan, geometry, &numbering, error);
}

void dlca_patch_plan_free(DlcaPatchPlan *plan) {
    free(plan->first);
    free(plan->spans);
    *plan = (DlcaPatchPlan){0};
}
