/* sources.c - which columns a step has and where a tile's rows come from: planned once when every cell is a column or
 * the input is fixed, made on the way when only the cells that fire are. */
#include "backend_cpu.h"

static bool load_classes(DlcaBackend *backend, const float *input, DlcaError *error) {
    if (dlca_classes_match(&backend->classes, input, backend->config.channels)) {
        return true;
    }
    const DlcaClassLayout layout = {dlca_patch_floats(&backend->network), DLCA_WIDE, backend->computes_repeats};
    dlca_classes_free(&backend->classes);
    return dlca_classes_create(&backend->classes, &backend->geometry, input, backend->config.channels,
                               backend->config.steps, layout, error);
}

bool dlca_columns_load(DlcaBackend *backend, const DlcaBatch *batch, DlcaColumns *columns, DlcaError *error) {
    *columns = DLCA_COLUMNS_CELLS;
    if (batch->fire) {
        *columns = DLCA_COLUMNS_FIRE;
        if (!dlca_fire_reserve(&backend->fire, &backend->config, error)) {
            return false;
        }
        dlca_fire_load(&backend->fire, batch->fire, dlca_pass_steps(backend, batch));
    } else if (batch->fixed_input && dlca_classes_tried(backend->cells, backend->config.steps)) {
        if (!load_classes(backend, batch->input, error)) {
            return false;
        }
        if (dlca_classes_pay(&backend->classes)) {
            *columns = DLCA_COLUMNS_CLASSES;
        }
    }
    return true;
}

static DlcaTiles group_tiles(const DlcaBackend *backend, int32_t tiles, int32_t group) {
    return (DlcaTiles){(int32_t)dlca_part(tiles, group, backend->groups),
                       (int32_t)dlca_part(tiles, group + 1, backend->groups)};
}

int32_t dlca_group_of_tile(const DlcaBackend *backend, int32_t tile) {
    int32_t group = 0;
    while (tile >= group_tiles(backend, backend->patches.tiles, group).last) {
        group++;
    }
    return group;
}

/* Repeated columns have no part in the gradient sums: all of them belong to the last group. */
static DlcaTiles class_tiles(const DlcaBackend *backend, int32_t step, int32_t group) {
    DlcaTiles tiles = group_tiles(backend, backend->classes.step[step].tiles, group);
    if (group + 1 == backend->groups) {
        tiles.last = backend->classes.step[step].patches.tiles;
    }
    return tiles;
}

DlcaTiles dlca_column_tiles(const DlcaBackend *backend, DlcaColumns columns, int32_t step, int32_t group) {
    switch (columns) {
    case DLCA_COLUMNS_FIRE:
        return group_tiles(backend, dlca_row_zeros(dlca_fire_columns(&backend->fire, step)) / DLCA_TILE, group);
    case DLCA_COLUMNS_CLASSES:
        return class_tiles(backend, step, group);
    default:
        return group_tiles(backend, backend->patches.tiles, group);
    }
}

DlcaTiles dlca_state_tiles(const DlcaBackend *backend, DlcaColumns columns, int32_t step, int32_t group) {
    return columns == DLCA_COLUMNS_CLASSES ? class_tiles(backend, step, group)
                                           : group_tiles(backend, backend->patches.tiles, group);
}

static DlcaSources planned(const DlcaPatchPlan *plan, int32_t tile) {
    return (DlcaSources){.spans = plan->spans, .first = plan->first + (size_t)tile * DLCA_NEIGHBOURS};
}

/* Of a tile's columns, which all have a centre. */
static int32_t sixteens_of(const DlcaSources *planned) {
    uint32_t lanes = 0;
    for (int32_t i = planned->first[DLCA_CENTRE]; i < planned->first[DLCA_CENTRE + 1]; i++) {
        lanes |= planned->spans[i].lanes;
    }
    return lanes >> 16 ? 2 : 1;
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

DlcaSources dlca_patch_sources(const DlcaBackend *backend, DlcaColumns columns, DlcaTileScratch *scratch, int32_t step,
                               int32_t tile) {
    if (columns != DLCA_COLUMNS_FIRE) {
        DlcaSources sources =
            planned(columns == DLCA_COLUMNS_CLASSES ? &backend->classes.step[step].patches : &backend->patches, tile);
        sources.sixteens = sixteens_of(&sources);
        return sources;
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
    return (DlcaSources){.lanes = (const int32_t(*)[DLCA_TILE])scratch->lanes,
                         .sixteens = split.within[DLCA_TILE / 2] < 0 ? 1 : 2};
}

DlcaSources dlca_reverse_sources(const DlcaBackend *backend, DlcaColumns columns, DlcaTileScratch *scratch,
                                 int32_t step, int32_t tile) {
    if (columns != DLCA_COLUMNS_FIRE) {
        return planned(&backend->reverse, tile);
    }
    const int32_t area = backend->fire.area, fired = backend->fire.count[step];
    const int32_t tile_floats = (int32_t)dlca_patch_floats(&backend->network);
    const int32_t zeros = backend->patches.tiles * tile_floats;
    const int32_t *places = backend->fire.place + (size_t)step * (size_t)area;
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
            const int32_t place = other < 0 ? -1 : places[other];
            const uint32_t column = (uint32_t)(split.grid[lane] * fired + place); /* no branch on who fired */
            const uint32_t at =
                column / DLCA_TILE * (uint32_t)tile_floats + (uint32_t)n * DLCA_WIDE + column % DLCA_TILE;
            scratch->lanes[n][lane] = place < 0 ? zeros : (int32_t)at;
        }
    }
    return (DlcaSources){.lanes = (const int32_t(*)[DLCA_TILE])scratch->lanes};
}

static int64_t columns_of(const DlcaBackend *backend, DlcaColumns kind, int32_t step) {
    return kind == DLCA_COLUMNS_CLASSES ? backend->classes.step[step].columns
           : kind == DLCA_COLUMNS_FIRE  ? dlca_fire_columns(&backend->fire, step)
                                        : backend->cells;
}

bool dlca_backend_cpu_columns(DlcaBackend *backend, const DlcaBatch *batch, int64_t *columns, DlcaError *error) {
    DlcaColumns kind;
    if (!dlca_columns_load(backend, batch, &kind, error)) {
        return false;
    }
    *columns = 0;
    for (int32_t step = 0; step < dlca_pass_steps(backend, batch); step++) {
        *columns += columns_of(backend, kind, step);
    }
    return true;
}

bool dlca_backend_cpu_gates(DlcaBackend *backend, const DlcaBatch *batch, int64_t *gates, DlcaError *error) {
    const DlcaNetwork *network = &backend->network;
    DlcaColumns kind;
    int64_t columns, perceive = 0, update = 0, left = 0;
    if (!dlca_backend_cpu_columns(backend, batch, &columns, error) ||
        !dlca_columns_load(backend, batch, &kind, error)) {
        return false;
    }
    for (int32_t l = 0; l < network->perceive_layers; l++) {
        perceive += (int64_t)network->perceive[l].gates * network->kernels * network->channels;
    }
    for (int32_t l = 0; l < network->update_layers; l++) {
        update += network->update[l].gates;
        left += network->cone[l].gates;
    }
    const int64_t last = columns_of(backend, kind, dlca_pass_steps(backend, batch) - 1);
    *gates = columns * (perceive + update) - (backend->computes_dead ? 0 : last * (update - left));
    return true;
}
