/* topological_order.c - depth-first, with a stack of our own: a file must not decide how deep the machine's goes. */
#include "topological_order.h"

typedef enum State { NEW, OPEN, DONE } State;

bool dlca_topological_order(int32_t nodes, const int32_t *first, const int32_t *read, int32_t *order, int32_t *scratch,
                            int32_t *on_circle) {
    int32_t *state = scratch, *next = scratch + nodes, *stack = scratch + 2 * (int64_t)nodes;
    int32_t done = 0;
    for (int32_t i = 0; i < nodes; i++) {
        state[i] = NEW;
        next[i] = first[i];
    }
    for (int32_t root = 0; root < nodes; root++) {
        int32_t depth = 0;
        if (state[root] == NEW) {
            state[root] = OPEN;
            stack[depth++] = root;
        }
        while (depth > 0) {
            const int32_t node = stack[depth - 1];
            if (next[node] == first[node + 1]) {
                state[node] = DONE;
                order[done++] = node;
                depth--;
                continue;
            }
            const int32_t other = read[next[node]++];
            if (state[other] == OPEN) {
                *on_circle = other;
                return false;
            }
            if (state[other] == NEW) {
                state[other] = OPEN;
                stack[depth++] = other;
            }
        }
    }
    return true;
}
