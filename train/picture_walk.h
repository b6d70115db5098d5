/* picture_walk.h - steps over the bytes of an image file, never beyond its end. Leaves alone: what the bytes mean. */
#ifndef DLCA_PICTURE_WALK_H
#define DLCA_PICTURE_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct DlcaWalk {
    const uint8_t *bytes; /* [size] */
    size_t size, at;
    bool cut; /* something beyond the end was asked for */
} DlcaWalk;

static inline uint32_t dlca_walk_take(DlcaWalk *walk) {
    if (walk->at >= walk->size) {
        walk->cut = true;
        return 0;
    }
    return walk->bytes[walk->at++];
}

static inline void dlca_walk_skip(DlcaWalk *walk, size_t count) {
    if (count > walk->size - walk->at) {
        walk->cut = true;
        walk->at = walk->size;
        return;
    }
    walk->at += count;
}

/* The highest byte first. */
static inline uint32_t dlca_walk_take_big(DlcaWalk *walk, int count) {
    uint32_t number = 0;
    for (int i = 0; i < count; i++) {
        number = number << 8 | dlca_walk_take(walk);
    }
    return number;
}

/* The lowest byte first. */
static inline uint32_t dlca_walk_take_little(DlcaWalk *walk, int count) {
    uint32_t number = 0;
    for (int i = 0; i < count; i++) {
        number |= dlca_walk_take(walk) << 8 * i;
    }
    return number;
}

#endif
