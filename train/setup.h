/* setup.h - from options to everything that a training needs: task, model, what the loop is told.
 *
 * Leaves alone: folders, logs, signals (program.h), many runs at once (tools/sweep). */
#ifndef DLCA_SETUP_H
#define DLCA_SETUP_H

#include "loop.h"
#include "options.h"

enum { DLCA_BACKEND_NOTE = 640 };

typedef struct DlcaSetup {
    DlcaTask task;
    DlcaModel *model;
    DlcaTrainOptions train;
    char backend_note[DLCA_BACKEND_NOTE]; /* one line for the user when "auto" could not take a device; or empty */
} DlcaSetup;

/* A number of epochs that was not given becomes the task's budget, in options too. Strings stay the options'. */
bool dlca_setup_create(DlcaSetup *setup, const char *task_name, DlcaRunOptions *options, DlcaError *error);

/* The same with a task of the caller's, which belongs to the setup from then on, whatever happens. */
bool dlca_setup_of_task(DlcaSetup *setup, DlcaTask *task, DlcaRunOptions *options, DlcaError *error);

/* What training will allocate; false as well when the machine does not have it, or an option asks for what cannot be.
 */
bool dlca_setup_memory(const DlcaSetup *setup, DlcaMemoryPlan *plan, DlcaError *error);
void dlca_setup_free(DlcaSetup *setup); /* an empty one is fine */

#endif
