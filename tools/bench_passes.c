/* bench_passes.c - see bench_passes.h. */
#include "bench_passes.h"

#include "bench_copies.h"
#include "bench_variants.h"

#include <stdlib.h>

/* A backend that is measured: an instruction set with a number of threads. */
typedef struct Setting {
    DlcaIsa isa;
    int32_t threads, rounds;
} Setting;

enum { MOST_SETTINGS = 16, SECONDS_PER_ITEM_MILLI = 4, LEAST_EPOCHS = 2 };

/* What is timed of a task on a setting. */
enum { ITEM_PEAK, ITEM_FORWARD, ITEM_EPOCH, ITEM_UPDATE, ITEM_EVALUATION, ITEM_COPIES, ITEMS };

/* A task on one setting with all that is timed. */
typedef struct Run {
    Setting setting;
    BenchPeak peak;
    BenchCase test;
    BenchCopies copies; /* with several threads */
    BenchItem item[ITEMS];
    double idle[BENCH_MOST_ROUNDS]; /* of the threads' time in an epoch, by round: what they waited */
    double stolen;                  /* seconds, in the epochs of all rounds */
} Run;

/* Widest instruction sets first; thread counts 1, 2, 4, ... and the most. Scalar is some fifty times slower: it is left
 * out of a quick run, and measured in fewer rounds. */
static int32_t list_settings(const BenchReport *report, int32_t threads, Setting *settings) {
    const DlcaIsa order[] = {DLCA_ISA_AVX512, DLCA_ISA_AVX2, DLCA_ISA_NEON, DLCA_ISA_SCALAR};
    int32_t count = 0;
    for (int i = 0; i < 4; i++) {
        const bool scalar = order[i] == DLCA_ISA_SCALAR;
        if (!dlca_isa_usable(order[i]) || (scalar && report->quick && count > 0)) {
            continue;
        }
        for (int32_t t = 1; t <= threads && count < MOST_SETTINGS;
             t = t < threads && 2 * t > threads ? threads : 2 * t) {
            settings[count++] = (Setting){order[i], t, scalar && report->rounds > 3 ? 3 : report->rounds};
        }
    }
    return count;
}

/* ---- peaks ---- */

static bool measure_peaks(BenchReport *report, const Setting *setting, DlcaError *error) {
    BenchPeak peak[BENCH_PEAKS] = {0};
    BenchItem items[BENCH_PEAKS] = {0};
    bool created = true;
    for (int kind = 0; kind < BENCH_PEAKS; kind++) {
        created = created && bench_peak_create(&peak[kind], (BenchPeakKind)kind, setting->isa, setting->threads, error);
        items[kind] = (BenchItem){.run = bench_run_peak, .context = &peak[kind], .calls = 1};
    }
    for (int32_t i = 0; created && i < setting->rounds * BENCH_PEAKS; i++) {
        bench_run_peak(&peak[i % BENCH_PEAKS]); /* so that its threads are awake */
        bench_round(&items[i % BENCH_PEAKS], i / BENCH_PEAKS);
    }
    for (int kind = 0; kind < BENCH_PEAKS && report->peaks < BENCH_MOST_RECORDS; kind++) {
        double rates[BENCH_MOST_ROUNDS];
        for (int32_t round = 0; round < setting->rounds; round++) {
            rates[round] = created ? bench_peak_work(&peak[kind]) / items[kind].seconds[round] : 0.0;
        }
        report->peak[report->peaks++] = (BenchPeakRecord){(BenchPeakKind)kind, setting->isa, setting->threads,
                                                          bench_spread(rates, setting->rounds)};
        bench_peak_free(&peak[kind]);
    }
    return created;
}

/* ---- tasks ---- */

static BenchSpread fraction(const Run *run, int item, double slots) {
    double fractions[BENCH_MOST_ROUNDS];
    for (int32_t round = 0; round < run->setting.rounds; round++) {
        const double peak = bench_peak_work(&run->peak) / run->item[ITEM_PEAK].seconds[round];
        fractions[round] = run->test.gates * slots / run->item[item].seconds[round] / peak;
    }
    return bench_spread(fractions, run->setting.rounds);
}

/* The part of the time of all threads in the epochs. */
static double stolen_part(const Run *run) {
    double seconds = 0.0;
    for (int32_t round = 0; round < run->setting.rounds; round++) {
        seconds += run->item[ITEM_EPOCH].seconds[round] * run->item[ITEM_EPOCH].calls;
    }
    return run->stolen / (seconds * dlca_backend_cpu_threads(run->test.backend));
}

/* How many times the work of one thread was done in the same time, by round. */
static BenchSpread speed_up(const Run *run, const Run *single, int item, double epochs) {
    double ratios[BENCH_MOST_ROUNDS];
    for (int32_t round = 0; round < run->setting.rounds; round++) {
        ratios[round] = epochs * single->item[ITEM_EPOCH].seconds[round] / run->item[item].seconds[round];
    }
    return bench_spread(ratios, run->setting.rounds);
}

/* single: the same instruction set with one thread. */
static void record_run(BenchReport *report, const Run *run, const Run *single) {
    if (report->passes == BENCH_MOST_RECORDS) {
        return;
    }
    BenchPassRecord *pass = &report->pass[report->passes++];
    const int32_t rounds = run->setting.rounds;
    *pass = (BenchPassRecord){.isa = run->setting.isa,
                              .threads = run->setting.threads,
                              .batch = run->test.task.config.batch,
                              .gates = run->test.gates,
                              .bytes = bench_case_bytes(&run->test),
                              .forward = bench_spread(run->item[ITEM_FORWARD].seconds, rounds),
                              .epoch = bench_spread(run->item[ITEM_EPOCH].seconds, rounds),
                              .update = bench_spread(run->item[ITEM_UPDATE].seconds, rounds),
                              .evaluation = bench_spread(run->item[ITEM_EVALUATION].seconds, rounds),
                              .forward_fraction = fraction(run, ITEM_FORWARD, BENCH_FORWARD_SLOTS),
                              .epoch_fraction = fraction(run, ITEM_EPOCH, BENCH_EPOCH_SLOTS),
                              .memory_bytes = dlca_backend_cpu.memory_bytes(run->test.backend)};
    pass->stolen = stolen_part(run);
    if (run != single) {
        pass->speed_up = speed_up(run, single, ITEM_EPOCH, 1.0);
        pass->copies = speed_up(run, single, ITEM_COPIES, run->setting.threads);
        pass->idle = bench_spread(run->idle, rounds);
    }
    snprintf(pass->label, sizeof pass->label, "%s", run->test.label);
}

static int items_of(const Run *run) {
    return run->setting.threads > 1 ? ITEMS : ITEM_COPIES;
}

/* What is measured on every setting. batch 0: the paper's. */
typedef struct Task {
    const char *name;
    bool asynchronous, shares;
    int32_t batch;
} Task;

static bool create_run(Run *run, Setting setting, const Task *task, DlcaError *error) {
    void (*const passes[ITEMS])(void *) = {bench_run_peak,   bench_run_forward,    bench_run_backward,
                                           bench_run_update, bench_run_evaluation, bench_run_copies};
    *run = (Run){.setting = setting};
    if (!bench_peak_create(&run->peak, BENCH_FMA, setting.isa, setting.threads, error) ||
        !bench_case_task(&run->test, task->name, task->asynchronous, error)) {
        return false;
    }
    run->test.task.config.batch = task->batch ? task->batch : run->test.task.config.batch;
    run->test.shares = task->shares;
    if (task->shares) {
        snprintf(run->test.label, sizeof run->test.label, "%s, shared", task->name);
    }
    if (!bench_case_create(&run->test, setting.isa, setting.threads, error)) {
        return false;
    }
    if (setting.threads > 1 && !bench_copies_create(&run->copies, &run->test, setting.threads, error)) {
        return false;
    }
    for (int i = 0; i < items_of(run); i++) {
        void *const context = i == ITEM_PEAK     ? (void *)&run->peak
                              : i == ITEM_COPIES ? (void *)&run->copies
                                                 : &run->test;
        run->item[i] = (BenchItem){.run = passes[i], .context = context};
        bench_calibrate(&run->item[i], SECONDS_PER_ITEM_MILLI / 1e3);
        if (i == ITEM_EPOCH && setting.isa != DLCA_ISA_SCALAR && run->item[i].calls < LEAST_EPOCHS) {
            run->item[i].calls = LEAST_EPOCHS;
        }
    }
    return true;
}

static void free_run(Run *run) {
    bench_copies_free(&run->copies);
    bench_case_free(&run->test);
    bench_peak_free(&run->peak);
}

/* Runs untimed what comes before the timed: data are in the caches then and threads awake, as in training, where one
 * epoch follows the other. (The first epoch of two threads after a break took 1.05 to 1.08 times as long as the next.)
 * Epochs follow forward passes of the same backend. */
static void warm_up(Run *run, int item) {
    if (item == ITEM_PEAK) {
        bench_run_peak(&run->peak);
    } else if (item == ITEM_COPIES) {
        bench_run_copies_forward(&run->copies);
    }
}

static void measure_round(Run *run, int32_t round) {
    for (int i = 0; i < items_of(run); i++) {
        warm_up(run, i);
        const double worked = dlca_backend_cpu_worked(run->test.backend), stolen = bench_stolen();
        bench_round(&run->item[i], round);
        if (i == ITEM_EPOCH) {
            const double seconds =
                run->item[i].seconds[round] * run->item[i].calls * dlca_backend_cpu_threads(run->test.backend);
            run->idle[round] = 1.0 - (dlca_backend_cpu_worked(run->test.backend) - worked) / seconds;
            run->stolen += bench_stolen() - stolen;
        }
    }
}

/* One task on all settings, interleaved. */
static bool measure_task(BenchReport *report, const Setting *settings, int32_t count, const Task *task,
                         DlcaError *error) {
    static Run runs[MOST_SETTINGS];
    bool created = true;
    int32_t made = 0;
    for (; created && made < count; made++) {
        created = create_run(&runs[made], settings[made], task, error);
    }
    /* settings with fewer rounds stand last */
    int32_t done = 0;
    for (int32_t active = count; created && active > 0; active--) {
        const int32_t rounds = settings[active - 1].rounds;
        for (; done < rounds; done++) {
            for (int32_t i = 0; i < active; i++) {
                measure_round(&runs[i], done);
            }
        }
    }
    int32_t single = 0;
    for (int32_t i = 0; i < made; i++) {
        single = settings[i].threads == 1 ? i : single;
        if (created) {
            record_run(report, &runs[i], &runs[single]);
        }
    }
    for (int32_t i = 0; i < made; i++) {
        free_run(&runs[i]);
    }
    return created;
}

static bool measure_tasks(BenchReport *report, const Setting *settings, int32_t count, DlcaError *error) {
    const Task tasks[] = {
        {.name = "checkerboard"},
        {.name = "checkerboard", .batch = 1},
        {.name = "checkerboard", .asynchronous = true},
        {.name = "lizard"},
        {.name = "lizard", .shares = true},
        {.name = "colors"},
        {.name = "colors", .shares = true},
        {.name = "life"},
    };
    bool measured = true;
    for (size_t i = 0; measured && i < sizeof tasks / sizeof *tasks; i++) {
        measured = measure_task(report, settings, count, &tasks[i], error);
    }
    return measured;
}

bool bench_measure_all(BenchReport *report, int32_t threads, DlcaError *error) {
    Setting settings[MOST_SETTINGS];
    const double start = bench_now();
    const int32_t count = list_settings(report, threads, settings);
    report->lacks_avx2 = dlca_isa_best() == DLCA_ISA_SCALAR;
    for (int32_t i = 0; i < count; i++) {
        if (!measure_peaks(report, &settings[i], error)) {
            return false;
        }
    }
    if (!measure_tasks(report, settings, count, error) ||
        (!report->quick &&
         (!bench_measure_variants(report, threads, error) || !bench_measure_growth(report, threads, error)))) {
        return false;
    }
    report->seconds = bench_now() - start;
    return true;
}
