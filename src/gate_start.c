/* gate_start.c - what the gates compute before the first update.
 *
 * The published start hands input A on everywhere. All kernels of perception share their wiring, so all of them then
 * hand on the same neighbour: whatever a cell learns of its surroundings comes from one side, until gradients have
 * found other operations. With `spread` each perception output starts with a neighbour of its own. And where there is
 * one start only, a few gates that begin with another operation keep the states of different cells different.
 * Leaves alone: which wires there are (model.c), how a logit is held (parametrization.c). */
#include "parametrization.h"

#include <string.h>

enum { MOST_OUTPUTS = 64, DRAWS = 64 };

/* Which of the two inputs each gate of a kernel hands on, 0: a, 1: b. */
typedef struct Choices {
    uint8_t b[DLCA_MAX_LAYERS][MOST_OUTPUTS];
} Choices;

/* Layers too wide for that stay with input A. */
static bool is_small(const DlcaModel *model) {
    for (int32_t l = 0; l < model->config.perceive_layers; l++) {
        if (model->config.perceive[l] > MOST_OUTPUTS) {
            return false;
        }
    }
    return true;
}

/* The neighbour that an output of perception then is. */
static int32_t neighbour_of(const DlcaModel *model, const Choices *choices, int32_t output) {
    for (int32_t l = model->config.perceive_layers - 1; l >= 0; l--) {
        const DlcaLayer *layer = &model->layer[l];
        output = layer->wires[choices->b[l][output] * layer->gates + output];
    }
    return output;
}

/* The first layer keeps input a, the neighbour: its b is the cell itself. */
static void draw_choices(const DlcaModel *model, DlcaRandom *random, Choices *choices) {
    memset(choices, 0, sizeof *choices);
    for (int32_t l = 1; l < model->config.perceive_layers; l++) {
        for (int32_t gate = 0; gate < model->config.perceive[l]; gate++) {
            choices->b[l][gate] = (uint8_t)dlca_random_below(random, 2);
        }
    }
}

/* How little a kernel adds to what others see: how often its outputs' neighbours are taken already; among equals
 * corners are better than edges, since what comes from a corner moves both ways in a step (four kernels, lizard, soft
 * loss of two seeds after 800 epochs: corners 18 and 5, edges 45 and 28). `taken` [9] counts them in. */
static int32_t count_taken(const DlcaModel *model, const Choices *choices, int32_t taken[DLCA_NEIGHBOURS]) {
    int32_t cost = 0;
    for (int32_t output = 0; output < model->config.perceive[model->config.perceive_layers - 1]; output++) {
        const int32_t neighbour = neighbour_of(model, choices, output);
        cost += 2 * taken[neighbour]++ + neighbour % 2;
    }
    return cost;
}

/* The best of some draws. */
static Choices choose(const DlcaModel *model, int32_t taken[DLCA_NEIGHBOURS], DlcaRandom *random) {
    Choices best = {0}, drawn;
    int32_t least = INT32_MAX, now[DLCA_NEIGHBOURS];
    for (int draw = 0; draw < DRAWS; draw++) {
        draw_choices(model, random, &drawn);
        memcpy(now, taken, sizeof now);
        const int32_t cost = count_taken(model, &drawn, now);
        if (cost < least) {
            least = cost;
            best = drawn;
        }
    }
    count_taken(model, &best, taken);
    return best;
}

static void start_perception(DlcaModel *model, float pass, DlcaRandom *random) {
    const DlcaParametrization *parametrization = dlca_parametrization(model->config.gates);
    int32_t taken[DLCA_NEIGHBOURS] = {0};
    for (int32_t kernel = 0; kernel < model->config.kernels; kernel++) {
        const Choices choices = choose(model, taken, random);
        for (int32_t l = 1; l < model->config.perceive_layers; l++) {
            const DlcaLayer *layer = &model->layer[l];
            for (int32_t gate = 0; gate < layer->gates; gate++) {
                parametrization->start(choices.b[l][gate] ? DLCA_OP_B : DLCA_OP_A, pass,
                                       model->logits + (layer->first + kernel * layer->gates + gate) * DLCA_OPS);
            }
        }
    }
}

/* Draws the operation of an update gate. */
static DlcaOp draw_operation(const DlcaGateStart *start, DlcaRandom *random) {
    static const DlcaOp operations[] = {DLCA_OP_OR, DLCA_OP_AND, DLCA_OP_XOR, DLCA_OP_NOT_A};
    const float parts[] = {start->or_part, start->and_part, start->xor_part, start->not_part};
    double draw = dlca_random_unit(random);
    for (int i = 0; i < 4; i++) {
        if (draw < (double)parts[i]) {
            return operations[i];
        }
        draw -= (double)parts[i];
    }
    return DLCA_OP_A;
}

void dlca_model_start(DlcaModel *model, const DlcaGateStart *start, uint64_t seed, uint32_t restart) {
    const DlcaParametrization *parametrization = dlca_parametrization(model->config.gates);
    DlcaRandom random = dlca_random_stream(seed, DLCA_RANDOM_GATE_START, restart, 0);
    const int64_t perception = model->layer[model->config.perceive_layers].first;
    for (int64_t gate = 0; gate < model->gates; gate++) {
        const DlcaOp operation = gate < perception ? DLCA_OP_A : draw_operation(start, &random);
        parametrization->start(operation, start->pass, model->logits + gate * DLCA_OPS);
    }
    if (start->spread && is_small(model)) {
        start_perception(model, start->pass, &random);
    }
    model->has_ops = false;
}
