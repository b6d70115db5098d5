/* import_aiger.c - reads AIGER, as text (aag) and as bytes (aig). The writer is in export_aiger.c.
 *
 * Format: Biere, "The AIGER And-Inverter Graph (AIG) Format Version 20071012" (2007). */
#include "import_builder.h"
#include "topological_order.h"

#include <stdlib.h>
#include <string.h>

typedef struct Aiger {
    const char *text, *name;
    size_t size, at;
    DlcaError *error;
    bool binary;
    uint32_t most;         /* the highest variable */
    uint32_t inputs, ands; /* and as many outputs as: */
    int32_t outputs;
    uint32_t *output;   /* [outputs] literals */
    uint32_t *variable; /* [inputs + ands] that each input, then each AND, defines */
    uint32_t *read;     /* [ands][2] literals */
    DlcaName *input_name, *output_name;
    DlcaLiteral *value; /* [most + 1] of each variable */
    DlcaImportBuilder builder;
} Aiger;

static bool refuse(const Aiger *aiger, const char *what) {
    return dlca_fail(aiger->error, DLCA_BAD_INPUT, "%s: at byte %zu: %s", aiger->name, aiger->at, what);
}

static bool take(Aiger *aiger, char c) {
    if (aiger->at < aiger->size && aiger->text[aiger->at] == c) {
        aiger->at++;
        return true;
    }
    return false;
}

/* A number of at most `most`, and the character behind it. */
static bool number(Aiger *aiger, uint32_t most, char behind, uint32_t *value) {
    const size_t begin = aiger->at;
    uint64_t sum = 0;
    while (aiger->at < aiger->size && aiger->text[aiger->at] >= '0' && aiger->text[aiger->at] <= '9') {
        sum = sum * 10 + (uint64_t)(aiger->text[aiger->at++] - '0');
        if (sum > most) {
            return refuse(aiger, "a number is larger than it can be here");
        }
    }
    *value = (uint32_t)sum;
    if (aiger->at == begin) {
        return refuse(aiger, aiger->at == aiger->size ? "the file ends too early" : "a number is missing");
    }
    return take(aiger, behind) ||
           refuse(aiger, behind == '\n' ? "the end of the line is missing" : "a number is missing");
}

static bool read_header(Aiger *aiger) {
    uint32_t latches, outputs;
    aiger->binary = aiger->size > 1 && aiger->text[1] == 'i';
    aiger->at = 4;
    /* A variable takes at least a byte of the file, an input of the binary form excepted. */
    const size_t bytes = aiger->size + DLCA_IMPORT_MAX_INPUTS;
    const uint32_t most = bytes < DLCA_CIRCUIT_MAX_NODES ? (uint32_t)bytes : DLCA_CIRCUIT_MAX_NODES;
    if (!number(aiger, most, ' ', &aiger->most) || !number(aiger, most, ' ', &aiger->inputs) ||
        !number(aiger, most, ' ', &latches) || !number(aiger, most, ' ', &outputs) ||
        !number(aiger, most, '\n', &aiger->ands)) {
        return false;
    }
    if (latches != 0) {
        return refuse(aiger, "latches are not supported: the circuit must be combinational");
    }
    if ((uint64_t)aiger->inputs + aiger->ands > aiger->most ||
        (aiger->binary && aiger->inputs + aiger->ands != aiger->most)) {
        return refuse(aiger, "the numbers of the header do not fit each other");
    }
    aiger->outputs = (int32_t)outputs;
    return dlca_import_counts(aiger->name, aiger->inputs, outputs, aiger->error);
}

static bool take_memory(Aiger *aiger) {
    const size_t defined = (size_t)aiger->inputs + aiger->ands, outputs = (size_t)aiger->outputs;
    aiger->output = malloc(outputs * sizeof *aiger->output);
    aiger->variable = malloc(defined * sizeof *aiger->variable);
    aiger->read = malloc((2 * (size_t)aiger->ands + 1) * sizeof *aiger->read);
    aiger->input_name = calloc(aiger->inputs, sizeof *aiger->input_name);
    aiger->output_name = calloc(outputs, sizeof *aiger->output_name);
    aiger->value = malloc(((size_t)aiger->most + 1) * sizeof *aiger->value);
    if (!aiger->output || !aiger->variable || !aiger->read || !aiger->input_name || !aiger->output_name ||
        !aiger->value) {
        return dlca_fail(aiger->error, DLCA_FAILED, "%s: no memory for %zu nodes", aiger->name, defined);
    }
    return true;
}

/* ---- the two bodies ---- */

static bool read_definition(Aiger *aiger, uint32_t index, char behind) {
    uint32_t literal;
    if (!number(aiger, 2 * aiger->most + 1, behind, &literal)) {
        return false;
    }
    aiger->variable[index] = literal / 2;
    return (literal % 2 == 0 && literal > 0) || refuse(aiger, "what is defined must be an even number from 2");
}

static bool read_outputs(Aiger *aiger) {
    for (int32_t i = 0; i < aiger->outputs; i++) {
        if (!number(aiger, 2 * aiger->most + 1, '\n', &aiger->output[i])) {
            return false;
        }
    }
    return true;
}

static bool read_text(Aiger *aiger) {
    const uint32_t highest = 2 * aiger->most + 1;
    for (uint32_t i = 0; i < aiger->inputs; i++) {
        if (!read_definition(aiger, i, '\n')) {
            return false;
        }
    }
    if (!read_outputs(aiger)) {
        return false;
    }
    for (uint32_t i = 0; i < aiger->ands; i++) {
        if (!read_definition(aiger, aiger->inputs + i, ' ') ||
            !number(aiger, highest, ' ', &aiger->read[2 * (size_t)i]) ||
            !number(aiger, highest, '\n', &aiger->read[2 * (size_t)i + 1])) {
            return false;
        }
    }
    return true;
}

/* Seven bits a byte, the lowest first, the high bit where more follow. */
static bool read_difference(Aiger *aiger, uint32_t most, uint32_t *value) {
    uint64_t sum = 0;
    for (int shift = 0; shift < 35; shift += 7) {
        if (aiger->at == aiger->size) {
            return refuse(aiger, "the file ends too early");
        }
        const uint8_t byte = (uint8_t)aiger->text[aiger->at++];
        sum |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *value = (uint32_t)sum;
            return sum <= most || refuse(aiger, "an AND reads what comes after it");
        }
    }
    return refuse(aiger, "a number is larger than it can be here");
}

static bool read_bytes(Aiger *aiger) {
    for (uint32_t i = 0; i < aiger->inputs + aiger->ands; i++) {
        aiger->variable[i] = i + 1;
    }
    if (!read_outputs(aiger)) {
        return false;
    }
    for (uint32_t i = 0; i < aiger->ands; i++) {
        const uint32_t own = 2 * (aiger->inputs + i + 1);
        uint32_t first, second;
        if (!read_difference(aiger, own, &first) || !read_difference(aiger, own - first, &second)) {
            return false;
        }
        if (first == 0) {
            return refuse(aiger, "an AND reads itself");
        }
        aiger->read[2 * (size_t)i] = own - first;
        aiger->read[2 * (size_t)i + 1] = own - first - second;
    }
    return true;
}

/* ---- names, comment ---- */

static bool read_name(Aiger *aiger) {
    const bool input = take(aiger, 'i');
    uint32_t index;
    if (!input && !take(aiger, 'o')) {
        return refuse(aiger, "a name (i or o and a number) or a comment (c) must stand here");
    }
    const uint32_t count = input ? aiger->inputs : (uint32_t)aiger->outputs;
    if (!number(aiger, count - 1, ' ', &index)) {
        return false;
    }
    DlcaName *name = input ? &aiger->input_name[index] : &aiger->output_name[index];
    const char *begin = aiger->text + aiger->at;
    const char *end = memchr(begin, '\n', aiger->size - aiger->at);
    if (!end || end == begin || memchr(begin, '\0', (size_t)(end - begin))) {
        return refuse(aiger, "a name must be text of at least one character, and a line");
    }
    if (name->text) {
        return refuse(aiger, "a second name for the same input or output");
    }
    *name = (DlcaName){begin, (size_t)(end - begin)};
    aiger->at += name->length + 1;
    return true;
}

static bool read_names(Aiger *aiger) {
    while (aiger->at < aiger->size) {
        if (aiger->text[aiger->at] == 'c') {
            return aiger->at + 1 == aiger->size || aiger->text[aiger->at + 1] == '\n' ||
                   refuse(aiger, "a comment must begin with c on a line of its own");
        }
        if (!read_name(aiger)) {
            return false;
        }
    }
    return true;
}

/* No two inputs, and no two outputs, of one name. */
static bool names_differ(const Aiger *aiger, const DlcaName *name, int32_t count) {
    DlcaNameTable table = {0};
    bool good = true;
    for (int32_t i = 0; good && i < count; i++) {
        const int32_t before = table.count;
        if (!name[i].text) {
            continue;
        }
        if (dlca_name_number(&table, name[i]) < 0) {
            good = dlca_fail(aiger->error, DLCA_FAILED, "%s: no memory for names", aiger->name);
        } else if (table.count == before) {
            good = dlca_fail(aiger->error, DLCA_BAD_INPUT, "%s: the name %.*s stands twice", aiger->name,
                             (int)(name[i].length < 64 ? name[i].length : 64), name[i].text);
        }
    }
    dlca_name_table_free(&table);
    return good;
}

/* ---- gates ---- */

static DlcaLiteral literal_of(const Aiger *aiger, uint32_t literal) {
    return aiger->value[literal / 2] ^ (DlcaLiteral)(literal & 1);
}

static void build_gate(Aiger *aiger, uint32_t index) {
    const uint32_t *read = aiger->read + 2 * (size_t)index;
    aiger->value[aiger->variable[aiger->inputs + index]] =
        dlca_import_gate(&aiger->builder, DLCA_OP_AND, literal_of(aiger, read[0]), literal_of(aiger, read[1]));
}

/* first [most + 2] and read [2 * ands] of dlca_topological_order, over variables. */
static bool define(Aiger *aiger, int32_t *first, int32_t *read, int32_t *definition) {
    const uint32_t defined = aiger->inputs + aiger->ands;
    for (uint32_t i = 0; i <= aiger->most; i++) {
        definition[i] = -1;
    }
    for (uint32_t i = 0; i < defined; i++) {
        if (definition[aiger->variable[i]] >= 0) {
            return dlca_fail(aiger->error, DLCA_BAD_INPUT, "%s: %u is defined twice", aiger->name,
                             2 * aiger->variable[i]);
        }
        definition[aiger->variable[i]] = (int32_t)i;
    }
    int32_t reads = 0;
    for (uint32_t variable = 0; variable <= aiger->most; variable++) {
        const int32_t gate = definition[variable] - (int32_t)aiger->inputs;
        first[variable] = reads;
        for (int i = 0; gate >= 0 && i < 2; i++) {
            read[reads++] = (int32_t)(aiger->read[2 * (size_t)gate + (size_t)i] / 2);
        }
    }
    first[aiger->most + 1] = reads;
    return true;
}

static bool all_defined(const Aiger *aiger, const int32_t *definition) {
    const size_t reads = 2 * (size_t)aiger->ands;
    for (size_t i = 0; i < reads + (size_t)aiger->outputs; i++) {
        const uint32_t literal = i < reads ? aiger->read[i] : aiger->output[i - reads];
        if (literal > 1 && definition[literal / 2] < 0) {
            return dlca_fail(aiger->error, DLCA_BAD_INPUT, "%s: %u is read but nothing defines it", aiger->name,
                             literal);
        }
    }
    return true;
}

/* Text may define ANDs in any order. */
static bool build_ordered(Aiger *aiger, int32_t *memory) {
    const size_t variables = (size_t)aiger->most + 1;
    int32_t *first = memory, *read = first + variables + 1, *definition = read + 2 * (size_t)aiger->ands;
    int32_t *order = definition + variables, *scratch = order + variables, on_circle;
    if (!define(aiger, first, read, definition) || !all_defined(aiger, definition)) {
        return false;
    }
    if (!dlca_topological_order((int32_t)variables, first, read, order, scratch, &on_circle)) {
        return dlca_fail(aiger->error, DLCA_BAD_INPUT, "%s: %d depends on itself: the circuit has a cycle", aiger->name,
                         2 * on_circle);
    }
    for (size_t i = 0; i < variables; i++) {
        const int32_t gate = definition[order[i]] - (int32_t)aiger->inputs;
        if (gate >= 0) {
            build_gate(aiger, (uint32_t)gate);
        }
    }
    return true;
}

static bool build(Aiger *aiger) {
    aiger->builder = (DlcaImportBuilder){.name = aiger->name, .circuit.inputs = (int32_t)aiger->inputs};
    aiger->value[0] = DLCA_LITERAL_FALSE;
    for (uint32_t i = 0; i < aiger->inputs; i++) {
        aiger->value[aiger->variable[i]] = 2 * ((DlcaLiteral)i + 1);
    }
    const size_t integers = 6 * ((size_t)aiger->most + 2) + 2 * (size_t)aiger->ands;
    int32_t *memory = malloc(integers * sizeof *memory);
    if (!memory) {
        return dlca_fail(aiger->error, DLCA_FAILED, "%s: no memory for %u ANDs", aiger->name, aiger->ands);
    }
    const bool good = build_ordered(aiger, memory);
    free(memory);
    return good;
}

static bool finish(Aiger *aiger, DlcaCircuit *circuit) {
    DlcaLiteral *output = malloc((size_t)aiger->outputs * sizeof *output);
    if (!output) {
        return dlca_fail(aiger->error, DLCA_FAILED, "%s: no memory for outputs", aiger->name);
    }
    for (int32_t i = 0; i < aiger->outputs; i++) {
        output[i] = literal_of(aiger, aiger->output[i]);
    }
    const bool good = dlca_import_finish(&aiger->builder, output, aiger->outputs, aiger->input_name, aiger->output_name,
                                         circuit, aiger->error);
    free(output);
    return good;
}

bool dlca_import_is_aiger(const char *bytes, size_t size) {
    return size >= 4 && (memcmp(bytes, "aag ", 4) == 0 || memcmp(bytes, "aig ", 4) == 0);
}

bool dlca_import_aiger(const char *bytes, size_t size, const char *name, DlcaCircuit *circuit, DlcaError *error) {
    Aiger aiger = {.text = bytes, .name = name, .size = size, .error = error};
    *circuit = (DlcaCircuit){0};
    if (!dlca_import_is_aiger(bytes, size)) {
        return dlca_fail(error, DLCA_BAD_INPUT, "%s: not AIGER: it must begin with 'aag ' or 'aig '", name);
    }
    if (size > DLCA_IMPORT_MAX_BYTES) {
        return dlca_fail(error, DLCA_BAD_INPUT, "%s: %zu bytes: at most %d are read", name, size,
                         (int)DLCA_IMPORT_MAX_BYTES);
    }
    const bool good =
        read_header(&aiger) && take_memory(&aiger) && (aiger.binary ? read_bytes(&aiger) : read_text(&aiger)) &&
        read_names(&aiger) && names_differ(&aiger, aiger.input_name, (int32_t)aiger.inputs) &&
        names_differ(&aiger, aiger.output_name, aiger.outputs) && build(&aiger) && finish(&aiger, circuit);
    dlca_circuit_free(&aiger.builder.circuit);
    free(aiger.output);
    free(aiger.variable);
    free(aiger.read);
    free(aiger.input_name);
    free(aiger.output_name);
    free(aiger.value);
    return good;
}
