/* proof_hold.c - the search for an invariant: bits that keep their values whatever the other bits do. */
#include "proof_prover.h"

#include <stdlib.h>
#include <string.h>

enum { FREE = -1, PHASES = 2, HOLD_CONFLICTS = 2000 };

typedef struct Invariant {
    int32_t period;
    int8_t *value[PHASES]; /* [C][cell] 0, 1 or FREE */
} Invariant;

static void invariant_free(Invariant *invariant) {
    for (int phase = 0; phase < PHASES; phase++) {
        free(invariant->value[phase]);
        invariant->value[phase] = NULL;
    }
}

static bool invariant_create(Invariant *invariant, int32_t bits, DlcaError *error) {
    *invariant = (Invariant){0};
    for (int phase = 0; phase < PHASES; phase++) {
        invariant->value[phase] = calloc((size_t)bits, 1);
        if (!invariant->value[phase]) {
            invariant_free(invariant);
            return dlca_fail(error, DLCA_FAILED, "no memory for an invariant of %d bits", bits);
        }
    }
    return true;
}

/* ---- one round ---- */

/* One step from states in which `from` is true: bits of `to` that it need not make so are taken out. */
static bool take_out(DlcaProver *prover, DlcaUnrolled *one, const int8_t *from, int8_t *to, bool *changed,
                     DlcaError *error) {
    DlcaGraphClauses clauses;
    dlca_unrolled_start(one);
    for (int32_t bit = 0; bit < prover->bits; bit++) {
        one->state[bit] = from[bit] == FREE ? one->state[bit] : from[bit];
    }
    dlca_unrolled_step(one);
    if (!dlca_graph_clauses_create(&clauses, &one->graph, error)) {
        return false;
    }
    for (int32_t bit = 0; bit < prover->bits; bit++) {
        if (to[bit] != FREE && one->state[bit] != to[bit] &&
            (dlca_prover_late(prover) ||
             dlca_prover_ask(prover, &clauses, one->state[bit] ^ to[bit], HOLD_CONFLICTS) != DLCA_SAT_IMPOSSIBLE)) {
            to[bit] = FREE;
            *changed = true;
        }
    }
    dlca_graph_clauses_free(&clauses);
    return true;
}

static bool has_target(const DlcaProver *prover, const int8_t *value) {
    for (int32_t bit = 0; bit < prover->question->scored_channels * prover->cells; bit++) {
        if (value[bit] != dlca_prover_target(prover, bit)) {
            return false;
        }
    }
    return true;
}

/* Takes bits out until a step keeps the rest; *found: the scored bits are among them. */
static bool shrink(DlcaProver *prover, DlcaUnrolled *one, Invariant *invariant, bool *found, DlcaError *error) {
    bool changed = true;
    *found = true;
    for (int32_t round = 1; changed && *found; round++) {
        changed = false;
        for (int32_t phase = 0; phase < invariant->period && *found; phase++) {
            int8_t *to = invariant->value[(phase + 1) % invariant->period];
            dlca_prover_show(prover, "hold", round, 0, one->graph.nodes, 0);
            if (!take_out(prover, one, invariant->value[phase], to, &changed, error)) {
                return false;
            }
            *found = has_target(prover, to);
        }
    }
    return true;
}

/* ---- candidates ---- */

/* What is constant in the unrolled state of this step. */
static void note_constants(const DlcaProver *prover, int8_t *value) {
    for (int32_t bit = 0; bit < prover->bits; bit++) {
        const DlcaLiteral literal = prover->unrolled.state[bit];
        const bool known = prover->unrolled.live[bit / prover->cells] && dlca_literal_value(literal) == 0;
        value[bit] = known ? (int8_t)literal : FREE;
    }
}

/* What is constant in the samples, which have run long enough to have settled. */
static void note_samples(const DlcaProver *prover, int8_t *to) {
    for (int32_t bit = 0; bit < prover->bits; bit++) {
        int value;
        const bool constant = dlca_proof_samples_constant(&prover->samples, bit, &value);
        to[bit] = constant && prover->unrolled.live[bit / prover->cells] ? (int8_t)value : FREE;
    }
}

static void note_found(DlcaProver *prover, const Invariant *invariant, int32_t from) {
    prover->proof->hold = DLCA_PROVEN;
    prover->proof->period = invariant->period;
    prover->proof->invariant_from = from;
    for (int32_t bit = 0; bit < prover->bits; bit++) {
        prover->proof->invariant_bits += invariant->value[0][bit] != FREE;
    }
}

static bool try_period(DlcaProver *prover, DlcaUnrolled *one, Invariant *invariant, int32_t period,
                       int8_t *const constants[PHASES], bool *found, DlcaError *error) {
    invariant->period = period;
    for (int32_t phase = 0; phase < period; phase++) {
        memcpy(invariant->value[phase], constants[phase], (size_t)prover->bits);
    }
    return shrink(prover, one, invariant, found, error);
}

/* From the trained step on, each step: is what is constant now kept? Until then the scored bits of every step are asked
 * about too, so that nothing lies between. constants[phase] is of the step before last and the last. */
static bool hold_of_rollout(DlcaProver *prover, DlcaUnrolled *one, Invariant *invariant, int8_t *constants[PHASES],
                            DlcaError *error) {
    const int32_t steps = prover->question->steps, further = DLCA_PROOF_FURTHER * steps;
    bool found = false;
    note_constants(prover, constants[0]);
    for (int32_t more = 0; more < further && !dlca_prover_late(prover); more++) {
        DlcaProven right;
        if (!try_period(prover, one, invariant, 1, constants, &found, error)) {
            return false;
        }
        if (!found && (!dlca_prover_step(prover, "hold", error) || !dlca_prover_check(prover, &right, error))) {
            return false;
        }
        if (!found && right != DLCA_PROVEN) {
            prover->proof->hold = right;
            return true;
        }
        if (!found) {
            note_constants(prover, constants[1]);
            if (!try_period(prover, one, invariant, 2, constants, &found, error)) {
                return false;
            }
            memcpy(constants[0], constants[1], (size_t)prover->bits);
        }
        if (found) {
            note_found(prover, invariant, steps + more);
            return true;
        }
    }
    return true;
}

static bool hold_of_samples(DlcaProver *prover, DlcaUnrolled *one, Invariant *invariant, DlcaError *error) {
    bool found = false;
    invariant->period = 1;
    note_samples(prover, invariant->value[0]);
    if (has_target(prover, invariant->value[0]) && !shrink(prover, one, invariant, &found, error)) {
        return false;
    }
    if (found) {
        note_found(prover, invariant, prover->samples.step);
    }
    return true;
}

bool dlca_prover_hold(DlcaProver *prover, DlcaError *error) {
    const DlcaProofQuestion *question = prover->question;
    Invariant invariant = {0}, constants = {0};
    DlcaUnrolled one = {0};
    bool done = true;
    if (question->asynchronous || prover->proof->exact == DLCA_PROVEN) {
        done = invariant_create(&invariant, prover->bits, error) && invariant_create(&constants, prover->bits, error) &&
               dlca_unrolled_create(&one, question->rule, question->height, question->width, question->scored_channels,
                                    question->periodic, 1, error) &&
               (question->asynchronous ? hold_of_samples(prover, &one, &invariant, error)
                                       : hold_of_rollout(prover, &one, &invariant, constants.value, error));
    }
    dlca_unrolled_free(&one);
    invariant_free(&constants);
    invariant_free(&invariant);
    return done;
}
