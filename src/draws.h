/* draws.h - what the counter of the random generator means, and the draws that a training makes in every epoch: starts,
 * firing, hardening, noise. Each is a function of its place, so that a device makes them where it needs them, with the
 * processor's bytes.
 *
 * Read by C and by CUDA's C++. Leaves alone: the generator (gates/philox.h), drawing in sequence (random.c). */
#ifndef DLCA_DRAWS_H
#define DLCA_DRAWS_H

#include "../gates/philox.h"

#include <stdbool.h>

/* The 128 bits of (seed, purpose, major, minor, index). */
DLCA_INLINE void draw_words(uint64_t seed, uint32_t purpose, uint32_t major, uint32_t minor, uint32_t index,
                            uint32_t out[4]) {
    out[0] = index;
    out[1] = minor;
    out[2] = major;
    out[3] = purpose;
    philox(seed, out);
}

/* Of the 64-bit words that a stream gives in sequence, the one at `place`. */
DLCA_INLINE uint64_t draw_stream_word(uint64_t seed, uint32_t purpose, uint32_t major, uint32_t minor, uint32_t place) {
    uint32_t words[4];
    draw_words(seed, purpose, major, minor, place / 2, words);
    const uint32_t low = place % 2 ? words[2] : words[0], high = place % 2 ? words[3] : words[1];
    return low | (uint64_t)high << 32;
}

/* A bit of a random start: 64 starts are a block, `value` counts its values [channel][cell]. */
DLCA_INLINE bool draw_start_bit(uint64_t seed, uint32_t purpose, uint32_t epoch, uint32_t start, uint32_t value) {
    return (draw_stream_word(seed, purpose, epoch, start / 64, value) >> (start % 64) & 1) != 0;
}

/* What a draw of 32 bits has to be below, for this probability. */
DLCA_INLINE uint64_t draw_threshold(double probability) {
    return (uint64_t)(probability * 4294967296.0 + 0.5);
}

/* Which of the four cells from 4 * `four` on fire at a step: bit i for cell 4 * four + i. */
DLCA_INLINE uint32_t draw_fires(uint64_t seed, uint32_t purpose, uint32_t epoch, uint32_t step, uint32_t four,
                                uint64_t threshold) {
    uint32_t words[4], fires = 0;
    draw_words(seed, purpose, epoch, step, four, words);
    for (uint32_t i = 0; i < 4; i++) {
        fires |= (uint32_t)(words[i] < threshold) << i;
    }
    return fires;
}

#endif
