/* picture_scale.h - pictures of another size. Leaves alone: reading, colours. */
#ifndef DLCA_PICTURE_SCALE_H
#define DLCA_PICTURE_SCALE_H

#include "../src/image.h"

/* Where the new picture is smaller each pixel becomes the mean of the area that it covers, in linear light, as an eye
 * from afar sees it; where it is larger, the nearest pixel, so that drawings of few pixels stay crisp. Creates `to`. */
bool dlca_picture_scale_to(DlcaPicture *to, const DlcaPicture *from, int32_t width, int32_t height, DlcaError *error);

/* sRGB 0..255 to linear light 0..1 and back. */
double dlca_linear_of_srgb(double value);
double dlca_srgb_of_linear(double value);

#endif
