/* test_gpu_epochs.c - whole epochs of the CUDA kernels' source on the processor: what a device draws by itself, several
 * epochs without a look at the loss, models side by side in one launch, trainings that meet there from threads of their
 * own. All with the CPU backend's bytes. */
#include "../gpu/emulated_device.h"
#include "../src/crew.h"
#include "../train/batch.h"
#include "../train/setup.h"

#include <criterion/criterion.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { EPOCHS = 3, MOST_MODELS = 5 };

/* A task's model and batches as training has them. */
typedef struct Training {
    DlcaSetup setup;
    DlcaBatchSource source;
    DlcaBackend *backend;
    const DlcaBackendTable *table;
} Training;

typedef struct What {
    const char *task;
    bool asynchronous;
    DlcaMethodOptions method;
} What;

static What what(const char *task) {
    return (What){.task = task, .method = dlca_run_options_default().method};
}

static void begin(Training *training, const What *what, uint64_t seed, const DlcaBackendTable *table) {
    DlcaError error = {0};
    DlcaRunOptions options = dlca_run_options_default();
    options.small = true;
    options.seed = (int64_t)seed;
    options.threads = 1;
    options.backend = table == &dlca_backend_cpu ? "scalar" : "emulated";
    options.asynchronous = what->asynchronous;
    options.method = what->method;
    cr_assert(dlca_setup_create(&training->setup, what->task, &options, &error), "%s", error.message);
    const DlcaTrainOptions *train = &training->setup.train;
    cr_assert(dlca_batch_source_create(&training->source, &training->setup.task, &train->recipe, seed, &error));
    dlca_model_wire(training->setup.model, seed, 0);
    dlca_model_start(training->setup.model, &train->recipe.start, seed, 0, NULL);
    const DlcaBackendOptions device = dlca_train_device(train);
    training->table = table;
    training->backend = table->create(training->setup.model, &device, &error);
    cr_assert_not_null(training->backend, "%s", error.message);
}

static void end(Training *training) {
    training->table->destroy(training->backend);
    dlca_batch_source_free(&training->source);
    dlca_setup_free(&training->setup);
}

static DlcaBatch batch_of(Training *training, uint32_t epoch) {
    DlcaBatch batch = training->table->device ? dlca_batch_for_device(&training->source, epoch)
                                              : dlca_batch_draw(&training->source, epoch);
    batch.harden_probability = 0.2f;
    return batch;
}

/* One after the other, alone. */
static void train_alone(Training *training, DlcaPass passes[EPOCHS]) {
    DlcaError error = {0};
    for (uint32_t epoch = 1; epoch <= EPOCHS; epoch++) {
        const DlcaBatch batch = batch_of(training, epoch);
        cr_assert(training->table->train(&training->backend, &batch, &training->setup.train.recipe.adamw, 1, &error) &&
                      training->table->passes(training->backend, &passes[epoch - 1], 1, &error),
                  "%s", error.message);
    }
}

static void expect_same(Training *expected, const DlcaPass *expected_passes, Training *training,
                        const DlcaPass *passes) {
    const size_t count = (size_t)training->setup.model->gates * DLCA_OPS;
    float *values = malloc(6 * count * sizeof *values);
    DlcaError error = {0};
    int64_t updates[2];
    cr_assert(
        expected->table->store(expected->backend, values, values + count, values + 2 * count, &updates[0], &error));
    cr_assert(training->table->store(training->backend, values + 3 * count, values + 4 * count, values + 5 * count,
                                     &updates[1], &error));
    cr_assert_eq(updates[0], updates[1]);
    cr_assert_arr_eq(values, values + 3 * count, 3 * count * sizeof *values);
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
        cr_assert_eq(passes[epoch].loss, expected_passes[epoch].loss, "epoch %d: %.17g, not %.17g", epoch + 1,
                     passes[epoch].loss, expected_passes[epoch].loss);
        cr_assert_eq(passes[epoch].cells, expected_passes[epoch].cells);
    }
    free(values);
}

/* The losses of all epochs are fetched at the end, as training does on a device. */
static void expect_cpu_epochs(const What *what) {
    Training cpu, device;
    DlcaPass expected[EPOCHS], passes[EPOCHS];
    DlcaError error = {0};
    begin(&cpu, what, 7, &dlca_backend_cpu);
    begin(&device, what, 7, &dlca_backend_emulated);
    train_alone(&cpu, expected);
    for (uint32_t epoch = 1; epoch <= EPOCHS; epoch++) {
        const DlcaBatch batch = batch_of(&device, epoch);
        cr_assert(device.table->train(&device.backend, &batch, &device.setup.train.recipe.adamw, 1, &error), "%s",
                  error.message);
    }
    cr_assert(device.table->passes(device.backend, passes, EPOCHS, &error));
    expect_same(&cpu, expected, &device, passes);
    end(&cpu);
    end(&device);
}

/* More than one block of 64 starts, steps drawn anew for each epoch, a loss over later steps. */
Test(gpu_epochs, random_starts) {
    What test = what("checkerboard");
    expect_cpu_epochs(&test);
    test.method.batch = 67;
    test.method.steps_min = 2;
    test.method.steps_max = 3;
    test.method.hold = 1;
    test.method.hold_weight = 2.0;
    expect_cpu_epochs(&test);
}

Test(gpu_epochs, random_firing) {
    What test = what("checkerboard");
    test.asynchronous = true;
    test.method.steps = 5;
    test.method.batch = 3;
    expect_cpu_epochs(&test);
}

Test(gpu_epochs, targets_that_follow_from_the_start) {
    What test = what("life");
    expect_cpu_epochs(&test);
    test.method.batch = 70;
    expect_cpu_epochs(&test);
}

Test(gpu_epochs, one_start) {
    const What lizard = what("lizard"), colors = what("colors");
    expect_cpu_epochs(&lizard);
    expect_cpu_epochs(&colors);
}

/* What a device may draw is not brought to it. */
Test(gpu_epochs, a_device_gets_no_buffer_that_it_can_fill) {
    What test = what("checkerboard");
    test.asynchronous = true;
    Training device;
    begin(&device, &test, 1, &dlca_backend_emulated);
    DlcaBatch batch = dlca_batch_for_device(&device.source, 1);
    cr_assert(batch.draws.starts && batch.draws.fire_rate > 0.0 && !batch.input && !batch.fire && batch.target);
    end(&device);
    test = what("life");
    begin(&device, &test, 1, &dlca_backend_emulated);
    batch = dlca_batch_for_device(&device.source, 1);
    cr_assert(batch.draws.starts && batch.draws.next_generation && batch.draws.fire_rate == 0.0);
    end(&device);
}

/* Losses of many epochs, whose places are used in turn. */
Test(gpu_epochs, kept_losses) {
    enum { MANY = DLCA_MOST_PASSES_KEPT + 7 };
    const What test = what("life");
    Training cpu, device;
    DlcaPass expected[MANY], passes[DLCA_MOST_PASSES_KEPT];
    DlcaError error = {0};
    begin(&cpu, &test, 7, &dlca_backend_cpu);
    begin(&device, &test, 7, &dlca_backend_emulated);
    for (uint32_t epoch = 1; epoch <= MANY; epoch++) {
        DlcaBatch batch = batch_of(&cpu, epoch);
        cr_assert(cpu.table->train(&cpu.backend, &batch, &cpu.setup.train.recipe.adamw, 1, &error));
        cr_assert(cpu.table->passes(cpu.backend, &expected[epoch - 1], 1, &error));
        batch = batch_of(&device, epoch);
        cr_assert(device.table->train(&device.backend, &batch, &device.setup.train.recipe.adamw, 1, &error));
    }
    cr_assert(device.table->passes(device.backend, passes, DLCA_MOST_PASSES_KEPT, &error));
    for (int i = 0; i < DLCA_MOST_PASSES_KEPT; i++) {
        cr_assert_eq(passes[i].loss, expected[MANY - DLCA_MOST_PASSES_KEPT + i].loss);
    }
    end(&cpu);
    end(&device);
}

/* ---- side by side ---- */

typedef struct Device {
    int32_t processors;
    size_t shared_bytes;
} Device;

static void use_device(Device device) {
    DlcaEmulation emulation = dlca_emulation_default();
    emulation.limits.processors = device.processors;
    emulation.limits.shared_bytes = emulation.limits.processor_shared = device.shared_bytes;
    dlca_emulation_use(&emulation);
}

/* Different seeds, wires and numbers of steps; on devices that hold all of them, some, one; and one whose blocks have
 * no room for the rows. */
Test(gpu_epochs, models_in_one_launch) {
    const Device devices[] = {{400, 228 << 10}, {12, 64 << 10}, {1, 64 << 10}, {3, 2 << 10}};
    What test = what("checkerboard");
    test.method.steps_min = 2;
    test.method.steps_max = 6;
    for (size_t way = 0; way < sizeof devices / sizeof *devices; way++) {
        Training cpu[MOST_MODELS], device[MOST_MODELS];
        DlcaPass expected[MOST_MODELS][EPOCHS], passes[MOST_MODELS][EPOCHS];
        DlcaBackend *backends[MOST_MODELS];
        DlcaBatch batches[MOST_MODELS];
        DlcaAdamW optimizers[MOST_MODELS];
        DlcaError error = {0};
        use_device(devices[way]);
        for (int i = 0; i < MOST_MODELS; i++) {
            begin(&cpu[i], &test, 10 + (uint64_t)i, &dlca_backend_cpu);
            begin(&device[i], &test, 10 + (uint64_t)i, &dlca_backend_emulated);
            train_alone(&cpu[i], expected[i]);
            backends[i] = device[i].backend;
            optimizers[i] = device[i].setup.train.recipe.adamw;
        }
        for (uint32_t epoch = 1; epoch <= EPOCHS; epoch++) {
            for (int i = 0; i < MOST_MODELS; i++) {
                batches[i] = batch_of(&device[i], epoch);
            }
            cr_assert(dlca_backend_emulated.train(backends, batches, optimizers, MOST_MODELS, &error), "%s",
                      error.message);
        }
        for (int i = 0; i < MOST_MODELS; i++) {
            cr_assert(dlca_backend_emulated.passes(backends[i], passes[i], EPOCHS, &error));
            expect_same(&cpu[i], expected[i], &device[i], passes[i]);
            end(&cpu[i]);
            end(&device[i]);
        }
    }
}

Test(gpu_epochs, models_of_different_shapes_have_no_common_launch) {
    const What checkerboard = what("checkerboard"), life = what("life");
    Training one, other;
    DlcaError error = {0};
    begin(&one, &checkerboard, 1, &dlca_backend_emulated);
    begin(&other, &life, 1, &dlca_backend_emulated);
    DlcaBackend *backends[2] = {one.backend, other.backend};
    const DlcaBatch batches[2] = {batch_of(&one, 1), batch_of(&other, 1)};
    const DlcaAdamW optimizers[2] = {one.setup.train.recipe.adamw, other.setup.train.recipe.adamw};
    cr_assert_not(dlca_backend_emulated.train(backends, batches, optimizers, 2, &error));
    cr_assert_eq(error.kind, DLCA_BAD_INPUT);
    end(&one);
    end(&other);
}

/* ---- a crew ---- */

/* Members that train more and fewer epochs, on threads of their own. */
static void train_in_crew(DlcaCrew *crew, Training *training, int epochs, DlcaPass *last) {
    DlcaError error = {0};
    bool done = true;
    for (int epoch = 1; epoch <= epochs && done; epoch++) {
        const DlcaBatch batch = batch_of(training, (uint32_t)epoch);
        done = dlca_crew_train(crew, training->table, training->backend, &batch, &training->setup.train.recipe.adamw,
                               &error) &&
               training->table->passes(training->backend, last, 1, &error);
    }
    dlca_crew_leave(crew);
    cr_assert(done, "%s", error.message);
}

Test(gpu_epochs, threads_that_share_a_device) {
    const What test = what("life");
    Training alone[MOST_MODELS], together[MOST_MODELS];
    DlcaError error = {0};
    DlcaCrew *crew = dlca_crew_create(&error);
    cr_assert_not_null(crew);
    for (int i = 0; i < MOST_MODELS; i++) {
        begin(&alone[i], &test, 20 + (uint64_t)i, &dlca_backend_cpu);
        begin(&together[i], &test, 20 + (uint64_t)i, &dlca_backend_emulated);
        dlca_crew_join(crew);
    }
    DlcaPass last[MOST_MODELS], expected[EPOCHS + MOST_MODELS];
#pragma omp parallel for num_threads(MOST_MODELS) schedule(static, 1)
    for (int i = 0; i < MOST_MODELS; i++) {
        train_in_crew(crew, &together[i], EPOCHS + i, &last[i]);
    }
    for (int i = 0; i < MOST_MODELS; i++) {
        for (int epoch = 1; epoch <= EPOCHS + i; epoch++) {
            const DlcaBatch batch = batch_of(&alone[i], (uint32_t)epoch);
            cr_assert(alone[i].table->train(&alone[i].backend, &batch, &alone[i].setup.train.recipe.adamw, 1, &error));
            cr_assert(alone[i].table->passes(alone[i].backend, &expected[epoch], 1, &error));
        }
        cr_assert_eq(last[i].loss, expected[EPOCHS + i].loss);
        end(&alone[i]);
        end(&together[i]);
    }
    dlca_crew_free(crew);
}

/* An epoch that cannot be is refused for everyone in it, and the crew goes on. */
Test(gpu_epochs, a_crew_hands_errors_on) {
    const What test = what("life");
    Training training;
    DlcaError error = {0};
    DlcaCrew *crew = dlca_crew_create(&error);
    begin(&training, &test, 1, &dlca_backend_emulated);
    dlca_crew_join(crew);
    const DlcaAdamW *adamw = &training.setup.train.recipe.adamw;
    DlcaBatch batch = batch_of(&training, 1);
    batch.steps = 1000;
    cr_assert_not(dlca_crew_train(crew, training.table, training.backend, &batch, adamw, &error));
    cr_assert_eq(error.kind, DLCA_BAD_INPUT);
    batch = batch_of(&training, 1);
    cr_assert(dlca_crew_train(crew, training.table, training.backend, &batch, adamw, &error));
    dlca_crew_leave(crew);
    dlca_crew_free(crew);
    end(&training);
}
