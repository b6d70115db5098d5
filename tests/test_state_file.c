/* test_state_file.c - a saved state comes back bit for bit; what is cut or changed is refused. */
#include "../src/state_file.h"

#include "random_circuit.h"
#include "scratch.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { HEIGHT = 70, WIDTH = 19, CHANNELS = 2 };

static DlcaPlanes *random_planes(const DlcaCircuit *rule) {
    const DlcaPlanesSetup setup = dlca_planes_setup(HEIGHT, WIDTH, CHANNELS, true);
    DlcaPlanes *planes = dlca_planes_create(&setup, rule, NULL);
    TestRandom random = test_random(4);
    cr_assert_not_null(planes);
    for (int32_t i = 0; i < HEIGHT * CHANNELS; i++) {
        uint8_t bits[WIDTH];
        for (int32_t x = 0; x < WIDTH; x++) {
            bits[x] = test_random_word(&random) & 1;
        }
        dlca_planes_set(planes, i % CHANNELS, 0, i / CHANNELS, WIDTH, bits, 1);
    }
    return planes;
}

Test(state_file, round_trip_and_damage) {
    TestRandom random = test_random(2);
    DlcaCircuit rule = random_circuit(&random, 9 * CHANNELS, CHANNELS, 20, REAL_OPS);
    DlcaPlanes *planes = random_planes(&rule), *back = random_planes(&rule);
    Scratch scratch = scratch_create();
    DlcaState state;
    DlcaError error = {0};
    size_t size;
    dlca_planes_run(planes, 5);
    const char *path = scratch_path(&scratch, "state");
    cr_assert(dlca_state_write(path, planes, HEIGHT, WIDTH, CHANNELS, &error), "%s", error.message);
    cr_assert(dlca_state_read(&state, path, &error), "%s", error.message);
    cr_assert(state.height == HEIGHT && state.width == WIDTH && state.channels == CHANNELS && state.step == 5);
    cr_assert(dlca_state_load(&state, back, &error));
    dlca_state_free(&state);
    cr_assert_eq(dlca_planes_step_count(back), 5);
    for (int32_t i = 0; i < HEIGHT * CHANNELS; i++) {
        uint8_t a[WIDTH], b[WIDTH];
        dlca_planes_get(planes, i % CHANNELS, 0, i / CHANNELS, WIDTH, a, 1);
        dlca_planes_get(back, i % CHANNELS, 0, i / CHANNELS, WIDTH, b, 1);
        cr_assert_arr_eq(a, b, WIDTH);
    }
    uint8_t *data = scratch_read(path, &size);
    for (size_t cut = 0; cut < size; cut += 3) {
        cr_assert(!dlca_state_parse(data, cut, "state", &state, &error));
        cr_assert_eq(error.kind, DLCA_BAD_INPUT);
        cr_assert_null(state.packed);
    }
    char *width = memmem(data, size, "\"19\"", 4);
    cr_assert_not_null(width);
    width[1] = '9';
    cr_assert(!dlca_state_parse(data, size, "state", &state, &error));
    cr_assert(strstr(error.message, "impossible size"), "%s", error.message);
    free(data);
    dlca_planes_free(planes);
    dlca_planes_free(back);
    dlca_circuit_free(&rule);
    scratch_remove(&scratch);
}
