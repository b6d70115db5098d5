/* small_model.c - builds the small model of the file tests. */
#include "small_model.h"

#include <stdlib.h>

/* Not an assertion of the test library: the fuzzing corpus is made from this model too. */
static void must(bool condition) {
    if (!condition) {
        abort();
    }
}

DlcaModel *small_model(void) {
    const DlcaConfig config = {.task = "small_task-1",
                               .height = 3,
                               .width = 2,
                               .channels = 2,
                               .scored_channels = 1,
                               .kernels = 2,
                               .perceive_layers = 2,
                               .perceive = {2, 1},
                               .update_layers = 2,
                               .update = {3, 2},
                               .steps = 7,
                               .batch = 4,
                               .periodic = true,
                               .asynchronous = true,
                               .fire_rate = 0.6,
                               .wiring = DLCA_WIRING_RANDOM,
                               .seed = UINT64_MAX};
    DlcaModel *model = dlca_model_create(&config, NULL);
    must(model != NULL);
    dlca_model_wire(model, 5, 0);
    for (int64_t i = 0; i < model->gates * DLCA_OPS; i++) {
        model->logits[i] = 0.37F * (float)(i - 50) + 1e-3F * (float)(i % 7);
    }
    for (int64_t gate = 0; gate < model->gates; gate++) {
        model->ops[gate] = (uint8_t)(5 * gate % DLCA_OPS);
    }
    model->has_ops = true;
    return model;
}

void small_extras(const DlcaModel *model, DlcaModelExtras *extras) {
    const size_t logits = (size_t)model->gates * DLCA_OPS;
    const size_t bits = (size_t)model->config.height * (size_t)model->config.width;
    *extras = (DlcaModelExtras){.updates = 1234567890123, .epoch = INT64_MAX, .restart = 3};
    extras->first_moment = calloc(logits, sizeof(float));
    extras->second_moment = calloc(logits, sizeof(float));
    extras->target = calloc(bits, (size_t)model->config.scored_channels);
    must(extras->first_moment && extras->second_moment && extras->target);
    for (size_t i = 0; i < logits; i++) {
        extras->first_moment[i] = -0.5F * (float)i;
        extras->second_moment[i] = 1e-9F * (float)i;
    }
    for (size_t i = 0; i < bits; i++) {
        extras->target[i] = i % 3 == 0;
    }
    must(dlca_model_extras_add_note(extras, "option.lr", "0.05", NULL));
    must(dlca_model_extras_add_note(extras, "quoted \"\\\n\xc3\xa9", "", NULL));
}
