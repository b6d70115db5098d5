/* options.h - the options of a training run. Leaves alone: what a run does with them (program.c, loop.c). */
#ifndef DLCA_OPTIONS_H
#define DLCA_OPTIONS_H

#include "arguments.h"
#include "recipe.h"

/* Parts of the recipe that users change; -1: as the recipe says. */
typedef struct DlcaMethodOptions {
    double init, rate, decay; /* starting logit, learning rate, weight decay */
    double harden_first, harden_last;
    double hold_weight, damage;
    double gate_cost;
    double start_or, start_and, start_xor, start_not; /* parts of the update gates */
    DlcaGates gates;                                  /* the parametrization */
    int64_t spread, paths, join, learn_perception, harden_ramp, batch, steps, steps_min, steps_max, hold, restart_after,
        repair, repair_every, patch, any_size;
} DlcaMethodOptions;

typedef struct DlcaRunOptions {
    int64_t epochs;     /* 0: not given, the task's own budget */
    int64_t seed;       /* >= 0 */
    const char *out;    /* NULL: the next free number in results/<task>/ */
    const char *resume; /* NULL: a new run; "": go on with the latest; else the folder to go on in */
    int64_t threads;
    const char *backend;
    bool paper, small, all_epochs, frames, quiet;
    int64_t frame_every;      /* steps */
    int64_t log_interval;     /* epochs */
    int64_t eval_interval;    /* epochs */
    int64_t save_every;       /* epochs; 0: by time alone */
    int64_t checkpoint_every; /* steps; 0: not given, see DlcaBackendOptions */
    bool dry_run;
    bool asynchronous;
    DlcaMethodOptions method;
} DlcaRunOptions;

/* The defaults on this machine. */
DlcaRunOptions dlca_run_options_default(void);

/* The command line of a trainer: `program` and `summary` stand in its help. --async only where the task has it. */
DlcaArguments dlca_run_arguments(const char *program, const char *summary, bool has_asynchronous);

/* The recipe with what the user changed. */
void dlca_method_apply(const DlcaMethodOptions *method, DlcaRecipe *recipe);

/* True when `name` is a backend that this program and this CPU have. */
bool dlca_check_backend_name(const char *name, DlcaError *error);

#endif
