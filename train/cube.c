/* cube.c - greedy cubes, and the gates that they take. */
#include "cube.h"

#include <string.h>

static int64_t count_bits(const uint64_t *bits, size_t words) {
    int64_t count = 0;
    for (size_t i = 0; i < words; i++) {
        count += __builtin_popcountll(bits[i]);
    }
    return count;
}

static int32_t gates_of(const DlcaTrace *trace, int32_t layer) {
    return layer < 0 ? trace->inputs : trace->model->layer[trace->model->config.perceive_layers + layer].gates;
}

static const uint64_t *words_of(const DlcaTrace *trace, int32_t layer, int32_t gate, const DlcaPlaces *places) {
    return dlca_trace_signal(trace, dlca_trace_row(trace, layer, gate)) + places->first;
}

/* True at the pivot; returns the harmful places that it leaves. */
static int64_t best_literal(const DlcaTrace *trace, int32_t layer, const DlcaPlaces *places, size_t pivot,
                            DlcaLiteral *best) {
    int64_t fewest = INT64_MAX;
    for (int32_t gate = 0; gate < gates_of(trace, layer); gate++) {
        const uint64_t *signal = words_of(trace, layer, gate, places);
        const bool inverted = !(signal[pivot / 64] >> (pivot % 64) & 1);
        const uint64_t turn = inverted ? UINT64_MAX : 0;
        int64_t left = 0;
        for (size_t i = 0; i < places->words; i++) {
            left += __builtin_popcountll(places->left[i] & (signal[i] ^ turn));
        }
        if (left < fewest) {
            fewest = left;
            *best = (DlcaLiteral){gate, inverted};
        }
    }
    return fewest;
}

static void take_literal(const DlcaTrace *trace, int32_t layer, const DlcaPlaces *places, DlcaLiteral literal) {
    const uint64_t *signal = words_of(trace, layer, literal.gate, places);
    for (size_t i = 0; i < places->words; i++) {
        places->left[i] &= literal.inverted ? ~signal[i] : signal[i];
    }
}

bool dlca_cube_find(const DlcaTrace *trace, int32_t layer, const DlcaPlaces *places, size_t pivot, int32_t most,
                    DlcaCube *cube) {
    memcpy(places->left, places->harmful, places->words * sizeof *places->left);
    int64_t left = count_bits(places->left, places->words);
    for (cube->literals = 0; left > 0 || cube->literals == 0;) {
        DlcaLiteral best = {0, false};
        const int64_t then = best_literal(trace, layer, places, pivot, &best);
        if (cube->literals == most || (then >= left && left > 0)) {
            return false;
        }
        take_literal(trace, layer, places, best);
        cube->literal[cube->literals++] = best;
        left = then;
    }
    return true;
}

uint64_t dlca_cube_word(const DlcaTrace *trace, int32_t layer, const DlcaCube *cube, size_t word) {
    uint64_t covered = UINT64_MAX;
    for (int32_t i = 0; i < cube->literals; i++) {
        const uint64_t signal = dlca_trace_signal(trace, dlca_trace_row(trace, layer, cube->literal[i].gate))[word];
        covered &= cube->literal[i].inverted ? ~signal : signal;
    }
    return covered;
}

int32_t dlca_tree_levels(int32_t leaves) {
    int32_t levels = 0;
    while (1 << levels < leaves) {
        levels++;
    }
    return levels;
}

static int op_of_leaves(int op, DlcaLeaf a, DlcaLeaf b) {
    op = a.inverted ? dlca_op_invert_a(op) : op;
    return b.inverted ? dlca_op_invert_b(op) : op;
}

DlcaLeaf dlca_tree_build(DlcaSpare *spare, int op, DlcaLeaf *leaf, int32_t count) {
    while (count > 1) {
        const int32_t pairs = count / 2;
        for (int32_t i = 0; i < pairs; i++) {
            const DlcaLeaf a = leaf[2 * i], b = leaf[2 * i + 1];
            leaf[i] = (DlcaLeaf){dlca_spare_gate(spare, a.signal, b.signal, op_of_leaves(op, a, b)), false};
        }
        leaf[pairs] = leaf[count - 1];
        count = pairs + count % 2;
    }
    return leaf[0];
}

DlcaLeaf dlca_cube_build(DlcaSpare *spare, int32_t layer, const DlcaCube *cube) {
    DlcaLeaf leaf[DLCA_CUBE_LITERALS];
    for (int32_t i = 0; i < cube->literals; i++) {
        leaf[i] = (DlcaLeaf){{layer, cube->literal[i].gate}, cube->literal[i].inverted};
    }
    return dlca_tree_build(spare, DLCA_OP_AND, leaf, cube->literals);
}
