/* test_program.c - compiled programs against plain evaluation, each instruction set, rows up against guard pages. */
#include "../gates/program.h"
#include "../gates/word_kernels.h"
#include "../src/dlca.h"
#include "random_circuit.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SETS = 3, MAX_WORDS = 64 };

/* NULL where this processor cannot run them. */
static const DlcaWordKernels *kernels_of_set(int set) {
    switch (set) {
    case 0:
        return dlca_word_kernels_scalar();
    case 1:
        return dlca_isa_usable(DLCA_ISA_AVX2) ? dlca_word_kernels_avx2() : NULL;
    default:
        return dlca_isa_usable(DLCA_ISA_AVX512) ? dlca_word_kernels_avx512() : NULL;
    }
}

/* Rows that end right before a page that must not be touched; `gap` words of 0x5a are between a row and the next, and
 * the program must leave them alone. */
typedef struct Rows {
    uint64_t **row;
    void *memory;
    size_t bytes;
} Rows;

static Rows rows_at_the_edge(int32_t rows, int64_t words) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t each = (((size_t)words * 8 + page - 1) / page + 1) * page;
    Rows result = {malloc((size_t)rows * sizeof *result.row), NULL, each * (size_t)rows};
    result.memory = mmap(NULL, result.bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cr_assert(result.memory != MAP_FAILED);
    memset(result.memory, 0x5a, result.bytes);
    for (int32_t i = 0; i < rows; i++) {
        char *end = (char *)result.memory + (size_t)(i + 1) * each - page;
        cr_assert_eq(mprotect(end, page, PROT_NONE), 0);
        result.row[i] = (uint64_t *)(void *)(end - words * 8);
    }
    return result;
}

static void free_rows(Rows *rows) {
    munmap(rows->memory, rows->bytes);
    free(rows->row);
}

static bool is_used(const DlcaProgram *program, int32_t input) {
    for (int32_t i = 0; i < program->used_inputs; i++) {
        if (program->used_input[i] == input) {
            return true;
        }
    }
    return false;
}

/* Runs the program on random words and compares each output with dlca_circuit_evaluate. Rows of unused inputs are NULL:
 * reading one would crash. */
static void compare_with_plain(const DlcaWordKernels *kernels, const DlcaCircuit *circuit, const DlcaProgram *program,
                               int64_t words, TestRandom *random) {
    Rows rows = rows_at_the_edge(dlca_program_rows(program), words);
    uint64_t *values = calloc((size_t)circuit->inputs + (size_t)circuit->gates, sizeof *values);
    uint64_t *given = calloc((size_t)circuit->inputs * (size_t)words, sizeof *given);
    for (int32_t i = 0; i < circuit->inputs; i++) {
        for (int64_t w = 0; w < words; w++) {
            rows.row[i][w] = given[i * words + w] = test_random_word(random);
        }
        rows.row[i] = is_used(program, i) ? rows.row[i] : NULL;
    }
    kernels->run(program, rows.row, words);
    for (int64_t w = 0; w < words; w++) {
        for (int32_t i = 0; i < circuit->inputs; i++) {
            values[i] = given[i * words + w];
            cr_assert(!rows.row[i] || rows.row[i][w] == values[i], "input %d was overwritten", i);
        }
        dlca_circuit_evaluate(circuit, values);
        for (int32_t i = 0; i < circuit->outputs; i++) {
            cr_assert_eq(rows.row[circuit->inputs + i][w], values[circuit->output[i]], "output %d, word %d", i, (int)w);
            const uint64_t *row = rows.row[circuit->inputs + i];
            cr_assert_eq(row[-1], 0x5a5a5a5a5a5a5a5au, "output %d writes before its row", i);
        }
    }
    free(given);
    free(values);
    free_rows(&rows);
}

Test(program, every_instruction_set_agrees_with_plain_evaluation) {
    DlcaProgram program = {0};
    DlcaError error = {0};
    for (int set = 0; set < SETS; set++) {
        const DlcaWordKernels *kernels = kernels_of_set(set);
        TestRandom random = test_random(11);
        for (int round = 0; kernels && round < 400; round++) {
            const int32_t inputs = 1 + test_random_below(&random, 12), outputs = 1 + test_random_below(&random, 6);
            const int32_t gates = test_random_below(&random, round % 10 == 0 ? 400 : 40);
            DlcaCircuit circuit = random_circuit(&random, inputs, outputs, gates, (RandomOps)(round % 4));
            cr_assert(dlca_program_compile(&program, &circuit, &error), "%s", error.message);
            cr_assert_leq(program.instructions, dlca_circuit_live_gates(&circuit) + outputs);
            const int64_t words = DLCA_WORD_BLOCK * (1 + test_random_below(&random, MAX_WORDS / DLCA_WORD_BLOCK));
            compare_with_plain(kernels, &circuit, &program, words, &random);
            dlca_circuit_free(&circuit);
        }
    }
    dlca_program_free(&program);
}

/* Each operation alone, as an output and as something that is read. */
Test(program, every_operation) {
    DlcaProgram program = {0};
    DlcaError error = {0};
    TestRandom random = test_random(12);
    for (int set = 0; set < SETS; set++) {
        const DlcaWordKernels *kernels = kernels_of_set(set);
        for (int op = 0; kernels && op < DLCA_OPS; op++) {
            DlcaGate gates[] = {{0, 1, (uint8_t)op}, {2, 0, DLCA_OP_XOR}};
            int32_t outputs[] = {2, 3, 2, 1};
            const DlcaCircuit circuit = {2, 4, 2, gates, outputs};
            cr_assert(dlca_program_compile(&program, &circuit, &error));
            compare_with_plain(kernels, &circuit, &program, DLCA_WORD_BLOCK, &random);
        }
    }
    dlca_program_free(&program);
}

Test(program, dead_gates_and_pass_throughs_are_not_run) {
    DlcaGate gates[] = {{0, 1, DLCA_OP_AND}, {3, 2, DLCA_OP_A}, {2, 4, DLCA_OP_B}, {0, 1, DLCA_OP_OR}};
    int32_t output = 5;
    const DlcaCircuit circuit = {3, 1, 4, gates, &output};
    DlcaProgram program = {0};
    DlcaError error = {0};
    cr_assert(dlca_program_compile(&program, &circuit, &error));
    cr_assert_eq(program.instructions, 1);
    cr_assert_eq(program.instruction[0].op, DLCA_OP_AND);
    cr_assert_eq(program.scratch_rows, 0);
    cr_assert_eq(program.used_inputs, 2);
    dlca_program_free(&program);
}

/* A chain of 1000 gates and a balanced tree of 255: a row or two, and one per level. */
Test(program, scratch_rows_are_shared) {
    DlcaProgram program = {0};
    DlcaError error = {0};
    TestRandom random = test_random(13);
    DlcaCircuit chain = random_circuit(&random, 2, 1, 1000, REAL_OPS);
    for (int32_t i = 0; i < chain.gates; i++) {
        chain.gate[i].a = 1 + i; /* the gate before, input 1 for the first */
        chain.gate[i].b = 0;
    }
    chain.output[0] = 1001;
    cr_assert(dlca_program_compile(&program, &chain, &error));
    cr_assert_eq(program.instructions, 1000);
    cr_assert_leq(program.scratch_rows, 1);
    DlcaCircuit tree = random_circuit(&random, 256, 1, 255, REAL_OPS);
    for (int32_t i = 0; i < 255; i++) {
        tree.gate[i].a = 2 * i;
        tree.gate[i].b = 2 * i + 1;
    }
    tree.output[0] = 256 + 254;
    cr_assert(dlca_program_compile(&program, &tree, &error));
    cr_assert_eq(program.instructions, 255);
    cr_assert_leq(program.scratch_rows, 8);
    compare_with_plain(dlca_word_kernels_scalar(), &tree, &program, DLCA_WORD_BLOCK, &random);
    for (int side = 0; side < 2;
         side++) { /* each gate of the chain also reads a gate of its own: the chain goes first */
        for (int32_t i = 0; i < 500; i++) {
            chain.gate[2 * i] = (DlcaGate){0, 1, DLCA_OP_XOR};
            const int32_t before = i == 0 ? 0 : 2 * i + 1, own = 2 * i + 2;
            chain.gate[2 * i + 1] = (DlcaGate){side ? before : own, side ? own : before, DLCA_OP_AND};
        }
        cr_assert(dlca_program_compile(&program, &chain, &error));
        cr_assert_leq(program.scratch_rows, 2);
    }
    dlca_circuit_free(&chain);
    dlca_circuit_free(&tree);
    dlca_program_free(&program);
}

Test(program, select_and_counting) {
    TestRandom random = test_random(14);
    for (int set = 0; set < SETS; set++) {
        const DlcaWordKernels *kernels = kernels_of_set(set);
        for (int64_t words = 1; kernels && words <= MAX_WORDS; words++) {
            Rows rows = rows_at_the_edge(4, words);
            uint64_t before[MAX_WORDS];
            for (int64_t w = 0; w < words; w++) {
                for (int i = 0; i < 4; i++) {
                    rows.row[i][w] = test_random_word(&random);
                }
                before[w] = rows.row[0][w];
            }
            if (words % DLCA_WORD_BLOCK == 0) {
                kernels->select(rows.row[0], rows.row[1], rows.row[2], words);
                for (int64_t w = 0; w < words; w++) {
                    const uint64_t mask = rows.row[2][w];
                    cr_assert_eq(rows.row[0][w], (mask & before[w]) | (~mask & rows.row[1][w]));
                }
            }
            const uint64_t counted = test_random_word(&random);
            uint64_t any[MAX_WORDS] = {0}, seen = 0, expected_seen = 0;
            int64_t expected = 0;
            const int64_t ones = kernels->count_differences(rows.row[1], rows.row[3], counted, any, words);
            for (int64_t w = 0; w < words; w++) {
                const uint64_t different = (rows.row[1][w] ^ rows.row[3][w]) & counted;
                cr_assert_eq(any[w], different);
                expected_seen |= different;
                for (int bit = 0; bit < 64; bit++) {
                    expected += (int64_t)(different >> bit & 1);
                }
            }
            cr_assert_eq(ones, expected);
            cr_assert_eq(kernels->count_ones(any, words, &seen), expected);
            cr_assert_eq(seen, expected_seen);
            free_rows(&rows);
        }
    }
}
