/* picture_model.c - the rules by which a picture gets its model. Leaves alone: options, printing. */
#include "picture_model.h"

#include "picture_task.h"

#include <stdio.h>

enum { LEAST_WIDE = 128, MOST_WIDE = 4096, KERNELS = 4, NARROW_LAYERS = 4, WIDE_LAYERS = 8 };

static int32_t clamp(int32_t value, int32_t least, int32_t most) {
    return value < least ? least : value > most ? most : value;
}

/* The power of two at or above a number, within limits. */
static int32_t power_of_two(int64_t at_least, int32_t least, int32_t most) {
    int32_t power = least;
    while (power < at_least && power < most) {
        power *= 2;
    }
    return power;
}

/* Perception: the signal of a single cell spreads through one bit per kernel, as in the lizard; otherwise two. */
static void choose_perception(DlcaConfig *config, DlcaStart start) {
    static const int32_t layers[] = {8, 4, 2, 1};
    config->kernels = KERNELS;
    config->perceive_layers = start == DLCA_START_SEED ? 4 : 3;
    for (int32_t l = 0; l < config->perceive_layers; l++) {
        config->perceive[l] = layers[l];
    }
}

/* Layers of two gates for three bits of the picture (a power of two, 128 to 4096), four of 128 or eight of more, then
 * halves down to the channels. The first layer reads half of its inputs at least. */
static void choose_update(DlcaConfig *config, int32_t wide) {
    const int32_t inputs = config->channels * (1 + config->perceive[config->perceive_layers - 1] * config->kernels);
    wide = power_of_two((inputs + 3) / 4, wide, DLCA_MAX_LAYER_GATES);
    const int32_t repeat = wide > LEAST_WIDE ? WIDE_LAYERS : NARROW_LAYERS;
    for (int32_t l = 0; l < repeat; l++) {
        config->update[config->update_layers++] = wide;
    }
    for (int32_t gates = wide / 2; gates > config->channels; gates /= 2) {
        config->update[config->update_layers++] = gates;
    }
    config->update[config->update_layers++] = config->channels;
}

/* Where each cell starts alike, the border tells cells apart, and its word crosses the grid in side - 1 steps; that of
 * a single cell in the middle is given as many as the side. Where cells fire with 0.6 all takes 2.5 times as long. */
static int32_t choose_steps(int32_t side, const DlcaPictureWishes *wishes) {
    const int32_t steps = wishes->start == DLCA_START_SEED ? side : side - 1;
    return wishes->asynchronous ? (5 * steps + 1) / 2 : steps;
}

static bool check_wishes(int32_t scored, const DlcaPictureWishes *wishes, DlcaError *error) {
    if (wishes->channels > 0 && wishes->channels < scored) {
        return dlca_fail(error, DLCA_BAD_INPUT,
                         "--channels: %d is too few for the picture's colours, which take %d bits of each cell; "
                         "accepted: %d to %d, or fewer --colors",
                         (int)wishes->channels, scored, scored, (int)DLCA_MAX_CHANNELS);
    }
    if (wishes->periodic && wishes->start != DLCA_START_SEED) {
        return dlca_fail(error, DLCA_BAD_INPUT,
                         "--periodic: without a border cells cannot tell where they are when they start from %s; "
                         "accepted: together with --start seed",
                         dlca_start_name(wishes->start));
    }
    return true;
}

bool dlca_picture_model(DlcaConfig *config, int32_t height, int32_t width, int32_t scored,
                        const DlcaPictureWishes *wishes, DlcaError *error) {
    const int64_t bits = (int64_t)height * width * scored;
    const int32_t wide = wishes->small ? LEAST_WIDE : power_of_two((2 * bits + 2) / 3, LEAST_WIDE, MOST_WIDE);
    const bool seed = wishes->start == DLCA_START_SEED;
    if (!check_wishes(scored, wishes, error)) {
        return false;
    }
    *config = (DlcaConfig){
        .height = height,
        .width = width,
        .channels =
            wishes->channels > 0 ? (int32_t)wishes->channels : clamp(seed ? wide / 4 : wide / 8, 32, seed ? 256 : 128),
        .scored_channels = scored,
        .steps = wishes->steps > 0 ? (int32_t)wishes->steps : choose_steps(height > width ? height : width, wishes),
        .batch = 1,
        .periodic = wishes->periodic,
        .asynchronous = wishes->asynchronous,
        .fire_rate = wishes->asynchronous ? 0.6 : 1.0,
        .wiring = DLCA_WIRING_UNIQUE,
        .seed = wishes->seed,
    };
    snprintf(config->task, sizeof config->task, "%s", DLCA_PICTURE_TASK);
    choose_perception(config, wishes->start);
    choose_update(config, wide);
    return dlca_config_check(config, error);
}

double dlca_picture_gate_evaluations(const DlcaConfig *config) {
    double gates = 0;
    for (int32_t l = 0; l < config->perceive_layers; l++) {
        gates += (double)config->channels * config->kernels * config->perceive[l];
    }
    for (int32_t l = 0; l < config->update_layers; l++) {
        gates += config->update[l];
    }
    return gates * config->height * config->width * config->steps * config->batch;
}

double dlca_picture_state_bytes(const DlcaConfig *config) {
    return (double)sizeof(float) * config->height * config->width * config->channels * (config->steps + 1.0) *
           config->batch;
}
