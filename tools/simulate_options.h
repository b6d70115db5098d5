/* simulate_options.h - the options of `dlca simulate`. Leaves alone: simulating. */
#ifndef DLCA_SIMULATE_OPTIONS_H
#define DLCA_SIMULATE_OPTIONS_H

#include "../train/arguments.h"
#include "rule.h"

enum { DLCA_MAX_DAMAGE = 16, DLCA_NOT_GIVEN = -1 };

typedef enum DlcaDamageKind {
    DLCA_DAMAGE_RANDOM,     /* every bit a random value, once */
    DLCA_DAMAGE_FLIP,       /* every bit inverted, once */
    DLCA_DAMAGE_STUCK_AT_0, /* from this step on */
    DLCA_DAMAGE_STUCK_AT_1
} DlcaDamageKind;

typedef struct DlcaDamage {
    int32_t x, y, width, height; /* cells */
    int32_t step;                /* before the step after this one; DLCA_NOT_GIVEN: half way */
    DlcaDamageKind kind;
} DlcaDamage;

typedef struct DlcaDamageList {
    int32_t count;
    DlcaDamage item[DLCA_MAX_DAMAGE];
} DlcaDamageList;

typedef struct DlcaPoint {
    int32_t x, y; /* cells; x is DLCA_NOT_GIVEN where none was given */
} DlcaPoint;

typedef struct DlcaView {
    int32_t x, y, width, height; /* cells; width 0: the whole grid */
} DlcaView;

typedef enum DlcaSimulateStart {
    DLCA_BEGIN_TRAINED, /* what the task starts from */
    DLCA_BEGIN_RANDOM,
    DLCA_BEGIN_CELL, /* one cell of ones in the middle */
    DLCA_BEGIN_ZEROS
} DlcaSimulateStart;

typedef struct DlcaSimulateOptions {
    int64_t width, height, steps, seed; /* 0 or DLCA_NOT_GIVEN: as trained */
    int32_t periodic, asynchronous;     /* 0, 1, or DLCA_NOT_GIVEN: as trained */
    double fire_rate;                   /* 0: as trained */
    int32_t start;                      /* DlcaSimulateStart or DLCA_NOT_GIVEN */
    double density;                     /* of ones in a random start; negative: not given */
    const char *pattern, *state;        /* files */
    DlcaPoint at;
    DlcaDamageList damage;
    DlcaView view;
    bool frames, quiet, jit, yes;
    int64_t frame_every; /* steps */
    int64_t scale;       /* pixels per cell; 0: so that the picture is of a good size */
    int64_t threads;     /* 0: all processors */
    int32_t isa;         /* DlcaIsa */
    const char *gif, *out, *save_state, *statistics;
} DlcaSimulateOptions;

DlcaSimulateOptions dlca_simulate_options_default(void);
DlcaArguments dlca_simulate_arguments(void);

/* Settles where the first state comes from; refuses options about it that do not go together. */
bool dlca_simulate_options_start(DlcaSimulateOptions *options, DlcaError *error);

/* Puts the trained values where none were given, and checks what depends on them: damage and view inside the grid,
 * frames that make an animation of a reasonable size. */
bool dlca_simulate_options_complete(DlcaSimulateOptions *options, const DlcaConfig *trained, DlcaError *error);

/* ---- values of options (simulate_values.c), for the table ---- */

bool dlca_parse_damage(const char *text, void *into, DlcaError *error); /* adds to a DlcaDamageList */
bool dlca_parse_point(const char *text, void *into, DlcaError *error);
bool dlca_parse_view(const char *text, void *into, DlcaError *error);
bool dlca_parse_start(const char *text, void *into, DlcaError *error);
bool dlca_parse_isa(const char *text, void *into, DlcaError *error);

/* A file that could not be written must not be found out after the rollout. */
bool dlca_check_output(const char *path, DlcaError *error);

#endif
