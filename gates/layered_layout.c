/* layered_layout.c - layered drawings: order within columns, then places. */
#include "layered_layout.h"

#include <stdlib.h>

enum { SORT_SWEEPS = 24, PULL_SWEEPS = 24 };

typedef struct Key {
    double wish; /* where the item would like to be */
    int32_t item;
} Key;

typedef struct Layout {
    DlcaLayoutItem *item;
    const DlcaLayoutLink *link;
    int32_t items, columns, links;
    Key *key;             /* [items] column after column, in the present order */
    int32_t *first;       /* [columns + 1] where a column begins in key */
    int32_t *sorted_link; /* [links] by the column that they leave */
    int32_t *first_link;  /* [columns + 1] where a column's begin in sorted_link */
    double *sum;          /* [items] of the places of its neighbours on one side */
    int32_t *count;       /* [items] of these */
} Layout;

static int by_wish(const void *left, const void *right) {
    const Key *a = left, *b = right;
    return a->wish < b->wish ? -1 : a->wish > b->wish ? 1 : (a->item > b->item) - (a->item < b->item);
}

static void fill_columns(Layout *layout) {
    for (int32_t i = 0; i < layout->items; i++) {
        layout->first[layout->item[i].column + 1]++;
    }
    for (int32_t column = 0; column < layout->columns; column++) {
        layout->first[column + 1] += layout->first[column];
        layout->count[column] = 0; /* for now: how many of the column have been placed */
    }
    for (int32_t i = 0; i < layout->items; i++) {
        const int32_t column = layout->item[i].column;
        layout->key[layout->first[column] + layout->count[column]++] = (Key){0, i};
    }
}

static void sort_links(Layout *layout) {
    for (int32_t i = 0; i < layout->links; i++) {
        layout->first_link[layout->item[layout->link[i].from].column + 1]++;
    }
    for (int32_t column = 0; column < layout->columns; column++) {
        layout->first_link[column + 1] += layout->first_link[column];
        layout->count[column] = 0;
    }
    for (int32_t i = 0; i < layout->links; i++) {
        const int32_t column = layout->item[layout->link[i].from].column;
        layout->sorted_link[layout->first_link[column] + layout->count[column]++] = i;
    }
}

/* Items of a column one below the other in their order. */
static void stack(Layout *layout, int32_t column) {
    double y = 0;
    for (int32_t at = layout->first[column]; at < layout->first[column + 1]; at++) {
        DlcaLayoutItem *item = &layout->item[layout->key[at].item];
        item->y = y + item->height / 2;
        y += item->height;
    }
}

/* Adds what the links between `column` and the next one say of the items of column `to`. */
static void add_wishes(Layout *layout, int32_t column, int32_t to) {
    if (column < 0 || column >= layout->columns) {
        return;
    }
    for (int32_t at = layout->first_link[column]; at < layout->first_link[column + 1]; at++) {
        const DlcaLayoutLink link = layout->link[layout->sorted_link[at]];
        const int32_t item = to == column ? link.from : link.to, other = to == column ? link.to : link.from;
        layout->sum[item] += layout->item[other].y;
        layout->count[item]++;
    }
}

/* The wish of every item of a column: the mean of its neighbours to the left, to the right, or of both. */
static void wish(Layout *layout, int32_t column, bool left, bool right) {
    const int32_t begin = layout->first[column], end = layout->first[column + 1];
    for (int32_t at = begin; at < end; at++) {
        layout->sum[layout->key[at].item] = 0;
        layout->count[layout->key[at].item] = 0;
    }
    if (left) {
        add_wishes(layout, column - 1, column);
    }
    if (right) {
        add_wishes(layout, column, column);
    }
    for (int32_t at = begin; at < end; at++) {
        const int32_t item = layout->key[at].item;
        layout->key[at].wish = layout->count[item] ? layout->sum[item] / layout->count[item] : layout->item[item].y;
    }
}

/* As near to the wishes as order and heights allow: down from the top, then up where that went too far. */
static void pull(Layout *layout, int32_t column) {
    const int32_t begin = layout->first[column], end = layout->first[column + 1];
    double limit = -1e300, gain = 0;
    for (int32_t at = begin; at < end; at++) {
        DlcaLayoutItem *item = &layout->item[layout->key[at].item];
        const double least = limit + item->height / 2;
        item->y = layout->key[at].wish > least ? layout->key[at].wish : least;
        limit = item->y + item->height / 2;
        gain += item->y - layout->key[at].wish;
    }
    /* Half of the mean overshoot is taken back from all, so that a full column spreads to both sides. */
    for (int32_t at = begin; at < end; at++) {
        layout->item[layout->key[at].item].y -= gain / (end - begin);
    }
}

static void place(Layout *layout) {
    for (int32_t column = 0; column < layout->columns; column++) {
        stack(layout, column);
    }
    for (int sweep = 0; sweep < SORT_SWEEPS; sweep++) {
        const bool forward = sweep % 2 == 0;
        for (int32_t i = 0; i < layout->columns; i++) {
            const int32_t column = forward ? i : layout->columns - 1 - i;
            wish(layout, column, forward, !forward);
            qsort(layout->key + layout->first[column], (size_t)(layout->first[column + 1] - layout->first[column]),
                  sizeof *layout->key, by_wish);
            stack(layout, column);
        }
    }
    for (int sweep = 0; sweep < PULL_SWEEPS; sweep++) {
        for (int32_t column = 0; column < layout->columns; column++) {
            wish(layout, column, true, true);
            pull(layout, column);
        }
    }
}

static double move_to_zero(Layout *layout) {
    double top = 1e300, bottom = -1e300;
    for (int32_t i = 0; i < layout->items; i++) {
        const DlcaLayoutItem *item = &layout->item[i];
        top = item->y - item->height / 2 < top ? item->y - item->height / 2 : top;
        bottom = item->y + item->height / 2 > bottom ? item->y + item->height / 2 : bottom;
    }
    for (int32_t i = 0; i < layout->items; i++) {
        layout->item[i].y -= top;
    }
    return layout->items ? bottom - top : 0;
}

bool dlca_layered_layout(DlcaLayoutItem *item, int32_t items, int32_t columns, const DlcaLayoutLink *link,
                         int32_t links, double *height) {
    const size_t most = (size_t)(items > columns ? items : columns) + 2;
    Layout layout = {.item = item, .link = link, .items = items, .columns = columns, .links = links};
    layout.key = malloc(most * sizeof *layout.key);
    layout.first = calloc((size_t)columns + 2, sizeof *layout.first);
    layout.sum = malloc(most * sizeof *layout.sum);
    layout.count = malloc(most * sizeof *layout.count);
    layout.sorted_link = malloc(((size_t)links + 1) * sizeof *layout.sorted_link);
    layout.first_link = calloc((size_t)columns + 2, sizeof *layout.first_link);
    const bool good =
        layout.sorted_link && layout.first_link && layout.key && layout.first && layout.sum && layout.count;
    if (good) {
        fill_columns(&layout);
        sort_links(&layout);
        place(&layout);
        *height = move_to_zero(&layout);
    }
    free(layout.key);
    free(layout.first);
    free(layout.sorted_link);
    free(layout.first_link);
    free(layout.sum);
    free(layout.count);
    return good;
}
