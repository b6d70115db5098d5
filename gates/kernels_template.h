/* kernels_template.h - the kernels of kernels.h, written once; kernels_<isa>.c includes it with one of DLCA_SIMD_*
 * defined and DLCA_KERNELS_NAME the name of the function that returns the table.
 *
 * Forward and backward of one thing stand next to each other. Nothing here knows the instruction set. */
#include "simd.h"

#include "fold.h"
#include "gate_math.h"
#include "kernels.h"

#define ALWAYS_INLINE DLCA_INLINE
#define KERNEL static

/* Vectors that make up a tile row, and groups of sixteen lanes. */
enum { TILE_VECS = DLCA_TILE / VEC_LANES, TILE_GROUPS = DLCA_TILE / DLCA_LANES };

ALWAYS_INLINE GateCoefficients coefficients_of(const float *c) {
    return (GateCoefficients){vec_set(c[0]), vec_set(c[1]), vec_set(c[2]), vec_set(c[3])};
}

#include "kernels_narrow.h"
#include "kernels_wide.h"

#include "kernels_move.h"
#include "kernels_parameters.h"
#include "kernels_peak.h"

const DlcaKernels *DLCA_KERNELS_NAME(void) {
    static const DlcaKernels table = {
        .forward_layer = update_forward,
        .backward_layer = update_backward,
        .forward_rows = perceive_rows_forward,
        .backward_rows = perceive_rows_backward,
        .forward_tree = perceive_tree_forward,
        .forward_tree_inner = perceive_tree_inner,
        .gather = patch_gather,
        .gather_add = patch_gradient_add,
        .gather_lanes = lane_gather,
        .gather_lanes_add = lane_gradient_add,
        .softmax = softmax,
        .expand = expand,
        .adamw = adamw,
        .fma_peak = fma_peak,
        .read_peak = read_peak,
    };
    return &table;
}
