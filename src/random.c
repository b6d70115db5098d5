/* random.c - counter-based random numbers, and a stream over them. The test holds the known-answer vectors of Philox'
 * paper. */
#include "dlca.h"

#include "draws.h"

void dlca_random(uint64_t seed, DlcaPurpose purpose, uint32_t major, uint32_t minor, uint32_t index, uint32_t out[4]) {
    draw_words(seed, (uint32_t)purpose, major, minor, index, out);
}

DlcaRandom dlca_random_stream(uint64_t seed, DlcaPurpose purpose, uint32_t major, uint32_t minor) {
    return (DlcaRandom){.seed = seed, .purpose = purpose, .major = major, .minor = minor};
}

uint32_t dlca_random_u32(DlcaRandom *stream) {
    if (stream->left == 0) {
        dlca_random(stream->seed, stream->purpose, stream->major, stream->minor, stream->index++, stream->buffer);
        stream->left = 4;
    }
    return stream->buffer[4 - stream->left--];
}

uint64_t dlca_random_u64(DlcaRandom *stream) {
    const uint64_t low = dlca_random_u32(stream);
    return low | (uint64_t)dlca_random_u32(stream) << 32;
}

uint32_t dlca_random_below(DlcaRandom *stream, uint32_t bound) {
    /* Lemire, "Fast random integer generation in an interval" (2019): the high half of a product, the few values that
     * would favour some results drawn again. */
    const uint32_t threshold = (0u - bound) % bound;
    for (;;) {
        const uint64_t product = (uint64_t)dlca_random_u32(stream) * bound;
        if ((uint32_t)product >= threshold) {
            return (uint32_t)(product >> 32);
        }
    }
}

double dlca_random_unit(DlcaRandom *stream) {
    return (double)(dlca_random_u64(stream) >> 11) * 0x1p-53;
}

void dlca_fire_mask(uint64_t seed, DlcaPurpose purpose, uint32_t epoch, uint32_t step, double rate, int32_t cells,
                    uint8_t *mask) {
    const uint64_t threshold = draw_threshold(rate);
    uint32_t fires = 0;
    for (int32_t cell = 0; cell < cells; cell++) {
        if ((cell & 3) == 0) {
            fires = draw_fires(seed, (uint32_t)purpose, epoch, step, (uint32_t)cell >> 2, threshold);
        }
        mask[cell] = fires >> (cell & 3) & 1;
    }
}
