/* backends.c - `dlca backends`: which instruction sets can be used here. Leaves alone: choosing one (backend.h). */
#include "../src/dlca.h"
#include "command.h"

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
    return 0;
}
