/* optimal_structures.h - for every function of four inputs a circuit of as few two-input gates as possible, XOR counted
 * as one and inverters as none.
 *
 * Functions are tables of 16 bits: bit i is the value at inputs (i&1, i>>1&1, i>>2&1, i>>3&1). Up to permuting and
 * inverting inputs and inverting the output there are 222 classes; one structure for each stands in
 * optimal_structures_table.h. Leaves alone: finding them (data/optimal_structures.c), using them (rewrite.h). */
#ifndef DLCA_OPTIMAL_STRUCTURES_H
#define DLCA_OPTIMAL_STRUCTURES_H

#include "error.h"
#include "literal.h"

enum { DLCA_STRUCTURE_INPUTS = 4, DLCA_STRUCTURE_MOST_GATES = 7, DLCA_STRUCTURES = 222 };

/* Nodes 0 to 3 are the inputs, 4, 5, ... the gates; the last gate is the output (input 0 when there is no gate and the
 * function is not constant). */
typedef struct DlcaStructure {
    uint16_t function; /* the least table of its class; the gates compute some function of the class */
    uint8_t gates;
    struct {
        uint8_t op, a, b;
    } gate[DLCA_STRUCTURE_MOST_GATES];
} DlcaStructure;

/* How a function uses a structure: f(x) = structure(y) ^ output_inverted with y[k] = x[input[k]] ^ bit k of inverted.
 */
typedef struct DlcaStructureUse {
    uint8_t structure; /* index */
    uint8_t input[DLCA_STRUCTURE_INPUTS];
    uint8_t inverted;
    bool output_inverted;
} DlcaStructureUse;

const DlcaStructure *dlca_structure(int32_t index);

/* The function that its gates compute. */
uint16_t dlca_structure_function(const DlcaStructure *structure);

/* A use for each of the 65536 functions; free() it. NULL without memory. */
DlcaStructureUse *dlca_structure_uses(DlcaError *error);

#endif
