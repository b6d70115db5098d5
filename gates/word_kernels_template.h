/* word_kernels_template.h - the bodies of the word kernels, over a few macros that an instruction set defines:
 *
 *   VECTOR, LANES           a vector of LANES words; LANES divides DLCA_WORD_BLOCK
 *   LOAD(p), STORE(p, v)    unaligned
 *   GATE(op, a, b)          one of the 16 operations, op a constant
 *   SELECT(mask, a, b)      mask ? a : b, bit by bit
 *   TABLE                   the function that returns the table
 *
 * Each word_kernels_<set>.c defines them and includes this file once. */
#include "word_kernels.h"

/* A gate over a row. Neither pointer says `restrict`: a result may overwrite an input of its own, word by word. */
#define ROW(operation)                                       \
    case operation:                                          \
        for (int64_t i = 0; i < words; i += LANES) {         \
            const VECTOR va = LOAD(a + i), vb = LOAD(b + i); \
            STORE(to + i, GATE(operation, va, vb));          \
        }                                                    \
        break;

#define ROW_OF_ONE(operation, from)                  \
    case operation:                                  \
        for (int64_t i = 0; i < words; i += LANES) { \
            const VECTOR v = LOAD((from) + i);       \
            STORE(to + i, GATE(operation, v, v));    \
        }                                            \
        break;

static void fill(uint64_t *to, uint64_t value, int64_t words) {
    for (int64_t i = 0; i < words; i++) {
        to[i] = value;
    }
}

static void run(const DlcaProgram *program, uint64_t *const *row, int64_t words) {
    for (int32_t step = 0; step < program->instructions; step++) {
        const DlcaInstruction instruction = program->instruction[step];
        uint64_t *to = row[instruction.to];
        const uint64_t *a = row[instruction.a], *b = row[instruction.b];
        switch (instruction.op) {
            ROW(DLCA_OP_AND)
            ROW(DLCA_OP_A_AND_NOT_B)
            ROW(DLCA_OP_NOT_A_AND_B)
            ROW(DLCA_OP_XOR)
            ROW(DLCA_OP_OR)
            ROW(DLCA_OP_NOR)
            ROW(DLCA_OP_XNOR)
            ROW(DLCA_OP_A_OR_NOT_B)
            ROW(DLCA_OP_NOT_A_OR_B)
            ROW(DLCA_OP_NAND)
            ROW_OF_ONE(DLCA_OP_A, a)
            ROW_OF_ONE(DLCA_OP_B, b)
            ROW_OF_ONE(DLCA_OP_NOT_A, a)
            ROW_OF_ONE(DLCA_OP_NOT_B, b)
        case DLCA_OP_FALSE:
            fill(to, 0, words);
            break;
        default:
            fill(to, ~(uint64_t)0, words);
            break;
        }
    }
}

static void select_words(uint64_t *to, const uint64_t *old, const uint64_t *mask, int64_t words) {
    for (int64_t i = 0; i < words; i += LANES) {
        STORE(to + i, SELECT(LOAD(mask + i), LOAD(to + i), LOAD(old + i)));
    }
}

static int64_t count_differences(const uint64_t *a, const uint64_t *b, uint64_t counted, uint64_t *any, int64_t words) {
    int64_t ones = 0;
    for (int64_t i = 0; i < words; i++) {
        const uint64_t different = (a[i] ^ b[i]) & counted;
        any[i] |= different;
        ones += __builtin_popcountll(different);
    }
    return ones;
}

static int64_t count_ones(const uint64_t *from, int64_t words, uint64_t *any) {
    int64_t ones = 0;
    uint64_t seen = *any;
    for (int64_t i = 0; i < words; i++) {
        seen |= from[i];
        ones += __builtin_popcountll(from[i]);
    }
    *any = seen;
    return ones;
}

const DlcaWordKernels *TABLE(void) {
    static const DlcaWordKernels table = {run, select_words, count_differences, count_ones};
    return &table;
}
