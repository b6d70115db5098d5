/* test_resubstitute.c - the random walk: same function, never larger, known minima, same bytes for the same seed. */
#include "../gates/narrow.h"
#include "../gates/optimize.h"
#include "../gates/resubstitute.h"
#include "random_circuit.h"

#include <criterion/criterion.h>
#include <string.h>

static DlcaCircuit walked(const DlcaCircuit *from, DlcaResubstitution options) {
    DlcaCircuit to;
    DlcaError error = {0};
    cr_assert(dlca_circuit_resubstitute(&to, from, &options, &error), "%s", error.message);
    cr_assert(dlca_circuit_check(&to, &error), "%s", error.message);
    cr_assert(dlca_circuit_same_on_samples(from, &to, 1 << 10, 5, &error), "%s", error.message);
    return to;
}

Test(resubstitute, random_circuits_keep_their_function) {
    TestRandom random = test_random(71);
    DlcaError error;
    int32_t before = 0, after = 0;
    for (int round = 0; round < 300; round++) {
        const int32_t inputs = 1 + test_random_below(&random, 11);
        DlcaCircuit from = random_circuit(&random, inputs, 1 + test_random_below(&random, 6),
                                          1 + test_random_below(&random, 60), (RandomOps)(round % 4));
        DlcaCircuit simple, to = walked(&from, (DlcaResubstitution){.seed = (uint64_t)round, .checks = 200000});
        cr_assert(dlca_circuit_optimize(&simple, &from, &error));
        cr_assert_leq(dlca_circuit_size(&to).gates, dlca_circuit_size(&simple).gates);
        before += dlca_circuit_size(&simple).gates;
        after += dlca_circuit_size(&to).gates;
        dlca_circuit_free(&simple);
        dlca_circuit_free(&to);
        dlca_circuit_free(&from);
    }
    cr_assert_lt(10 * after, 9 * before, "%d gates became %d", before, after);
}

/* A multiplexer chain written as sums of products: (s & a) | (!s & b) is three gates, as XOR and AND too. */
Test(resubstitute, redundancy_that_only_dont_cares_show_goes) {
    /* (a & b) | (a & !b & c) | (!a & c & b) = majority-like: a&b | a&c | b&c, four gates */
    DlcaGate gates[] = {{0, 1, DLCA_OP_AND}, {0, 1, DLCA_OP_A_AND_NOT_B}, {4, 2, DLCA_OP_AND},
                        {2, 1, DLCA_OP_AND}, {6, 0, DLCA_OP_A_AND_NOT_B}, {3, 5, DLCA_OP_OR},
                        {8, 7, DLCA_OP_OR}};
    int32_t outputs[] = {9};
    const DlcaCircuit from = {3, 1, 7, gates, outputs};
    DlcaCircuit to = walked(&from, (DlcaResubstitution){.seed = 1, .checks = 1000000});
    cr_assert_leq(dlca_circuit_size(&to).gates, 4);
    dlca_circuit_free(&to);
}

Test(resubstitute, the_same_seed_gives_the_same_circuit) {
    TestRandom random = test_random(72);
    DlcaCircuit from = random_circuit(&random, 9, 2, 80, REAL_OPS);
    const DlcaResubstitution options = {.seed = 3, .checks = 1000000};
    DlcaCircuit first = walked(&from, options), second = walked(&from, options);
    cr_assert_eq(first.gates, second.gates);
    for (int32_t i = 0; i < first.gates; i++) {
        cr_assert(first.gate[i].a == second.gate[i].a && first.gate[i].b == second.gate[i].b &&
                  first.gate[i].op == second.gate[i].op);
    }
    dlca_circuit_free(&first);
    dlca_circuit_free(&second);
    dlca_circuit_free(&from);
}

Test(resubstitute, it_stops_when_enough_and_leaves_wide_circuits_alone) {
    TestRandom random = test_random(73);
    DlcaError error;
    DlcaCircuit from = random_circuit(&random, 30, 4, 60, AND_XOR_OPS), simple;
    cr_assert(dlca_circuit_optimize(&simple, &from, &error));
    DlcaCircuit to = walked(&from, (DlcaResubstitution){.seed = 1, .checks = 1000000, .enough = 1000});
    cr_assert_eq(to.gates, simple.gates);
    dlca_circuit_free(&to);
    dlca_circuit_free(&simple);
    dlca_circuit_free(&from);
}

Test(resubstitute, circuits_without_gates_are_fine) {
    int32_t outputs[] = {1, 0};
    DlcaGate unused = {0};
    const DlcaCircuit from = {2, 2, 0, &unused, outputs};
    DlcaCircuit to = walked(&from, (DlcaResubstitution){.seed = 1, .checks = 1000});
    cr_assert_eq(to.gates, 0);
    cr_assert_eq(to.output[0], 1);
    dlca_circuit_free(&to);
}

Test(resubstitute, narrow_and_wide_again_is_the_same_circuit) {
    TestRandom random = test_random(74);
    DlcaError error;
    for (int round = 0; round < 100; round++) {
        DlcaCircuit from = random_circuit(&random, 40, 8, test_random_below(&random, 30), ANY_OPS), wide;
        DlcaNarrow narrow;
        cr_assert(dlca_narrow_create(&narrow, &from, &error));
        cr_assert(dlca_circuit_check(&narrow.circuit, &error), "%s", error.message);
        cr_assert(dlca_narrow_widen(&narrow, &narrow.circuit, &from, &wide, &error));
        cr_assert_eq(memcmp(wide.output, from.output, 8 * sizeof *from.output), 0);
        for (int32_t i = 0; i < from.gates; i++) {
            cr_assert(from.gate[i].a == wide.gate[i].a && from.gate[i].b == wide.gate[i].b);
        }
        dlca_narrow_free(&narrow);
        dlca_circuit_free(&wide);
        dlca_circuit_free(&from);
    }
}
