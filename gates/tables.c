/* tables.c - values, care sets and fan-out of a circuit that is being changed. */
#include "tables.h"

#include <stdlib.h>
#include <string.h>

void dlca_tables_free(DlcaTables *tables) {
    dlca_circuit_free(&tables->circuit);
    free(tables->value);
    free(tables->flipped);
    free(tables->follows);
    free(tables->readers);
    free(tables->freed);
    free(tables->list);
    free(tables->moved);
    free(tables->place);
    *tables = (DlcaTables){0};
}

static bool copy_with_room(DlcaCircuit *to, const DlcaCircuit *from, int32_t more, DlcaError *error) {
    if (!dlca_circuit_create(to, from->inputs, from->outputs, from->gates + more, error)) {
        return false;
    }
    to->gates = from->gates;
    memcpy(to->gate, from->gate, (size_t)from->gates * sizeof *to->gate);
    memcpy(to->output, from->output, (size_t)from->outputs * sizeof *to->output);
    return true;
}

bool dlca_tables_create(DlcaTables *tables, const DlcaCircuit *circuit, int32_t more, int32_t words, DlcaError *error) {
    const size_t nodes = (size_t)circuit->inputs + (size_t)circuit->gates + (size_t)more + 1;
    *tables = (DlcaTables){.words = words, .room = circuit->inputs + circuit->gates + more};
    tables->value = calloc(nodes * (size_t)words, sizeof *tables->value);
    tables->flipped = malloc(nodes * (size_t)words * sizeof *tables->flipped);
    tables->follows = malloc(nodes * sizeof *tables->follows);
    tables->readers = malloc(nodes * sizeof *tables->readers);
    tables->freed = calloc(nodes, sizeof *tables->freed);
    tables->list = malloc(2 * nodes * sizeof *tables->list);
    tables->moved = malloc(nodes * sizeof *tables->moved);
    tables->place = malloc(nodes * sizeof *tables->place);
    if (!tables->value || !tables->flipped || !tables->follows || !tables->readers || !tables->freed || !tables->list ||
        !tables->moved || !tables->place) {
        dlca_tables_free(tables);
        return dlca_fail(error, DLCA_FAILED, "no memory for tables of %d words of %zu nodes", words, nodes);
    }
    if (!copy_with_room(&tables->circuit, circuit, more, error)) {
        dlca_tables_free(tables);
        return false;
    }
    return true;
}

void dlca_tables_set(DlcaTables *tables, const DlcaCircuit *circuit) {
    tables->circuit.gates = circuit->gates;
    memcpy(tables->circuit.gate, circuit->gate, (size_t)circuit->gates * sizeof *circuit->gate);
    memcpy(tables->circuit.output, circuit->output, (size_t)circuit->outputs * sizeof *circuit->output);
    dlca_tables_evaluate(tables);
}

/* op(a, b) = k0 ^ (k1 & a) ^ (k2 & b) ^ (k3 & a & b): without a branch per word. */
static void evaluate(int op, const uint64_t *a, const uint64_t *b, uint64_t *to, int32_t words) {
    const uint64_t when00 = 0 - (uint64_t)(op >> 3 & 1), when01 = 0 - (uint64_t)(op >> 2 & 1);
    const uint64_t when10 = 0 - (uint64_t)(op >> 1 & 1), when11 = 0 - (uint64_t)(op & 1);
    const uint64_t with_a = when00 ^ when10, with_b = when00 ^ when01, with_both = when00 ^ when01 ^ when10 ^ when11;
    for (int32_t w = 0; w < words; w++) {
        to[w] = when00 ^ (with_a & a[w]) ^ (with_b & b[w]) ^ (with_both & a[w] & b[w]);
    }
}

void dlca_tables_evaluate(DlcaTables *tables) {
    const DlcaCircuit *circuit = &tables->circuit;
    for (int32_t i = 0; i < circuit->gates; i++) {
        const DlcaGate gate = circuit->gate[i];
        evaluate(gate.op, dlca_tables_row(tables, gate.a), dlca_tables_row(tables, gate.b),
                 dlca_tables_row(tables, circuit->inputs + i), tables->words);
    }
}

static uint64_t *flipped_row(const DlcaTables *tables, int32_t node) {
    return tables->flipped + (size_t)node * (size_t)tables->words;
}

static const uint64_t *row_after_flip(const DlcaTables *tables, int32_t node) {
    return tables->follows[node] ? flipped_row(tables, node) : dlca_tables_row(tables, node);
}

/* Expects n's own mark and flipped row. */
static void flip_what_follows(DlcaTables *tables, int32_t n) {
    const DlcaCircuit *circuit = &tables->circuit;
    memset(tables->follows, 0, (size_t)n * sizeof *tables->follows);
    for (int32_t i = n + 1; i < circuit->inputs + circuit->gates; i++) {
        const DlcaGate gate = circuit->gate[i - circuit->inputs];
        tables->follows[i] = tables->follows[gate.a] || tables->follows[gate.b];
        if (tables->follows[i]) {
            evaluate(gate.op, row_after_flip(tables, gate.a), row_after_flip(tables, gate.b), flipped_row(tables, i),
                     tables->words);
        }
    }
}

void dlca_tables_care(DlcaTables *tables, int32_t n, uint64_t *on, uint64_t *off) {
    const DlcaCircuit *circuit = &tables->circuit;
    const uint64_t *value = dlca_tables_row(tables, n);
    uint64_t *flipped = flipped_row(tables, n);
    for (int32_t w = 0; w < tables->words; w++) {
        flipped[w] = ~value[w];
        on[w] = 0;
    }
    tables->follows[n] = true;
    flip_what_follows(tables, n);
    for (int32_t i = 0; i < circuit->outputs; i++) {
        const int32_t output = circuit->output[i];
        for (int32_t w = 0; tables->follows[output] && w < tables->words; w++) {
            on[w] |= dlca_tables_row(tables, output)[w] ^ flipped_row(tables, output)[w];
        }
    }
    for (int32_t w = 0; w < tables->words; w++) {
        off[w] = on[w] & ~value[w];
        on[w] &= value[w];
    }
}

int32_t dlca_tables_independent(const DlcaTables *tables, int32_t *list) {
    const DlcaCircuit *circuit = &tables->circuit;
    int32_t count = 0;
    for (int32_t i = 0; i < circuit->inputs + circuit->gates; i++) {
        const int op = i < circuit->inputs ? DLCA_OP_AND : circuit->gate[i - circuit->inputs].op;
        if (!tables->follows[i] && dlca_op_uses_a(op) && dlca_op_uses_b(op)) {
            list[count++] = i;
        }
    }
    return count;
}

/* ---- what goes with a gate ---- */

static void count_readers(DlcaTables *tables) {
    const DlcaCircuit *circuit = &tables->circuit;
    memset(tables->readers, 0, (size_t)(circuit->inputs + circuit->gates) * sizeof *tables->readers);
    for (int32_t i = 0; i < circuit->outputs; i++) {
        tables->readers[circuit->output[i]]++;
    }
    for (int32_t i = 0; i < circuit->gates; i++) {
        tables->readers[circuit->gate[i].a]++;
        tables->readers[circuit->gate[i].b]++;
    }
}

void dlca_tables_take_away(DlcaTables *tables, int32_t n) {
    const DlcaCircuit *circuit = &tables->circuit;
    count_readers(tables);
    tables->freed_count = 0;
    int32_t *list = tables->list, count = 0;
    list[count++] = n;
    for (int32_t i = 0; i < count; i++) {
        const DlcaGate gate = circuit->gate[list[i] - circuit->inputs];
        const int32_t read[2] = {gate.a, gate.b};
        for (int k = 0; k < 2; k++) {
            if (--tables->readers[read[k]] == 0 && read[k] >= circuit->inputs) {
                tables->freed[read[k]] = true;
                list[count++] = read[k];
            }
        }
    }
    tables->freed_count = count - 1;
    memmove(list, list + 1, (size_t)tables->freed_count * sizeof *list);
}

void dlca_tables_bring_back(DlcaTables *tables) {
    for (int32_t i = 0; i < tables->freed_count; i++) {
        tables->freed[tables->list[i]] = false;
    }
    tables->freed_count = 0;
}

static int32_t keep(DlcaTables *tables, int32_t node, int32_t *kept, int32_t count) {
    if (tables->freed[node]) {
        tables->freed[node] = false;
        kept[count++] = node;
    }
    return count;
}

int32_t dlca_tables_freed(DlcaTables *tables, const int32_t *read, int32_t reads) {
    const DlcaCircuit *circuit = &tables->circuit;
    int32_t *kept = tables->list + tables->freed_count, count = 0;
    for (int32_t k = 0; k < reads; k++) {
        count = keep(tables, read[k], kept, count);
    }
    for (int32_t i = 0; i < count; i++) {
        const DlcaGate gate = circuit->gate[kept[i] - circuit->inputs];
        count = keep(tables, gate.a, kept, count);
        count = keep(tables, gate.b, kept, count);
    }
    for (int32_t i = 0; i < count; i++) {
        tables->freed[kept[i]] = true;
    }
    return tables->freed_count - count;
}

/* ---- changing ---- */

/* First the gates that do not follow n, then the inner one, then n and those that do: what n reads now stands before
 * it.
 */
void dlca_tables_put(DlcaTables *tables, int32_t n, DlcaGate gate, const DlcaGate *inner) {
    DlcaCircuit *circuit = &tables->circuit;
    int32_t count = 0, inner_place = DLCA_TABLES_INNER;
    for (int32_t i = 0; i < circuit->inputs; i++) {
        tables->place[i] = i;
    }
    circuit->gate[n - circuit->inputs] = gate;
    for (int follows = 0; follows < 2; follows++) {
        if (follows && inner) {
            inner_place = circuit->inputs + count;
            tables->moved[count++] = *inner;
        }
        for (int32_t i = 0; i < circuit->gates; i++) {
            const int32_t node = circuit->inputs + i;
            if (tables->follows[node] == (follows != 0)) {
                tables->place[node] = circuit->inputs + count;
                tables->moved[count++] = circuit->gate[i];
            }
        }
    }
    for (int32_t i = 0; i < count; i++) {
        const DlcaGate moved = tables->moved[i];
        circuit->gate[i] = (DlcaGate){moved.a < 0 ? inner_place : tables->place[moved.a],
                                      moved.b < 0 ? inner_place : tables->place[moved.b], moved.op};
    }
    circuit->gates = count;
    for (int32_t i = 0; i < circuit->outputs; i++) {
        circuit->output[i] = tables->place[circuit->output[i]];
    }
}
