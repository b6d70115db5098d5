/* proof.c - the exact part of the proof, and what both parts use. */
#include "proof.h"

#include "now.h"
#include "proof_prover.h"

#include <stdlib.h>

/* A bit that samples show constant is asked about with so much effort; the last question has no such limit. */
enum { CONFLICTS = 2000, HOLD_FACTOR = 4 };

bool dlca_prover_late(const DlcaProver *prover) {
    return prover->deadline > 0.0 && dlca_now() > prover->deadline;
}

void dlca_prover_show(DlcaProver *prover, const char *doing, int32_t step, int32_t steps, int64_t nodes,
                      int64_t clauses) {
    const double now = dlca_now();
    if (!prover->question->progress || now - prover->shown < 0.1) {
        return;
    }
    prover->shown = now;
    const DlcaProofProgress progress = {
        doing, step, steps, nodes, prover->proof->questions, clauses, now - prover->started};
    prover->question->progress(prover->question->context, &progress);
}

DlcaSatAnswer dlca_prover_ask(DlcaProver *prover, DlcaGraphClauses *clauses, DlcaLiteral literal, int32_t conflicts) {
    prover->proof->questions++;
    dlca_sat_deadline(clauses->sat, prover->deadline);
    return dlca_graph_clauses_can_be_true(clauses, literal, conflicts);
}

/* ---- counterexamples ---- */

static bool need_counterexample(DlcaProver *prover, int32_t step, DlcaError *error) {
    free(prover->proof->counterexample);
    prover->proof->counterexample = calloc((size_t)prover->bits, 1);
    prover->proof->wrong_step = step;
    return prover->proof->counterexample ||
           dlca_fail(error, DLCA_FAILED, "no memory for a start of %d bits", prover->bits);
}

bool dlca_prover_refute_by_sample(DlcaProver *prover, int32_t number, int32_t step, DlcaError *error) {
    if (!need_counterexample(prover, step, error)) {
        return false;
    }
    dlca_proof_samples_get(&prover->samples, number, prover->proof->counterexample);
    return true;
}

/* The solver's assignment is a start: bit c of a cell is input c * cells + cell of the graph. */
static bool refute_by_assignment(DlcaProver *prover, int32_t step, DlcaError *error) {
    if (!need_counterexample(prover, step, error)) {
        return false;
    }
    const int32_t channels = prover->unrolled.channels;
    for (int32_t bit = 0; bit < prover->bits; bit++) {
        const int32_t cell = bit % prover->cells, channel = bit / prover->cells;
        prover->proof->counterexample[cell * channels + channel] =
            dlca_graph_clauses_value(&prover->clauses, dlca_literal_value(dlca_literal_input(bit)));
    }
    return true;
}

/* ---- one step ---- */

/* Bits that are constant in all samples and not yet in the graph: asked, and if so, constant from here on. */
static void fix_constants(DlcaProver *prover, const char *doing) {
    DlcaUnrolled *unrolled = &prover->unrolled;
    for (int32_t bit = 0; bit < prover->bits && !dlca_prover_late(prover); bit++) {
        const DlcaLiteral literal = unrolled->state[bit];
        int value;
        if (!unrolled->live[bit / prover->cells] || dlca_literal_value(literal) == 0 ||
            !dlca_proof_samples_constant(&prover->samples, bit, &value)) {
            continue;
        }
        const DlcaLiteral differs = literal ^ value;
        if (dlca_prover_ask(prover, &prover->clauses, differs, CONFLICTS) == DLCA_SAT_IMPOSSIBLE) {
            dlca_graph_clauses_state(&prover->clauses, differs ^ 1);
            unrolled->state[bit] = value ? DLCA_LITERAL_TRUE : DLCA_LITERAL_FALSE;
        }
        dlca_prover_show(prover, doing, prover->samples.step, prover->question->steps, unrolled->graph.nodes,
                         dlca_sat_clauses(prover->clauses.sat));
    }
}

bool dlca_prover_step(DlcaProver *prover, const char *doing, DlcaError *error) {
    (void)error;
    dlca_proof_samples_step(&prover->samples);
    dlca_unrolled_step(&prover->unrolled);
    fix_constants(prover, doing);
    return true;
}

bool dlca_prover_check(DlcaProver *prover, DlcaProven *answer, DlcaError *error) {
    const int32_t scored_bits = prover->question->scored_channels * prover->cells;
    *answer = DLCA_PROVEN;
    for (int32_t bit = 0; bit < scored_bits; bit++) {
        const DlcaLiteral differs = prover->unrolled.state[bit] ^ dlca_prover_target(prover, bit);
        const DlcaSatAnswer wrong =
            dlca_prover_late(prover) ? DLCA_SAT_UNDECIDED : dlca_prover_ask(prover, &prover->clauses, differs, 0);
        if (wrong == DLCA_SAT_POSSIBLE) {
            *answer = DLCA_REFUTED;
            return refute_by_assignment(prover, prover->samples.step, error);
        }
        if (wrong == DLCA_SAT_UNDECIDED) {
            *answer = DLCA_NOT_DECIDED;
        } else {
            prover->unrolled.state[bit] = dlca_prover_target(prover, bit) ? DLCA_LITERAL_TRUE : DLCA_LITERAL_FALSE;
        }
    }
    return true;
}

/* ---- the proof ---- */

/* Samples alone: wrong at the last step, or later. True when nothing was found. */
static bool samples_stay_right(DlcaProver *prover, bool *right, DlcaError *error) {
    const int32_t steps = prover->question->steps;
    *right = true;
    for (int32_t step = 1; step <= (1 + HOLD_FACTOR) * steps && *right; step++) {
        dlca_proof_samples_step(&prover->samples);
        const int32_t wrong = step < steps ? -1 : dlca_proof_samples_wrong(&prover->samples);
        if (wrong >= 0 && !prover->question->asynchronous) {
            *right = false;
            prover->proof->exact = step == steps ? DLCA_REFUTED : DLCA_NOT_DECIDED;
            prover->proof->hold = DLCA_REFUTED;
            if (!dlca_prover_refute_by_sample(prover, wrong, step, error)) {
                return false;
            }
        }
    }
    if (!prover->question->asynchronous) {
        dlca_proof_samples_restart(&prover->samples);
    }
    return true;
}

static bool prove_exact(DlcaProver *prover, DlcaError *error) {
    const int32_t steps = prover->question->steps;
    for (int32_t step = 1; step <= steps; step++) {
        dlca_prover_show(prover, "exact", step, steps, prover->unrolled.graph.nodes,
                         dlca_sat_clauses(prover->clauses.sat));
        if (!dlca_prover_step(prover, "exact", error)) {
            return false;
        }
    }
    DlcaProven answer;
    if (!dlca_prover_check(prover, &answer, error)) {
        return false;
    }
    prover->proof->exact = answer;
    prover->proof->hold = answer == DLCA_REFUTED ? DLCA_REFUTED : prover->proof->hold;
    return true;
}

static bool prove(DlcaProver *prover, DlcaError *error) {
    const DlcaProofQuestion *question = prover->question;
    const int32_t room = question->asynchronous ? 1 : (1 + DLCA_PROOF_FURTHER) * question->steps;
    bool right;
    /* The unrolled graph first: what is too large for it is refused before any time is spent. */
    if (!dlca_unrolled_create(&prover->unrolled, question->rule, question->height, question->width,
                              question->scored_channels, question->periodic, room, error) ||
        !dlca_proof_samples_create(&prover->samples, question, error) || !samples_stay_right(prover, &right, error)) {
        return false;
    }
    const bool refuted_hold_alone = !right && prover->proof->exact != DLCA_REFUTED;
    if (!right && !refuted_hold_alone) {
        return true;
    }
    if (!dlca_graph_clauses_create(&prover->clauses, &prover->unrolled.graph, error)) {
        return false;
    }
    if (!question->asynchronous && !prove_exact(prover, error)) {
        return false;
    }
    return refuted_hold_alone || prover->proof->exact == DLCA_REFUTED || dlca_prover_hold(prover, error);
}

void dlca_proof_free(DlcaProof *proof) {
    free(proof->counterexample);
    *proof = (DlcaProof){0};
}

static void release(DlcaProver *prover) {
    dlca_proof_samples_free(&prover->samples);
    dlca_graph_clauses_free(&prover->clauses);
    dlca_unrolled_free(&prover->unrolled);
}

bool dlca_prove(DlcaProof *proof, const DlcaProofQuestion *question, DlcaError *error) {
    *proof = (DlcaProof){0};
    if (question->rule->outputs < 1 || question->rule->inputs != DLCA_NEIGHBOURS * question->rule->outputs) {
        return dlca_fail(error, DLCA_BAD_INPUT, "a rule with %d inputs and %d outputs: 9 inputs for each output",
                         question->rule->inputs, question->rule->outputs);
    }
    DlcaProver prover = {.question = question, .proof = proof, .started = dlca_now()};
    prover.cells = question->height * question->width;
    prover.bits = prover.cells * question->rule->outputs;
    prover.deadline = question->seconds > 0.0 ? prover.started + question->seconds : 0.0;
    const bool done = prove(&prover, error);
    if (prover.clauses.sat) {
        proof->nodes = prover.unrolled.graph.nodes;
        proof->variables = dlca_sat_variables(prover.clauses.sat);
        proof->clauses = dlca_sat_clauses(prover.clauses.sat);
    }
    proof->seconds = dlca_now() - prover.started;
    release(&prover);
    if (!done) {
        dlca_proof_free(proof);
    }
    return done;
}
