/* backend_cpu.h - what the files of the CPU backend share: its memory, and who fills what.
 *
 * backend_cpu.c makes and frees it and holds the parameters, backend_memory.c lays it out, rollout.c runs the steps,
 * sources.c says where a tile's rows come from. Leaves alone: one tile (tile.h), tasks, files. */
#ifndef DLCA_BACKEND_CPU_H
#define DLCA_BACKEND_CPU_H

#include "backend.h"
#include "classes.h"
#include "fire.h"
#include "geometry.h"
#include "parametrization.h"
#include "same_bytes.h"
#include "threads.h"
#include "tile.h"

typedef struct DlcaPhase DlcaPhase; /* turns.h */

/* One thread's own. */
typedef struct DlcaWorker {
    DlcaTileScratch scratch;
    DlcaArena arena; /* of the scratch */
    double worked;   /* seconds of passes in which it did not wait for others */
} DlcaWorker;

struct DlcaBackend {
    DlcaConfig config; /* the model's, but for its steps: the most that a pass has */
    DlcaNetwork network;
    const DlcaKernels *kernels;
    const DlcaParametrization *parametrization;
    DlcaGeometry geometry;
    DlcaPatchPlan patches, reverse; /* every cell a column */
    DlcaFire fire;                  /* columns of each step when only some cells fire */
    DlcaClasses classes;            /* columns of each step when the input is fixed */
    bool computes_repeats, computes_dead;
    int32_t threads, groups;
    int32_t cells;   /* of all grids of the batch */
    size_t pitch;    /* floats of a row of cells */
    int64_t updates; /* AdamW steps so far */
    bool prepared;   /* coefficients belong to the logits alone, not to an epoch's draws */
    double loss;     /* of the last pass */
    DlcaThreads *team;
    DlcaBell bell;
    DlcaCounter done[DLCA_MAX_GROUPS];  /* phases (turns.h) that each group has gone through */
    DlcaCounter taken[DLCA_MAX_GROUPS]; /* phases of each group that a thread has gone about */
    DlcaCounter met[DLCA_MAX_GROUPS];   /* meetings that each thread has come to */
    int64_t phases, meetings;           /* that all have, before this pass */
    DlcaPhase *phase;                   /* [4 T + 1] what a pass does, step by step (turns.h) */
    int32_t pass_phases;                /* of this pass */
    atomic_bool given_up;               /* the pass (DlcaWatch): its phases are gone through, but nothing is done */
    uint32_t near[DLCA_MAX_GROUPS];     /* groups whose cells are neighbours of its own, itself among them, as bits */
    DlcaPass pass;                      /* of the last epoch trained */
    DlcaArena arena;
    float *logits, *m, *v, *gradient; /* [gates][16] */
    float *probability;               /* [gates][16] softmax of the logits, as disturbed in this epoch */
    float *soft;                      /* [gates][4] coefficients in model order */
    float *coefficients;              /* [slots][4] */
    float *sums;                      /* [groups][slots][4], in blocks */
    float *gate_sums;                 /* [gates][4] in model order */
    int32_t checkpoint_every;         /* K */
    float *checkpoints;               /* [T / K + 1][C][pitch] states at steps 0, K, 2K, ... */
    float *segment;                   /* [K - 1][C][pitch] states between two of them */
    float *state_gradient;            /* [C][pitch] */
    float *patch_gradient;            /* [tiles + 1][dlca_patch_floats], the last one zeros */
    int32_t *neighbours;              /* [9][H*W] the cell beside each cell of a grid, -1 outside */
    DlcaWorker *worker;               /* [threads] */
};

/* Steps of a pass. */
static inline int32_t dlca_pass_steps(const DlcaBackend *backend, const DlcaBatch *batch) {
    return batch->steps > 0 ? batch->steps : backend->config.steps;
}

/* Forward, and backward when asked for; the gradient of the logits stays in backend->gradient. output (may be NULL)
 * takes the final states [B][H][W][C]. */
bool dlca_rollout(DlcaBackend *backend, const DlcaBatch *batch, bool backward, float *output, double *loss,
                  DlcaError *error);

/* States at a step: among the checkpoints, or in the segment, which holds the steps after one checkpoint at a time. */
static inline float *dlca_state_at(const DlcaBackend *backend, int32_t step) {
    const size_t plane = (size_t)backend->config.channels * backend->pitch;
    const int32_t every = backend->checkpoint_every, within = step % every;
    return within == 0 ? backend->checkpoints + (size_t)(step / every) * plane
                       : backend->segment + (size_t)(within - 1) * plane;
}

/* Softmax of gates from..to-1 and their coefficients in the order of the kernels. */
void dlca_prepare_gates(DlcaBackend *backend, const DlcaBatch *batch, int64_t from, int64_t to);
/* Adds up the groups' sums from..to-1 of slots * 4 in the kernels' order; then of gates from..to-1 in the model's: they
 * are expanded into the gradient. */
void dlca_add_groups(DlcaBackend *backend, size_t from, size_t to);
void dlca_reduce_gates(DlcaBackend *backend, int64_t from, int64_t to);

/* ---- backend_memory.c ---- */

DlcaBackend *dlca_cpu_new(DlcaError *error); /* zeroed */
bool dlca_cpu_check(const DlcaModel *model, const DlcaBackendOptions *options, DlcaError *error);
/* All sizes, orders and plans, but no buffers; then whether the machine has room for them, and they. */
bool dlca_cpu_shape(DlcaBackend *backend, const DlcaModel *model, const DlcaBackendOptions *options, DlcaError *error);
bool dlca_cpu_fits(DlcaBackend *backend, DlcaError *error);
bool dlca_cpu_allocate(DlcaBackend *backend, DlcaError *error);
size_t dlca_cpu_bytes(const DlcaBackend *backend);

/* ---- sources.c ---- */

/* Which columns the steps of a rollout have: every cell; those that fire; or one per class of cells. */
typedef enum DlcaColumns { DLCA_COLUMNS_CELLS, DLCA_COLUMNS_FIRE, DLCA_COLUMNS_CLASSES } DlcaColumns;

/* Makes the columns of a batch ready. */
bool dlca_columns_load(DlcaBackend *backend, const DlcaBatch *batch, DlcaColumns *columns, DlcaError *error);

/* A run of tiles: last excluded. */
typedef struct DlcaTiles {
    int32_t first, last;
} DlcaTiles;

/* The tiles of columns of a step that a group computes, and the tiles of states after it whose gradients it gathers. */
DlcaTiles dlca_column_tiles(const DlcaBackend *backend, DlcaColumns columns, int32_t step, int32_t group);
int32_t dlca_group_of_tile(const DlcaBackend *backend, int32_t tile); /* where every cell is a column */
DlcaTiles dlca_state_tiles(const DlcaBackend *backend, DlcaColumns columns, int32_t step, int32_t group);

/* Where the patches of a tile of columns come from. Uses the scratch when cells fire. */
DlcaSources dlca_patch_sources(const DlcaBackend *backend, DlcaColumns columns, DlcaTileScratch *scratch, int32_t step,
                               int32_t tile);

/* For a tile of cells: where the gradients of the patches that its cells belong to lie, in the patch gradients of
 * `step`. Not for classes. */
DlcaSources dlca_reverse_sources(const DlcaBackend *backend, DlcaColumns columns, DlcaTileScratch *scratch,
                                 int32_t step, int32_t tile);

#endif
