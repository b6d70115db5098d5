/* trace.c - runs the hard network of one start cell-parallel and keeps every signal. */
#include "trace.h"

#include <stdlib.h>
#include <string.h>

static const DlcaLayer *update_layer(const DlcaModel *model, int32_t layer) {
    return &model->layer[model->config.perceive_layers + layer];
}

static size_t words_of(const DlcaModel *model) {
    return ((size_t)model->config.height * (size_t)model->config.width + 63) / 64;
}

static int32_t update_gates(const DlcaModel *model) {
    return (int32_t)(model->gates - update_layer(model, 0)->first);
}

size_t dlca_trace_bytes(const DlcaModel *model, int32_t steps) {
    const size_t rows = (size_t)update_layer(model, 0)->inputs + (size_t)update_gates(model);
    return rows * (size_t)steps * words_of(model) * sizeof(uint64_t);
}

/* ---- memory ---- */

void dlca_trace_free(DlcaTrace *trace) {
    free(trace->source);
    free(trace->start);
    free(trace->state);
    free(trace->around);
    free(trace->layers);
    free(trace->signal);
    *trace = (DlcaTrace){0};
}

static void find_sources(DlcaTrace *trace) {
    const DlcaConfig *config = &trace->model->config;
    const int32_t height = config->height, width = config->width;
    for (int32_t i = 0; i < DLCA_NEIGHBOURS * trace->cells; i++) {
        const int32_t neighbour = i / trace->cells, cell = i % trace->cells;
        int32_t y = cell / width + neighbour / 3 - 1, x = cell % width + neighbour % 3 - 1;
        if (config->periodic) {
            y = (y + height) % height;
            x = (x + width) % width;
        }
        trace->source[i] = y < 0 || y >= height || x < 0 || x >= width ? -1 : y * width + x;
    }
}

static void fill_start(DlcaTrace *trace, const uint8_t *bits) {
    const int32_t channels = trace->model->config.channels;
    for (int32_t cell = 0; cell < trace->cells; cell++) {
        for (int32_t c = 0; c < channels; c++) {
            trace->start[(size_t)c * trace->words + (size_t)cell / 64] |= (uint64_t)bits[cell * channels + c]
                                                                          << (cell % 64);
        }
    }
}

bool dlca_trace_create(DlcaTrace *trace, const DlcaModel *model, const DlcaTask *task, int32_t steps,
                       DlcaError *error) {
    const DlcaConfig *config = &model->config;
    int32_t perceived = 0;
    for (int32_t layer = 0; layer < config->perceive_layers; layer++) {
        perceived += config->perceive[layer];
    }
    const size_t words = words_of(model), channels = (size_t)config->channels;
    *trace = (DlcaTrace){.model = model,
                         .cells = config->height * config->width,
                         .steps = steps,
                         .words = words,
                         .row = (size_t)steps * words,
                         .inputs = update_layer(model, 0)->inputs,
                         .gates = update_gates(model)};
    trace->source = malloc(DLCA_NEIGHBOURS * (size_t)trace->cells * sizeof *trace->source);
    trace->start = calloc(channels * words, sizeof *trace->start);
    trace->state = malloc(channels * words * sizeof *trace->state);
    trace->around = malloc(DLCA_NEIGHBOURS * words * sizeof *trace->around);
    trace->layers = malloc((size_t)perceived * words * sizeof *trace->layers);
    trace->signal = malloc(dlca_trace_bytes(model, steps));
    uint8_t *bits = malloc((size_t)trace->cells * channels);
    const bool made = trace->source && trace->start && trace->state && trace->around && trace->layers &&
                      trace->signal && bits && dlca_task_start(task, 0, DLCA_RANDOM_JUDGE_START, 0, 0, bits);
    if (made) {
        find_sources(trace);
        fill_start(trace, bits);
    }
    free(bits);
    if (!made) {
        dlca_trace_free(trace);
        return dlca_fail(error, DLCA_FAILED, "no memory to trace %d steps", steps);
    }
    return true;
}

/* ---- a step ---- */

int32_t dlca_trace_row(const DlcaTrace *trace, int32_t layer, int32_t gate) {
    if (layer < 0) {
        return gate;
    }
    return trace->inputs + (int32_t)(update_layer(trace->model, layer)->first - update_layer(trace->model, 0)->first) +
           gate;
}

static bool is_zero(const uint64_t *bits, size_t words) {
    uint64_t any = 0;
    for (size_t i = 0; i < words; i++) {
        any |= bits[i];
    }
    return any == 0;
}

static void look_around(const DlcaTrace *trace, const uint64_t *plane) {
    memset(trace->around, 0, DLCA_NEIGHBOURS * trace->words * sizeof *trace->around);
    for (int32_t n = 0; n < DLCA_NEIGHBOURS && !is_zero(plane, trace->words); n++) {
        uint64_t *around = trace->around + (size_t)n * trace->words;
        const int32_t *source = trace->source + (size_t)n * (size_t)trace->cells;
        for (int32_t cell = 0; cell < trace->cells; cell++) {
            const int32_t from = source[cell];
            around[cell / 64] |= from < 0 ? 0 : (plane[from / 64] >> (from % 64) & 1) << (cell % 64);
        }
    }
}

static void gate_words(int op, const uint64_t *a, const uint64_t *b, uint64_t *out, size_t words) {
    for (size_t i = 0; i < words; i++) {
        out[i] = dlca_op_word(op, a[i], b[i]);
    }
}

/* One kernel on one channel; returns the words of its last layer. */
static const uint64_t *perceive(const DlcaTrace *trace, const uint8_t *ops, int32_t kernel) {
    const DlcaModel *model = trace->model;
    const uint64_t *in = trace->around;
    uint64_t *out = trace->layers;
    for (int32_t l = 0; l < model->config.perceive_layers; l++) {
        const DlcaLayer *layer = &model->layer[l];
        const uint8_t *op = ops + layer->first + (int64_t)kernel * layer->gates;
        for (int32_t g = 0; g < layer->gates; g++) {
            gate_words(op[g], in + (size_t)layer->wires[g] * trace->words,
                       in + (size_t)layer->wires[layer->gates + g] * trace->words, out + (size_t)g * trace->words,
                       trace->words);
        }
        in = out;
        out += (size_t)layer->gates * trace->words;
    }
    return in;
}

/* The inputs of the update network at a step, from the state before it. */
static void fill_inputs(const DlcaTrace *trace, const uint8_t *ops, size_t at) {
    const DlcaConfig *config = &trace->model->config;
    const int32_t outputs = config->perceive[config->perceive_layers - 1];
    for (int32_t c = 0; c < config->channels; c++) {
        const uint64_t *plane = trace->state + (size_t)c * trace->words;
        memcpy(dlca_trace_signal(trace, c) + at, plane, trace->words * sizeof *plane);
        look_around(trace, plane);
        for (int32_t k = 0; k < config->kernels; k++) {
            const uint64_t *perceived = perceive(trace, ops, k);
            for (int32_t o = 0; o < outputs; o++) {
                const int32_t input = config->channels + (c * outputs + o) * config->kernels + k;
                memcpy(dlca_trace_signal(trace, input) + at, perceived + (size_t)o * trace->words,
                       trace->words * sizeof *perceived);
            }
        }
    }
}

static void run_update(const DlcaTrace *trace, const uint8_t *ops, size_t at) {
    const DlcaModel *model = trace->model;
    for (int32_t l = 0; l < model->config.update_layers; l++) {
        const DlcaLayer *layer = update_layer(model, l);
        for (int32_t g = 0; g < layer->gates; g++) {
            const uint64_t *a = dlca_trace_signal(trace, dlca_trace_row(trace, l - 1, layer->wires[g]));
            const uint64_t *b = dlca_trace_signal(trace, dlca_trace_row(trace, l - 1, layer->wires[layer->gates + g]));
            gate_words(ops[layer->first + g], a + at, b + at,
                       dlca_trace_signal(trace, dlca_trace_row(trace, l, g)) + at, trace->words);
        }
    }
}

/* No cell, no bit: what a NOT makes of the words' ends is cleared in the new state. */
static void take_state(const DlcaTrace *trace, size_t at) {
    const DlcaConfig *config = &trace->model->config;
    const uint64_t last = trace->cells % 64 ? ((uint64_t)1 << (trace->cells % 64)) - 1 : UINT64_MAX;
    for (int32_t c = 0; c < config->channels; c++) {
        uint64_t *plane = trace->state + (size_t)c * trace->words;
        memcpy(plane, dlca_trace_signal(trace, dlca_trace_row(trace, config->update_layers - 1, c)) + at,
               trace->words * sizeof *plane);
        plane[trace->words - 1] &= last;
    }
}

void dlca_trace_run(DlcaTrace *trace, const uint8_t *ops) {
    memcpy(trace->state, trace->start, (size_t)trace->model->config.channels * trace->words * sizeof *trace->state);
    for (int32_t step = 0; step < trace->steps; step++) {
        const size_t at = (size_t)step * trace->words;
        fill_inputs(trace, ops, at);
        run_update(trace, ops, at);
        take_state(trace, at);
    }
}
