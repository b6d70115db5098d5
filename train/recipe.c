/* recipe.c - the numbers of the two recipes. */
#include "recipe.h"

#include "sizes.h"

/* Miotti et al. (2025): pass-through logit 10, AdamW, elementwise clipping at 100, one wiring, every epoch. */
static DlcaRecipe paper_recipe(const DlcaTask *task) {
    return (DlcaRecipe){
        .start = {.pass = 10.0f},
        .adamw = {.rate = task->rate, .b1 = 0.9f, .b2 = 0.99f, .epsilon = 1e-8f, .decay = 0.01f, .clip = 100.0f},
        .steps_min = task->config.steps,
        .steps_max = task->config.steps,
        .hold_weight = 1.0f,
        .judge_steps = task->config.steps,
        .judge_starts = task->start == DLCA_START_ALL ? 1024 : 64,
        .accept_starts = 65536,
        .hold_starts = 16384,
        .report_starts = 1024,
        .hold_factor = 4,
    };
}

/* Wrong cells, over 64 starts or more, that a gate more must be worth in a repair. Asynchronous seeds 1 to 16 on one
 * thread took 1431 s in all at 0 (beside other work), 549 s at 1, 455 s at 3, and their circuits, unused channels left
 * out, have 26 to 140, 5 to 63 and 4 to 32 gates, constants counted. 1, 2 and 4 differ by less than the seeds do. */
static const double GATE_COST = 2.0;

/* Tasks with many starts: a rule that is right on all of them is simple, and search finds it early. */
static void recipe_for_many_starts(DlcaRecipe *recipe, const DlcaTask *task) {
    /* A softer start and a higher rate leave the uniform answer sooner. Until about epoch 60 the loss hardly depends on
     * the starts, so the wiring decides: batch 1, and a new wiring when this one has had its chance. */
    recipe->start.pass = 5.0f;
    recipe->adamw.rate = 0.1f;
    recipe->restart_after = 100;
    /* Where cells fire at random a rule that is only just right at the last step is late on some other firing: look a
     * little earlier. */
    recipe->judge_steps = task->config.asynchronous ? (task->config.steps * 43 + 25) / 50 : task->config.steps;
    /* Every rule is late on some firing: those found before this was asked for on two in 100 000 starts, so that two of
     * 100 reports on 1024 starts had one wrong; with this one has at most. Half of it cost twice the time. */
    recipe->accept_late = task->config.asynchronous ? 1e-5 : 0.0;
    recipe->hurry = (DlcaRepairBudget){.greedy = 1500, .annealing = 4000, .turns = 6, .idle = 2, .close = INT64_MAX};
    recipe->hurry.gate_cost = GATE_COST;
    recipe->repair_below = 0.96;
    /* Of the ten slowest asynchronous seeds of 1..20 ten of 36 attempts of 100 epochs led to a circuit with a repair
     * every 5 epochs, ten of 31 with one every 3, in 323 and 308 s: as good, a difference that ten seeds cannot show.
     */
    recipe->repair_every = 3;
    recipe->repair = (DlcaRepairBudget){.greedy = 1500, .annealing = 4000, .turns = 40, .idle = 2};
    recipe->repair.gate_cost = GATE_COST;
    /* What came within a fifth of the best constant answer's wrong cells often leads to 0 when it is annealed on: seeds
     * 134 and 143, which had failed and taken 890 epochs with one turn each, were exact at 95 and 70. At 0.3 with 3
     * idle turns repairs took twice as long for the same epochs (five seeds). */
    recipe->repair_close = 0.2;
    recipe->must_hold = true;
}

/* Tasks whose every start can be listed: a function to be learned whole. Soft rules for it compute with values between
 * 0 and 1 and fall apart when hardened; hardening gates at random while training closes that gap (life: 0 of 3 seeds
 * exact without it after 1000 epochs and one repair, 20 of 20 with it, at 500 to 830 epochs). */
static void recipe_for_all_starts(DlcaRecipe *recipe) {
    recipe->start.pass = 5.0f;
    recipe->adamw.rate = 0.1f;
    recipe->restart_after = 1500;
    recipe->harden_from = 20;
    recipe->harden_ramp = 1000;
    recipe->harden_first = 0.1f;
    recipe->harden_last = 0.3f;
    recipe->repair_below = 0.15;
    recipe->repair_every = 250;
    recipe->repair = (DlcaRepairBudget){.greedy = 1500, .annealing = 4000, .turns = 1};
    recipe->must_hold = true;
}

/* Part of the update gates that start as OR, for one cell's signal to reach about an eighth of all cells: each of L
 * layers makes of one path 1 + p on the average, and perception with J of its K outputs joined 1 + J / K, so
 * (1 + p)^(L T) (1 + J / K)^T = cells / 8. Less, and most cells see nothing; with more, cells cannot be told apart
 * (lizard, mean soft loss of seeds 11 to 16 after 400 epochs, one output joined, perception fixed: p 0: 35, 0.01: 27,
 * 0.02: 34, 0.03: 41; 0.1 never leaves the constant answer). By bisection: pow rounds differently elsewhere. */
static float growing_part(const DlcaConfig *config) {
    const double outputs = (double)config->kernels * (double)config->perceive[config->perceive_layers - 1];
    const int32_t joins = dlca_start_joins(config);
    double paths = 0.125 * (double)config->height * (double)config->width;
    for (int32_t step = 0; step < config->steps; step++) {
        paths /= 1.0 + (joins < 0 ? 0.0 : joins) / outputs;
    }
    double low = 0.0, high = 1.0;
    for (int i = 0; i < 30; i++) {
        const double middle = 0.5 * (low + high);
        double grown = 1.0;
        for (int32_t layer = 0; layer < config->update_layers * config->steps && grown < paths; layer++) {
            grown *= 1.0 + middle;
        }
        *(grown < paths ? &low : &high) = middle;
    }
    return (float)low;
}

/* Further steps that a picture is trained to stay for: as many as it is grown in. */
static int32_t most_held(const DlcaConfig *config) {
    const int32_t left = DLCA_MAX_STEPS - config->steps;
    return config->steps < left ? config->steps : left;
}

/* Tasks with one start: a rule that knows one picture by heart uses most of the network. Hardening gates at random
 * closes the gap between the soft rule, which would learn to compute with values between 0 and 1, and the hard one. */
static void recipe_for_one_start(DlcaRecipe *recipe, const DlcaTask *task) {
    recipe->adamw.rate = 0.1f;
    recipe->patient = true; /* a network that has nearly learned the picture needs time, not other wires */
    recipe->harden_from = 20;
    recipe->harden_ramp = 1000;
    recipe->harden_last = 0.5f;
    recipe->repair_below = 0.15;
    recipe->repair_every = 100;
    recipe->repair = (DlcaRepairBudget){.greedy = 25600, .annealing = 30720, .turns = 1};
    recipe->patch_below = task->config.asynchronous ? 0.0 : DLCA_PATCH_BELOW;
    recipe->harden_first = 0.5f;
    recipe->start.spread = true;
    if (task->start == DLCA_START_SEED) {
        /* The signal of a single cell has to survive steps x layers, so the start stays firm. */
        recipe->start.pass = 10.0f;
        recipe->start.paths = true;
        /* Every cell has to hear of the one that begins, and perception is easily lost while the answer is still the
         * constant one: of seeds 11 to 16 three stayed there for 600 epochs where it was trained, none where not. */
        recipe->start.join = true;
        recipe->adamw.fixed_perception = true;
        recipe->start.or_part = growing_part(&task->config);
        recipe->adamw.rate = 0.15f;
        recipe->adamw.decay = 0.015f;
        recipe->restart_after = 1000;
    } else {
        /* Where all cells begin alike, only what is not monotone sets those at the border apart. */
        recipe->start = (DlcaGateStart){
            .pass = 8.0f, .spread = true, .or_part = 0.02f, .and_part = 0.02f, .xor_part = 0.02f, .not_part = 0.03f};
        recipe->restart_after = 1100;
        /* A picture that stays: without a loss over later steps no exact circuit of colors held for one step (eight of
         * eight seeds); with it, weighing three times what the trained step does, nearly all hold for four times as
         * many steps, in twice the epochs. At equal weights they came to be exact as soon, and did not hold. (A single
         * cell's picture, from whose start most cells never hear, then stays at the constant answer.) */
        recipe->hold = most_held(&task->config);
        recipe->hold_weight = 3.0f;
    }
}

DlcaRecipe dlca_recipe(const DlcaTask *task, bool paper) {
    DlcaRecipe recipe = paper_recipe(task);
    if (!paper) {
        recipe.accepts = true;
        if (dlca_task_one_start(task)) {
            recipe_for_one_start(&recipe, task);
        } else if (task->start == DLCA_START_ALL) {
            recipe_for_all_starts(&recipe);
        } else {
            recipe_for_many_starts(&recipe, task);
        }
    }
    return recipe;
}

static bool check_start(const DlcaGateStart *start, DlcaError *error) {
    const float parts = start->or_part + start->and_part + start->xor_part + start->not_part;
    if (parts > 1.0f) {
        return dlca_fail(error, DLCA_BAD_INPUT,
                         "--start-or, --start-and, --start-xor and --start-not are %g together: they must be at most 1",
                         (double)parts);
    }
    return true;
}

bool dlca_recipe_check(const DlcaRecipe *recipe, const DlcaTask *task, DlcaError *error) {
    if (!check_start(&recipe->start, error)) {
        return false;
    }
    if (recipe->patch_below > 0.0 && (!dlca_task_one_start(task) || task->config.asynchronous)) {
        return dlca_fail(error, DLCA_BAD_INPUT,
                         "--patch 1 is for pictures that grow from one start with every cell firing: '%s' has %s",
                         task->config.task, task->config.asynchronous ? "cells that fire at random" : "many starts");
    }
    if (recipe->repair.gate_cost > 0.0 && dlca_task_one_start(task) && !task->config.asynchronous) {
        return dlca_fail(error, DLCA_BAD_INPUT,
                         "--gate-cost %g is for tasks with many starts: '%s' has one, whose repairs do not count gates",
                         recipe->repair.gate_cost, task->config.task);
    }
    if (recipe->any_size && !dlca_sizes_apply(task, error)) {
        return false;
    }
    const int32_t steps = task->config.steps;
    if (recipe->steps_min > recipe->steps_max) {
        return dlca_fail(error, DLCA_BAD_INPUT, "--steps-min %d is above --steps-max %d (each is %d when not given)",
                         recipe->steps_min, recipe->steps_max, steps);
    }
    if (recipe->hold > DLCA_MAX_STEPS - recipe->steps_max) {
        return dlca_fail(error, DLCA_BAD_INPUT, "--hold %d is too long after %d steps: at most %d in all", recipe->hold,
                         recipe->steps_max, DLCA_MAX_STEPS);
    }
    const bool only_trained_steps = recipe->steps_min == steps && recipe->steps_max == steps && recipe->hold == 0;
    if (!task->target && (!only_trained_steps || recipe->damage > 0.0f)) {
        return dlca_fail(error, DLCA_BAD_INPUT,
                         "--steps-min, --steps-max, --hold and --damage are for tasks with a picture to come to; the "
                         "target of '%s' depends on its start and is there after %d step%s",
                         task->config.task, steps, steps == 1 ? "" : "s");
    }
    return true;
}

float dlca_recipe_harden(const DlcaRecipe *recipe, int64_t epoch) {
    if (epoch < recipe->harden_from || recipe->harden_last <= 0.0f) {
        return 0.0f;
    }
    const int64_t done = epoch - recipe->harden_from;
    if (done >= recipe->harden_ramp) {
        return recipe->harden_last;
    }
    const float part = (float)done / (float)recipe->harden_ramp;
    return recipe->harden_first + part * (recipe->harden_last - recipe->harden_first);
}
