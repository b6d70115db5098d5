/* live_cone.h - the update gates that a pass's last step needs: those that the scored channels come from.
 *
 * After the last step the loss looks at the scored channels alone, so what leads to no other channel than those that it
 * ignores need not be evaluated, and has no gradient. Kernels add a block's sums together, so blocks are what is
 * dropped: those without a gate that matters. What is left is run after run of a layer's steps in their order, with
 * flags for these steps alone; the bytes are those of all steps, where a dead gate's gradient is 0 and adds nothing.
 * Perception is left whole: nearly all of its outputs are read. Leaves alone: which step is the last (rollout.c). */
#ifndef DLCA_LIVE_CONE_H
#define DLCA_LIVE_CONE_H

#include "../gates/kernels.h"
#include "arena.h"

/* Steps that follow each other in a layer. */
typedef struct DlcaStepRun {
    int32_t first, count; /* first: a multiple of DLCA_BLOCK */
} DlcaStepRun;

typedef struct DlcaConeLayer {
    DlcaStep *steps, *brief; /* [gates] as in the layer, at the same places; those of dropped steps mean nothing */
    DlcaStepRun *runs;       /* [runs] of at most a run for two blocks */
    int32_t *silent;         /* [silents] input rows that no step here gives a gradient, though the layer below, or
                                perception, takes it */
    int32_t run_count, silent_count;
    int32_t gates; /* that are left */
} DlcaConeLayer;

/* What a layer is compiled to (network.h): steps with rows in floats. */
typedef struct DlcaConeSource {
    const DlcaStep *steps, *brief; /* [gates] */
    int32_t inputs, gates;
} DlcaConeSource;

void dlca_cone_layer_take(DlcaConeLayer *cone, int32_t inputs, int32_t gates, DlcaArena *arena);

/* From the last layer to the first: `wanted` [gates] says which output rows matter and becomes which input rows do
 * [inputs]. `scratch` [inputs] bytes. */
void dlca_cone_layer_trace(DlcaConeLayer *cone, const DlcaConeSource *layer, uint8_t *wanted, uint8_t *scratch);

/* Then from the last to the first: the silent rows, which depend on the layer below; NULL: perception, which takes
 * all. `scratch` [2 x inputs] bytes. */
void dlca_cone_layer_silence(DlcaConeLayer *cone, const DlcaConeSource *layer, const DlcaConeLayer *below,
                             uint8_t *scratch);

#endif
