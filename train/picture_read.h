/* picture_read.h - image files as pictures: PNG, JPEG, GIF and BMP, decoded by stb_image.
 *
 * Alpha is laid over white; grey, palettes and 16 bits a channel become 8-bit RGB. A file that is animated, cut off or
 * too large is refused before anything is decoded. Leaves alone: scaling, colours (picture_target.h). */
#ifndef DLCA_PICTURE_READ_H
#define DLCA_PICTURE_READ_H

#include "../src/image.h"

enum { DLCA_READ_MAX_SIDE = 16384, DLCA_READ_MAX_PIXELS = 1 << 26, DLCA_READ_MAX_BYTES = 1 << 28 };

/* Creates `picture`. Messages name `path`, what is wrong and what is accepted. */
bool dlca_picture_read(DlcaPicture *picture, const char *path, DlcaError *error);

/* The same from memory; `name` stands in messages. */
bool dlca_picture_decode(DlcaPicture *picture, const uint8_t *bytes, size_t size, const char *name, DlcaError *error);

#endif
