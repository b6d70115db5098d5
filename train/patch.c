/* patch.c - from wrong cells to spare gates that put them right. Top to bottom: what is live, what a flip does, a cover
 * by literals, the gates it takes, one patch, all of them. */
#include "patch.h"

#include <stdlib.h>
#include <string.h>

enum {
    MOST_DEPTH = 5, /* of a signal: an AND of up to 32 literals */
    MOST_LITERALS = 1 << MOST_DEPTH
};

static const size_t MOST_BYTES = (size_t)256 << 20;

/* Where a patch goes: gate `gate` of update layer `layer` hands on its input a or b. */
typedef struct Place {
    int32_t layer, gate;
} Place;

typedef struct Literal {
    int32_t gate; /* of the layer that the signal begins at */
    bool inverted;
} Literal;

typedef struct Cover {
    Place place;
    int32_t depth, literals;
    Literal literal[MOST_LITERALS];
} Cover;

typedef struct Seen {
    uint64_t perceived; /* a hash */
    int32_t cell;
} Seen;

typedef struct Patch {
    DlcaModel *model;
    uint8_t *ops;
    const DlcaTask *task;
    DlcaTrace trace;
    bool *live_row;     /* [inputs + gates] some scored bit of some step depends on it */
    bool *live_channel; /* [C] */
    bool *touched;      /* [inputs + gates] a flip reaches it */
    uint64_t *flipped;  /* [inputs + gates][steps][words] its value then, where touched */
    uint64_t *useful;   /* [words] of the wrong step: a flip puts bits right and none wrong */
    uint64_t *harmful;  /* [steps][words] a flip changes what must stay */
    uint64_t *left;     /* [steps][words] harmful places that a cover does not exclude yet */
    Seen *seen;         /* [cells] */
} Patch;

static const DlcaLayer *update_layer(const Patch *patch, int32_t layer) {
    return &patch->model->layer[patch->model->config.perceive_layers + layer];
}

static uint8_t *op_of(const Patch *patch, int32_t layer, int32_t gate) {
    return &patch->ops[update_layer(patch, layer)->first + gate];
}

static int32_t output_row(const Patch *patch, int32_t channel) {
    return dlca_trace_row(&patch->trace, patch->model->config.update_layers - 1, channel);
}

/* ---- what some scored bit depends on ---- */

static void mark_gate(const Patch *patch, int32_t layer, int32_t gate) {
    const DlcaLayer *shape = update_layer(patch, layer);
    const int op = *op_of(patch, layer, gate);
    if (dlca_op_uses_a(op)) {
        patch->live_row[dlca_trace_row(&patch->trace, layer - 1, shape->wires[gate])] = true;
    }
    if (dlca_op_uses_b(op)) {
        patch->live_row[dlca_trace_row(&patch->trace, layer - 1, shape->wires[shape->gates + gate])] = true;
    }
}

/* From live channels to the rows that they depend on. */
static void mark_rows(const Patch *patch) {
    const DlcaConfig *config = &patch->model->config;
    memset(patch->live_row, 0, (size_t)(patch->trace.inputs + patch->trace.gates));
    for (int32_t c = 0; c < config->channels; c++) {
        patch->live_row[output_row(patch, c)] = patch->live_channel[c];
    }
    for (int32_t layer = config->update_layers - 1; layer >= 0; layer--) {
        for (int32_t gate = 0; gate < update_layer(patch, layer)->gates; gate++) {
            if (patch->live_row[dlca_trace_row(&patch->trace, layer, gate)]) {
                mark_gate(patch, layer, gate);
            }
        }
    }
}

/* From live inputs to channels; true when one is new. */
static bool mark_channels(const Patch *patch) {
    const DlcaConfig *config = &patch->model->config;
    const int32_t each = config->perceive[config->perceive_layers - 1] * config->kernels;
    bool found = false;
    for (int32_t i = 0; i < patch->trace.inputs; i++) {
        const int32_t channel = i < config->channels ? i : (i - config->channels) / each;
        found |= patch->live_row[i] && !patch->live_channel[channel];
        patch->live_channel[channel] |= patch->live_row[i];
    }
    return found;
}

static void find_live(const Patch *patch) {
    const DlcaConfig *config = &patch->model->config;
    for (int32_t c = 0; c < config->channels; c++) {
        patch->live_channel[c] = c < config->scored_channels;
    }
    do {
        mark_rows(patch);
    } while (mark_channels(patch));
}

/* ---- what is wrong ---- */

static bool target_bit(const Patch *patch, int32_t cell, int32_t channel) {
    return patch->task->target[cell * patch->model->config.scored_channels + channel] != 0;
}

/* Whether the scored bit is wrong, 64 cells of a channel after step `step`, counted from 1. */
static uint64_t wrong_word(const Patch *patch, int32_t step, int32_t channel, size_t word) {
    const uint64_t *signal = dlca_trace_signal(&patch->trace, output_row(patch, channel));
    uint64_t target = 0, counted = 0;
    for (int32_t i = 0; i < 64 && (int32_t)word * 64 + i < patch->trace.cells; i++) {
        target |= (uint64_t)target_bit(patch, (int32_t)word * 64 + i, channel) << i;
        counted |= (uint64_t)1 << i;
    }
    return (signal[(size_t)(step - 1) * patch->trace.words + word] ^ target) & counted;
}

static int64_t wrong_cells(const Patch *patch, int32_t step) {
    int64_t wrong = 0;
    for (size_t word = 0; word < patch->trace.words; word++) {
        uint64_t any = 0;
        for (int32_t c = 0; c < patch->model->config.scored_channels; c++) {
            any |= wrong_word(patch, step, c, word);
        }
        wrong += __builtin_popcountll(any);
    }
    return wrong;
}

/* ---- what can be told apart ---- */

/* What a cell perceives before the last step of `step`, as a number: equal for cells that no rule tells apart. */
static uint64_t perceived(const Patch *patch, int32_t step, int32_t cell) {
    const size_t word = (size_t)(step - 1) * patch->trace.words + (size_t)cell / 64;
    uint64_t hash = 0, bits = 0;
    for (int32_t input = 0; input < patch->trace.inputs; input++) {
        bits = bits << 1 | (dlca_trace_signal(&patch->trace, input)[word] >> (cell % 64) & 1);
        if (input % 64 == 63 || input + 1 == patch->trace.inputs) {
            hash = (hash ^ bits) * 0x9e3779b97f4a7c15u; /* Knuth's multiplier: 2^64 / golden ratio */
            hash ^= hash >> 32;
        }
    }
    return hash;
}

static int compare_seen(const void *left, const void *right) {
    const Seen *a = left, *b = right;
    return (a->perceived > b->perceived) - (a->perceived < b->perceived);
}

static bool same_target(const Patch *patch, int32_t cell, int32_t other) {
    const size_t scored = (size_t)patch->model->config.scored_channels;
    return memcmp(patch->task->target + (size_t)cell * scored, patch->task->target + (size_t)other * scored, scored) ==
           0;
}

/* Cells that perceive the same and should differ: then no rule with these perceptions is right. A signal that has not
 * come so far is what usually lacks. */
static bool is_hopeless(const Patch *patch, int32_t step) {
    for (int32_t cell = 0; cell < patch->trace.cells; cell++) {
        patch->seen[cell] = (Seen){perceived(patch, step, cell), cell};
    }
    qsort(patch->seen, (size_t)patch->trace.cells, sizeof *patch->seen, compare_seen);
    for (int32_t i = 1; i < patch->trace.cells; i++) {
        if (patch->seen[i].perceived == patch->seen[i - 1].perceived &&
            !same_target(patch, patch->seen[i].cell, patch->seen[i - 1].cell)) {
            return true;
        }
    }
    return false;
}

/* ---- what a flip does ---- */

static const uint64_t *value_of(const Patch *patch, int32_t row) {
    return patch->touched[row] ? patch->flipped + (size_t)row * patch->trace.row
                               : dlca_trace_signal(&patch->trace, row);
}

/* Follows the flip of a gate, in words begin .. end-1, up to where nothing differs. */
static void follow_flip(const Patch *patch, Place place, size_t begin, size_t end) {
    const DlcaTrace *trace = &patch->trace;
    const int32_t row = dlca_trace_row(trace, place.layer, place.gate);
    memset(patch->touched, 0, (size_t)(trace->inputs + trace->gates));
    for (size_t i = begin; i < end; i++) {
        patch->flipped[(size_t)row * trace->row + i] = ~dlca_trace_signal(trace, row)[i];
    }
    patch->touched[row] = true;
    for (int32_t layer = place.layer + 1; layer < patch->model->config.update_layers; layer++) {
        const DlcaLayer *shape = update_layer(patch, layer);
        for (int32_t gate = 0; gate < shape->gates; gate++) {
            const int32_t a = dlca_trace_row(trace, layer - 1, shape->wires[gate]);
            const int32_t b = dlca_trace_row(trace, layer - 1, shape->wires[shape->gates + gate]);
            const int32_t out = dlca_trace_row(trace, layer, gate), op = *op_of(patch, layer, gate);
            if (!patch->live_row[out] || !(patch->touched[a] || patch->touched[b])) {
                continue;
            }
            const uint64_t *in_a = value_of(patch, a), *in_b = value_of(patch, b);
            const uint64_t *before = dlca_trace_signal(trace, out);
            uint64_t *now = patch->flipped + (size_t)out * trace->row, differs = 0;
            for (size_t i = begin; i < end; i++) {
                now[i] = dlca_op_word(op, in_a[i], in_b[i]);
                differs |= now[i] ^ before[i];
            }
            patch->touched[out] = differs != 0;
        }
    }
}

static uint64_t difference(const Patch *patch, int32_t channel, size_t word) {
    const int32_t row = output_row(patch, channel);
    return value_of(patch, row)[word] ^ dlca_trace_signal(&patch->trace, row)[word];
}

/* Fills useful, and harmful for the wrong step; false when no cell would gain. */
static bool weigh_last_step(const Patch *patch, Place place, int32_t step) {
    const size_t words = patch->trace.words, at = (size_t)(step - 1) * words;
    follow_flip(patch, place, at, at + words);
    uint64_t any = 0;
    for (size_t word = 0; word < words; word++) {
        uint64_t helps = 0, harms = 0;
        for (int32_t c = 0; c < patch->model->config.scored_channels; c++) {
            const uint64_t wrong = wrong_word(patch, step, c, word), flips = difference(patch, c, at + word);
            helps |= flips & wrong;
            harms |= flips & ~wrong;
        }
        const int32_t rest = patch->trace.cells - (int32_t)word * 64;
        const uint64_t counted = rest >= 64 ? UINT64_MAX : ((uint64_t)1 << rest) - 1;
        patch->useful[word] = helps & ~harms & counted;
        patch->harmful[at + word] = harms & counted;
        any |= patch->useful[word];
    }
    return any != 0;
}

/* Earlier steps must stay as they are, in every channel that matters. */
static void weigh_earlier_steps(const Patch *patch, Place place, int32_t step) {
    const size_t words = patch->trace.words, end = (size_t)(step - 1) * words;
    const uint64_t last = patch->trace.cells % 64 ? ((uint64_t)1 << (patch->trace.cells % 64)) - 1 : UINT64_MAX;
    follow_flip(patch, place, 0, end);
    memset(patch->harmful, 0, end * sizeof *patch->harmful);
    for (int32_t c = 0; c < patch->model->config.channels; c++) {
        for (size_t i = 0; patch->live_channel[c] && patch->touched[output_row(patch, c)] && i < end; i++) {
            patch->harmful[i] |= difference(patch, c, i) & (i % words == words - 1 ? last : UINT64_MAX);
        }
    }
}

/* ---- a signal: 1 at a cell, 0 where it would do harm ---- */

static int64_t count_bits(const uint64_t *bits, size_t words) {
    int64_t count = 0;
    for (size_t i = 0; i < words; i++) {
        count += __builtin_popcountll(bits[i]);
    }
    return count;
}

/* The literal of a layer, true at the pivot, that leaves the fewest harmful places; ties to the lowest gate. */
static int64_t best_literal(const Patch *patch, int32_t layer, size_t pivot_word, int32_t pivot_bit, size_t words,
                            Literal *best) {
    const int32_t gates = layer < 0 ? patch->trace.inputs : update_layer(patch, layer)->gates;
    int64_t fewest = INT64_MAX;
    for (int32_t gate = 0; gate < gates; gate++) {
        const uint64_t *signal = dlca_trace_signal(&patch->trace, dlca_trace_row(&patch->trace, layer, gate));
        const bool inverted = !(signal[pivot_word] >> pivot_bit & 1);
        const uint64_t turn = inverted ? UINT64_MAX : 0;
        int64_t left = 0;
        for (size_t i = 0; i < words; i++) {
            left += __builtin_popcountll(patch->left[i] & (signal[i] ^ turn));
        }
        if (left < fewest) {
            fewest = left;
            *best = (Literal){gate, inverted};
        }
    }
    return fewest;
}

static void take_literal(const Patch *patch, int32_t layer, Literal literal, size_t words) {
    const uint64_t *signal = dlca_trace_signal(&patch->trace, dlca_trace_row(&patch->trace, layer, literal.gate));
    const uint64_t turn = literal.inverted ? UINT64_MAX : 0;
    for (size_t i = 0; i < words; i++) {
        patch->left[i] &= signal[i] ^ turn;
    }
}

/* Literals of the layer `depth` gates before the place, at most 2^depth. */
static bool cover_pivot(const Patch *patch, int32_t step, int32_t pivot, Cover *cover) {
    const size_t words = (size_t)step * patch->trace.words;
    const size_t pivot_word = (size_t)(step - 1) * patch->trace.words + (size_t)pivot / 64;
    const int32_t layer = cover->place.layer - 1 - cover->depth;
    memcpy(patch->left, patch->harmful, words * sizeof *patch->left);
    int64_t left = count_bits(patch->left, words);
    for (cover->literals = 0; left > 0 || cover->literals == 0;) {
        Literal best;
        const int64_t then = best_literal(patch, layer, pivot_word, pivot % 64, words, &best);
        if (cover->literals == 1 << cover->depth || (then >= left && left > 0)) {
            return false;
        }
        take_literal(patch, layer, best, words);
        cover->literal[cover->literals++] = best;
        left = then;
    }
    return true;
}

/* ---- spare gates ---- */

static int32_t spare_gates(const Patch *patch, int32_t layer) {
    int32_t spare = 0;
    for (int32_t gate = 0; gate < update_layer(patch, layer)->gates; gate++) {
        spare += !patch->live_row[dlca_trace_row(&patch->trace, layer, gate)];
    }
    return spare;
}

/* Whether each level of a tree over so many literals finds its gates. */
static bool has_room(const Patch *patch, const Cover *cover) {
    int32_t wanted = cover->literals;
    for (int32_t level = 1; level <= cover->depth; level++) {
        wanted = (wanted + 1) / 2;
        if (spare_gates(patch, cover->place.layer - 1 - cover->depth + level) < wanted) {
            return false;
        }
    }
    return true;
}

static void wire_gate(const Patch *patch, int32_t layer, int32_t gate, int32_t a, int32_t b, int op) {
    const DlcaLayer *shape = update_layer(patch, layer);
    shape->wires[gate] = a;
    shape->wires[shape->gates + gate] = b;
    *op_of(patch, layer, gate) = (uint8_t)op;
}

/* Marks the spare gate as taken. */
static int32_t take_spare(const Patch *patch, int32_t layer) {
    int32_t gate = 0;
    while (patch->live_row[dlca_trace_row(&patch->trace, layer, gate)]) {
        gate++;
    }
    patch->live_row[dlca_trace_row(&patch->trace, layer, gate)] = true;
    return gate;
}

static int and_of(Literal a, Literal b) {
    const int op = a.inverted ? dlca_op_invert_a(DLCA_OP_AND) : DLCA_OP_AND;
    return b.inverted ? dlca_op_invert_b(op) : op;
}

/* One level of the AND tree, in place; a literal without a partner is handed on. */
static int32_t build_level(const Patch *patch, int32_t layer, Literal *literal, int32_t count) {
    int32_t built = 0;
    for (int32_t i = 0; i < count; i += 2) {
        const int32_t gate = take_spare(patch, layer);
        const bool pair = i + 1 < count;
        const int op = pair ? and_of(literal[i], literal[i + 1]) : literal[i].inverted ? DLCA_OP_NOT_A : DLCA_OP_A;
        wire_gate(patch, layer, gate, literal[i].gate, literal[pair ? i + 1 : i].gate, op);
        literal[built++] = (Literal){gate, false};
    }
    return built;
}

static int64_t build(const Patch *patch, Cover *cover) {
    const Place place = cover->place;
    int64_t gates = 1;
    for (int32_t level = 1; level <= cover->depth; level++) {
        cover->literals = build_level(patch, place.layer - 1 - cover->depth + level, cover->literal, cover->literals);
        gates += cover->literals;
    }
    const DlcaLayer *shape = update_layer(patch, place.layer);
    uint8_t *op = op_of(patch, place.layer, place.gate);
    const bool hands_on_a = dlca_op_uses_a(*op), inverts = *op == DLCA_OP_NOT_A || *op == DLCA_OP_NOT_B;
    shape->wires[hands_on_a ? shape->gates + place.gate : place.gate] = cover->literal[0].gate;
    *op = inverts != cover->literal[0].inverted ? DLCA_OP_XNOR : DLCA_OP_XOR;
    return gates;
}

/* ---- one patch, and all ---- */

static bool hands_on(int op) {
    return dlca_op_uses_a(op) != dlca_op_uses_b(op);
}

/* The first useful cell with a cover of this depth. */
static bool find_pivot(const Patch *patch, int32_t step, Cover *cover) {
    for (int32_t cell = 0; cell < patch->trace.cells; cell++) {
        if ((patch->useful[cell / 64] >> (cell % 64) & 1) && cover_pivot(patch, step, cell, cover) &&
            has_room(patch, cover)) {
            return true;
        }
    }
    return false;
}

/* Few literals first: the earlier layers that more of them need hold signals that say less. */
static bool find_cover(const Patch *patch, int32_t step, Cover *cover) {
    for (int32_t depth = 0; depth <= MOST_DEPTH; depth++) {
        for (int32_t layer = depth; layer < patch->model->config.update_layers; layer++) {
            for (int32_t gate = 0; gate < update_layer(patch, layer)->gates; gate++) {
                *cover = (Cover){.place = {layer, gate}, .depth = depth};
                if (!patch->live_row[dlca_trace_row(&patch->trace, layer, gate)] ||
                    !hands_on(*op_of(patch, layer, gate)) || !weigh_last_step(patch, cover->place, step)) {
                    continue;
                }
                weigh_earlier_steps(patch, cover->place, step);
                if (find_pivot(patch, step, cover)) {
                    return true;
                }
            }
        }
    }
    return false;
}

static bool patch_create(Patch *patch, DlcaModel *model, uint8_t *ops, const DlcaTask *task, int32_t steps,
                         DlcaError *error) {
    *patch = (Patch){.model = model, .ops = ops, .task = task};
    if (!dlca_trace_create(&patch->trace, model, task, steps, error)) {
        return false;
    }
    const size_t rows = (size_t)(patch->trace.inputs + patch->trace.gates), words = patch->trace.row;
    patch->live_row = malloc(rows);
    patch->live_channel = malloc((size_t)model->config.channels);
    patch->touched = malloc(rows);
    patch->flipped = malloc(rows * words * sizeof *patch->flipped);
    patch->useful = malloc(patch->trace.words * sizeof *patch->useful);
    patch->harmful = malloc(words * sizeof *patch->harmful);
    patch->left = malloc(words * sizeof *patch->left);
    patch->seen = malloc((size_t)patch->trace.cells * sizeof *patch->seen);
    if (!patch->live_row || !patch->live_channel || !patch->touched || !patch->flipped || !patch->useful ||
        !patch->harmful || !patch->left || !patch->seen) {
        return dlca_fail(error, DLCA_FAILED, "no memory to mend the last wrong cells");
    }
    return true;
}

static void patch_free(Patch *patch) {
    dlca_trace_free(&patch->trace);
    free(patch->live_row);
    free(patch->live_channel);
    free(patch->touched);
    free(patch->flipped);
    free(patch->useful);
    free(patch->harmful);
    free(patch->left);
    free(patch->seen);
}

static void mend(Patch *patch, int32_t first, DlcaPatchLimits limits, DlcaPatchReport *report) {
    int32_t step = first;
    dlca_trace_run(&patch->trace, patch->ops);
    while (step <= patch->trace.steps) {
        const int64_t wrong = wrong_cells(patch, step);
        Cover cover;
        if (wrong == 0) {
            step++;
            continue;
        }
        if (wrong > limits.wrong_most || is_hopeless(patch, step)) {
            return;
        }
        find_live(patch);
        if (!find_cover(patch, step, &cover)) {
            return;
        }
        report->gates += build(patch, &cover);
        report->patches++;
        dlca_trace_run(&patch->trace, patch->ops);
    }
}

/* Steps that fit: all, the trained ones, or 0. A trace and as much for what a flip changes. */
static int32_t steps_that_fit(const DlcaModel *model, int32_t further) {
    const int32_t trained = model->config.steps;
    const size_t row = dlca_trace_bytes(model, 1);
    return 2 * row * (size_t)(trained + further) <= MOST_BYTES ? trained + further
           : 2 * row * (size_t)trained <= MOST_BYTES           ? trained
                                                               : 0;
}

size_t dlca_patch_bytes(const DlcaModel *model, int32_t further) {
    return 2 * dlca_trace_bytes(model, steps_that_fit(model, further));
}

bool dlca_patch_run(DlcaModel *model, uint8_t *ops, const DlcaTask *task, DlcaPatchLimits limits,
                    DlcaPatchReport *report, DlcaError *error) {
    *report = (DlcaPatchReport){0};
    const int32_t first = task->config.steps, steps = steps_that_fit(model, limits.further);
    if (steps == 0) {
        return true;
    }
    Patch patch;
    const bool made = patch_create(&patch, model, ops, task, steps, error);
    if (made) {
        mend(&patch, first, limits, report);
    }
    patch_free(&patch);
    return made;
}
