/* training_state.c - memory for a training's state. Leaves alone: what is in it. */
#include "training_state.h"

#include <stdlib.h>

void dlca_train_state_free(DlcaTrainState *state) {
    dlca_model_free(state->training);
    dlca_model_free(state->kept);
    free(state->first_moment);
    free(state->second_moment);
    *state = (DlcaTrainState){0};
}

bool dlca_train_state_create(DlcaTrainState *state, const DlcaConfig *config, DlcaError *error) {
    *state = (DlcaTrainState){.position = {.fewest_wrong = -1, .longest_hold = -1, .smallest = -1, .exact_epoch = -1}};
    state->training = dlca_model_create(config, error);
    state->kept = state->training ? dlca_model_create(config, error) : NULL;
    if (!state->kept) {
        dlca_train_state_free(state);
        return false;
    }
    const size_t logits = (size_t)state->kept->gates * DLCA_OPS;
    state->first_moment = calloc(logits, sizeof(float));
    state->second_moment = calloc(logits, sizeof(float));
    if (!state->first_moment || !state->second_moment) {
        dlca_train_state_free(state);
        return dlca_fail(error, DLCA_FAILED, "no memory for the state of a training of %zu logits", logits);
    }
    return true;
}
