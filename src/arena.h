/* arena.h - one allocation, carved: buffers are asked for twice by the same function, first to measure, then to place.
 *
 * Leaves alone: growing, freeing single buffers. */
#ifndef DLCA_ARENA_H
#define DLCA_ARENA_H

#include "memory_plan.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

typedef struct DlcaArena {
    char *base;           /* NULL while measuring */
    size_t used;          /* bytes carved so far, a multiple of 64 */
    DlcaMemoryPlan *plan; /* gets a line for each named buffer while measuring; may be NULL */
} DlcaArena;

/* The next buffer of count x size bytes on a 64-byte boundary; NULL while measuring. */
static inline void *dlca_arena_take(DlcaArena *arena, size_t count, size_t size) {
    void *buffer = arena->base ? arena->base + arena->used : NULL;
    arena->used += (count * size + 63) & ~(size_t)63;
    return buffer;
}

/* The same with a line in the memory plan: its name and shape. */
static inline void *dlca_arena_take_named(DlcaArena *arena, const char *name, const char *shape, size_t count,
                                          size_t size) {
    if (!arena->base && arena->plan) {
        dlca_memory_plan_add(arena->plan, name, shape, (count * size + 63) & ~(size_t)63);
    }
    return dlca_arena_take(arena, count, size);
}

/* Ends measuring: allocates what was asked for, zeroed, and starts over. False when there is no memory. */
static inline int dlca_arena_allocate(DlcaArena *arena) {
    arena->base = aligned_alloc(64, arena->used ? arena->used : 64);
    if (arena->base) {
        memset(arena->base, 0, arena->used);
    }
    arena->used = 0;
    return arena->base != NULL;
}

static inline void dlca_arena_free(DlcaArena *arena) {
    free(arena->base);
    arena->base = NULL;
}

#endif
