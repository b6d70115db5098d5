/* test_live_cone.c - what the last step leaves out is what no scored channel comes from, in whole blocks; loss and
 * gradients are the same bytes with it and without; who asks for the states gets all of them. */
#include "../src/network.h"
#include "soft_case.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* A tail in which few gates lead to the one channel that is scored. */
static DlcaConfig base(void) {
    return (DlcaConfig){.task = "test",
                        .height = 5,
                        .width = 9,
                        .channels = 10,
                        .scored_channels = 1,
                        .kernels = 3,
                        .perceive_layers = 3,
                        .perceive = {8, 4, 2},
                        .update_layers = 5,
                        .update = {70, 50, 30, 18, 10},
                        .steps = 3,
                        .batch = 2,
                        .fire_rate = 0.6,
                        .wiring = DLCA_WIRING_UNIQUE};
}

/* Which gates a scored channel comes from, by the model's wires. */
static void mark_live(const DlcaModel *model, uint8_t *live) {
    const int32_t first = model->config.perceive_layers;
    memset(live, 0, (size_t)model->gates);
    for (int32_t c = 0; c < model->config.scored_channels; c++) {
        live[model->layer[model->layers - 1].first + c] = 1;
    }
    for (int32_t l = model->layers - 1; l > first; l--) {
        const DlcaLayer *layer = &model->layer[l];
        for (int32_t e = 0; e < 2 * layer->gates; e++) {
            if (live[layer->first + e % layer->gates]) {
                live[model->layer[l - 1].first + layer->wires[e]] = 1;
            }
        }
    }
}

/* Whether a layer's steps from a slot on are among those that are left. */
static bool is_left(const DlcaConeLayer *cone, int32_t slot) {
    for (int32_t r = 0; r < cone->run_count; r++) {
        if (slot >= cone->runs[r].first && slot < cone->runs[r].first + cone->runs[r].count) {
            return true;
        }
    }
    return false;
}

Test(live_cone, leaves_blocks_of_live_gates) {
    for (uint64_t seed = 1; seed <= 20; seed++) {
        DlcaConfig config = base();
        config.scored_channels = 1 + (int32_t)(seed % 3);
        SoftCase test = soft_case(&config, seed, 4.0f, false, false);
        DlcaNetwork network;
        DlcaError error;
        uint8_t *live = malloc((size_t)test.model->gates);
        cr_assert(live && dlca_network_create(&network, test.model, &error));
        mark_live(test.model, live);
        int32_t dropped = 0;
        for (int32_t l = 0; l < network.update_layers; l++) {
            const DlcaLayer *layer = &test.model->layer[config.perceive_layers + l];
            bool wanted[DLCA_MAX_LAYERS * 16] = {false}; /* by block */
            int32_t left = 0;
            for (int32_t g = 0; g < layer->gates; g++) {
                const int32_t at = network.slot[layer->first + g] - network.update[l].first;
                wanted[at / DLCA_BLOCK] = wanted[at / DLCA_BLOCK] || live[layer->first + g];
            }
            for (int32_t s = 0; s < layer->gates; s++) {
                cr_assert_eq(is_left(&network.cone[l], s), wanted[s / DLCA_BLOCK]);
                left += wanted[s / DLCA_BLOCK];
            }
            cr_assert_eq(network.cone[l].gates, left);
            dropped += layer->gates - left;
        }
        cr_assert_gt(dropped, 0);
        dlca_network_free(&network);
        free(live);
        soft_case_free(&test);
    }
}

typedef struct Outcome {
    double loss;
    float *gradient, *states;
    int64_t gates;
} Outcome;

static Outcome outcome_of(SoftCase *test, DlcaBackendOptions options) {
    DlcaError error = {0};
    const DlcaConfig *config = &test->model->config;
    const size_t values = (size_t)(config->batch * config->height * config->width * config->channels);
    Outcome outcome = {.gradient = malloc(soft_logits(test->model) * sizeof(float)),
                       .states = malloc(values * sizeof(float))};
    DlcaBackend *backend = dlca_backend_cpu.create(test->model, &options, &error);
    cr_assert(backend && outcome.gradient && outcome.states, "%s", error.message);
    outcome.loss = soft_gradient(backend, &test->batch, outcome.gradient);
    cr_assert(dlca_backend_cpu.forward(backend, &test->batch, outcome.states, NULL, &error));
    cr_assert(dlca_backend_cpu_gates(backend, &test->batch, &outcome.gates, &error));
    dlca_backend_cpu.destroy(backend);
    return outcome;
}

static void expect_same_bytes(const DlcaConfig *config, uint64_t seed, bool fixed_input) {
    SoftCase test = soft_case(config, seed, 4.0f, false, seed % 2);
    const size_t values = (size_t)(config->batch * config->height * config->width * config->channels);
    if (fixed_input) {
        memset(test.input, 0, values * sizeof(float));
        test.batch.fixed_input = true;
    }
    const Outcome all =
        outcome_of(&test, (DlcaBackendOptions){.threads = 1, .isa = DLCA_ISA_SCALAR, .computes_dead = true});
    for (int isa = 0; isa < DLCA_ISA_COUNT; isa++) {
        for (int32_t threads = 1; threads <= 3 && dlca_isa_usable((DlcaIsa)isa); threads += 2) {
            const DlcaBackendOptions options = {.threads = threads, .isa = (DlcaIsa)isa, .checkpoint_every = threads};
            const Outcome some = outcome_of(&test, options);
            cr_assert_eq(some.loss, all.loss);
            cr_assert_arr_eq(some.gradient, all.gradient, soft_logits(test.model) * sizeof(float), "%s, %d threads",
                             dlca_isa_name((DlcaIsa)isa), threads);
            cr_assert_arr_eq(some.states, all.states, values * sizeof(float));
            cr_assert_lt(some.gates, all.gates);
            free(some.gradient);
            free(some.states);
        }
    }
    free(all.gradient);
    free(all.states);
    soft_case_free(&test);
}

Test(live_cone, the_same_bytes_without_dead_gates) {
    for (uint64_t seed = 1; seed <= 6; seed++) {
        DlcaConfig config = base();
        config.periodic = seed % 3 == 0;
        config.scored_channels = 1 + (int32_t)(seed / 3);
        expect_same_bytes(&config, seed, false);
        expect_same_bytes(&config, seed, true);
        config.asynchronous = true;
        expect_same_bytes(&config, seed, false);
    }
}
