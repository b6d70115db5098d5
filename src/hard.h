/* hard.h - what the tests and benchmarks of the hard grid need beyond dlca.h. */
#ifndef DLCA_HARD_H
#define DLCA_HARD_H

#include "dlca.h"

/* Steps use this instruction set from now on; before, the best one, with native code. It must be usable; where a set
 * has no kernels for words of its own, the scalar ones run. `native`: machine code made for the rule where that is
 * possible (gates/native.h), otherwise the kernels. The cells are the same with each. */
void dlca_hard_use(DlcaHardGrid *grid, DlcaIsa isa, bool native);

#endif
