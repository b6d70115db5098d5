/* wiring.c - draws the wires of one layer. */
#include "wiring.h"

static void swap(int32_t *values, int32_t i, int32_t j) {
    const int32_t kept = values[i];
    values[i] = values[j];
    values[j] = kept;
}

/* Appends the pairs (first, first+offset), (first+stride, ...), ... while they fit; returns the new count. */
static int32_t append_pairs(int32_t inputs, int32_t gates, int32_t first, int32_t stride, int32_t offset, int32_t count,
                            int32_t *wires) {
    for (int32_t i = first; i + offset < inputs && count < gates; i += stride) {
        wires[count] = i;
        wires[gates + count] = i + offset;
        count++;
    }
    return count;
}

void dlca_wire_unique(int32_t inputs, int32_t gates, DlcaDraw draw, int32_t *wires) {
    int32_t count = 0;
    while (count < gates && inputs > 1) {
        count = append_pairs(inputs, gates, 0, 2, 1, count, wires);
        count = append_pairs(inputs, gates, 1, 2, 1, count, wires);
        for (int32_t offset = 2; offset < inputs && count < gates; offset++) {
            count = append_pairs(inputs, gates, 0, 1, offset, count, wires);
        }
    }
    for (; count < gates; count++) { /* a single input has no pair but with itself */
        wires[count] = 0;
        wires[gates + count] = 0;
    }
    for (int32_t i = gates - 1; i > 0; i--) {
        const int32_t j = (int32_t)draw.below(draw.context, (uint32_t)i + 1);
        swap(wires, i, j);
        swap(wires + gates, i, j);
    }
}

void dlca_wire_random(int32_t inputs, int32_t gates, DlcaDraw draw, int32_t *wires) {
    /* All ends are dealt from one deck that goes round the inputs from a random start, then shuffled: the uses of two
     * inputs differ by one at most. */
    const int32_t ends = 2 * gates;
    const int32_t start = (int32_t)draw.below(draw.context, (uint32_t)inputs);
    for (int32_t i = 0; i < ends; i++) {
        wires[i] = (start + i) % inputs;
    }
    for (int32_t i = ends - 1; i > 0; i--) {
        swap(wires, i, (int32_t)draw.below(draw.context, (uint32_t)i + 1));
    }
}

void dlca_wire_neighbours(int32_t neighbours, int32_t centre, int32_t gates, int32_t *wires) {
    for (int32_t i = 0; i < gates; i++) {
        const int32_t around = neighbours > 1 ? i % (neighbours - 1) : 0;
        wires[i] = around < centre || neighbours == 1 ? around : around + 1;
        wires[gates + i] = centre;
    }
}
