/* test_gpu_shape.c - every task's work fits the blocks of every generation of devices: its rows lie in the blocks' own
 * memory, and no more blocks are launched than run at the same time. The figures are the CUDA programming guide's. */
#include "../gpu/emulated_device.h"
#include "../train/task.h"

#include <criterion/criterion.h>
#include <string.h>

typedef struct Generation {
    const char *name;
    int32_t processors, threads;
    size_t block_shared, processor_shared;
} Generation;

/* 1 KiB of a block's memory is the kernel's own and the system's (STATIC_SHARED in device_cuda.cu). */
static const Generation generations[] = {
    {"7.5, a small one", 40, 1024, 63 << 10, 64 << 10},      {"8.0, A100", 108, 2048, 162 << 10, 164 << 10},
    {"8.6, a small one", 20, 1536, 98 << 10, 100 << 10},     {"8.9, RTX 4090", 128, 1536, 98 << 10, 100 << 10},
    {"9.0, H100 and H200", 132, 2048, 226 << 10, 228 << 10},
};
enum { GENERATIONS = sizeof generations / sizeof *generations, GIB = 30 };

static size_t bytes_of(const DlcaMemoryPlan *plan, const char *name) {
    for (int32_t i = 0; i < plan->items; i++) {
        if (strcmp(plan->item[i].name, name) == 0) {
            return plan->item[i].bytes;
        }
    }
    cr_assert_fail("the plan has no %s", name);
    return 0;
}

static void expect_fitting(const char *task_name, bool asynchronous) {
    DlcaError error = {0};
    DlcaTask task;
    cr_assert(dlca_task_create(&task, task_name, asynchronous, false, true, 1, &error), "%s", error.message);
    DlcaModel *model = dlca_model_create(&task.config, &error);
    dlca_model_wire(model, 1, 0);
    for (int i = 0; i < GENERATIONS; i++) {
        const Generation *generation = &generations[i];
        DlcaEmulation emulation = {.limits = {.processors = generation->processors,
                                              .processor_threads = generation->threads,
                                              .shared_bytes = generation->block_shared,
                                              .processor_shared = generation->processor_shared,
                                              .free_bytes = (size_t)1 << GIB,
                                              .all_bytes = (size_t)1 << GIB}};
        DlcaMemoryPlan plan;
        dlca_emulation_use(&emulation);
        cr_assert(dlca_backend_emulated.plan(model, &(DlcaBackendOptions){.threads = 1}, &plan, &error), "%s",
                  error.message);
        cr_assert_eq(bytes_of(&plan, "activations and gradients of a strip"), 0, "%s on %s", task_name,
                     generation->name);
        cr_assert_leq(plan.threads, generation->processors * generation->threads);
        cr_assert_geq(plan.threads, 128);
        cr_assert_lt(plan.bytes, (size_t)256 << 20);
    }
    dlca_model_free(model);
    dlca_task_free(&task);
}

Test(gpu_shape, every_task_fits_every_generation) {
    expect_fitting("checkerboard", false);
    expect_fitting("checkerboard", true);
    expect_fitting("life", false);
    expect_fitting("lizard", false);
    expect_fitting("colors", false);
}
