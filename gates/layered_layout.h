/* layered_layout.h - where the items of a layered drawing go, from left to right with few crossings.
 *
 * Items stand in columns and links join items of neighbouring columns (the caller puts bends where a link would pass a
 * column). Each column is sorted by the mean place of its neighbours, sweeping to and fro, then items are pulled to
 * their neighbours as far as there is room: the method of Sugiyama, Tagawa and Toda (1981). Leaves alone: drawing. */
#ifndef DLCA_LAYERED_LAYOUT_H
#define DLCA_LAYERED_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

typedef struct DlcaLayoutItem {
    int32_t column;
    double height; /* room that it needs, the gap to the next one included */
    double y;      /* written: of its middle, from 0 down */
} DlcaLayoutItem;

typedef struct DlcaLayoutLink {
    int32_t from, to; /* items; the column of `to` is that of `from` plus one */
} DlcaLayoutLink;

/* Writes y of each item, and the height of the whole. False when there is no memory. */
bool dlca_layered_layout(DlcaLayoutItem *item, int32_t items, int32_t columns, const DlcaLayoutLink *link,
                         int32_t links, double *height);

#endif
