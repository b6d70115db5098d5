/* memory_plan.h - what training takes: each buffer with its shape and bytes, known before anything is allocated.
 *
 * Leaves alone: allocating (arena.h), and where the plan is shown. */
#ifndef DLCA_MEMORY_PLAN_H
#define DLCA_MEMORY_PLAN_H

#include <stddef.h>
#include <stdint.h>

typedef struct DlcaMemoryItem {
    const char *name;  /* "states" */
    const char *shape; /* "[steps kept][channel][cell]", a constant */
    size_t bytes;
} DlcaMemoryItem;

enum { DLCA_MEMORY_ITEMS = 48 };

typedef struct DlcaMemoryPlan {
    DlcaMemoryItem item[DLCA_MEMORY_ITEMS];
    int32_t items;
    size_t bytes;             /* of all */
    size_t free_bytes;        /* that a device has for it; 0: the processor's */
    int32_t threads;          /* that will work */
    int32_t checkpoint_every; /* K; the number of steps when all states are kept */
} DlcaMemoryPlan;

static inline void dlca_memory_plan_add(DlcaMemoryPlan *plan, const char *name, const char *shape, size_t bytes) {
    if (plan->items < DLCA_MEMORY_ITEMS) {
        plan->item[plan->items++] = (DlcaMemoryItem){name, shape, bytes};
    }
    plan->bytes += bytes;
}

#endif
