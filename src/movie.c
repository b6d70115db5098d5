/* movie.c - frames of a rollout to PNG files and into an animation. Leaves alone: drawing, computing. */
#include "movie.h"

#include "file.h"

#include <limits.h>
#include <stdio.h>

bool dlca_movie_create(DlcaMovie *movie, int32_t height, int32_t width, int32_t scored, const uint8_t *target,
                       bool animated, DlcaError *error) {
    return dlca_movie_create_scaled(movie, height, width, scored, 0, target, animated, error);
}

bool dlca_movie_create_scaled(DlcaMovie *movie, int32_t height, int32_t width, int32_t scored, int32_t scale,
                              const uint8_t *target, bool animated, DlcaError *error) {
    *movie = (DlcaMovie){
        .height = height,
        .width = width,
        .scored = scored,
        .scale = scale > 0 ? scale : dlca_picture_scale(height, width, DLCA_MOVIE_PIXELS),
        .has_target = target != NULL,
    };
    if (target && !dlca_picture_of_cells(&movie->target, target, height, width, scored, movie->scale, error)) {
        return false;
    }
    if (animated) {
        int32_t side = width * movie->scale;
        movie->gif = dlca_gif_create(target ? 2 * side + movie->scale : side, height * movie->scale, error);
        if (!movie->gif) {
            dlca_movie_free(movie);
            return false;
        }
    }
    return true;
}

bool dlca_movie_use_palette(DlcaMovie *movie, const DlcaPalette *palette, const uint8_t *target, DlcaError *error) {
    movie->palette = *palette;
    if (!movie->has_target) {
        return true;
    }
    dlca_picture_free(&movie->target);
    return dlca_picture_of_cells_in(&movie->target, target, movie->height, movie->width, movie->scored, movie->scale,
                                    palette, error);
}

void dlca_movie_free(DlcaMovie *movie) {
    dlca_picture_free(&movie->target);
    dlca_gif_free(movie->gif);
    *movie = (DlcaMovie){0};
}

static bool write_png(const DlcaPicture *picture, int32_t step, const char *folder, DlcaError *error) {
    char name[32], path[PATH_MAX];
    snprintf(name, sizeof name, "step_%03d.png", step);
    return dlca_path_join(path, sizeof path, folder, name, error) && dlca_png_write(path, picture, error);
}

static bool animate(DlcaMovie *movie, const DlcaPicture *picture, int32_t delay_ms, DlcaError *error) {
    if (!movie->has_target) {
        return dlca_gif_add(movie->gif, picture, delay_ms, error);
    }
    DlcaPicture both = {0};
    bool good = dlca_picture_beside(&both, picture, &movie->target, movie->scale, error) &&
                dlca_gif_add(movie->gif, &both, delay_ms, error);
    dlca_picture_free(&both);
    return good;
}

bool dlca_movie_add(DlcaMovie *movie, const uint8_t *bits, int32_t step, int32_t delay_ms, const char *folder,
                    DlcaError *error) {
    DlcaPicture picture = {0};
    if (!dlca_picture_of_cells_in(&picture, bits, movie->height, movie->width, movie->scored, movie->scale,
                                  &movie->palette, error)) {
        return false;
    }
    bool good = (!folder || write_png(&picture, step, folder, error)) &&
                (!movie->gif || animate(movie, &picture, delay_ms, error));
    dlca_picture_free(&picture);
    return good;
}
