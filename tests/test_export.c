/* test_export.c - circuits written in every format: what can be read back is the same, and names never become code.
 *
 * Leaves alone: what other programs say to the files (test_circuit_tools.py). */
#include "../gates/export.h"
#include "../gates/import.h"
#include "../gates/optimize.h"
#include "../gates/reads.h"
#include "random_circuit.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static DlcaCircuitFacts facts_of(const DlcaCircuit *circuit) {
    DlcaCircuitFacts facts = {.task = "drawn", .seed = 7, .height = 5, .width = 6, .steps = 4, .fire_rate = 0.5};
    facts.channels = facts.scored_channels = circuit->outputs;
    facts.gates_total = 100;
    facts.gates_active = 50;
    return facts;
}

static DlcaText exported(DlcaExportFormat format, const DlcaCircuit *circuit, const DlcaCircuitFacts *facts) {
    DlcaText text = {0};
    DlcaError error = {0};
    cr_assert(dlca_export(format, circuit, facts, &text, &error), "%s", error.message);
    return text;
}

static DlcaCircuit drawn(uint64_t seed) {
    TestRandom random = test_random(seed);
    const int32_t channels = 1 + test_random_below(&random, 4), gates = test_random_below(&random, 60);
    return random_circuit(&random, 9 * channels, channels, gates, seed % 2 ? ANY_OPS : REAL_OPS);
}

static void comes_back(DlcaExportFormat format, const DlcaCircuit *circuit) {
    const DlcaCircuitFacts facts = facts_of(circuit);
    DlcaText text = exported(format, circuit, &facts);
    DlcaCircuit back;
    DlcaError error = {0};
    const bool good = format == DLCA_EXPORT_BLIF ? dlca_import_blif(text.data, text.size, "file", &back, &error)
                                                 : dlca_import_aiger(text.data, text.size, "file", &back, &error);
    cr_assert(good, "%s\n%s", error.message, text.data);
    cr_assert(dlca_circuit_same_on_samples(circuit, &back, 200, 1, &error), "format %d: %s", (int)format,
              error.message);
    dlca_circuit_free(&back);
    dlca_text_free(&text);
}

Test(export, what_is_read_back_is_the_same) {
    for (uint64_t seed = 1; seed <= 200; seed++) {
        DlcaCircuit circuit = drawn(seed);
        comes_back(DLCA_EXPORT_BLIF, &circuit);
        comes_back(DLCA_EXPORT_AAG, &circuit);
        comes_back(DLCA_EXPORT_AIG, &circuit);
        dlca_circuit_free(&circuit);
    }
}

/* A gate comes back as a gate, XOR too: the file says no less than the circuit. */
Test(export, blif_keeps_the_number_of_gates) {
    for (uint64_t seed = 1; seed <= 40; seed++) {
        DlcaCircuit circuit = drawn(seed), small, back;
        cr_assert(dlca_circuit_optimize(&small, &circuit, NULL));
        const DlcaCircuitFacts facts = facts_of(&small);
        DlcaText text = exported(DLCA_EXPORT_BLIF, &small, &facts);
        cr_assert(dlca_import_blif(text.data, text.size, "file", &back, NULL));
        cr_assert_eq(dlca_circuit_size(&back).gates, dlca_circuit_size(&small).gates);
        dlca_text_free(&text);
        dlca_circuit_free(&back);
        dlca_circuit_free(&small);
        dlca_circuit_free(&circuit);
    }
}

Test(export, every_format_names_task_seed_and_gates) {
    DlcaCircuit circuit = drawn(5);
    DlcaCircuitFacts facts = facts_of(&circuit);
    for (int format = 0; format < DLCA_EXPORT_FORMATS; format++) {
        DlcaText text = exported((DlcaExportFormat)format, &circuit, &facts);
        const char *seed = format == DLCA_EXPORT_JSON ? "\"seed\": 7" : "seed 7, ";
        cr_assert(memmem(text.data, text.size, "drawn", 5), "format %d", format);
        cr_assert(memmem(text.data, text.size, seed, strlen(seed)), "format %d", format);
        cr_assert(memmem(text.data, text.size, "gates", 5), "format %d", format);
        dlca_text_free(&text);
    }
    dlca_circuit_free(&circuit);
}

Test(export, a_task_name_never_becomes_code) {
    static const char *const names[] = {
        "*/ int x; /*", "--> <script>", "a\nb\rc",    "\"; drop", "x\\",
        "?\?/",         "`include",     "$(touch x)", "end--",    "\xc3\xa9\xe2\x80\xae"};
    DlcaCircuit circuit = drawn(3);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        DlcaCircuitFacts facts = facts_of(&circuit);
        snprintf(facts.task, sizeof facts.task, "%s", names[i]);
        for (int format = 0; format < DLCA_EXPORT_FORMATS; format++) {
            DlcaText text = exported((DlcaExportFormat)format, &circuit, &facts);
            const size_t front = text.size < 200 ? text.size : 200;
            cr_assert(format == DLCA_EXPORT_JSON || !memmem(text.data, text.size, names[i], strlen(names[i])),
                      "format %d: %.*s", format, (int)front, text.data);
            dlca_text_free(&text);
        }
    }
    dlca_circuit_free(&circuit);
}

Test(export, formats_by_extension) {
    static const struct {
        const char *path;
        DlcaExportFormat format;
    } known[] = {{"a.c", DLCA_EXPORT_C},       {"x/y.V", DLCA_EXPORT_VERILOG},
                 {"a.blif", DLCA_EXPORT_BLIF}, {"a.aag", DLCA_EXPORT_AAG},
                 {"a.b.aig", DLCA_EXPORT_AIG}, {"a.dot", DLCA_EXPORT_DOT},
                 {"a.svg", DLCA_EXPORT_SVG},   {"a.yosys.json", DLCA_EXPORT_YOSYS_JSON},
                 {"a.json", DLCA_EXPORT_JSON}, {"a.md", DLCA_EXPORT_MARKDOWN}};
    static const char *const unknown[] = {"a.txt", "a", "", ".c", "x/.v", "c", "a.c/", "a.json.gz"};
    DlcaExportFormat format;
    DlcaError error;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        cr_assert(dlca_export_format(known[i].path, &format, NULL), "%s", known[i].path);
        cr_assert_eq(format, known[i].format, "%s", known[i].path);
    }
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        cr_assert_not(dlca_export_format(unknown[i], &format, &error), "%s", unknown[i]);
        cr_assert_eq(error.kind, DLCA_BAD_INPUT);
        cr_assert(strstr(error.message, ".c .v .blif .aag .aig .dot .svg .yosys.json .json .md"), "%s", error.message);
    }
}

/* ---- reads ---- */

static void explains(const DlcaGate *gates, int32_t count, int32_t output, const char *expected) {
    DlcaCircuit circuit;
    DlcaText text = {0};
    cr_assert(dlca_circuit_create(&circuit, 9, 1, count, NULL));
    for (int32_t i = 0; i < count; i++) {
        circuit.gate[i] = gates[i];
    }
    circuit.output[0] = output;
    dlca_circuit_explain(&circuit, 0, "", &text);
    cr_assert_str_eq(text.data, expected);
    dlca_text_free(&text);
    dlca_circuit_free(&circuit);
}

Test(reads, expressions) {
    static const DlcaGate shared[] = {{.a = 0, .b = 4, .op = DLCA_OP_NAND},
                                      {.a = 9, .b = 1, .op = DLCA_OP_XOR},
                                      {.a = 10, .b = 9, .op = DLCA_OP_A_OR_NOT_B}};
    static const DlcaGate constant[] = {{.a = 0, .b = 0, .op = DLCA_OP_TRUE}, {.a = 9, .b = 0, .op = DLCA_OP_NOT_A}};
    static const DlcaGate parity[] = {{.a = 0, .b = 1, .op = DLCA_OP_XOR}, {.a = 9, .b = 2, .op = DLCA_OP_XOR}};
    explains(shared, 3, 11, "t1 = !(nw_0 & c_0)\nnext_0 = (t1 ^ n_0) | !t1\n");
    explains(constant, 2, 10, "next_0 = 0\n");
    explains(shared, 0, 4, "next_0 = c_0\n");
    explains(parity, 2, 10, "next_0 = (nw_0 ^ n_0) ^ ne_0\nin words, of nw_0 n_0 ne_0: 1 when 1 or 3 of them are 1\n");
}

Test(reads, support_follows_only_what_is_read) {
    static const DlcaGate gates[] = {{.a = 0, .b = 1, .op = DLCA_OP_A}, {.a = 9, .b = 8, .op = DLCA_OP_AND}};
    DlcaCircuit circuit;
    bool reads[9];
    cr_assert(dlca_circuit_create(&circuit, 9, 1, 2, NULL));
    memcpy(circuit.gate, gates, sizeof gates);
    circuit.output[0] = 10;
    cr_assert(dlca_circuit_support(&circuit, reads, NULL));
    for (int i = 0; i < 9; i++) {
        cr_assert_eq(reads[i], i == 0 || i == 8);
    }
    dlca_circuit_free(&circuit);
}
