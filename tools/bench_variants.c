/* bench_variants.c - see bench_variants.h. */
#include "bench_variants.h"

#include "bench_naive.h"

#include <math.h>
#include <stdlib.h>

static const double ROUND_SECONDS = 8e-3;

/* ---- growth ---- */

typedef struct GrowthPoint {
    const char *what;
    int32_t value;
} GrowthPoint;

static const GrowthPoint points[] = {
    {"grid side", 8}, {"grid side", 16}, {"grid side", 32}, {"grid side", 64}, {"channels", 4},
    {"channels", 8},  {"channels", 16},  {"channels", 32},  {"steps", 5},      {"steps", 20},
    {"steps", 80},    {"batch", 1},      {"batch", 2},      {"batch", 4},      {"batch", 8},
    {"threads", 1},   {"threads", 2},    {"threads", 4},    {"threads", 8},    {"threads", 16},
};
enum { POINTS = sizeof points / sizeof *points };

/* Changes one number of the configuration; a grid of another size has no target of its own. */
static void apply(BenchCase *test, const GrowthPoint *point) {
    DlcaConfig *config = &test->task.config;
    switch (point->what[0]) {
    case 'g':
        config->height = config->width = point->value;
        free(test->task.target);
        test->task.target = NULL;
        break;
    case 'c':
        config->channels = config->update[config->update_layers - 1] = point->value;
        break;
    case 's':
        config->steps = point->value;
        break;
    case 'b':
        config->batch = point->value;
        break;
    default:
        break;
    }
}

static bool create_point(BenchCase *test, const GrowthPoint *point, DlcaError *error) {
    if (!bench_case_task(test, "checkerboard", false, error)) {
        return false;
    }
    apply(test, point);
    test->without_judge = true;
    return bench_case_create(test, dlca_isa_best(), point->what[0] == 't' ? point->value : 1, error);
}

bool bench_measure_growth(BenchReport *report, int32_t threads, DlcaError *error) {
    static BenchCase tests[POINTS];
    static BenchItem items[POINTS];
    int32_t count = 0, used[POINTS];
    bool created = true;
    for (int32_t i = 0; created && i < POINTS; i++) {
        if (points[i].what[0] == 't' && points[i].value > threads) {
            continue;
        }
        created = create_point(&tests[count], &points[i], error);
        items[count] = (BenchItem){.run = bench_run_backward, .context = &tests[count], .calls = 1};
        used[count++] = i;
    }
    if (created) {
        bench_interleave(items, count, report->rounds);
    }
    for (int32_t i = 0; i < count; i++) {
        if (created && report->growths < BENCH_MOST_RECORDS) {
            report->growth[report->growths++] =
                (BenchGrowthRecord){points[used[i]].what, points[used[i]].value, tests[i].gates,
                                    bench_spread(items[i].seconds, report->rounds)};
        }
        bench_case_free(&tests[i]);
    }
    return created;
}

/* ---- variants ---- */

/* One way to do an epoch; compared with another of the list. */
typedef struct Variant {
    const char *what;
    const char *task;
    int32_t beside; /* index of what it is compared with */
    int32_t steps;  /* 0: all; plain variants take a few, and count per step */
    int32_t checkpoint_every;
    bool shares, repeats, dead, all_threads;
    enum {
        SYNCHRONOUS,
        ASYNCHRONOUS,
        ALL_FIRE
    } firing;    /* ALL_FIRE: the asynchronous task, of which every cell fires */
    DlcaIsa isa; /* DLCA_ISA_COUNT: the best */
    int naive;   /* BenchNaiveGate + 1 */
} Variant;

static const Variant variants[] = {
    {.what = "fast: best instruction set, one thread", .task = "checkerboard", .isa = DLCA_ISA_COUNT},
    {.what = "fast, all threads", .task = "checkerboard", .isa = DLCA_ISA_COUNT, .all_threads = true},
    {.what = "fast, AVX2", .task = "checkerboard", .isa = DLCA_ISA_AVX2},
    {.what = "fast, scalar (a library call for each fma)", .task = "checkerboard", .isa = DLCA_ISA_SCALAR, .steps = 1},
    {.what = "fast, states kept every 5 steps and computed again between",
     .task = "checkerboard",
     .isa = DLCA_ISA_COUNT,
     .checkpoint_every = 5},
    {.what = "plain C, four coefficients, activations stored",
     .task = "checkerboard",
     .steps = 4,
     .naive = BENCH_GATE_FOUR + 1},
    {.what = "plain C, sixteen terms, softmax once per update, activations stored",
     .task = "checkerboard",
     .steps = 1,
     .naive = BENCH_GATE_SIXTEEN + 1},
    {.what = "plain C, sixteen terms and exponentials in every gate, activations stored",
     .task = "checkerboard",
     .steps = 1,
     .naive = BENCH_GATE_EXP + 1},
    {.what = "lizard: equal histories computed once",
     .task = "lizard",
     .beside = 8,
     .isa = DLCA_ISA_COUNT,
     .shares = true},
    {.what = "lizard: the same bytes with all cells computed",
     .task = "lizard",
     .beside = 8,
     .isa = DLCA_ISA_COUNT,
     .shares = true,
     .repeats = true},
    {.what = "colors: equal histories computed once",
     .task = "colors",
     .beside = 10,
     .isa = DLCA_ISA_COUNT,
     .shares = true},
    {.what = "colors: the same bytes with all cells computed",
     .task = "colors",
     .beside = 10,
     .isa = DLCA_ISA_COUNT,
     .shares = true,
     .repeats = true},
    {.what = "checkerboard, async: every cell of every step",
     .task = "checkerboard",
     .beside = 12,
     .isa = DLCA_ISA_COUNT,
     .firing = ALL_FIRE},
    {.what = "checkerboard, async: the cells that fire",
     .task = "checkerboard",
     .beside = 12,
     .isa = DLCA_ISA_COUNT,
     .firing = ASYNCHRONOUS},
    {.what = "lizard: what the loss comes from at the last step",
     .task = "lizard",
     .beside = 14,
     .isa = DLCA_ISA_COUNT},
    {.what = "lizard: the same bytes with every gate of it",
     .task = "lizard",
     .beside = 14,
     .isa = DLCA_ISA_COUNT,
     .dead = true},
};
enum { VARIANTS = sizeof variants / sizeof *variants };

typedef struct VariantRun {
    BenchCase test;
    BenchNaive *naive;
    double scale; /* from what was run to an epoch */
} VariantRun;

/* A plain way that computed something else would be no measure. */
static bool naive_agrees(VariantRun *run, const char *what, DlcaError *error) {
    const size_t count = (size_t)run->test.model->gates * DLCA_OPS;
    float *gradient = malloc(count * sizeof *gradient);
    double loss = 0.0, largest = 0.0, difference = 0.0;
    const bool ran = gradient && dlca_backend_cpu.backward(run->test.backend, &run->test.batch, &loss, error) &&
                     dlca_backend_cpu.gradient(run->test.backend, gradient, error);
    bench_run_naive(run->naive);
    for (size_t i = 0; ran && i < count; i++) {
        const double plain = (double)bench_naive_gradient(run->naive)[i];
        largest = fmax(largest, fabs(plain));
        difference = fmax(difference, fabs(plain - (double)gradient[i]));
    }
    free(gradient);
    const bool agrees = ran && fabs(bench_naive_loss(run->naive) - loss) <= 1e-4 * loss && difference <= 1e-3 * largest;
    return agrees || dlca_fail(error, DLCA_FAILED, "'%s' disagrees with the fast rollout", what);
}

static bool create_variant(VariantRun *run, const Variant *variant, int32_t threads, DlcaError *error) {
    BenchCase *test = &run->test;
    if (!bench_case_task(test, variant->task, variant->firing != SYNCHRONOUS, error)) {
        return false;
    }
    DlcaConfig *config = &test->task.config;
    config->asynchronous = variant->firing == ASYNCHRONOUS;
    run->scale = 1.0;
    if (variant->steps > 0) {
        run->scale = (double)config->steps / variant->steps;
        config->steps = variant->steps;
    }
    if (variant->naive) {
        run->scale *= config->batch;
        config->batch = 1;
    }
    test->without_judge = true;
    test->shares = variant->shares;
    test->repeats = variant->repeats;
    test->dead = variant->dead;
    test->checkpoint_every = variant->checkpoint_every;
    const DlcaIsa isa = variant->isa == DLCA_ISA_COUNT || variant->naive ? dlca_isa_best() : variant->isa;
    if (!bench_case_create(test, isa, variant->all_threads ? threads : 1, error)) {
        return false;
    }
    if (variant->naive) {
        run->naive = bench_naive_create(test->model, &test->batch, (BenchNaiveGate)(variant->naive - 1), error);
        return run->naive && naive_agrees(run, variant->what, error);
    }
    return true;
}

static bool usable(const Variant *variant) {
    return variant->isa == DLCA_ISA_COUNT || variant->naive || dlca_isa_usable(variant->isa);
}

static void record_variants(BenchReport *report, const VariantRun *runs, BenchItem *items) {
    for (int32_t i = 0; i < VARIANTS; i++) {
        for (int32_t round = 0; round < report->rounds; round++) {
            items[i].seconds[round] *= runs[i].scale;
        }
    }
    for (int32_t i = 0; i < VARIANTS; i++) {
        if (!usable(&variants[i]) || report->variants == BENCH_MOST_RECORDS) {
            continue;
        }
        const BenchSpread epoch = bench_spread(items[i].seconds, report->rounds);
        const BenchSpread beside = bench_spread(items[variants[i].beside].seconds, report->rounds);
        report->variant[report->variants++] =
            (BenchVariantRecord){variants[i].what, epoch, epoch.median / beside.median};
    }
}

bool bench_measure_variants(BenchReport *report, int32_t threads, DlcaError *error) {
    static VariantRun runs[VARIANTS];
    static BenchItem items[VARIANTS];
    bool created = true;
    for (int32_t i = 0; created && i < VARIANTS; i++) {
        if (!usable(&variants[i])) {
            continue;
        }
        created = create_variant(&runs[i], &variants[i], threads, error);
        items[i] = (BenchItem){.run = variants[i].naive ? bench_run_naive : bench_run_backward,
                               .context = variants[i].naive ? (void *)runs[i].naive : (void *)&runs[i].test};
        if (created) {
            bench_calibrate(&items[i], ROUND_SECONDS);
        }
    }
    for (int32_t round = 0; created && round < report->rounds; round++) {
        for (int32_t i = 0; i < VARIANTS; i++) {
            if (usable(&variants[i])) {
                bench_round(&items[i], round);
            }
        }
    }
    if (created) {
        record_variants(report, runs, items);
    }
    for (int32_t i = 0; i < VARIANTS; i++) {
        bench_naive_free(runs[i].naive);
        runs[i].naive = NULL;
        bench_case_free(&runs[i].test);
    }
    return created;
}
