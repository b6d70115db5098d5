/* rounds.h - tests that do the same many times do it a few times where each takes a hundred times as long: under
 * valgrind (tests/valgrind.sh sets DLCA_TESTS_SHORT). Leaves alone: what is done. */
#ifndef DLCA_TESTS_ROUNDS_H
#define DLCA_TESTS_ROUNDS_H

#include <stdlib.h>

static inline int test_rounds(int all, int few) {
    return getenv("DLCA_TESTS_SHORT") ? few : all;
}

#endif
