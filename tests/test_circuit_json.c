/* test_circuit_json.c - circuit.json: round trips, every cut, forged texts, and agreement with cJSON. */
#include "../gates/circuit_json.h"
#include "../gates/json_read.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static DlcaCircuitFacts small_facts(void) {
    return (DlcaCircuitFacts){.task = "sm\"all\xc3\xa9",
                              .seed = UINT64_MAX,
                              .height = 3,
                              .width = 4,
                              .channels = 2,
                              .scored_channels = 1,
                              .steps = 20,
                              .periodic = true,
                              .fire_rate = 0.6,
                              .gates_total = 3040,
                              .gates_active = 60};
}

static DlcaCircuit small_circuit(void) {
    static const DlcaGate gates[3] = {
        {.op = 6, .a = 0, .b = 17}, {.op = 1, .a = 18, .b = 5}, {.op = 15, .a = 19, .b = 0}};
    DlcaCircuit circuit;
    cr_assert(dlca_circuit_create(&circuit, 18, 2, 3, NULL));
    memcpy(circuit.gate, gates, sizeof gates);
    circuit.output[0] = 20;
    circuit.output[1] = 7;
    return circuit;
}

/* The file of the small circuit; the caller frees. */
static char *small_text(size_t *size) {
    char *text;
    DlcaError error = {0};
    DlcaCircuit circuit = small_circuit();
    const DlcaCircuitFacts facts = small_facts();
    cr_assert(dlca_circuit_to_json(&circuit, &facts, &text, size, &error), "%s", error.message);
    dlca_circuit_free(&circuit);
    return text;
}

/* Parsed from a block of exactly its size, so that the address sanitizer sees a read beyond it. */
static bool parses(const char *text, size_t size, DlcaError *error) {
    DlcaCircuit circuit;
    char *exact = malloc(size ? size : 1);
    memcpy(exact, text, size);
    const bool good = dlca_circuit_from_json(exact, size, "test", &circuit, NULL, error);
    free(exact);
    if (good) {
        cr_assert(dlca_circuit_check(&circuit, NULL));
        dlca_circuit_free(&circuit);
    } else {
        cr_assert_null(circuit.gate);
        cr_assert_eq(error->kind, DLCA_BAD_INPUT);
    }
    return good;
}

Test(circuit_json, a_circuit_comes_back_to_the_byte) {
    size_t size, again_size;
    char *text = small_text(&size), *again;
    DlcaCircuit circuit;
    DlcaCircuitFacts facts;
    DlcaError error = {0};
    cr_assert(dlca_circuit_from_json(text, size, "test", &circuit, &facts, &error), "%s", error.message);
    const DlcaCircuitFacts wanted = small_facts();
    cr_assert_str_eq(facts.task, wanted.task);
    cr_assert(facts.seed == wanted.seed && facts.height == wanted.height && facts.width == wanted.width);
    cr_assert(facts.channels == wanted.channels && facts.scored_channels == wanted.scored_channels);
    cr_assert(facts.steps == wanted.steps && facts.periodic == wanted.periodic);
    cr_assert(facts.asynchronous == wanted.asynchronous && facts.fire_rate == wanted.fire_rate);
    cr_assert(facts.gates_total == wanted.gates_total && facts.gates_active == wanted.gates_active);
    cr_assert_eq(circuit.gates, 3);
    cr_assert_eq(circuit.gate[1].op, 1);
    cr_assert_eq(circuit.gate[1].a, 18);
    cr_assert_eq(circuit.output[1], 7);
    cr_assert(dlca_circuit_to_json(&circuit, &facts, &again, &again_size, &error));
    cr_assert_eq(again_size, size);
    cr_assert_eq(memcmp(again, text, size), 0);
    cr_assert_eq(again[size], '\0');
    cr_assert_not_null(strstr(text, "\n    [6, 0, 17],\n"));
    dlca_circuit_free(&circuit);
    free(text);
    free(again);
}

Test(circuit_json, a_circuit_without_gates) {
    char *text;
    size_t size;
    DlcaCircuit circuit, back;
    DlcaError error = {0};
    const DlcaCircuitFacts facts = small_facts();
    cr_assert(dlca_circuit_create(&circuit, 18, 2, 0, NULL));
    cr_assert(dlca_circuit_to_json(&circuit, &facts, &text, &size, &error), "%s", error.message);
    cr_assert(dlca_circuit_from_json(text, size, "test", &back, NULL, &error), "%s", error.message);
    cr_assert_eq(back.gates, 0);
    cr_assert_not_null(back.gate);
    dlca_circuit_free(&circuit);
    dlca_circuit_free(&back);
    free(text);
}

Test(circuit_json, every_cut_is_refused_and_every_changed_byte_ends_well) {
    size_t size;
    DlcaError error = {0};
    char *text = small_text(&size);
    for (size_t cut = 0; cut + 1 < size; cut++) { /* the last byte is a newline */
        cr_assert_not(parses(text, cut, &error), "cut to %zu", cut);
    }
    for (size_t at = 0; at < size; at++) {
        const char kept = text[at];
        for (int value = 0; value < 256; value++) {
            text[at] = (char)value;
            parses(text, size, &error);
        }
        text[at] = kept;
    }
    free(text);
}

/* Replaces the first `from` by `to`. */
static void assert_forgery(const char *from, const char *to, const char *part) {
    size_t size;
    char *text = small_text(&size), forged[4096];
    const char *place = strstr(text, from);
    DlcaError error = {0};
    cr_assert_not_null(place, "%s", from);
    snprintf(forged, sizeof forged, "%.*s%s%s", (int)(place - text), text, to, place + strlen(from));
    cr_assert_eq(parses(forged, strlen(forged), &error), part == NULL, "%s: %s", to, error.message);
    cr_assert(!part || strstr(error.message, part), "\"%s\" lacks \"%s\"", error.message, part);
    free(text);
}

Test(circuit_json, forged_circuits_are_refused) {
    assert_forgery("[6, 0, 17]", "[6,0,\t17]", NULL);
    assert_forgery("[6, 0, 17]", "[16, 0, 17]", "an operation must be 0 to 15");
    assert_forgery("[6, 0, 17]", "[-1, 0, 17]", "an operation must be 0 to 15");
    assert_forgery("[6, 0, 17]", "[6, 0, 18]", "it must read nodes before its own");
    assert_forgery("[6, 0, 17]", "[6, -1, 17]", "input a of a gate");
    assert_forgery("[6, 0, 17]", "[6, 0, 99999999999999999999999]", "64 bits");
    assert_forgery("[6, 0, 17]", "[6, 0, 17.0]", "whole number");
    assert_forgery("[6, 0, 17]", "[6, 0]", "[op, a, b]");
    assert_forgery("[6, 0, 17]", "[6, 0, 1, 7]", "[op, a, b]");
    assert_forgery("[6, 0, 17]", "6", "array");
    assert_forgery("[6, 0, 17]", "\"\"", "array");
    assert_forgery("[20, 7]", "[21, 7]", "output 0");
    assert_forgery("[20, 7]", "[20]", "2 outputs");
    assert_forgery("[20, 7]", "[20, 7, 7]", "2 outputs");
    assert_forgery("[20, 7]", "[20, 7,]", "whole number");
    assert_forgery("\"inputs\": 18", "\"inputs\": 19", "18 inputs");
    assert_forgery("\"inputs\": 18", "\"inputs\": 16777217", "inputs must be 0 to");
}

Test(circuit_json, forged_facts_are_refused) {
    assert_forgery("dlca-circuit", "dlca-circuis", "format");
    assert_forgery("\"version\": 1", "\"version\": 2", "version 2; this program reads version 1");
    assert_forgery("\"channels\": 2", "\"channels\": 1025", "channels");
    assert_forgery("\"scored_channels\": 1", "\"scored_channels\": 3", "scored_channels");
    assert_forgery("\"fire_rate\": 0.6", "\"fire_rate\": 0", "fire_rate");
    assert_forgery("\"fire_rate\": 0.6", "\"fire_rate\": 1e999", "fire_rate");
    assert_forgery("\"fire_rate\": 0.6", "\"fire_rate\": .6", "fire_rate");
    assert_forgery("\"fire_rate\": 0.6", "\"fire_rate\": 6e-1", NULL);
    assert_forgery("\"fire_rate\": 0.6", "\"fire_rate\": 0.6E+0", NULL);
    assert_forgery("\"seed\": 18446744073709551615", "\"seed\": 18446744073709551616", "seed");
    assert_forgery("\"seed\": 18446744073709551615", "\"seed\": -0", "seed");
    assert_forgery("\"periodic\": true", "\"periodic\": 1", "true or false");
    assert_forgery("\"gates_active\": 60", "\"gates_active\": 3041", "gates_active");
    assert_forgery("\"task\": \"sm", "\"task\": \"0123456789012345678901234567sm", "longer");
    assert_forgery("\"steps\": 20,", "", "steps is missing");
    assert_forgery("\"steps\": 20,", "\"steps\": 20, \"steps\": 20,", "twice");
    assert_forgery("\"steps\": 20,", "\"stepz\": 20,", "no key stepz");
    assert_forgery("]\n}\n", "]\n}\n{}", "follows");
    assert_forgery("]\n}\n", "]\n}", NULL);
}

Test(circuit_json, deep_nesting_is_refused) {
    const size_t size = 1 << 20;
    char *text = malloc(size);
    DlcaError error = {0};
    memset(text, '[', size);
    cr_assert_not(parses(text, size, &error));
    memset(text, '{', size);
    cr_assert_not(parses(text, size, &error));
    free(text);
}

Test(circuit_json, bad_facts_are_not_written) {
    char *text;
    size_t size;
    DlcaCircuit circuit = small_circuit();
    DlcaCircuitFacts facts = small_facts();
    facts.fire_rate = NAN;
    cr_assert_not(dlca_circuit_to_json(&circuit, &facts, &text, &size, NULL));
    facts = small_facts();
    memset(facts.task, 'x', sizeof facts.task);
    cr_assert_not(dlca_circuit_to_json(&circuit, &facts, &text, &size, NULL));
    strcpy(facts.task, "\xff");
    cr_assert_not(dlca_circuit_to_json(&circuit, &facts, &text, &size, NULL));
    facts = small_facts();
    circuit.gate[0].a = 18;
    cr_assert_not(dlca_circuit_to_json(&circuit, &facts, &text, &size, NULL));
    cr_assert_null(text);
    dlca_circuit_free(&circuit);
}

Test(circuit_json, cjson_reads_what_is_written) {
    size_t size;
    char *text = small_text(&size);
    cJSON *object = cJSON_ParseWithLength(text, size);
    cr_assert_not_null(object);
    cr_assert_str_eq(cJSON_GetObjectItemCaseSensitive(object, "task")->valuestring, "sm\"all\xc3\xa9");
    cr_assert_eq(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(object, "gates")), 3);
    cr_assert_eq(cJSON_GetArraySize(object), 17);
    cJSON_Delete(object);
    free(text);
}

/* One number through the strict reader. */
static bool reads_number(const char *text, double *value) {
    DlcaJson json = dlca_json_begin(text, strlen(text), "test", NULL);
    return dlca_json_real(&json, "number", -1e300, 1e300, value) && dlca_json_end(&json);
}

Test(circuit_json, numbers_follow_the_grammar) {
    static const char *const good[] = {"0", "-0", "10", "1.5", "-1.25e-3", "1E5", "0.1e+10", " 7 ", "1e-999"};
    static const char *const bad[] = {"",    "-",   "01",    "1.",  ".5",       "1e",  "1e+", "+1", "0x10",
                                      "nan", "inf", "1e999", "1 2", "Infinity", "--1", "1-1", "1_0"};
    double value;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        cr_assert(reads_number(good[i], &value), "%s", good[i]);
        cJSON *number = cJSON_Parse(good[i]);
        cr_assert_eq(value, number->valuedouble, "%s", good[i]);
        cJSON_Delete(number);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cr_assert_not(reads_number(bad[i], &value), "%s", bad[i]);
    }
}

Test(circuit_json, whole_numbers_are_exact) {
    static const char text[] = "[9223372036854775807,-9223372036854775807,9007199254740993,0]";
    static const int64_t wanted[] = {INT64_MAX, -INT64_MAX, 9007199254740993, 0};
    DlcaJson json = dlca_json_begin(text, strlen(text), "test", NULL);
    bool more;
    int64_t value;
    cr_assert(dlca_json_array(&json));
    for (int i = 0; i < 4; i++) {
        cr_assert(dlca_json_element(&json, &more) && more);
        cr_assert(dlca_json_integer(&json, "number", -INT64_MAX, INT64_MAX, &value));
        cr_assert_eq(value, wanted[i]);
    }
    cr_assert(dlca_json_element(&json, &more) && !more && dlca_json_end(&json));
}
