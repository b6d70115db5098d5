/* tables.c - see tables.h. */
#include "tables.h"

#include <stdlib.h>
#include <string.h>

/* ---- memory ---- */

static void count_gates(DlcaGpuTables *tables, const DlcaNetwork *network) {
    tables->update_gates = tables->visit_rows = tables->pairs = 0;
    for (int32_t l = 0; l < network->update_layers; l++) {
        tables->update_gates += network->update[l].gates;
        tables->visit_rows += network->update[l].inputs + 1;
    }
    for (int32_t l = 0; l < network->perceive_layers; l++) {
        tables->pairs += network->perceive[l].gates;
    }
}

static void take_tables(DlcaGpuTables *tables, const DlcaNetwork *network, DlcaArena *arena) {
    const size_t gates = (size_t)tables->update_gates, first = (size_t)network->perceive[0].gates;
    tables->layer = dlca_arena_take(arena, (size_t)network->update_layers, sizeof *tables->layer);
    tables->step = dlca_arena_take(arena, gates, sizeof *tables->step);
    tables->visit = dlca_arena_take(arena, 2 * gates, sizeof *tables->visit);
    tables->visit_first = dlca_arena_take(arena, (size_t)tables->visit_rows, sizeof *tables->visit_first);
    tables->pair = dlca_arena_take(arena, (size_t)tables->pairs, sizeof *tables->pair);
    tables->layer_pairs = dlca_arena_take(arena, (size_t)network->perceive_layers + 1, sizeof *tables->layer_pairs);
    tables->unused_row = dlca_arena_take(arena, (size_t)network->kernel_slots, sizeof *tables->unused_row);
    tables->use = dlca_arena_take(arena, 2 * first, sizeof *tables->use);
    tables->use_first = dlca_arena_take(arena, DLCA_NEIGHBOURS + 1, sizeof *tables->use_first);
}

void dlca_gpu_tables_free(DlcaGpuTables *tables) {
    dlca_arena_free(&tables->arena);
}

/* ---- update layers ---- */

/* What the trails of a layer do, in their order: `row` is the one that a visit adds to. */
typedef struct Visited {
    int32_t row;
    DlcaGpuVisit visit;
} Visited;

static int32_t walk(const DlcaTrailLayer *layer, Visited *visited) {
    int32_t count = 0, carried = -1; /* the step whose far gradient is under way */
    for (int32_t s = 0; s < layer->gates; s++) {
        const DlcaStep *step = &layer->steps[s];
        const int32_t far_step = step->flags & DLCA_STEP_FRESH ? -1 : carried;
        visited[count++] = (Visited){step->near / DLCA_TILE, {far_step, s}};
        carried = s;
        if (step->flags & DLCA_STEP_LAST) {
            visited[count++] = (Visited){step->far / DLCA_TILE, {s, -1}};
        }
    }
    return count;
}

/* Sorts the visits by row, each row's in their order; rows [inputs + 1] get where theirs begin. */
static void sort_visits(const Visited *visited, int32_t count, int32_t inputs, int32_t base, int32_t *rows,
                        DlcaGpuVisit *visits) {
    memset(rows, 0, ((size_t)inputs + 1) * sizeof *rows);
    for (int32_t i = 0; i < count; i++) {
        rows[visited[i].row + 1]++;
    }
    for (int32_t row = 0; row < inputs; row++) {
        rows[row + 1] += rows[row];
    }
    for (int32_t i = 0; i < count; i++) {
        visits[rows[visited[i].row]++] = visited[i].visit;
    }
    for (int32_t row = inputs; row > 0; row--) { /* each has moved to the end of its visits */
        rows[row] = base + rows[row - 1];
    }
    rows[0] = base;
}

static void fill_update(DlcaGpuTables *tables, const DlcaNetwork *network, Visited *visited) {
    int32_t step = 0, visit_row = 0;
    const int32_t first_slot = network->update[0].first;
    tables->visits = 0;
    for (int32_t l = 0; l < network->update_layers; l++) {
        const DlcaTrailLayer *layer = &network->update[l];
        tables->layer[l] = (DlcaGpuLayer){.inputs = layer->inputs,
                                          .gates = layer->gates,
                                          .first = layer->first,
                                          .step = step,
                                          .kept = layer->first - first_slot,
                                          .visit_row = visit_row};
        for (int32_t s = 0; s < layer->gates; s++) {
            const DlcaStep *from = &layer->steps[s];
            tables->step[step++] =
                (DlcaGpuStep){from->near / DLCA_TILE, from->far / DLCA_TILE, from->out / DLCA_TILE, 0};
        }
        const int32_t count = walk(layer, visited);
        sort_visits(visited, count, layer->inputs, tables->visits, tables->visit_first + visit_row,
                    tables->visit + tables->visits);
        tables->visits += count;
        visit_row += layer->inputs + 1;
    }
}

/* ---- perception ---- */

static uint32_t flags_of(const DlcaPair *pair, bool first, bool last) {
    return (first ? DLCA_GPU_FIRST : 0u) | (last ? DLCA_GPU_LAST : 0u) |
           (pair->flags & DLCA_PAIR_A_ADDS ? DLCA_GPU_A_ADDS : 0u) |
           (pair->flags & DLCA_PAIR_B_ADDS ? DLCA_GPU_B_ADDS : 0u);
}

static void fill_perceive(DlcaGpuTables *tables, const DlcaNetwork *network) {
    int32_t count = 0;
    tables->unused_rows = 0;
    for (int32_t l = 0; l < network->perceive_layers; l++) {
        const DlcaWideLayer *layer = &network->perceive[l];
        const int32_t below = l > 0 ? network->perceive[l - 1].first : 0;
        tables->layer_pairs[l] = count;
        for (int32_t i = 0; i < layer->gates; i++) {
            const DlcaPair *pair = &layer->pairs[i];
            tables->pair[count++] = (DlcaGpuPair){.a = below + pair->a,
                                                  .b = below + pair->b,
                                                  .out = pair->out,
                                                  .value = layer->first + pair->out,
                                                  .slot = layer->first + i,
                                                  .flags = flags_of(pair, l == 0, l + 1 == network->perceive_layers)};
        }
        for (int32_t i = 0; l > 0 && i < layer->unused_count; i++) {
            tables->unused_row[tables->unused_rows++] = below + layer->unused[i];
        }
    }
    tables->layer_pairs[network->perceive_layers] = count;
}

/* For each row of the patch the gates of the first layer that read it, in their order, a before b. */
static void list_uses(DlcaGpuTables *tables) {
    int32_t count = 0;
    for (int32_t n = 0; n < DLCA_NEIGHBOURS; n++) {
        tables->use_first[n] = count;
        for (int32_t p = 0; p < tables->layer_pairs[1]; p++) {
            if (tables->pair[p].a == n) {
                tables->use[count++] = (DlcaGpuUse){p, 0};
            }
            if (tables->pair[p].b == n) {
                tables->use[count++] = (DlcaGpuUse){p, 1};
            }
        }
    }
    tables->use_first[DLCA_NEIGHBOURS] = count;
}

bool dlca_gpu_tables_create(DlcaGpuTables *tables, const DlcaNetwork *network, DlcaError *error) {
    *tables = (DlcaGpuTables){0};
    count_gates(tables, network);
    take_tables(tables, network, &tables->arena);
    Visited *visited = malloc(2 * (size_t)network->widest * sizeof *visited);
    if (!visited || !dlca_arena_allocate(&tables->arena)) {
        free(visited);
        return dlca_fail(error, DLCA_FAILED, "no memory for the tables of %lld gates", (long long)network->gates);
    }
    take_tables(tables, network, &tables->arena);
    fill_update(tables, network, visited);
    fill_perceive(tables, network);
    list_uses(tables);
    free(visited);
    return true;
}
