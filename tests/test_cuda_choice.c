/* test_cuda_choice.c - what a user of --backend cuda and auto gets where there is no device, and where there was no
 * nvcc: the stub is compiled here under other names, so that it is tested on every machine. */
#include "soft_case.h"

#define dlca_gpu_cuda stub_gpu_cuda
#define dlca_cuda_built stub_cuda_built
#define dlca_cuda_driver stub_cuda_driver
#define dlca_cuda_devices stub_cuda_devices
#define dlca_cuda_fma_peak stub_cuda_fma_peak
bool stub_cuda_built(void);
bool stub_cuda_driver(void);
bool stub_cuda_fma_peak(double *per_second, DlcaError *error);
int32_t stub_cuda_devices(DlcaCudaDevice *device, int32_t most, DlcaError *error);
#include "../gpu/device_none.c"
#undef dlca_gpu_cuda
#undef dlca_cuda_built
#undef dlca_cuda_driver
#undef dlca_cuda_devices
#undef dlca_cuda_fma_peak

#include <criterion/criterion.h>
#include <string.h>

Test(cuda_choice, the_stub_says_that_it_is_one) {
    DlcaError error = {0};
    DlcaCudaDevice device;
    cr_assert_not(stub_cuda_built());
    cr_assert_not(stub_cuda_driver());
    cr_assert_eq(stub_cuda_devices(&device, 1, &error), 0);
    cr_assert(strstr(error.message, "built without CUDA"));
    double peak;
    cr_assert_not(stub_cuda_fma_peak(&peak, &error));
    error = (DlcaError){0};
    cr_assert_null(stub_gpu_cuda.open(&error));
    cr_assert_eq(error.kind, DLCA_BAD_INPUT);
    cr_assert(strstr(error.message, "backend cuda: ") && strstr(error.message, "built without CUDA"));
}

static bool has_device(void) {
    DlcaCudaDevice device;
    DlcaError reason = {0};
    return dlca_cuda_devices(&device, 1, &reason) > 0 && device.usable;
}

Test(cuda_choice, cuda_is_refused_with_a_reason_or_found) {
    DlcaIsa isa = DLCA_ISA_SCALAR;
    DlcaError error = {0};
    const DlcaBackendTable *table = dlca_backend_find("cuda", &isa, &error);
    cr_assert_eq(table != NULL, has_device());
    cr_assert(!table || table == &dlca_backend_cuda);
    if (!table) {
        cr_assert_eq(error.kind, DLCA_BAD_INPUT);
        cr_assert(strstr(error.message, dlca_cuda_built() ? "backend cuda: " : "built without CUDA"));
        cr_assert_null(strchr(error.message, '\n'));
    }
    cr_assert_str_eq(dlca_backend_label(&dlca_backend_cuda, isa), "cuda");
    cr_assert_str_eq(dlca_backend_label(&dlca_backend_cpu, DLCA_ISA_AVX2), "avx2");
}

/* A model that a device would gain for falls back with a note where there is a driver, so that somebody may expect a
 * device to be used; otherwise, and for small ones, without a word. */
Test(cuda_choice, auto_falls_back) {
    char note[640];
    DlcaConfig config = {.task = "test",
                         .height = 64,
                         .width = 64,
                         .channels = 16,
                         .scored_channels = 1,
                         .kernels = 16,
                         .perceive_layers = 3,
                         .perceive = {8, 4, 2},
                         .update_layers = 2,
                         .update = {512, 16},
                         .steps = 20,
                         .batch = 8,
                         .fire_rate = 1.0};
    DlcaModel *model = dlca_model_create(&config, NULL);
    const char *name = dlca_backend_auto(model, 2, note, sizeof note);
    cr_assert_str_eq(name, has_device() ? "cuda" : "auto");
    cr_assert_eq(note[0] != '\0', dlca_cuda_driver() && !has_device());
    cr_assert_null(strchr(note, '\n'));
    dlca_model_free(model);
    config.height = config.width = 3;
    config.steps = config.batch = 1;
    model = dlca_model_create(&config, NULL);
    cr_assert_str_eq(dlca_backend_auto(model, 2, note, sizeof note), "auto");
    cr_assert_eq(note[0], '\0');
    dlca_model_free(model);
}
