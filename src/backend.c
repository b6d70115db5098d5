/* backend.c - finds a backend by the name that users give. */
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

const DlcaBackendTable *dlca_backend_find(const char *name, DlcaIsa *isa, DlcaError *error) {
    if (strcmp(name, "auto") == 0) {
        *isa = dlca_isa_best();
        return &dlca_backend_cpu;
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
