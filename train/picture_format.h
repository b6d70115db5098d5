/* picture_format.h - what an image file is before it is decoded: its kind, whether it is whole, how many pictures it
 * has.
 *
 * Decoders fill what is missing of a cut file with grey and show the first picture of many; here both are found out.
 * Leaves alone: decoding (picture_read.h). */
#ifndef DLCA_PICTURE_FORMAT_H
#define DLCA_PICTURE_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum DlcaPictureKind {
    DLCA_PICTURE_UNKNOWN,
    DLCA_PICTURE_PNG,
    DLCA_PICTURE_JPEG,
    DLCA_PICTURE_GIF,
    DLCA_PICTURE_BMP
} DlcaPictureKind;

typedef struct DlcaPictureFormat {
    DlcaPictureKind kind; /* by its first bytes, whatever the file's name */
    bool whole;           /* its parts follow each other to their end; bytes after that are nobody's business */
    bool animated;        /* more than one picture */
} DlcaPictureFormat;

DlcaPictureFormat dlca_picture_format(const uint8_t *bytes, size_t size);
const char *dlca_picture_kind_name(DlcaPictureKind kind); /* "PNG" */

#endif
