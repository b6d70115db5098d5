/* backend.c - finds a backend by the name that users give, and says what "auto" is. */
#include "backend.h"

#include <stdio.h>
#include <string.h>

static void list_usable(char *text, size_t size) {
    size_t used = (size_t)snprintf(text, size, "auto");
    for (int isa = 0; isa < DLCA_ISA_COUNT; isa++) {
        if (dlca_isa_usable((DlcaIsa)isa) && used < size) {
            used += (size_t)snprintf(text + used, size - used, ", %s", dlca_isa_name((DlcaIsa)isa));
        }
    }
}

static const DlcaBackendTable *find_cuda(DlcaError *error) {
    DlcaCudaDevice first;
    DlcaError reason = {0};
    if (dlca_cuda_devices(&first, 1, &reason) == 0) {
        dlca_fail(error, DLCA_BAD_INPUT, "backend cuda: %s", reason.message);
        return NULL;
    }
    if (!first.usable) {
        dlca_fail(error, DLCA_BAD_INPUT, "backend cuda: %s has compute capability %d.%d, too old", first.name,
                  first.major, first.minor);
        return NULL;
    }
    return &dlca_backend_cuda;
}

const DlcaBackendTable *dlca_backend_find(const char *name, DlcaIsa *isa, DlcaError *error) {
    if (strcmp(name, "auto") == 0) {
        *isa = dlca_isa_best();
        return &dlca_backend_cpu;
    }
    if (strcmp(name, dlca_backend_cuda.name) == 0) {
        return find_cuda(error);
    }
    if (strcmp(name, dlca_backend_emulated.name) == 0) {
        return &dlca_backend_emulated;
    }
    char usable[128];
    list_usable(usable, sizeof usable);
    for (int i = 0; i < DLCA_ISA_COUNT; i++) {
        if (strcmp(name, dlca_isa_name((DlcaIsa)i)) == 0) {
            if (!dlca_isa_usable((DlcaIsa)i)) {
                dlca_fail(error, DLCA_BAD_INPUT, "backend %s: this machine cannot run it; it has %s", name, usable);
                return NULL;
            }
            *isa = (DlcaIsa)i;
            return &dlca_backend_cpu;
        }
    }
    dlca_fail(error, DLCA_BAD_INPUT, "backend %s: there is none of that name; this machine has %s", name, usable);
    return NULL;
}

/* ---- auto ---- */

/* Seconds of an epoch. On the processor as measured (README): 2.2 thousand million gate evaluations a second and
 * thread. On a device as estimated, since none was measured: a launch and its copies, the latency of a step's layers
 * and barriers, and a modest rate. */
static const double CPU_RATE = 2.2e9, GPU_RATE = 1e11, GPU_EPOCH = 50e-6, GPU_STEP = 20e-6;
/* What the estimate must promise. */
static const double LEAST_GAIN = 2.0;

static bool would_gain(const DlcaModel *model, int32_t threads) {
    const DlcaConfig *config = &model->config;
    const double cells = (double)config->height * (double)config->width * (double)config->batch;
    const double evaluations = cells * (double)config->steps * (double)dlca_model_cell_gates(model);
    const double cpu = evaluations / (CPU_RATE * (double)threads);
    const double gpu = GPU_EPOCH + (double)config->steps * GPU_STEP + evaluations / GPU_RATE;
    return cpu > LEAST_GAIN * gpu;
}

const char *dlca_backend_auto(const DlcaModel *model, int32_t threads, char *note, size_t size) {
    DlcaError reason = {0};
    note[0] = '\0';
    if (!dlca_cuda_driver() || !would_gain(model, threads)) {
        return "auto";
    }
    if (!find_cuda(&reason)) {
        snprintf(note, size, "%s: the processor trains", reason.message);
        return "auto";
    }
    return dlca_backend_cuda.name;
}

bool dlca_backend_is_device(const char *name) {
    return strcmp(name, dlca_backend_cuda.name) == 0 || strcmp(name, dlca_backend_emulated.name) == 0;
}

const char *dlca_backend_label(const DlcaBackendTable *table, DlcaIsa isa) {
    return table == &dlca_backend_cpu ? dlca_isa_name(isa) : table->name;
}
