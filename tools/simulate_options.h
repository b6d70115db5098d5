/* simulate_options.h - the options of `dlca simulate`. Leaves alone: simulating. */
#ifndef DLCA_SIMULATE_OPTIONS_H
#define DLCA_SIMULATE_OPTIONS_H

#include "../train/arguments.h"
#include "rule.h"

enum { DLCA_MAX_DAMAGE = 16, DLCA_NOT_GIVEN = -1 };

typedef struct DlcaDamage {
    int32_t x, y, width, height; /* cells */
    int32_t step;                /* before the step after this one; DLCA_NOT_GIVEN: half way */
} DlcaDamage;

typedef struct DlcaDamageList {
    int32_t count;
    DlcaDamage item[DLCA_MAX_DAMAGE];
} DlcaDamageList;

typedef struct DlcaSimulateOptions {
    int64_t width, height, steps, seed; /* 0 or DLCA_NOT_GIVEN: as trained */
    int32_t periodic, asynchronous;     /* 0, 1, or DLCA_NOT_GIVEN: as trained */
    double fire_rate;                   /* 0: as trained */
    DlcaDamageList damage;
    bool frames, quiet;
    int64_t frame_every; /* steps */
    const char *gif, *out, *save_state;
} DlcaSimulateOptions;

DlcaSimulateOptions dlca_simulate_options_default(void);
DlcaArguments dlca_simulate_arguments(void);

/* Puts the trained values where none were given, and checks what depends on them: grid size, damage inside it, frames
 * that make an animation of a reasonable size. */
bool dlca_simulate_options_complete(DlcaSimulateOptions *options, const DlcaConfig *trained, DlcaError *error);

#endif
