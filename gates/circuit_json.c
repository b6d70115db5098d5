/* circuit_json.c - writes circuit.json. The reader is in circuit_json_read.c. */
#include "circuit_json.h"

#include "json_read.h"
#include "text.h"

#include <string.h>

enum { NEIGHBOURS = 9, MAX_CHANNELS = 1024, MAX_STEPS = 1000000 };

static void add_gates(DlcaText *text, const DlcaCircuit *circuit) {
    dlca_text_add(text, "  \"gates\": [");
    for (int32_t i = 0; i < circuit->gates; i++) {
        const DlcaGate *gate = &circuit->gate[i];
        dlca_text_add(text, "%s\n    [%d, %d, %d]", i ? "," : "", gate->op, gate->a, gate->b);
    }
    dlca_text_add(text, circuit->gates ? "\n  ],\n" : "],\n");
}

static void add_outputs(DlcaText *text, const DlcaCircuit *circuit) {
    dlca_text_add(text, "  \"outputs\": [");
    for (int32_t i = 0; i < circuit->outputs; i++) {
        dlca_text_add(text, i ? ", %d" : "%d", circuit->output[i]);
    }
    dlca_text_add(text, "]\n}\n");
}

static void add_facts(DlcaText *text, const DlcaCircuitFacts *facts) {
    dlca_text_add(text,
                  "{\n  \"format\": \"dlca-circuit\",\n  \"version\": %d,\n  \"task\": ", DLCA_CIRCUIT_JSON_VERSION);
    dlca_text_add_json_string(text, facts->task);
    dlca_text_add(text, ",\n  \"seed\": %llu,\n", (unsigned long long)facts->seed);
    dlca_text_add(text, "  \"height\": %d,\n  \"width\": %d,\n", facts->height, facts->width);
    dlca_text_add(text, "  \"channels\": %d,\n  \"scored_channels\": %d,\n", facts->channels, facts->scored_channels);
    dlca_text_add(text, "  \"steps\": %d,\n  \"periodic\": %s,\n", facts->steps, facts->periodic ? "true" : "false");
    dlca_text_add(text, "  \"asynchronous\": %s,\n  \"fire_rate\": ", facts->asynchronous ? "true" : "false");
    dlca_text_add_real(text, facts->fire_rate);
    dlca_text_add(text, ",\n  \"gates_total\": %lld,\n  \"gates_active\": %lld,\n", (long long)facts->gates_total,
                  (long long)facts->gates_active);
}

static bool check_task(const char *task, size_t size, const char *name, DlcaError *error) {
    const size_t length = strnlen(task, size);
    for (size_t at = 0; at < length;) {
        const size_t character = dlca_utf8_character(task + at, length - at);
        if (character == 0) {
            return dlca_fail(error, DLCA_BAD_INPUT, "%s: task must be UTF-8 text", name);
        }
        at += character;
    }
    return length < size || dlca_fail(error, DLCA_BAD_INPUT, "%s: task must be at most 31 bytes", name);
}

static bool in_range(const char *name, const char *field, int64_t value, int64_t low, int64_t high, DlcaError *error) {
    return (value >= low && value <= high) ||
           dlca_fail(error, DLCA_BAD_INPUT, "%s: %s is %lld: it must be %lld to %lld", name, field, (long long)value,
                     (long long)low, (long long)high);
}

bool dlca_circuit_facts_check(const DlcaCircuit *circuit, const DlcaCircuitFacts *facts, const char *name,
                              DlcaError *error) {
    if (!in_range(name, "height", facts->height, 1, 65536, error) ||
        !in_range(name, "width", facts->width, 1, 65536, error) ||
        !in_range(name, "channels", facts->channels, 1, MAX_CHANNELS, error) ||
        !in_range(name, "scored_channels", facts->scored_channels, 1, facts->channels, error) ||
        !in_range(name, "steps", facts->steps, 1, MAX_STEPS, error) ||
        !in_range(name, "gates_total", facts->gates_total, 0, INT32_MAX, error) ||
        !in_range(name, "gates_active", facts->gates_active, 0, facts->gates_total, error)) {
        return false;
    }
    if (!(facts->fire_rate > 0.0 && facts->fire_rate <= 1.0)) {
        return dlca_fail(error, DLCA_BAD_INPUT, "%s: fire_rate is %g: it must be above 0 and at most 1", name,
                         facts->fire_rate);
    }
    if (circuit->outputs != facts->channels || circuit->inputs != NEIGHBOURS * facts->channels) {
        return dlca_fail(error, DLCA_BAD_INPUT, "%s: %d channels need %d inputs and %d outputs, not %d and %d", name,
                         facts->channels, NEIGHBOURS * facts->channels, facts->channels, circuit->inputs,
                         circuit->outputs);
    }
    return check_task(facts->task, sizeof facts->task, name, error);
}

bool dlca_circuit_to_json(const DlcaCircuit *circuit, const DlcaCircuitFacts *facts, char **text, size_t *size,
                          DlcaError *error) {
    *text = NULL;
    *size = 0;
    if (!dlca_circuit_check(circuit, error) || !dlca_circuit_facts_check(circuit, facts, "circuit.json", error)) {
        return false;
    }
    DlcaText buffer = {0};
    add_facts(&buffer, facts);
    dlca_text_add(&buffer, "  \"inputs\": %d,\n", circuit->inputs);
    add_gates(&buffer, circuit);
    add_outputs(&buffer, circuit);
    if (!dlca_text_check(&buffer, "a circuit's text", error)) {
        return false;
    }
    *text = buffer.data;
    *size = buffer.size;
    return true;
}
