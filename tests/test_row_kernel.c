/* test_row_kernel.c - runs of blocks between guard pages: every way gives the same words, and touches nothing beyond
 * the blocks around those that it computes and the ones that it writes. */
#include "../src/row_kernel.h"

#include "guard.h"
#include "random_circuit.h"

#include <criterion/criterion.h>
#include <string.h>

enum { CHANNELS = 3, MOST_BLOCKS = 70 };

/* Words as floats of a guarded buffer: two for each. */
static uint64_t *words_of(const GuardedFloats *buffer) {
    return (void *)buffer->values;
}

static void run_between_guards(const DlcaProgram *program, int32_t blocks, GuardSide side, DlcaIsa isa, bool native,
                               bool masked, uint64_t *result) {
    const DlcaRowStrides strides = {.row = (int64_t)CHANNELS * (blocks + 2) * DLCA_WORD_BLOCK,
                                    .plane = (int64_t)(blocks + 2) * DLCA_WORD_BLOCK,
                                    .plane_written = (int64_t)blocks * DLCA_WORD_BLOCK};
    const size_t words = (size_t)blocks * DLCA_WORD_BLOCK;
    GuardedFloats in = guarded_floats(2 * 3 * (size_t)strides.row, side);
    GuardedFloats out = guarded_floats(2 * CHANNELS * words, side), mask = guarded_floats(2 * words, side);
    TestRandom random = test_random((uint64_t)blocks);
    DlcaRowKernel kernel;
    for (int64_t i = 0; i < 3 * strides.row; i++) {
        words_of(&in)[i] = test_random_word(&random);
    }
    for (size_t i = 0; i < words; i++) {
        words_of(&mask)[i] = test_random_word(&random);
    }
    cr_assert(dlca_row_kernel_create(&kernel, program, NULL, strides, masked, isa, native, NULL, NULL));
    dlca_row_kernel_run(&kernel, words_of(&in) + strides.row + DLCA_WORD_BLOCK, words_of(&out), words_of(&mask),
                        (int64_t)words);
    memcpy(result, words_of(&out), CHANNELS * words * sizeof *result);
    dlca_row_kernel_free(&kernel);
    guarded_free(&in);
    guarded_free(&out);
    guarded_free(&mask);
}

Test(row_kernel, stays_between_its_guard_pages) {
    static const DlcaIsa sets[3] = {DLCA_ISA_SCALAR, DLCA_ISA_AVX2, DLCA_ISA_AVX512};
    static const int32_t lengths[6] = {1, 2, 3, 63, 65, MOST_BLOCKS};
    static uint64_t expected[CHANNELS * MOST_BLOCKS * DLCA_WORD_BLOCK], found[CHANNELS * MOST_BLOCKS * DLCA_WORD_BLOCK];
    TestRandom random = test_random(8);
    for (int32_t i = 0; i < 24; i++) {
        const int32_t blocks = lengths[i % 6];
        const bool masked = i % 2 != 0;
        DlcaCircuit rule = random_circuit(&random, DLCA_NEIGHBOURS * CHANNELS, CHANNELS, 20 + 40 * (i % 5), ANY_OPS);
        DlcaProgram program = {0};
        cr_assert(dlca_program_compile(&program, &rule, NULL));
        run_between_guards(&program, blocks, GUARD_BEHIND, DLCA_ISA_SCALAR, false, masked, expected);
        for (int32_t way = 0; way < 12; way++) {
            if (dlca_isa_usable(sets[way % 3])) {
                run_between_guards(&program, blocks, way / 6 ? GUARD_BEFORE : GUARD_BEHIND, sets[way % 3],
                                   way / 3 % 2 != 0, masked, found);
                cr_assert_arr_eq(found, expected, (size_t)(CHANNELS * blocks * DLCA_WORD_BLOCK) * sizeof *found,
                                 "%d blocks, way %d, masked %d", blocks, way, masked);
            }
        }
        dlca_program_free(&program);
        dlca_circuit_free(&rule);
    }
}
