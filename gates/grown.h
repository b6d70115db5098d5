/* grown.h - arrays that grow by one element at a time, as a file is read: memory follows what was really there. */
#ifndef DLCA_GROWN_H
#define DLCA_GROWN_H

#include <stdint.h>
#include <stdlib.h>

/* The array with room for one more than `count` elements; storage doubles. NULL when there is no memory: the old array
 * is still there then. */
static inline void *dlca_grown(void *array, int32_t count, size_t element) {
    const int full = count == 0 || (count & (count - 1)) == 0;
    return full ? realloc(array, (count ? 2 * (size_t)count : 1) * element) : array;
}

#endif
