/* test_simulation.c - one hard rollout as `dlca simulate` runs it: bits in and out, steps, firing, damage, limits. */
#include "../src/simulation.h"

#include <criterion/criterion.h>
#include <string.h>

enum { HEIGHT = 5, WIDTH = 7, CHANNELS = 2, CELLS = HEIGHT * WIDTH, BITS = CELLS * CHANNELS };

/* Channel 0 takes channel 0 of the left neighbour, channel 1 its own inverse. */
static DlcaCircuit shift_rule(void) {
    const int32_t left = 3 * CHANNELS, own = DLCA_CENTRE * CHANNELS + 1;
    DlcaCircuit rule = {0};
    cr_assert(dlca_circuit_create(&rule, DLCA_NEIGHBOURS * CHANNELS, CHANNELS, 1, NULL));
    rule.gate[0] = (DlcaGate){own, own, DLCA_OP_NOT_A};
    rule.output[0] = left;
    rule.output[1] = rule.inputs;
    return rule;
}

static DlcaSimulationSetup setup_of(bool periodic) {
    return (DlcaSimulationSetup){
        .height = HEIGHT, .width = WIDTH, .channels = CHANNELS, .periodic = periodic, .fire_rate = 0.6, .seed = 5};
}

static void count_steps(bool periodic) {
    DlcaCircuit rule = shift_rule();
    DlcaSimulationSetup setup = setup_of(periodic);
    DlcaSimulation simulation;
    DlcaError error = {0};
    uint8_t bits[BITS], seen[BITS];
    cr_assert(dlca_simulation_create(&simulation, &setup, &rule, &error), "%s", error.message);
    for (int i = 0; i < BITS; i++) {
        bits[i] = (uint8_t)((i * 7 + i / 3) & 1);
    }
    dlca_simulation_set(&simulation, bits);
    dlca_simulation_get(&simulation, CHANNELS, seen);
    cr_assert_arr_eq(bits, seen, BITS);
    dlca_simulation_step(&simulation);
    dlca_simulation_get(&simulation, CHANNELS, seen);
    cr_assert_eq(simulation.step, 1);
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            int cell = y * WIDTH + x, left = y * WIDTH + (x + WIDTH - 1) % WIDTH;
            uint8_t expected = x > 0 || periodic ? bits[left * CHANNELS] : 0;
            cr_assert_eq(seen[cell * CHANNELS], expected, "cell %d,%d", x, y);
            cr_assert_eq(seen[cell * CHANNELS + 1], !bits[cell * CHANNELS + 1], "cell %d,%d", x, y);
        }
    }
    dlca_simulation_free(&simulation);
    dlca_simulation_free(&simulation);
    dlca_circuit_free(&rule);
}

Test(simulation, a_step) {
    count_steps(false);
    count_steps(true);
}

Test(simulation, only_some_cells_fire) {
    DlcaCircuit rule = shift_rule();
    DlcaSimulationSetup setup = setup_of(false);
    DlcaSimulation simulation;
    uint8_t seen[BITS], mask[CELLS];
    setup.asynchronous = true;
    cr_assert(dlca_simulation_create(&simulation, &setup, &rule, NULL));
    dlca_simulation_step(&simulation);
    dlca_simulation_get(&simulation, CHANNELS, seen);
    dlca_fire_mask(setup.seed, DLCA_RANDOM_SIMULATE, 0, 0, setup.fire_rate, CELLS, mask);
    for (int cell = 0; cell < CELLS; cell++) {
        cr_assert_eq(seen[cell * CHANNELS + 1], mask[cell], "the inverse of 0, where the cell fires");
    }
    dlca_simulation_free(&simulation);
    dlca_circuit_free(&rule);
}

Test(simulation, damage_stays_in_its_rectangle) {
    DlcaCircuit rule = shift_rule();
    DlcaSimulationSetup setup = setup_of(false);
    DlcaSimulation simulation;
    uint8_t seen[BITS];
    int ones = 0;
    cr_assert(dlca_simulation_create(&simulation, &setup, &rule, NULL));
    dlca_simulation_damage(&simulation, 4, 2, 100, 2); /* wider than the grid */
    dlca_simulation_get(&simulation, CHANNELS, seen);
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            int sum = seen[(y * WIDTH + x) * CHANNELS] + seen[(y * WIDTH + x) * CHANNELS + 1];
            bool inside = x >= 4 && y >= 2 && y < 4;
            cr_assert(inside || sum == 0, "cell %d,%d", x, y);
            ones += sum;
        }
    }
    cr_assert(ones > 0 && ones < 12);
    dlca_simulation_free(&simulation);
    dlca_circuit_free(&rule);
}

Test(simulation, too_large_a_grid_is_refused) {
    DlcaCircuit rule = shift_rule();
    DlcaSimulationSetup setup = setup_of(false);
    DlcaSimulation simulation;
    DlcaError error = {0};
    setup.width = DLCA_MAX_SIDE;
    setup.height = DLCA_MAX_SIDE;
    cr_assert(!dlca_simulation_create(&simulation, &setup, &rule, &error));
    cr_assert_eq(error.kind, DLCA_BAD_INPUT);
    setup.width = 0;
    cr_assert(!dlca_simulation_create(&simulation, &setup, &rule, &error));
    cr_assert_eq(error.kind, DLCA_BAD_INPUT);
    dlca_circuit_free(&rule);
}
