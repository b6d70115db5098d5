/* network.h - a model's wiring compiled for the kernels: orders, places of rows, and the streams of coefficients.
 *
 * Coefficients and gradient sums lie in the order in which the kernels walk the gates: perception kernel by kernel,
 * layer by layer; then the update layers, each in the order of its trails. `slot` is a gate's place in that order;
 * every layer (of every kernel) starts at a multiple of DLCA_BLOCK.
 *
 * Rows of the first update layer's input: channel c at row c; perception output o of kernel k and channel c at row
 * C + (k O + o) C + c, so that all channels of one gate lie side by side (DESIGN's order has the kernel fastest; only
 * the place differs, not the wiring). When activations are kept for backward, outputs of an update layer lie in the
 * order in which the next layer first reads them; in the first pass they take the place of inputs that are no longer
 * needed. Leaves alone: evaluating (tile.c). */
#ifndef DLCA_NETWORK_H
#define DLCA_NETWORK_H

#include "../gates/kernels.h"
#include "arena.h"
#include "dlca.h"
#include "live_cone.h"

typedef struct DlcaWideLayer {
    int32_t inputs, gates; /* of one kernel */
    int32_t first;         /* its first slot among the kernel's */
    DlcaPair *pairs;       /* [gates]; a and b are places in the layer before, neighbours for the first layer */
    DlcaPair *first_pairs; /* [gates] first layer: for kernel 0, which finds only the centre's gradient there already */
    int32_t *unused;       /* [unused_count] input rows that no gate reads */
    int32_t unused_count;
} DlcaWideLayer;

typedef struct DlcaTrailLayer {
    int32_t inputs, gates;
    int32_t first;   /* its first slot */
    DlcaStep *steps; /* [gates] with every activation kept */
    DlcaStep *brief; /* [gates] in place, all layers in one buffer */
    int32_t *unused; /* [unused_count] input rows that no gate reads */
    int32_t unused_count;
} DlcaTrailLayer;

typedef struct DlcaNetwork {
    int32_t channels, kernels;
    int32_t kernel_slots;   /* of one perception kernel */
    int32_t kernel_outputs; /* O, gates of the last perception layer */
    int32_t perceive_layers, update_layers;
    DlcaWideLayer *perceive; /* [perceive_layers] */
    DlcaTrailLayer *update;  /* [update_layers] */
    DlcaConeLayer *cone;     /* [update_layers] what the last step needs of them */
    bool is_tree;            /* the perception kernels are evaluated by `tree` */
    DlcaTree tree;
    int32_t update_inputs;  /* rows of the first update layer's input */
    int32_t update_slots;   /* of all update layers */
    int32_t widest;         /* most gates in one update layer */
    int32_t brief_rows;     /* room for the rows of the in-place pass */
    int32_t *brief_outputs; /* [C] places of the new states after them, in floats */
    int64_t gates, slots;   /* slots: gates and what rounding layers up to blocks adds */
    int64_t update_first;   /* the first gate of the update network */
    int32_t *slot;          /* [gates] */
    uint8_t *swapped;       /* [gates] 1: the step reads input b as near, so c1 and c2 change places */
    DlcaArena arena;        /* owns all of the above */
} DlcaNetwork;

/* Slots of a layer of so many gates. */
static inline int32_t dlca_slots(int32_t gates) {
    return (gates + DLCA_BLOCK - 1) / DLCA_BLOCK * DLCA_BLOCK;
}

bool dlca_network_create(DlcaNetwork *network, const DlcaModel *model, DlcaError *error);
void dlca_network_free(DlcaNetwork *network);
/* The same shapes with other wires. */
bool dlca_network_rewire(DlcaNetwork *network, const DlcaModel *model, DlcaError *error);

#endif
