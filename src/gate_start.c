/* gate_start.c - what the gates compute before the first update.
 *
 * The published start hands input A on everywhere. All kernels of perception share their wiring, so all of them then
 * hand on the same neighbour: whatever a cell learns of its surroundings comes from one side, until gradients have
 * found other operations. With `spread` each perception output starts with a neighbour of its own. And where there is
 * one start only, a few gates that begin with another operation keep the states of different cells different.
 * Leaves alone: which wires there are (model.c), how a logit is held (parametrization.c). */
#include "gate_paths.h"
#include "parametrization.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_OUTPUTS = 64, DRAWS = 64 };

/* Which of the two inputs each gate of a kernel hands on, 0: a, 1: b. */
typedef struct Choices {
    uint8_t b[DLCA_MAX_LAYERS][MOST_OUTPUTS];
    int32_t joins; /* the first outputs that are the XOR of what both inputs of their last gate hand on */
} Choices;

/* Of measure_reach. */
typedef struct Walk {
    int32_t *step;  /* [cell] of arrival, counted from 1; 0: not yet */
    int32_t *queue; /* [cell] in order of arrival */
    int32_t cells;  /* that it came to */
} Walk;

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

/* How soon something that begins in the middle of the grid and moves by one of these neighbours in each step is where:
 * over all cells, the steps that are left after it came. `set`: bit n is neighbour n. */
static int64_t measure_reach(const DlcaConfig *config, unsigned set, Walk *walk) {
    const int32_t height = config->height, width = config->width, cells = height * width;
    int32_t found = 1;
    int64_t reach = 0;
    memset(walk->step, 0, (size_t)cells * sizeof *walk->step);
    walk->queue[0] = height / 2 * width + width / 2;
    walk->step[walk->queue[0]] = 1;
    for (int32_t next = 0; next < found; next++) {
        const int32_t from = walk->queue[next], step = walk->step[from];
        reach += config->steps + 1 - step;
        for (int32_t n = 0; n < DLCA_NEIGHBOURS && step <= config->steps; n++) {
            int32_t y = from / width - (n / 3 - 1), x = from % width - (n % 3 - 1);
            if (config->periodic) {
                y = (y + height) % height;
                x = (x + width) % width;
            }
            const bool inside = y >= 0 && y < height && x >= 0 && x < width;
            if ((set >> n & 1) && inside && walk->step[y * width + x] == 0) {
                walk->step[y * width + x] = step + 1;
                walk->queue[found++] = y * width + x;
            }
        }
    }
    walk->cells = found;
    return reach;
}

/* Of the sets of so many neighbours that which reaches most cells soonest; equals drawn. *cells: how many it reaches.
 */
static unsigned best_set(const DlcaConfig *config, int32_t size, DlcaRandom *random, Walk *walk, int32_t *cells) {
    int64_t best = -1;
    uint32_t equals = 0;
    unsigned chosen = 0;
    for (unsigned set = 0; set < 1u << DLCA_NEIGHBOURS; set++) {
        if ((set >> DLCA_CENTRE & 1) || __builtin_popcount(set) != size) {
            continue;
        }
        const int64_t reach = measure_reach(config, set, walk);
        equals = reach > best ? 0 : equals;
        if (reach > best || (reach == best && dlca_random_below(random, ++equals + 1) == 0)) {
            best = reach;
            chosen = set;
            *cells = walk->cells;
        }
    }
    return chosen;
}

/* How many outputs should be which neighbour: each of the eight equally often, and of what is left those that together
 * reach most cells soonest. With four outputs that is two corners of one side, one of the other, and an edge: four
 * corners would only ever reach every second cell, as on a board that bishops move on (lizard, soft loss of seeds 1 and
 * 3 after 800 and 600 epochs: corners 25 and 37, this 15 and 14; edges are slower than either).
 *
 * With `join` there are more neighbours than outputs where it takes them to reach every cell; returns how many more,
 * -1: no memory. What never hears of the start cannot be told from others: of the lizard's 400 cells four neighbours
 * reach 362 in 12 steps, five reach all. */
static int32_t choose_neighbours(const DlcaConfig *config, int32_t outputs, bool join, DlcaRandom *random,
                                 int32_t wanted[DLCA_NEIGHBOURS]) {
    enum { OTHERS = DLCA_NEIGHBOURS - 1 };
    const size_t cells = (size_t)config->height * (size_t)config->width;
    Walk walk = {.step = malloc(cells * sizeof *walk.step), .queue = malloc(cells * sizeof *walk.queue)};
    int32_t joins = -1;
    if (walk.step && walk.queue) {
        int32_t most = 0, found = 0;
        unsigned chosen = best_set(config, outputs % OTHERS, random, &walk, &found);
        joins = 0;
        if (join && outputs < OTHERS) {
            best_set(config, OTHERS, random, &walk, &most);
            while (found < most && joins < outputs) {
                chosen = best_set(config, outputs + ++joins, random, &walk, &found);
            }
        }
        for (int32_t n = 0; n < DLCA_NEIGHBOURS; n++) {
            wanted[n] = n == DLCA_CENTRE ? 0 : outputs / OTHERS + (int32_t)(chosen >> n & 1);
        }
    }
    free(walk.step);
    free(walk.queue);
    return joins;
}

int32_t dlca_start_joins(const DlcaConfig *config) {
    DlcaRandom random = dlca_random_stream(0, DLCA_RANDOM_GATE_START, 0, 0);
    int32_t wanted[DLCA_NEIGHBOURS];
    return choose_neighbours(config, config->kernels * config->perceive[config->perceive_layers - 1], true, &random,
                             wanted);
}

/* Outputs of a kernel that are not what is still wanted; `wanted` [9] counts down. */
static int32_t count_unwanted(const DlcaModel *model, const Choices *choices, int32_t wanted[DLCA_NEIGHBOURS]) {
    const int32_t last = model->config.perceive_layers - 1;
    int32_t unwanted = 0;
    Choices other = *choices;
    for (int32_t output = 0; output < model->config.perceive[last]; output++) {
        unwanted += wanted[neighbour_of(model, choices, output)]-- <= 0;
        other.b[last][output] ^= 1;
        if (output < choices->joins) {
            unwanted += wanted[neighbour_of(model, &other, output)]-- <= 0;
        }
    }
    return unwanted;
}

/* The best of some draws. */
static Choices choose(const DlcaModel *model, int32_t joins, int32_t wanted[DLCA_NEIGHBOURS], DlcaRandom *random) {
    Choices best = {0}, drawn;
    int32_t least = INT32_MAX, now[DLCA_NEIGHBOURS];
    for (int draw = 0; draw < DRAWS; draw++) {
        draw_choices(model, random, &drawn);
        drawn.joins = joins;
        memcpy(now, wanted, sizeof now);
        const int32_t unwanted = count_unwanted(model, &drawn, now);
        if (unwanted < least) {
            least = unwanted;
            best = drawn;
        }
    }
    count_unwanted(model, &best, wanted);
    return best;
}

static DlcaOp start_of(const DlcaModel *model, const Choices *choices, int32_t layer, int32_t gate) {
    if (layer == model->config.perceive_layers - 1 && gate < choices->joins) {
        return DLCA_OP_XOR;
    }
    return choices->b[layer][gate] ? DLCA_OP_B : DLCA_OP_A;
}

static bool start_perception(DlcaModel *model, float pass, bool join, DlcaRandom *random) {
    const DlcaConfig *config = &model->config;
    const DlcaParametrization *parametrization = dlca_parametrization(config->gates);
    const int32_t each = config->perceive[config->perceive_layers - 1];
    int32_t wanted[DLCA_NEIGHBOURS];
    int32_t joins = choose_neighbours(config, config->kernels * each, join, random, wanted);
    if (joins < 0) {
        return false;
    }
    for (int32_t kernel = 0; kernel < model->config.kernels; kernel++) {
        const Choices choices = choose(model, joins < each ? joins : each, wanted, random);
        joins -= choices.joins;
        for (int32_t l = 1; l < model->config.perceive_layers; l++) {
            const DlcaLayer *layer = &model->layer[l];
            for (int32_t gate = 0; gate < layer->gates; gate++) {
                parametrization->start(start_of(model, &choices, l, gate), pass,
                                       model->logits + (layer->first + kernel * layer->gates + gate) * DLCA_OPS);
            }
        }
    }
    return true;
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

/* The operations of the update gates: drawn, and where that is handing on, along `choice` [gates of the update network]
 * or input A where that is NULL. */
static void start_update(DlcaModel *model, const DlcaGateStart *start, const uint8_t *choice, DlcaRandom *random) {
    const DlcaParametrization *parametrization = dlca_parametrization(model->config.gates);
    const int64_t first = model->layer[model->config.perceive_layers].first;
    for (int64_t gate = first; gate < model->gates; gate++) {
        const DlcaOp drawn = draw_operation(start, random);
        const bool hands_on_b = drawn == DLCA_OP_A && choice && choice[gate - first];
        parametrization->start(hands_on_b ? DLCA_OP_B : drawn, start->pass, model->logits + gate * DLCA_OPS);
    }
}

static bool start_paths(DlcaModel *model, const DlcaGateStart *start, DlcaRandom *random) {
    uint8_t *choice = malloc((size_t)model->gates);
    const bool found = choice && dlca_gate_paths(model, random, choice);
    if (found) {
        start_update(model, start, choice, random);
    }
    free(choice);
    return found;
}

bool dlca_model_start(DlcaModel *model, const DlcaGateStart *start, uint64_t seed, uint32_t restart, DlcaError *error) {
    const DlcaParametrization *parametrization = dlca_parametrization(model->config.gates);
    DlcaRandom random = dlca_random_stream(seed, DLCA_RANDOM_GATE_START, restart, 0);
    const int64_t perception = model->layer[model->config.perceive_layers].first;
    for (int64_t gate = 0; gate < perception; gate++) {
        parametrization->start(DLCA_OP_A, start->pass, model->logits + gate * DLCA_OPS);
    }
    model->has_ops = false;
    if (!start->paths) {
        start_update(model, start, NULL, &random);
    }
    if ((start->paths && !start_paths(model, start, &random)) ||
        (start->spread && is_small(model) && !start_perception(model, start->pass, start->join, &random))) {
        return dlca_fail(error, DLCA_FAILED, "no memory to choose what gates start as");
    }
    return true;
}
