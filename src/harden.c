/* harden.c - from logits to operations to a cell's rule: argmax, the rule written out, the rule simplified at once. */
#include "harden.h"

#include "../gates/gate_graph.h"

#include <stdlib.h>
#include <string.h>

void dlca_model_argmax(const DlcaModel *model, uint8_t *ops) {
    for (int64_t gate = 0; gate < model->gates; gate++) {
        const float *logits = model->logits + gate * DLCA_OPS;
        int best = 0;
        for (int op = 1; op < DLCA_OPS; op++) {
            best = logits[op] > logits[best] ? op : best;
        }
        ops[gate] = (uint8_t)best;
    }
}

/* ---- the rule written out: circuit gate by circuit gate, which two nodes it reads and which model gate it is ---- */

/* Circuit gates of a perception layer stand [channel][kernel][gate], of an update layer [gate]; layers follow each
 * other. `before` is the node number of the previous layer's first gate. */
static void write_perceive_layer(const DlcaModel *model, int32_t l, int32_t before, DlcaGate *to, int32_t *model_gate) {
    const DlcaLayer *layer = &model->layer[l];
    const int32_t channels = model->config.channels, gates = layer->gates;
    for (int32_t channel = 0; channel < channels; channel++) {
        for (int32_t kernel = 0; kernel < layer->kernels; kernel++) {
            const int32_t rows = before + (channel * layer->kernels + kernel) * layer->inputs;
            for (int32_t g = 0; g < gates; g++, to++) {
                const int32_t a = layer->wires[g], b = layer->wires[gates + g];
                to->a = l == 0 ? a * channels + channel : rows + a; /* layer 0 reads the patch */
                to->b = l == 0 ? b * channels + channel : rows + b;
                *model_gate++ = (int32_t)layer->first + kernel * gates + g;
            }
        }
    }
}

/* Row r of the first update layer: the cell's channels, then the perception outputs (channel, output, kernel), kernel
 * fastest. */
static int32_t first_update_row(const DlcaModel *model, int32_t r, int32_t before) {
    const DlcaLayer *perceive = &model->layer[model->config.perceive_layers - 1];
    const int32_t channels = model->config.channels, kernels = perceive->kernels, outputs = perceive->gates;
    if (r < channels) {
        return DLCA_CENTRE * channels + r;
    }
    const int32_t kernel = (r - channels) % kernels, rest = (r - channels) / kernels;
    return before + (rest / outputs * kernels + kernel) * outputs + rest % outputs;
}

static void write_update_layer(const DlcaModel *model, int32_t l, int32_t before, DlcaGate *to, int32_t *model_gate) {
    const DlcaLayer *layer = &model->layer[l];
    const bool first = l == model->config.perceive_layers;
    for (int32_t g = 0; g < layer->gates; g++) {
        const int32_t a = layer->wires[g], b = layer->wires[layer->gates + g];
        to[g].a = first ? first_update_row(model, a, before) : before + a;
        to[g].b = first ? first_update_row(model, b, before) : before + b;
        model_gate[g] = (int32_t)layer->first + g;
    }
}

/* Creates `circuit` with the operations left at 0, and fills model_gate [cell gates]. */
static bool write_wires(const DlcaModel *model, DlcaCircuit *circuit, int32_t **model_gate, DlcaError *error) {
    const int32_t channels = model->config.channels, inputs = DLCA_NEIGHBOURS * channels;
    const int64_t gates = dlca_model_cell_gates(model);
    *circuit = (DlcaCircuit){0};
    if (gates > DLCA_CIRCUIT_MAX_NODES - inputs) {
        return dlca_fail(error, DLCA_BAD_INPUT, "the rule of a cell has %lld gates: at most %d", (long long)gates,
                         (int)DLCA_CIRCUIT_MAX_NODES - inputs);
    }
    *model_gate = malloc((size_t)gates * sizeof **model_gate);
    if (!*model_gate) {
        return dlca_fail(error, DLCA_FAILED, "no memory for a rule of %lld gates", (long long)gates);
    }
    if (!dlca_circuit_create(circuit, inputs, channels, (int32_t)gates, error)) {
        free(*model_gate);
        *model_gate = NULL;
        return false;
    }
    int32_t done = 0, before = 0;
    for (int32_t l = 0; l < model->layers; l++) {
        const DlcaLayer *layer = &model->layer[l];
        if (layer->perceive) {
            write_perceive_layer(model, l, before, circuit->gate + done, *model_gate + done);
        } else {
            write_update_layer(model, l, before, circuit->gate + done, *model_gate + done);
        }
        before = inputs + done;
        done += layer->gates * layer->kernels * (layer->perceive ? channels : 1);
    }
    for (int32_t channel = 0; channel < channels; channel++) {
        circuit->output[channel] = before + channel;
    }
    return true;
}

bool dlca_model_circuit(const DlcaModel *model, const uint8_t *ops, DlcaCircuit *circuit, DlcaError *error) {
    int32_t *model_gate;
    if (!write_wires(model, circuit, &model_gate, error)) {
        return false;
    }
    for (int32_t i = 0; i < circuit->gates; i++) {
        circuit->gate[i].op = ops[model_gate[i]];
    }
    free(model_gate);
    return true;
}

/* ---- the rule simplified at once ---- */

/* A node of the rule written out: what it reads, and which model gate it is. Side by side, as they are read together.
 */
typedef struct Place {
    int32_t a, b, model_gate;
} Place;

struct DlcaHardener {
    int32_t inputs, outputs, gates; /* of the rule written out */
    Place *place;                   /* [inputs + gates]; nothing in those of inputs */
    int32_t *root;                  /* [C] the node of each channel's new value */
    int32_t scored;                 /* the first channels, which are what the rule is for */
    int32_t *queue;                 /* [gates + 1] nodes that were entered; those of one channel after the other's */
    int32_t queued;
    uint32_t *seen;    /* [inputs + gates] the call that last queued the node; inputs are never queued: INPUT_SEEN */
    uint32_t *reached; /* [graph nodes] the call that last found the node to matter */
    uint32_t *wanted;  /* [C] the call that last found the channel to matter */
    uint32_t call;
    int32_t *channel; /* [C] those that matter, in the order in which that was found */
    int32_t channels;
    bool *listed;         /* [model gates] for dlca_hardener_live */
    DlcaLiteral *literal; /* [inputs + gates] */
    DlcaLiteral *output;  /* [C] */
    int32_t *scratch;     /* [graph nodes] */
    DlcaGateGraph graph;
    DlcaCircuit result;
};

static const uint32_t INPUT_SEEN = UINT32_MAX;

void dlca_hardener_free(DlcaHardener *hardener) {
    if (!hardener) {
        return;
    }
    dlca_circuit_free(&hardener->result);
    dlca_graph_free(&hardener->graph);
    free(hardener->place);
    free(hardener->root);
    free(hardener->queue);
    free(hardener->seen);
    free(hardener->reached);
    free(hardener->wanted);
    free(hardener->channel);
    free(hardener->listed);
    free(hardener->literal);
    free(hardener->output);
    free(hardener->scratch);
    free(hardener);
}

static bool allocate(DlcaHardener *hardener, const DlcaModel *model, DlcaError *error) {
    const size_t gates = (size_t)hardener->gates, nodes = (size_t)hardener->inputs + gates;
    const size_t outputs = (size_t)hardener->outputs;
    hardener->place = calloc(nodes, sizeof *hardener->place);
    hardener->root = malloc(outputs * sizeof *hardener->root);
    hardener->queue = malloc((gates + 1) * sizeof *hardener->queue);
    hardener->seen = malloc(nodes * sizeof *hardener->seen);
    hardener->reached = calloc(nodes + 1, sizeof *hardener->reached);
    hardener->wanted = calloc(outputs, sizeof *hardener->wanted);
    hardener->channel = malloc(outputs * sizeof *hardener->channel);
    hardener->scored = model->config.scored_channels;
    hardener->listed = calloc((size_t)model->gates, sizeof *hardener->listed);
    hardener->literal = malloc(nodes * sizeof *hardener->literal);
    hardener->output = malloc(outputs * sizeof *hardener->output);
    hardener->scratch = malloc((nodes + 1) * sizeof *hardener->scratch);
    hardener->result.gate = malloc((gates + outputs + 2) * sizeof *hardener->result.gate);
    hardener->result.output = malloc(outputs * sizeof *hardener->result.output);
    if (!hardener->place || !hardener->root || !hardener->queue || !hardener->seen || !hardener->reached ||
        !hardener->wanted || !hardener->channel || !hardener->listed || !hardener->literal || !hardener->output ||
        !hardener->scratch || !hardener->result.gate || !hardener->result.output) {
        return dlca_fail(error, DLCA_FAILED, "no memory to harden a rule of %d gates", hardener->gates);
    }
    return dlca_graph_reserve(&hardener->graph, hardener->inputs, hardener->gates, error);
}

static void forget_calls(DlcaHardener *hardener) {
    const size_t nodes = (size_t)hardener->inputs + (size_t)hardener->gates;
    memset(hardener->seen, 0, nodes * sizeof *hardener->seen);
    memset(hardener->reached, 0, (nodes + 1) * sizeof *hardener->reached);
    memset(hardener->wanted, 0, (size_t)hardener->outputs * sizeof *hardener->wanted);
    for (int32_t i = 0; i < hardener->inputs; i++) {
        hardener->seen[i] = INPUT_SEEN;
    }
}

static void fill(DlcaHardener *hardener, const DlcaCircuit *wires, const int32_t *model_gate) {
    for (int32_t i = 0; i < wires->inputs; i++) {
        hardener->literal[i] = dlca_literal_input(i);
    }
    for (int32_t g = 0; g < wires->gates; g++) {
        hardener->place[wires->inputs + g] = (Place){wires->gate[g].a, wires->gate[g].b, model_gate[g]};
    }
    memcpy(hardener->root, wires->output, (size_t)wires->outputs * sizeof *hardener->root);
    forget_calls(hardener);
}

DlcaHardener *dlca_hardener_create(const DlcaModel *model, DlcaError *error) {
    DlcaCircuit wires;
    int32_t *model_gate;
    if (!write_wires(model, &wires, &model_gate, error)) {
        return NULL;
    }
    DlcaHardener *hardener = calloc(1, sizeof *hardener);
    if (!hardener) {
        dlca_fail(error, DLCA_FAILED, "no memory for the hardener");
    } else {
        hardener->inputs = wires.inputs;
        hardener->outputs = wires.outputs;
        hardener->gates = wires.gates;
        if (allocate(hardener, model, error)) {
            fill(hardener, &wires, model_gate);
        } else {
            dlca_hardener_free(hardener);
            hardener = NULL;
        }
    }
    free(model_gate);
    dlca_circuit_free(&wires);
    return hardener;
}

static void want(DlcaHardener *hardener, int32_t channel) {
    if (hardener->wanted[channel] != hardener->call) {
        hardener->wanted[channel] = hardener->call;
        hardener->channel[hardener->channels++] = channel;
    }
}

/* A new call; when the counter comes round, old marks must not look new. */
static void begin_call(DlcaHardener *hardener) {
    if (++hardener->call == INPUT_SEEN) {
        forget_calls(hardener);
        hardener->call = 1;
    }
    hardener->queued = 0;
    hardener->channels = 0;
    dlca_graph_clear(&hardener->graph, hardener->inputs);
    for (int32_t channel = 0; channel < hardener->scored; channel++) {
        want(hardener, channel);
    }
}

/* Queues a node that is used and was not queued in this call. Without a branch, which nobody could foresee: the node is
 * written behind the queue in any case. */
static inline int32_t enqueue(DlcaHardener *hardener, int32_t queued, int32_t node, bool used) {
    const uint32_t mark = hardener->seen[node];
    const bool is_new = used & (mark < hardener->call);
    hardener->queue[queued] = node;
    hardener->seen[node] = is_new ? hardener->call : mark;
    return queued + is_new;
}

/* Breadth first from a channel's new value: a layer reads only the one before it, so the queue runs from later layers
 * to earlier ones, and backwards it is an order to build in. What other channels share with it is there already. */
static void enter_channel(DlcaHardener *hardener, const uint8_t *ops, int32_t channel) {
    int32_t queued = enqueue(hardener, hardener->queued, hardener->root[channel], true);
    for (int32_t i = hardener->queued; i < queued; i++) {
        const Place place = hardener->place[hardener->queue[i]];
        const int op = ops[place.model_gate];
        queued = enqueue(hardener, queued, place.a, dlca_op_uses_a(op));
        queued = enqueue(hardener, queued, place.b, dlca_op_uses_b(op));
    }
    hardener->queued = queued;
}

/* Most gates of a trained model use one input or none: their literal is that input's, or its inverse; op's bit 3 is its
 * value where both inputs are 0. */
static void build_channel(DlcaHardener *hardener, const uint8_t *ops, int32_t first) {
    DlcaLiteral *literal = hardener->literal;
    for (int32_t i = hardener->queued - 1; i >= first; i--) {
        const int32_t node = hardener->queue[i];
        const Place place = hardener->place[node];
        const int op = ops[place.model_gate];
        const bool uses_a = dlca_op_uses_a(op), uses_b = dlca_op_uses_b(op);
        if (uses_a && uses_b) {
            literal[node] = dlca_graph_gate(&hardener->graph, op, literal[place.a], literal[place.b]);
        } else {
            const DlcaLiteral used = uses_a ? literal[place.a] : uses_b ? literal[place.b] : DLCA_LITERAL_FALSE;
            literal[node] = used ^ (op >> 3 & 1);
        }
    }
}

/* The channels that a value is made of. */
static void want_sources(DlcaHardener *hardener, DlcaLiteral value) {
    const DlcaGateGraph *graph = &hardener->graph;
    int32_t *stack = hardener->scratch, height = 0;
    stack[height++] = dlca_literal_value(value);
    while (height > 0) {
        const int32_t node = stack[--height];
        if (node == 0 || hardener->reached[node] == hardener->call) {
            continue;
        }
        hardener->reached[node] = hardener->call;
        if (node <= graph->inputs) {
            want(hardener, (node - 1) % hardener->outputs);
        } else {
            stack[height++] = graph->node[node].a;
            stack[height++] = graph->node[node].b;
        }
    }
}

const DlcaCircuit *dlca_hardener_circuit(DlcaHardener *hardener, const uint8_t *ops) {
    begin_call(hardener);
    for (int32_t i = 0; i < hardener->outputs; i++) {
        hardener->output[i] = DLCA_LITERAL_FALSE;
    }
    for (int32_t i = 0; i < hardener->channels; i++) {
        const int32_t channel = hardener->channel[i], first = hardener->queued;
        enter_channel(hardener, ops, channel);
        build_channel(hardener, ops, first);
        hardener->output[channel] = hardener->literal[hardener->root[channel]];
        want_sources(hardener, hardener->output[channel]);
    }
    dlca_graph_write(&hardener->graph, hardener->output, hardener->outputs, hardener->scratch, &hardener->result);
    return &hardener->result;
}

int32_t dlca_hardener_live(DlcaHardener *hardener, int32_t *live) {
    for (int32_t i = 0; i < hardener->queued; i++) {
        hardener->listed[hardener->place[hardener->queue[i]].model_gate] = false;
    }
    int32_t count = 0;
    for (int32_t i = 0; i < hardener->queued; i++) {
        /* a kernel's gate serves every channel */
        const int32_t gate = hardener->place[hardener->queue[i]].model_gate;
        if (!hardener->listed[gate]) {
            hardener->listed[gate] = true;
            live[count++] = gate;
        }
    }
    return count;
}
