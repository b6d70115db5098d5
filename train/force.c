/* force.c - what it costs to force a row, then the copies that do it. */
#include "force.h"

#include <stdlib.h>
#include <string.h>

enum { IMPOSSIBLE = 1 << 20, KEEP = 2, VALUES = 3 };

/* How a gate becomes a value: inputs that are forced (0 or 1) or kept; or the signal in the place of an input that it
 * does not look at. */
typedef struct Way {
    int32_t cost;
    int32_t a, b;
    bool takes_signal;
} Way;

bool dlca_force_create(DlcaForce *force, DlcaSpare *spare, DlcaError *error) {
    const size_t rows = (size_t)(spare->trace->inputs + spare->trace->gates);
    *force = (DlcaForce){.spare = spare};
    force->cost = malloc(2 * rows * sizeof *force->cost);
    force->copy = malloc(2 * rows * sizeof *force->copy);
    force->quiet = calloc(rows, 1);
    if (!force->cost || !force->copy || !force->quiet) {
        dlca_force_free(force);
        return dlca_fail(error, DLCA_FAILED, "no memory to make a picture stay");
    }
    return true;
}

void dlca_force_free(DlcaForce *force) {
    free(force->cost);
    free(force->copy);
    free(force->quiet);
    *force = (DlcaForce){0};
}

static int32_t row_of(const DlcaForce *force, int32_t layer, int32_t gate) {
    return dlca_trace_row(force->spare->trace, layer, gate);
}

static bool result_of(int op, int32_t a, int32_t b) {
    return dlca_op_word(op, (uint64_t)a, (uint64_t)b) & 1;
}

/* Whether a gate is `value` with inputs forced so, whatever a kept one is. */
static bool is_forced(int op, int32_t a, int32_t b, bool value) {
    for (int32_t x = 0; x < 2; x++) {
        for (int32_t y = 0; y < 2; y++) {
            if (result_of(op, a == KEEP ? x : a, b == KEEP ? y : b) != value) {
                return false;
            }
        }
    }
    return true;
}

static int32_t input_cost(const DlcaForce *force, int32_t row, int32_t value) {
    return value == KEEP ? 0 : force->cost[2 * row + value];
}

/* The cheapest; a gate that already is that value, or a signal that is 0 when another is 1, costs nothing. */
static Way way_of(const DlcaForce *force, int32_t layer, int32_t gate, bool value, DlcaSignal when) {
    const DlcaLayer *shape = dlca_spare_layer(force->spare, layer);
    const int op = *dlca_spare_op(force->spare, layer, gate);
    const int32_t row_a = row_of(force, layer - 1, shape->wires[gate]);
    const int32_t row_b = row_of(force, layer - 1, shape->wires[shape->gates + gate]);
    Way best = {IMPOSSIBLE, KEEP, KEEP, false};
    if ((force->quiet[row_of(force, layer, gate)] && !value) || is_forced(op, KEEP, KEEP, value)) {
        return (Way){0, KEEP, KEEP, false};
    }
    if (layer > when.layer && !(dlca_op_uses_a(op) && dlca_op_uses_b(op))) {
        best = (Way){1, KEEP, KEEP, true};
    }
    for (int32_t way = 0; way < VALUES * VALUES; way++) {
        const int32_t a = way / VALUES, b = way % VALUES;
        const int32_t cost = 1 + input_cost(force, row_a, a) + input_cost(force, row_b, b);
        if (cost < best.cost && is_forced(op, a, b, value)) {
            best = (Way){cost, a, b, false};
        }
    }
    return best;
}

static void find_costs(const DlcaForce *force, DlcaSignal when) {
    const DlcaTrace *trace = force->spare->trace;
    for (int32_t input = 0; input < trace->inputs; input++) {
        force->cost[2 * input] = force->quiet[input] ? 0 : IMPOSSIBLE;
        force->cost[2 * input + 1] = IMPOSSIBLE;
    }
    for (int32_t layer = 0; layer < force->spare->model->config.update_layers; layer++) {
        for (int32_t gate = 0; gate < dlca_spare_layer(force->spare, layer)->gates; gate++) {
            for (int32_t value = 0; value < 2; value++) {
                const int32_t cost = way_of(force, layer, gate, value, when).cost;
                force->cost[2 * row_of(force, layer, gate) + value] = cost < IMPOSSIBLE ? cost : IMPOSSIBLE;
            }
        }
    }
}

/* Of an input x that is used and the signal: x OR signal, or x AND NOT signal. */
static int op_with_signal(int op, bool uses_a, bool value) {
    int with = 0;
    for (int32_t x = 0; x < 2; x++) {
        for (int32_t signal = 0; signal < 2; signal++) {
            const bool result = signal ? value : result_of(op, x, x);
            const int32_t a = uses_a ? x : signal, b = uses_a ? signal : x;
            with |= (int)result << (3 - 2 * a - b);
        }
    }
    return with;
}

/* The same signal in each layer. */
typedef struct Everywhere {
    int32_t gate[DLCA_MAX_LAYERS + 1]; /* [layer + 1] */
} Everywhere;

static Everywhere bring(DlcaForce *force, DlcaSignal when) {
    Everywhere everywhere = {{0}};
    const int32_t last = force->spare->model->config.update_layers - 1;
    for (int32_t layer = when.layer; layer < last; layer++) {
        when = dlca_spare_hand_on(force->spare, when, layer);
        everywhere.gate[layer + 1] = when.gate;
        force->quiet[row_of(force, layer, when.gate)] = true;
    }
    return everywhere;
}

/* A gate that is what this one is, and `value` where the signal is 1; the gates of the last layer are changed
 * themselves. */
static int32_t forced_gate(DlcaForce *force, int32_t layer, int32_t gate, bool value, DlcaSignal when,
                           const Everywhere *signal) {
    int32_t *copy = &force->copy[2 * row_of(force, layer, gate) + value];
    const Way way = way_of(force, layer, gate, value, when);
    if (*copy >= 0 || way.cost == 0) {
        return *copy >= 0 ? *copy : gate;
    }
    const DlcaLayer *shape = dlca_spare_layer(force->spare, layer);
    const int32_t last = force->spare->model->config.update_layers - 1;
    int32_t a = shape->wires[gate], b = shape->wires[shape->gates + gate];
    int op = *dlca_spare_op(force->spare, layer, gate);
    const bool uses_a = dlca_op_uses_a(op) || !dlca_op_uses_b(op);
    if (way.takes_signal) {
        *(uses_a ? &b : &a) = signal->gate[layer];
        op = op_with_signal(op, uses_a, value);
    }
    a = way.a == KEEP ? a : forced_gate(force, layer - 1, a, way.a, when, signal);
    b = way.b == KEEP ? b : forced_gate(force, layer - 1, b, way.b, when, signal);
    *copy = layer == last ? gate : dlca_spare_take(force->spare, layer);
    dlca_spare_wire(force->spare, layer, *copy, a, b, op);
    return *copy;
}

bool dlca_force_run(DlcaForce *force, int32_t channel, bool value, DlcaSignal when) {
    const DlcaTrace *trace = force->spare->trace;
    const int32_t last = force->spare->model->config.update_layers - 1;
    find_costs(force, when);
    if (force->cost[2 * row_of(force, last, channel) + value] >= IMPOSSIBLE) {
        return false;
    }
    memset(force->copy, 0xff, 2 * (size_t)(trace->inputs + trace->gates) * sizeof *force->copy);
    const Everywhere signal = bring(force, when);
    forced_gate(force, last, channel, value, when, &signal);
    return !force->spare->full;
}
