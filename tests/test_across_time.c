/* test_across_time.c - rules and what is left of them, run side by side on grids; and rules whose answer is known. */
#include "../gates/optimize.h"
#include "../src/across_time.h"
#include "random_model.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { HEIGHT = 5, WIDTH = 6, CELLS = HEIGHT * WIDTH, MOST_CHANNELS = 6, STEPS = 12 };

typedef struct Pair {
    DlcaHardGrid *given, *found;
    uint64_t planes[MOST_CHANNELS * CELLS], other[MOST_CHANNELS * CELLS];
} Pair;

static Pair pair_of(const DlcaCircuit *given, const DlcaCircuit *found, bool periodic) {
    Pair pair = {.given = NULL};
    DlcaError error = {0};
    pair.given = dlca_hard_create(HEIGHT, WIDTH, given->outputs, periodic, &error);
    pair.found = dlca_hard_create(HEIGHT, WIDTH, given->outputs, periodic, &error);
    cr_assert(pair.given && pair.found, "%s", error.message);
    cr_assert(dlca_hard_set_rule(pair.given, given, &error) && dlca_hard_set_rule(pair.found, found, &error));
    return pair;
}

static void free_pair(Pair *pair) {
    dlca_hard_free(pair->given);
    dlca_hard_free(pair->found);
}

/* Steps both and compares the scored channels after each step. */
static void run_and_compare(Pair *pair, int32_t scored, bool firing, TestRandom *random) {
    for (int step = 0; step < STEPS; step++) {
        uint64_t fire[CELLS];
        for (int cell = 0; cell < CELLS; cell++) {
            fire[cell] = test_random_word(random);
        }
        dlca_hard_step(pair->given, firing ? fire : NULL);
        dlca_hard_step(pair->found, firing ? fire : NULL);
        dlca_hard_get_state(pair->given, pair->planes);
        dlca_hard_get_state(pair->found, pair->other);
        cr_assert_eq(memcmp(pair->planes, pair->other, (size_t)scored * CELLS * sizeof(uint64_t)), 0, "step %d", step);
    }
}

/* Random rules with few reads, so that channels die, merge and become constant now and then. */
static DlcaCircuit random_rule(TestRandom *random, int32_t channels) {
    const RandomOps ops[] = {ANY_OPS, TRAINED_OPS, AND_XOR_OPS};
    DlcaCircuit rule = random_circuit(random, 9 * channels, channels, 4 + test_random_below(random, 20),
                                      ops[test_random_below(random, 3)]);
    for (int32_t c = 0; c < channels; c++) {
        if (test_random_below(random, 3) == 0) {
            rule.output[c] = rule.output[test_random_below(random, channels)]; /* equal outputs */
        } else if (test_random_below(random, 4) == 0) {
            rule.output[c] = test_random_below(random, rule.inputs); /* a shifted copy of a channel */
        }
    }
    return rule;
}

/* Starts in which some channels are constant or like earlier ones. */
static void random_start(TestRandom *random, int32_t channels, DlcaLiteral *start) {
    for (int32_t c = 0; c < channels; c++) {
        start[c] = 2 * (c + 1);
        if (test_random_below(random, 3) == 0) {
            start[c] =
                test_random_below(random, 2 * (c + 1)); /* a constant, or any earlier channel, plain or inverse */
        }
    }
}

static void fill_planes(TestRandom *random, int32_t channels, const DlcaLiteral *start, uint64_t *planes) {
    for (int32_t c = 0; c < channels; c++) {
        const int32_t r = start ? dlca_literal_value(start[c]) - 1 : c;
        const uint64_t flip = start && dlca_literal_inverted(start[c]) ? ~(uint64_t)0 : 0;
        for (int cell = 0; cell < CELLS; cell++) {
            uint64_t *to = &planes[c * CELLS + cell];
            *to = r == c ? test_random_word(random) : (r < 0 ? 0 : planes[r * CELLS + cell]) ^ flip;
        }
    }
}

Test(across_time, scored_channels_stay_as_they_were) {
    TestRandom random = test_random(61);
    DlcaError error = {0};
    int64_t dead = 0, constant = 0, merged = 0, before = 0, after = 0;
    for (int round = 0; round < 1500; round++) {
        const int32_t channels = 1 + test_random_below(&random, MOST_CHANNELS);
        DlcaCircuit rule = random_rule(&random, channels), found;
        DlcaLiteral start[MOST_CHANNELS];
        random_start(&random, channels, start);
        const DlcaRuleFacts facts = {.channels = channels,
                                     .scored_channels = 1 + test_random_below(&random, channels),
                                     .periodic = round % 2,
                                     .start = round % 3 ? start : NULL};
        DlcaRuleReport report;
        cr_assert(dlca_rule_across_time(&found, &rule, &facts, &report, &error), "%s", error.message);
        cr_assert(dlca_circuit_check(&found, &error), "%s", error.message);
        cr_assert_eq(report.steady_after, 0);
        Pair pair = pair_of(&rule, &found, facts.periodic);
        fill_planes(&random, channels, facts.start, pair.planes);
        dlca_hard_set_state(pair.given, pair.planes);
        dlca_hard_set_state(pair.found, pair.planes);
        run_and_compare(&pair, facts.scored_channels, round % 5 == 0, &random);
        dead += report.dead;
        constant += report.constant;
        merged += report.merged;
        before += dlca_circuit_live_gates(&rule);
        after += found.gates;
        free_pair(&pair);
        dlca_circuit_free(&found);
        dlca_circuit_free(&rule);
    }
    cr_assert(dead > 100 && constant > 20 && merged > 20, "%d dead, %d constant, %d merged", (int)dead, (int)constant,
              (int)merged);
    cr_assert_lt(after, before);
}

Test(across_time, the_steady_rule_goes_on_where_the_given_one_is) {
    TestRandom random = test_random(62);
    DlcaError error = {0};
    int32_t constant = 0, merged = 0, longest = 0;
    for (int round = 0; round < 1500; round++) {
        const int32_t channels = 1 + test_random_below(&random, MOST_CHANNELS);
        DlcaCircuit rule = random_rule(&random, channels), found;
        const DlcaRuleFacts facts = {.channels = channels,
                                     .scored_channels = 1 + test_random_below(&random, channels),
                                     .periodic = round % 2,
                                     .steady = true};
        DlcaRuleReport report;
        cr_assert(dlca_rule_across_time(&found, &rule, &facts, &report, &error), "%s", error.message);
        Pair pair = pair_of(&rule, &found, facts.periodic);
        fill_planes(&random, channels, NULL, pair.planes);
        dlca_hard_set_state(pair.given, pair.planes);
        for (int32_t step = 0; step < report.steady_after; step++) {
            dlca_hard_step(pair.given, NULL);
        }
        dlca_hard_get_state(pair.given, pair.planes);
        dlca_hard_set_state(pair.found, pair.planes);
        run_and_compare(&pair, facts.scored_channels, false, &random);
        constant += report.constant;
        merged += report.merged;
        longest = report.steady_after > longest ? report.steady_after : longest;
        free_pair(&pair);
        dlca_circuit_free(&found);
        dlca_circuit_free(&rule);
    }
    cr_assert(constant > 20 && merged > 20 && longest >= 3, "%d constant, %d merged, at most %d steps", constant,
              merged, longest);
}

/* ---- rules whose answer is known; input n * channels + c is channel c of neighbour n, 4 the cell itself ---- */

static DlcaCircuit followed(const DlcaCircuit *rule, DlcaRuleFacts facts, DlcaRuleReport *report) {
    DlcaCircuit found;
    DlcaError error = {0};
    cr_assert(dlca_rule_across_time(&found, rule, &facts, report, &error), "%s", error.message);
    return found;
}

/* Channel 0 = !own 0; channel 1 = own 1 ^ own 2, channel 2 = left 1: the last two feed each other but not channel 0. */
Test(across_time, channels_that_only_feed_each_other_are_dead) {
    DlcaGate gates[] = {{12, 12, DLCA_OP_NOT_A}, {13, 14, DLCA_OP_XOR}};
    int32_t outputs[] = {27, 28, 3 * 3 + 1};
    const DlcaCircuit rule = {27, 3, 2, gates, outputs};
    DlcaRuleReport report;
    DlcaCircuit found = followed(&rule, (DlcaRuleFacts){.channels = 3, .scored_channels = 1}, &report);
    cr_assert_eq(report.dead, 2);
    cr_assert_eq(found.gates, 1);
    cr_assert_eq(found.output[1], 13);
    cr_assert_eq(found.output[2], 14);
    dlca_circuit_free(&found);
    found = followed(&rule, (DlcaRuleFacts){.channels = 3, .scored_channels = 2}, &report);
    cr_assert_eq(report.dead, 0);
    cr_assert_eq(found.gates, 2);
    dlca_circuit_free(&found);
}

/* Channel 1 = own 1 & own 2, channel 2 = own 1 | own 2, channel 0 = own 1 ^ own 2: with 1 and 2 equal at the start they
 * stay what they were, and channel 0 becomes 0. */
Test(across_time, channels_that_start_equal_and_stay_so_are_one) {
    DlcaGate gates[] = {{13, 14, DLCA_OP_XOR}, {13, 14, DLCA_OP_AND}, {13, 14, DLCA_OP_OR}};
    int32_t outputs[] = {27, 28, 29};
    const DlcaCircuit rule = {27, 3, 3, gates, outputs};
    const DlcaLiteral start[] = {2, 4, 4}, nothing[] = {2, 4, 6};
    DlcaRuleReport report;
    DlcaCircuit found = followed(&rule, (DlcaRuleFacts){.channels = 3, .scored_channels = 1, .start = start}, &report);
    cr_assert_eq(report.merged, 1);
    cr_assert_eq(dlca_circuit_size(&found).gates, 0);
    cr_assert_eq(dlca_circuit_size(&found).constants, 1);
    dlca_circuit_free(&found);
    found = followed(&rule, (DlcaRuleFacts){.channels = 3, .scored_channels = 1, .start = nothing}, &report);
    cr_assert_eq(report.merged, 0);
    cr_assert_eq(dlca_circuit_size(&found).gates, 3);
    dlca_circuit_free(&found);
}

/* Channel 1 stays 1, channel 0 = own 0 & left 1. In a grid that does not wrap the left neighbour may lie outside, where
 * it reads 0: then the gate must stay. */
Test(across_time, outside_a_channel_of_ones_reads_zero) {
    DlcaGate gates[] = {{8, 3 * 2 + 1, DLCA_OP_AND}};
    int32_t outputs[] = {18, 9};
    const DlcaCircuit rule = {18, 2, 1, gates, outputs};
    const DlcaLiteral start[] = {2, DLCA_LITERAL_TRUE};
    for (int periodic = 0; periodic < 2; periodic++) {
        DlcaRuleReport report;
        DlcaCircuit found = followed(
            &rule, (DlcaRuleFacts){.channels = 2, .scored_channels = 1, .periodic = periodic, .start = start}, &report);
        cr_assert_eq(report.constant, 1);
        cr_assert_eq(found.gates, periodic ? 0 : 1);
        dlca_circuit_free(&found);
    }
}

/* Channel c of a chain takes over channel c + 1, the last becomes 0: after c steps there is nothing left to compute. */
Test(across_time, constants_move_on_step_by_step) {
    enum { CHANNELS = 4 };
    DlcaGate gates[] = {{0, 0, DLCA_OP_FALSE}};
    int32_t outputs[CHANNELS];
    for (int c = 0; c < CHANNELS; c++) {
        outputs[c] = c + 1 < CHANNELS ? 3 * CHANNELS + c + 1 : 9 * CHANNELS;
    }
    const DlcaCircuit rule = {9 * CHANNELS, CHANNELS, 1, gates, outputs};
    DlcaRuleReport report;
    DlcaCircuit found =
        followed(&rule, (DlcaRuleFacts){.channels = CHANNELS, .scored_channels = 1, .steady = true}, &report);
    cr_assert_eq(report.steady_after, CHANNELS);
    cr_assert_eq(report.constant, CHANNELS);
    cr_assert_eq(report.dead, CHANNELS - 1);
    cr_assert_eq(found.gates, 0);
    dlca_circuit_free(&found);
}

Test(across_time, bad_facts_are_refused) {
    DlcaGate gates[] = {{0, 0, DLCA_OP_FALSE}};
    int32_t outputs[] = {18, 18};
    const DlcaCircuit rule = {18, 2, 1, gates, outputs};
    DlcaCircuit found;
    DlcaRuleReport report;
    DlcaError error = {0};
    const DlcaLiteral later[] = {4, 4}, itself[] = {3, 4}, negative[] = {2, -1};
    const DlcaRuleFacts bad[] = {{.channels = 1, .scored_channels = 1},
                                 {.channels = 2, .scored_channels = 3},
                                 {.channels = 2, .scored_channels = -1},
                                 {.channels = 2, .scored_channels = 1, .start = later},
                                 {.channels = 2, .scored_channels = 1, .start = itself},
                                 {.channels = 2, .scored_channels = 1, .start = negative}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        error.kind = DLCA_NO_ERROR;
        cr_assert_not(dlca_rule_across_time(&found, &rule, &bad[i], &report, &error), "facts %d", (int)i);
        cr_assert_eq(error.kind, DLCA_BAD_INPUT);
        cr_assert_null(found.gate);
    }
}
