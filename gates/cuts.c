/* cuts.c - cuts of a gate from those of the two nodes that it reads. */
#include "cuts.h"

/* Both ascending, so one walk; false when more than four leaves come together. */
static bool merge_leaves(const DlcaCut *a, const DlcaCut *b, DlcaCut *merged) {
    int32_t i = 0, j = 0;
    merged->leaves = 0;
    while (i < a->leaves || j < b->leaves) {
        if (merged->leaves == DLCA_CUT_LEAVES) {
            return false;
        }
        const bool from_a = j == b->leaves || (i < a->leaves && a->leaf[i] <= b->leaf[j]);
        const int32_t leaf = from_a ? a->leaf[i] : b->leaf[j];
        i += i < a->leaves && a->leaf[i] == leaf;
        j += j < b->leaves && b->leaf[j] == leaf;
        merged->leaf[merged->leaves++] = leaf;
    }
    return true;
}

/* The cut's table over the leaves of `merged`, which has all of its own. */
static uint16_t table_over(const DlcaCut *cut, const DlcaCut *merged) {
    int32_t place[DLCA_CUT_LEAVES] = {0};
    for (int32_t k = 0; k < cut->leaves; k++) {
        for (int32_t at = 0; at < merged->leaves; at++) {
            place[k] = merged->leaf[at] == cut->leaf[k] ? at : place[k];
        }
    }
    uint32_t table = 0;
    for (int32_t i = 0; i < 16; i++) {
        int32_t index = 0;
        for (int32_t k = 0; k < cut->leaves; k++) {
            index |= (i >> place[k] & 1) << k;
        }
        table |= ((uint32_t)cut->table >> index & 1) << i;
    }
    return (uint16_t)table;
}

static bool subset(const DlcaCut *small, const DlcaCut *large) {
    int32_t j = 0;
    for (int32_t k = 0; k < small->leaves; k++, j++) {
        while (j < large->leaves && large->leaf[j] < small->leaf[k]) {
            j++;
        }
        if (j == large->leaves || large->leaf[j] != small->leaf[k]) {
            return false;
        }
    }
    return true;
}

/* Not when one with the same or fewer leaves is there. */
static void add_cut(DlcaNodeCuts *cuts, const DlcaCut *cut) {
    for (int32_t i = 0; i < cuts->count; i++) {
        if (subset(&cuts->cut[i], cut)) {
            return;
        }
    }
    if (cuts->count < DLCA_CUTS) {
        cuts->cut[cuts->count++] = *cut;
    }
}

static void find_cuts_of(const DlcaGateGraph *graph, int32_t n, DlcaNodeCuts *cuts) {
    cuts[n].count = 1;
    cuts[n].cut[0] = (DlcaCut){{n}, 1, 0xaaaa};
    if (n <= graph->inputs) {
        return;
    }
    const DlcaGraphNode node = graph->node[n];
    for (int32_t i = 0; i < cuts[node.a].count; i++) {
        for (int32_t j = 0; j < cuts[node.b].count; j++) {
            const DlcaCut *a = &cuts[node.a].cut[i], *b = &cuts[node.b].cut[j];
            DlcaCut cut = {0};
            if (merge_leaves(a, b, &cut)) {
                cut.table = (uint16_t)dlca_op_word(node.op, table_over(a, &cut), table_over(b, &cut));
                add_cut(&cuts[n], &cut);
            }
        }
    }
}

void dlca_find_cuts(const DlcaGateGraph *graph, DlcaNodeCuts *cuts) {
    for (int32_t n = 1; n < graph->nodes; n++) {
        find_cuts_of(graph, n, cuts);
    }
}
