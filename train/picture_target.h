/* picture_target.h - a user's picture as the target of a training: read, scaled to the grid, reduced, coded in bits.
 *
 * Leaves alone: the model that learns it (picture_model.h). */
#ifndef DLCA_PICTURE_TARGET_H
#define DLCA_PICTURE_TARGET_H

#include "../src/image.h"

enum { DLCA_TARGET_LEAST_SIDE = 3, DLCA_TARGET_SIDE = 16, DLCA_TARGET_MOST_SIDE = 1024 };

typedef struct DlcaPictureTarget {
    DlcaPicture picture; /* as it was read */
    int32_t height, width;
    int32_t colours;     /* 2..8 */
    int32_t scored;      /* bits for them: 1..3 */
    uint8_t *bits;       /* [height][width][scored], owned */
    DlcaPalette palette; /* the colour of each code; of codes that stand for none, a grey */
} DlcaPictureTarget;

/* `size`: cells of the longer side; 0: the picture's own when it is at most 16 pixels, else 16. The other side follows.
 * `colours`: 1 (ink on paper, as 2) to 8; 0: all where they are no more than 8, else as few as show it well. The most
 * frequent colour is coded as zeros. */
bool dlca_picture_target_read(DlcaPictureTarget *target, const char *path, int32_t size, int32_t colours,
                              DlcaError *error);

/* The same from a picture, which belongs to the target from then on, whatever happens. */
bool dlca_picture_target_create(DlcaPictureTarget *target, DlcaPicture *picture, const char *name, int32_t size,
                                int32_t colours, DlcaError *error);
void dlca_picture_target_free(DlcaPictureTarget *target); /* an empty one is fine */

/* What was read at the left, what will be learned at the right, as a PNG file. */
bool dlca_picture_target_write(const DlcaPictureTarget *target, const char *path, DlcaError *error);

#endif
