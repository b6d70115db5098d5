/* test_tree_kernels.c - a perception kernel in registers (forward_tree, forward_tree_inner) against the same gates
 * layer by layer, to the bit, on every instruction set, for whole tiles and halves, between pages that must not be
 * touched. */
#include "../src/backend.h"
#include "guard.h"
#include "random_circuit.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { INPUTS = 9, PLACES = DLCA_TREE_FOURTH + 1, MOST_VECTORS = 8 };

typedef struct TreeCase {
    DlcaTree tree;
    DlcaLanes lanes;
    size_t pitch, end; /* floats from row to row, and of the last row */
    float coefficients[PLACES * 4];
    float *in;               /* [INPUTS] rows */
    float *values, *outputs; /* [PLACES] and [2] rows as they are expected, -1 where nothing is written */
} TreeCase;

static float *filled(size_t count, float value) {
    float *floats = malloc(count * sizeof *floats);
    for (size_t i = 0; i < count; i++) {
        floats[i] = value;
    }
    return floats;
}

static size_t floats_of(const TreeCase *test, int32_t rows) {
    return (size_t)(rows - 1) * test->pitch + test->end;
}

/* Gates `count` from `place` on, each reading the two before it in order; those of the first layer a leaf and the
 * centre. */
static void compute_layer(const TreeCase *test, int32_t place, int32_t count, const float *from, float *to) {
    DlcaPair pairs[8];
    for (int32_t i = 0; i < count; i++) {
        pairs[i] = place == DLCA_TREE_FIRST ? (DlcaPair){test->tree.leaf[i], test->tree.centre, i, 0}
                                            : (DlcaPair){2 * i, 2 * i + 1, i, 0};
    }
    dlca_kernels_scalar()->forward_rows(pairs, count, test->coefficients + 4 * place, from, test->pitch, to,
                                        test->pitch, test->lanes);
}

static void compute_expected(TreeCase *test) {
    float *rows = test->values;
    const size_t pitch = test->pitch;
    compute_layer(test, DLCA_TREE_FIRST, 8, test->in, rows);
    compute_layer(test, DLCA_TREE_SECOND, 4, rows, rows + DLCA_TREE_SECOND * pitch);
    float *third = test->tree.four_layers ? rows + DLCA_TREE_THIRD * pitch : test->outputs;
    compute_layer(test, DLCA_TREE_THIRD, 2, rows + DLCA_TREE_SECOND * pitch, third);
    if (test->tree.four_layers) {
        compute_layer(test, DLCA_TREE_FOURTH, 1, third, test->outputs);
    }
}

static TreeCase tree_case(TestRandom *random) {
    TreeCase test = {0};
    test.tree.four_layers = test_random_below(random, 2) == 1;
    test.tree.centre = test_random_below(random, INPUTS);
    for (int i = 0; i < 8; i++) {
        test.tree.leaf[i] = test_random_below(random, INPUTS);
    }
    test.tree.out[1] = test.tree.four_layers ? 0 : 1;
    test.lanes.vectors = 2 + 2 * test_random_below(random, MOST_VECTORS / 2);
    test.lanes.apart = test_random_below(random, 2) ? DLCA_TILE : 16;
    test.end = (size_t)(test.lanes.vectors - 1) * (size_t)test.lanes.apart + 16;
    test.pitch = test.end + (size_t)test_random_below(random, 40);
    for (int i = 0; i < PLACES * 4; i++) {
        test.coefficients[i] = (float)(test_random_below(random, 4001) - 2000) / 1000.0f;
    }
    test.in = filled(floats_of(&test, INPUTS), 0.0f);
    for (size_t i = 0; i < floats_of(&test, INPUTS); i++) {
        test.in[i] = (float)test_random_below(random, 1001) / 1000.0f;
    }
    test.values = filled(floats_of(&test, PLACES), -1.0f);
    test.outputs = filled(floats_of(&test, 2), -1.0f);
    compute_expected(&test);
    return test;
}

static void free_case(TreeCase *test) {
    free(test->in);
    free(test->values);
    free(test->outputs);
}

typedef void TreeKernel(const DlcaTree *tree, const float *coefficients, const float *in, size_t in_pitch, float *out,
                        size_t out_pitch, DlcaLanes lanes);

static void expect_tree(const TreeCase *test, TreeKernel *kernel, int32_t rows, const float *expected, GuardSide side,
                        const char *what) {
    GuardedFloats in = guarded_floats(floats_of(test, INPUTS), side), out = guarded_floats(floats_of(test, rows), side);
    memcpy(in.values, test->in, floats_of(test, INPUTS) * sizeof(float));
    for (size_t i = 0; i < floats_of(test, rows); i++) {
        out.values[i] = -1.0f;
    }
    kernel(&test->tree, test->coefficients, in.values, test->pitch, out.values, test->pitch, test->lanes);
    cr_assert_arr_eq(out.values, expected, floats_of(test, rows) * sizeof(float),
                     "%s differs (%d layers, %d vectors %d apart)", what, test->tree.four_layers ? 4 : 3,
                     test->lanes.vectors, test->lanes.apart);
    guarded_free(&in);
    guarded_free(&out);
}

Test(tree_kernels, equal_layer_by_layer_to_the_bit) {
    TestRandom random = test_random(31);
    for (int round = 0; round < 80; round++) {
        TreeCase test = tree_case(&random);
        for (int isa = 0; isa < DLCA_ISA_COUNT; isa++) {
            const DlcaKernels *kernels = dlca_isa_usable((DlcaIsa)isa) ? dlca_kernels_for((DlcaIsa)isa) : NULL;
            for (int side = GUARD_BEHIND; kernels && side <= GUARD_BEFORE; side++) {
                /* what the last layer would be is left out; places 14 and 15 are nobody's */
                const int32_t inner = test.tree.four_layers ? DLCA_TREE_THIRD + 2 : DLCA_TREE_SECOND + 4;
                expect_tree(&test, kernels->forward_tree, test.tree.four_layers ? 1 : 2, test.outputs, (GuardSide)side,
                            dlca_isa_name((DlcaIsa)isa));
                expect_tree(&test, kernels->forward_tree_inner, inner, test.values, (GuardSide)side,
                            dlca_isa_name((DlcaIsa)isa));
            }
        }
        free_case(&test);
    }
}
