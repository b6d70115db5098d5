/* guard.h - buffers with a page that must not be touched right behind or right before them, so that a kernel that reads
 * or writes one element too far crashes. Leaves alone: what is in them. */
#ifndef DLCA_TESTS_GUARD_H
#define DLCA_TESTS_GUARD_H

#include <stdbool.h>
#include <stddef.h>

/* Which side of the buffer touches its guard page; the other side has up to a page of slack before its own. */
typedef enum GuardSide { GUARD_BEHIND, GUARD_BEFORE } GuardSide;

typedef struct GuardedFloats {
    float *values;
    void *memory;
    size_t bytes;
} GuardedFloats;

GuardedFloats guarded_floats(size_t count, GuardSide side);
void guarded_free(GuardedFloats *buffer);

#endif
