/* bench_simulate.c - `dlca bench simulate`: cell updates per second of learned rules, beside Life written by hand.
 *
 * Everything of a group is measured in turn, so that its ratios hold on a machine that others use too. Leaves alone:
 * measuring (bench_simulate_measure.c) and printing (bench_simulate_print.c). */
#include "bench_simulate.h"

#include "../gates/counting.h"
#include "../src/file.h"
#include "command.h"
#include "rule.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_RULES = 8, IN_CACHE_SIDE = 512, THREADS_SIDE = 8192, MOST_BYTES_SIDE = 1 << 30, REWRITE_PATIENCE = 40 };
enum { MOST_THREADS = 256, REWRITE_MOST_GATES = 20000 };

typedef struct RuleList {
    int32_t count;
    const char *path[MOST_RULES];
} RuleList;

typedef struct Options {
    bool quick;
    int64_t rounds, threads;
    RuleList rules;
    const char *csv, *plot;
} Options;

/* A rule as learned and as optimized. */
typedef struct BenchRule {
    char name[32];
    int32_t channels;
    DlcaCircuit learned, optimized;
} BenchRule;

typedef struct Bench {
    int32_t count, rounds;
    double seconds;
    SimulateCase cases[SIMULATE_MOST_CASES];
} Bench;

static bool add_rule(const char *text, void *into, DlcaError *error) {
    RuleList *list = into;
    if (list->count == MOST_RULES) {
        return dlca_fail(error, DLCA_BAD_INPUT, "given more than %d times", MOST_RULES);
    }
    list->path[list->count++] = text;
    return true;
}

/* ---- rules ---- */

static bool load_rule(BenchRule *rule, const char *path, DlcaError *error) {
    DlcaRule loaded;
    *rule = (BenchRule){0};
    if (!dlca_rule_load(&loaded, path, error)) {
        return false;
    }
    memcpy(rule->name, loaded.config.task, sizeof rule->name);
    rule->channels = loaded.config.channels;
    bool good = loaded.model ? dlca_model_circuit(loaded.model, loaded.ops, &rule->learned, error)
                             : dlca_circuit_copy(&rule->learned, &loaded.circuit, error);
    if (good && loaded.circuit.gates <= REWRITE_MOST_GATES) {
        good = dlca_circuit_smallest(&rule->optimized, &loaded.circuit, REWRITE_PATIENCE, error);
    } else if (good) {
        good = dlca_circuit_copy(&rule->optimized, &loaded.circuit, error);
    }
    dlca_rule_free(&loaded);
    return good;
}

static void free_rule(BenchRule *rule) {
    dlca_circuit_free(&rule->learned);
    dlca_circuit_free(&rule->optimized);
}

/* A rule of so many gates, all of them needed: each reads the oldest value that nobody has read, and one of the last.
 */
static bool random_rule(DlcaCircuit *circuit, int32_t channels, int32_t gates, DlcaError *error) {
    static const DlcaOp ops[] = {DLCA_OP_AND, DLCA_OP_XOR, DLCA_OP_OR, DLCA_OP_A_AND_NOT_B};
    DlcaRandom random = dlca_random_stream(1, DLCA_RANDOM_SAMPLE, 0, (uint32_t)gates);
    if (!dlca_circuit_create(circuit, DLCA_NEIGHBOURS * channels, channels, gates, error)) {
        return false;
    }
    for (int32_t i = 0; i < gates; i++) {
        const int32_t nodes = circuit->inputs + i, recent = nodes < 24 ? nodes : 24;
        circuit->gate[i] =
            (DlcaGate){i < nodes ? i : nodes - 1, nodes - 1 - (int32_t)dlca_random_below(&random, (uint32_t)recent),
                       (uint8_t)ops[dlca_random_below(&random, 4)]};
    }
    for (int32_t i = 0; i < channels; i++) {
        circuit->output[i] = circuit->inputs + gates - 1 - i;
    }
    return true;
}

/* ---- groups ---- */

static SimulateCase case_of(const char *rule, const char *variant, const DlcaCircuit *circuit, int32_t side,
                            int32_t threads, DlcaIsa isa, SimulateEngine engine) {
    SimulateCase test = {.gates = dlca_circuit_live_gates(circuit),
                         .channels = circuit->outputs,
                         .side = side,
                         .threads = threads,
                         .isa = isa,
                         .engine = engine};
    snprintf(test.rule, sizeof test.rule, "%.*s", (int)sizeof test.rule - 1, rule);
    snprintf(test.variant, sizeof test.variant, "%s", variant);
    test.as_learned = strcmp(variant, "learned") == 0;
    return test;
}

typedef struct Group {
    Bench *bench;
    int32_t first, count, by_hand;
    const DlcaCircuit *circuit[SIMULATE_GROUP];
} Group;

static Group group_of(Bench *bench) {
    return (Group){.bench = bench, .first = bench->count, .by_hand = -1};
}

static void add(Group *group, SimulateCase test, const DlcaCircuit *circuit) {
    if (group->count < SIMULATE_GROUP && group->bench->count < SIMULATE_MOST_CASES) {
        if (test.engine == ENGINE_BY_HAND) {
            snprintf(test.variant, sizeof test.variant, "by hand");
            group->by_hand = group->by_hand < 0 ? group->count : group->by_hand;
        }
        group->circuit[group->count++] = circuit;
        group->bench->cases[group->bench->count++] = test;
    }
}

static void measure(const Group *group) {
    Bench *bench = group->bench;
    bench_simulate_group(bench->cases + group->first, group->circuit, group->count, group->by_hand, bench->rounds,
                         bench->seconds);
    fputc('.', stderr);
}

static bool is_life(const BenchRule *rule) {
    return strcmp(rule->name, "life") == 0;
}

/* In the cache, on one core: every engine of one instruction set. */
static void measure_engines(Bench *bench, const BenchRule *rule, DlcaIsa isa) {
    Group group = group_of(bench);
    if (is_life(rule)) {
        add(&group, case_of(rule->name, "", &rule->optimized, IN_CACHE_SIDE, 1, isa, ENGINE_BY_HAND), &rule->optimized);
    }
    for (SimulateEngine engine = ENGINE_INTERPRETER; engine <= ENGINE_JIT; engine++) {
        if (engine != ENGINE_NATIVE || isa == DLCA_ISA_AVX2 || isa == DLCA_ISA_AVX512) {
            add(&group, case_of(rule->name, "optimized", &rule->optimized, IN_CACHE_SIDE, 1, isa, engine),
                &rule->optimized);
            add(&group, case_of(rule->name, "learned", &rule->learned, IN_CACHE_SIDE, 1, isa, engine), &rule->learned);
        }
    }
    measure(&group);
}

static void measure_sizes(Bench *bench, const BenchRule *rule, bool quick) {
    static const int32_t sides[] = {512, 1024, 2048, 4096, 8192, 16384};
    Group group = group_of(bench);
    const DlcaIsa isa = dlca_isa_best();
    const SimulateEngine engine = isa == DLCA_ISA_SCALAR ? ENGINE_INTERPRETER : ENGINE_NATIVE;
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        const int64_t bytes = (int64_t)sides[i] * sides[i] / 8 * rule->channels * 2;
        if (bytes > MOST_BYTES_SIDE || (quick && i % 5 != 0)) {
            continue;
        }
        if (is_life(rule)) {
            add(&group, case_of(rule->name, "", &rule->optimized, sides[i], 1, isa, ENGINE_BY_HAND), &rule->optimized);
        }
        add(&group,
            case_of(is_life(rule) ? "by size" : rule->name, "optimized", &rule->optimized, sides[i], 1, isa, engine),
            &rule->optimized);
    }
    measure(&group);
}

static void measure_threads(Bench *bench, const BenchRule *rule, int32_t threads) {
    Group group = group_of(bench);
    for (int32_t n = 1; n <= threads; n = n < threads && 2 * n > threads ? threads : 2 * n) {
        add(&group,
            case_of("by threads", "optimized", &rule->optimized, THREADS_SIDE, n, dlca_isa_best(), ENGINE_NATIVE),
            &rule->optimized);
    }
    measure(&group);
}

static void measure_firing(Bench *bench, const BenchRule *rule) {
    Group group = group_of(bench);
    SimulateCase test = case_of(rule->name, "async 0.6", &rule->optimized, 2048, 1, dlca_isa_best(), ENGINE_NATIVE);
    test.asynchronous = true;
    add(&group, test, &rule->optimized);
    measure(&group);
}

static bool measure_growth(Bench *bench, DlcaError *error) {
    enum { POINTS = 7 };
    DlcaCircuit circuit[2 * POINTS] = {0};
    Group by_gates = group_of(bench);
    bool good = true;
    for (int32_t i = 0; good && i < POINTS; i++) {
        good = random_rule(&circuit[i], 1, 16 << i, error);
        if (good) {
            add(&by_gates, case_of("by gates", "random", &circuit[i], IN_CACHE_SIDE, 1, dlca_isa_best(), ENGINE_NATIVE),
                &circuit[i]);
        }
    }
    if (good) {
        measure(&by_gates);
    }
    Group by_bits = group_of(bench);
    for (int32_t i = 0; good && i < POINTS; i++) {
        good = random_rule(&circuit[POINTS + i], 1 << i, 16 << i, error);
        if (good) {
            add(&by_bits,
                case_of("by bits", "random", &circuit[POINTS + i], IN_CACHE_SIDE, 1, dlca_isa_best(), ENGINE_NATIVE),
                &circuit[POINTS + i]);
        }
    }
    if (good) {
        measure(&by_bits);
    }
    for (int32_t i = 0; i < 2 * POINTS; i++) {
        dlca_circuit_free(&circuit[i]);
    }
    return good;
}

static void measure_rule(Bench *bench, const BenchRule *rule, const Options *options, int32_t threads) {
    static const DlcaIsa sets[] = {DLCA_ISA_AVX512, DLCA_ISA_AVX2, DLCA_ISA_SCALAR};
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        if (dlca_isa_usable(sets[i]) && (is_life(rule) || sets[i] == dlca_isa_best())) {
            measure_engines(bench, rule, sets[i]);
        }
    }
    measure_sizes(bench, rule, options->quick);
    if (is_life(rule)) {
        measure_threads(bench, rule, threads);
        measure_firing(bench, rule);
    }
}

/* ---- the command ---- */

/* What the trainers left last, where nothing was named. */
static void find_rules(RuleList *list) {
    static const char *const usual[] = {
        "results/life/latest/model.safetensors", "results/checkerboard/latest/model.safetensors",
        "results/lizard/latest/model.safetensors", "results/colors/latest/model.safetensors"};
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
        if (access(usual[i], R_OK) == 0) {
            list->path[list->count++] = usual[i];
        } else {
            fprintf(stderr, "dlca bench simulate: no %s: train it first, or name a rule with --rule\n", usual[i]);
        }
    }
}

#if defined(__clang__)
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

static void print_heading(const Bench *bench, int32_t threads, const double *bandwidth) {
    char cpu[128];
    dlca_cpu_name(cpu, sizeof cpu);
    printf("%s, %d processors, dlca %s, compiled by " COMPILER
           "\nmedians of %d rounds in turn; memory moves %.1f GB/s with one thread, %.1f with %d (read, fetched, "
           "written)\n\n",
           cpu, dlca_cpu_count(), DLCA_VERSION, bench->rounds, bandwidth[1] * 1e-9, bandwidth[threads] * 1e-9, threads);
}

static bool write_files(const Bench *bench, const Options *options, DlcaError *error) {
    if (options->csv) {
        FILE *file = fopen(options->csv, "w");
        if (!file) {
            return dlca_fail(error, DLCA_FAILED, "%s cannot be written", options->csv);
        }
        bench_simulate_csv(bench->cases, bench->count, file);
        if (fclose(file) != 0) {
            return dlca_fail(error, DLCA_FAILED, "%s cannot be written", options->csv);
        }
    }
    return !options->plot || bench_simulate_plot(bench->cases, bench->count, options->plot, error);
}

static bool bench_all(Bench *bench, Options *options, DlcaError *error) {
    static double bandwidth[MOST_THREADS + 1];
    const int32_t threads = options->threads ? (int32_t)options->threads : dlca_cpu_count();
    BenchRule rule[MOST_RULES] = {0};
    int32_t loaded = 0;
    bool good = true;
    if (options->rules.count == 0) {
        find_rules(&options->rules);
    }
    for (; good && loaded < options->rules.count; loaded += good) {
        good = load_rule(&rule[loaded], options->rules.path[loaded], error);
    }
    bandwidth[1] = good ? bench_simulate_bandwidth(1) : 0;
    bandwidth[threads] = good && threads > 1 ? bench_simulate_bandwidth(threads) : bandwidth[1];
    for (int32_t i = 0; good && i < loaded; i++) {
        measure_rule(bench, &rule[i], options, threads);
    }
    good = good && (options->quick || measure_growth(bench, error));
    if (good) {
        fputc('\n', stderr);
        print_heading(bench, threads, bandwidth);
        bench_simulate_print(bench->cases, bench->count, bandwidth, stdout);
        good = write_files(bench, options, error);
    }
    for (int32_t i = 0; i <= loaded && i < MOST_RULES; i++) {
        free_rule(&rule[i]);
    }
    return good;
}

#define AT(field) offsetof(Options, field)

int dlca_command_bench_simulate(int argc, char **argv) {
    static const DlcaOption option[] = {
        {.name = "rule",
         .kind = DLCA_OPTION_PARSED,
         .value = "FILE",
         .offset = AT(rules),
         .parse = add_rule,
         .help = "model.safetensors or circuit.json to measure; may be repeated",
         .no_default = "the latest of life, checkerboard, lizard and colors in results/"},
        {.name = "quick", .kind = DLCA_OPTION_FLAG, .offset = AT(quick), .help = "fewer rounds and sizes, no growth"},
        {.name = "rounds",
         .kind = DLCA_OPTION_INTEGER,
         .value = "N",
         .offset = AT(rounds),
         .minimum = 1,
         .maximum = BENCH_MOST_ROUNDS,
         .help = "interleaved repetitions of every measurement",
         .no_default = "45; 15 with --quick"},
        {.name = "threads",
         .kind = DLCA_OPTION_INTEGER,
         .value = "N",
         .offset = AT(threads),
         .minimum = 1,
         .maximum = MOST_THREADS,
         .help = "most threads to measure with",
         .no_default = "the processors of this process"},
        {.name = "csv",
         .kind = DLCA_OPTION_TEXT,
         .value = "FILE",
         .offset = AT(csv),
         .help = "write the figures as CSV"},
        {.name = "plot",
         .kind = DLCA_OPTION_TEXT,
         .value = "FILE",
         .offset = AT(plot),
         .help = "write a plot of growth with gates, bits, size and threads (SVG)"},
    };
    const DlcaArguments arguments = {
        .program = "dlca bench simulate",
        .operands = "",
        .summary = "Measures cell updates per second of learned rules, beside a Life written by hand.",
        .option = option,
        .options = sizeof option / sizeof *option,
    };
    static Bench bench; /* some 40 KiB: not for the stack */
    Options options = {0};
    const char *operands[DLCA_MAX_OPERANDS];
    DlcaError error = {0};
    int code;
    if (!dlca_command_parse(&arguments, argc, argv, &options, operands, &code)) {
        return code;
    }
    bench.rounds = options.rounds ? (int32_t)options.rounds : options.quick ? 15 : 45;
    bench.seconds = 0.0012; /* shorter than a time slice of the system: most rounds are not cut in two */
    return bench_all(&bench, &options, &error) ? 0 : dlca_command_fail(arguments.program, &error);
}
