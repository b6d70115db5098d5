/* backends.c - `dlca backends`: which instruction sets and devices can be used here. Leaves alone: choosing one
 * (backend.h). */
#include "../src/backend.h"
#include "command.h"

enum { MOST_DEVICES = 16 };

/* Same columns as the instruction sets: name, state; then what each device is. */
static void list_cuda(void) {
    DlcaCudaDevice device[MOST_DEVICES];
    DlcaError reason = {0};
    const int32_t devices = dlca_cuda_devices(device, MOST_DEVICES, &reason);
    if (devices == 0) {
        printf("%-8s not here: %s\n", dlca_backend_cuda.name, reason.message);
        return;
    }
    printf("%-8s %s\n", dlca_backend_cuda.name, device[0].usable ? "usable" : "too old");
    for (int32_t i = 0; i < devices && i < MOST_DEVICES; i++) {
        printf("  device %d: %s, compute capability %d.%d, %d processors, %.1f GiB%s\n", i, device[i].name,
               device[i].major, device[i].minor, device[i].processors, (double)device[i].bytes / 0x1p30,
               i == 0 ? " (used; CUDA_VISIBLE_DEVICES chooses)" : "");
    }
}

int dlca_command_backends(int argc, char **argv) {
    const DlcaArguments arguments = {
        .program = "dlca backends",
        .operands = "",
        .summary = "Lists the backends: what --backend accepts on this machine.",
    };
    const char *operands[DLCA_MAX_OPERANDS];
    char nothing = 0, cpu[128];
    int code;
    if (!dlca_command_parse(&arguments, argc, argv, &nothing, operands, &code)) {
        return code;
    }
    dlca_cpu_name(cpu, sizeof cpu);
    printf("cpu: %s, %d processors for this process\n", cpu, dlca_cpu_count());
    for (int isa = 0; isa < DLCA_ISA_COUNT; isa++) {
        const char *state = dlca_isa_usable((DlcaIsa)isa)  ? "usable"
                            : dlca_isa_built((DlcaIsa)isa) ? "not on this CPU"
                                                           : "not in this program";
        printf("%-8s %s%s\n", dlca_isa_name((DlcaIsa)isa), state, (DlcaIsa)isa == dlca_isa_best() ? " (auto)" : "");
    }
    list_cuda();
    return 0;
}
