/* recipe.c - the numbers of the two recipes. */
#include "recipe.h"

/* Miotti et al. (2025): pass-through logit 10, AdamW, elementwise clipping at 100, one wiring, every epoch. */
static DlcaRecipe paper_recipe(const DlcaTask *task) {
    return (DlcaRecipe){.pass = 10.0f,
                        .adamw = {.rate = task->rate, .b1 = 0.9f, .b2 = 0.99f, .epsilon = 1e-8f, .decay = 0.01f,
                                  .clip = 100.0f},
                        .judge_steps = task->config.steps,
                        .judge_starts = 64,
                        .fresh_starts = 1024,
                        .hold_factor = 4};
}

DlcaRecipe dlca_recipe(const DlcaTask *task, bool paper) {
    DlcaRecipe recipe = paper_recipe(task);
    if (paper) {
        return recipe;
    }
    /* A softer start and a higher rate leave the uniform answer sooner. Until about epoch 60 the loss hardly depends on
     * the starts, so the wiring decides: batch 1, and a new wiring when this one has had its chance. */
    recipe.pass = 5.0f;
    recipe.adamw.rate = 0.1f;
    recipe.accepts = true;
    recipe.restart_after = task->config.asynchronous ? 200 : 100;
    /* Where cells fire at random a rule that is only just right at the last step is late on some other firing: look a
     * little earlier. */
    recipe.judge_steps = task->config.asynchronous ? (task->config.steps * 43 + 25) / 50 : task->config.steps;
    recipe.repair_below = 0.48;
    recipe.repair = (DlcaRepairBudget){.greedy = 1500, .annealing = 4000};
    return recipe;
}
