/* pattern.h - small grids of bits that users lay into large ones: run-length encoded (.rle) and plain-text (.cells)
 * patterns of Life, and PNG pictures.
 *
 * Formats: RLE is `x = WIDTH, y = HEIGHT` with perhaps `, rule = B3/S23`, then runs of b (dead), o (alive) and $ (end
 * of a line), closed by !; lines of # before it are comments. Plain text has a line per row of `.` and `O`, lines of !
 * before it are comments. (LifeWiki, "Run Length Encoded" and "Plaintext".) The readers trust nothing. Leaves alone:
 * where the pattern goes. */
#ifndef DLCA_PATTERN_H
#define DLCA_PATTERN_H

#include "../gates/error.h"

#include <stddef.h>
#include <stdint.h>

enum { DLCA_PATTERN_MAX_SIDE = 65536, DLCA_PATTERN_MAX_CELLS = 1 << 28 };

typedef struct DlcaPattern {
    int32_t width, height, channels; /* channels: 1 of texts */
    uint8_t *bits;                   /* [height][width][channels] of 0 or 1, owned */
} DlcaPattern;

/* By what is in it: a PNG picture, RLE or plain text. A picture gives `channels` bits per pixel, as pictures of such
 * cells are drawn (image.h): 3 are red, green and blue; otherwise dark pixels have all ones. `name` (a path) stands in
 * messages. */
bool dlca_pattern_parse(const uint8_t *data, size_t size, int32_t channels, const char *name, DlcaPattern *pattern,
                        DlcaError *error);
bool dlca_pattern_parse_rle(const char *text, size_t size, const char *name, DlcaPattern *pattern, DlcaError *error);
bool dlca_pattern_parse_plain(const char *text, size_t size, const char *name, DlcaPattern *pattern, DlcaError *error);
bool dlca_pattern_parse_png(const uint8_t *data, size_t size, int32_t channels, const char *name, DlcaPattern *pattern,
                            DlcaError *error);
void dlca_pattern_free(DlcaPattern *pattern); /* leaves it empty; an empty one is fine */

/* All cells dead. Refuses sizes beyond the limits. */
bool dlca_pattern_create(DlcaPattern *pattern, int64_t width, int64_t height, int32_t channels, const char *name,
                         DlcaError *error);

#endif
