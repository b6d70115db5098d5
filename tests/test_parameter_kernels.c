/* test_parameter_kernels.c - softmax, its coefficients, the expansion of gradient sums and AdamW against double;
 * gather; every instruction set against scalar to the bit; which instruction sets this machine is said to run. */
#include "../src/backend.h"
#include "../src/geometry.h"
#include "guard.h"
#include "random_circuit.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GATES = 97, LOGITS = GATES * DLCA_OPS };

static double random_between(TestRandom *random, double low, double high) {
    return low + (high - low) * (double)(test_random_word(random) >> 11) * 0x1p-53;
}

/* The relaxed operations written out, not through the table. */
static double relaxed(int op, double a, double b) {
    const double values[DLCA_OPS] = {0.0,
                                     a * b,
                                     a - a * b,
                                     a,
                                     b - a * b,
                                     b,
                                     a + b - 2.0 * a * b,
                                     a + b - a * b,
                                     1.0 - (a + b - a * b),
                                     1.0 - (a + b - 2.0 * a * b),
                                     1.0 - b,
                                     1.0 - b + a * b,
                                     1.0 - a,
                                     1.0 - a + a * b,
                                     1.0 - a * b,
                                     1.0};
    return values[op];
}

static void softmax_in_double(const float *logits, double p[DLCA_OPS]) {
    double most = -DBL_MAX, total = 0.0;
    for (int op = 0; op < DLCA_OPS; op++) {
        most = fmax(most, (double)logits[op]);
    }
    for (int op = 0; op < DLCA_OPS; op++) {
        p[op] = exp((double)logits[op] - most);
        total += p[op];
    }
    for (int op = 0; op < DLCA_OPS; op++) {
        p[op] /= total;
    }
}

/* Two logits, 0 and x <= 0: p_1 / p_0 is e^x to within the rounding of three divisions. */
Test(parameters, exponential) {
    TestRandom random = test_random(30);
    double worst = 0.0;
    for (int i = 0; i < 20000; i++) {
        float logits[DLCA_OPS], p[DLCA_OPS], c[4];
        const float x = (float)-random_between(&random, 0.0, i % 2 ? 80.0 : 1.0);
        for (int op = 0; op < DLCA_OPS; op++) {
            logits[op] = -200.0f;
        }
        logits[3] = 0.0f;
        logits[7] = x;
        dlca_kernels_scalar()->softmax(logits, 1, p, c);
        worst = fmax(worst, fabs((double)p[7] / (double)p[3] / exp((double)x) - 1.0));
    }
    cr_assert_lt(worst, 4.0 * (double)FLT_EPSILON, "relative error %g", worst);
}

static void random_logits(TestRandom *random, float *logits, int count) {
    for (int i = 0; i < count; i++) {
        const double spread = (double)(1 << (i / DLCA_OPS % 7)); /* up to 64: nearly one-hot, and underflow */
        logits[i] = (float)random_between(random, -spread, spread);
    }
}

Test(parameters, softmax_and_coefficients) {
    TestRandom random = test_random(31);
    float logits[LOGITS], p[LOGITS], c[GATES * 4];
    random_logits(&random, logits, LOGITS);
    dlca_kernels_scalar()->softmax(logits, GATES, p, c);
    for (int gate = 0; gate < GATES; gate++) {
        double expected[DLCA_OPS];
        softmax_in_double(logits + gate * DLCA_OPS, expected);
        for (int op = 0; op < DLCA_OPS; op++) {
            /* the difference to the largest logit is rounded too: up to 128 * 2^-24 */
            cr_assert_lt(fabs((double)p[gate * DLCA_OPS + op] - expected[op]), 8e-6 * expected[op] + 1e-37);
        }
        for (int corner = 0; corner < 9; corner++) {
            const double a = corner % 3 * 0.5, b = corner / 3 * 0.5;
            double mixture = 0.0;
            for (int op = 0; op < DLCA_OPS; op++) {
                mixture += expected[op] * relaxed(op, a, b);
            }
            const float *k = c + gate * 4;
            const double value = (double)k[0] + (double)k[1] * a + (double)k[2] * b + (double)k[3] * a * b;
            cr_assert_lt(fabs(value - mixture), 1e-6, "gate %d at (%g, %g): %g, %g", gate, a, b, value, mixture);
        }
    }
}

/* Sums that belong to one point (a, b) with gradient g: the logit gradient is g p_i (op_i(a,b) - mixture). */
Test(parameters, expansion_of_the_sums) {
    TestRandom random = test_random(32);
    float logits[LOGITS], p[LOGITS], c[GATES * 4], sums[GATES * 4], gradient[LOGITS];
    double a[GATES], b[GATES], g[GATES];
    random_logits(&random, logits, LOGITS);
    dlca_kernels_scalar()->softmax(logits, GATES, p, c);
    for (int gate = 0; gate < GATES; gate++) {
        a[gate] = random_between(&random, 0.0, 1.0);
        b[gate] = random_between(&random, 0.0, 1.0);
        g[gate] = random_between(&random, -3.0, 3.0);
        const double terms[4] = {g[gate], g[gate] * a[gate], g[gate] * b[gate], g[gate] * a[gate] * b[gate]};
        for (int j = 0; j < 4; j++) {
            sums[gate * 4 + j] = (float)terms[j];
        }
    }
    dlca_kernels_scalar()->expand(p, sums, GATES, gradient);
    for (int gate = 0; gate < GATES; gate++) {
        double expected[DLCA_OPS], mixture = 0.0;
        softmax_in_double(logits + gate * DLCA_OPS, expected);
        for (int op = 0; op < DLCA_OPS; op++) {
            mixture += expected[op] * relaxed(op, a[gate], b[gate]);
        }
        for (int op = 0; op < DLCA_OPS; op++) {
            const double exact = g[gate] * expected[op] * (relaxed(op, a[gate], b[gate]) - mixture);
            cr_assert_lt(fabs((double)gradient[gate * DLCA_OPS + op] - exact), 2e-6, "gate %d, operation %d", gate, op);
        }
    }
}

Test(parameters, adamw_against_double) {
    TestRandom random = test_random(33);
    enum { COUNT = 48, UPDATES = 30 };
    float x[COUNT], m[COUNT] = {0}, v[COUNT] = {0}, gradient[COUNT];
    double dx[COUNT], dm[COUNT] = {0}, dv[COUNT] = {0};
    for (int i = 0; i < COUNT; i++) {
        dx[i] = (double)(x[i] = (float)random_between(&random, -5.0, 5.0));
    }
    for (int t = 1; t <= UPDATES; t++) {
        const DlcaAdamWStep step = {.rate = 0.05f,
                                    .b1 = 0.9f,
                                    .b2 = 0.99f,
                                    .epsilon = 1e-8f,
                                    .decay = 0.01f,
                                    .clip = 100.0f,
                                    .correction1 = (float)(1.0 - pow(0.9, t)),
                                    .correction2 = (float)(1.0 - pow(0.99, t))};
        for (int i = 0; i < COUNT; i++) {
            gradient[i] = (float)random_between(&random, -1.0, 1.0) * (i % 3 == 0 ? 500.0f : 0.01f);
        }
        dlca_kernels_scalar()->adamw(&step, COUNT, gradient, x, m, v);
        for (int i = 0; i < COUNT; i++) {
            const double g = fmax(-100.0, fmin(100.0, (double)gradient[i]));
            dm[i] = 0.9 * dm[i] + 0.1 * g;
            dv[i] = 0.99 * dv[i] + 0.01 * g * g;
            const double root = sqrt(dv[i] / (1.0 - pow(0.99, t))) + 1e-8;
            dx[i] -= 0.05 * (dm[i] / (1.0 - pow(0.9, t)) / root + 0.01 * dx[i]);
            cr_assert_lt(fabs((double)x[i] - dx[i]), 2e-5, "parameter %d after %d updates", i, t);
        }
    }
}

/* ---- every instruction set against scalar ---- */

typedef void Run(const DlcaKernels *kernels, TestRandom random, int round, float *memory);

enum { MEMORY = 5000 };

static void run_softmax(const DlcaKernels *kernels, TestRandom random, int round, float *memory) {
    const int gates = 1 + round;
    float logits[100 * DLCA_OPS];
    random_logits(&random, logits, gates * DLCA_OPS);
    float *end = memory + MEMORY;
    kernels->softmax(logits, gates, end - gates * 20, end - gates * 4);
    kernels->expand(end - gates * 20, end - gates * 4, gates, memory);
}

static void run_adamw(const DlcaKernels *kernels, TestRandom random, int round, float *memory) {
    const int count = 16 * (1 + round);
    const DlcaAdamWStep step = {0.05f, 0.9f, 0.99f, 1e-8f, 0.01f, 0.5f, 0.19f, 0.0199f};
    float *m = memory, *v = memory + MEMORY - count, gradient[16 * 100], *x = memory + 1600;
    for (int i = 0; i < count; i++) {
        gradient[i] = (float)random_between(&random, -1.0, 1.0);
        x[i] = (float)random_between(&random, -5.0, 5.0);
        m[i] = (float)random_between(&random, -1.0, 1.0);
        v[i] = (float)random_between(&random, 0.0, 1.0);
    }
    kernels->adamw(&step, count, gradient, x, m, v);
}

enum { PITCH = 96, ROWS = 5 };

/* Runs, jumps, and lanes of zeros. */
static int32_t random_spans(TestRandom *random, DlcaSpan *spans) {
    int32_t sources[DLCA_TILE];
    for (int lane = 0; lane < DLCA_TILE; lane++) {
        const bool jumps = lane == 0 || test_random_below(random, 4) == 0 || sources[lane - 1] >= 79;
        sources[lane] = jumps ? test_random_below(random, 81) - 1 : sources[lane - 1] + 1;
    }
    return dlca_spans(sources, spans);
}

static void run_gather(const DlcaKernels *kernels, TestRandom random, int round, float *memory) {
    float source[ROWS * PITCH];
    DlcaSpan spans[9 * DLCA_TILE];
    int32_t first[10] = {0};
    for (int i = 0; i < ROWS * PITCH; i++) {
        source[i] = i % PITCH < 80 ? (float)random_between(&random, -1.0, 1.0) : 0.0f;
    }
    const int32_t count = random_spans(&random, spans), rows = 1 + round % ROWS;
    kernels->gather(spans, count, source, PITCH, rows, memory + MEMORY - rows * DLCA_TILE);
    for (int n = 0; n < 9; n++) {
        first[n + 1] = first[n] + random_spans(&random, spans + first[n]);
    }
    kernels->gather_add(spans, first, source, memory);
}

static void run_gather_lanes(const DlcaKernels *kernels, TestRandom random, int round, float *memory) {
    float source[ROWS * PITCH];
    int32_t lanes[9][DLCA_TILE];
    for (int i = 0; i < ROWS * PITCH; i++) {
        source[i] = (float)random_between(&random, -1.0, 1.0);
    }
    for (int i = 0; i < 9 * DLCA_TILE; i++) {
        lanes[i / DLCA_TILE][i % DLCA_TILE] = test_random_below(&random, PITCH);
    }
    const int32_t rows = 1 + round % ROWS;
    kernels->gather_lanes(lanes[round % 9], source, PITCH, rows, memory + MEMORY - rows * DLCA_TILE);
    kernels->gather_lanes_add((const int32_t(*)[DLCA_TILE])lanes, source, memory);
}

static void compare_with_scalar(Run *run) {
    float *expected = calloc(MEMORY, sizeof *expected);
    for (int round = 0; round < 99; round++) {
        const TestRandom random = test_random(40 + (uint64_t)round);
        memset(expected, 0, MEMORY * sizeof *expected);
        run(dlca_kernels_scalar(), random, round, expected);
        for (int isa = 0; isa < DLCA_ISA_COUNT; isa++) {
            GuardedFloats memory = guarded_floats(MEMORY, round % 2 ? GUARD_BEHIND : GUARD_BEFORE);
            if (dlca_isa_usable((DlcaIsa)isa)) {
                run(dlca_kernels_for((DlcaIsa)isa), random, round, memory.values);
                cr_assert_arr_eq(memory.values, expected, MEMORY * sizeof(float), "%s, round %d",
                                 dlca_isa_name((DlcaIsa)isa), round);
            }
            guarded_free(&memory);
        }
    }
    free(expected);
}

Test(parameters, softmax_and_expansion_equal_scalar_to_the_bit) {
    compare_with_scalar(run_softmax);
}

Test(parameters, adamw_equals_scalar_to_the_bit) {
    compare_with_scalar(run_adamw);
}

Test(parameters, gather_equals_scalar_to_the_bit) {
    compare_with_scalar(run_gather);
}

Test(parameters, gather_of_any_lanes_equals_scalar_to_the_bit) {
    compare_with_scalar(run_gather_lanes);
}

/* ---- the processor ---- */

/* Whether the system lists every one of these flags; -1 when it lists none at all. */
static int listed(const char *const *flags) {
    char line[8192] = "";
    FILE *file = fopen("/proc/cpuinfo", "r");
    while (file && fgets(line, sizeof line, file) && strncmp(line, "flags", 5) != 0) {
        line[0] = '\0';
    }
    if (file) {
        fclose(file);
    }
    if (line[0] == '\0') {
        return -1;
    }
    line[strcspn(line, "\n")] = ' ';
    for (; *flags; flags++) {
        char word[32];
        snprintf(word, sizeof word, " %s ", *flags);
        if (!strstr(line, word)) {
            return 0;
        }
    }
    return 1;
}

Test(processor, instruction_sets_need_each_of_their_features) {
    const char *const avx2[] = {"avx2", "fma", NULL};
    const char *const avx512[] = {"avx512f", "avx512dq", "avx512bw", "avx512vl", NULL};
    cr_assert(dlca_isa_usable(DLCA_ISA_SCALAR));
    cr_assert(dlca_isa_usable(dlca_isa_best()));
    if (listed(avx2) < 0) {
        cr_log_info("this system lists no flags");
        return;
    }
    cr_assert_eq(dlca_isa_usable(DLCA_ISA_AVX2), listed(avx2) && dlca_isa_built(DLCA_ISA_AVX2));
    cr_assert_eq(dlca_isa_usable(DLCA_ISA_AVX512), listed(avx512) && dlca_isa_built(DLCA_ISA_AVX512));
}

Test(processor, names) {
    DlcaIsa isa;
    DlcaError error = {0};
    for (int i = 0; i < DLCA_ISA_COUNT; i++) {
        const DlcaBackendTable *table = dlca_backend_find(dlca_isa_name((DlcaIsa)i), &isa, &error);
        cr_assert_eq(table != NULL, dlca_isa_usable((DlcaIsa)i));
        cr_assert(!table || isa == (DlcaIsa)i);
    }
    cr_assert(dlca_backend_find("auto", &isa, &error) && isa == dlca_isa_best());
    cr_assert_null(dlca_backend_find("sse9", &isa, &error));
    cr_assert_eq(error.kind, DLCA_BAD_INPUT);
}
