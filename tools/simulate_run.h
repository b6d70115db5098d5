/* simulate_run.h - one run of `dlca simulate`, shared by its parts. Leaves alone: the engine (src/planes.h). */
#ifndef DLCA_SIMULATE_RUN_H
#define DLCA_SIMULATE_RUN_H

#include "../gates/text.h"
#include "../src/compiled_rule.h"
#include "../src/movie.h"
#include "../src/pattern.h"
#include "../src/state_file.h"
#include "../train/run_folder.h"
#include "simulate_options.h"

typedef struct DlcaSimulateRun {
    DlcaSimulateOptions options;
    DlcaRule rule;
    DlcaPlanes *planes;
    DlcaCompiledRule compiled;
    DlcaPattern pattern;
    DlcaState state; /* read with --state, freed once loaded */
    DlcaMovie movie;
    DlcaRunFolder folder;
    char frames[PATH_MAX]; /* "" without --frames */
    bool comparable;       /* the grid has the target's size */
    uint64_t seed;
    int64_t done;        /* steps of this run */
    uint8_t *bits;       /* [view height][view width][scored] */
    DlcaText statistics; /* the table so far */
    double began, shown; /* seconds: the first step, the last line of progress */
    bool line_open;      /* a line of progress stands on the terminal */
} DlcaSimulateRun;

/* ---- simulate_start.c ---- */

/* Reads --pattern and --state and checks that they fit; before anything is written. */
bool dlca_simulate_read_start(DlcaSimulateRun *run, DlcaError *error);
bool dlca_simulate_set_start(DlcaSimulateRun *run, DlcaError *error);

/* ---- simulate_damage.c ---- */

bool dlca_simulate_damages_now(const DlcaSimulateRun *run);
void dlca_simulate_damage(DlcaSimulateRun *run);

/* Steps until something that is not a step is to be done: a damage, or 1 while cells are stuck. */
int64_t dlca_simulate_steps_to_damage(const DlcaSimulateRun *run);
void dlca_simulate_keep_stuck(DlcaSimulateRun *run);

/* ---- simulate_report.c ---- */

void dlca_simulate_print_heading(const DlcaSimulateRun *run, const char *path);
void dlca_simulate_print_step(DlcaSimulateRun *run, const char *note);
void dlca_simulate_add_statistics(DlcaSimulateRun *run);
void dlca_simulate_show_progress(DlcaSimulateRun *run); /* nothing before two seconds have gone by */
void dlca_simulate_end_progress(DlcaSimulateRun *run);
double dlca_simulate_now(void);

#endif
