/* cpu.c - what this processor can run, and how many of them this process may use. */
#include "backend.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const isa_names[DLCA_ISA_COUNT] = {"scalar", "avx2", "avx512", "neon"};

const char *dlca_isa_name(DlcaIsa isa) {
    return isa_names[isa];
}

static const DlcaKernels *kernels_of(DlcaIsa isa) {
    switch (isa) {
    case DLCA_ISA_AVX2:
        return dlca_kernels_avx2();
    case DLCA_ISA_AVX512:
        return dlca_kernels_avx512();
    case DLCA_ISA_NEON:
        return dlca_kernels_neon();
    default:
        return dlca_kernels_scalar();
    }
}

bool dlca_isa_built(DlcaIsa isa) {
    return kernels_of(isa) != NULL;
}

bool dlca_isa_usable(DlcaIsa isa) {
    if (!dlca_isa_built(isa)) {
        return false;
    }
#if defined(__x86_64__)
    /* The compiler's own check asks the operating system too (XGETBV): it says no when the wide registers are not
     * saved across context switches. */
    __builtin_cpu_init();
    if (isa == DLCA_ISA_AVX2) {
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    }
    if (isa == DLCA_ISA_AVX512) {
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
    }
#endif
    return true; /* scalar anywhere; NEON is part of every 64-bit Arm */
}

DlcaIsa dlca_isa_best(void) {
    const DlcaIsa order[] = {DLCA_ISA_AVX512, DLCA_ISA_AVX2, DLCA_ISA_NEON};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        if (dlca_isa_usable(order[i])) {
            return order[i];
        }
    }
    return DLCA_ISA_SCALAR;
}

const DlcaKernels *dlca_kernels_for(DlcaIsa isa) {
    return kernels_of(isa);
}

int32_t dlca_cpu_count(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) {
        const int count = CPU_COUNT(&set);
        return count > 0 ? count : 1;
    }
    const long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (int32_t)online : 1;
}

bool dlca_memory_fits(const DlcaMemoryPlan *plan, DlcaError *error) {
    const long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    if (pages > 0 && size > 0 && plan->bytes > (size_t)pages * (size_t)size) {
        return dlca_fail(error, DLCA_BAD_INPUT,
                         "training needs %.1f GiB of memory, this machine has %.1f: take a smaller grid, batch or "
                         "distance between kept states (checkpoint-every)",
                         (double)plan->bytes / 0x1p30, (double)pages * (double)size / 0x1p30);
    }
    return true;
}

void dlca_cpu_name(char *name, size_t size) {
    snprintf(name, size, "unknown");
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[256];
    while (file && fgets(line, sizeof line, file)) {
        const char *colon = strchr(line, ':');
        if (colon && strncmp(line, "model name", 10) == 0) {
            line[strcspn(line, "\n")] = '\0';
            snprintf(name, size, "%s", colon + 1 + (colon[1] == ' '));
            break;
        }
    }
    if (file) {
        fclose(file);
    }
}
