/* test_import.c - AIGER and BLIF of other programs: what is understood, and what is refused and why. */
#include "../gates/import.h"
#include "../gates/optimize.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* From a block of exactly the text's size, so that the address sanitizer sees a read beyond it. */
static bool import(const char *text, size_t size, DlcaCircuit *circuit, DlcaError *error) {
    char *exact = malloc(size ? size : 1);
    cr_assert_not_null(exact);
    memcpy(exact, text, size);
    const bool good = dlca_import_is_aiger(exact, size) ? dlca_import_aiger(exact, size, "file", circuit, error)
                                                        : dlca_import_blif(exact, size, "file", circuit, error);
    free(exact);
    return good;
}

static void refuses(const char *text, const char *why) {
    DlcaCircuit circuit;
    DlcaError error = {0};
    cr_assert_not(import(text, strlen(text), &circuit, &error), "accepted: %s", text);
    cr_assert_eq(error.kind, DLCA_BAD_INPUT);
    cr_assert(strncmp(error.message, "file: ", 6) == 0 && strstr(error.message, why), "%s", error.message);
    cr_assert(circuit.gate == NULL && circuit.output == NULL);
}

/* The output for each assignment of the inputs a, b, c, d from 0000 on, as text. */
static void computes(const char *text, const char *expected) {
    DlcaCircuit circuit;
    DlcaError error = {0};
    uint64_t values[64] = {0};
    cr_assert(import(text, strlen(text), &circuit, &error), "%s", error.message);
    cr_assert_lt(circuit.inputs + circuit.gates, 64);
    for (size_t at = 0; expected[at]; at++) {
        for (int32_t i = 0; i < circuit.inputs; i++) {
            values[i] = at >> (circuit.inputs - 1 - i) & 1 ? ~(uint64_t)0 : 0;
        }
        dlca_circuit_evaluate(&circuit, values);
        cr_assert_eq(values[circuit.output[0]] & 1, (uint64_t)(expected[at] - '0'), "%s at %zu", text, at);
    }
    dlca_circuit_free(&circuit);
}

#define BLIF(body) ".model m\n.inputs a b c\n.outputs y\n" body ".end\n"

Test(import, blif_tables) {
    computes(BLIF(".names a b c y\n1-- 1\n-11 1\n"), "00011111");
    computes(BLIF(".names a b c y\n000 0\n111 0\n"), "01111110");
    computes(BLIF(".names a b y\n10 1\n01 1\n"), "00111100");
    computes(BLIF(".names a b y\n1- 0\n"), "11110000");
    computes(BLIF(".names a y\n0 1\n"), "11110000");
    computes(BLIF(".names y\n1\n"), "11111111");
    computes(BLIF(".names y\n"), "00000000");
    computes(BLIF(".names y\n0\n"), "00000000");
    computes(BLIF(".names a b c y\n"), "00000000");
    computes(BLIF(".names a b c y\n--- 1\n"), "11111111");
    computes(BLIF(".names a a y\n10 1\n"), "00000000");
    computes(BLIF(".names a a c y\n11- 1\n"), "00001111");
}

/* Tables in any order, comments, joined lines, carriage returns. */
Test(import, blif_layout) {
    computes("# a comment\n\n" BLIF(".names x c y # behind\n11 1\n.names a \\\n b x\n1- 1\n-1 1\n"), "00010101");
    computes(".model\r\n.inputs a\r\n.inputs b\r\n.outputs y\r\n.names a \\\r\nb y\r\n11 1\r\n.end", "0001");
    computes(".model m\n.inputs a b\n.outputs a\n.end\n", "0011");
}

/* Outputs of our names decide the channels; inputs that are left out are there all the same. */
Test(import, names_put_inputs_in_order) {
    DlcaCircuit circuit;
    DlcaError error = {0};
    static const char blif[] = ".model m\n.inputs se[1] c[0]\n.outputs next[1] next[0]\n"
                               ".names c[0] next[0]\n1 1\n.names se[1] next[1]\n1 1\n.end\n";
    cr_assert(import(blif, strlen(blif), &circuit, &error), "%s", error.message);
    cr_assert_eq(circuit.inputs, 18);
    cr_assert_eq(circuit.output[0], 4 * 2);
    cr_assert_eq(circuit.output[1], 8 * 2 + 1);
    dlca_circuit_free(&circuit);
    static const char aiger[] = "aag 2 2 0 1 0\n2\n4\n4\ni0 w_0\ni1 se\no0 next\nc\nanything \1\n";
    cr_assert(import(aiger, strlen(aiger), &circuit, &error), "%s", error.message);
    cr_assert_eq(circuit.inputs, 9);
    cr_assert_eq(circuit.output[0], 8);
    dlca_circuit_free(&circuit);
    refuses(".model m\n.inputs c_0 c[0]\n.outputs next\n.names c_0 next\n1 1\n.end\n", "same name");
}

Test(import, blif_refusals) {
    refuses("", "ends without .end");
    refuses(".model m\n.inputs a\n.outputs y\n.names a y\n1 1\n", "ends without .end");
    refuses("hello\n", "neither a directive nor a row");
    refuses(BLIF(".names y a\n1 1\n.names a y\n1 1\n"), "a is defined twice");
    refuses(BLIF(".names x y\n1 1\n.names y x\n1 1\n"), "has a cycle");
    refuses(BLIF(".names a y\n1 1\n.names u v\n1 1\n.names v u\n1 1\n"), "has a cycle");
    refuses(BLIF(".names y y\n1 1\n"), "has a cycle");
    refuses(BLIF(".names x y\n1 1\n"), "x is read but nothing defines it");
    refuses(BLIF(""), "y is an output but nothing defines it");
    refuses(BLIF(".names a y\n1 1\n.names b y\n1 1\n"), "y is defined twice");
    refuses(BLIF(".names a .end y\n11 1\n"), ".end cannot be a name");
    refuses(".model m\n.inputs .names\n.end\n", ".names cannot be a name");
    refuses(".model m\n.inputs a a\n.end\n", "a is defined twice");
    refuses(".model m\n.inputs a\n.outputs a a\n.end\n", "twice among the outputs");
    refuses(BLIF(".names a b y\n1 1\n"), "a row must have a 0, 1 or -");
    refuses(BLIF(".names a b y\n12 1\n"), "a row must have a 0, 1 or -");
    refuses(BLIF(".names a b y\n11\n"), "must end in 0 or 1");
    refuses(BLIF(".names a b y\n11 2\n"), "must end in 0 or 1");
    refuses(BLIF(".names a b y\n11 1 1\n"), "one word too many");
    refuses(BLIF(".names a b y\n11 1\n00 0\n"), "all end in 1, or all in 0");
    refuses(BLIF(".names\n"), "at least the signal");
    refuses(BLIF(".latch a y 0\n"), ".latch is not supported");
    refuses(BLIF(".subckt m a=a y=y\n"), ".subckt is not supported");
    refuses(".model m\n.model n\n.end\n", "second .model");
    refuses(BLIF(".names a y\n1 1\n") ".names b z\n", "stands after .end");
    refuses(".model m\n.outputs y\n.names y\n.end\n", "0 inputs");
    refuses(".model m\n.inputs a\n.end\n", "0 outputs");
    refuses(".model m\n.inputs a\1b\n.end\n", "control characters");
}

/* More inputs than a cell of 1024 bits has. */
Test(import, more_inputs_than_supported) {
    const size_t room = 200000;
    char *text = malloc(room);
    cr_assert_not_null(text);
    size_t size = (size_t)snprintf(text, room, ".model m\n.inputs");
    for (int i = 0; i <= DLCA_IMPORT_MAX_INPUTS; i++) {
        size += (size_t)snprintf(text + size, room - size, " i%d", i);
    }
    snprintf(text + size, room - size, "\n.outputs i0\n.end\n");
    refuses(text, "9217 inputs");
    free(text);
    refuses("aig 9217 9217 0 1 0\n2\n", "9217 inputs");
}

Test(import, aiger_values) {
    computes("aag 3 2 0 1 1\n2\n4\n6\n6 2 4\n", "0001");
    computes("aag 3 2 0 1 1\n2\n4\n7\n6 5 3\n", "0111");
    computes("aag 4 2 0 1 2\n2\n4\n6\n6 8 3\n8 4 4\n", "0100"); /* in any order */
    computes("aag 2 2 0 1 0\n2\n4\n5\n", "1010");
    computes("aag 1 1 0 1 0\n2\n1\n", "11");
    computes("aag 1 1 0 1 0\n2\n0\n", "00");
    computes("aig 3 2 0 1 1\n6\n\2\2", "0001");
    computes("aag 5 1 0 1 1\n8\n10\n10 8 8\n", "01"); /* variables that nothing uses */
}

Test(import, aiger_refusals) {
    refuses("aag 1 1 0 1 0\n2", "end of the line is missing");
    refuses("aag 1 1 0 1 0\n2\n", "ends too early");
    refuses("aag 1 1 0\n", "a number is missing");
    refuses("aag 1 1 0 1 0 1\n2\n2\n", "end of the line is missing");
    refuses("aag x", "a number is missing");
    refuses("aag ", "ends too early");
    refuses("aag 1  1 0 1 0\n2\n2\n", "a number is missing");
    refuses("aag 2 1 1 1 0\n2\n4 2\n4\n", "latches");
    refuses("aag 1 2 0 1 0\n2\n4\n2\n", "do not fit");
    refuses("aig 4 2 0 1 1\n6\n\2\2", "do not fit");
    refuses("aag 99999999999999999999 1 0 1 0\n2\n2\n", "larger than it can be");
    refuses("aag 4000000000 1 0 1 3999999999\n2\n2\n", "larger than it can be");
    refuses("aag 1 1 0 1 0\n3\n2\n", "even number from 2");
    refuses("aag 1 1 0 1 0\n0\n2\n", "even number from 2");
    refuses("aag 2 2 0 1 0\n2\n2\n2\n", "2 is defined twice");
    refuses("aag 2 1 0 1 0\n2\n4\n", "4 is read but nothing defines it");
    refuses("aag 1 1 0 1 0\n2\n4\n", "larger than it can be");
    refuses("aag 3 1 0 1 2\n2\n4\n4 6 2\n6 4 2\n", "has a cycle");
    refuses("aag 2 1 0 1 1\n2\n4\n4 4 2\n", "has a cycle");
    refuses("aag 1 1 0 1 0\n2\n2\nx", "a name (i or o");
    refuses("aag 1 1 0 1 0\n2\n2\ni0 a\ni0 b\n", "second name");
    refuses("aag 1 1 0 1 0\n2\n2\ni1 a\n", "larger than it can be");
    refuses("aag 2 2 0 1 0\n2\n4\n2\ni0 a\ni1 a\n", "the name a stands twice");
    refuses("aag 1 1 0 1 0\n2\n2\ni0 a", "a name must be text");
    refuses("aag 1 1 0 1 0\n2\n2\ni0 \n", "a name must be text");
    refuses("aag 1 1 0 1 0\n2\n2\ncomment\n", "a comment must begin");
    refuses("aig 3 2 0 1 1\n6\n\2", "ends too early");
    refuses("aig 3 2 0 1 1\n6\n\7\2", "reads what comes after it");
    refuses("aig 2 1 0 1 1\n4\n\200\200\200\200\200", "larger than it can be");
    refuses("aag 0 0 0 1 0\n0\n", "0 inputs");
    refuses("aag 1 1 0 0 0\n2\n", "0 outputs");
}

Test(import, an_and_that_reads_itself_is_refused_in_bytes) {
    static const char text[] = "aig 2 1 0 1 1\n4\n\0\0";
    DlcaCircuit circuit;
    DlcaError error = {0};
    cr_assert_not(import(text, sizeof text - 1, &circuit, &error));
    cr_assert(strstr(error.message, "reads itself"), "%s", error.message);
}

/* Every front of a good file is refused, and none is read past its end. */
Test(import, truncated_files_are_refused) {
    static const char *const whole[] = {"aag 3 2 0 1 1\n2\n4\n6\n6 2 4\n", "aig 3 2 0 1 1\n6\n\2\2",
                                        ".model m\n.inputs a b\n.outputs y\n.names a b y\n11 1\n.end"};
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
        for (size_t size = 4; size < strlen(whole[i]); size++) {
            DlcaCircuit circuit;
            DlcaError error = {0};
            cr_assert_not(import(whole[i], size, &circuit, &error), "%.*s", (int)size, whole[i]);
        }
    }
}

Test(import, kinds_of_files_are_told_apart) {
    static const char blif[] = "\n# dlca\n  .model m\n", aiger[] = "aig 1 1 0 1 0\n";
    cr_assert(dlca_import_is_blif(blif, strlen(blif)) && !dlca_import_is_aiger(blif, strlen(blif)));
    cr_assert(dlca_import_is_aiger(aiger, strlen(aiger)) && !dlca_import_is_blif(aiger, strlen(aiger)));
    cr_assert(!dlca_import_is_blif("#", 1) && !dlca_import_is_blif("", 0) && !dlca_import_is_blif("{", 1));
}
