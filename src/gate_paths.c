/* gate_paths.c - vertex-disjoint paths through the update network: a flow of one unit through each gate, increased path
 * by path (Ford, Fulkerson, "Maximal flow through a network", 1956).
 *
 * Nodes: each row of the network twice, where its one unit comes in and where it leaves, then the channels, then the
 * two ends. Every edge carries one unit and lies beside its reverse: edge e ^ 1 is the other way. */
#include "gate_paths.h"

#include <stdlib.h>
#include <string.h>

typedef struct Flow {
    const DlcaModel *model;
    int32_t inputs, rows; /* of the update network: inputs, and inputs and gates */
    int32_t nodes, edges;
    int32_t *head;  /* [nodes] last edge out of a node, -1: none */
    int32_t *next;  /* [edges] the one before it */
    int32_t *to;    /* [edges] */
    uint8_t *free;  /* [edges] it could carry a unit */
    int32_t *came;  /* [nodes] edge by which the search came, -1: not yet */
    int32_t *stack; /* [nodes] */
    int32_t *order; /* [inputs or a layer's gates] */
} Flow;

static const DlcaLayer *update_layer(const DlcaModel *model, int32_t layer) {
    return &model->layer[model->config.perceive_layers + layer];
}

static int32_t enters(int32_t row) {
    return 2 * row;
}

static int32_t leaves(int32_t row) {
    return 2 * row + 1;
}

static int32_t channel_node(const Flow *flow, int32_t channel) {
    return 2 * flow->rows + channel;
}

static int32_t source_node(const Flow *flow) {
    return flow->nodes - 2;
}

static int32_t sink_node(const Flow *flow) {
    return flow->nodes - 1;
}

static int32_t row_of(const Flow *flow, int32_t layer, int32_t gate) {
    const int64_t first = update_layer(flow->model, 0)->first;
    return layer < 0 ? gate : flow->inputs + (int32_t)(update_layer(flow->model, layer)->first - first) + gate;
}

static void flow_free(Flow *flow) {
    free(flow->head);
    free(flow->next);
    free(flow->to);
    free(flow->free);
    free(flow->came);
    free(flow->stack);
    free(flow->order);
}

static bool flow_create(Flow *flow, const DlcaModel *model) {
    const DlcaLayer *first = update_layer(model, 0);
    const int32_t gates = (int32_t)(model->gates - first->first), channels = model->config.channels;
    *flow = (Flow){.model = model, .inputs = first->inputs, .rows = first->inputs + gates};
    flow->nodes = 2 * flow->rows + channels + 2;
    /* through a row, from a gate to two rows, from an input to its channel, at the ends; each with its reverse */
    const size_t most = 2 * ((size_t)flow->rows + 2 * (size_t)gates + (size_t)flow->inputs + 2 * (size_t)channels);
    const size_t nodes = (size_t)flow->nodes;
    flow->head = malloc(nodes * sizeof *flow->head);
    flow->next = malloc(most * sizeof *flow->next);
    flow->to = malloc(most * sizeof *flow->to);
    flow->free = malloc(most);
    flow->came = malloc(nodes * sizeof *flow->came);
    flow->stack = malloc(nodes * sizeof *flow->stack);
    flow->order = malloc((size_t)flow->rows * sizeof *flow->order);
    if (!flow->head || !flow->next || !flow->to || !flow->free || !flow->came || !flow->stack || !flow->order) {
        flow_free(flow);
        return false;
    }
    memset(flow->head, 0xff, nodes * sizeof *flow->head);
    return true;
}

static void add_half(Flow *flow, int32_t from, int32_t to, bool is_free) {
    flow->to[flow->edges] = to;
    flow->free[flow->edges] = is_free;
    flow->next[flow->edges] = flow->head[from];
    flow->head[from] = flow->edges++;
}

static void add_edge(Flow *flow, int32_t from, int32_t to) {
    add_half(flow, from, to, true);
    add_half(flow, to, from, false);
}

/* 0 .. count-1 in an order that is drawn, in flow->order. */
static void shuffle(const Flow *flow, int32_t count, DlcaRandom *random) {
    for (int32_t i = 0; i < count; i++) {
        const int32_t j = (int32_t)dlca_random_below(random, (uint32_t)i + 1);
        flow->order[i] = flow->order[j];
        flow->order[j] = i;
    }
}

/* From gates to what they read. The search follows a node's last edge first. */
static void add_gates(Flow *flow, DlcaRandom *random) {
    for (int32_t layer = 0; layer < flow->model->config.update_layers; layer++) {
        const DlcaLayer *shape = update_layer(flow->model, layer);
        for (int32_t gate = 0; gate < shape->gates; gate++) {
            const int32_t row = row_of(flow, layer, gate), other = (int32_t)dlca_random_below(random, 2);
            add_edge(flow, enters(row), leaves(row));
            for (int32_t i = 0; i < 2; i++) {
                const int32_t wire = shape->wires[(i ^ other) * shape->gates + gate];
                add_edge(flow, leaves(row), enters(row_of(flow, layer - 1, wire)));
            }
        }
    }
}

static void add_ends(Flow *flow, DlcaRandom *random) {
    const int32_t channels = flow->model->config.channels, last = flow->model->config.update_layers - 1;
    shuffle(flow, channels, random);
    for (int32_t i = 0; i < channels; i++) {
        add_edge(flow, source_node(flow), enters(row_of(flow, last, flow->order[i])));
        add_edge(flow, channel_node(flow, i), sink_node(flow));
    }
}

/* Inputs first .. last-1 lead to their channels: the cell's own bits, or what it perceives of its neighbours. */
static void add_inputs(Flow *flow, int32_t first, int32_t last) {
    const DlcaConfig *config = &flow->model->config;
    const int32_t each = config->perceive[config->perceive_layers - 1] * config->kernels;
    for (int32_t input = first; input < last; input++) {
        const int32_t channel = input < config->channels ? input : (input - config->channels) / each;
        add_edge(flow, enters(input), leaves(input));
        add_edge(flow, leaves(input), channel_node(flow, channel));
    }
}

/* One more unit from end to end, over edges that are free; false when there is no way. */
static bool augment(Flow *flow) {
    int32_t depth = 1;
    memset(flow->came, 0xff, (size_t)flow->nodes * sizeof *flow->came);
    flow->stack[0] = source_node(flow);
    while (depth > 0 && flow->came[sink_node(flow)] < 0) {
        const int32_t node = flow->stack[--depth];
        for (int32_t e = flow->head[node]; e >= 0; e = flow->next[e]) {
            if (flow->free[e] && flow->came[flow->to[e]] < 0 && flow->to[e] != source_node(flow)) {
                flow->came[flow->to[e]] = e;
                flow->stack[depth++] = flow->to[e];
            }
        }
    }
    if (flow->came[sink_node(flow)] < 0) {
        return false;
    }
    for (int32_t node = sink_node(flow); node != source_node(flow); node = flow->to[flow->came[node] ^ 1]) {
        flow->free[flow->came[node]] = false;
        flow->free[flow->came[node] ^ 1] = true;
    }
    return true;
}

/* A gate's edges lead to its two inputs; the one that carries a unit is its choice. */
static void read_choices(const Flow *flow, uint8_t *choice) {
    for (int32_t layer = 0; layer < flow->model->config.update_layers; layer++) {
        const DlcaLayer *shape = update_layer(flow->model, layer);
        for (int32_t gate = 0; gate < shape->gates; gate++) {
            const int32_t row = row_of(flow, layer, gate);
            const int32_t b = enters(row_of(flow, layer - 1, shape->wires[shape->gates + gate]));
            choice[row - flow->inputs] = 0;
            for (int32_t e = flow->head[leaves(row)]; e >= 0; e = flow->next[e]) {
                choice[row - flow->inputs] |= e % 2 == 0 && !flow->free[e] && flow->to[e] == b;
            }
        }
    }
}

bool dlca_gate_paths(const DlcaModel *model, DlcaRandom *random, uint8_t *choice) {
    Flow flow;
    if (!flow_create(&flow, model)) {
        return false;
    }
    add_gates(&flow, random);
    add_ends(&flow, random);
    add_inputs(&flow, model->config.channels, flow.inputs);
    while (augment(&flow)) {
    }
    add_inputs(&flow, 0, model->config.channels); /* the cell's own bits, for outputs that got none of a neighbour */
    while (augment(&flow)) {
    }
    read_choices(&flow, choice);
    flow_free(&flow);
    return true;
}
