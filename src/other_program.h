/* other_program.h - programs of others that help when they are installed: Graphviz draws, ABC compares.
 *
 * They are started without a shell, get a few seconds, and leave nothing behind. Leaves alone: what to do without them.
 */
#ifndef DLCA_OTHER_PROGRAM_H
#define DLCA_OTHER_PROGRAM_H

#include "../gates/text.h"

#include <stdint.h>

/* Runs words[0] (found on the PATH) with `input` as its standard input and adds what it prints to `output`. False, and
 * what `output` holds is of no use, when there is no such program, when it fails, or when it takes longer than
 * `patience_ms`. */
bool dlca_other_program(const char *const *words, const char *input, size_t size, int32_t patience_ms,
                        DlcaText *output);

/* The graph as SVG, by Graphviz's dot. */
bool dlca_graphviz_svg(const char *graph, size_t size, DlcaText *svg);

/* What ABC (berkeley-abc) says to two BLIF texts. */
typedef enum DlcaAbcAnswer { DLCA_ABC_NONE, DLCA_ABC_EQUIVALENT, DLCA_ABC_DIFFERENT } DlcaAbcAnswer;
DlcaAbcAnswer dlca_abc_compare(const DlcaText *left, const DlcaText *right);

#endif
