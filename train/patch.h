/* patch.h - mends the last wrong cells of a picture by construction, with gates that nothing depends on.
 *
 * A rule with one start has one history: the finitely many neighbourhoods that its cells see in the steps of its
 * rollout. Where a scored bit is wrong after the last of them, some gate on the way to it only hands an input on, and
 * flipping its value in that neighbourhood would put the bit right. So a signal is built that is 1 there and 0 wherever
 * in the history a flip would do harm: an AND of literals of an earlier layer, made of gates that no scored bit depends
 * on. The gate that only handed on becomes the XOR of what it handed on and this signal. Nothing else in the history
 * changes, so each patch leaves fewer wrong cells. It is what chip designers do to a finished netlist with its spare
 * gates (an engineering change order), with the observability don't-cares of logic synthesis (Mishchenko, Brayton,
 * "SAT-based complete don't-care computation for network optimization", 2005), computed from the history instead.
 *
 * Operations and wires of the model change, its shape does not; so the result is a model like any other. Leaves alone:
 * rules that must be right for many starts, where the history has no end; logits. */
#ifndef DLCA_PATCH_H
#define DLCA_PATCH_H

#include "trace.h"

typedef struct DlcaPatchLimits {
    int32_t further;    /* steps after the trained one that are mended too, one after the other */
    int64_t wrong_most; /* cells: a step with more is left as it is */
    bool clock;         /* what patches do not make right and staying is finished by a clock, where that can be done */
} DlcaPatchLimits;

typedef struct DlcaPatchReport {
    int64_t patches; /* signals built */
    int64_t gates;   /* given another operation or other wires */
    bool finished;   /* by a clock (finish.h) instead of by patches */
} DlcaPatchReport;

/* What it takes for so many steps after the trained one. */
size_t dlca_patch_bytes(const DlcaModel *model, int32_t further);

/* For tasks with one start whose cells all fire. Changes ops [model->gates] and wires of the update network. Mends step
 * after step as far as it comes; where some step stays wrong, and limits.clock, what it was before is finished by a
 * clock instead, if that puts the trained step right. Judge the result (judge.h). Uses at most 256 MiB: for larger
 * rollouts only the trained step is mended, and nothing where even that is too much. */
bool dlca_patch_run(DlcaModel *model, uint8_t *ops, const DlcaTask *task, DlcaPatchLimits limits,
                    DlcaPatchReport *report, DlcaError *error);

#endif
