/* random.c - counter-based random numbers: Philox 4x32-10, and a stream over it.
 *
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011); the constants are the
 * paper's. The test holds its known-answer vectors. */
#include "dlca.h"

static void philox_round(uint32_t counter[4], const uint32_t key[2]) {
    const uint64_t product0 = (uint64_t)0xD2511F53u * counter[0];
    const uint64_t product1 = (uint64_t)0xCD9E8D57u * counter[2];
    const uint32_t high0 = (uint32_t)(product0 >> 32), low0 = (uint32_t)product0;
    const uint32_t high1 = (uint32_t)(product1 >> 32), low1 = (uint32_t)product1;
    counter[0] = high1 ^ counter[1] ^ key[0];
    counter[1] = low1;
    counter[2] = high0 ^ counter[3] ^ key[1];
    counter[3] = low0;
}

void dlca_random(uint64_t seed, DlcaPurpose purpose, uint32_t major, uint32_t minor, uint32_t index, uint32_t out[4]) {
    uint32_t counter[4] = {index, minor, major, (uint32_t)purpose};
    uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    for (int round = 0; round < 10; round++) {
        philox_round(counter, key);
        key[0] += 0x9E3779B9u;
        key[1] += 0xBB67AE85u;
    }
    for (int i = 0; i < 4; i++) {
        out[i] = counter[i];
    }
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
    const uint64_t threshold = (uint64_t)(rate * 4294967296.0 + 0.5);
    uint32_t draws[4];
    for (int32_t cell = 0; cell < cells; cell++) {
        if ((cell & 3) == 0) {
            dlca_random(seed, purpose, epoch, step, (uint32_t)cell >> 2, draws);
        }
        mask[cell] = draws[cell & 3] < threshold;
    }
}
