/* shrink.c - the walk among rules that are right on samples, and the proofs of the smaller ones. */
#include "shrink.h"

#include "../gates/optimize.h"
#include "across_time.h"
#include "hard.h"

#include <stdlib.h>
#include <string.h>

/* Samples: a block of 64 starts. The rule must be right at the trained step, the next and at twice and four times it.
 */
enum { LATER_FACTOR = 4, ANOTHER_ONE_IN = 3 /* changes at once: 1, 2, ... */, CHECK_EVERY = 1000 };
static const double PROOF_SECONDS = 5;

typedef struct Shrinker {
    const DlcaProofQuestion *question;
    DlcaRandom random;
    DlcaHardGrid *grid;
    uint64_t *starts;  /* [C][cell] */
    uint64_t *target;  /* [S][cell] */
    int32_t next_slot; /* the start that the next counterexample replaces */
    DlcaOptimizer *optimizer;
    DlcaCircuit now, trial; /* rules with every channel that is not live standing still */
    DlcaCircuit proven;     /* the smallest proven so far; the given one until there is one */
    int64_t evaluations;
} Shrinker;

static void release(Shrinker *shrinker) {
    dlca_hard_free(shrinker->grid);
    free(shrinker->starts);
    free(shrinker->target);
    dlca_optimizer_free(shrinker->optimizer);
    dlca_circuit_free(&shrinker->now);
    dlca_circuit_free(&shrinker->trial);
    dlca_circuit_free(&shrinker->proven);
}

static bool reserve(Shrinker *shrinker, const DlcaCircuit *from, DlcaError *error) {
    const DlcaProofQuestion *question = shrinker->question;
    const size_t cells = (size_t)question->height * (size_t)question->width;
    const size_t bits = cells * (size_t)from->outputs, scored = cells * (size_t)question->scored_channels;
    shrinker->grid = dlca_hard_create(question->height, question->width, from->outputs, question->periodic, error);
    shrinker->starts = malloc(bits * sizeof *shrinker->starts);
    shrinker->target = malloc(scored * sizeof *shrinker->target);
    shrinker->optimizer = dlca_optimizer_create(error);
    if (!shrinker->starts || !shrinker->target) {
        return dlca_fail(error, DLCA_FAILED, "no memory for sample grids of %zu bits", bits);
    }
    if (!shrinker->grid || !shrinker->optimizer) {
        return false;
    }
    for (size_t i = 0; i < bits; i++) {
        shrinker->starts[i] = dlca_random_u64(&shrinker->random);
    }
    for (size_t cell = 0; cell < cells; cell++) {
        for (size_t c = 0; c < (size_t)question->scored_channels; c++) {
            const uint8_t bit = question->target[cell * (size_t)question->scored_channels + c];
            shrinker->target[c * cells + cell] = 0 - (uint64_t)bit;
        }
    }
    dlca_hard_use(shrinker->grid, dlca_isa_best(), false); /* making machine code takes longer than one run saves */
    return dlca_circuit_copy(&shrinker->now, from, error) && dlca_circuit_copy(&shrinker->proven, from, error);
}

/* ---- trying ---- */

static bool right_now(const Shrinker *shrinker) {
    return dlca_hard_compare(shrinker->grid, shrinker->target, shrinker->question->scored_channels, ~(uint64_t)0)
               .wrong_bits == 0;
}

static bool right_on_samples(Shrinker *shrinker, const DlcaCircuit *rule, bool *right, DlcaError *error) {
    const int32_t steps = shrinker->question->steps;
    if (!dlca_hard_set_rule(shrinker->grid, rule, error)) {
        return false;
    }
    shrinker->evaluations++;
    dlca_hard_set_state(shrinker->grid, shrinker->starts);
    *right = true;
    for (int32_t step = 1; step <= LATER_FACTOR * steps && *right; step++) {
        dlca_hard_step(shrinker->grid, NULL);
        const bool look = step == steps || step == steps + 1 || (step > steps && step % steps == 0);
        *right = !look || right_now(shrinker);
    }
    return true;
}

static int32_t draw(Shrinker *shrinker, int32_t bound) {
    return (int32_t)dlca_random_below(&shrinker->random, (uint32_t)bound);
}

/* A node before `before` that is worth reading: a gate, or a bit of the patch of a channel that is read already. */
static int32_t draw_node(Shrinker *shrinker, const DlcaCircuit *rule, int32_t before) {
    const int32_t gates = before - rule->inputs;
    if (gates > 0 && draw(shrinker, 2) == 0) {
        return rule->inputs + draw(shrinker, gates);
    }
    for (;;) {
        const DlcaGate gate = rule->gate[draw(shrinker, rule->gates)];
        const int32_t read = draw(shrinker, 2) ? gate.a : gate.b;
        if (read < rule->inputs) {
            return draw(shrinker, DLCA_NEIGHBOURS) * rule->outputs + read % rule->outputs;
        }
    }
}

/* One change. A gate of operation A or NOT_A is gone once the circuit is tidied. */
static void mutate(Shrinker *shrinker, DlcaCircuit *rule) {
    static const uint8_t ops[] = {1, 2, 4, 6, 7, 8, 9, 11, 13, 14}; /* those that depend on both inputs */
    const int32_t index = draw(shrinker, rule->gates);
    DlcaGate *gate = &rule->gate[index];
    switch (draw(shrinker, 6)) {
    case 0:
    case 1: /* gone */
        if (draw(shrinker, 2)) {
            gate->a = gate->b;
        }
        gate->op = draw(shrinker, 2) ? DLCA_OP_A : DLCA_OP_NOT_A;
        break;
    case 2: /* gone, in favour of any other node */
        gate->a = draw_node(shrinker, rule, rule->inputs + index);
        gate->op = draw(shrinker, 2) ? DLCA_OP_A : DLCA_OP_NOT_A;
        break;
    case 3:
        gate->op = ops[draw(shrinker, (int32_t)sizeof ops)];
        break;
    default:
        *(draw(shrinker, 2) ? &gate->a : &gate->b) = draw_node(shrinker, rule, rule->inputs + index);
        gate->op = draw(shrinker, 2) ? gate->op : ops[draw(shrinker, (int32_t)sizeof ops)];
        break;
    }
}

/* Simplified, and what the scored channels no longer depend on gone. */
static bool tidy(const Shrinker *shrinker, DlcaCircuit *rule, DlcaError *error) {
    const DlcaRuleFacts facts = {.channels = rule->outputs,
                                 .scored_channels = shrinker->question->scored_channels,
                                 .periodic = shrinker->question->periodic};
    DlcaRuleReport report;
    DlcaCircuit live;
    if (!dlca_rule_across_time(&live, rule, &facts, &report, error)) {
        return false;
    }
    dlca_circuit_free(rule);
    const bool good = dlca_circuit_optimize(rule, &live, error);
    dlca_circuit_free(&live);
    return good;
}

/* ---- believing ---- */

/* A start that refuted a rule replaces one of the samples, the oldest such first. */
static void add_start(Shrinker *shrinker, const uint8_t *bits, int32_t channels) {
    const int32_t cells = shrinker->question->height * shrinker->question->width;
    const uint64_t slot = (uint64_t)1 << shrinker->next_slot;
    for (int32_t cell = 0; cell < cells; cell++) {
        for (int32_t c = 0; c < channels; c++) {
            uint64_t *word = &shrinker->starts[c * cells + cell];
            *word = bits[cell * channels + c] ? *word | slot : *word & ~slot;
        }
    }
    shrinker->next_slot = (shrinker->next_slot + 1) % 64;
}

static bool believe(Shrinker *shrinker, const DlcaCircuit *rule, bool *good, DlcaError *error) {
    DlcaProofQuestion question = *shrinker->question;
    DlcaProof proof;
    question.rule = rule;
    question.progress = NULL;
    question.seconds = PROOF_SECONDS;
    if (!dlca_prove(&proof, &question, error)) {
        return false;
    }
    *good = proof.exact == DLCA_PROVEN && proof.hold == DLCA_PROVEN;
    if (proof.counterexample) {
        add_start(shrinker, proof.counterexample, rule->outputs);
    }
    dlca_proof_free(&proof);
    return true;
}

static bool replace(DlcaCircuit *to, const DlcaCircuit *from, DlcaError *error) {
    dlca_circuit_free(to);
    return dlca_circuit_copy(to, from, error);
}

/* A trial that is right on samples: the walk goes on from it when it is no larger. */
static bool take(Shrinker *shrinker, DlcaError *error) {
    if (!tidy(shrinker, &shrinker->trial, error)) {
        return false;
    }
    return dlca_circuit_size(&shrinker->trial).gates > dlca_circuit_size(&shrinker->now).gates ||
           replace(&shrinker->now, &shrinker->trial, error);
}

/* What is smaller than anything proven is proven, or the walk goes back to what is. */
static bool check(Shrinker *shrinker, DlcaError *error) {
    bool good = true;
    if (dlca_circuit_size(&shrinker->now).gates >= dlca_circuit_size(&shrinker->proven).gates) {
        return true;
    }
    if (!believe(shrinker, &shrinker->now, &good, error)) {
        return false;
    }
    return good ? replace(&shrinker->proven, &shrinker->now, error) : replace(&shrinker->now, &shrinker->proven, error);
}

static bool walk(Shrinker *shrinker, const DlcaShrinking *options, DlcaError *error) {
    while (shrinker->evaluations < options->evaluations &&
           dlca_circuit_size(&shrinker->proven).gates > options->enough && shrinker->now.gates > 0) {
        bool right;
        if (!replace(&shrinker->trial, &shrinker->now, error)) {
            return false;
        }
        do {
            mutate(shrinker, &shrinker->trial);
        } while (draw(shrinker, ANOTHER_ONE_IN) == 0);
        if (!right_on_samples(shrinker, &shrinker->trial, &right, error) || (right && !take(shrinker, error)) ||
            (shrinker->evaluations % CHECK_EVERY == 0 && !check(shrinker, error))) {
            return false;
        }
    }
    return check(shrinker, error);
}

bool dlca_rule_shrink(DlcaCircuit *to, const DlcaCircuit *from, const DlcaProofQuestion *question,
                      const DlcaShrinking *options, DlcaError *error) {
    Shrinker shrinker = {.question = question,
                         .random = dlca_random_stream(options->seed, DLCA_RANDOM_REPAIR, UINT32_MAX, 0)};
    bool right = false;
    *to = (DlcaCircuit){0};
    bool done = reserve(&shrinker, from, error) &&
                (question->asynchronous || right_on_samples(&shrinker, from, &right, error)) &&
                (!right || (tidy(&shrinker, &shrinker.now, error) && walk(&shrinker, options, error)));
    done = done && dlca_circuit_copy(to, &shrinker.proven, error);
    release(&shrinker);
    return done;
}
