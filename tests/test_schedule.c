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
        const bool all_add = round % 2;
        uint8_t scratch[MOST];
        bool stored[MOST];
        random_layer(&layer, &random);
        memset(stored, all_add, sizeof stored);
        dlca_schedule_pairs(layer.inputs, layer.gates, layer.wires, all_add, scratch, pairs);
        for (int32_t g = 0; g < layer.gates; g++) {
            cr_assert(pairs[g].a == layer.wires[g] && pairs[g].b == layer.wires[layer.gates + g] && pairs[g].out == g);
            cr_assert_eq((pairs[g].flags & DLCA_PAIR_A_ADDS) != 0, stored[pairs[g].a]);
            stored[pairs[g].a] = true;
            cr_assert_eq((pairs[g].flags & DLCA_PAIR_B_ADDS) != 0, stored[pairs[g].b]);
            stored[pairs[g].b] = true;
        }
    }
}
