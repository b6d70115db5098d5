/* counting.c - finds interchangeable inputs and builds the adders and the rest. */
#include "counting.h"

#include "optimize.h"
#include "rewrite.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_INPUTS = DLCA_COUNTING_MAX_INPUTS, MOST_ROWS = 1 << MOST_INPUTS, MOST_GATES = 1 << 14, FREE = 2 };

/* What is built, gate by gate. */
typedef struct Builder {
    DlcaCircuit circuit; /* with room for MOST_GATES */
    int32_t gates;
    bool full;
} Builder;

static int32_t gate(Builder *builder, DlcaOp op, int32_t a, int32_t b) {
    if (builder->gates == MOST_GATES) {
        builder->full = true;
        return 0;
    }
    builder->circuit.gate[builder->gates] = (DlcaGate){a, b, (uint8_t)op};
    return builder->circuit.inputs + builder->gates++;
}

/* ---- the table, and who is interchangeable ---- */

/* table [2^inputs]: bit i of the row's number is input i. */
static bool make_table(const DlcaCircuit *circuit, uint8_t *table) {
    uint64_t *values = malloc((size_t)(circuit->inputs + circuit->gates) * sizeof *values);
    const int32_t rows = 1 << circuit->inputs;
    for (int32_t first = 0; values && first < rows; first += 64) {
        for (int32_t i = 0; i < circuit->inputs; i++) {
            values[i] = 0;
            for (int32_t row = 0; row < 64; row++) {
                values[i] |= (uint64_t)((first + row) >> i & 1) << row;
            }
        }
        dlca_circuit_evaluate(circuit, values);
        for (int32_t row = 0; row < 64 && first + row < rows; row++) {
            table[first + row] = values[circuit->output[0]] >> row & 1;
        }
    }
    free(values);
    return values != NULL;
}

static bool interchangeable(const uint8_t *table, int32_t inputs, int32_t a, int32_t b) {
    const int32_t both = 1 << a | 1 << b;
    for (int32_t row = 0; row < 1 << inputs; row++) {
        const bool differ = (row >> a & 1) != (row >> b & 1);
        if (differ && table[row] != table[row ^ both]) {
            return false;
        }
    }
    return true;
}

/* The largest set; being interchangeable carries over from pair to pair, so one member finds all. */
static uint32_t largest_set(const uint8_t *table, int32_t inputs, int32_t *size) {
    uint32_t best = 0;
    *size = 0;
    for (int32_t a = 0; a < inputs; a++) {
        uint32_t set = 0;
        for (int32_t b = 0; b < inputs; b++) {
            set |= a == b || interchangeable(table, inputs, a, b) ? 1u << b : 0;
        }
        if (__builtin_popcount(set) > *size) {
            best = set;
            *size = __builtin_popcount(set);
        }
    }
    return best;
}

/* ---- adders ---- */

typedef struct Bits {
    int32_t node[2 * MOST_INPUTS];
    int32_t count;
} Bits;

/* The bits of the number of ones among the inputs of the set, lowest first. */
static Bits add_up(Builder *builder, uint32_t set) {
    Bits column = {0}, sum = {0};
    for (int32_t i = 0; i < MOST_INPUTS; i++) {
        if (set >> i & 1) {
            column.node[column.count++] = i;
        }
    }
    while (column.count > 0) {
        Bits carries = {0};
        while (column.count > 1) {
            const int32_t a = column.node[--column.count], b = column.node[--column.count];
            const int32_t differ = gate(builder, DLCA_OP_XOR, a, b);
            if (column.count > 0) {
                const int32_t c = column.node[--column.count];
                const int32_t one = gate(builder, DLCA_OP_XOR, differ, c);
                const int32_t any = gate(builder, DLCA_OP_OR, differ, gate(builder, DLCA_OP_XOR, b, c));
                carries.node[carries.count++] = gate(builder, DLCA_OP_XOR, any, one);
                column.node[column.count++] = one;
            } else {
                carries.node[carries.count++] = gate(builder, DLCA_OP_AND, a, b);
                column.node[column.count++] = differ;
            }
        }
        sum.node[sum.count++] = column.node[0];
        column = carries;
    }
    return sum;
}

/* ---- the function of the count ---- */

/* A table over variables, values 0, 1 or FREE. Bit i of the row's number is variable i. */
typedef struct Table {
    uint8_t *row;
    Bits variable;
} Table;

static void cofactor(const Table *table, int32_t variable, int32_t value, uint8_t *half) {
    const int32_t low = (1 << variable) - 1;
    for (int32_t row = 0; row < 1 << (table->variable.count - 1); row++) {
        half[row] = table->row[(row & ~low) << 1 | value << variable | (row & low)];
    }
}

static bool is_constant(const uint8_t *row, int32_t rows, int32_t *value) {
    *value = FREE;
    for (int32_t i = 0; i < rows; i++) {
        if (row[i] != FREE && *value != FREE && row[i] != *value) {
            return false;
        }
        *value = row[i] != FREE ? row[i] : *value;
    }
    *value = *value == FREE ? 0 : *value;
    return true;
}

/* One half serves for both where they agree or are free. */
static bool merge(uint8_t *into, const uint8_t *other, int32_t rows) {
    for (int32_t i = 0; i < rows; i++) {
        if (into[i] != FREE && other[i] != FREE && into[i] != other[i]) {
            return false;
        }
    }
    for (int32_t i = 0; i < rows; i++) {
        into[i] = into[i] == FREE ? other[i] : into[i];
    }
    return true;
}

static Bits without(Bits bits, int32_t index) {
    bits.count--;
    memmove(bits.node + index, bits.node + index + 1, (size_t)(bits.count - index) * sizeof *bits.node);
    return bits;
}

static int32_t build(Builder *builder, const Table *table);

/* The variable that no half needs, or else one whose halves are simplest: a constant half is half the work. */
static int32_t build_split(Builder *builder, const Table *table, uint8_t *halves) {
    const int32_t rows = 1 << (table->variable.count - 1);
    uint8_t *low = halves, *high = halves + rows;
    int32_t chosen = table->variable.count - 1, constant;
    for (int32_t i = table->variable.count - 1; i >= 0; i--) {
        cofactor(table, i, 0, low);
        cofactor(table, i, 1, high);
        if (merge(low, high, rows)) {
            return build(builder, &(Table){low, without(table->variable, i)});
        }
        chosen = is_constant(low, rows, &constant) || is_constant(high, rows, &constant) ? i : chosen;
    }
    const Bits rest = without(table->variable, chosen);
    const int32_t select = table->variable.node[chosen];
    cofactor(table, chosen, 0, low);
    cofactor(table, chosen, 1, high);
    if (is_constant(low, rows, &constant)) {
        return gate(builder, constant ? DLCA_OP_NOT_A_OR_B : DLCA_OP_AND, select, build(builder, &(Table){high, rest}));
    }
    if (is_constant(high, rows, &constant)) {
        return gate(builder, constant ? DLCA_OP_OR : DLCA_OP_NOT_A_AND_B, select, build(builder, &(Table){low, rest}));
    }
    const int32_t when_0 = build(builder, &(Table){low, rest}), when_1 = build(builder, &(Table){high, rest});
    const int32_t change = gate(builder, DLCA_OP_AND, select, gate(builder, DLCA_OP_XOR, when_0, when_1));
    return gate(builder, DLCA_OP_XOR, when_0, change);
}

static int32_t build(Builder *builder, const Table *table) {
    int32_t constant;
    if (is_constant(table->row, 1 << table->variable.count, &constant)) {
        return gate(builder, constant ? DLCA_OP_TRUE : DLCA_OP_FALSE, 0, 0);
    }
    uint8_t *halves = malloc((size_t)1 << table->variable.count);
    if (!halves) {
        builder->full = true;
        return 0;
    }
    const int32_t node = build_split(builder, table, halves);
    free(halves);
    return node;
}

/* The output over the other inputs and the count's bits: rows of `table` with the same count are the same. */
static int32_t build_rest(Builder *builder, const uint8_t *table, uint32_t set, Bits sum) {
    Table rest = {0};
    for (int32_t i = 0; i < builder->circuit.inputs; i++) {
        if (!(set >> i & 1)) {
            rest.variable.node[rest.variable.count++] = i;
        }
    }
    const int32_t others = rest.variable.count;
    for (int32_t i = 0; i < sum.count; i++) {
        rest.variable.node[rest.variable.count++] = sum.node[i];
    }
    rest.row = malloc((size_t)1 << rest.variable.count);
    if (!rest.row) {
        builder->full = true;
        return 0;
    }
    memset(rest.row, FREE, (size_t)1 << rest.variable.count);
    for (int32_t row = 0; row < 1 << builder->circuit.inputs; row++) {
        int32_t place = __builtin_popcount((uint32_t)row & set) << others;
        for (int32_t i = 0; i < others; i++) {
            place |= (row >> rest.variable.node[i] & 1) << i;
        }
        rest.row[place] = table[row];
    }
    const int32_t node = build(builder, &rest);
    free(rest.row);
    return node;
}

bool dlca_circuit_count_inputs(DlcaCircuit *to, const DlcaCircuit *from, bool *found, DlcaError *error) {
    *to = (DlcaCircuit){0};
    *found = false;
    if (from->outputs != 1 || from->inputs > MOST_INPUTS || from->inputs < DLCA_COUNTING_LEAST) {
        return true;
    }
    Builder builder = {0};
    uint8_t *table = calloc(MOST_ROWS, 1);
    if (!table || !make_table(from, table) ||
        !dlca_circuit_create(&builder.circuit, from->inputs, 1, MOST_GATES, error)) {
        free(table);
        return dlca_fail(error, DLCA_FAILED, "no memory for a truth table");
    }
    int32_t size;
    const uint32_t set = largest_set(table, from->inputs, &size);
    if (size >= DLCA_COUNTING_LEAST) {
        builder.circuit.output[0] = build_rest(&builder, table, set, add_up(&builder, set));
        *found = !builder.full;
    }
    free(table);
    if (!*found) {
        dlca_circuit_free(&builder.circuit);
        return true;
    }
    builder.circuit.gates = builder.gates;
    *to = builder.circuit;
    return true;
}

bool dlca_circuit_smallest(DlcaCircuit *to, const DlcaCircuit *from, int32_t patience, DlcaError *error) {
    DlcaCircuit counting = {0}, rewritten = {0};
    bool found;
    if (!dlca_circuit_rewrite(to, from, patience, error)) {
        return false;
    }
    if (!dlca_circuit_count_inputs(&counting, from, &found, error)) {
        dlca_circuit_free(to);
        return false;
    }
    const bool good = !found || dlca_circuit_rewrite(&rewritten, &counting, patience, error);
    dlca_circuit_free(&counting);
    if (good && found && rewritten.gates < to->gates) {
        const DlcaCircuit larger = *to;
        *to = rewritten;
        rewritten = larger;
    }
    dlca_circuit_free(&rewritten);
    if (!good) {
        dlca_circuit_free(to);
    }
    return good;
}
