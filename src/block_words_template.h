/* block_words_template.h - the bodies of block_words.h over a few macros:
 *
 *   WIDE, LANES        a vector of LANES unsigned words of 64 bits with the compiler's operators; LANES divides 16
 *   MULTIPLY(a, b)     per lane, the product of the low 32 bits, 64 bits of it
 *   TABLE              the function that returns the table
 *
 * Each block_words_<set>.c defines them and includes this once. The other loops are plain: the flags of the file decide
 * how wide they become. */
#include "block_words.h"

#include <string.h>

enum { DRAWS = 4, COUNTERS = 64 / DRAWS };

static WIDE load_lanes(const uint64_t lane[LANES]) {
    WIDE lanes;
    memcpy(&lanes, lane, sizeof lanes);
    return lanes;
}

static WIDE same(uint64_t value) {
    uint64_t lane[LANES];
    for (int i = 0; i < LANES; i++) {
        lane[i] = value;
    }
    return load_lanes(lane);
}

/* Where the draws come from, but for the index that counts them. */
typedef struct Source {
    uint64_t seed;
    uint32_t purpose, major, minor;
} Source;

/* Philox 4x32-10 as in random.c, a counter per lane. The low half of a lane counts, the high half is anything: a
 * multiplication does not look at it. */
static void philox(Source source, WIDE counter, WIDE out[DRAWS]) {
    const WIDE factor0 = same(0xD2511F53u), factor1 = same(0xCD9E8D57u);
    WIDE x0 = counter, x1 = same(source.minor), x2 = same(source.major), x3 = same(source.purpose);
    uint32_t key0 = (uint32_t)source.seed, key1 = (uint32_t)(source.seed >> 32);
    for (int round = 0; round < 10; round++) {
        const WIDE product0 = MULTIPLY(x0, factor0), product1 = MULTIPLY(x2, factor1);
        x0 = product1 >> 32 ^ x1 ^ same(key0);
        x1 = product1;
        x2 = product0 >> 32 ^ x3 ^ same(key1);
        x3 = product0;
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    out[0] = x0;
    out[1] = x1;
    out[2] = x2;
    out[3] = x3;
}

/* Counters first .. first + 15; draw k of counter i is for bit 4 i + k. A draw below the threshold leaves a negative
 * difference, so its sign is the mask for that bit. */
static uint64_t fire_aligned(Source source, uint64_t threshold, uint32_t first) {
    static const uint64_t index[8] = {0, 1, 2, 3, 4, 5, 6, 7};
    static const uint64_t first_bit[8] = {1, 1 << 4, 1 << 8, 1 << 12, 1 << 16, 1 << 20, 1 << 24, 1 << 28};
    const WIDE low_half = same(UINT32_MAX), limit = same(threshold);
    WIDE bits = same(0), counter = load_lanes(index) + same(first), bit = load_lanes(first_bit);
    uint64_t lane_bits[LANES], all = 0;
    for (int group = 0; group < COUNTERS / LANES; group++) {
        WIDE draw[DRAWS];
        philox(source, counter, draw);
        for (int k = 0; k < DRAWS; k++) {
            bits |= (same(0) - (((draw[k] & low_half) - limit) >> 63)) & bit << k;
        }
        counter += same(LANES);
        bit = bit << (DRAWS * LANES % 64);
    }
    memcpy(lane_bits, &bits, sizeof bits);
    for (int i = 0; i < LANES; i++) {
        all |= lane_bits[i];
    }
    return all;
}

static uint64_t fire(uint64_t seed, uint32_t step, uint64_t threshold, int64_t first, int32_t count) {
    const uint32_t counter = (uint32_t)(first / DRAWS), beyond = (uint32_t)(first % DRAWS);
    const Source source = {seed, DLCA_RANDOM_SIMULATE, 0, step};
    uint64_t bits = fire_aligned(source, threshold, counter) >> beyond;
    if (beyond > 0 && (uint32_t)count + beyond > 64) {
        uint32_t draw[DRAWS];
        dlca_random(seed, DLCA_RANDOM_SIMULATE, 0, step, counter + COUNTERS, draw);
        for (uint32_t i = 0; i < beyond; i++) {
            bits |= (uint64_t)(draw[i] < threshold) << (64 - beyond + i);
        }
    }
    return bits;
}

/* Each bit's random digits are compared with those of the threshold, highest first, until all bits of a group of cells
 * are decided: seven or eight digits for one word, eleven for eight, 32 at most. */
static WIDE fires_of_group(Source source, uint32_t threshold, WIDE counter) {
    const WIDE low_half = same(UINT32_MAX);
    WIDE fires = same(0), undecided = same(UINT64_MAX);
    for (uint32_t digit = 0x80000000u; digit;) {
        WIDE draw[DRAWS];
        philox(source, counter, draw);
        for (int k = 0; k < DRAWS; k += 2, digit >>= 1) {
            const WIDE drawn = (draw[k] & low_half) | draw[k + 1] << 32;
            const WIDE below = same(threshold & digit ? UINT64_MAX : 0);
            fires |= undecided & below & ~drawn;
            undecided &= ~(below ^ drawn);
        }
        uint64_t lane[LANES], any = 0;
        memcpy(lane, &undecided, sizeof lane);
        for (int i = 0; i < LANES; i++) {
            any |= lane[i];
        }
        if (any == 0) {
            break;
        }
        counter += same(1);
    }
    return fires;
}

static void fires(uint64_t seed, DlcaPurpose purpose, uint32_t major, uint32_t minor, uint64_t threshold, int32_t cells,
                  uint64_t *words) {
    static const uint64_t index[8] = {0, 16, 32, 48, 64, 80, 96, 112};
    const Source source = {seed, (uint32_t)purpose, major, minor};
    for (int32_t first = 0; first < cells; first += LANES) {
        const WIDE group = threshold > UINT32_MAX ? same(UINT64_MAX)
                                                  : fires_of_group(source, (uint32_t)threshold,
                                                                   load_lanes(index) + same(16 * (uint64_t)first));
        const int32_t left = cells - first;
        memcpy(words + first, &group, (size_t)(left < LANES ? left : LANES) * sizeof *words);
    }
}

/* Halves, quarters, ... of the square change places (Warren, Hacker's Delight, 7-3). */
static void transpose(uint64_t words[64]) {
    static const uint64_t low_half[6] = {0x00000000ffffffff, 0x0000ffff0000ffff, 0x00ff00ff00ff00ff,
                                         0x0f0f0f0f0f0f0f0f, 0x3333333333333333, 0x5555555555555555};
    for (int level = 0; level < 6; level++) {
        const int size = 32 >> level;
        for (int first = 0; first < 64; first += 2 * size) {
            for (int i = first; i < first + size; i++) {
                const uint64_t moved = (words[i] >> size ^ words[i + size]) & low_half[level];
                words[i + size] ^= moved;
                words[i] ^= moved << size;
            }
        }
    }
}

static void add(uint64_t *any, const uint64_t *a, const uint64_t *b, int64_t words) {
    for (int64_t i = 0; i < words; i++) {
        any[i] |= b ? a[i] ^ b[i] : a[i];
    }
}

static int64_t count(const uint64_t *a, uint64_t mask, const uint64_t *column_masks, int64_t words) {
    int64_t ones = 0;
    for (int64_t i = 0; i < words; i++) {
        ones += __builtin_popcountll(a[i] & mask & column_masks[i]);
    }
    return ones;
}

static void move_up(uint64_t *to, const uint64_t *from, const uint64_t *wrapped, int32_t wrapped_bit, int64_t words) {
    if (!wrapped) {
        for (int64_t i = 0; i < words; i++) {
            to[i] = from[i] << 1;
        }
        return;
    }
    for (int64_t i = 0; i < words; i++) {
        to[i] = from[i] << 1 | (wrapped[i] >> wrapped_bit & 1);
    }
}

static void move_down(uint64_t *to, const uint64_t *from, int32_t bit, const uint64_t *wrapped, int32_t wrapped_bit,
                      int64_t words) {
    const uint64_t keep = ~((uint64_t)1 << bit);
    if (!wrapped) {
        for (int64_t i = 0; i < words; i++) {
            to[i] = from[i] >> 1 & keep;
        }
        return;
    }
    for (int64_t i = 0; i < words; i++) {
        to[i] = (from[i] >> 1 & keep) | (wrapped[i] >> wrapped_bit & 1) << bit;
    }
}

const DlcaBlockWords *TABLE(void) {
    static const DlcaBlockWords table = {fire, fires, transpose, add, count, move_up, move_down};
    return &table;
}
