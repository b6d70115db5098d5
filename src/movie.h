/* movie.h - a rollout as pictures: numbered PNG files and an animation with the target beside it.
 *
 * Leaves alone: drawing (image.h) and computing the grids (simulation.h). */
#ifndef DLCA_MOVIE_H
#define DLCA_MOVIE_H

#include "image.h"

enum { DLCA_MOVIE_PIXELS = 256 }; /* about, the longer side of a grid */

typedef struct DlcaMovie {
    int32_t height, width, scored, scale;
    bool has_target;
    DlcaPicture target;
    DlcaPalette palette; /* without codes: the usual colours */
    DlcaGif *gif;        /* NULL when no animation is wanted */
} DlcaMovie;

/* `target` [height][width][scored] of 0/1 bytes stands beside every frame of the animation; NULL: none. */
/* `scale`: pixels per cell; 0: about DLCA_MOVIE_PIXELS in all. */
bool dlca_movie_create_scaled(DlcaMovie *movie, int32_t height, int32_t width, int32_t scored, int32_t scale,
                              const uint8_t *target, bool animated, DlcaError *error);
bool dlca_movie_create(DlcaMovie *movie, int32_t height, int32_t width, int32_t scored, const uint8_t *target,
                       bool animated, DlcaError *error);

/* From now on cells have the colours of `palette`; the target is drawn again when there is one. */
bool dlca_movie_use_palette(DlcaMovie *movie, const DlcaPalette *palette, const uint8_t *target, DlcaError *error);
void dlca_movie_free(DlcaMovie *movie); /* leaves it empty; an empty one is fine */

/* Adds bits [height][width][scored] to the animation, shown for delay_ms milliseconds, and writes them as
 * folder/step_NNN.png when `folder` is given. */
bool dlca_movie_add(DlcaMovie *movie, const uint8_t *bits, int32_t step, int32_t delay_ms, const char *folder,
                    DlcaError *error);

#endif
