/* carry.c - which cells cannot be right, which channel is not needed, which signal it should carry. */
#include "carry.h"

#include "cube.h"

#include <stdlib.h>
#include <string.h>

enum { PATTERNS = 1 << DLCA_NEIGHBOURS, MOST_PAIRS = 1 << 12, MOST_CUBES = 32 };

struct DlcaSeen {
    uint64_t perceived;
    uint64_t target;
    int32_t cell;
};

/* Two cells that should perceive different things before a step. */
struct DlcaPair {
    int32_t cell, other;
    int32_t neighbour; /* that is to tell, of the one and of the other */
};

static uint64_t mix(uint64_t hash, uint64_t value) {
    hash = (hash ^ value) * 0x9e3779b97f4a7c15u; /* Knuth's multiplier: 2^64 / golden ratio */
    return hash ^ hash >> 29;
}

/* ---- what kernels see ---- */

static bool bit_of(uint64_t bits, int32_t i) {
    return bits >> i & 1;
}

/* A kernel of one channel whose nine bits are `pattern`: its outputs, as bits. */
static uint64_t kernel_outputs(const DlcaSpare *spare, int32_t kernel, uint64_t pattern) {
    uint64_t in = pattern;
    for (int32_t l = 0; l < spare->model->config.perceive_layers; l++) {
        const DlcaLayer *layer = &spare->model->layer[l];
        uint64_t out = 0;
        for (int32_t gate = 0; gate < layer->gates; gate++) {
            const int op = spare->ops[layer->first + (int64_t)kernel * layer->gates + gate];
            const uint64_t a = bit_of(in, layer->wires[gate]), b = bit_of(in, layer->wires[layer->gates + gate]);
            out |= (dlca_op_word(op, a, b) & 1) << gate;
        }
        in = out;
    }
    return in;
}

/* Neighbours that the kernels see, and those that some output of a kernel sees alone. */
static void find_seen(DlcaCarry *carry) {
    const DlcaConfig *config = &carry->spare->model->config;
    const int32_t outputs = config->perceive[config->perceive_layers - 1];
    carry->seen = carry->alone = 1u << DLCA_CENTRE;
    for (int32_t i = 0; i < config->kernels * outputs; i++) {
        unsigned seen = 0;
        for (uint64_t pattern = 0; pattern < PATTERNS; pattern++) {
            const bool value = bit_of(kernel_outputs(carry->spare, i / outputs, pattern), i % outputs);
            for (int32_t n = 0; n < DLCA_NEIGHBOURS; n++) {
                const uint64_t other = kernel_outputs(carry->spare, i / outputs, pattern ^ (uint64_t)1 << n);
                seen |= (unsigned)(bit_of(other, i % outputs) != value) << n;
            }
        }
        carry->seen |= seen;
        carry->alone |= __builtin_popcount(seen) == 1 ? seen : 0;
    }
}

/* ---- what cells can know ---- */

static uint64_t perceived_now(const DlcaCarry *carry, int32_t step, int32_t cell) {
    const DlcaTrace *trace = carry->trace;
    const size_t word = (size_t)(step - 1) * trace->words + (size_t)cell / 64;
    uint64_t hash = 0, bits = 0;
    for (int32_t input = 0; input < trace->inputs; input++) {
        bits = bits << 1 | (dlca_trace_signal(trace, input)[word] >> (cell % 64) & 1);
        if (input % 64 == 63 || input + 1 == trace->inputs) {
            hash = mix(hash, bits);
            bits = 0;
        }
    }
    return hash;
}

static uint64_t *number_of(const DlcaCarry *carry, uint64_t *numbers, int32_t step, int32_t cell) {
    return &numbers[(size_t)(step - 1) * (size_t)carry->trace->cells + (size_t)cell];
}

static int32_t from_where(const DlcaCarry *carry, int32_t cell, int32_t neighbour) {
    return carry->trace->source[neighbour * carry->trace->cells + cell];
}

/* What a cell could know before a step if everything that it and others perceived earlier were handed on. */
static uint64_t known_at_best(const DlcaCarry *carry, int32_t step, int32_t cell) {
    uint64_t hash = *number_of(carry, carry->perceived, step, cell);
    for (int32_t n = 0; step > 1 && n < DLCA_NEIGHBOURS; n++) {
        const int32_t from = from_where(carry, cell, n);
        if (carry->seen >> n & 1) {
            hash = mix(hash, from < 0 ? 0 : *number_of(carry, carry->known, step - 1, from));
        }
    }
    return hash;
}

static void look(const DlcaCarry *carry, int32_t steps) {
    for (int32_t step = 1; step <= steps; step++) {
        for (int32_t cell = 0; cell < carry->trace->cells; cell++) {
            *number_of(carry, carry->perceived, step, cell) = perceived_now(carry, step, cell);
            *number_of(carry, carry->known, step, cell) = known_at_best(carry, step, cell);
        }
    }
}

static uint64_t target_of(const DlcaCarry *carry, int32_t cell) {
    const int32_t scored = carry->spare->model->config.scored_channels;
    uint64_t target = 0;
    for (int32_t c = 0; c < scored; c++) {
        target = target << 1 | carry->task->target[cell * scored + c];
    }
    return target;
}

static int compare_seen(const void *left, const void *right) {
    const DlcaSeen *a = left, *b = right;
    const int perceived = (a->perceived > b->perceived) - (a->perceived < b->perceived);
    return perceived ? perceived : (a->target > b->target) - (a->target < b->target);
}

/* Those that perceive the same, from `first` on: their number, and the pairs of them that should differ. */
static int32_t count_equals(const DlcaSeen *order, int32_t first, int32_t count, int64_t *pairs) {
    int32_t last = first, run = 0;
    *pairs = 0;
    for (; last < count && order[last].perceived == order[first].perceived; last++) {
        run = last > first && order[last].target == order[last - 1].target ? run : last - first;
        *pairs += run; /* those before it with another target */
    }
    return last - first;
}

static void sort_cells(const DlcaCarry *carry, int32_t step) {
    const int32_t cells = carry->trace->cells;
    for (int32_t cell = 0; cell < cells; cell++) {
        carry->order[cell] = (DlcaSeen){perceived_now(carry, step, cell), target_of(carry, cell), cell};
    }
    qsort(carry->order, (size_t)cells, sizeof *carry->order, compare_seen);
}

static int64_t count_pairs(const DlcaCarry *carry, int32_t step) {
    int64_t all = 0, pairs = 0;
    sort_cells(carry, step);
    for (int32_t first = 0; first < carry->trace->cells; all += pairs) {
        first += count_equals(carry->order, first, carry->trace->cells, &pairs);
    }
    return all;
}

/* Lists them; false when there are too many. */
static bool list_pairs(const DlcaCarry *carry, int32_t step) {
    int32_t *count = &carry->pairs[step - 1];
    DlcaPair *pair = carry->pair + (size_t)(step - 1) * MOST_PAIRS;
    sort_cells(carry, step);
    *count = 0;
    for (int32_t i = 1; i < carry->trace->cells; i++) {
        const DlcaSeen *a = &carry->order[i];
        for (int32_t j = i - 1; j >= 0 && carry->order[j].perceived == a->perceived; j--) {
            if (carry->order[j].target != a->target) {
                if (*count == MOST_PAIRS) {
                    return false;
                }
                pair[(*count)++] = (DlcaPair){.cell = a->cell, .other = carry->order[j].cell};
            }
        }
    }
    return true;
}

/* ---- a channel that is not needed ---- */

/* Cells of which a scored bit is wrong after the step. */
static int32_t wrong_cells(const DlcaCarry *carry, int32_t step) {
    const DlcaTrace *trace = carry->trace;
    const int32_t scored = carry->spare->model->config.scored_channels;
    int32_t wrong = 0;
    for (int32_t cell = 0; cell < trace->cells; cell++) {
        uint64_t is = 0;
        for (int32_t c = 0; c < scored; c++) {
            const uint64_t *row = dlca_trace_signal(trace, dlca_spare_output_row(carry->spare, c));
            is = is << 1 | (row[(size_t)(step - 1) * trace->words + (size_t)cell / 64] >> (cell % 64) & 1);
        }
        wrong += is != target_of(carry, cell);
    }
    return wrong;
}

/* What an input is in cells where its channel is 0, and around them. */
static bool silent_value(const DlcaCarry *carry, int32_t input) {
    const DlcaConfig *config = &carry->spare->model->config;
    const int32_t number = input - config->channels; /* (channel, output, kernel), kernel fastest */
    const int32_t outputs = config->perceive[config->perceive_layers - 1];
    return number >= 0 &&
           bit_of(kernel_outputs(carry->spare, number % config->kernels, 0), number / config->kernels % outputs);
}

static int32_t channel_of(const DlcaConfig *config, int32_t input) {
    const int32_t each = config->perceive[config->perceive_layers - 1] * config->kernels;
    return input < config->channels ? input : (input - config->channels) / each;
}

/* The operation where input a, or b, is always this. */
static int restrict_a(int op, bool value) {
    return value ? (op & 3) | (op & 3) << 2 : (op & 12) | op >> 2;
}

static int restrict_b(int op, bool value) {
    return dlca_op_swap(restrict_a(dlca_op_swap(op), value));
}

/* No gate reads the channel any more. */
static void cut(const DlcaCarry *carry, int32_t channel) {
    const DlcaSpare *spare = carry->spare;
    const DlcaLayer *layer = dlca_spare_layer(spare, 0);
    for (int32_t gate = 0; gate < layer->gates; gate++) {
        const int32_t a = layer->wires[gate], b = layer->wires[layer->gates + gate];
        uint8_t *op = dlca_spare_op(spare, 0, gate);
        if (channel_of(&spare->model->config, a) == channel) {
            *op = (uint8_t)restrict_a(*op, silent_value(carry, a));
        }
        if (channel_of(&spare->model->config, b) == channel) {
            *op = (uint8_t)restrict_b(*op, silent_value(carry, b));
        }
    }
}

/* What may become of the picture without a channel. */
typedef struct Loss {
    int64_t pairs;
    int32_t wrong;
} Loss;

/* Whether no more than that is lost without the channel; then it is silent and unread. */
static bool silence(DlcaCarry *carry, int32_t channel, int32_t step, Loss most) {
    const DlcaSpare *spare = carry->spare;
    uint8_t *output = dlca_spare_op(spare, spare->model->config.update_layers - 1, channel);
    uint8_t *readers = dlca_spare_op(spare, 0, 0), before = *output;
    memcpy(carry->readers, readers, (size_t)dlca_spare_layer(spare, 0)->gates);
    *output = DLCA_OP_FALSE;
    cut(carry, channel);
    dlca_trace_run(carry->trace, spare->ops);
    if (wrong_cells(carry, step) <= most.wrong && count_pairs(carry, step) <= most.pairs) {
        return true;
    }
    *output = before;
    memcpy(readers, carry->readers, (size_t)dlca_spare_layer(spare, 0)->gates);
    return false;
}

/* A channel of this kind, from where the last search ended; -1: there is none. */
static int32_t silence_any(DlcaCarry *carry, int32_t step, bool live, Loss most) {
    const int32_t channels = carry->spare->model->config.channels;
    for (int32_t tried = 0; tried < channels; tried++) {
        const int32_t channel = carry->next;
        carry->next = (carry->next + 1) % channels;
        if (carry->spare->live_channel[channel] == live && !carry->spare->kept_channel[channel] &&
            channel >= carry->spare->model->config.scored_channels && silence(carry, channel, step, most)) {
            return channel;
        }
    }
    return -1;
}

/* First those that nothing depends on, then those without which the picture is as good, then those that cost the fewest
 * cells; -1 when each costs more than that. The trace is then that of the circuit with it silent. */
static int32_t silence_next(DlcaCarry *carry, int32_t step, int64_t pairs) {
    enum { MOST_SPOILED = 3 };
    Loss most = {pairs, wrong_cells(carry, step)};
    dlca_spare_find(carry->spare);
    int32_t channel = silence_any(carry, step, false, most);
    for (int32_t spoiled = 0; channel < 0 && spoiled <= MOST_SPOILED; spoiled++, most.wrong++) {
        channel = silence_any(carry, step, true, most);
    }
    if (channel < 0) {
        dlca_trace_run(carry->trace, carry->spare->ops);
    }
    return channel;
}

/* ---- what it should tell ---- */

static bool perceive_alike(const DlcaCarry *carry, int32_t step, int32_t cell, int32_t other) {
    return other >= 0 &&
           *number_of(carry, carry->perceived, step, cell) == *number_of(carry, carry->perceived, step, other);
}

static void forget_told_apart(const DlcaCarry *carry, int32_t step) {
    DlcaPair *pair = carry->pair + (size_t)(step - 1) * MOST_PAIRS;
    int32_t left = 0;
    for (int32_t i = 0; i < carry->pairs[step - 1]; i++) {
        if (perceive_alike(carry, step, pair[i].cell, pair[i].other)) {
            pair[left++] = pair[i];
        }
    }
    carry->pairs[step - 1] = left;
}

/* A kernel that sees several neighbours sees nothing where a signal is 1 in two of them. The next of the others that
 * are seen with neighbour n, after `last` (-1: the first); -1: no more, and none where n is seen alone. */
static int32_t next_partner(const DlcaCarry *carry, int32_t n, int32_t last) {
    for (int32_t other = last + 1; other < DLCA_NEIGHBOURS && !(carry->alone >> n & 1); other++) {
        if (other != n && (carry->seen & ~carry->alone) >> other & 1) {
            return other;
        }
    }
    return -1;
}

/* Whether such a neighbour of the cell perceives what neighbour n does, before a step. */
static bool partner_is_alike(const DlcaCarry *carry, int32_t step, int32_t cell, int32_t n) {
    bool alike = false;
    for (int32_t other = next_partner(carry, n, -1); other >= 0; other = next_partner(carry, n, other)) {
        alike |= perceive_alike(carry, step, from_where(carry, cell, n), from_where(carry, cell, other));
    }
    return alike;
}

/* The neighbour that can tell the two apart: best one that is told apart already, and that a kernel sees alone; -1:
 * none. */
static int32_t telling_neighbour(const DlcaCarry *carry, int32_t step, const DlcaPair *pair) {
    int32_t best = -1, least = 8;
    for (int32_t n = 0; n < DLCA_NEIGHBOURS; n++) {
        const int32_t from = from_where(carry, pair->cell, n), other = from_where(carry, pair->other, n);
        if (!(carry->seen >> n & 1) || from < 0) {
            continue;
        }
        const bool could = other < 0 || *number_of(carry, carry->known, step - 1, from) !=
                                            *number_of(carry, carry->known, step - 1, other);
        const int32_t cost = 4 * partner_is_alike(carry, step - 1, pair->cell, n) +
                             2 * perceive_alike(carry, step - 1, from, other) + !(carry->alone >> n & 1);
        if (could && cost < least) {
            least = cost;
            best = n;
        }
    }
    return best;
}

/* To be told apart before a step, where they are not. */
static void add_pair(const DlcaCarry *carry, int32_t step, int32_t cell, int32_t other) {
    int32_t *count = &carry->pairs[step - 1];
    if (*count < MOST_PAIRS && perceive_alike(carry, step, cell, other)) {
        carry->pair[(size_t)(step - 1) * MOST_PAIRS + (size_t)(*count)++] = (DlcaPair){.cell = cell, .other = other};
    }
}

/* Chooses who tells, and lists the pairs that have to be told apart a step earlier for that. Pairs that nobody can tell
 * apart, or that there is no room for, are given up. */
static void ask_neighbours(const DlcaCarry *carry, int32_t step) {
    DlcaPair *pair = carry->pair + (size_t)(step - 1) * MOST_PAIRS;
    int32_t left = 0;
    carry->pairs[step - 2] = 0;
    for (int32_t i = 0; i < carry->pairs[step - 1]; i++) {
        const int32_t n = telling_neighbour(carry, step, &pair[i]);
        if (n < 0) {
            continue;
        }
        const int32_t from = from_where(carry, pair[i].cell, n);
        add_pair(carry, step - 1, from, from_where(carry, pair[i].other, n));
        for (int32_t other = next_partner(carry, n, -1); other >= 0; other = next_partner(carry, n, other)) {
            add_pair(carry, step - 1, from, from_where(carry, pair[i].cell, other));
        }
        pair[left] = pair[i];
        pair[left++].neighbour = n;
    }
    carry->pairs[step - 1] = left;
}

/* ---- a signal that tells ---- */

static bool is_set(const uint64_t *bits, int32_t cell) {
    return bits[cell / 64] >> (cell % 64) & 1;
}

/* Whether some cell of the set perceives what this one does. */
static bool set_has_alike(const DlcaCarry *carry, int32_t step, const uint64_t *set, int32_t cell) {
    for (int32_t other = 0; other < carry->trace->cells; other++) {
        if (is_set(set, other) && perceive_alike(carry, step, cell, other)) {
            return true;
        }
    }
    return false;
}

static void set_zero(const DlcaCarry *carry, int32_t cell) {
    if (cell >= 0) {
        carry->zeros[cell / 64] |= (uint64_t)1 << (cell % 64);
    }
}

/* Cells that the signal should be 1 in, and 0, at the step before: those of as many pairs as go together. */
static void choose_ones(const DlcaCarry *carry, int32_t step) {
    const DlcaPair *pair = carry->pair + (size_t)(step - 1) * MOST_PAIRS;
    memset(carry->ones, 0, carry->trace->words * sizeof *carry->ones);
    memset(carry->zeros, 0, carry->trace->words * sizeof *carry->zeros);
    for (int32_t i = 0; i < carry->pairs[step - 1]; i++) {
        const int32_t n = pair[i].neighbour, one = from_where(carry, pair[i].cell, n);
        const int32_t zero = from_where(carry, pair[i].other, n);
        if (perceive_alike(carry, step - 1, one, zero) || set_has_alike(carry, step - 1, carry->zeros, one) ||
            (zero >= 0 && set_has_alike(carry, step - 1, carry->ones, zero))) {
            continue;
        }
        carry->ones[one / 64] |= (uint64_t)1 << (one % 64);
        set_zero(carry, zero);
        for (int32_t other = next_partner(carry, n, -1); other >= 0; other = next_partner(carry, n, other)) {
            const int32_t beside = from_where(carry, pair[i].cell, other);
            if (beside >= 0 && !set_has_alike(carry, step - 1, carry->ones, beside)) {
                set_zero(carry, beside);
            }
        }
    }
}

/* The channel becomes an OR of cubes over what cells perceive; false when there is nothing to tell. */
static bool tell(const DlcaCarry *carry, int32_t step, int32_t channel) {
    const DlcaTrace *trace = carry->trace;
    const DlcaPlaces places = {(size_t)(step - 2) * trace->words, trace->words, carry->zeros, carry->left};
    DlcaLeaf leaf[MOST_CUBES];
    int32_t cubes = 0;
    choose_ones(carry, step);
    for (int32_t cell = 0; cell < trace->cells && cubes < MOST_CUBES; cell++) {
        DlcaCube cube;
        if (!is_set(carry->ones, cell) ||
            !dlca_cube_find(trace, -1, &places, (size_t)cell, DLCA_CUBE_LITERALS, &cube)) {
            continue;
        }
        for (size_t word = 0; word < trace->words; word++) {
            carry->ones[word] &= ~dlca_cube_word(trace, -1, &cube, places.first + word);
        }
        leaf[cubes++] = dlca_cube_build(carry->spare, -1, &cube);
    }
    if (cubes == 0) {
        return false;
    }
    const DlcaLeaf any = dlca_tree_build(carry->spare, DLCA_OP_OR, leaf, cubes);
    const DlcaSignal signal = dlca_spare_hand_on(carry->spare, any.signal, 0);
    dlca_spare_become(carry->spare,
                      any.inverted ? dlca_spare_gate(carry->spare, signal, signal, DLCA_OP_NOT_A) : signal, channel);
    carry->spare->kept_channel[channel] = true;
    return !carry->spare->full;
}

/* As many as can be of the pairs listed for a step, from the earliest step on that it takes; `last` is the step that
 * all is for. */
static void tell_apart(DlcaCarry *carry, int32_t step, int32_t last) {
    forget_told_apart(carry, step);
    if (step < 2 || carry->pairs[step - 1] == 0) {
        return;
    }
    ask_neighbours(carry, step);
    tell_apart(carry, step - 1, last);
    forget_told_apart(carry, step);
    for (int32_t before = INT32_MAX; carry->pairs[step - 1] > 0 && carry->pairs[step - 1] < before;) {
        before = carry->pairs[step - 1];
        const int32_t channel = silence_next(carry, last, count_pairs(carry, last));
        if (channel < 0) {
            return;
        }
        look(carry, last);
        dlca_spare_find(carry->spare);
        ask_neighbours(carry, step);
        const bool told = tell(carry, step, channel);
        dlca_trace_run(carry->trace, carry->spare->ops);
        look(carry, last);
        forget_told_apart(carry, step);
        if (!told) {
            return;
        }
    }
}

bool dlca_carry_run(DlcaCarry *carry, int32_t step, int64_t *gates) {
    find_seen(carry);
    dlca_spare_find(carry->spare);
    const int64_t before = dlca_spare_taken(carry->spare);
    int64_t pairs = INT64_MAX;
    for (int64_t now = count_pairs(carry, step); now > 0 && now < pairs; now = count_pairs(carry, step)) {
        pairs = now;
        look(carry, step);
        if (!list_pairs(carry, step)) {
            return false;
        }
        tell_apart(carry, step, step);
    }
    dlca_spare_find(carry->spare);
    const int64_t taken = dlca_spare_taken(carry->spare);
    *gates += taken > before ? taken - before : 0;
    return count_pairs(carry, step) == 0;
}

int64_t dlca_carry_pairs(DlcaCarry *carry, int32_t step) {
    return count_pairs(carry, step);
}

int32_t dlca_carry_silence(DlcaCarry *carry, int32_t step) {
    return silence_next(carry, step, count_pairs(carry, step));
}

/* ---- memory ---- */

size_t dlca_carry_bytes(int32_t cells, int32_t steps) {
    return (size_t)steps * (MOST_PAIRS * sizeof(DlcaPair) + 2 * (size_t)cells * sizeof(uint64_t)) +
           (size_t)cells * sizeof(DlcaSeen);
}

bool dlca_carry_create(DlcaCarry *carry, DlcaSpare *spare, DlcaTrace *trace, const DlcaTask *task, DlcaError *error) {
    const size_t cells = (size_t)trace->cells, steps = (size_t)trace->steps;
    *carry = (DlcaCarry){.spare = spare, .trace = trace, .task = task};
    carry->perceived = malloc(steps * cells * sizeof *carry->perceived);
    carry->known = malloc(steps * cells * sizeof *carry->known);
    carry->readers = malloc((size_t)dlca_spare_layer(spare, 0)->gates);
    carry->order = malloc(cells * sizeof *carry->order);
    carry->pair = malloc(steps * MOST_PAIRS * sizeof *carry->pair);
    carry->pairs = malloc(steps * sizeof *carry->pairs);
    carry->ones = malloc(trace->words * sizeof *carry->ones);
    carry->zeros = malloc(trace->words * sizeof *carry->zeros);
    carry->left = malloc(trace->words * sizeof *carry->left);
    if (!carry->perceived || !carry->known || !carry->readers || !carry->order || !carry->pair || !carry->pairs ||
        !carry->ones || !carry->zeros || !carry->left) {
        dlca_carry_free(carry);
        return dlca_fail(error, DLCA_FAILED, "no memory to look for what cells can know");
    }
    return true;
}

void dlca_carry_free(DlcaCarry *carry) {
    free(carry->perceived);
    free(carry->known);
    free(carry->readers);
    free(carry->order);
    free(carry->pair);
    free(carry->pairs);
    free(carry->ones);
    free(carry->zeros);
    free(carry->left);
    *carry = (DlcaCarry){0};
}
