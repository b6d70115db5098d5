/* sources.c - where a tile's rows come from: planned once when every cell is a column, made on the way when only the
 * cells that fire are. */
#include "backend_cpu.h"

int32_t dlca_tiles_at(const DlcaBackend *backend, bool fires, int32_t step) {
    return fires ? dlca_row_zeros(dlca_fire_columns(&backend->fire, step)) / DLCA_TILE : backend->patches.tiles;
}

static DlcaSources planned(const DlcaPatchPlan *plan, int32_t tile) {
    return (DlcaSources){.segments = plan->segments, .first = plan->first + (size_t)tile * DLCA_NEIGHBOURS};
}

/* Cells of a tile as a grid of the batch and a number within it, -1 for a lane without a cell. */
typedef struct TileCells {
    int32_t grid[DLCA_TILE], within[DLCA_TILE];
} TileCells;

static void split_cells(const int32_t *cells, int32_t area, TileCells *split) {
    int32_t grid = cells[0] < 0 ? 0 : cells[0] / area; /* cells ascend: one division */
    for (int32_t lane = 0; lane < DLCA_TILE; lane++) {
        while (cells[lane] >= (grid + 1) * area) {
            grid++;
        }
        split->grid[lane] = grid;
        split->within[lane] = cells[lane] < 0 ? -1 : cells[lane] - grid * area;
    }
}

DlcaSources dlca_patch_sources(const DlcaBackend *backend, bool fires, DlcaTileScratch *scratch, int32_t step,
                               int32_t tile) {
    if (!fires) {
        return planned(&backend->patches, tile);
    }
    const int32_t area = backend->fire.area, zeros = dlca_row_zeros(backend->cells);
    int32_t cells[DLCA_TILE];
    TileCells split;
    dlca_fire_cells(&backend->fire, step, tile * DLCA_TILE, DLCA_TILE, cells);
    split_cells(cells, area, &split);
    for (int n = 0; n < DLCA_NEIGHBOURS; n++) {
        const int32_t *neighbour = backend->neighbours + (size_t)n * (size_t)area;
        for (int32_t lane = 0; lane < DLCA_TILE; lane++) {
            const int32_t other = split.within[lane] < 0 ? -1 : neighbour[split.within[lane]];
            scratch->lanes[n][lane] = other < 0 ? zeros : split.grid[lane] * area + other;
        }
    }
    return (DlcaSources){.lanes = (const int32_t(*)[DLCA_TILE])scratch->lanes};
}

DlcaSources dlca_reverse_sources(const DlcaBackend *backend, bool fires, DlcaTileScratch *scratch, int32_t step,
                                 int32_t tile) {
    if (!fires) {
        return planned(&backend->reverse, tile);
    }
    const int32_t area = backend->fire.area, fired = backend->fire.count[step];
    const int32_t tile_floats = (int32_t)dlca_patch_floats(&backend->network);
    const int32_t zeros = backend->patches.tiles * tile_floats;
    int32_t cells[DLCA_TILE];
    TileCells split;
    for (int32_t lane = 0; lane < DLCA_TILE; lane++) {
        const int32_t cell = tile * DLCA_TILE + lane;
        cells[lane] = cell < backend->cells ? cell : -1;
    }
    split_cells(cells, area, &split);
    for (int n = 0; n < DLCA_NEIGHBOURS; n++) {
        const int32_t *reader = backend->neighbours + (size_t)(8 - n) * (size_t)area;
        for (int32_t lane = 0; lane < DLCA_TILE; lane++) {
            const int32_t other = split.within[lane] < 0 ? -1 : reader[split.within[lane]];
            const int32_t place = other < 0 ? -1 : dlca_fire_place(&backend->fire, step, other);
            const int32_t column = split.grid[lane] * fired + place;
            scratch->lanes[n][lane] =
                place < 0 ? zeros : column / DLCA_TILE * tile_floats + n * DLCA_WIDE + column % DLCA_TILE;
        }
    }
    return (DlcaSources){.lanes = (const int32_t(*)[DLCA_TILE])scratch->lanes};
}
