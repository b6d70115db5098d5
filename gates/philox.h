/* philox.h - Philox 4x32 with 10 rounds: 128 random bits for a counter and a key.
 *
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011); the constants are the
 * paper's. Leaves alone: what counter and key mean (src/random.c). */
#ifndef DLCA_PHILOX_H
#define DLCA_PHILOX_H

#include "inline.h"

#include <stdint.h>

DLCA_INLINE void philox_round(uint32_t counter[4], const uint32_t key[2]) {
    const uint64_t product0 = (uint64_t)0xD2511F53u * counter[0];
    const uint64_t product1 = (uint64_t)0xCD9E8D57u * counter[2];
    const uint32_t high0 = (uint32_t)(product0 >> 32), low0 = (uint32_t)product0;
    const uint32_t high1 = (uint32_t)(product1 >> 32), low1 = (uint32_t)product1;
    counter[0] = high1 ^ counter[1] ^ key[0];
    counter[1] = low1;
    counter[2] = high0 ^ counter[3] ^ key[1];
    counter[3] = low0;
}

/* counter comes as the input and leaves as the random bits. */
DLCA_INLINE void philox(uint64_t seed, uint32_t counter[4]) {
    uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    for (int round = 0; round < 10; round++) {
        philox_round(counter, key);
        key[0] += 0x9E3779B9u;
        key[1] += 0xBB67AE85u;
    }
}

#endif
