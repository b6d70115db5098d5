/* picture_colours.h - a picture in at most eight colours of its own. Leaves alone: reading, scaling, what bits stand
 * for the colours (picture_target.h). */
#ifndef DLCA_PICTURE_COLOURS_H
#define DLCA_PICTURE_COLOURS_H

#include "../src/image.h"

enum { DLCA_MOST_COLOURS = 8 };

typedef struct DlcaReduced {
    int32_t colours; /* that occur, most frequent first */
    uint8_t rgb[DLCA_MOST_COLOURS][3];
    uint8_t *colour; /* [height][width] its number, owned */
} DlcaReduced;

/* `wanted` from 1 to 8 colours, or fewer where the picture has no more; 0: all where they are no more than 8, else as
 * few as show it well. k-means in OKLab from starts that lie far apart, so the same picture gives the same colours. */
bool dlca_picture_reduce(DlcaReduced *reduced, const DlcaPicture *picture, int32_t wanted, DlcaError *error);
void dlca_reduced_free(DlcaReduced *reduced);

#endif
