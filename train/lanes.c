/* lanes.c - builds the circuit that follows 64 edits at once, runs it, counts wrong cells lane by lane. */
#include "lanes.h"

#include <stdlib.h>
#include <string.h>

typedef struct PlacedEdit {
    uint8_t op;
    uint8_t lane;
    int32_t next; /* another edit of the same gate, -1: none */
} PlacedEdit;

struct DlcaLaneJudge {
    const DlcaModel *model;
    const DlcaStarts *starts;
    DlcaHardGrid *grid;
    int32_t channels;       /* C + DLCA_LANES */
    uint64_t *start;        /* [channels][cell] */
    uint64_t *planes;       /* [channels][cell] */
    int32_t *node;          /* [C][gates of perception], then [gates of update]: node of each instance, -1: not yet */
    int32_t perceive_gates; /* K * sum(perceive) */
    int32_t *first_edit;    /* [gates] -1: none */
    PlacedEdit placed[DLCA_LANES * DLCA_LANE_EDITS];
    const uint8_t *ops;
    DlcaCircuit circuit;
    int32_t room; /* gates that the circuit has memory for */
};

static size_t cells_of(const DlcaLaneJudge *judge) {
    return (size_t)judge->model->config.height * (size_t)judge->model->config.width;
}

/* ---- memory ---- */

void dlca_lane_judge_free(DlcaLaneJudge *judge) {
    if (!judge) {
        return;
    }
    dlca_hard_free(judge->grid);
    dlca_circuit_free(&judge->circuit);
    free(judge->start);
    free(judge->planes);
    free(judge->node);
    free(judge->first_edit);
    free(judge);
}

/* The start in every lane, and the masks. */
static void fill_start(DlcaLaneJudge *judge) {
    const size_t cells = cells_of(judge), bits = cells * (size_t)judge->model->config.channels;
    for (size_t i = 0; i < bits; i++) {
        judge->start[i] = judge->starts->planes[i] & 1 ? UINT64_MAX : 0;
    }
    for (size_t i = 0; i < cells * DLCA_LANES; i++) {
        judge->start[bits + i] = (uint64_t)1 << (i / cells);
    }
}

static int64_t instances_of(const DlcaLaneJudge *judge) {
    const DlcaModel *model = judge->model;
    return (int64_t)judge->perceive_gates * model->config.channels + model->gates - judge->perceive_gates;
}

static bool allocate(DlcaLaneJudge *judge, DlcaError *error) {
    const DlcaConfig *config = &judge->model->config;
    const size_t words = cells_of(judge) * (size_t)judge->channels, gates = (size_t)judge->model->gates;
    /* every instance once, and three gates more for each instance of an edited gate */
    judge->room = (int32_t)(instances_of(judge) + 3 * DLCA_LANES * DLCA_LANE_EDITS * (int64_t)config->channels);
    judge->start = malloc(words * sizeof *judge->start);
    judge->planes = malloc(words * sizeof *judge->planes);
    judge->node = malloc((size_t)instances_of(judge) * sizeof *judge->node);
    judge->first_edit = malloc(gates * sizeof *judge->first_edit);
    if (!judge->start || !judge->planes || !judge->node || !judge->first_edit) {
        return dlca_fail(error, DLCA_FAILED, "no memory to judge edits of %zu gates", gates);
    }
    memset(judge->first_edit, 0xff, gates * sizeof *judge->first_edit);
    judge->grid = dlca_hard_create(config->height, config->width, judge->channels, config->periodic, error);
    return judge->grid &&
           dlca_circuit_create(&judge->circuit, DLCA_NEIGHBOURS * judge->channels, judge->channels, judge->room, error);
}

DlcaLaneJudge *dlca_lane_judge_create(const DlcaModel *model, const DlcaStarts *starts, DlcaError *error) {
    DlcaLaneJudge *judge = calloc(1, sizeof *judge);
    if (!judge) {
        dlca_fail(error, DLCA_FAILED, "no memory to judge edits");
        return NULL;
    }
    judge->model = model;
    judge->starts = starts;
    judge->channels = model->config.channels + DLCA_LANES;
    judge->perceive_gates = (int32_t)model->layer[model->config.perceive_layers].first;
    if (!allocate(judge, error)) {
        dlca_lane_judge_free(judge);
        return NULL;
    }
    fill_start(judge);
    return judge;
}

/* ---- the circuit: from the outputs backwards, only what matters ---- */

static int32_t emit(DlcaLaneJudge *judge, int op, int32_t a, int32_t b) {
    DlcaCircuit *circuit = &judge->circuit;
    circuit->gate[circuit->gates] = (DlcaGate){a, b, (uint8_t)op};
    return circuit->inputs + circuit->gates++;
}

static int32_t input_node(const DlcaLaneJudge *judge, int32_t neighbour, int32_t channel) {
    return neighbour * judge->channels + channel;
}

static bool reads_a(int op) {
    return op != dlca_op_invert_a(op);
}

static bool reads_b(int op) {
    return op != dlca_op_invert_b(op);
}

/* The gate with operation `op`; a and b are only valid where it reads them. */
static int32_t emit_operation(DlcaLaneJudge *judge, int op, int32_t a, int32_t b) {
    if (op == DLCA_OP_A) {
        return a;
    }
    if (op == DLCA_OP_B) {
        return b;
    }
    return emit(judge, op, reads_a(op) ? a : 0, reads_b(op) ? b : 0);
}

/* The operation with its edits mixed in, lane by lane. */
static int32_t emit_edited(DlcaLaneJudge *judge, int op, int32_t first_edit, int32_t a, int32_t b) {
    int32_t value = emit_operation(judge, op, a, b);
    for (int32_t e = first_edit; e >= 0; e = judge->placed[e].next) {
        const int32_t mask = input_node(judge, DLCA_CENTRE, judge->model->config.channels + judge->placed[e].lane);
        const int32_t difference = emit_operation(judge, op ^ judge->placed[e].op, a, b);
        value = emit(judge, DLCA_OP_XOR, value, emit(judge, DLCA_OP_AND, mask, difference));
    }
    return value;
}

static int32_t node_of(DlcaLaneJudge *judge, int32_t l, int32_t channel, int32_t kernel, int32_t gate);

/* The node on wire `wire` into layer l. */
static int32_t source_of(DlcaLaneJudge *judge, int32_t l, int32_t channel, int32_t kernel, int32_t wire) {
    const DlcaConfig *config = &judge->model->config;
    if (l == 0) {
        return input_node(judge, wire, channel);
    }
    if (l != config->perceive_layers) {
        return node_of(judge, l - 1, channel, kernel, wire);
    }
    if (wire < config->channels) {
        return input_node(judge, DLCA_CENTRE, wire);
    }
    const int32_t outputs = config->perceive[config->perceive_layers - 1], at = wire - config->channels;
    return node_of(judge, l - 1, at / config->kernels / outputs, at % config->kernels, at / config->kernels % outputs);
}

static int32_t node_of(DlcaLaneJudge *judge, int32_t l, int32_t channel, int32_t kernel, int32_t gate) {
    const DlcaLayer *layer = &judge->model->layer[l];
    const int32_t index = (int32_t)layer->first + (layer->perceive ? kernel * layer->gates : 0) + gate;
    const int32_t C = judge->model->config.channels;
    int32_t *node = layer->perceive ? &judge->node[channel * judge->perceive_gates + index]
                                    : &judge->node[C * judge->perceive_gates + index - judge->perceive_gates];
    if (*node >= 0) {
        return *node;
    }
    const int op = judge->ops[index];
    const int32_t edit = judge->first_edit[index];
    const int32_t a = edit >= 0 || reads_a(op) ? source_of(judge, l, channel, kernel, layer->wires[gate]) : 0;
    const int32_t b =
        edit >= 0 || reads_b(op) ? source_of(judge, l, channel, kernel, layer->wires[layer->gates + gate]) : 0;
    *node = emit_edited(judge, op, edit, a, b);
    return *node;
}

static void build_circuit(DlcaLaneJudge *judge) {
    const DlcaModel *model = judge->model;
    memset(judge->node, 0xff, (size_t)instances_of(judge) * sizeof *judge->node);
    judge->circuit.gates = 0;
    for (int32_t c = 0; c < judge->channels; c++) {
        judge->circuit.output[c] =
            c < model->config.channels ? node_of(judge, model->layers - 1, 0, 0, c) : input_node(judge, DLCA_CENTRE, c);
    }
}

/* ---- running ---- */

static void place_edits(DlcaLaneJudge *judge, const DlcaProposal *proposals, int32_t lanes) {
    int32_t count = 0;
    for (int32_t lane = 0; lane < lanes; lane++) {
        for (int32_t i = 0; i < proposals[lane].edits; i++) {
            const DlcaEdit edit = proposals[lane].edit[i];
            judge->placed[count] = (PlacedEdit){edit.op, (uint8_t)lane, judge->first_edit[edit.gate]};
            judge->first_edit[edit.gate] = count++;
        }
    }
}

static void clear_edits(DlcaLaneJudge *judge, const DlcaProposal *proposals, int32_t lanes) {
    for (int32_t lane = 0; lane < lanes; lane++) {
        for (int32_t i = 0; i < proposals[lane].edits; i++) {
            judge->first_edit[proposals[lane].edit[i].gate] = -1;
        }
    }
}

/* Counts in bit planes: plane p of `count` holds digit p of every lane's number. */
static void count_wrong(DlcaLaneJudge *judge, int32_t lanes, int64_t wrong[DLCA_LANES]) {
    const size_t cells = cells_of(judge);
    const size_t scored = (size_t)judge->model->config.scored_channels;
    uint64_t count[32] = {0};
    for (size_t cell = 0; cell < cells; cell++) {
        uint64_t carry = 0;
        for (size_t s = 0; s < scored; s++) {
            carry |= judge->planes[s * cells + cell] ^ judge->starts->target[s * cells + cell];
        }
        for (int digit = 0; carry && digit < 32; digit++) {
            const uint64_t both = count[digit] & carry;
            count[digit] ^= carry;
            carry = both;
        }
    }
    for (int32_t lane = 0; lane < lanes; lane++) {
        wrong[lane] = 0;
        for (int digit = 0; digit < 32; digit++) {
            wrong[lane] += (int64_t)(count[digit] >> lane & 1) << digit;
        }
    }
}

bool dlca_lane_judge_run(DlcaLaneJudge *judge, const uint8_t *ops, const DlcaProposal *proposals, int32_t lanes,
                         int32_t steps, int64_t wrong[DLCA_LANES], DlcaError *error) {
    judge->ops = ops;
    place_edits(judge, proposals, lanes);
    build_circuit(judge);
    clear_edits(judge, proposals, lanes);
    if (!dlca_hard_set_rule(judge->grid, &judge->circuit, error)) {
        return false;
    }
    dlca_hard_set_state(judge->grid, judge->start);
    for (int32_t step = 0; step < steps; step++) {
        dlca_hard_step(judge->grid, NULL);
    }
    dlca_hard_get_state(judge->grid, judge->planes);
    count_wrong(judge, lanes, wrong);
    return true;
}
