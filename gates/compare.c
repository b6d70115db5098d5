/* compare.c - whether two circuits agree, by evaluating both: on every assignment where they are few, else on samples.
 *
 * Leaves alone: proof for many inputs. */
#include "optimize.h"

#include <stdlib.h>

/* SplitMix64 (Steele, Lea, Flood, 2014): word i of the sequence that starts at seed. */
static uint64_t sample_word(uint64_t seed, uint64_t i) {
    uint64_t z = seed + (i + 1) * 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* Input i over the assignments 64 w .. 64 w + 63, bit i of the assignment's number being input i. */
static uint64_t counting_word(int32_t i, int64_t w) {
    static const uint64_t within[6] = {0xaaaaaaaaaaaaaaaau, 0xccccccccccccccccu, 0xf0f0f0f0f0f0f0f0u,
                                       0xff00ff00ff00ff00u, 0xffff0000ffff0000u, 0xffffffff00000000u};
    return i < 6 ? within[i] : 0 - (uint64_t)(w >> (i - 6) & 1);
}

typedef struct Plan {
    int64_t words;
    bool all;      /* every assignment, counted through */
    uint64_t used; /* bits of a word that are assignments: fewer than 64 when there are fewer than 6 inputs */
} Plan;

static Plan plan_of(int32_t inputs, int64_t words) {
    Plan plan = {words, false, ~(uint64_t)0};
    if (inputs <= 16 || (inputs < 62 && (int64_t)1 << (inputs - 6) <= words)) {
        plan.all = true;
        plan.words = inputs < 6 ? 1 : (int64_t)1 << (inputs - 6);
        plan.used = inputs < 6 ? ((uint64_t)1 << (1 << inputs)) - 1 : plan.used;
    }
    return plan;
}

static bool same_outputs(const DlcaCircuit *left, const DlcaCircuit *right, const uint64_t *left_values,
                         const uint64_t *right_values, uint64_t used, DlcaError *error) {
    for (int32_t i = 0; i < left->outputs; i++) {
        if ((left_values[left->output[i]] ^ right_values[right->output[i]]) & used) {
            return dlca_fail(error, DLCA_BAD_INPUT, "the circuits differ in output %d", i);
        }
    }
    return true;
}

static bool compare(const DlcaCircuit *left, const DlcaCircuit *right, Plan plan, uint64_t seed, uint64_t *left_values,
                    uint64_t *right_values, DlcaError *error) {
    for (int64_t w = 0; w < plan.words; w++) {
        for (int32_t i = 0; i < left->inputs; i++) {
            const uint64_t index = (uint64_t)w * (uint64_t)left->inputs + (uint64_t)i;
            left_values[i] = right_values[i] = plan.all ? counting_word(i, w) : sample_word(seed, index);
        }
        dlca_circuit_evaluate(left, left_values);
        dlca_circuit_evaluate(right, right_values);
        if (!same_outputs(left, right, left_values, right_values, plan.used, error)) {
            return false;
        }
    }
    return true;
}

bool dlca_circuit_same_on_samples(const DlcaCircuit *left, const DlcaCircuit *right, int64_t words, uint64_t seed,
                                  DlcaError *error) {
    if (left->inputs != right->inputs || left->outputs != right->outputs) {
        return dlca_fail(error, DLCA_BAD_INPUT, "the circuits have %d and %d inputs, %d and %d outputs", left->inputs,
                         right->inputs, left->outputs, right->outputs);
    }
    const size_t left_nodes = (size_t)left->inputs + (size_t)left->gates;
    const size_t right_nodes = (size_t)right->inputs + (size_t)right->gates;
    uint64_t *values = malloc((left_nodes + right_nodes + 1) * sizeof *values);
    if (!values) {
        return dlca_fail(error, DLCA_FAILED, "no memory to compare circuits of %zu nodes", left_nodes + right_nodes);
    }
    const Plan plan = plan_of(left->inputs, words);
    const bool same = compare(left, right, plan, seed, values, values + left_nodes, error);
    free(values);
    return same;
}
