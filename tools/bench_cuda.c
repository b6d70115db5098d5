/* bench_cuda.c - `dlca bench cuda`: an epoch of every task on the CUDA device beside the processor's, in one run.
 *
 * Each task's gradient is compared with the processor's byte by byte before it is timed. Prints JSON: the record that
 * `make cuda-check` keeps. Leaves alone: profiles (a profiler's counters say what bounds a kernel), the other checks.
 */
#include "bench_case.h"
#include "bench_commit.h"
#include "bench_measure.h"
#include "command.h"

#include <stdlib.h>
#include <string.h>

typedef struct CudaBenchOptions {
    bool emulated, only_side_by_side;
    const char *task;
    int64_t rounds, side_by_side;
} CudaBenchOptions;

typedef struct CudaTask {
    const char *name;
    bool asynchronous, shares;
} CudaTask;

static const CudaTask tasks[] = {{.name = "checkerboard"},
                                 {.name = "checkerboard", .asynchronous = true},
                                 {.name = "life"},
                                 {.name = "lizard", .shares = true},
                                 {.name = "colors", .shares = true}};
enum { TASKS = sizeof tasks / sizeof *tasks, MOST_SIDE_BY_SIDE = 256 };
static const double SECONDS_PER_ITEM = 0.2;

/* Epochs as training has them: several between two looks at the loss. */
enum { EPOCHS_BETWEEN_LOOKS = 8 };

typedef struct Epochs {
    const DlcaBackendTable *table;
    DlcaBackend **backend; /* [count] */
    DlcaBatch *batch;      /* [count] */
    int32_t count, looks_every;
    bool failed;
    DlcaError error;
} Epochs;

static void run_epochs(void *context) {
    Epochs *epochs = context;
    DlcaAdamW still[MOST_SIDE_BY_SIDE];
    DlcaPass last;
    bool done = true;
    for (int32_t i = 0; i < epochs->count; i++) {
        still[i] = (DlcaAdamW){0.0f, 0.9f, 0.99f, 1e-8f, 0.01f, 100.0f, false};
    }
    for (int32_t i = 0; done && i < epochs->looks_every; i++) {
        done = epochs->table->train(epochs->backend, epochs->batch, still, epochs->count, &epochs->error);
    }
    done = done && epochs->table->passes(epochs->backend[epochs->count - 1], &last, 1, &epochs->error);
    epochs->failed = epochs->failed || !done;
}

/* Seconds of one epoch. */
static BenchSpread spread_of(const BenchItem *item, const Epochs *epochs, int32_t rounds) {
    BenchSpread spread = bench_spread(item->seconds, rounds);
    spread.low /= epochs->looks_every;
    spread.median /= epochs->looks_every;
    spread.high /= epochs->looks_every;
    return spread;
}

/* The emulation's times mean nothing, so it need not take long. */
static int32_t looks_of(const DlcaBackendTable *table) {
    return table == &dlca_backend_cuda ? EPOCHS_BETWEEN_LOOKS : 1;
}

/* The batch as a device gets it from training: what it can draw is left to it. */
static DlcaBatch device_batch(const BenchCase *test) {
    DlcaBatch batch = test->batch;
    batch.draws.seed = 1;
    batch.draws.starts = test->task.start == DLCA_START_RANDOM || test->task.start == DLCA_START_ALL;
    batch.draws.next_generation = !test->task.target;
    batch.draws.fire_rate = batch.fire ? test->task.config.fire_rate : 0.0;
    return batch;
}

static bool gradient_of(const DlcaBackendTable *table, DlcaBackend *backend, const DlcaBatch *batch, float *gradient,
                        DlcaError *error) {
    return table->backward(backend, batch, NULL, error) && table->gradient(backend, gradient, error);
}

/* Whether the device's gradient is the processor's, to the byte. */
static bool same_bytes(const DlcaBackendTable *table, DlcaBackend *backend, const BenchCase *test, bool *same,
                       DlcaError *error) {
    const size_t count = (size_t)test->model->gates * DLCA_OPS;
    float *gradient = malloc(2 * count * sizeof *gradient);
    const bool done = (gradient || dlca_fail(error, DLCA_FAILED, "no memory for a gradient of '%s'", test->label)) &&
                      gradient_of(&dlca_backend_cpu, test->backend, &test->batch, gradient, error) &&
                      gradient_of(table, backend, &test->batch, gradient + count, error);
    *same = done && memcmp(gradient, gradient + count, count * sizeof *gradient) == 0;
    free(gradient);
    return done;
}

/* Milliseconds of both, and what part of the device's peak that is. */
static void print_task(const BenchCase *test, bool same, BenchSpread cuda, BenchSpread cpu, double peak) {
    printf("    {\"task\": \"%s\", \"batch\": %d, \"gate_evaluations\": %.0f, \"same_bytes\": %s, "
           "\"cuda_ms_per_epoch\": [%.4f, %.4f, %.4f], \"cpu_ms_per_epoch\": [%.4f, %.4f, %.4f], "
           "\"cpu_backend\": \"%s\", \"cpu_threads\": %d, \"fma_fraction\": ",
           test->label, test->task.config.batch, test->gates, same ? "true" : "false", cuda.low * 1e3,
           cuda.median * 1e3, cuda.high * 1e3, cpu.low * 1e3, cpu.median * 1e3, cpu.high * 1e3,
           dlca_isa_name(test->isa), test->threads);
    if (peak > 0.0) {
        printf("%.4f}", test->gates * BENCH_EPOCH_SLOTS / cuda.median / peak);
    } else {
        printf("null}");
    }
}

static bool create_case(BenchCase *test, const CudaTask *task, DlcaError *error) {
    if (!bench_case_task(test, task->name, task->asynchronous, error)) {
        return false;
    }
    test->without_judge = true;
    test->shares = task->shares;
    return bench_case_create(test, dlca_isa_best(), dlca_cpu_count(), error);
}

static bool measure_task(const DlcaBackendTable *table, const CudaTask *task, int32_t rounds, double peak, bool *same,
                         DlcaError *error) {
    const int32_t looks_every = looks_of(table);
    BenchCase test;
    DlcaBackend *backend = NULL;
    bool done = create_case(&test, task, error);
    const DlcaBackendOptions options = {.threads = 1};
    backend = done ? table->create(test.model, &options, error) : NULL;
    done = backend && same_bytes(table, backend, &test, same, error);
    if (done) {
        DlcaBatch batch = device_batch(&test);
        Epochs cuda = {.table = table, .backend = &backend, .batch = &batch, .count = 1, .looks_every = looks_every};
        Epochs cpu = {.table = &dlca_backend_cpu, .backend = &test.backend, .batch = &test.batch, .count = 1};
        cpu.looks_every = looks_every;
        BenchItem items[2] = {{.run = run_epochs, .context = &cuda}, {.run = run_epochs, .context = &cpu}};
        bench_calibrate(&items[0], SECONDS_PER_ITEM);
        bench_calibrate(&items[1], SECONDS_PER_ITEM);
        bench_interleave(items, 2, rounds);
        *error = cuda.failed ? cuda.error : cpu.failed ? cpu.error : *error;
        done = !cuda.failed && !cpu.failed;
        print_task(&test, *same, spread_of(&items[0], &cuda, rounds), spread_of(&items[1], &cpu, rounds), peak);
    }
    table->destroy(backend);
    bench_case_free(&test);
    return done;
}

/* `count` models of a task in one launch. */
static bool measure_side_by_side(const DlcaBackendTable *table, const CudaTask *task, int32_t count, int32_t rounds,
                                 double peak, DlcaError *error) {
    const int32_t looks_every = looks_of(table);
    BenchCase test;
    DlcaBackend *backend[MOST_SIDE_BY_SIDE] = {NULL};
    DlcaBatch batch[MOST_SIDE_BY_SIDE];
    bool done = create_case(&test, task, error);
    for (int32_t i = 0; done && i < count; i++) {
        backend[i] = table->create(test.model, &(DlcaBackendOptions){.threads = 1}, error);
        batch[i] = device_batch(&test);
        done = backend[i] != NULL;
    }
    if (done) {
        Epochs epochs = {.table = table, .backend = backend, .batch = batch, .count = count};
        epochs.looks_every = looks_every;
        BenchItem item = {.run = run_epochs, .context = &epochs};
        bench_calibrate(&item, SECONDS_PER_ITEM);
        bench_interleave(&item, 1, rounds);
        const BenchSpread spread = spread_of(&item, &epochs, rounds);
        *error = epochs.error;
        done = !epochs.failed;
        printf(",\n  \"side_by_side\": {\"task\": \"%s\", \"models\": %d, \"batch\": %d, "
               "\"cuda_ms_per_epoch_of_all\": [%.4f, %.4f, %.4f], \"fma_fraction\": ",
               test.label, count, test.task.config.batch, spread.low * 1e3, spread.median * 1e3, spread.high * 1e3);
        if (peak > 0.0) {
            printf("%.4f}", count * test.gates * BENCH_EPOCH_SLOTS / spread.median / peak);
        } else {
            printf("null}");
        }
    }
    for (int32_t i = 0; i < count; i++) {
        table->destroy(backend[i]);
    }
    bench_case_free(&test);
    return done;
}

static void print_head(const DlcaCudaDevice *device, int argc, char **argv, double peak) {
    char cpu[128], commit[64];
    dlca_cpu_name(cpu, sizeof cpu);
    bench_commit(commit, sizeof commit);
    printf("{\n  \"device\": \"%s\",\n  \"compute_capability\": \"%d.%d\",\n  \"processors\": %d,\n", device->name,
           device->major, device->minor, device->processors);
    printf("  \"driver\": %d,\n  \"runtime\": %d,\n  \"cpu\": \"%s\",\n  \"version\": \"%s\",\n  \"commit\": \"%s\",\n",
           device->driver, device->runtime, cpu, DLCA_VERSION, commit);
    printf("  \"command\": \"dlca");
    for (int i = 0; i < argc; i++) {
        printf(" %s", argv[i]);
    }
    printf("\",\n  \"fma_peak_per_second\": %.4g,\n  \"tasks\": [\n", peak);
}

static bool is_asked(const CudaBenchOptions *options, const CudaTask *task) {
    return !options->task || strcmp(options->task, task->name) == 0;
}

/* False also when a gradient differs: the record says which. */
static bool measure_all(const CudaBenchOptions *options, const DlcaBackendTable *table, double peak, DlcaError *error) {
    const int32_t rounds = (int32_t)options->rounds;
    bool done = true, all_same = true;
    const char *separator = "";
    for (int i = 0; done && i < TASKS && !options->only_side_by_side; i++) {
        bool same = true;
        if (is_asked(options, &tasks[i])) {
            printf("%s", separator);
            separator = ",\n";
            done = measure_task(table, &tasks[i], rounds, peak, &same, error);
            all_same = all_same && same;
        }
    }
    printf("\n  ]");
    for (int i = 0; done && options->side_by_side > 1 && i < TASKS; i++) {
        if (is_asked(options, &tasks[i])) {
            done = measure_side_by_side(table, &tasks[i], (int32_t)options->side_by_side, rounds, peak, error);
            break;
        }
    }
    printf("\n}\n");
    return done && (all_same || dlca_fail(error, DLCA_FAILED, "a gradient differs from the processor's"));
}

static const DlcaOption cuda_options[] = {
    {.name = "rounds",
     .kind = DLCA_OPTION_INTEGER,
     .value = "N",
     .help = "interleaved repetitions of every measurement",
     .offset = offsetof(CudaBenchOptions, rounds),
     .minimum = 1,
     .maximum = BENCH_MOST_ROUNDS},
    {.name = "side-by-side",
     .kind = DLCA_OPTION_INTEGER,
     .value = "N",
     .help = "models of the first task in one launch; 1: not measured",
     .offset = offsetof(CudaBenchOptions, side_by_side),
     .minimum = 1,
     .maximum = MOST_SIDE_BY_SIDE},
    {.name = "only-side-by-side",
     .kind = DLCA_OPTION_FLAG,
     .help = "leave the tasks out: for a profiler, which looks at few launches",
     .offset = offsetof(CudaBenchOptions, only_side_by_side)},
    {.name = "task",
     .kind = DLCA_OPTION_TEXT,
     .value = "NAME",
     .help = "only this task",
     .offset = offsetof(CudaBenchOptions, task),
     .no_default = "all"},
    {.name = "emulated",
     .kind = DLCA_OPTION_FLAG,
     .help = "run the kernels on the processor instead, slowly: tries this command, its times mean nothing",
     .offset = offsetof(CudaBenchOptions, emulated)},
};

int dlca_command_bench_cuda(int argc, char **argv) {
    const DlcaArguments arguments = {
        .program = "dlca bench cuda",
        .operands = "",
        .summary = "Compares and times every task on the CUDA device beside the processor; prints JSON.",
        .option = cuda_options,
        .options = sizeof cuda_options / sizeof *cuda_options,
    };
    CudaBenchOptions options = {.rounds = 7, .side_by_side = 64};
    const char *operands[DLCA_MAX_OPERANDS];
    DlcaCudaDevice device = {.name = "none: emulated"};
    DlcaError error = {0};
    DlcaIsa isa;
    double peak = 0.0;
    int code;
    if (!dlca_command_parse(&arguments, argc, argv, &options, operands, &code)) {
        return code;
    }
    const DlcaBackendTable *table = &dlca_backend_emulated;
    if (!options.emulated) {
        table = dlca_backend_find(dlca_backend_cuda.name, &isa, &error);
        if (!table || dlca_cuda_devices(&device, 1, &error) == 0 || !dlca_cuda_fma_peak(&peak, &error)) {
            return dlca_command_fail(arguments.program, &error);
        }
    }
    print_head(&device, argc, argv, peak);
    return measure_all(&options, table, peak, &error) ? 0 : dlca_command_fail(arguments.program, &error);
}
