/* picture_jpeg.h - whether a JPEG file is whole and sound enough for a decoder that trusts it.
 *
 * stb_image reads beyond its tables where a scan uses a Huffman table that the file never gave or that is too long, and
 * shows memory as it found it where a colour has no scan. All of that is found out here, before it decodes. Leaves
 * alone: decoding (picture_read.h). */
#ifndef DLCA_PICTURE_JPEG_H
#define DLCA_PICTURE_JPEG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True when the parts follow each other from the start to the end marker, each scan has its tables, and each component
 * of the frame has a scan. Baseline, extended and progressive files with Huffman coding; bytes behind the end marker
 * are nobody's business. */
bool dlca_jpeg_is_sound(const uint8_t *bytes, size_t size);

#endif
