/* hand_life.h - Conway's Life written by hand for the blocks of src/cell_blocks.h: the yardstick for learned rules.
 *
 * Adders over whole blocks: three cells above each other make a sum of two bits (a full adder); three such sums side by
 * side make the sum of all nine cells, of which 3, or 4 with the cell itself alive, live on. The sums of a column are
 * used for three blocks in turn and stay in registers, so each block costs 3 loads, 1 store and on AVX-512 10
 * three-input instructions. Written once, in hand_life_template.h. Leaves alone: the frame, passes, threads
 * (src/planes.h runs it like a compiled rule). */
#ifndef DLCA_HAND_LIFE_H
#define DLCA_HAND_LIFE_H

#include "../src/row_kernel.h"

/* NULL where the program was built without the instruction set. */
DlcaCompiledRow *dlca_hand_life_scalar(void);
DlcaCompiledRow *dlca_hand_life_avx2(void);
DlcaCompiledRow *dlca_hand_life_avx512(void);

#endif
