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

struct DlcaHardener {
    DlcaCircuit wires;   /* the rule written out, without operations */
    int32_t *model_gate; /* [wires gates] */
    int32_t scored;      /* the first channels, which are what the rule is for */
    int32_t *queue;      /* [wires gates] gates that were entered; those of one channel after the other's */
    int32_t queued;
    uint32_t *seen;    /* [wires gates] the call that last queued the gate */
    uint32_t *reached; /* [graph nodes] the call that last found the node to matter */
    uint32_t *wanted;  /* [C] the call that last found the channel to matter */
    uint32_t call;
    int32_t *channel; /* [C] those that matter, in the order in which that was found */
    int32_t channels;
    bool *listed;         /* [model gates] for dlca_hardener_live */
    DlcaLiteral *literal; /* [wires inputs + gates] */
    DlcaLiteral *output;  /* [C] */
    int32_t *scratch;     /* [graph nodes] */
    DlcaGateGraph graph;
    DlcaCircuit result;
};

void dlca_hardener_free(DlcaHardener *hardener) {
    if (!hardener) {
        return;
    }
    dlca_circuit_free(&hardener->wires);
    dlca_circuit_free(&hardener->result);
    dlca_graph_free(&hardener->graph);
    free(hardener->model_gate);
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
    const DlcaCircuit *wires = &hardener->wires;
    const size_t gates = (size_t)wires->gates, nodes = (size_t)wires->inputs + gates;
    const size_t outputs = (size_t)wires->outputs;
    hardener->queue = malloc(gates * sizeof *hardener->queue);
    hardener->seen = calloc(gates, sizeof *hardener->seen);
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
    if (!hardener->queue || !hardener->seen || !hardener->reached || !hardener->wanted || !hardener->channel ||
        !hardener->listed || !hardener->literal || !hardener->output || !hardener->scratch || !hardener->result.gate ||
        !hardener->result.output) {
        return dlca_fail(error, DLCA_FAILED, "no memory to harden a rule of %d gates", wires->gates);
    }
    for (int32_t i = 0; i < wires->inputs; i++) {
        hardener->literal[i] = dlca_literal_input(i);
    }
    return dlca_graph_reserve(&hardener->graph, wires->inputs, wires->gates, error);
}

DlcaHardener *dlca_hardener_create(const DlcaModel *model, DlcaError *error) {
    DlcaHardener *hardener = calloc(1, sizeof *hardener);
    if (!hardener) {
        dlca_fail(error, DLCA_FAILED, "no memory for the hardener");
        return NULL;
    }
    if (!write_wires(model, &hardener->wires, &hardener->model_gate, error) || !allocate(hardener, model, error)) {
        dlca_hardener_free(hardener);
        return NULL;
    }
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
    const DlcaCircuit *wires = &hardener->wires;
    if (++hardener->call == 0) {
        memset(hardener->seen, 0, (size_t)wires->gates * sizeof *hardener->seen);
        memset(hardener->reached, 0, (size_t)(wires->inputs + wires->gates + 1) * sizeof *hardener->reached);
        memset(hardener->wanted, 0, (size_t)wires->outputs * sizeof *hardener->wanted);
        hardener->call = 1;
    }
    hardener->queued = 0;
    hardener->channels = 0;
    dlca_graph_clear(&hardener->graph, wires->inputs);
    for (int32_t channel = 0; channel < hardener->scored; channel++) {
        want(hardener, channel);
    }
}

static void enqueue(DlcaHardener *hardener, int32_t node) {
    const int32_t gate = node - hardener->wires.inputs;
    if (gate >= 0 && hardener->seen[gate] != hardener->call) {
        hardener->seen[gate] = hardener->call;
        hardener->queue[hardener->queued++] = gate;
    }
}

/* Breadth first from a channel's new value: a layer reads only the one before it, so the queue runs from later layers
 * to earlier ones, and backwards it is an order to build in. What other channels share with it is there already. */
static void build_channel(DlcaHardener *hardener, const uint8_t *ops, int32_t channel) {
    const DlcaCircuit *wires = &hardener->wires;
    DlcaLiteral *literal = hardener->literal;
    const int32_t first = hardener->queued;
    enqueue(hardener, wires->output[channel]);
    for (int32_t i = first; i < hardener->queued; i++) {
        const int32_t gate = hardener->queue[i];
        const int op = ops[hardener->model_gate[gate]];
        if (dlca_op_uses_a(op)) {
            enqueue(hardener, wires->gate[gate].a);
        }
        if (dlca_op_uses_b(op)) {
            enqueue(hardener, wires->gate[gate].b);
        }
    }
    for (int32_t i = hardener->queued - 1; i >= first; i--) {
        const int32_t gate = hardener->queue[i];
        const int op = ops[hardener->model_gate[gate]];
        const DlcaGate wire = wires->gate[gate];
        /* An input that the operation ignores may not have been built: say false in its place. */
        const DlcaLiteral a = dlca_op_uses_a(op) ? literal[wire.a] : DLCA_LITERAL_FALSE;
        const DlcaLiteral b = dlca_op_uses_b(op) ? literal[wire.b] : DLCA_LITERAL_FALSE;
        literal[wires->inputs + gate] = dlca_graph_gate(&hardener->graph, op, a, b);
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
            want(hardener, (node - 1) % hardener->wires.outputs);
        } else {
            stack[height++] = graph->node[node].a;
            stack[height++] = graph->node[node].b;
        }
    }
}

const DlcaCircuit *dlca_hardener_circuit(DlcaHardener *hardener, const uint8_t *ops) {
    const DlcaCircuit *wires = &hardener->wires;
    begin_call(hardener);
    for (int32_t i = 0; i < wires->outputs; i++) {
        hardener->output[i] = DLCA_LITERAL_FALSE;
    }
    for (int32_t i = 0; i < hardener->channels; i++) {
        const int32_t channel = hardener->channel[i];
        build_channel(hardener, ops, channel);
        hardener->output[channel] = hardener->literal[wires->output[channel]];
        want_sources(hardener, hardener->output[channel]);
    }
    dlca_graph_write(&hardener->graph, hardener->output, wires->outputs, hardener->scratch, &hardener->result);
    return &hardener->result;
}

int32_t dlca_hardener_live(DlcaHardener *hardener, int32_t *live) {
    for (int32_t i = 0; i < hardener->queued; i++) {
        hardener->listed[hardener->model_gate[hardener->queue[i]]] = false;
    }
    int32_t count = 0;
    for (int32_t i = 0; i < hardener->queued; i++) {
        const int32_t gate = hardener->model_gate[hardener->queue[i]]; /* a kernel's gate serves every channel */
        if (!hardener->listed[gate]) {
            hardener->listed[gate] = true;
            live[count++] = gate;
        }
    }
    return count;
}
