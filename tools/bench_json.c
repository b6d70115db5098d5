/* bench_json.c - the report of `dlca bench` as JSON, for records and plots. */
#include "bench_report.h"

/* Text from the system or the command line: quotes, backslashes and control bytes are escaped. */
static void print_text(const char *name, const char *text, FILE *out) {
    fprintf(out, "  \"%s\": \"", name);
    for (; *text; text++) {
        const unsigned char byte = (unsigned char)*text;
        if (byte < 0x20) {
            fprintf(out, "\\u%04x", byte);
        } else {
            fprintf(out, byte == '"' || byte == '\\' ? "\\%c" : "%c", byte);
        }
    }
    fprintf(out, "\",\n");
}

static void print_spread(const char *name, BenchSpread spread, FILE *out) {
    fprintf(out, ", \"%s\": [%.6g, %.6g, %.6g]", name, spread.low, spread.median, spread.high);
}

static void print_pass(const BenchPassRecord *pass, FILE *out) {
    const double rate = pass->gates / pass->epoch.median;
    fprintf(out,
            "    {\"task\": \"%s\", \"backend\": \"%s\", \"threads\": %d, \"batch\": %d, \"gate_evaluations\": %.0f, "
            "\"bytes_per_gate_evaluation\": %.4g, \"gate_evaluations_per_second\": %.6g, "
            "\"slots_per_gate_evaluation\": %d, \"slots_per_second\": %.6g, \"memory_bytes\": %zu",
            pass->label, dlca_isa_name(pass->isa), pass->threads, pass->batch, pass->gates, pass->bytes, rate,
            BENCH_EPOCH_SLOTS, BENCH_EPOCH_SLOTS * rate, pass->memory_bytes);
    print_spread("forward_seconds", pass->forward, out);
    print_spread("epoch_seconds", pass->epoch, out);
    print_spread("update_seconds", pass->update, out);
    print_spread("evaluation_seconds", pass->evaluation, out);
    print_spread("forward_fraction_of_peak", pass->forward_fraction, out);
    print_spread("fraction_of_peak", pass->epoch_fraction, out);
    fprintf(out, ", \"stolen\": %.4g", pass->stolen);
    if (pass->threads > 1) {
        print_spread("speed_up", pass->speed_up, out);
        print_spread("speed_up_side_by_side", pass->copies, out);
        print_spread("idle", pass->idle, out);
    }
    fprintf(out, "}");
}

static void print_peak(const BenchPeakRecord *peak, FILE *out) {
    fprintf(out, "    {\"what\": \"%s\", \"backend\": \"%s\", \"threads\": %d", bench_peak_name(peak->kind),
            dlca_isa_name(peak->isa), peak->threads);
    print_spread(peak->kind == BENCH_FMA ? "fma_per_second" : "bytes_per_second", peak->rate, out);
    fprintf(out, "}");
}

static void print_growth(const BenchGrowthRecord *growth, FILE *out) {
    fprintf(out, "    {\"what\": \"%s\", \"value\": %d, \"gate_evaluations\": %.0f", growth->what, growth->value,
            growth->gates);
    print_spread("epoch_seconds", growth->epoch, out);
    fprintf(out, "}");
}

static void print_variant(const BenchVariantRecord *variant, FILE *out) {
    fprintf(out, "    {\"what\": \"%s\", \"ratio\": %.4g", variant->what, variant->ratio);
    print_spread("epoch_seconds", variant->epoch, out);
    fprintf(out, "}");
}

#define PRINT_LIST(name, field, count, print, end)          \
    fprintf(out, "  \"%s\": [\n", name);                    \
    for (int32_t i = 0; i < report->count; i++) {           \
        print(&report->field[i], out);                      \
        fprintf(out, i + 1 < report->count ? ",\n" : "\n"); \
    }                                                       \
    fprintf(out, "  ]" end "\n")

/* Every spread is [lower quartile, median, upper quartile]. */
void bench_print_json(const BenchReport *report, FILE *out) {
    fprintf(out, "{\n");
    print_text("cpu", report->cpu, out);
    print_text("compiler", report->compiler, out);
    print_text("commit", report->commit, out);
    print_text("command", report->command, out);
    print_text("version", DLCA_VERSION, out);
    fprintf(out, "  \"processors\": %d,\n  \"rounds\": %d,\n  \"quick\": %s,\n  \"seconds\": %.1f,\n",
            report->processors, report->rounds, report->quick ? "true" : "false", report->seconds);
    PRINT_LIST("peaks", peak, peaks, print_peak, ",");
    PRINT_LIST("passes", pass, passes, print_pass, ",");
    PRINT_LIST("growth", growth, growths, print_growth, ",");
    PRINT_LIST("variants", variant, variants, print_variant, "");
    fprintf(out, "}\n");
}
