/* test_schedule.c - the orders that the kernels walk: every gate once, and flags right when they are simulated. */
#include "../gates/schedule.h"
#include "random_circuit.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 300 };

typedef struct Layer {
    int32_t inputs, gates;
    int32_t wires[2 * MOST];
    DlcaStep steps[MOST];
    int32_t order[MOST];
    uint8_t swapped[MOST];
} Layer;

static void random_layer(Layer *layer, TestRandom *random) {
    layer->inputs = 1 + test_random_below(random, MOST);
    layer->gates = 1 + test_random_below(random, MOST);
    const int32_t used = 1 + test_random_below(random, layer->inputs); /* the others are isolated */
    for (int32_t e = 0; e < 2 * layer->gates; e++) {
        layer->wires[e] = test_random_below(random, used);
    }
    for (int32_t g = 0; g < layer->gates; g += 7) { /* self-loops are common where both ends are drawn */
        layer->wires[layer->gates + g] = layer->wires[g];
    }
}

static void schedule(Layer *layer) {
    DlcaError error = {0};
    cr_assert(dlca_schedule_trails(layer->inputs, layer->gates, layer->wires, layer->steps,
                                   (DlcaTrails){layer->order, layer->swapped}, &error));
}

/* Walks as the backward kernel does. stored[i]: input i's gradient row has a value. parts[i]: gate ends in it. */
static void expect_flags_right(const Layer *layer) {
    bool stored[MOST] = {false};
    int32_t parts[MOST] = {0}, expected[MOST] = {0}, carried = 0, last_far = -1;
    for (int32_t s = 0; s < layer->gates; s++) {
        const DlcaStep step = layer->steps[s];
        if (step.flags & DLCA_STEP_FRESH) {
            cr_assert(s == 0 || layer->steps[s - 1].flags & DLCA_STEP_LAST, "step %d: the last trail had no end", s);
            carried = 0;
        } else {
            cr_assert_eq(step.near, last_far, "step %d reads another row than the last one called far", s);
        }
        cr_assert_eq((step.flags & DLCA_STEP_NEAR_ADDS) != 0, stored[step.near], "step %d, near", s);
        stored[step.near] = true;
        parts[step.near] += carried + 1;
        carried = 1;
        last_far = step.far;
        if (step.flags & DLCA_STEP_LAST) {
            cr_assert_eq((step.flags & DLCA_STEP_FAR_ADDS) != 0, stored[step.far], "step %d, far", s);
            stored[step.far] = true;
            parts[step.far] += carried;
            carried = 0;
        }
    }
    cr_assert(layer->steps[layer->gates - 1].flags & DLCA_STEP_LAST);
    for (int32_t e = 0; e < 2 * layer->gates; e++) {
        expected[layer->wires[e]]++;
    }
    cr_assert_arr_eq(parts, expected, sizeof parts, "an input's gradient lacks a gate's part, or has one twice");
}

static void expect_every_gate_once(const Layer *layer) {
    bool seen[MOST] = {false};
    for (int32_t s = 0; s < layer->gates; s++) {
        const DlcaStep step = layer->steps[s];
        const int32_t gate = layer->order[s], a = layer->wires[gate], b = layer->wires[layer->gates + gate];
        cr_assert(!seen[gate]);
        seen[gate] = true;
        cr_assert_eq(step.out, gate);
        cr_assert(layer->swapped[s] ? step.near == b && step.far == a : step.near == a && step.far == b);
    }
}

Test(schedule, trails) {
    TestRandom random = test_random(5);
    static Layer layer;
    for (int round = 0; round < 300; round++) {
        random_layer(&layer, &random);
        schedule(&layer);
        expect_every_gate_once(&layer);
        expect_flags_right(&layer);
    }
}

Test(schedule, a_ring_is_one_trail) {
    static Layer layer = {.inputs = 50, .gates = 50};
    for (int32_t g = 0; g < 50; g++) {
        layer.wires[g] = g * 7 % 50;
        layer.wires[50 + g] = (g * 7 + 1) % 50;
    }
    schedule(&layer);
    for (int32_t s = 1; s < 50; s++) {
        cr_assert_not(layer.steps[s].flags & DLCA_STEP_FRESH);
    }
}

Test(schedule, rows_lie_in_the_order_of_first_use) {
    TestRandom random = test_random(6);
    static Layer layer;
    for (int round = 0; round < 100; round++) {
        random_layer(&layer, &random);
        schedule(&layer);
        int32_t place[MOST], next = 0;
        bool taken[MOST] = {false};
        dlca_schedule_first_use(layer.inputs, layer.gates, layer.steps, place);
        for (int32_t s = 0; s < layer.gates; s++) {
            const int32_t ends[2] = {place[layer.steps[s].near], place[layer.steps[s].far]};
            for (int e = 0; e < 2; e++) {
                cr_assert_leq(ends[e], next, "step %d reads a row further on than the next new one", s);
                next += ends[e] == next;
            }
        }
        for (int32_t i = 0; i < layer.inputs; i++) {
            cr_assert(place[i] >= 0 && place[i] < layer.inputs && !taken[place[i]]);
            taken[place[i]] = true;
        }
    }
}

Test(schedule, pairs) {
    TestRandom random = test_random(7);
    static Layer layer;
    static DlcaPair pairs[MOST];
    for (int round = 0; round < 200; round++) {
        uint8_t stored[MOST], seen[MOST];
        int32_t reversed[MOST];
        random_layer(&layer, &random);
        for (int32_t i = 0; i < MOST; i++) {
            stored[i] = seen[i] = round % 3 == 0 || (round % 3 == 1 && i == 4);
            reversed[i] = layer.gates - 1 - i;
        }
        const int32_t *order = round % 2 ? reversed : NULL;
        dlca_schedule_pairs(layer.gates, layer.wires, order, seen, pairs);
        for (int32_t i = 0; i < layer.gates; i++) {
            const int32_t g = order ? order[i] : i;
            cr_assert(pairs[i].a == layer.wires[g] && pairs[i].b == layer.wires[layer.gates + g] && pairs[i].out == g);
            cr_assert_eq((pairs[i].flags & DLCA_PAIR_A_ADDS) != 0, stored[pairs[i].a]);
            stored[pairs[i].a] = 1;
            cr_assert_eq((pairs[i].flags & DLCA_PAIR_B_ADDS) != 0, stored[pairs[i].b]);
            stored[pairs[i].b] = 1;
        }
        cr_assert_arr_eq(seen, stored, sizeof seen);
    }
}

/* Layers in turn over the same rows: a row must hold an input until its last reader has read it. */
Test(schedule, outputs_in_place) {
    TestRandom random = test_random(8);
    static Layer layer;
    for (int round = 0; round < 100; round++) {
        int32_t row_of[MOST], out_row[MOST], left[MOST], spare[2 * MOST], holds[2 * MOST], most = 0;
        uint8_t taken[2 * MOST];
        DlcaRows rows = {.row_of = row_of, .left = left, .spare = spare, .taken = taken};
        for (int depth = 0; depth < 5; depth++) {
            const int32_t before = layer.gates;
            random_layer(&layer, &random);
            if (depth > 0) { /* reads the gates of the layer before */
                layer.inputs = before;
                for (int32_t e = 0; e < 2 * layer.gates; e++) {
                    layer.wires[e] %= before;
                }
            } else {
                rows.count = layer.inputs;
            }
            schedule(&layer);
            for (int32_t i = 0; i < layer.inputs; i++) {
                row_of[i] = depth > 0 ? out_row[i] : i;
                holds[row_of[i]] = i;
            }
            most = layer.inputs + layer.gates > most ? layer.inputs + layer.gates : most;
            dlca_schedule_in_place(layer.inputs, layer.gates, layer.steps, &rows, out_row);
            for (int32_t s = 0; s < layer.gates; s++) {
                cr_assert_eq(holds[row_of[layer.steps[s].near]], layer.steps[s].near);
                cr_assert_eq(holds[row_of[layer.steps[s].far]], layer.steps[s].far);
                holds[out_row[layer.steps[s].out]] = -1 - layer.steps[s].out;
            }
            for (int32_t g = 0; g < layer.gates; g++) {
                cr_assert_eq(holds[out_row[g]], -1 - g, "an output was overwritten");
            }
            cr_assert_leq(rows.count, most);
        }
    }
}

Test(schedule, trees) {
    int32_t first[16], second[8] = {2, 0, 4, 6, 3, 1, 5, 7}, third[4] = {1, 0, 3, 2}, fourth[2] = {1, 0};
    int32_t *wires[4] = {first, second, third, fourth}, order[4][8];
    const int32_t gates[4] = {8, 4, 2, 1}, odd[4] = {8, 4, 3, 1};
    for (int32_t i = 0; i < 8; i++) {
        first[i] = i < 4 ? i : i + 1;
        first[8 + i] = 4;
    }
    for (int32_t layers = 3; layers <= 4; layers++) {
        cr_assert(dlca_schedule_tree(layers, gates, wires, 4, order));
        for (int32_t l = 1; l < layers; l++) {
            for (int32_t i = 0; i < gates[l]; i++) {
                cr_assert_eq(order[l - 1][2 * i], wires[l][order[l][i]]);
                cr_assert_eq(order[l - 1][2 * i + 1], wires[l][gates[l] + order[l][i]]);
            }
        }
    }
    cr_assert_not(dlca_schedule_tree(2, gates, wires, 4, order));
    cr_assert_not(dlca_schedule_tree(4, odd, wires, 4, order));
    cr_assert_not(dlca_schedule_tree(4, gates, wires, 3, order), "another centre");
    second[1] = 2;
    cr_assert_not(dlca_schedule_tree(4, gates, wires, 4, order), "a gate that is read twice");
}
