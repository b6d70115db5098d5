/* circuit_json_read.c - reads circuit.json, trusting nothing. The writer is in circuit_json.c. */
#include "circuit_json.h"

#include "json_read.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST_KEY = 32 };

typedef struct Reading {
    DlcaJson json;
    DlcaCircuit *circuit;
    DlcaCircuitFacts *facts;
} Reading;

static bool read_int32(Reading *reading, const char *field, int32_t low, int32_t high, int32_t *value) {
    int64_t whole = 0;
    const bool good = dlca_json_integer(&reading->json, field, low, high, &whole);
    *value = (int32_t)whole;
    return good;
}

static bool read_format(Reading *reading) {
    char format[LONGEST_KEY];
    if (!dlca_json_string(&reading->json, format, sizeof format, NULL)) {
        return false;
    }
    return strcmp(format, "dlca-circuit") == 0 || dlca_json_refuse(&reading->json, "format must be dlca-circuit");
}

static bool read_version(Reading *reading) {
    int64_t version;
    if (!dlca_json_integer(&reading->json, "version", 1, INT32_MAX, &version)) {
        return false;
    }
    return version == DLCA_CIRCUIT_JSON_VERSION ||
           dlca_fail(reading->json.error, DLCA_BAD_INPUT,
                     "%s: a circuit of version %lld; this program reads version %d", reading->json.name,
                     (long long)version, DLCA_CIRCUIT_JSON_VERSION);
}

/* One more element than before; storage doubles, so memory follows what was really read. */
static void *grown(void *array, int32_t count, size_t element) {
    const bool full = count == 0 || (count & (count - 1)) == 0;
    return full ? realloc(array, (count ? 2 * (size_t)count : 1) * element) : array;
}

static bool no_memory(const Reading *reading) {
    return dlca_fail(reading->json.error, DLCA_FAILED, "%s: no memory for the circuit", reading->json.name);
}

/* [op, a, b] */
static bool read_gate(Reading *reading, DlcaGate *gate) {
    static const char *const parts[3] = {"an operation", "input a of a gate", "input b of a gate"};
    int32_t values[3];
    bool more;
    if (!dlca_json_array(&reading->json)) {
        return false;
    }
    for (int i = 0; i < 3; i++) {
        if (!dlca_json_element(&reading->json, &more)) {
            return false;
        }
        if (!more) {
            return dlca_json_refuse(&reading->json, "a gate must be [op, a, b]");
        }
        if (!read_int32(reading, parts[i], 0, i == 0 ? DLCA_OPS - 1 : DLCA_CIRCUIT_MAX_NODES - 1, &values[i])) {
            return false;
        }
    }
    *gate = (DlcaGate){.a = values[1], .b = values[2], .op = (uint8_t)values[0]};
    return dlca_json_element(&reading->json, &more) &&
           (!more || dlca_json_refuse(&reading->json, "a gate must be [op, a, b]"));
}

static bool read_gates(Reading *reading) {
    DlcaCircuit *circuit = reading->circuit;
    bool more;
    if (!dlca_json_array(&reading->json)) {
        return false;
    }
    while (dlca_json_element(&reading->json, &more)) {
        if (!more) {
            return true;
        }
        if (circuit->gates == DLCA_CIRCUIT_MAX_NODES) {
            return dlca_json_refuse(&reading->json, "too many gates");
        }
        DlcaGate *gate = grown(circuit->gate, circuit->gates, sizeof *gate);
        if (!gate) {
            return no_memory(reading);
        }
        circuit->gate = gate;
        if (!read_gate(reading, &circuit->gate[circuit->gates])) {
            return false;
        }
        circuit->gates++;
    }
    return false;
}

static bool read_outputs(Reading *reading) {
    DlcaCircuit *circuit = reading->circuit;
    bool more;
    if (!dlca_json_array(&reading->json)) {
        return false;
    }
    while (dlca_json_element(&reading->json, &more)) {
        if (!more) {
            return true;
        }
        if (circuit->outputs == DLCA_CIRCUIT_MAX_NODES) {
            return dlca_json_refuse(&reading->json, "too many outputs");
        }
        int32_t *output = grown(circuit->output, circuit->outputs, sizeof *output);
        if (!output) {
            return no_memory(reading);
        }
        circuit->output = output;
        if (!read_int32(reading, "an output", 0, DLCA_CIRCUIT_MAX_NODES - 1, &circuit->output[circuit->outputs])) {
            return false;
        }
        circuit->outputs++;
    }
    return false;
}

/* ---- the object ---- */

static bool read_task(Reading *reading) {
    return dlca_json_string(&reading->json, reading->facts->task, sizeof reading->facts->task, NULL);
}

static bool read_seed(Reading *reading) {
    return dlca_json_unsigned(&reading->json, "seed", &reading->facts->seed);
}

static bool read_height(Reading *reading) {
    return read_int32(reading, "height", 1, INT32_MAX, &reading->facts->height);
}

static bool read_width(Reading *reading) {
    return read_int32(reading, "width", 1, INT32_MAX, &reading->facts->width);
}

static bool read_channels(Reading *reading) {
    return read_int32(reading, "channels", 1, INT32_MAX, &reading->facts->channels);
}

static bool read_scored_channels(Reading *reading) {
    return read_int32(reading, "scored_channels", 1, INT32_MAX, &reading->facts->scored_channels);
}

static bool read_steps(Reading *reading) {
    return read_int32(reading, "steps", 1, INT32_MAX, &reading->facts->steps);
}

static bool read_periodic(Reading *reading) {
    return dlca_json_boolean(&reading->json, "periodic", &reading->facts->periodic);
}

static bool read_asynchronous(Reading *reading) {
    return dlca_json_boolean(&reading->json, "asynchronous", &reading->facts->asynchronous);
}

static bool read_fire_rate(Reading *reading) {
    return dlca_json_real(&reading->json, "fire_rate", 0.0, 1.0, &reading->facts->fire_rate);
}

static bool read_gates_total(Reading *reading) {
    return dlca_json_integer(&reading->json, "gates_total", 0, INT32_MAX, &reading->facts->gates_total);
}

static bool read_gates_active(Reading *reading) {
    return dlca_json_integer(&reading->json, "gates_active", 0, INT32_MAX, &reading->facts->gates_active);
}

static bool read_inputs(Reading *reading) {
    return read_int32(reading, "inputs", 0, DLCA_CIRCUIT_MAX_NODES, &reading->circuit->inputs);
}

/* Every key of the object, each exactly once, in any order. */
static const struct {
    const char *name;
    bool (*read)(Reading *reading);
} fields[] = {
    {"format", read_format},
    {"version", read_version},
    {"task", read_task},
    {"seed", read_seed},
    {"height", read_height},
    {"width", read_width},
    {"channels", read_channels},
    {"scored_channels", read_scored_channels},
    {"steps", read_steps},
    {"periodic", read_periodic},
    {"asynchronous", read_asynchronous},
    {"fire_rate", read_fire_rate},
    {"gates_total", read_gates_total},
    {"gates_active", read_gates_active},
    {"inputs", read_inputs},
    {"gates", read_gates},
    {"outputs", read_outputs},
};

enum { FIELDS = sizeof fields / sizeof fields[0] };

static bool read_field(Reading *reading, const char *key, bool seen[FIELDS]) {
    for (int i = 0; i < FIELDS; i++) {
        if (strcmp(key, fields[i].name) != 0) {
            continue;
        }
        if (seen[i]) {
            return dlca_fail(reading->json.error, DLCA_BAD_INPUT, "%s: the key %s stands there twice",
                             reading->json.name, key);
        }
        seen[i] = true;
        return fields[i].read(reading);
    }
    return dlca_fail(reading->json.error, DLCA_BAD_INPUT, "%s: a circuit has no key %s", reading->json.name, key);
}

static bool read_object(Reading *reading) {
    bool seen[FIELDS] = {false};
    char key[LONGEST_KEY];
    bool more = true;
    if (!dlca_json_object(&reading->json)) {
        return false;
    }
    for (;;) {
        if (!dlca_json_key(&reading->json, key, sizeof key, &more)) {
            return false;
        }
        if (!more) {
            break;
        }
        if (!read_field(reading, key, seen)) {
            return false;
        }
    }
    for (int i = 0; i < FIELDS; i++) {
        if (!seen[i]) {
            return dlca_fail(reading->json.error, DLCA_BAD_INPUT, "%s: the key %s is missing", reading->json.name,
                             fields[i].name);
        }
    }
    return dlca_json_end(&reading->json);
}

static bool check_circuit(const Reading *reading) {
    DlcaError reason = {0};
    if (!dlca_circuit_check(reading->circuit, &reason)) {
        return dlca_fail(reading->json.error, DLCA_BAD_INPUT, "%s: %.400s", reading->json.name, reason.message);
    }
    return dlca_circuit_facts_check(reading->circuit, reading->facts, reading->json.name, reading->json.error);
}

bool dlca_circuit_from_json(const char *text, size_t size, const char *name, DlcaCircuit *circuit,
                            DlcaCircuitFacts *facts, DlcaError *error) {
    DlcaCircuitFacts local = {0};
    *circuit = (DlcaCircuit){0};
    if (size > DLCA_CIRCUIT_JSON_MAX_BYTES) {
        return dlca_fail(error, DLCA_BAD_INPUT, "%s: has %zu bytes; at most %d are accepted", name, size,
                         DLCA_CIRCUIT_JSON_MAX_BYTES);
    }
    if (!dlca_circuit_create(circuit, 0, 0, 0, error)) {
        return false;
    }
    Reading reading = {.json = dlca_json_begin(text, size, name, error), .circuit = circuit, .facts = &local};
    if (!read_object(&reading) || !check_circuit(&reading)) {
        dlca_circuit_free(circuit);
        return false;
    }
    if (facts) {
        *facts = local;
    }
    return true;
}
