/* cube.h - signals made to measure: ANDs of literals that are 1 at one place and 0 at others, and trees of gates.
 *
 * A place is a cell in a step; a trace says what each signal of a layer is there. Leaves alone: which places (patch.h,
 * finish.h). */
#ifndef DLCA_CUBE_H
#define DLCA_CUBE_H

#include "spare.h"

enum { DLCA_CUBE_LITERALS = 32 };

typedef struct DlcaLiteral {
    int32_t gate; /* of the layer that the cube is over */
    bool inverted;
} DlcaLiteral;

/* An AND of literals. */
typedef struct DlcaCube {
    int32_t literals;
    DlcaLiteral literal[DLCA_CUBE_LITERALS];
} DlcaCube;

/* Words of a row: places that a cube is made for. */
typedef struct DlcaPlaces {
    size_t first, words;
    const uint64_t *harmful; /* [words] where the cube must be 0 */
    uint64_t *left;          /* [words] overwritten */
} DlcaPlaces;

/* Over layer `layer` (-1: the inputs), 1 at bit `pivot` of the places' words, 0 where harmful, of at most `most`
 * literals: each the one that leaves the fewest harmful places, ties to the lowest gate. False: there is none. */
bool dlca_cube_find(const DlcaTrace *trace, int32_t layer, const DlcaPlaces *places, size_t pivot, int32_t most,
                    DlcaCube *cube);

/* Where the cube is 1, in a word of the rows. */
uint64_t dlca_cube_word(const DlcaTrace *trace, int32_t layer, const DlcaCube *cube, size_t word);

/* A signal, or its inverse. */
typedef struct DlcaLeaf {
    DlcaSignal signal;
    bool inverted;
} DlcaLeaf;

/* Levels of a tree of gates with so many leaves. */
int32_t dlca_tree_levels(int32_t leaves);

/* A tree of one symmetric operation, level by level; what has no partner waits. Overwrites leaf [count]. */
DlcaLeaf dlca_tree_build(DlcaSpare *spare, int op, DlcaLeaf *leaf, int32_t count);
DlcaLeaf dlca_cube_build(DlcaSpare *spare, int32_t layer, const DlcaCube *cube);

#endif
