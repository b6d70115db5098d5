/* bench_table.c - the report of `dlca bench` for people. */
#include "bench_report.h"

static void print_peaks(const BenchReport *report, FILE *out) {
    fprintf(out, "\npeaks                    fma/s    l1 read    l2 read    memory\n");
    for (int32_t i = 0; i < report->peaks; i++) {
        const BenchPeakRecord *peak = &report->peak[i];
        if (peak->kind == BENCH_FMA) {
            fprintf(out, "%-8s %d thread%s  %9.1f G", dlca_isa_name(peak->isa), peak->threads,
                    peak->threads == 1 ? " " : "s", peak->rate.median / 1e9);
        } else {
            fprintf(out, "%6.1f GB/s", peak->rate.median / 1e9);
        }
        fprintf(out, i + 1 == report->peaks || peak[1].kind == BENCH_FMA ? "\n" : " ");
    }
}

static void print_passes(const BenchReport *report, FILE *out) {
    fprintf(out,
            "\nfraction of the fma peak of the same round (forward at %d slots per gate evaluation, epoch at %d)\n",
            BENCH_FORWARD_SLOTS, BENCH_EPOCH_SLOTS);
    fprintf(out, "%-22s %-7s %3s %5s %11s %9s %10s %8s %8s %9s %16s\n", "task", "backend", "thr", "batch", "forward ms",
            "epoch ms", "update ms", "eval ms", "Ggate/s", "forward", "epoch (quartiles)");
    for (int32_t i = 0; i < report->passes; i++) {
        const BenchPassRecord *pass = &report->pass[i];
        fprintf(out, "%-22s %-7s %3d %5d %11.3f %9.3f %10.3f %8.3f %8.2f %7.1f %% %5.1f %% (%.0f-%.0f)\n", pass->label,
                dlca_isa_name(pass->isa), pass->threads, pass->batch, 1e3 * pass->forward.median,
                1e3 * pass->epoch.median, 1e3 * pass->update.median, 1e3 * pass->evaluation.median,
                pass->gates / pass->epoch.median / 1e9, 100 * pass->forward_fraction.median,
                100 * pass->epoch_fraction.median, 100 * pass->epoch_fraction.low, 100 * pass->epoch_fraction.high);
    }
}

static void print_speed_up(const BenchReport *report, FILE *out) {
    fprintf(
        out,
        "\nspeed-up over one thread of the same round: of one training (quartiles), and of as many trainings side by "
        "side that share\nnothing, which is what the machine allows; idle: time that threads waited for each other; "
        "stolen: that the host of\na virtual machine did not run them\n");
    fprintf(out, "%-22s %-7s %3s %5s %18s %13s %8s %9s\n", "task", "backend", "thr", "batch", "one training",
            "side by side", "idle", "stolen");
    for (int32_t i = 0; i < report->passes; i++) {
        const BenchPassRecord *pass = &report->pass[i];
        if (pass->threads > 1) {
            fprintf(out, "%-22s %-7s %3d %5d %6.2f (%.2f-%.2f) %13.2f %6.1f %% %7.1f %%\n", pass->label,
                    dlca_isa_name(pass->isa), pass->threads, pass->batch, pass->speed_up.median, pass->speed_up.low,
                    pass->speed_up.high, pass->copies.median, 100 * pass->idle.median, 100 * pass->stolen);
        }
    }
}

static void print_growth(const BenchReport *report, FILE *out) {
    fprintf(out, "\ngrowth (checkerboard, batch 2, unless said otherwise)\n%-12s %8s %10s %16s\n", "what", "value",
            "epoch ms", "ns per gate");
    for (int32_t i = 0; i < report->growths; i++) {
        const BenchGrowthRecord *growth = &report->growth[i];
        fprintf(out, "%-12s %8d %10.3f %16.4f\n", growth->what, growth->value, 1e3 * growth->epoch.median,
                1e9 * growth->epoch.median / growth->gates);
    }
}

static void print_variants(const BenchReport *report, FILE *out) {
    fprintf(out, "\nthe same epoch done otherwise (checkerboard, batch 2, one thread unless said otherwise)\n");
    for (int32_t i = 0; i < report->variants; i++) {
        const BenchVariantRecord *variant = &report->variant[i];
        fprintf(out, "%-72s %10.2f ms  %8.2f x\n", variant->what, 1e3 * variant->epoch.median, variant->ratio);
    }
}

void bench_print_table(const BenchReport *report, FILE *out) {
    fprintf(out, "cpu: %s, %d processors; compiler: %s; commit: %s\ncommand: %s; medians of %d interleaved rounds\n",
            report->cpu, report->processors, report->compiler, report->commit, report->command, report->rounds);
    if (report->lacks_avx2) {
        fprintf(out, "this CPU has neither AVX2 nor NEON: only the scalar kernels are measured\n");
    }
    print_peaks(report, out);
    print_passes(report, out);
    print_speed_up(report, out);
    if (report->growths > 0) {
        print_growth(report, out);
    }
    if (report->variants > 0) {
        print_variants(report, out);
    }
    fprintf(out, "\nmeasured in %.1f s\n", report->seconds);
}
