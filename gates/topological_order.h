/* topological_order.h - an order in which everything comes after what it reads, or the news that there is none. */
#ifndef DLCA_TOPOLOGICAL_ORDER_H
#define DLCA_TOPOLOGICAL_ORDER_H

#include <stdbool.h>
#include <stdint.h>

/* Node i reads nodes read[first[i]] .. read[first[i + 1] - 1]. Writes order [nodes]; `scratch` [3 * nodes]. False when
 * nodes read each other in a circle: *on_circle is one of them. */
bool dlca_topological_order(int32_t nodes, const int32_t *first, const int32_t *read, int32_t *order, int32_t *scratch,
                            int32_t *on_circle);

#endif
