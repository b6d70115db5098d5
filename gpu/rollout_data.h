/* rollout_data.h - what a rollout's kernels read and write: plain data, the same for host and device.
 *
 * Columns (a cell, a cell that fires, or one for several cells with equal histories) lie in tiles of DLCA_TILE lanes,
 * as on the CPU (src/geometry.h). A tile is cut into `spacing` strips: strip r holds the lanes r, r + spacing, ..., so
 * that a strip's own sums are branches of the CPU's tree over sixteen lanes, and its lanes are one row of a few floats.
 * A block of threads works on one strip at a time. Leaves alone: what is done with it (rollout_kernels.h). */
#ifndef DLCA_GPU_ROLLOUT_DATA_H
#define DLCA_GPU_ROLLOUT_DATA_H

#include "../gates/kernels.h"

/* One gate of an update layer, in the order of src/network.h; near, far and out are rows. */
typedef struct DlcaGpuStep {
    int32_t near, far, out, unused; /* 16 bytes: one load */
} DlcaGpuStep;

/* A stretch of a trail that adds to an input row's gradient: the row is far's in one step and near's in the next; -1
 * where the trail begins or ends there. Steps are numbered within the layer. */
typedef struct DlcaGpuVisit {
    int32_t far_step, near_step;
} DlcaGpuVisit;

typedef struct DlcaGpuLayer {
    int32_t inputs, gates;
    int32_t first;     /* its first slot */
    int32_t step;      /* its first step among all layers' */
    int32_t kept;      /* first row of its outputs among the activations */
    int32_t visit_row; /* where its inputs begin in visit_first: visits of input i are visit_first[i] .. [i + 1] */
} DlcaGpuLayer;

enum {
    DLCA_GPU_FIRST = 1, /* a and b are rows of the patch, otherwise value rows */
    DLCA_GPU_LAST = 2,  /* out is an output of the kernel, otherwise a value row */
    DLCA_GPU_A_ADDS = 4,
    DLCA_GPU_B_ADDS = 8
};

/* One gate of a perception kernel, the same for all kernels. Value rows are numbered as the kernel's slots. */
typedef struct DlcaGpuPair {
    int32_t a, b, out;
    int32_t value; /* the row of its own value */
    int32_t slot;  /* within the kernel */
    uint32_t flags;
} DlcaGpuPair;

/* A use of a patch row by the first layer. */
typedef struct DlcaGpuUse {
    int32_t pair;
    int32_t is_b;
} DlcaGpuUse;

typedef enum DlcaGpuColumns { DLCA_GPU_CELLS, DLCA_GPU_FIRE, DLCA_GPU_CLASSES } DlcaGpuColumns;

/* One step over classes of cells (src/classes.h). */
typedef struct DlcaGpuClassStep {
    int32_t tiles;
    int32_t sources;    /* where [tile][9][lane] begins in class_source */
    int32_t back_first; /* where [classes before the step + 1] begins in class_back_first */
    int32_t back;       /* what those count from, in class_back */
} DlcaGpuClassStep;

/* Where two blocks of one model meet. */
typedef struct DlcaGpuBarrier {
    uint32_t arrived, turn;
} DlcaGpuBarrier;

/* What an epoch leaves to be known (DlcaPass of src/backend.h). */
typedef struct DlcaGpuPass {
    double loss;
    int64_t cells;
} DlcaGpuPass;

/* A model on a device: every pointer is the device's. */
typedef struct DlcaGpuModel {
    /* shape */
    int32_t channels, scored, kernels, outputs; /* outputs: of one kernel */
    int32_t height, width, area, grids, cells, steps;
    int32_t pitch, tiles, groups; /* floats of a row of cells; tiles when every cell is a column */
    int32_t chunks;               /* of DLCA_CHUNK channels */
    int32_t every;                /* K: states are kept every K steps */
    int32_t kernel_slots, pairs, perceive_layers, unused_rows;
    int32_t update_layers, update_inputs, update_slots, gradient_rows;
    int32_t gates, slots;
    int32_t patch_floats; /* patch gradients of a tile */
    int32_t partial_sums; /* float4 of one strip's gradient sums: [chunk][kernel][slot], then [update slot] */
    int32_t piece;        /* channels whose kernels' values and gradients are held at a time */
    int32_t threads, blocks, work_rows;
    int32_t work_is_shared;    /* a strip's rows lie in shared memory; otherwise in `work` */
    int32_t tables_are_shared; /* and the coefficients, steps and visits too */
    /* wiring */
    const DlcaGpuLayer *layer;  /* [update_layers] */
    const DlcaGpuStep *step;    /* [update gates] */
    const DlcaGpuVisit *visit;  /* [visits] */
    const int32_t *visit_first; /* [inputs of all layers, each + 1] */
    int32_t visits, visit_rows, update_gates;
    const DlcaGpuPair *pair;    /* [pairs] layer by layer */
    const int32_t *layer_pairs; /* [perceive_layers + 1] first pair of each layer */
    const int32_t *unused_row;  /* [unused_rows] value rows that no gate reads */
    const DlcaGpuUse *use;      /* [uses] */
    const int32_t *use_first;   /* [10] */
    const int32_t *slot;        /* [gates] a gate's place among the coefficients */
    const uint8_t *swapped;     /* [gates] */
    const int32_t *neighbours;  /* [9][area], -1 outside */
    /* columns */
    DlcaGpuColumns columns;
    int32_t *fire_count;                /* [T] cells of one grid that fire */
    int32_t *fire_cell;                 /* [T][area] them */
    int32_t *fire_place;                /* [T][area] a cell's place in that list, -1 when it keeps its state */
    const int32_t *class_count;         /* [T + 1] */
    const int32_t *class_of;            /* [T + 1][cell] */
    const DlcaGpuClassStep *class_step; /* [T] */
    const int32_t *class_source;        /* places in a row of states */
    const int32_t *class_back_first, *class_back;
    /* parameters */
    float *logits, *m, *v, *gradient; /* [gates][16] */
    float *probability;               /* [gates][16] */
    float *coefficients;              /* [slots][4] */
    float *sums;                      /* [groups][slots][4] */
    float *partial;                   /* [tiles][spacing][partial_sums][4] */
    /* states */
    float *checkpoints;    /* [T / K + 1][C][pitch] */
    float *segment;        /* [K - 1][C][pitch] */
    float *state_gradient; /* [C][pitch] */
    float *patch_gradient; /* [tiles][patch_floats], as on the CPU (src/tile.h) */
    float *work;           /* [blocks][work_rows][lanes], where shared memory has no room */
    double *loss_term;     /* [cells][S] */
    DlcaGpuPass *pass;     /* where this pass's results go */
    DlcaGpuBarrier *barrier;
    /* the batch */
    const float *input;       /* [B][H][W][C] */
    float *target;            /* [H][W][S] or [B][H][W][S] */
    const float *step_weight; /* [T] */
    const uint8_t *fire;      /* [T][area] */
    int32_t target_per_grid, backward;
    int32_t first_updated; /* gate; those before it stay as they are */
    int32_t updates;       /* backward ends with an update of the parameters: */
    DlcaAdamWStep adamw;   /* this one */
    /* parametrization (src/parametrization_math.h) */
    int32_t light;          /* logits follow from the rows of the truth table */
    uint32_t noise_purpose; /* of Gumbel noise on the logits; 0: none */
    double harden_below;    /* a draw of 32 bits below it hardens a gate */
    uint64_t seed;
    uint32_t epoch, harden_purpose;
    /* draws in place of input, target, fire (src/draws.h) */
    uint64_t draw_seed, fire_below; /* fire_below 0: masks are in `fire` */
    uint32_t start_purpose, fire_purpose;
    int32_t starts_drawn, next_generation;
} DlcaGpuModel;

/* Lanes of a strip: a kernel is compiled for each. */
enum { DLCA_GPU_WIDTHS = 3 };
static inline int32_t dlca_gpu_width(int32_t index) {
    return 2 << index;
}

#endif
