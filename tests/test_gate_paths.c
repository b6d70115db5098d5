/* test_gate_paths.c - every output of the update network hands another channel on, by gates of its own. */
#include "../src/gate_paths.h"
#include "../train/task.h"

#include <criterion/criterion.h>
#include <stdlib.h>

/* Follows each output back; counts those that end in a channel that no other ends in, and at a neighbour. */
static void follow(const DlcaModel *model, const uint8_t *choice, int32_t *distinct, int32_t *moving) {
    const DlcaConfig *config = &model->config;
    const int64_t first = model->layer[config->perceive_layers].first;
    const int32_t each = config->perceive[config->perceive_layers - 1] * config->kernels;
    uint8_t *passed = calloc((size_t)model->gates, 1), *found = calloc((size_t)config->channels, 1);
    *distinct = *moving = 0;
    for (int32_t output = 0; output < config->channels; output++) {
        int32_t row = output;
        bool alone = true;
        for (int32_t l = config->update_layers - 1; l >= 0; l--) {
            const DlcaLayer *layer = &model->layer[config->perceive_layers + l];
            alone = alone && !passed[layer->first + row]++;
            row = layer->wires[choice[layer->first + row - first] * layer->gates + row];
        }
        const int32_t channel = row < config->channels ? row : (row - config->channels) / each;
        *distinct += alone && !found[channel]++;
        *moving += row >= config->channels;
    }
    free(passed);
    free(found);
}

Test(gate_paths, hand_every_channel_on_from_a_neighbour) {
    static const char *const names[] = {"lizard", "colors"};
    for (int i = 0; i < 8; i++) {
        DlcaTask task;
        cr_assert(dlca_task_create(&task, names[i % 2], false, false, false, 1, NULL));
        DlcaModel *model = dlca_model_create(&task.config, NULL);
        dlca_model_wire(model, (uint64_t)i, 0);
        uint8_t *choice = malloc((size_t)model->gates);
        DlcaRandom random = dlca_random_stream((uint64_t)i, DLCA_RANDOM_GATE_START, 0, 0);
        cr_assert(dlca_gate_paths(model, &random, choice));
        int32_t distinct, moving;
        follow(model, choice, &distinct, &moving);
        cr_assert_eq(distinct, task.config.channels, "%s: %d of %d", names[i % 2], distinct, task.config.channels);
        cr_assert_geq(moving, task.config.channels * 9 / 10, "%s: %d move", names[i % 2], moving);
        free(choice);
        dlca_model_free(model);
        dlca_task_free(&task);
    }
}

/* With input A alone most channels are lost: what the paths are for. */
Test(gate_paths, input_a_alone_loses_channels) {
    DlcaTask task;
    cr_assert(dlca_task_create(&task, "lizard", false, false, false, 1, NULL));
    DlcaModel *model = dlca_model_create(&task.config, NULL);
    dlca_model_wire(model, 1, 0);
    uint8_t *choice = calloc((size_t)model->gates, 1);
    int32_t distinct, moving;
    follow(model, choice, &distinct, &moving);
    cr_assert_lt(distinct, task.config.channels * 9 / 10);
    free(choice);
    dlca_model_free(model);
    dlca_task_free(&task);
}
