/* gate_paths.h - how the update network hands every channel on, when its gates do nothing else. Leaves alone: what
 * gates start as (gate_start.c), which uses it. */
#ifndef DLCA_GATE_PATHS_H
#define DLCA_GATE_PATHS_H

#include "dlca.h"

/* choice [gates of the update network]: 1 where a gate is to hand its input b on, 0: input a, so that the outputs'
 * paths back to the inputs share no gate and end in different channels, at a neighbour where that can be: then nothing
 * that a channel holds is lost, and all of it moves. As many outputs as have such a path get one. Drawn among equals.
 * False: no memory. */
bool dlca_gate_paths(const DlcaModel *model, DlcaRandom *random, uint8_t *choice);

#endif
