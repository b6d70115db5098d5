/* test_wiring.c - the pairs of unique wiring as a multiset, the balance of random wiring, the first perception layer.
 */
#include "../gates/wiring.h"
#include "random_circuit.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static uint32_t draw_below(void *context, uint32_t bound) {
    return (uint32_t)test_random_below(context, (int32_t)bound);
}

static int by_value(const void *a, const void *b) {
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int64_t pair(int32_t a, int32_t b) {
    return (int64_t)a << 32 | b;
}

/* The first `gates` pairs as DESIGN lists them, written as a list of all pairs in order, from the beginning again when
 * it ends. */
static void published_pairs(int32_t inputs, int32_t gates, int64_t *pairs) {
    int64_t *all = malloc(sizeof *all * (size_t)inputs * (size_t)inputs);
    int32_t count = 0;
    for (int32_t start = 0; start < 2; start++) {
        for (int32_t i = start; i + 1 < inputs; i += 2) {
            all[count++] = pair(i, i + 1);
        }
    }
    for (int32_t apart = 2; apart < inputs; apart++) {
        for (int32_t i = 0; i + apart < inputs; i++) {
            all[count++] = pair(i, i + apart);
        }
    }
    for (int32_t g = 0; g < gates; g++) {
        pairs[g] = count ? all[g % count] : pair(0, 0);
    }
    free(all);
}

static void expect_published(int32_t inputs, int32_t gates, TestRandom *random) {
    int32_t *wires = malloc(sizeof *wires * 2 * (size_t)gates);
    int64_t *drawn = malloc(sizeof *drawn * (size_t)gates), *expected = malloc(sizeof *expected * (size_t)gates);
    dlca_wire_unique(inputs, gates, (DlcaDraw){draw_below, random}, wires);
    for (int32_t g = 0; g < gates; g++) {
        drawn[g] = pair(wires[g], wires[gates + g]);
    }
    published_pairs(inputs, gates, expected);
    qsort(drawn, (size_t)gates, sizeof *drawn, by_value);
    qsort(expected, (size_t)gates, sizeof *expected, by_value);
    cr_assert_arr_eq(drawn, expected, sizeof *drawn * (size_t)gates, "%d inputs, %d gates", inputs, gates);
    free(expected);
    free(drawn);
    free(wires);
}

Test(wiring, unique_has_the_published_pairs) {
    TestRandom random = test_random(1);
    const int32_t shapes[][2] = {{264, 256}, {256, 128}, {16, 8}, {9, 8}, {8, 4}, {2, 1}, {17, 128}, {5, 3},
                                 {6, 15},    {6, 16},    {6, 47}, {3, 7}, {2, 5}, {1, 4}, {640, 512}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        expect_published(shapes[i][0], shapes[i][1], &random);
    }
}

Test(wiring, unique_shuffles_the_gates) {
    TestRandom random = test_random(2);
    int32_t first[2 * 64], second[2 * 64], in_order = 0;
    dlca_wire_unique(128, 64, (DlcaDraw){draw_below, &random}, first);
    dlca_wire_unique(128, 64, (DlcaDraw){draw_below, &random}, second);
    cr_assert_arr_neq(first, second, sizeof first);
    for (int32_t g = 1; g < 64; g++) {
        in_order += first[g] > first[g - 1];
    }
    cr_assert(in_order > 16 && in_order < 48, "%d of 63 in order", in_order);
}

Test(wiring, random_is_balanced) {
    TestRandom random = test_random(3);
    for (int round = 0; round < 200; round++) {
        const int32_t inputs = 1 + test_random_below(&random, 60), gates = 1 + test_random_below(&random, 100);
        int32_t wires[200], uses[60] = {0};
        dlca_wire_random(inputs, gates, (DlcaDraw){draw_below, &random}, wires);
        for (int32_t e = 0; e < 2 * gates; e++) {
            cr_assert(wires[e] >= 0 && wires[e] < inputs);
            uses[wires[e]]++;
        }
        for (int32_t i = 0; i < inputs; i++) {
            const int32_t least = 2 * gates / inputs;
            cr_assert(uses[i] == least || uses[i] == least + 1, "input %d is used %d times of %d", i, uses[i], least);
        }
    }
}

Test(wiring, random_mixes_both_ends) {
    TestRandom random = test_random(4);
    int32_t wires[2 * 512], first_half = 0, same = 0;
    dlca_wire_random(64, 512, (DlcaDraw){draw_below, &random}, wires);
    for (int32_t g = 0; g < 512; g++) {
        first_half += wires[g] < 32;
        same += wires[g] == wires[512 + g];
    }
    cr_assert(first_half > 190 && first_half < 322, "%d of 512 inputs a are from the first half", first_half);
    cr_assert(same > 0 && same < 40, "%d gates read one input twice; about 8 are expected", same);
}

Test(wiring, neighbours_pair_with_the_centre) {
    int32_t wires[2 * 10];
    const int32_t expected[10] = {0, 1, 2, 3, 5, 6, 7, 8, 0, 1};
    dlca_wire_neighbours(9, 4, 10, wires);
    for (int32_t g = 0; g < 10; g++) {
        cr_assert_eq(wires[g], expected[g]);
        cr_assert_eq(wires[10 + g], 4);
    }
}
