/* cell_blocks.h - where the bits of large grids lie in memory, one bit per cell and channel, so that no step shifts
 * any.
 *
 * A block is 512 cells of one channel: eight words of 64 bits. The grid is cut into 64 bands of `rows` rows each and
 * every row into 8 segments of `columns` cells each; cell (x, y) is bit y / rows of word x / columns of block
 * (y % rows, x % columns). So the neighbour to the right of all 512 cells of a block is the next block, whatever the
 * width of the registers (the layout of Henretty et al., "Data layout transformation for stencil computations on
 * short-vector SIMD architectures", 2011, in both directions at once). Only at the ends of bands and segments bits and
 * words move by one: that is the frame around the blocks, `frame` blocks wide, filled before a pass. Any size works:
 * what the last band and segment lack is treated like the frame.
 *
 * Leaves alone: rules, steps, threads (planes.h). */
#ifndef DLCA_CELL_BLOCKS_H
#define DLCA_CELL_BLOCKS_H

#include "block_words.h"

enum { DLCA_BLOCK_WORDS = 8, DLCA_BLOCK_BANDS = 64, DLCA_BLOCK_CELLS = DLCA_BLOCK_WORDS * DLCA_BLOCK_BANDS };

typedef struct DlcaCellBlocks {
    int32_t height, width, channels;
    bool periodic;
    int32_t rows, columns;           /* of blocks */
    int32_t last_band, last_segment; /* the last ones that have cells */
    int32_t last_rows, last_columns; /* rows of the last band, columns of the last segment: 1 .. rows, columns */
    int32_t frame;                   /* blocks around it; at most rows and columns */
    int64_t plane;                   /* words from a channel's row of blocks to the next channel's */
    int64_t row;                     /* words from a row of blocks to the next: channels * plane */
    int64_t words;                   /* of the whole grid, its frame and padding included */
} DlcaCellBlocks;

/* The frame is made smaller where the grid has fewer rows or columns of blocks. */
DlcaCellBlocks dlca_cell_blocks(int32_t height, int32_t width, int32_t channels, bool periodic, int32_t frame);

/* Words from the grid's start to a block; row from -frame to rows + frame - 1, column alike. */
static inline int64_t dlca_block_offset(const DlcaCellBlocks *blocks, int32_t channel, int32_t row, int32_t column) {
    return (row + blocks->frame) * blocks->row + channel * blocks->plane +
           (int64_t)(column + blocks->frame) * DLCA_BLOCK_WORDS;
}

/* Word of a cell in the grid, and its bit. */
typedef struct DlcaBitPlace {
    int64_t word;
    int32_t bit;
} DlcaBitPlace;

static inline DlcaBitPlace dlca_bit_place(const DlcaCellBlocks *blocks, int32_t channel, int32_t x, int32_t y) {
    return (DlcaBitPlace){dlca_block_offset(blocks, channel, y % blocks->rows, x % blocks->columns) +
                              x / blocks->columns,
                          y / blocks->rows};
}

/* The bits of a word in row `row` that are cells of the grid; row may lie in the frame. */
uint64_t dlca_row_mask(const DlcaCellBlocks *blocks, int32_t row);

/* The words of a block in column `column` that are cells of the grid, as bits 0 .. 7. */
uint32_t dlca_column_mask(const DlcaCellBlocks *blocks, int32_t column);

/* Cells x .. x+count-1 of row y: bits[i * distance] = 0 or 1, and back. */
void dlca_cell_bits_get(const DlcaCellBlocks *blocks, const uint64_t *grid, int32_t channel, int32_t x, int32_t y,
                        int32_t count, uint8_t *bits, int32_t distance);
void dlca_cell_bits_set(const DlcaCellBlocks *blocks, uint64_t *grid, int32_t channel, int32_t x, int32_t y,
                        int32_t count, const uint8_t *bits, int32_t distance);

/* ---- the frame: first columns for every row, then rows, for shares that threads may take apart; `sides` [channels]
 * says which of a channel are filled, NULL: all of them ---- */

enum { DLCA_LEFT = 1, DLCA_RIGHT = 2, DLCA_ABOVE = 4, DLCA_BELOW = 8, DLCA_SIDES = 15 };

/* Fills the frame's columns, and what the last segment lacks, of rows first .. last-1 (real rows). */
void dlca_frame_columns(const DlcaCellBlocks *blocks, uint64_t *grid, const uint8_t *sides, int32_t first,
                        int32_t last);

/* Fills the frame's rows, and what the last band lacks; of every plane the blocks first .. last-1, counted from the
 * frame's left edge (columns + 2 frame in all). */
void dlca_frame_rows(const DlcaCellBlocks *blocks, const DlcaBlockWords *words, uint64_t *grid, const uint8_t *sides,
                     int32_t first, int32_t last);

#endif
