/* test_native.c - machine code made at run time against plain evaluation: registers that run out, masks, page edges. */
#include "../gates/native.h"
#include "../gates/native_plan.h"
#include "../gates/word_kernels.h"
#include "../src/dlca.h"
#include "random_circuit.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* NULL where it does not exist: then there is nothing to test. */
static DlcaNative *native_of_set(int set) {
    const bool usable = dlca_isa_usable(set == 0 ? DLCA_ISA_AVX2 : DLCA_ISA_AVX512);
    return usable ? dlca_native_create(set == 0 ? DLCA_NATIVE_AVX2 : DLCA_NATIVE_AVX512) : NULL;
}

typedef struct Trial {
    const DlcaCircuit *circuit;
    DlcaProgram program;
    int64_t words;
    int64_t *input_offset, *output_offset, *old_offset;
    uint64_t *in, *out, *mask, *values;
} Trial;

static Trial trial_of(const DlcaCircuit *circuit, int64_t words, TestRandom *random) {
    DlcaError error = {0};
    Trial trial = {.circuit = circuit, .words = words};
    cr_assert(dlca_program_compile(&trial.program, circuit, &error), "%s", error.message);
    const size_t inputs = (size_t)circuit->inputs, outputs = (size_t)circuit->outputs;
    const size_t planes = inputs + outputs; /* the old values of outputs stand behind the inputs */
    trial.input_offset = malloc((inputs + 1) * sizeof(int64_t));
    trial.output_offset = malloc((outputs + 1) * sizeof(int64_t));
    trial.old_offset = malloc((outputs + 1) * sizeof(int64_t));
    trial.in = malloc(planes * (size_t)words * sizeof(uint64_t));
    trial.out = malloc((outputs + 1) * (size_t)words * sizeof(uint64_t));
    trial.mask = malloc((size_t)words * sizeof(uint64_t));
    trial.values = malloc((inputs + (size_t)circuit->gates + 1) * sizeof(uint64_t));
    for (int32_t i = 0; i < trial.program.used_inputs; i++) {
        trial.input_offset[i] = trial.program.used_input[i] * words;
    }
    for (int32_t i = 0; i < circuit->outputs; i++) {
        trial.output_offset[i] = i * words;
        trial.old_offset[i] = (circuit->inputs + i) * words;
    }
    for (size_t i = 0; i < planes * (size_t)words; i++) {
        trial.in[i] = test_random_word(random);
    }
    for (int64_t i = 0; i < words; i++) {
        trial.mask[i] = test_random_word(random);
    }
    return trial;
}

static void free_trial(Trial *trial) {
    dlca_program_free(&trial->program);
    free(trial->input_offset);
    free(trial->output_offset);
    free(trial->old_offset);
    free(trial->in);
    free(trial->out);
    free(trial->mask);
    free(trial->values);
}

static void run_and_compare(DlcaNative *native, const Trial *trial, bool masked) {
    const DlcaCircuit *circuit = trial->circuit;
    const int64_t words = trial->words;
    const DlcaNativeLayout layout = {.input_offset = trial->input_offset,
                                     .output_offset = trial->output_offset,
                                     .old_offset = masked ? trial->old_offset : NULL};
    cr_assert(dlca_native_build(native, &trial->program, &layout));
    memset(trial->out, 0x5a, (size_t)(circuit->outputs + 1) * (size_t)words * sizeof(uint64_t));
    dlca_native_run(native, trial->in, trial->out, trial->mask, words);
    for (int64_t w = 0; w < words; w++) {
        for (int32_t i = 0; i < circuit->inputs; i++) {
            trial->values[i] = trial->in[i * words + w];
        }
        dlca_circuit_evaluate(circuit, trial->values);
        for (int32_t i = 0; i < circuit->outputs; i++) {
            uint64_t expected = trial->values[circuit->output[i]];
            if (masked) {
                const uint64_t old = trial->in[(circuit->inputs + i) * words + w], mask = trial->mask[w];
                expected = (expected & mask) | (old & ~mask);
            }
            cr_assert_eq(trial->out[i * words + w], expected, "output %d, word %d, masked %d", i, (int)w, masked);
        }
        cr_assert_eq(trial->out[circuit->outputs * words + w], 0x5a5a5a5a5a5a5a5au, "writes behind the outputs");
    }
}

static void try_circuit(DlcaNative *native, const DlcaCircuit *circuit, TestRandom *random) {
    Trial trial = trial_of(circuit, DLCA_WORD_BLOCK * (1 + test_random_below(random, 4)), random);
    run_and_compare(native, &trial, false);
    run_and_compare(native, &trial, true);
    free_trial(&trial);
}

Test(native, random_circuits) {
    for (int set = 0; set < 2; set++) {
        DlcaNative *native = native_of_set(set);
        TestRandom random = test_random(41);
        for (int round = 0; native && round < 1200; round++) {
            const int32_t inputs = 1 + test_random_below(&random, 60), outputs = 1 + test_random_below(&random, 20);
            const int32_t gates = test_random_below(&random, round % 10 == 0 ? 1500 : 60);
            DlcaCircuit circuit = random_circuit(&random, inputs, outputs, gates, (RandomOps)(round % 4));
            try_circuit(native, &circuit, &random);
            dlca_circuit_free(&circuit);
        }
        dlca_native_free(native);
    }
    dlca_native_free(NULL);
}

/* Every operation, read by every other, from both sides: all tables of two and three inputs, and all polarities. */
Test(native, every_pair_of_operations) {
    for (int set = 0; set < 2; set++) {
        DlcaNative *native = native_of_set(set);
        TestRandom random = test_random(42);
        for (int pair = 0; native && pair < 2 * DLCA_OPS * DLCA_OPS; pair++) {
            const uint8_t inner = (uint8_t)(pair % DLCA_OPS), outer = (uint8_t)(pair / DLCA_OPS % DLCA_OPS);
            const bool left = pair >= DLCA_OPS * DLCA_OPS;
            DlcaGate gates[] = {{0, 1, inner}, {left ? 3 : 2, left ? 2 : 3, outer}, {3, 4, outer}};
            int32_t merged[] = {4}, apart[] = {4, 3, 4, 0, 5};
            const DlcaCircuit one = {3, 1, 2, gates, merged}, many = {3, 5, 3, gates, apart};
            try_circuit(native, &one, &random);
            try_circuit(native, &many, &random);
        }
        dlca_native_free(native);
    }
}

/* Sixty values that are all needed again at the end: more than there are registers. Among the gates that need them are
 * some that nothing but an output reads, so that an output is written while every register is taken. */
Test(native, values_that_do_not_fit_the_registers) {
    enum { INPUTS = 8, LIVE = 60, GATES = 4 * LIVE, OUTPUTS = 20 };
    for (int set = 0; set < 2; set++) {
        DlcaNative *native = native_of_set(set);
        TestRandom random = test_random(43);
        for (int round = 0; native && round < 50; round++) {
            DlcaCircuit circuit = random_circuit(&random, INPUTS, OUTPUTS, GATES, REAL_OPS);
            int32_t last = INPUTS + LIVE - 1, outputs = 1;
            for (int32_t i = LIVE; i < GATES; i++) {
                circuit.gate[i].a = INPUTS + (i * 7 + round) % LIVE;
                circuit.gate[i].b = last;
                const bool only_output = i % 5 == 0 && outputs < OUTPUTS;
                circuit.output[outputs] = only_output ? INPUTS + i : circuit.output[outputs];
                outputs += only_output;
                last = only_output ? last : INPUTS + i;
            }
            circuit.output[0] = last;
            try_circuit(native, &circuit, &random);
            dlca_circuit_free(&circuit);
        }
        dlca_native_free(native);
    }
}

/* What three-input instructions save: the gates left of a few circuits of inputs 0, 1, 2, 3. */
Test(native, gates_that_one_other_reads_are_merged) {
    static const struct {
        DlcaGate gate[4];
        int32_t gates, left;
    } cases[] = {
        {{{0, 1, DLCA_OP_AND}, {4, 2, DLCA_OP_XOR}}, 2, 1},
        {{{0, 1, DLCA_OP_AND}, {1, 2, DLCA_OP_OR}, {4, 5, DLCA_OP_XOR}}, 3, 1},
        {{{0, 1, DLCA_OP_AND}, {2, 3, DLCA_OP_OR}, {4, 5, DLCA_OP_XOR}}, 3, 2},
        {{{0, 1, DLCA_OP_AND}, {4, 2, DLCA_OP_OR}, {5, 3, DLCA_OP_XOR}}, 3, 2},
        {{{0, 1, DLCA_OP_AND}, {4, 2, DLCA_OP_OR}, {4, 3, DLCA_OP_XOR}, {5, 6, DLCA_OP_NAND}}, 4, 2},
        {{{0, 1, DLCA_OP_AND}, {4, 2, DLCA_OP_OR}, {4, 5, DLCA_OP_XOR}}, 3, 1}, /* both read gate 4, then one */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        DlcaGate gates[4];
        memcpy(gates, cases[i].gate, sizeof gates);
        int32_t output = 3 + cases[i].gates;
        const DlcaCircuit circuit = {4, 1, cases[i].gates, gates, &output};
        DlcaProgram program = {0};
        DlcaPlan plan = {0};
        DlcaError error = {0};
        cr_assert(dlca_program_compile(&program, &circuit, &error) && dlca_plan_make(&plan, &program, true, &error));
        int32_t left = 0;
        for (int32_t g = 0; g < plan.gates; g++) {
            left += plan.gate[g].count > 0;
        }
        cr_assert_eq(left, cases[i].left, "case %d: %d gates are left", (int)i, left);
        dlca_plan_free(&plan);
        dlca_program_free(&program);
    }
}

/* Planes that end where a page that may not be touched begins. */
Test(native, nothing_beyond_the_words_is_touched) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    for (int set = 0; set < 2; set++) {
        DlcaNative *native = native_of_set(set);
        DlcaGate gates[] = {{0, 1, DLCA_OP_XOR}, {2, 0, DLCA_OP_NAND}};
        int32_t output[] = {3};
        const DlcaCircuit circuit = {2, 1, 2, gates, output};
        TestRandom random = test_random(44);
        char *memory = mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        cr_assert(memory != MAP_FAILED && mprotect(memory + page, page, PROT_NONE) == 0 &&
                  mprotect(memory + 3 * page, page, PROT_NONE) == 0);
        for (int64_t words = DLCA_WORD_BLOCK; native && words <= 64; words += DLCA_WORD_BLOCK) {
            Trial trial = trial_of(&circuit, words, &random);
            const uint64_t *in = (uint64_t *)(void *)(memory + page) - 2 * words;
            uint64_t *out = (uint64_t *)(void *)(memory + 3 * page) - words;
            const DlcaNativeLayout layout = {.input_offset = trial.input_offset, .output_offset = trial.output_offset};
            memcpy((void *)(uintptr_t)in, trial.in, (size_t)(2 * words) * sizeof *in);
            cr_assert(dlca_native_build(native, &trial.program, &layout));
            dlca_native_run(native, in, out, NULL, words);
            for (int64_t w = 0; w < words; w++) {
                cr_assert_eq(out[w], ~((in[w] ^ in[words + w]) & in[w]));
            }
            free_trial(&trial);
        }
        munmap(memory, 4 * page);
        dlca_native_free(native);
    }
}

/* Some inputs with their bits one place up or down, around the end or not. */
Test(native, turned_inputs) {
    DlcaNative *native = native_of_set(1);
    TestRandom random = test_random(46);
    for (int round = 0; native && round < 200; round++) {
        const int32_t inputs = 1 + test_random_below(&random, 60);
        DlcaCircuit circuit = random_circuit(&random, inputs, 5, test_random_below(&random, 300), ANY_OPS);
        Trial trial = trial_of(&circuit, DLCA_WORD_BLOCK, &random);
        DlcaTurn turn[60];
        const bool around = round % 2 != 0;
        for (int32_t i = 0; i < trial.program.used_inputs; i++) {
            turn[i] = (DlcaTurn)test_random_below(&random, 3);
        }
        const DlcaNativeLayout layout = {.input_offset = trial.input_offset,
                                         .output_offset = trial.output_offset,
                                         .input_turn = turn,
                                         .turn_around = around};
        cr_assert(dlca_native_build(native, &trial.program, &layout));
        dlca_native_run(native, trial.in, trial.out, trial.mask, trial.words);
        for (int64_t w = 0; w < trial.words; w++) {
            for (int32_t i = 0; i < trial.program.used_inputs; i++) {
                const uint64_t word = trial.in[trial.input_offset[i] + w];
                const uint64_t up = word << 1 | (around ? word >> 63 : 0);
                const uint64_t down = word >> 1 | (around ? word << 63 : 0);
                trial.values[trial.program.used_input[i]] = turn[i] == DLCA_TURN_UP     ? up
                                                            : turn[i] == DLCA_TURN_DOWN ? down
                                                                                        : word;
            }
            dlca_circuit_evaluate(&circuit, trial.values);
            for (int32_t i = 0; i < circuit.outputs; i++) {
                cr_assert_eq(trial.out[i * trial.words + w], trial.values[circuit.output[i]], "output %d, round %d", i,
                             round);
            }
        }
        free_trial(&trial);
        dlca_circuit_free(&circuit);
    }
    dlca_native_free(native);
}

Test(native, offsets_out_of_reach_are_refused) {
    for (int set = 0; set < 2; set++) {
        DlcaNative *native = native_of_set(set);
        DlcaError error = {0};
        DlcaGate gate = {0, 1, DLCA_OP_XOR};
        int32_t output = 2;
        const DlcaCircuit circuit = {2, 1, 1, &gate, &output};
        DlcaProgram program = {0};
        cr_assert(dlca_program_compile(&program, &circuit, &error));
        const int64_t near[2] = {0, 8}, far[2] = {0, (int64_t)1 << 28};
        cr_assert(!native || dlca_native_build(
                                 native, &program,
                                 &(DlcaNativeLayout){.input_offset = near, .output_offset = near, .old_offset = near}));
        cr_assert(!native || !dlca_native_build(
                                 native, &program,
                                 &(DlcaNativeLayout){.input_offset = far, .output_offset = near, .old_offset = near}));
        cr_assert(!native ||
                  !dlca_native_build(
                      native, &program,
                      &(DlcaNativeLayout){.input_offset = near, .output_offset = far + 1, .old_offset = near}));
        cr_assert(!native ||
                  !dlca_native_build(
                      native, &program,
                      &(DlcaNativeLayout){.input_offset = near, .output_offset = near, .old_offset = far + 1}));
        dlca_program_free(&program);
        dlca_native_free(native);
    }
}
