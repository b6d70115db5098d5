/* sources.c - where a tile's rows come from: planned once when every cell is a column, made on the way when only the
 * cells that fire are. */
#include "backend_cpu.h"

int32_t dlca_tiles_at(const DlcaBackend *backend, bool fires, int32_t step) {
    return fires ? dlca_row_zeros(dlca_fire_columns(&backend->fire, step)) / DLCA_TILE : backend->patches.tiles;
}

static DlcaSources planned(const DlcaPatchPlan *plan, int32_t tile) {
    return (DlcaSources){plan->segments, plan->first + (size_t)tile * DLCA_NEIGHBOURS};
}

/* Appends the segments of neighbour n. */
static void add_segments(DlcaTileScratch *scratch, int n, const int32_t sources[DLCA_TILE], int32_t zeros) {
    const int32_t first = n == 0 ? 0 : scratch->first[n];
    scratch->first[n] = first;
    scratch->first[n + 1] = first + dlca_segments(sources, zeros, scratch->segments + first);
}

DlcaSources dlca_patch_sources(const DlcaBackend *backend, bool fires, DlcaTileScratch *scratch, int32_t step,
                               int32_t tile) {
    if (!fires) {
        return planned(&backend->patches, tile);
    }
    const int32_t area = backend->fire.area, zeros = dlca_row_zeros(backend->cells);
    int32_t cells[DLCA_TILE], grids[DLCA_TILE], sources[DLCA_TILE];
    for (int32_t lane = 0; lane < DLCA_TILE; lane++) {
        const int32_t cell = dlca_fire_cell(&backend->fire, step, tile * DLCA_TILE + lane);
        grids[lane] = cell < 0 ? 0 : cell / area * area;
        cells[lane] = cell < 0 ? -1 : cell - grids[lane];
    }
    for (int n = 0; n < DLCA_NEIGHBOURS; n++) {
        const int32_t *neighbour = backend->neighbours + (size_t)n * (size_t)area;
        for (int32_t lane = 0; lane < DLCA_TILE; lane++) {
            const int32_t other = cells[lane] < 0 ? -1 : neighbour[cells[lane]];
            sources[lane] = other < 0 ? -1 : grids[lane] + other;
        }
        add_segments(scratch, n, sources, zeros);
    }
    return (DlcaSources){scratch->segments, scratch->first};
}

DlcaSources dlca_reverse_sources(const DlcaBackend *backend, bool fires, DlcaTileScratch *scratch, int32_t step,
                                 int32_t tile) {
    if (!fires) {
        return planned(&backend->reverse, tile);
    }
    const int32_t area = backend->fire.area;
    const int32_t tile_floats = (int32_t)dlca_patch_floats(&backend->network);
    int32_t cells[DLCA_TILE], grids[DLCA_TILE], sources[DLCA_TILE];
    for (int32_t lane = 0; lane < DLCA_TILE; lane++) {
        const int32_t cell = tile * DLCA_TILE + lane;
        grids[lane] = cell / area * area;
        cells[lane] = cell < backend->cells ? cell - grids[lane] : -1;
    }
    for (int n = 0; n < DLCA_NEIGHBOURS; n++) {
        const int32_t *reader = backend->neighbours + (size_t)(8 - n) * (size_t)area;
        for (int32_t lane = 0; lane < DLCA_TILE; lane++) {
            const int32_t other = cells[lane] < 0 ? -1 : reader[cells[lane]];
            const int32_t column = other < 0 ? -1 : dlca_fire_column(&backend->fire, step, grids[lane] + other);
            sources[lane] = column < 0 ? -1 : column / DLCA_TILE * tile_floats + n * DLCA_WIDE + column % DLCA_TILE;
        }
        add_segments(scratch, n, sources, -1);
    }
    return (DlcaSources){scratch->segments, scratch->first};
}
