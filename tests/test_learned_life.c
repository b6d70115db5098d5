/* test_learned_life.c - a learned Life is Life: a glider gun for 10 000 generations, on sizes that are multiples of no
 * word, cell for cell.
 *
 * tests/golden/learned_life.json is what `./train_life --seed 1` learned, 197 gates; it runs as it is and made small.
 */
#include "../gates/circuit_json.h"
#include "../gates/counting.h"
#include "../src/pattern.h"
#include "../src/planes.h"
#include "scratch.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { GENERATIONS = 10000, LOOKS = 40 };

static DlcaCircuit learned_life(void) {
    size_t size;
    uint8_t *text = scratch_read("tests/golden/learned_life.json", &size);
    DlcaCircuit circuit;
    DlcaError error = {0};
    cr_assert(dlca_circuit_from_json((const char *)text, size, "learned_life.json", &circuit, NULL, &error), "%s",
              error.message);
    free(text);
    return circuit;
}

/* Bytes with a border of one cell around them, and the plainest generation. */
typedef struct Life {
    int32_t height, width;
    bool periodic;
    uint8_t *now, *next; /* [height + 2][width + 2] */
} Life;

static uint8_t *life_row(const Life *life, uint8_t *cells, int32_t y) {
    return cells + (size_t)(y + 1) * (size_t)(life->width + 2) + 1;
}

static void fill_border(Life *life) {
    for (int32_t y = 0; life->periodic && y < life->height; y++) {
        uint8_t *row = life_row(life, life->now, y);
        row[-1] = row[life->width - 1];
        row[life->width] = row[0];
    }
    const size_t bytes = (size_t)life->width + 2;
    if (life->periodic) {
        memcpy(life_row(life, life->now, -1) - 1, life_row(life, life->now, life->height - 1) - 1, bytes);
        memcpy(life_row(life, life->now, life->height) - 1, life_row(life, life->now, 0) - 1, bytes);
    }
}

static void generation(Life *life) {
    fill_border(life);
    for (int32_t y = 0; y < life->height; y++) {
        const uint8_t *above = life_row(life, life->now, y - 1), *row = life_row(life, life->now, y),
                      *below = life_row(life, life->now, y + 1);
        uint8_t *next = life_row(life, life->next, y);
        for (int32_t x = 0; x < life->width; x++) {
            const int around = above[x - 1] + above[x] + above[x + 1] + row[x - 1] + row[x + 1] + below[x - 1] +
                               below[x] + below[x + 1];
            next[x] = around == 3 || (around == 2 && row[x]);
        }
    }
    uint8_t *old = life->now;
    life->now = life->next;
    life->next = old;
}

static void assert_equal(const DlcaPlanes *planes, Life *life, int64_t step) {
    uint8_t *row = malloc((size_t)life->width);
    for (int32_t y = 0; y < life->height; y++) {
        dlca_planes_get(planes, 0, 0, y, life->width, row, 1);
        cr_assert_arr_eq(row, life_row(life, life->now, y), (size_t)life->width, "%dx%d, generation %lld, row %d",
                         life->width, life->height, (long long)step, y);
    }
    free(row);
}

static DlcaCircuit small_life(void) {
    DlcaCircuit learned = learned_life(), small;
    cr_assert(dlca_circuit_smallest(&small, &learned, 20, NULL));
    dlca_circuit_free(&learned);
    return small;
}

static void run_gun(int32_t height, int32_t width, bool periodic, DlcaIsa isa, int32_t steps_per_pass) {
    DlcaCircuit rule = width % 2 ? learned_life() : small_life();
    DlcaError error = {0};
    DlcaPattern gun;
    size_t size;
    uint8_t *text = scratch_read("data/gosper_glider_gun.rle", &size);
    cr_assert(dlca_pattern_parse(text, size, 1, "gun", &gun, &error), "%s", error.message);
    const size_t bytes = (size_t)(height + 2) * (size_t)(width + 2);
    Life life = {height, width, periodic, calloc(bytes, 1), calloc(bytes, 1)};
    DlcaPlanesSetup setup = dlca_planes_setup(height, width, 1, periodic);
    setup.isa = isa;
    setup.threads = 1;
    setup.steps_per_pass = steps_per_pass;
    DlcaPlanes *planes = dlca_planes_create(&setup, &rule, &error);
    cr_assert_not_null(planes, "%s", error.message);
    for (int32_t y = 0; y < gun.height; y++) {
        memcpy(life_row(&life, life.now, y + 5) + 7, gun.bits + y * gun.width, (size_t)gun.width);
        dlca_planes_set(planes, 0, 7, y + 5, gun.width, gun.bits + y * gun.width, 1);
    }
    for (int64_t step = 0; step < GENERATIONS; step += GENERATIONS / LOOKS) {
        for (int32_t i = 0; i < GENERATIONS / LOOKS; i++) {
            generation(&life);
        }
        dlca_planes_run(planes, GENERATIONS / LOOKS);
        assert_equal(planes, &life, step + GENERATIONS / LOOKS);
    }
    dlca_planes_free(planes);
    dlca_pattern_free(&gun);
    dlca_circuit_free(&rule);
    free(life.now);
    free(life.next);
    free(text);
}

Test(learned_life, glider_gun_equals_life_on_odd_sizes) {
    run_gun(83, 101, false, dlca_isa_best(), 0);
    run_gun(131, 66, true, dlca_isa_best(), 2);
    run_gun(61, 90, false, dlca_isa_best(), 0);
    run_gun(77, 129, false, DLCA_ISA_SCALAR, 0);
}

Test(learned_life, is_life_for_every_neighbourhood) {
    DlcaCircuit rule = learned_life();
    uint64_t *values = calloc((size_t)rule.inputs + (size_t)rule.gates, sizeof *values);
    for (int32_t state = 0; state < 512; state++) {
        int32_t around = 0;
        for (int32_t i = 0; i < 9; i++) {
            values[i] = (uint64_t)(state >> i & 1);
            around += i != DLCA_CENTRE && (state >> i & 1);
        }
        dlca_circuit_evaluate(&rule, values);
        const uint64_t expected = around == 3 || (around == 2 && (state >> DLCA_CENTRE & 1));
        cr_assert_eq(values[rule.output[0]] & 1, expected);
    }
    free(values);
    dlca_circuit_free(&rule);
}
