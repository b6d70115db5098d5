/* sweep.h - what the parts of `dlca sweep` share: settings, runs, results. */
#ifndef DLCA_SWEEP_H
#define DLCA_SWEEP_H

#include "../train/options.h"
#include "../train/setup.h"

#include <limits.h>

enum { SWEEP_MAX_VARIED = 4, SWEEP_MAX_VALUES = 32, SWEEP_TEXT = 256 };

enum { SWEEP_WORDS = 2 * SWEEP_TEXT }; /* a setting as arguments, each with its dashes and end */

/* --vary NAME=v1,v2,... */
typedef struct SweepVary {
    char name[64];
    char value[SWEEP_MAX_VALUES][64];
    int32_t values;
} SweepVary;

typedef struct SweepSeeds {
    int64_t first, last;
} SweepSeeds;

/* The command line: every option of a trainer, then the sweep's own. `run` stays first: the trainers' table of options
 * has offsets into it. */
typedef struct SweepOptions {
    DlcaRunOptions run;
    SweepSeeds seeds;
    int64_t jobs; /* 0: not given */
    SweepVary vary[SWEEP_MAX_VARIED];
    int32_t varied;
} SweepOptions;

/* One training of the sweep. */
typedef struct SweepRun {
    char setting[SWEEP_TEXT]; /* "rate=0.1 init=5", "" when nothing varies */
    int32_t setting_index;
    int64_t seed;
    bool done;
    /* results */
    bool exact, holds;
    int64_t hold_steps, exact_epoch, epochs_run, restarts, repair_evaluations, gates_active, gates_optimized;
    double accuracy, seconds_total, seconds_train, seconds_repair;
} SweepRun;

/* ---- sweep_plan.c: what to run ---- */

bool sweep_parse_seeds(const char *text, void *into, DlcaError *error);
/* `into` is the SweepVary array's owner: the SweepOptions' `vary` field. */
bool sweep_parse_vary(const char *text, void *into, DlcaError *error);
/* All settings x seeds, settings outermost; every varied value is tried on the trainers' parser. Free with free(). */
SweepRun *sweep_plan(const SweepOptions *options, int64_t *count, DlcaError *error);
/* The trainer's options of one run; texts among them may lie in `words`, which has to outlive them. */
bool sweep_run_options(const SweepOptions *options, const SweepRun *run, char words[SWEEP_WORDS],
                       DlcaRunOptions *result, DlcaError *error);

/* ---- sweep_table.c: sweep.csv and the summary ---- */

/* Marks the runs that `path` has rows for as done, with their results. False when the file is not this sweep's. A file
 * that does not exist has none. */
bool sweep_table_load(const char *path, const char *command, SweepRun *runs, int64_t count, DlcaError *error);
/* Replaces the file: heading, then a row for each run that is done. */
bool sweep_table_save(const char *path, const char *command, const SweepRun *runs, int64_t count, DlcaError *error);
/* A line per setting: successes with their 95 % interval, medians. */
bool sweep_table_print(const SweepRun *runs, int64_t count, FILE *out, DlcaError *error);

/* The Wilson score interval of `good` successes in `all` trials, 95 %. */
void sweep_wilson(int64_t good, int64_t all, double *low, double *high);

#endif
