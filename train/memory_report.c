/* memory_report.c - one line per buffer: name, shape, bytes. */
#include "memory_report.h"

static void print_line(const char *name, const char *shape, size_t bytes, FILE *out) {
    fprintf(out, "  %-36s %-40s %14zu bytes\n", name, shape, bytes);
}

void dlca_memory_print(const DlcaMemoryPlan *plan, const DlcaConfig *config, FILE *out) {
    fprintf(out, "memory of training: %dx%d cells, %d channels, T = %d steps, batch %d, threads: %d\n", config->width,
            config->height, config->channels, config->steps, config->batch, plan->threads);
    if (plan->checkpoint_every == config->steps) {
        fprintf(out, "the states of all steps are kept (K = T)\n");
    } else {
        fprintf(out, "states are kept every K = %d steps and computed again between\n", plan->checkpoint_every);
    }
    for (int32_t i = 0; i < plan->items; i++) {
        print_line(plan->item[i].name, plan->item[i].shape, plan->item[i].bytes, out);
    }
    print_line("all", "", plan->bytes, out);
}
