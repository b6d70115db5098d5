/* classes.c - finds classes of cells with equal histories, and plans the steps over them. */
#include "classes.h"

#include <stdlib.h>
#include <string.h>

/* ---- classes ---- */

/* Cells are told apart by keys of `words` integers; a table of the cells that came first with a key. */
typedef struct Keys {
    int32_t words;
    int32_t *key;   /* [cell][words] */
    int32_t *table; /* [size] cells, -1: empty */
    uint32_t size;  /* a power of two */
} Keys;

static uint32_t hash_of(const int32_t *key, int32_t words) {
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a (Fowler, Noll, Vo), a word at a time, and a last mix */
    for (int32_t i = 0; i < words; i++) {
        hash = (hash ^ (uint32_t)key[i]) * 0x100000001b3u;
    }
    return (uint32_t)(hash ^ hash >> 29);
}

/* Numbers the cells' keys in the order in which they first appear; returns how many there are. */
static int32_t number_keys(const Keys *keys, int32_t cells, int32_t *class_of) {
    int32_t count = 0;
    memset(keys->table, 0xFF, keys->size * sizeof *keys->table);
    for (int32_t cell = 0; cell < cells; cell++) {
        const int32_t *key = keys->key + (size_t)cell * (size_t)keys->words;
        uint32_t at = hash_of(key, keys->words) & (keys->size - 1);
        while (keys->table[at] >= 0 && memcmp(keys->key + (size_t)keys->table[at] * (size_t)keys->words, key,
                                              (size_t)keys->words * sizeof *key) != 0) {
            at = (at + 1) & (keys->size - 1);
        }
        if (keys->table[at] < 0) {
            keys->table[at] = cell;
            class_of[cell] = count++;
        } else {
            class_of[cell] = class_of[keys->table[at]];
        }
    }
    return count;
}

/* Keys of the states at step 0: their bits; of those at a later step: the classes of the neighbourhood before it. */
static bool find_classes(DlcaClasses *classes, const DlcaGeometry *geometry, int32_t channels) {
    const int32_t cells = classes->cells, most = channels > DLCA_NEIGHBOURS ? channels : DLCA_NEIGHBOURS;
    Keys keys = {.words = channels, .size = 16};
    while (keys.size < 2 * (uint32_t)cells) {
        keys.size *= 2;
    }
    keys.key = malloc((size_t)cells * (size_t)most * sizeof *keys.key);
    keys.table = malloc(keys.size * sizeof *keys.table);
    const bool allocated = keys.key && keys.table;
    if (allocated) {
        memcpy(keys.key, classes->input, (size_t)cells * (size_t)channels * sizeof *keys.key);
        classes->count[0] = number_keys(&keys, cells, classes->class_of);
        keys.words = DLCA_NEIGHBOURS;
    }
    for (int32_t step = 0; allocated && step < classes->steps; step++) {
        const int32_t *before = classes->class_of + (size_t)step * (size_t)cells;
        for (int32_t i = 0; i < cells * DLCA_NEIGHBOURS; i++) {
            const int32_t other = dlca_neighbour(geometry, i / DLCA_NEIGHBOURS, i % DLCA_NEIGHBOURS);
            keys.key[i] = other < 0 ? -1 : before[other];
        }
        classes->count[step + 1] = number_keys(&keys, cells, classes->class_of + (size_t)(step + 1) * (size_t)cells);
    }
    free(keys.key);
    free(keys.table);
    return allocated;
}

/* ---- plans ---- */

/* The first cell of each class, then, when repeated columns are wanted, all other cells. */
static int32_t list_columns(const DlcaClasses *classes, int32_t step, bool repeats, int32_t *cell_of) {
    const int32_t *class_of = classes->class_of + (size_t)(step + 1) * (size_t)classes->cells;
    int32_t next = 0, others = classes->count[step + 1];
    for (int32_t cell = 0; cell < classes->cells; cell++) {
        if (class_of[cell] == next) {
            cell_of[next++] = cell;
        } else if (repeats) {
            cell_of[others++] = cell;
        }
    }
    return others;
}

static void sources_of(const DlcaClasses *classes, const DlcaGeometry *geometry, int32_t step, const int32_t *cell_of,
                       int32_t columns, int32_t place, int32_t sources[DLCA_TILE]) {
    const int32_t *before = classes->class_of + (size_t)step * (size_t)classes->cells;
    const int32_t tile = place / DLCA_NEIGHBOURS, n = place % DLCA_NEIGHBOURS;
    for (int32_t lane = 0; lane < DLCA_TILE; lane++) {
        const int32_t column = tile * DLCA_TILE + lane;
        const int32_t other = column < columns ? dlca_neighbour(geometry, cell_of[column], n) : -1;
        sources[lane] = other < 0 ? -1 : before[other];
    }
}

static bool plan_patches(DlcaClasses *classes, const DlcaGeometry *geometry, int32_t step, const int32_t *cell_of,
                         int32_t columns) {
    DlcaPatchPlan *plan = &classes->step[step].patches;
    int32_t sources[DLCA_TILE];
    plan->tiles = dlca_row_zeros(columns) / DLCA_TILE;
    const int32_t places = plan->tiles * DLCA_NEIGHBOURS;
    plan->first = malloc(((size_t)places + 1) * sizeof *plan->first);
    plan->spans = malloc((size_t)places * DLCA_TILE * sizeof *plan->spans);
    if (!plan->first || !plan->spans) {
        return false;
    }
    plan->first[0] = 0;
    for (int32_t i = 0; i < places; i++) {
        sources_of(classes, geometry, step, cell_of, columns, i, sources);
        plan->first[i + 1] = plan->first[i] + dlca_spans(sources, plan->spans + plan->first[i]);
    }
    DlcaSpan *shrunk = realloc(plan->spans, ((size_t)plan->first[places] + 1) * sizeof *shrunk);
    plan->spans = shrunk ? shrunk : plan->spans;
    return true;
}

/* For each class before the step, in which columns and as which neighbour it was read: neighbour by neighbour, columns
 * ascending. */
static bool plan_back(DlcaClasses *classes, const DlcaGeometry *geometry, int32_t step, const int32_t *cell_of,
                      DlcaClassLayout layout) {
    DlcaClassStep *plan = &classes->step[step];
    const int32_t *before = classes->class_of + (size_t)step * (size_t)classes->cells;
    const int32_t columns = classes->count[step + 1], sources = classes->count[step];
    plan->back_first = calloc((size_t)sources + 2, sizeof *plan->back_first);
    plan->back = malloc((size_t)columns * DLCA_NEIGHBOURS * sizeof *plan->back);
    if (!plan->back_first || !plan->back) {
        return false;
    }
    int32_t *next = plan->back_first + 1; /* counts, then where the next entry goes, then where the entries end */
    for (int32_t filled = 0; filled < 2; filled++) {
        for (int32_t i = 0; i < columns * DLCA_NEIGHBOURS; i++) {
            const int32_t n = i / columns, column = i % columns, other = dlca_neighbour(geometry, cell_of[column], n);
            if (other >= 0 && filled) {
                plan->back[next[before[other]]++] =
                    (int32_t)((size_t)(column / DLCA_TILE) * layout.tile_floats + (size_t)n * layout.neighbour_floats) +
                    column % DLCA_TILE;
            } else if (other >= 0) {
                next[before[other] + 1]++;
            }
        }
        for (int32_t k = 0; !filled && k < sources; k++) {
            next[k + 1] += next[k];
        }
    }
    return true;
}

static bool plan_steps(DlcaClasses *classes, const DlcaGeometry *geometry, DlcaClassLayout layout) {
    int32_t *cell_of = calloc((size_t)classes->cells, sizeof *cell_of);
    bool planned = cell_of != NULL;
    for (int32_t step = 0; planned && step < classes->steps; step++) {
        const int32_t columns = list_columns(classes, step, layout.repeats, cell_of);
        classes->step[step].tiles = dlca_row_zeros(classes->count[step + 1]) / DLCA_TILE;
        classes->shared += classes->count[step + 1];
        classes->step[step].columns = columns;
        planned = plan_patches(classes, geometry, step, cell_of, columns) &&
                  plan_back(classes, geometry, step, cell_of, layout);
    }
    free(cell_of);
    return planned;
}

bool dlca_classes_create(DlcaClasses *classes, const DlcaGeometry *geometry, const float *input, int32_t channels,
                         int32_t steps, DlcaClassLayout layout, DlcaError *error) {
    const int32_t cells = geometry->height * geometry->width * geometry->grids;
    const size_t states = (size_t)steps + 1, values = (size_t)cells * (size_t)channels;
    *classes = (DlcaClasses){.steps = steps, .cells = cells};
    classes->count = calloc(states, sizeof *classes->count);
    classes->class_of = calloc(states * (size_t)cells, sizeof *classes->class_of);
    classes->step = calloc((size_t)steps, sizeof *classes->step);
    classes->input = malloc(values * sizeof *classes->input);
    bool created = classes->count && classes->class_of && classes->step && classes->input;
    if (created) {
        memcpy(classes->input, input, values * sizeof *input);
        created = find_classes(classes, geometry, channels) && plan_steps(classes, geometry, layout);
    }
    if (!created) {
        dlca_classes_free(classes);
        return dlca_fail(error, DLCA_FAILED, "no memory to plan the steps of %d cells", cells);
    }
    return true;
}

void dlca_classes_free(DlcaClasses *classes) {
    for (int32_t step = 0; classes->step && step < classes->steps; step++) {
        dlca_patch_plan_free(&classes->step[step].patches);
        free(classes->step[step].back_first);
        free(classes->step[step].back);
    }
    free(classes->count);
    free(classes->class_of);
    free(classes->step);
    free(classes->input);
    *classes = (DlcaClasses){0};
}

bool dlca_classes_match(const DlcaClasses *classes, const float *input, int32_t channels) {
    return classes->count &&
           memcmp(classes->input, input, (size_t)classes->cells * (size_t)channels * sizeof *input) == 0;
}
