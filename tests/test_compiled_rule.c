/* test_compiled_rule.c - a rule compiled by the system's compiler gives the cells of the built-in engine; without a
 * compiler it says so; nothing stays in the temporary folder. */
#include "../src/compiled_rule.h"

#include "random_circuit.h"
#include "scratch.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { HEIGHT = 150, WIDTH = 131, CHANNELS = 3 };

static DlcaPlanes *planes_with(const DlcaCircuit *rule, DlcaIsa isa, int32_t threads, int32_t steps,
                               bool asynchronous) {
    DlcaPlanesSetup setup = dlca_planes_setup(HEIGHT, WIDTH, CHANNELS, threads == 1);
    DlcaError error = {0};
    setup.isa = isa;
    setup.threads = threads;
    setup.steps_per_pass = steps;
    setup.asynchronous = asynchronous;
    setup.fire_rate = asynchronous ? 0.6 : 1;
    DlcaPlanes *planes = dlca_planes_create(&setup, rule, &error);
    cr_assert_not_null(planes, "%s", error.message);
    TestRandom random = test_random(3);
    for (int32_t y = 0; y < HEIGHT; y++) {
        uint8_t bits[WIDTH];
        for (int32_t c = 0; c < CHANNELS; c++) {
            for (int32_t x = 0; x < WIDTH; x++) {
                bits[x] = test_random_word(&random) & 1;
            }
            dlca_planes_set(planes, c, 0, y, WIDTH, bits, 1);
        }
    }
    return planes;
}

static void assert_same(const DlcaPlanes *left, const DlcaPlanes *right) {
    for (int32_t y = 0; y < HEIGHT; y++) {
        for (int32_t c = 0; c < CHANNELS; c++) {
            uint8_t a[WIDTH], b[WIDTH];
            dlca_planes_get(left, c, 0, y, WIDTH, a, 1);
            dlca_planes_get(right, c, 0, y, WIDTH, b, 1);
            cr_assert_arr_eq(a, b, WIDTH, "row %d, channel %d", y, c);
        }
    }
}

/* Rules as drawn, not optimized: constants, pass-throughs and inverters are among them. */
Test(compiled_rule, same_cells_for_every_word_size) {
    static const DlcaIsa sets[4] = {DLCA_ISA_SCALAR, DLCA_ISA_AVX2, DLCA_ISA_AVX512, DLCA_ISA_NEON};
    TestRandom random = test_random(9);
    DlcaCircuit rule = random_circuit(&random, 9 * CHANNELS, CHANNELS, 60, ANY_OPS);
    for (int32_t i = 0; i < 4; i++) {
        const DlcaIsa kernel_set = dlca_isa_usable(sets[i]) ? sets[i] : DLCA_ISA_SCALAR;
        DlcaPlanes *built_in = planes_with(&rule, DLCA_ISA_SCALAR, 1 + i % 2, 1, i == 1);
        DlcaPlanes *compiled = planes_with(&rule, kernel_set, 1 + i % 2, 1 + i, i == 1);
        DlcaCompiledRule made;
        DlcaError error = {0};
        if (!dlca_compiled_rule_create(&made, compiled, sets[i] == DLCA_ISA_NEON ? DLCA_ISA_NEON : kernel_set,
                                       &error)) {
            cr_assert(strstr(error.message, "no C compiler"), "%s", error.message);
        } else {
            cr_assert(dlca_planes_use_compiled(compiled, made.rows, &error), "%s", error.message);
            cr_assert(dlca_planes_plan(compiled).compiled);
            dlca_planes_run(built_in, 9);
            dlca_planes_run(compiled, 9);
            assert_same(built_in, compiled);
        }
        dlca_planes_free(built_in);
        dlca_planes_free(compiled);
        dlca_compiled_rule_free(&made);
    }
    dlca_circuit_free(&rule);
}

Test(compiled_rule, no_compiler_is_an_error_with_a_reason) {
    TestRandom random = test_random(9);
    DlcaCircuit rule = random_circuit(&random, 9 * CHANNELS, CHANNELS, 10, REAL_OPS);
    DlcaPlanes *planes = planes_with(&rule, DLCA_ISA_SCALAR, 1, 1, false);
    Scratch scratch = scratch_create();
    DlcaCompiledRule made;
    DlcaError error = {0};
    setenv("PATH", scratch.folder, 1);
    setenv("TMPDIR", scratch.folder, 1);
    cr_assert(!dlca_compiled_rule_create(&made, planes, DLCA_ISA_SCALAR, &error));
    cr_assert(strstr(error.message, "no C compiler"), "%s", error.message);
    cr_assert_null(made.library);
    cr_assert_eq(scratch_count(&scratch), 0);
    dlca_planes_free(planes);
    dlca_circuit_free(&rule);
    scratch_remove(&scratch);
}
