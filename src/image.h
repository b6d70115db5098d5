/* image.h - pictures of grids: drawing, PNG files and GIF animations.
 *
 * Colours of a cell with S scored bits: S = 1 dark ink on light paper; S = 3 the bits are red, green, blue; otherwise
 * a grey that darkens with the number of ones. Files are written atomically (file.h), through stb_image_write (PNG) and
 * giflib (GIF). Leaves alone: which grids to show, and when. */
#ifndef DLCA_IMAGE_H
#define DLCA_IMAGE_H

#include "../gates/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DLCA_PICTURE_MAX_SIDE = 32767, DLCA_PICTURE_MAX_PIXELS = 1 << 27, DLCA_GIF_MAX_COLOURS = 256 };

typedef struct DlcaPicture {
    int32_t width, height;
    uint8_t *rgb; /* [height][width][3], owned */
} DlcaPicture;

/* Black; sizes from 1. */
bool dlca_picture_create(DlcaPicture *picture, int32_t width, int32_t height, DlcaError *error);
void dlca_picture_free(DlcaPicture *picture); /* leaves it empty; an empty one is fine */

/* Colours of their own for cells of up to 3 scored bits: the code of a cell is the sum of bit i << i. */
enum { DLCA_PALETTE_BITS = 3, DLCA_PALETTE_CODES = 1 << DLCA_PALETTE_BITS };
typedef struct DlcaPalette {
    int32_t codes; /* 1 << scored bits; 0: no palette, the colours above */
    uint8_t rgb[DLCA_PALETTE_CODES][3];
} DlcaPalette;

/* The colour of one cell. `palette` may be NULL. */
void dlca_cell_colour(const uint8_t *bits, int32_t scored, const DlcaPalette *palette, uint8_t rgb[3]);

/* The cells in the colours of a palette, which may be NULL; otherwise as below. */
bool dlca_picture_of_cells_in(DlcaPicture *picture, const uint8_t *bits, int32_t height, int32_t width, int32_t scored,
                              int32_t scale, const DlcaPalette *palette, DlcaError *error);

/* The cells [height][width][scored] of 0/1 bytes, each `scale` x `scale` pixels; creates `picture`. */
bool dlca_picture_of_cells(DlcaPicture *picture, const uint8_t *bits, int32_t height, int32_t width, int32_t scored,
                           int32_t scale, DlcaError *error);

/* Left and right beside each other, `gap` pixels of light grey between them, tops aligned; creates `picture`. */
bool dlca_picture_beside(DlcaPicture *picture, const DlcaPicture *left, const DlcaPicture *right, int32_t gap,
                         DlcaError *error);

/* A scale at which the longer side of the grid is about `pixels` pixels; at least 1. */
int32_t dlca_picture_scale(int32_t height, int32_t width, int32_t pixels);

/* Writes an 8-bit RGB PNG file. The same picture gives the same bytes. */
bool dlca_png_write(const char *path, const DlcaPicture *picture, DlcaError *error);

/* An animation that loops forever. Frames are compressed as they come, and nothing is written before finish. */
typedef struct DlcaGif DlcaGif;
DlcaGif *dlca_gif_create(int32_t width, int32_t height, DlcaError *error);

/* Shows `picture` (of the animation's size, at most 256 colours) for `delay_ms` milliseconds, 10 to 655350, rounded to
 * tens: GIF counts in hundredths of a second. */
bool dlca_gif_add(DlcaGif *gif, const DlcaPicture *picture, int32_t delay_ms, DlcaError *error);

/* Writes the file; at least one frame must have been added. The animation is still to be freed. */
bool dlca_gif_write(DlcaGif *gif, const char *path, DlcaError *error);
void dlca_gif_free(DlcaGif *gif); /* NULL is fine */

#endif
