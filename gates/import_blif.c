/* import_blif.c - makes a circuit of what the scan of a BLIF file found.
 *
 * Tables of one and two signals become one gate, larger ones an AND of each row and an OR of the rows; the optimizer
 * finds what is smaller. BLIF lets tables stand in any order, so they are sorted first. */
#include "import_blif.h"

#include "topological_order.h"

#include <stdlib.h>
#include <string.h>

/* A table of two signals as an operation: bit 3 of it is for 0 0, bit 2 for 0 1, bit 1 for 1 0, bit 0 for 1 1. */
static int operation_of(const DlcaBlif *blif, const DlcaBlifTable *table) {
    int op = 0;
    for (int32_t i = 0; i < table->rows; i++) {
        const char *row = blif->row[table->first_row + i];
        for (int at = 0; at < 4; at++) {
            const char a = at & 2 ? '0' : '1', b = at & 1 ? '0' : '1'; /* what the row must not say */
            op |= row[0] != a && row[1] != b ? 8 >> at : 0;
        }
    }
    return table->phase == '0' ? dlca_op_invert(op) : op;
}

static DlcaLiteral product(const DlcaBlif *blif, const DlcaBlifTable *table, const char *row, const DlcaLiteral *value,
                           DlcaImportBuilder *builder) {
    DlcaLiteral result = DLCA_LITERAL_TRUE;
    for (int32_t i = 0; i < table->reads; i++) {
        if (row[i] != '-') {
            const DlcaLiteral read = value[blif->read[table->first_read + i]] ^ (row[i] == '0');
            result = dlca_import_gate(builder, DLCA_OP_AND, result, read);
        }
    }
    return result;
}

static DlcaLiteral value_of(const DlcaBlif *blif, const DlcaBlifTable *table, const DlcaLiteral *value,
                            DlcaImportBuilder *builder) {
    const int32_t *read = blif->read + table->first_read;
    DlcaLiteral result = DLCA_LITERAL_FALSE;
    if (table->reads == 2) {
        return dlca_import_gate(builder, operation_of(blif, table), value[read[0]], value[read[1]]);
    }
    for (int32_t i = 0; i < table->rows; i++) {
        const DlcaLiteral row = product(blif, table, blif->row[table->first_row + i], value, builder);
        result = dlca_import_gate(builder, DLCA_OP_OR, result, row);
    }
    return result ^ (table->phase == '0' && table->rows > 0);
}

static bool refuse_signal(const DlcaBlif *blif, int32_t signal, const char *what) {
    const DlcaName name = blif->signals.name[signal];
    return dlca_fail(blif->error, DLCA_BAD_INPUT, "%s: %.*s %s", blif->name, (int)(name.length < 64 ? name.length : 64),
                     name.text, what);
}

static bool all_defined(const DlcaBlif *blif) {
    for (int32_t i = 0; i < blif->reads; i++) {
        if (blif->definition[blif->read[i]] == DLCA_BLIF_UNDEFINED) {
            return refuse_signal(blif, blif->read[i], "is read but nothing defines it");
        }
    }
    for (int32_t i = 0; i < blif->outputs; i++) {
        if (blif->definition[blif->output[i]] == DLCA_BLIF_UNDEFINED) {
            return refuse_signal(blif, blif->output[i], "is an output but nothing defines it");
        }
    }
    return true;
}

/* No output may stand twice. `seen` [signals], zeroed. */
static bool outputs_differ(const DlcaBlif *blif, int32_t *seen) {
    for (int32_t i = 0; i < blif->outputs; i++) {
        if (seen[blif->output[i]]++) {
            return refuse_signal(blif, blif->output[i], "stands twice among the outputs");
        }
    }
    return true;
}

/* Signal by signal what its table reads, as dlca_topological_order wants it. */
static void list_reads(const DlcaBlif *blif, int32_t *first, int32_t *read) {
    int32_t reads = 0;
    for (int32_t signal = 0; signal < blif->signals.count; signal++) {
        const int32_t definition = blif->definition[signal];
        first[signal] = reads;
        if (definition >= 0) {
            const DlcaBlifTable *table = &blif->table[definition];
            memcpy(read + reads, blif->read + table->first_read, (size_t)table->reads * sizeof *read);
            reads += table->reads;
        }
    }
    first[blif->signals.count] = reads;
}

static bool build_in_order(const DlcaBlif *blif, int32_t *memory, DlcaImportBuilder *builder) {
    const size_t signals = (size_t)blif->signals.count;
    int32_t *value = memory, *first = value + signals, *order = first + signals + 1, *scratch = order + signals;
    int32_t *read = scratch + 3 * signals, on_circle;
    if (!all_defined(blif) || !outputs_differ(blif, value)) {
        return false;
    }
    list_reads(blif, first, read);
    if (!dlca_topological_order(blif->signals.count, first, read, order, scratch, &on_circle)) {
        return refuse_signal(blif, on_circle, "depends on itself: the circuit has a cycle");
    }
    for (int32_t i = 0; i < blif->inputs; i++) {
        value[blif->input[i]] = 2 * (i + 1);
    }
    for (size_t i = 0; i < signals; i++) {
        const int32_t definition = blif->definition[order[i]];
        if (definition >= 0) {
            value[order[i]] = value_of(blif, &blif->table[definition], value, builder);
        }
    }
    return true;
}

static void names_of(const DlcaBlif *blif, const int32_t *signal, int32_t count, DlcaName *name) {
    for (int32_t i = 0; i < count; i++) {
        name[i] = blif->signals.name[signal[i]];
    }
}

bool dlca_blif_build(const DlcaBlif *blif, DlcaCircuit *circuit) {
    DlcaImportBuilder builder = {.name = blif->name, .circuit.inputs = blif->inputs};
    if (!dlca_import_counts(blif->name, blif->inputs, blif->outputs, blif->error)) {
        return false;
    }
    const size_t outputs = (size_t)blif->outputs;
    int32_t *memory = calloc(7 * ((size_t)blif->signals.count + 1) + (size_t)blif->reads, sizeof *memory);
    DlcaName *name = malloc(((size_t)blif->inputs + outputs) * sizeof *name);
    DlcaLiteral *output = malloc(outputs * sizeof *output);
    bool good =
        (memory && name && output) || dlca_fail(blif->error, DLCA_FAILED, "%s: no memory for the circuit", blif->name);
    if (good && build_in_order(blif, memory, &builder)) {
        names_of(blif, blif->input, blif->inputs, name);
        names_of(blif, blif->output, blif->outputs, name + blif->inputs);
        for (size_t i = 0; i < outputs; i++) {
            output[i] = memory[blif->output[i]]; /* the values stand at its front */
        }
        good = dlca_import_finish(&builder, output, blif->outputs, name, name + blif->inputs, circuit, blif->error);
    } else {
        good = false;
    }
    dlca_circuit_free(&builder.circuit);
    free(memory);
    free(name);
    free(output);
    return good;
}

/* The first thing that is neither blank nor comment is a directive. */
bool dlca_import_is_blif(const char *bytes, size_t size) {
    size_t at = 0;
    while (at < size && (strchr(" \t\r\n", bytes[at]) || bytes[at] == '#') && bytes[at] != '\0') {
        while (bytes[at] == '#' && at < size && memchr(bytes + at, '\n', size - at)) {
            at = (size_t)((const char *)memchr(bytes + at, '\n', size - at) - bytes);
        }
        at++;
    }
    return at + 1 < size && bytes[at] == '.' && bytes[at + 1] >= 'a' && bytes[at + 1] <= 'z';
}

bool dlca_import_blif(const char *bytes, size_t size, const char *name, DlcaCircuit *circuit, DlcaError *error) {
    DlcaBlif blif = {.name = name, .error = error};
    *circuit = (DlcaCircuit){0};
    if (size > DLCA_IMPORT_MAX_BYTES) {
        return dlca_fail(error, DLCA_BAD_INPUT, "%s: %zu bytes: at most %d are read", name, size,
                         (int)DLCA_IMPORT_MAX_BYTES);
    }
    const bool good = dlca_blif_scan(&blif, bytes, size) && dlca_blif_build(&blif, circuit);
    dlca_name_table_free(&blif.signals);
    free(blif.definition);
    free(blif.input);
    free(blif.output);
    free(blif.table);
    free(blif.read);
    free(blif.row);
    return good;
}
