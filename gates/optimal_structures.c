/* optimal_structures.c - the table of structures, and which one serves a function. */
#include "optimal_structures.h"

#include <stdlib.h>

static const DlcaStructure structures[DLCA_STRUCTURES] = {
#include "optimal_structures_table.h"
};

const DlcaStructure *dlca_structure(int32_t index) {
    return &structures[index];
}

uint16_t dlca_structure_function(const DlcaStructure *structure) {
    uint16_t value[DLCA_STRUCTURE_INPUTS + DLCA_STRUCTURE_MOST_GATES] = {0xaaaa, 0xcccc, 0xf0f0, 0xff00};
    if (structure->gates == 0) {
        return structure->function == 0 ? 0 : value[0];
    }
    for (int32_t i = 0; i < structure->gates; i++) {
        const uint16_t a = value[structure->gate[i].a], b = value[structure->gate[i].b];
        value[DLCA_STRUCTURE_INPUTS + i] = (uint16_t)dlca_op_word(structure->gate[i].op, a, b);
    }
    return value[DLCA_STRUCTURE_INPUTS + structure->gates - 1];
}

/* f with input k of f at input place[k] of the result. */
static uint16_t permuted(uint16_t f, const uint8_t *place) {
    uint16_t result = 0;
    for (int32_t i = 0; i < 16; i++) {
        int32_t from = 0;
        for (int32_t k = 0; k < DLCA_STRUCTURE_INPUTS; k++) {
            from |= (i >> place[k] & 1) << k;
        }
        result = (uint16_t)(result | (f >> from & 1) << i);
    }
    return result;
}

/* f with input k inverted: the halves of its table change places. */
static uint16_t flipped(uint16_t f, int32_t k) {
    static const uint16_t when_1[DLCA_STRUCTURE_INPUTS] = {0xaaaa, 0xcccc, 0xf0f0, 0xff00};
    const int32_t distance = 1 << k;
    return (uint16_t)((f & when_1[k]) >> distance | (f << distance & when_1[k]));
}

static void list_uses_of(int32_t index, const uint8_t *place, DlcaStructureUse *uses) {
    const uint16_t in_place = permuted(dlca_structure_function(&structures[index]), place);
    for (int32_t inverted = 0; inverted < 16; inverted++) {
        uint16_t f = in_place;
        for (int32_t k = 0; k < DLCA_STRUCTURE_INPUTS; k++) {
            f = inverted >> k & 1 ? flipped(f, place[k]) : f;
        }
        DlcaStructureUse use = {(uint8_t)index, {place[0], place[1], place[2], place[3]}, (uint8_t)inverted, false};
        uses[f] = use;
        use.output_inverted = true;
        uses[(uint16_t)~f] = use;
    }
}

DlcaStructureUse *dlca_structure_uses(DlcaError *error) {
    DlcaStructureUse *uses = calloc((size_t)1 << 16, sizeof *uses);
    if (!uses) {
        dlca_fail(error, DLCA_FAILED, "no memory for the table of structures");
        return NULL;
    }
    for (int32_t code = 0; code < 256; code++) { /* the 24 permutations are among the 256 ways to choose four places */
        const uint8_t place[4] = {code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6 & 3};
        const int32_t seen = 1 << place[0] | 1 << place[1] | 1 << place[2] | 1 << place[3];
        for (int32_t index = 0; seen == 15 && index < DLCA_STRUCTURES; index++) {
            list_uses_of(index, place, uses);
        }
    }
    return uses;
}
