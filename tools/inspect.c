/* inspect.c - `dlca inspect MODEL`: what a file holds, or with --verify only whether it is sound. Loading checks it, so
 * one that is shown is sound. Leaves alone: judging the rule (evaluate). */
#include "../gates/optimize.h"
#include "../src/parametrization.h"
#include "../train/memory_report.h"
#include "command.h"
#include "rule.h"

#include <inttypes.h>

static void print_facts(const DlcaRule *rule, const char *path) {
    const DlcaConfig *config = &rule->config;
    printf("file: %s, %" PRId64 " bytes, %s, checked and sound\n", path, rule->file_bytes,
           rule->model ? "a model" : "a circuit");
    char task[32];
    printf("task: %s, seed %" PRIu64, dlca_plain_task(config->task, task), config->seed);
    if (rule->epoch >= 0) {
        printf(", epochs run: %" PRId64, rule->epoch);
    }
    printf("\ngrid: %dx%d cells, %s, bits per cell: %d, of them scored: %d\n", config->width, config->height,
           config->periodic ? "periodic" : "outside reads 0", config->channels, config->scored_channels);
    printf("rollout: %d steps, ", config->steps);
    if (config->asynchronous) {
        printf("asynchronous, fire rate %g\n", config->fire_rate);
    } else {
        printf("synchronous\n");
    }
}

static void print_layers(const DlcaModel *model) {
    int32_t perceive = 0, update = 0;
    printf("perception kernels: %d, batch: %d, wiring: %s, gates: %s\n", model->config.kernels, model->config.batch,
           model->config.wiring == DLCA_WIRING_UNIQUE ? "unique" : "random",
           dlca_parametrization(model->config.gates)->name);
    printf("%-12s %8s %8s %8s\n", "layer", "inputs", "gates", "kernels");
    for (int32_t i = 0; i < model->layers; i++) {
        const DlcaLayer *layer = &model->layer[i];
        char name[32];
        snprintf(name, sizeof name, "%s.%d", layer->perceive ? "perceive" : "update",
                 layer->perceive ? perceive++ : update++);
        printf("%-12s %8d %8d %8d\n", name, layer->inputs, layer->gates, layer->kernels);
    }
}

static void print_histogram(const char *title, const int64_t count[DLCA_OPS], int64_t total) {
    printf("%s\n", title);
    for (int op = 0; op < DLCA_OPS; op++) {
        if (count[op] > 0) {
            printf("  %-14s %8" PRId64 "  %5.1f %%\n", dlca_op_name(op), count[op],
                   100 * (double)count[op] / (double)total);
        }
    }
}

static void print_gates(const DlcaRule *rule, int32_t depth) {
    const DlcaCircuit *circuit = &rule->circuit;
    DlcaCircuitSize size = dlca_circuit_size(circuit);
    int64_t trained[DLCA_OPS] = {0}, left[DLCA_OPS] = {0};
    printf("gates: %" PRId64 " in the model, %" PRId64 " active (neither A nor B)\n", rule->gates_total,
           rule->gates_active);
    printf("circuit: %d gates, %d inverters, %d constants, depth %d\n", size.gates, size.inverters, size.constants,
           depth);
    if (rule->model) {
        for (int64_t gate = 0; gate < rule->gates_total; gate++) {
            trained[rule->ops[gate]]++;
        }
        print_histogram(rule->model->has_ops ? "operations of the model's gates, as kept:"
                                             : "operations of the model's gates, the most probable ones:",
                        trained, rule->gates_total);
    }
    for (int32_t gate = 0; gate < circuit->gates; gate++) {
        left[circuit->gate[gate].op]++;
    }
    print_histogram("operations of the circuit:", left, circuit->gates);
}

/* What training it on would take on this machine. */
static bool print_memory(const DlcaModel *model, DlcaError *error) {
    DlcaMemoryPlan plan;
    const DlcaBackendOptions options = {.threads = dlca_cpu_count(), .isa = dlca_isa_best()};
    if (!dlca_backend_cpu_plan(model, &options, &plan, error)) {
        return false;
    }
    dlca_memory_print(&plan, &model->config, stdout);
    return true;
}

/* One line for scripts. Only model files have a checksum; of a circuit every value was checked. */
static bool print_verdict(const DlcaRule *rule, const char *path, DlcaError *error) {
    (void)error;
    printf("%s: sound: %" PRId64 " bytes, %s\n", path, rule->file_bytes,
           rule->model ? "a model whose checksum and contents are right"
                       : "a circuit whose contents are right (circuits have no checksum)");
    return true;
}

static bool print_all(const DlcaRule *rule, const char *path, DlcaError *error) {
    const int32_t depth = dlca_circuit_depth(&rule->circuit);
    if (depth < 0) {
        return dlca_fail(error, DLCA_FAILED, "%s: no memory to measure the circuit's depth", path);
    }
    print_facts(rule, path);
    if (rule->model) {
        print_layers(rule->model);
    }
    print_gates(rule, depth);
    return !rule->model || print_memory(rule->model, error);
}

typedef struct Options {
    bool verify;
} Options;

int dlca_command_inspect(int argc, char **argv) {
    static const DlcaOption option[] = {
        {.name = "verify",
         .kind = DLCA_OPTION_FLAG,
         .help = "only say whether the file is sound, damaged, of another version or no file of dlca's",
         .offset = offsetof(Options, verify)},
    };
    const DlcaArguments arguments = {
        .program = "dlca inspect",
        .operands = "MODEL",
        .operand_count = 1,
        .summary =
            "Checks a model.safetensors or circuit.json and prints what it holds: configuration, layers, gates,\n"
            "operations.",
        .option = option,
        .options = sizeof option / sizeof *option,
    };
    const char *operand[DLCA_MAX_OPERANDS];
    Options options = {0};
    int code;
    DlcaRule rule;
    DlcaError error = {0};
    if (!dlca_command_parse(&arguments, argc, argv, &options, operand, &code)) {
        return code;
    }
    if (!dlca_rule_load(&rule, operand[0], &error)) {
        return dlca_command_fail(arguments.program, &error);
    }
    const bool good = (options.verify ? print_verdict : print_all)(&rule, operand[0], &error);
    dlca_rule_free(&rule);
    return good ? 0 : dlca_command_fail(arguments.program, &error);
}
