/* graphviz.h - a drawing by Graphviz, when it is installed.
 *
 * `dot` is started without a shell and reads and writes files that have no name, so nothing is left behind. Leaves
 * alone: what the graph says (gates/export.h), what to do without Graphviz. */
#ifndef DLCA_GRAPHVIZ_H
#define DLCA_GRAPHVIZ_H

#include "../gates/text.h"

/* Adds `dot`'s SVG of the graph to `svg`. False, and what `svg` holds is of no use, when there is no Graphviz, when it
 * fails, or when it takes longer than a few seconds (large graphs can take it hours). */
bool dlca_graphviz_svg(const char *graph, size_t size, DlcaText *svg);

#endif
