/* test_kernels.c - the layer kernels: scalar against the formulae in double, every other instruction set against scalar
 * to the bit, on odd counts, with pages that must not be touched on either side of every buffer. */
#include "../gates/schedule.h"
#include "../src/backend.h"
#include "guard.h"
#include "random_circuit.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ROWS = 40, MOST_GATES = 60, MOST_VECTORS = 9 };

static float random_float(TestRandom *random, float low, float high) {
    return low + (high - low) * (float)(test_random_word(random) >> 40) * 0x1p-24f;
}

/* Buffers by name, so that a case can be run by several kernels from the same bytes. */
enum { IN, COEFFICIENTS, OUT_GRADIENT, OUT, IN_GRADIENT, SUMS, BUFFERS };

typedef struct Case {
    DlcaStep steps[MOST_GATES];
    DlcaPair pairs[MOST_GATES];
    int32_t inputs, gates;
    DlcaLanes lanes;            /* that are computed; of a narrow row the first `vectors` x 16 */
    size_t in_pitch, out_pitch; /* floats from row to row */
    size_t size[BUFFERS];
    float *start[BUFFERS];
} Case;

static void wire_case(Case *test, TestRandom *random) {
    int32_t wires[2 * MOST_GATES], order[MOST_GATES];
    uint8_t bytes[MOST_GATES], seen[MOST_ROWS];
    DlcaError error = {0};
    test->inputs = 1 + test_random_below(random, MOST_ROWS);
    test->gates = 1 + test_random_below(random, MOST_GATES);
    for (int32_t e = 0; e < 2 * test->gates; e++) {
        wires[e] = test_random_below(random, test->inputs);
    }
    cr_assert(dlca_schedule_trails(test->inputs, test->gates, wires, test->steps, (DlcaTrails){order, bytes}, &error));
    for (int32_t s = 0; s < test->gates; s++) {
        test->steps[s].near *= DLCA_TILE;
        test->steps[s].far *= DLCA_TILE;
        test->steps[s].out *= DLCA_TILE;
    }
    memset(seen, test_random_below(random, 2), sizeof seen);
    dlca_schedule_pairs(test->gates, wires, NULL, seen, test->pairs);
}

/* Input gradients start as NaN in some cases: an addition to a row that was never stored would show. */
static Case random_case(TestRandom *random, bool wide) {
    Case test = {0};
    wire_case(&test, random);
    test.lanes.vectors = 1 + test_random_below(random, wide ? MOST_VECTORS : DLCA_TILE / 16);
    test.lanes.apart = wide && test_random_below(random, 2) ? DLCA_TILE : 16;
    const size_t end = (size_t)(test.lanes.vectors - 1) * (size_t)test.lanes.apart + 16;
    test.in_pitch = wide ? end + (size_t)test_random_below(random, 40) : DLCA_TILE;
    test.out_pitch = wide ? end + (size_t)test_random_below(random, 40) : DLCA_TILE;
    test.size[IN] = test.size[IN_GRADIENT] = (size_t)(test.inputs - 1) * test.in_pitch + end;
    test.size[OUT] = test.size[OUT_GRADIENT] = (size_t)(test.gates - 1) * test.out_pitch + end;
    test.size[COEFFICIENTS] = (size_t)test.gates * 4;
    test.size[SUMS] = dlca_sum_at((size_t)test.gates + 3 - ((size_t)test.gates + 3) % 4, 0);
    for (int buffer = 0; buffer < BUFFERS; buffer++) {
        const float low = buffer == IN ? 0.0f : -2.0f, high = buffer == IN ? 1.0f : 2.0f;
        test.start[buffer] = malloc(test.size[buffer] * sizeof(float));
        for (size_t i = 0; i < test.size[buffer]; i++) {
            test.start[buffer][i] = random_float(random, low, high);
        }
    }
    for (size_t i = 0; !wide && i < test.size[IN_GRADIENT]; i++) {
        test.start[IN_GRADIENT][i] = NAN;
    }
    return test;
}

/* Where computed lane i of a row lies in it, and how many there are. */
static size_t place_of(const Case *test, int32_t i) {
    return (size_t)(i / 16) * (size_t)test->lanes.apart + (size_t)(i % 16);
}

static int32_t lanes_of(const Case *test) {
    return test->lanes.vectors * 16;
}

static void free_case(Case *test) {
    for (int buffer = 0; buffer < BUFFERS; buffer++) {
        free(test->start[buffer]);
    }
}

typedef void Run(const DlcaKernels *kernels, const Case *test, float *const at[BUFFERS]);

static void run_layer(const DlcaKernels *kernels, const Case *test, float *const at[BUFFERS]) {
    kernels->forward_layer(test->steps, test->gates, at[COEFFICIENTS], at[IN], at[OUT], test->lanes.vectors);
    kernels->backward_layer(test->steps, test->gates, at[COEFFICIENTS], at[IN], at[OUT_GRADIENT], at[IN_GRADIENT],
                            at[SUMS], test->lanes.vectors);
}

static void run_rows(const DlcaKernels *kernels, const Case *test, float *const at[BUFFERS]) {
    kernels->forward_rows(test->pairs, test->gates, at[COEFFICIENTS], at[IN], test->in_pitch, at[OUT], test->out_pitch,
                          test->lanes);
    kernels->backward_rows(test->pairs, test->gates, at[COEFFICIENTS], at[IN], test->in_pitch, at[OUT_GRADIENT],
                           test->out_pitch, at[IN_GRADIENT], test->in_pitch, test->lanes, at[SUMS]);
}

/* Runs on copies between guard pages; result[b] takes what buffer b holds afterwards. */
static void run_guarded(const DlcaKernels *kernels, const Case *test, Run *run, GuardSide side,
                        float *result[BUFFERS]) {
    GuardedFloats guarded[BUFFERS];
    float *at[BUFFERS];
    for (int buffer = 0; buffer < BUFFERS; buffer++) {
        guarded[buffer] = guarded_floats(test->size[buffer], side);
        at[buffer] = guarded[buffer].values;
        memcpy(at[buffer], test->start[buffer], test->size[buffer] * sizeof(float));
    }
    run(kernels, test, at);
    for (int buffer = 0; buffer < BUFFERS; buffer++) {
        result[buffer] = malloc(test->size[buffer] * sizeof(float));
        memcpy(result[buffer], at[buffer], test->size[buffer] * sizeof(float));
        guarded_free(&guarded[buffer]);
    }
}

static void expect_same(const Case *test, float *const result[BUFFERS], float *const expected[BUFFERS], int isa) {
    for (int buffer = 0; buffer < BUFFERS; buffer++) {
        cr_assert_arr_eq(result[buffer], expected[buffer], test->size[buffer] * sizeof(float),
                         "%s: buffer %d differs from scalar (%d inputs, %d gates, %d vectors %d apart)",
                         dlca_isa_name((DlcaIsa)isa), buffer, test->inputs, test->gates, test->lanes.vectors,
                         test->lanes.apart);
    }
}

static void compare_with_scalar(bool wide, Run *run) {
    TestRandom random = test_random(wide ? 21 : 20);
    for (int round = 0; round < 120; round++) {
        Case test = random_case(&random, wide);
        float *expected[BUFFERS], *result[BUFFERS];
        run_guarded(dlca_kernels_scalar(), &test, run, GUARD_BEHIND, expected);
        for (int isa = 0; isa < DLCA_ISA_COUNT; isa++) {
            for (int side = GUARD_BEHIND; dlca_isa_usable((DlcaIsa)isa) && side <= GUARD_BEFORE; side++) {
                run_guarded(dlca_kernels_for((DlcaIsa)isa), &test, run, (GuardSide)side, result);
                expect_same(&test, result, expected, isa);
                for (int buffer = 0; buffer < BUFFERS; buffer++) {
                    free(result[buffer]);
                }
            }
        }
        for (int buffer = 0; buffer < BUFFERS; buffer++) {
            free(expected[buffer]);
        }
        free_case(&test);
    }
}

Test(kernels, narrow_layers_equal_scalar_to_the_bit) {
    compare_with_scalar(false, run_layer);
}

Test(kernels, wide_layers_equal_scalar_to_the_bit) {
    compare_with_scalar(true, run_rows);
}

/* ---- scalar against the formulae in double ---- */

static void expect_near(double value, double expected, double bound, const char *what, int32_t row) {
    cr_assert_lt(fabs(value - expected), bound, "%s %d: %g, in double %g", what, row, value, expected);
}

static void expect_forward(const Case *test, float *const result[BUFFERS], int32_t s, int32_t a, int32_t b,
                           int32_t out) {
    const float *c = test->start[COEFFICIENTS] + 4 * s;
    for (int32_t lane = 0; lane < lanes_of(test); lane++) {
        const size_t at = place_of(test, lane);
        const double x = (double)test->start[IN][(size_t)a * test->in_pitch + at];
        const double y = (double)test->start[IN][(size_t)b * test->in_pitch + at];
        const double expected = (double)c[0] + (double)c[1] * x + (double)c[2] * y + (double)c[3] * x * y;
        expect_near((double)result[OUT][(size_t)out * test->out_pitch + at], expected, 2e-6, "output", out);
    }
}

/* Adds gate s to gradient [inputs][lanes] and expects its four sums. */
static void expect_sums(const Case *test, float *const result[BUFFERS], int32_t s, int32_t a, int32_t b, int32_t out,
                        double *gradient) {
    const float *c = test->start[COEFFICIENTS] + 4 * s;
    const int32_t lanes = lanes_of(test);
    double sums[4];
    for (int j = 0; j < 4; j++) {
        sums[j] = (double)test->start[SUMS][dlca_sum_at((size_t)s, (size_t)j)];
    }
    for (int32_t lane = 0; lane < lanes; lane++) {
        const size_t at = place_of(test, lane);
        const double x = (double)test->start[IN][(size_t)a * test->in_pitch + at];
        const double y = (double)test->start[IN][(size_t)b * test->in_pitch + at];
        const double g = (double)test->start[OUT_GRADIENT][(size_t)out * test->out_pitch + at];
        gradient[a * lanes + lane] += g * ((double)c[1] + (double)c[3] * y);
        gradient[b * lanes + lane] += g * ((double)c[2] + (double)c[3] * x);
        sums[0] += g;
        sums[1] += g * x;
        sums[2] += g * y;
        sums[3] += g * x * y;
    }
    for (int j = 0; j < 4; j++) {
        expect_near((double)result[SUMS][dlca_sum_at((size_t)s, (size_t)j)], sums[j], 1e-4, "sum of gate", s);
    }
}

/* Rows that no gate reads keep what was there; others: `before` is what the flags say was in them. */
static void expect_gradients(const Case *test, float *const result[BUFFERS], const double *gradient, const bool *used) {
    const int32_t lanes = lanes_of(test);
    for (int32_t i = 0; i < test->inputs * lanes; i++) {
        const size_t at = (size_t)(i / lanes) * test->in_pitch + place_of(test, i % lanes);
        if (used[i / lanes]) {
            expect_near((double)result[IN_GRADIENT][at], gradient[i], 1e-4, "gradient of input", i / lanes);
        } else {
            cr_assert_eq(memcmp(&result[IN_GRADIENT][at], &test->start[IN_GRADIENT][at], sizeof(float)), 0);
        }
    }
}

/* Between the halves of tiles that are computed nothing is written. */
static void expect_gaps_kept(const Case *test, float *const result[BUFFERS], int buffer, int32_t rows, size_t pitch) {
    for (size_t row = 0; row < (size_t)rows; row++) {
        for (size_t at = row * pitch; at < (row + 1) * pitch && at < test->size[buffer]; at++) {
            const size_t vector = at % pitch / (size_t)test->lanes.apart, lane = at % pitch % (size_t)test->lanes.apart;
            if (lane >= 16 || vector >= (size_t)test->lanes.vectors) {
                cr_assert_eq(memcmp(&result[buffer][at], &test->start[buffer][at], sizeof(float)), 0,
                             "buffer %d, float %zu was written", buffer, at);
            }
        }
    }
}

static void compare_with_double(bool wide, Run *run) {
    TestRandom random = test_random(wide ? 23 : 22);
    static double gradient[MOST_ROWS * MOST_VECTORS * 16];
    for (int round = 0; round < 60; round++) {
        Case test = random_case(&random, wide);
        float *result[BUFFERS];
        bool used[MOST_ROWS] = {false};
        const int32_t lanes = lanes_of(&test);
        run_guarded(dlca_kernels_scalar(), &test, run, GUARD_BEHIND, result);
        memset(gradient, 0, sizeof gradient);
        for (int32_t g = 0; g < test.gates; g++) {
            const int32_t a = wide ? test.pairs[g].a : test.steps[g].near / DLCA_TILE,
                          b = wide ? test.pairs[g].b : test.steps[g].far / DLCA_TILE;
            const uint32_t adds[2] = {wide ? test.pairs[g].flags & DLCA_PAIR_A_ADDS : 0,
                                      wide ? test.pairs[g].flags & DLCA_PAIR_B_ADDS : 0};
            for (int32_t lane = 0; lane < lanes; lane++) { /* the first addition to a row adds to what was there */
                const size_t at = place_of(&test, lane), in_a = (size_t)a * test.in_pitch + at,
                             in_b = (size_t)b * test.in_pitch + at;
                gradient[a * lanes + lane] += adds[0] && !used[a] ? (double)test.start[IN_GRADIENT][in_a] : 0.0;
                gradient[b * lanes + lane] +=
                    adds[1] && !used[b] && a != b ? (double)test.start[IN_GRADIENT][in_b] : 0.0;
            }
            used[a] = used[b] = true;
            const int32_t out = wide ? test.pairs[g].out : test.steps[g].out / DLCA_TILE;
            expect_forward(&test, result, g, a, b, out);
            expect_sums(&test, result, g, a, b, out, gradient);
        }
        expect_gradients(&test, result, gradient, used);
        expect_gaps_kept(&test, result, OUT, test.gates, test.out_pitch);
        expect_gaps_kept(&test, result, IN_GRADIENT, test.inputs, test.in_pitch);
        for (int buffer = 0; buffer < BUFFERS; buffer++) {
            free(result[buffer]);
        }
        free_case(&test);
    }
}

Test(kernels, narrow_layers_follow_the_formulae) {
    compare_with_double(false, run_layer);
}

Test(kernels, wide_layers_follow_the_formulae) {
    compare_with_double(true, run_rows);
}
