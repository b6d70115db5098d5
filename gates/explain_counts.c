/* explain_counts.c - rules that count: where some inputs matter only by how many of them are 1.
 *
 * Two inputs are interchangeable when swapping their values never changes the output. The largest such group is taken,
 * and the output told by the group's count for each state of the other inputs. */
#include "patch_names.h"
#include "reads.h"

#include <stdlib.h>
#include <string.h>

enum { SMALLEST_GROUP = 3, MOST_OTHERS = 2, ASSIGNMENTS = 1 << DLCA_EXPLAIN_INPUTS };

typedef struct Table {
    bool value[ASSIGNMENTS]; /* bit i of the index is input[i] */
    const int32_t *input;
    int32_t inputs;
} Table;

static bool fill(Table *table, const DlcaCircuit *circuit, int32_t output) {
    uint64_t *values = calloc((size_t)circuit->inputs + (size_t)circuit->gates, sizeof *values);
    const int32_t all = 1 << table->inputs;
    if (!values) {
        return false;
    }
    for (int32_t first = 0; first < all; first += 64) {
        for (int32_t i = 0; i < table->inputs; i++) {
            uint64_t word = 0;
            for (int32_t bit = 0; bit < 64; bit++) {
                word |= (uint64_t)((first + bit) >> i & 1) << bit;
            }
            values[table->input[i]] = word;
        }
        dlca_circuit_evaluate(circuit, values);
        for (int32_t bit = 0; bit < 64 && first + bit < all; bit++) {
            table->value[first + bit] = (values[circuit->output[output]] >> bit & 1) != 0;
        }
    }
    free(values);
    return true;
}

static bool interchangeable(const Table *table, int32_t i, int32_t j) {
    for (int32_t at = 0; at < 1 << table->inputs; at++) {
        if ((at >> i & 1) && !(at >> j & 1) && table->value[at] != table->value[at ^ (1 << i | 1 << j)]) {
            return false;
        }
    }
    return true;
}

/* Being interchangeable is transitive, so a group is all that go with its first. Bit i: input[i] is in it. */
static uint32_t largest_group(const Table *table) {
    uint32_t largest = 0;
    int most = 0;
    for (int32_t i = 0; i < table->inputs; i++) {
        uint32_t group = 1u << i;
        int size = 1;
        for (int32_t j = i + 1; j < table->inputs; j++) {
            if (interchangeable(table, i, j)) {
                group |= 1u << j;
                size++;
            }
        }
        if (size > most) {
            most = size;
            largest = group;
        }
    }
    return most >= SMALLEST_GROUP && table->inputs - most <= MOST_OTHERS ? largest : 0;
}

static void add_names(const Table *table, uint32_t which, int32_t channels, DlcaText *text) {
    for (int32_t i = 0; i < table->inputs; i++) {
        if (which >> i & 1) {
            char name[DLCA_PATCH_NAME_BYTES];
            dlca_input_name(name, table->input[i], channels);
            dlca_text_add(text, " %s", name);
        }
    }
}

/* The counts for which the output is 1 while the others are as in `at`. */
static void add_counts(const Table *table, uint32_t group, int32_t at, DlcaText *text) {
    int32_t count = 0;
    bool any = false;
    for (int32_t i = -1; i < table->inputs; i++) {
        if (i >= 0 && !(group >> i & 1)) {
            continue;
        }
        if (i >= 0) {
            at |= 1 << i;
            count++;
        }
        if (table->value[at]) {
            dlca_text_add(text, any ? " or %d" : " %d", count);
            any = true;
        }
    }
    dlca_text_add(text, any ? "" : " no number");
}

static void add_case(const Table *table, uint32_t group, int32_t at, int32_t channels, DlcaText *text) {
    for (int32_t i = 0; i < table->inputs; i++) {
        if (!(group >> i & 1)) {
            char name[DLCA_PATCH_NAME_BYTES];
            dlca_input_name(name, table->input[i], channels);
            dlca_text_add(text, " %s is %d,", name, at >> i & 1);
        }
    }
    add_counts(table, group, at, text);
    dlca_text_add(text, " of them are 1");
}

void dlca_circuit_explain_counts(const DlcaCircuit *circuit, int32_t output, const int32_t *input, int32_t inputs,
                                 const char *indent, DlcaText *text) {
    const int32_t channels = circuit->inputs / DLCA_PATCH_CELLS;
    Table table = {.input = input, .inputs = inputs};
    if (inputs < SMALLEST_GROUP) {
        return;
    }
    if (!fill(&table, circuit, output)) {
        text->failed = true;
        return;
    }
    const uint32_t group = largest_group(&table);
    if (!group) {
        return;
    }
    dlca_text_add(text, "%sin words, of", indent);
    add_names(&table, group, channels, text);
    dlca_text_add(text, ": 1 when");
    bool first = true;
    for (int32_t at = 0; at < 1 << inputs; at++) {
        if (((uint32_t)at & group) == 0) {
            dlca_text_add(text, first ? "" : ";");
            add_case(&table, group, at, channels, text);
            first = false;
        }
    }
    dlca_text_add(text, "\n");
}
