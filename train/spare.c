/* spare.c - liveness, from the scored channels backwards through steps and layers. */
#include "spare.h"

#include <stdlib.h>
#include <string.h>

bool dlca_spare_create(DlcaSpare *spare, DlcaModel *model, uint8_t *ops, const DlcaTrace *trace, DlcaError *error) {
    const size_t channels = (size_t)model->config.channels;
    *spare = (DlcaSpare){.model = model, .ops = ops, .trace = trace};
    spare->live_row = malloc((size_t)(trace->inputs + trace->gates));
    spare->live_channel = malloc(channels);
    spare->kept_channel = calloc(channels, 1);
    if (!spare->live_row || !spare->live_channel || !spare->kept_channel) {
        dlca_spare_free(spare);
        return dlca_fail(error, DLCA_FAILED, "no memory to look for gates that nothing depends on");
    }
    return true;
}

void dlca_spare_free(DlcaSpare *spare) {
    free(spare->live_row);
    free(spare->live_channel);
    free(spare->kept_channel);
    *spare = (DlcaSpare){0};
}

const DlcaLayer *dlca_spare_layer(const DlcaSpare *spare, int32_t layer) {
    return &spare->model->layer[spare->model->config.perceive_layers + layer];
}

uint8_t *dlca_spare_op(const DlcaSpare *spare, int32_t layer, int32_t gate) {
    return &spare->ops[dlca_spare_layer(spare, layer)->first + gate];
}

int32_t dlca_spare_output_row(const DlcaSpare *spare, int32_t channel) {
    return dlca_trace_row(spare->trace, spare->model->config.update_layers - 1, channel);
}

/* ---- what is live ---- */

static void mark_gate(const DlcaSpare *spare, int32_t layer, int32_t gate) {
    const DlcaLayer *shape = dlca_spare_layer(spare, layer);
    const int op = *dlca_spare_op(spare, layer, gate);
    if (dlca_op_uses_a(op)) {
        spare->live_row[dlca_trace_row(spare->trace, layer - 1, shape->wires[gate])] = true;
    }
    if (dlca_op_uses_b(op)) {
        spare->live_row[dlca_trace_row(spare->trace, layer - 1, shape->wires[shape->gates + gate])] = true;
    }
}

/* From live channels to the rows that they depend on. */
static void mark_rows(const DlcaSpare *spare) {
    const DlcaConfig *config = &spare->model->config;
    memset(spare->live_row, 0, (size_t)(spare->trace->inputs + spare->trace->gates));
    for (int32_t c = 0; c < config->channels; c++) {
        spare->live_row[dlca_spare_output_row(spare, c)] = spare->live_channel[c];
    }
    for (int32_t layer = config->update_layers - 1; layer >= 0; layer--) {
        for (int32_t gate = 0; gate < dlca_spare_layer(spare, layer)->gates; gate++) {
            if (spare->live_row[dlca_trace_row(spare->trace, layer, gate)]) {
                mark_gate(spare, layer, gate);
            }
        }
    }
}

/* From live inputs to channels; true when one is new. */
static bool mark_channels(const DlcaSpare *spare) {
    const DlcaConfig *config = &spare->model->config;
    const int32_t each = config->perceive[config->perceive_layers - 1] * config->kernels;
    bool found = false;
    for (int32_t i = 0; i < spare->trace->inputs; i++) {
        const int32_t channel = i < config->channels ? i : (i - config->channels) / each;
        found |= spare->live_row[i] && !spare->live_channel[channel];
        spare->live_channel[channel] |= spare->live_row[i];
    }
    return found;
}

void dlca_spare_find(DlcaSpare *spare) {
    const DlcaConfig *config = &spare->model->config;
    spare->full = false;
    for (int32_t c = 0; c < config->channels; c++) {
        spare->live_channel[c] = c < config->scored_channels || spare->kept_channel[c];
    }
    do {
        mark_rows(spare);
    } while (mark_channels(spare));
}

/* ---- what is free ---- */

static bool is_last(const DlcaSpare *spare, int32_t layer) {
    return layer == spare->model->config.update_layers - 1;
}

int32_t dlca_spare_count(const DlcaSpare *spare, int32_t layer) {
    int32_t free_gates = 0;
    for (int32_t gate = 0; gate < dlca_spare_layer(spare, layer)->gates && !is_last(spare, layer); gate++) {
        free_gates += !spare->live_row[dlca_trace_row(spare->trace, layer, gate)];
    }
    return free_gates;
}

int32_t dlca_spare_take(DlcaSpare *spare, int32_t layer) {
    for (int32_t gate = 0; gate < dlca_spare_layer(spare, layer)->gates && !is_last(spare, layer); gate++) {
        bool *live = &spare->live_row[dlca_trace_row(spare->trace, layer, gate)];
        if (!*live) {
            *live = true;
            return gate;
        }
    }
    spare->full = true;
    return 0;
}

void dlca_spare_wire(DlcaSpare *spare, int32_t layer, int32_t gate, int32_t a, int32_t b, int op) {
    const DlcaLayer *shape = dlca_spare_layer(spare, layer);
    if (spare->full) {
        return;
    }
    shape->wires[gate] = a;
    shape->wires[shape->gates + gate] = b;
    *dlca_spare_op(spare, layer, gate) = (uint8_t)op;
}

int64_t dlca_spare_taken(const DlcaSpare *spare) {
    int64_t taken = 0;
    for (int32_t row = spare->trace->inputs; row < spare->trace->inputs + spare->trace->gates; row++) {
        taken += spare->live_row[row];
    }
    return taken;
}

/* ---- what is built ---- */

DlcaSignal dlca_spare_hand_on(DlcaSpare *spare, DlcaSignal signal, int32_t layer) {
    while (signal.layer < layer) {
        const int32_t gate = dlca_spare_take(spare, signal.layer + 1);
        dlca_spare_wire(spare, signal.layer + 1, gate, signal.gate, signal.gate, DLCA_OP_A);
        signal = (DlcaSignal){signal.layer + 1, gate};
    }
    return signal;
}

DlcaSignal dlca_spare_gate(DlcaSpare *spare, DlcaSignal a, DlcaSignal b, int op) {
    const int32_t layer = a.layer > b.layer ? a.layer : b.layer;
    const DlcaSignal left = dlca_spare_hand_on(spare, a, layer), right = dlca_spare_hand_on(spare, b, layer);
    const int32_t gate = dlca_spare_take(spare, layer + 1);
    dlca_spare_wire(spare, layer + 1, gate, left.gate, right.gate, op);
    return (DlcaSignal){layer + 1, gate};
}

void dlca_spare_become(DlcaSpare *spare, DlcaSignal signal, int32_t channel) {
    const int32_t last = spare->model->config.update_layers - 1;
    const int32_t gate = dlca_spare_hand_on(spare, signal, last - 1).gate;
    dlca_spare_wire(spare, last, channel, gate, gate, DLCA_OP_A);
}
