/* block_words_template.h - the bodies of block_words.h; each block_words_<set>.c defines TABLE and includes this once.
 *
 * Plain loops over small arrays: the flags of the file decide how wide they become. */
#include "block_words.h"

enum { DRAWS = 4, COUNTERS = 64 / DRAWS };

/* Philox 4x32-10 as in random.c, COUNTERS counters at a time. */
static void philox(uint64_t seed, uint32_t step, uint32_t first, uint32_t out[DRAWS][COUNTERS]) {
    uint32_t key0 = (uint32_t)seed, key1 = (uint32_t)(seed >> 32);
    for (int i = 0; i < COUNTERS; i++) {
        out[0][i] = first + (uint32_t)i;
        out[1][i] = step;
        out[2][i] = 0;
        out[3][i] = DLCA_RANDOM_SIMULATE;
    }
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < COUNTERS; i++) {
            const uint64_t product0 = (uint64_t)0xD2511F53u * out[0][i];
            const uint64_t product1 = (uint64_t)0xCD9E8D57u * out[2][i];
            out[0][i] = (uint32_t)(product1 >> 32) ^ out[1][i] ^ key0;
            out[1][i] = (uint32_t)product1;
            out[2][i] = (uint32_t)(product0 >> 32) ^ out[3][i] ^ key1;
            out[3][i] = (uint32_t)product0;
        }
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
}

/* Bit i of a number of 16 bits moves to bit 4 i. */
static uint64_t spread(uint64_t bits) {
    bits = (bits | bits << 24) & 0x000000ff000000ff;
    bits = (bits | bits << 12) & 0x000f000f000f000f;
    bits = (bits | bits << 6) & 0x0303030303030303;
    return (bits | bits << 3) & 0x1111111111111111;
}

static uint64_t below(const uint32_t draw[COUNTERS], uint32_t most) {
    uint64_t bits = 0;
    for (int i = 0; i < COUNTERS; i++) {
        bits |= (uint64_t)(draw[i] <= most) << i;
    }
    return bits;
}

static uint64_t fire_aligned(uint64_t seed, uint32_t step, uint32_t most, uint32_t counter) {
    uint32_t draw[DRAWS][COUNTERS];
    philox(seed, step, counter, draw);
    return spread(below(draw[0], most)) | spread(below(draw[1], most)) << 1 | spread(below(draw[2], most)) << 2 |
           spread(below(draw[3], most)) << 3;
}

static uint64_t fire(uint64_t seed, uint32_t step, uint64_t threshold, int64_t first, int32_t count) {
    const uint32_t counter = (uint32_t)(first / DRAWS), beyond = (uint32_t)(first % DRAWS);
    if (threshold == 0) {
        return 0;
    }
    const uint32_t most = (uint32_t)(threshold - 1); /* draw < threshold, with thresholds up to 2^32 */
    uint64_t bits = fire_aligned(seed, step, most, counter) >> beyond;
    if (beyond > 0 && (uint32_t)count + beyond > 64) {
        uint32_t draw[DRAWS];
        dlca_random(seed, DLCA_RANDOM_SIMULATE, 0, step, counter + COUNTERS, draw);
        for (uint32_t i = 0; i < beyond; i++) {
            bits |= (uint64_t)(draw[i] <= most) << (64 - beyond + i);
        }
    }
    return bits;
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

const DlcaBlockWords *TABLE(void) {
    static const DlcaBlockWords table = {fire, transpose, add, count};
    return &table;
}
