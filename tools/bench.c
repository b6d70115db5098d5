/* bench.c - `dlca bench`: how much of the machine's arithmetic peak training reaches, and where time goes.
 *
 * One run measures the peaks and everything that is compared with them, in turn, so that every figure it prints is a
 * ratio within that run. Leaves alone: what is measured (bench_case.h, bench_peak.h, bench_naive.h) and printing. */
#include "bench_commit.h"
#include "bench_passes.h"
#include "command.h"

#include <stdlib.h>
#include <string.h>

static void note_command(BenchReport *report, int argc, char **argv) {
    size_t used = (size_t)snprintf(report->command, sizeof report->command, "dlca");
    for (int i = 0; i < argc && used < sizeof report->command; i++) {
        used += (size_t)snprintf(report->command + used, sizeof report->command - used, " %s", argv[i]);
    }
}

static void note_machine(BenchReport *report) {
    dlca_cpu_name(report->cpu, sizeof report->cpu);
    report->processors = dlca_cpu_count();
#if defined(__clang__)
    snprintf(report->compiler, sizeof report->compiler, "clang %s", __clang_version__);
#else
    snprintf(report->compiler, sizeof report->compiler, "gcc %s", __VERSION__);
#endif
}

typedef struct BenchOptions {
    bool quick, json;
    int64_t rounds, threads;
} BenchOptions;

int dlca_command_bench(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "simulate") == 0) {
        return dlca_command_bench_simulate(argc - 1, argv + 1);
    }
    if (argc > 1 && strcmp(argv[1], "cuda") == 0) {
        return dlca_command_bench_cuda(argc - 1, argv + 1);
    }
    if (argc > 1 && strcmp(argv[1], "kernels") == 0) {
        return dlca_command_bench_kernels(argc - 1, argv + 1);
    }
    static const DlcaOption option[] = {
        {.name = "quick",
         .kind = DLCA_OPTION_FLAG,
         .help = "fewer rounds, no scalar kernels, no growth: under 20 seconds",
         .offset = offsetof(BenchOptions, quick)},
        {.name = "json",
         .kind = DLCA_OPTION_FLAG,
         .help = "print JSON instead of tables; spreads are [lower quartile, median, upper quartile]",
         .offset = offsetof(BenchOptions, json)},
        {.name = "rounds",
         .kind = DLCA_OPTION_INTEGER,
         .value = "N",
         .help = "interleaved repetitions of every measurement",
         .offset = offsetof(BenchOptions, rounds),
         .minimum = 1,
         .maximum = BENCH_MOST_ROUNDS,
         .no_default = "15; 9 with --quick"},
        {.name = "threads",
         .kind = DLCA_OPTION_INTEGER,
         .value = "N",
         .help = "most threads to measure with",
         .offset = offsetof(BenchOptions, threads),
         .minimum = 1,
         .maximum = 1024,
         .no_default = "the processors of this process"},
    };
    const DlcaArguments arguments = {
        .program = "dlca bench",
        .operands = "",
        .summary = "Measures training against the machine's peak of fused multiply-adds, in one run.",
        .option = option,
        .options = sizeof option / sizeof *option,
    };
    static BenchReport report; /* some 80 KiB: not for the stack */
    BenchOptions options = {0};
    const char *operands[DLCA_MAX_OPERANDS];
    DlcaError error = {0};
    int code;
    if (!dlca_command_parse(&arguments, argc, argv, &options, operands, &code)) {
        return code;
    }
    report.quick = options.quick;
    report.rounds = options.rounds ? (int32_t)options.rounds : options.quick ? 9 : 15;
    note_machine(&report);
    bench_commit(report.commit, sizeof report.commit);
    note_command(&report, argc, argv);
    if (!bench_measure_all(&report, options.threads ? (int32_t)options.threads : report.processors, &error)) {
        return dlca_command_fail(arguments.program, &error);
    }
    (options.json ? bench_print_json : bench_print_table)(&report, stdout);
    return 0;
}
