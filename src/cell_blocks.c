/* cell_blocks.c - cells to bits and back, and the frame. */
#include "cell_blocks.h"

#include <string.h>

static int32_t at_most(int32_t a, int32_t b) {
    return a < b ? a : b;
}

static int32_t divided_up(int32_t a, int32_t b) {
    return (a + b - 1) / b;
}

DlcaCellBlocks dlca_cell_blocks(int32_t height, int32_t width, int32_t channels, bool periodic, int32_t frame) {
    DlcaCellBlocks blocks = {.height = height, .width = width, .channels = channels, .periodic = periodic};
    blocks.rows = divided_up(height, DLCA_BLOCK_BANDS);
    blocks.columns = divided_up(width, DLCA_BLOCK_WORDS);
    blocks.last_band = divided_up(height, blocks.rows) - 1;
    blocks.last_segment = divided_up(width, blocks.columns) - 1;
    blocks.last_rows = height - blocks.last_band * blocks.rows;
    blocks.last_columns = width - blocks.last_segment * blocks.columns;
    blocks.frame = at_most(frame, at_most(blocks.rows, blocks.columns));
    blocks.plane = (int64_t)(blocks.columns + 2 * blocks.frame) * DLCA_BLOCK_WORDS;
    blocks.row = blocks.plane * channels;
    blocks.words = blocks.row * (blocks.rows + 2 * blocks.frame);
    return blocks;
}

uint64_t dlca_row_mask(const DlcaCellBlocks *blocks, int32_t row) {
    uint64_t mask = 0;
    for (int32_t band = 0; band <= blocks->last_band; band++) {
        const int64_t y = (int64_t)band * blocks->rows + row;
        mask |= y >= 0 && y < blocks->height ? (uint64_t)1 << band : 0;
    }
    return mask;
}

uint32_t dlca_column_mask(const DlcaCellBlocks *blocks, int32_t column) {
    uint32_t mask = 0;
    for (int32_t segment = 0; segment <= blocks->last_segment; segment++) {
        const int64_t x = (int64_t)segment * blocks->columns + column;
        mask |= x >= 0 && x < blocks->width ? 1u << segment : 0;
    }
    return mask;
}

void dlca_cell_bits_get(const DlcaCellBlocks *blocks, const uint64_t *grid, int32_t channel, int32_t x, int32_t y,
                        int32_t count, uint8_t *bits, int32_t distance) {
    for (int32_t i = 0; i < count;) {
        const DlcaBitPlace place = dlca_bit_place(blocks, channel, x + i, y);
        const uint64_t *word = grid + place.word;
        const int32_t run = at_most(count - i, blocks->columns - (x + i) % blocks->columns);
        for (int32_t end = i + run; i < end; i++, word += DLCA_BLOCK_WORDS) {
            bits[(int64_t)i * distance] = *word >> place.bit & 1;
        }
    }
}

void dlca_cell_bits_set(const DlcaCellBlocks *blocks, uint64_t *grid, int32_t channel, int32_t x, int32_t y,
                        int32_t count, const uint8_t *bits, int32_t distance) {
    for (int32_t i = 0; i < count;) {
        const DlcaBitPlace place = dlca_bit_place(blocks, channel, x + i, y);
        uint64_t *word = grid + place.word;
        const int32_t run = at_most(count - i, blocks->columns - (x + i) % blocks->columns);
        for (int32_t end = i + run; i < end; i++, word += DLCA_BLOCK_WORDS) {
            const uint64_t bit = bits[(int64_t)i * distance] & 1;
            *word = (*word & ~((uint64_t)1 << place.bit)) | bit << place.bit;
        }
    }
}

/* ---- the frame ---- */

static bool wants(const uint8_t *sides, int32_t channel, int32_t side) {
    return !sides || (sides[channel] & side) != 0;
}

/* Words from column 0 of a row of blocks to cell x, counted on beyond the grid's sides; -1 where outside is empty. */
static int64_t wrapped_place(const DlcaCellBlocks *blocks, int32_t x) {
    if (!blocks->periodic) {
        return -1;
    }
    const int32_t inside = (x % blocks->width + blocks->width) % blocks->width;
    return (int64_t)(inside % blocks->columns) * DLCA_BLOCK_WORDS + inside / blocks->columns;
}

static uint64_t word_at(const uint64_t *row, int64_t place) {
    return place < 0 ? 0 : row[place];
}

/* One of the words that the last segment lacks, of all channels. */
static void fill_lacking_column(const DlcaCellBlocks *blocks, uint64_t *grid, const uint8_t *sides, int32_t row,
                                int32_t column) {
    const int32_t last = blocks->last_segment;
    const int64_t place = wrapped_place(blocks, last * blocks->columns + column);
    for (int32_t channel = 0; channel < blocks->channels; channel++) {
        uint64_t *word = grid + dlca_block_offset(blocks, channel, row, 0);
        if (wants(sides, channel, DLCA_RIGHT)) {
            word[(int64_t)column * DLCA_BLOCK_WORDS + last] = word_at(word, place);
        }
    }
}

/* The k-th columns left and right of a row, of all channels: where they lie is found once for all. */
static void fill_columns_beside(const DlcaCellBlocks *blocks, uint64_t *grid, const uint8_t *sides, int32_t row,
                                int32_t k) {
    const int32_t columns = blocks->columns, last = blocks->last_segment;
    const int64_t before = wrapped_place(blocks, -1 - k), behind = wrapped_place(blocks, (last + 1) * columns + k);
    for (int32_t channel = 0; channel < blocks->channels; channel++) {
        uint64_t *word = grid + dlca_block_offset(blocks, channel, row, 0);
        if (wants(sides, channel, DLCA_LEFT)) {
            uint64_t *left = word - (int64_t)(k + 1) * DLCA_BLOCK_WORDS;
            memcpy(left + 1, word + (int64_t)(columns - 1 - k) * DLCA_BLOCK_WORDS,
                   (DLCA_BLOCK_WORDS - 1) * sizeof *left);
            left[0] = word_at(word, before);
        }
        if (wants(sides, channel, DLCA_RIGHT)) {
            uint64_t *right = word + (int64_t)(columns + k) * DLCA_BLOCK_WORDS;
            memcpy(right, word + (int64_t)k * DLCA_BLOCK_WORDS + 1, (DLCA_BLOCK_WORDS - 1) * sizeof *right);
            right[last] = word_at(word, behind);
        }
    }
}

/* What lies further right than the frame is wide is read by nobody who is read. */
void dlca_frame_columns(const DlcaCellBlocks *blocks, uint64_t *grid, const uint8_t *sides, int32_t first,
                        int32_t last) {
    for (int32_t row = first; row < last; row++) {
        for (int32_t k = blocks->last_columns; k < at_most(blocks->columns, blocks->last_columns + blocks->frame);
             k++) {
            fill_lacking_column(blocks, grid, sides, row, k);
        }
        for (int32_t k = 0; k < blocks->frame; k++) {
            fill_columns_beside(blocks, grid, sides, row, k);
        }
    }
}

typedef struct Words {
    uint64_t *word;
    int64_t count;
} Words;

/* The words first .. last-1 blocks of a plane's row. */
static Words words_of(const DlcaCellBlocks *blocks, uint64_t *grid, int32_t channel, int32_t row, int32_t first,
                      int32_t last) {
    return (Words){grid + dlca_block_offset(blocks, channel, row, first - blocks->frame),
                   (int64_t)(last - first) * DLCA_BLOCK_WORDS};
}

/* What lies on the other side of the grid: words, and the bit of them; `empty` where outside reads 0. */
typedef struct Wrapped {
    const uint64_t *word;
    int32_t bit;
    bool empty;
} Wrapped;

static void set_bit_of_words(Words to, int32_t bit, Wrapped other) {
    const uint64_t keep = ~((uint64_t)1 << bit), taken = other.empty ? 0 : 1;
    for (int64_t i = 0; i < to.count; i++) {
        to.word[i] = (to.word[i] & keep) | (other.word[i] >> other.bit & taken) << bit;
    }
}

/* Row y of the grid, counted on beyond its ends. */
static Wrapped wrapped_row(const DlcaCellBlocks *blocks, uint64_t *grid, int32_t channel, int32_t y, int32_t first,
                           int32_t last) {
    const int32_t inside = (y % blocks->height + blocks->height) % blocks->height;
    return (Wrapped){words_of(blocks, grid, channel, inside % blocks->rows, first, last).word, inside / blocks->rows,
                     !blocks->periodic};
}

/* The k-th rows above and below. */
static void fill_row_above(const DlcaCellBlocks *blocks, const DlcaBlockWords *words, uint64_t *grid, int32_t channel,
                           int32_t k, int32_t first, int32_t last) {
    const Words above = words_of(blocks, grid, channel, -1 - k, first, last);
    const Wrapped last_row = wrapped_row(blocks, grid, channel, -1 - k, first, last);
    words->move_up(above.word, words_of(blocks, grid, channel, blocks->rows - 1 - k, first, last).word,
                   last_row.empty ? NULL : last_row.word, last_row.bit, above.count);
}

static void fill_row_below(const DlcaCellBlocks *blocks, const DlcaBlockWords *words, uint64_t *grid, int32_t channel,
                           int32_t k, int32_t first, int32_t last) {
    const int32_t rows = blocks->rows, band = blocks->last_band;
    const Words below = words_of(blocks, grid, channel, rows + k, first, last);
    const Wrapped first_row = wrapped_row(blocks, grid, channel, (band + 1) * rows + k, first, last);
    words->move_down(below.word, words_of(blocks, grid, channel, k, first, last).word, band,
                     first_row.empty ? NULL : first_row.word, first_row.bit, below.count);
}

static void frame_rows_of(const DlcaCellBlocks *blocks, const DlcaBlockWords *words, uint64_t *grid, int32_t channel,
                          uint8_t sides, int32_t first, int32_t last) {
    const int32_t rows = blocks->rows, band = blocks->last_band;
    for (int32_t k = blocks->last_rows; sides & DLCA_BELOW && k < at_most(rows, blocks->last_rows + blocks->frame);
         k++) {
        set_bit_of_words(words_of(blocks, grid, channel, k, first, last), band,
                         wrapped_row(blocks, grid, channel, band * rows + k, first, last));
    }
    for (int32_t k = 0; k < blocks->frame; k++) {
        if (sides & DLCA_ABOVE) {
            fill_row_above(blocks, words, grid, channel, k, first, last);
        }
        if (sides & DLCA_BELOW) {
            fill_row_below(blocks, words, grid, channel, k, first, last);
        }
    }
}

void dlca_frame_rows(const DlcaCellBlocks *blocks, const DlcaBlockWords *words, uint64_t *grid, const uint8_t *sides,
                     int32_t first, int32_t last) {
    for (int32_t channel = 0; channel < blocks->channels; channel++) {
        frame_rows_of(blocks, words, grid, channel, sides ? sides[channel] : DLCA_SIDES, first, last);
    }
}
