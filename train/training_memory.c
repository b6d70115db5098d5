/* training_memory.c - see training_memory.h. */
#include "training_memory.h"

#include "batch.h"
#include "patch.h"
#include "repair.h"
#include "sizes.h"

/* The largest pictures that training takes without being asked twice. */
static const size_t MOST_REPAIRED_CELLS = (size_t)64 * 64;

static size_t cells_of(const DlcaTask *task) {
    return (size_t)task->config.height * (size_t)task->config.width;
}

bool dlca_training_repairs(const DlcaTask *task, const DlcaRecipe *recipe) {
    return recipe->repair_below > 0.0 && cells_of(task) <= MOST_REPAIRED_CELLS;
}

bool dlca_training_patches(const DlcaTask *task, const DlcaRecipe *recipe) {
    return dlca_training_repairs(task, recipe) && recipe->patch_below > 0.0;
}

int32_t dlca_training_patch_steps(const DlcaTask *task, const DlcaRecipe *recipe) {
    return recipe->must_hold ? recipe->hold_factor * task->config.steps : 0;
}

/* The batch as reals, and as bits before; then the masks. */
static size_t batch_bytes(const DlcaTask *task, const DlcaRecipe *recipe) {
    const DlcaConfig *config = &task->config;
    const size_t bits = cells_of(task) * (size_t)(config->channels + config->scored_channels);
    const size_t masks = config->asynchronous ? cells_of(task) * (size_t)dlca_batch_most_steps(recipe) : 0;
    return bits * ((size_t)config->batch * sizeof(float) + sizeof(uint64_t)) + masks;
}

static size_t starts_bytes(const DlcaTask *task, const DlcaRecipe *recipe) {
    const DlcaConfig *config = &task->config;
    const size_t masks = config->asynchronous ? (size_t)config->steps : 0;
    const size_t planes = (size_t)(config->channels + config->scored_channels) + masks;
    return (size_t)dlca_starts_blocks(task, recipe->judge_starts) * cells_of(task) * planes * sizeof(uint64_t);
}

/* States before and after a step, and two masks. */
static size_t grid_bytes(const DlcaTask *task) {
    return cells_of(task) * (size_t)(2 * task->config.channels + 2) * sizeof(uint64_t);
}

/* The model, the one kept, the one that is mended, and the first two once more with moments in the state that is saved:
 * 16 logits, an operation and two wires a gate. */
static size_t state_bytes(const DlcaModel *model) {
    const size_t logits = DLCA_OPS * sizeof(float);
    return (size_t)model->gates * (5 * (logits + 1 + 2 * sizeof(int32_t)) + 2 * logits);
}

void dlca_training_memory_add(const DlcaModel *model, const DlcaTask *task, const DlcaRecipe *recipe,
                              DlcaMemoryPlan *plan) {
    const size_t grids = dlca_training_repairs(task, recipe) ? 1 + DLCA_REPAIR_CHAINS : 1;
    dlca_memory_plan_add(plan, "the batch and its targets", "[grid][cell][channel]", batch_bytes(task, recipe));
    dlca_memory_plan_add(plan, "starts that circuits are judged on", "[64 starts][channel][cell]",
                         starts_bytes(task, recipe));
    dlca_memory_plan_add(plan, "grids that they are judged in", "[grid][channel][cell]", grids * grid_bytes(task));
    if (recipe->any_size) {
        dlca_memory_plan_add(plan, "starts and grids of other sizes", "[size][64 starts][channel][cell]",
                             dlca_sizes_bytes(task, dlca_starts_blocks(task, recipe->judge_starts), grids));
    }
    if (dlca_training_repairs(task, recipe) && (!dlca_task_one_start(task) || task->config.asynchronous)) {
        const int32_t channels = model->config.channels;
        dlca_memory_plan_add(plan, "scores of circuits that were tried", "[chain][circuit]",
                             DLCA_REPAIR_CHAINS *
                                 dlca_known_scores_bytes(dlca_model_cell_gates(model) + channels, channels));
    }
    if (dlca_training_patches(task, recipe)) {
        dlca_memory_plan_add(plan, "what mends the last wrong cells", "[signal][step][64 cells]",
                             dlca_patch_bytes(model, dlca_training_patch_steps(task, recipe)));
    }
    dlca_memory_plan_add(plan, "the circuit kept and the saved state", "[gate]", state_bytes(model));
}
