/* cuts.h - for every gate of a graph, small sets of nodes that determine it, and how.
 *
 * A cut of a node is a set of at most four nodes (leaves) that every path from the inputs to it crosses, so the node is
 * a function of the leaves; its table is kept with the cut. At most DLCA_CUTS cuts a node are kept (Mishchenko et al.,
 * "DAG-aware AIG rewriting", 2006). Leaves alone: what to do with them (rewrite.h). */
#ifndef DLCA_CUTS_H
#define DLCA_CUTS_H

#include "gate_graph.h"

enum { DLCA_CUTS = 16, DLCA_CUT_LEAVES = 4 };

typedef struct DlcaCut {
    int32_t leaf[DLCA_CUT_LEAVES]; /* nodes, ascending */
    uint8_t leaves;
    uint16_t table; /* bit i: the value when leaf k is i>>k&1 */
} DlcaCut;

typedef struct DlcaNodeCuts {
    int32_t count;
    DlcaCut cut[DLCA_CUTS]; /* cut[0] is the node itself */
} DlcaNodeCuts;

/* cuts [graph->nodes], those of the constant unused. */
void dlca_find_cuts(const DlcaGateGraph *graph, DlcaNodeCuts *cuts);

#endif
