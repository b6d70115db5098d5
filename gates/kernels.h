/* kernels.h - the float kernels of gates and layers, one table per instruction set.
 *
 * The unit of work is a row: the values of one wire for a tile of cells. Two shapes of rows occur. A narrow row has
 * DLCA_TILE lanes (update layers: many gates, one tile of cells); a wide row has a multiple of 16 lanes (perception:
 * few gates, the same for every channel, so channels x cells lie in one row). All tables give the same bytes.
 *
 * Coefficients of a layer are [count][4]. Gradient sums come in blocks of DLCA_BLOCK gates: gate s has its four sums at
 * (s / 4) * 16 + j * 4 + s % 4, so a layer's sums take whole blocks. Leaves alone: what the rows mean, memory, threads.
 */
#ifndef DLCA_KERNELS_H
#define DLCA_KERNELS_H

#include "ops.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DLCA_TILE = 32, DLCA_BLOCK = 4 };

/* Where sum j of a gate lies in its layer's sums. */
static inline size_t dlca_sum_at(size_t gate, size_t j) {
    return gate / DLCA_BLOCK * 16 + j * DLCA_BLOCK + gate % DLCA_BLOCK;
}

/* One gate of a narrow layer, in the order of a trail (schedule.h): consecutive gates share an input row, which stays
 * in registers. `near` is the row that the last step called far. Places are floats from the start of a buffer. */
typedef struct DlcaStep {
    int32_t near, far; /* rows of the layer's input; the gate's formula has near as a and far as b */
    int32_t out;       /* row of the layer's output */
    uint32_t flags;
} DlcaStep;

enum {
    DLCA_STEP_FRESH = 1,     /* a new trail: near has to be loaded */
    DLCA_STEP_NEAR_ADDS = 2, /* near's gradient row has a value already: add to it */
    DLCA_STEP_LAST = 4,      /* the trail ends: far's gradient is stored too */
    DLCA_STEP_FAR_ADDS = 8   /* then it has a value already */
};

/* One gate of a wide layer. */
typedef struct DlcaPair {
    int32_t a, b; /* rows of the layer's input */
    int32_t out;  /* row of the layer's output */
    uint32_t flags;
} DlcaPair;

enum {
    DLCA_PAIR_A_ADDS = 1, /* a's gradient row has a value already: add to it */
    DLCA_PAIR_B_ADDS = 2
};

/* A perception kernel whose layers are 8, 4, 2 gates, or 8, 4, 2, 1, each reading neighbours in the layer before in
 * order: gate i of a layer reads gates 2i and 2i+1. Its values never leave the registers. */
typedef struct DlcaTree {
    int32_t leaf[8]; /* input row a of each gate of the first layer; b is `centre` */
    int32_t centre;
    int32_t out[2]; /* output rows of the last layer */
    bool four_layers;
} DlcaTree;

/* Blocks in which a tree's coefficients and sums lie, [layer][gate], each layer in whole blocks: 8, 4, 2, 1 gates. */
enum { DLCA_TREE_FIRST = 0, DLCA_TREE_SECOND = 8, DLCA_TREE_THIRD = 12, DLCA_TREE_FOURTH = 16 };

/* Lanes of a tile that stand in the source row as they do in the tile: lane l, where bit l is set, at base + l. In a
 * grid whose borders read zeros a tile's neighbours are one span, as the cells of all its rows are numbered through. */
typedef struct DlcaSpan {
    int32_t base; /* may be negative: what lies before the row is not read */
    uint32_t lanes;
} DlcaSpan;

/* Lanes of a wide row that are computed: `vectors` times sixteen, `apart` floats from each to the next: 16, or
 * DLCA_TILE where a row has the first halves of tiles alone. */
typedef struct DlcaLanes {
    int32_t vectors, apart;
} DlcaLanes;

typedef struct DlcaAdamWStep {
    float rate, b1, b2, epsilon, decay, clip;
    float correction1, correction2; /* 1 - b1^t, 1 - b2^t */
} DlcaAdamWStep;

typedef struct DlcaKernels {
    /* out[step.out] = c0 + c1 near + c2 far + c3 near far, for each step. Rows have DLCA_TILE lanes, of which the first
     * `sixteens` x 16 are computed, 1 or 2. A row of out may be one of in that this step reads and no later one does.
     */
    void (*forward_layer)(const DlcaStep *steps, int32_t count, const float *coefficients, const float *in, float *out,
                          int32_t sixteens);

    /* The same layer backward: from the gradient of its output rows the gradient of its input rows (written or added to
     * as the flags say), and for each step the sums over lanes of g, g near, g far, g near far, added to sums. */
    void (*backward_layer)(const DlcaStep *steps, int32_t count, const float *coefficients, const float *in,
                           const float *out_gradient, float *in_gradient, float *sums, int32_t sixteens);

    /* Wide rows: row r of a buffer starts at r * pitch floats. */
    void (*forward_rows)(const DlcaPair *pairs, int32_t count, const float *coefficients, const float *in,
                         size_t in_pitch, float *out, size_t out_pitch, DlcaLanes lanes);
    void (*backward_rows)(const DlcaPair *pairs, int32_t count, const float *coefficients, const float *in,
                          size_t in_pitch, const float *out_gradient, size_t out_pitch, float *in_gradient,
                          size_t in_gradient_pitch, DlcaLanes lanes, float *sums);

    /* A whole tree at once: its last layer to out, or the layers before it to inner, each gate in the row of its place
     * among the coefficients. The number of vectors is even. The same bytes as layer by layer. */
    void (*forward_tree)(const DlcaTree *tree, const float *coefficients, const float *in, size_t in_pitch, float *out,
                         size_t out_pitch, DlcaLanes lanes);
    void (*forward_tree_inner)(const DlcaTree *tree, const float *coefficients, const float *in, size_t in_pitch,
                               float *inner, size_t inner_pitch, DlcaLanes lanes);

    /* `rows` tile rows out of source rows `source_pitch` floats apart: to[r][lane] = from[r][base + lane] for each lane
     * of each span, 0 in lanes of none. */
    void (*gather)(const DlcaSpan *spans, int32_t count, const float *from, size_t source_pitch, int32_t rows,
                   float *to);
    /* to[DLCA_TILE] += nine gathered rows, in order; row n has spans[first[n]] up to first[n + 1]. */
    void (*gather_add)(const DlcaSpan *spans, const int32_t first[10], const float *from, float *to);

    /* The same for lanes from anywhere: to[r][lane] = from[r][lanes[lane]]; to[lane] += from[lanes[n][lane]] for each
     * of nine n, in order. */
    void (*gather_lanes)(const int32_t lanes[DLCA_TILE], const float *from, size_t source_pitch, int32_t rows,
                         float *to);
    void (*gather_lanes_add)(const int32_t (*lanes)[DLCA_TILE], const float *from, float *to);

    /* probability [gates][16] = softmax of logits [gates][16]; coefficients [gates][4] = probability . K. */
    void (*softmax)(const float *logits, int64_t gates, float *probability, float *coefficients);

    /* gradient [gates][16] of the logits from the sums [gates][4] of each gate:
     * v = K . sums, gradient = p (v - p.v). */
    void (*expand)(const float *probability, const float *sums, int64_t gates, float *gradient);

    /* AdamW with clipping (backend.h); count is a multiple of 16. */
    void (*adamw)(const DlcaAdamWStep *step, int64_t count, const float *gradient, float *logits, float *m, float *v);

    /* `rounds` x 16 fused multiply-adds of 16 lanes, most of them independent: measures the peak. */
    float (*fma_peak)(int64_t rounds);
    /* Reads `count` floats (a multiple of 128) `rounds` times: measures bandwidth. */
    float (*read_peak)(const float *from, int64_t count, int64_t rounds);
} DlcaKernels;

/* NULL where the program was built for another processor. */
const DlcaKernels *dlca_kernels_scalar(void);
const DlcaKernels *dlca_kernels_avx2(void);
const DlcaKernels *dlca_kernels_avx512(void);
const DlcaKernels *dlca_kernels_neon(void);

#endif
