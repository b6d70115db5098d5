/* setup.c - fits task, model and recipe to the options of a run. */
#include "setup.h"

#include "training_memory.h"

#include <string.h>

bool dlca_setup_of_task(DlcaSetup *setup, DlcaTask *task, DlcaRunOptions *options, DlcaError *error) {
    *setup = (DlcaSetup){.task = *task};
    *task = (DlcaTask){0};
    if (options->epochs == 0) {
        options->epochs = setup->task.epochs;
    }
    if (options->method.batch > 0) {
        setup->task.config.batch = (int32_t)options->method.batch;
    }
    setup->task.config.gates = options->method.gates;
    if (options->method.steps > 0) {
        setup->task.config.steps = (int32_t)options->method.steps;
    }
    setup->train = (DlcaTrainOptions){
        .epochs = options->epochs,
        .seed = (uint64_t)options->seed,
        .recipe = dlca_recipe(&setup->task, options->paper),
        .all_epochs = options->all_epochs,
        .eval_interval = options->eval_interval,
        .log_interval = options->log_interval,
        .save_every = options->save_every,
        .threads = (int32_t)options->threads,
        .backend = options->backend,
        .checkpoint_every = (int32_t)options->checkpoint_every,
    };
    dlca_method_apply(&options->method, &setup->train.recipe);
    if (dlca_task_one_start(&setup->task)) {
        /* what is trained for, or can be made to be, is waited for */
        setup->train.recipe.must_hold = setup->train.recipe.hold > 0 || setup->train.recipe.patch_below > 0.0;
    }
    if (!dlca_recipe_check(&setup->train.recipe, &setup->task, error)) {
        return false;
    }
    setup->model = dlca_model_create(&setup->task.config, error);
    if (setup->model && strcmp(setup->train.backend, "auto") == 0) {
        setup->train.backend =
            dlca_backend_auto(setup->model, setup->train.threads, setup->backend_note, sizeof setup->backend_note);
    }
    return setup->model != NULL;
}

bool dlca_setup_create(DlcaSetup *setup, const char *task_name, DlcaRunOptions *options, DlcaError *error) {
    DlcaTask task = {0};
    *setup = (DlcaSetup){0};
    if (!dlca_task_create(&task, task_name, options->asynchronous, options->small, options->paper,
                          (uint64_t)options->seed, error)) {
        dlca_task_free(&task);
        return false;
    }
    return dlca_setup_of_task(setup, &task, options, error);
}

void dlca_setup_free(DlcaSetup *setup) {
    dlca_model_free(setup->model);
    dlca_task_free(&setup->task);
    setup->model = NULL;
}

bool dlca_setup_memory(const DlcaSetup *setup, DlcaMemoryPlan *plan, DlcaError *error) {
    DlcaBackendOptions options = dlca_train_device(&setup->train);
    const DlcaBackendTable *table = dlca_backend_find(setup->train.backend, &options.isa, error);
    if (!table || !table->plan(setup->model, &options, plan, error)) {
        return false;
    }
    dlca_training_memory_add(setup->model, &setup->task, &setup->train.recipe, plan);
    return table != &dlca_backend_cpu || dlca_memory_fits(plan, error);
}
