/* test_rewrite.c - optimal structures, cuts, and rewriting with them. */
#include "../gates/cuts.h"
#include "../gates/optimal_structures.h"
#include "../gates/optimize.h"
#include "../gates/rewrite.h"
#include "random_circuit.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* ---- structures ---- */

/* Knuth, The Art of Computer Programming 4A, section 7.1.2, table 1: functions of four variables by their complexity.
 */
Test(rewrite, structures_are_as_small_as_published) {
    static const int classes[8] = {2, 2, 5, 20, 34, 75, 72, 12};
    static const int functions[8] = {10, 60, 456, 2474, 10624, 24184, 25008, 2720};
    int found_classes[8] = {0}, found_functions[8] = {0};
    DlcaStructureUse *uses = dlca_structure_uses(NULL);
    for (int i = 0; i < DLCA_STRUCTURES; i++) {
        found_classes[dlca_structure(i)->gates]++;
    }
    for (int f = 0; f < 1 << 16; f++) {
        found_functions[dlca_structure(uses[f].structure)->gates]++;
    }
    for (int gates = 0; gates < 8; gates++) {
        cr_assert_eq(found_classes[gates], classes[gates], "%d gates: %d classes", gates, found_classes[gates]);
        cr_assert_eq(found_functions[gates], functions[gates], "%d gates: %d", gates, found_functions[gates]);
    }
    free(uses);
}

Test(rewrite, every_function_has_a_use_that_computes_it) {
    DlcaStructureUse *uses = dlca_structure_uses(NULL);
    for (int f = 0; f < 1 << 16; f++) {
        const DlcaStructureUse use = uses[f];
        const uint16_t function = dlca_structure_function(dlca_structure(use.structure));
        for (int x = 0; x < 16; x++) {
            int y = 0;
            for (int k = 0; k < 4; k++) {
                y |= ((x >> use.input[k] & 1) ^ (use.inverted >> k & 1)) << k;
            }
            cr_assert_eq((function >> y & 1) ^ use.output_inverted, f >> x & 1, "function %04x at %d", (unsigned)f, x);
        }
    }
    free(uses);
}

Test(rewrite, structures_are_well_formed) {
    for (int i = 0; i < DLCA_STRUCTURES; i++) {
        const DlcaStructure *structure = dlca_structure(i);
        for (int g = 0; g < structure->gates; g++) {
            const int op = structure->gate[g].op;
            cr_assert(structure->gate[g].a < structure->gate[g].b && structure->gate[g].b < 4 + g);
            cr_assert(op < 8 && dlca_op_uses_a(op) && dlca_op_uses_b(op), "class %d, gate %d", i, g);
        }
    }
}

/* ---- cuts ---- */

static DlcaGateGraph graph_of(const DlcaCircuit *circuit, DlcaLiteral *literal) {
    DlcaGateGraph graph = {0};
    DlcaError error = {0};
    cr_assert(dlca_graph_reserve(&graph, circuit->inputs, circuit->gates, &error));
    for (int32_t i = 0; i < circuit->inputs; i++) {
        literal[i] = dlca_literal_input(i);
    }
    for (int32_t i = 0; i < circuit->gates; i++) {
        const DlcaGate gate = circuit->gate[i];
        literal[circuit->inputs + i] = dlca_graph_gate(&graph, gate.op, literal[gate.a], literal[gate.b]);
    }
    return graph;
}

/* On every assignment of the inputs a node has the value that each cut's table gives for the values of its leaves. */
Test(rewrite, cuts_determine_their_nodes) {
    TestRandom random = test_random(51);
    for (int round = 0; round < 200; round++) {
        DlcaLiteral literal[64];
        const int32_t inputs = 2 + test_random_below(&random, 4);
        DlcaCircuit circuit = random_circuit(&random, inputs, 1, 40, REAL_OPS);
        DlcaGateGraph graph = graph_of(&circuit, literal);
        DlcaNodeCuts *cuts = calloc((size_t)graph.nodes, sizeof *cuts);
        dlca_find_cuts(&graph, cuts);
        for (int assignment = 0; assignment < 1 << inputs; assignment++) {
            bool value[64] = {false};
            for (int32_t n = 1; n < graph.nodes; n++) {
                const DlcaGraphNode node = graph.node[n];
                value[n] = n <= inputs ? assignment >> (n - 1) & 1 : dlca_op_bit(node.op, value[node.a], value[node.b]);
                cr_assert_geq(cuts[n].count, n <= inputs ? 1 : 2);
                for (int32_t c = 0; c < cuts[n].count; c++) {
                    const DlcaCut *cut = &cuts[n].cut[c];
                    int index = 0;
                    for (int32_t k = 0; k < cut->leaves; k++) {
                        cr_assert(k == 0 || cut->leaf[k - 1] < cut->leaf[k]);
                        index |= value[cut->leaf[k]] << k;
                    }
                    cr_assert_eq(cut->table >> index & 1, value[n], "round %d, node %d, cut %d", round, n, c);
                }
            }
        }
        free(cuts);
        dlca_graph_free(&graph);
        dlca_circuit_free(&circuit);
    }
}

/* ---- rewriting ---- */

static DlcaCircuit rewritten(const DlcaCircuit *circuit, int32_t patience) {
    DlcaCircuit result;
    DlcaError error = {0};
    cr_assert(dlca_circuit_rewrite(&result, circuit, patience, &error), "%s", error.message);
    cr_assert(dlca_circuit_check(&result, &error), "%s", error.message);
    cr_assert(dlca_circuit_same_on_samples(circuit, &result, 16, 1, &error), "%s", error.message);
    return result;
}

Test(rewrite, random_circuits_keep_their_function_and_never_grow) {
    TestRandom random = test_random(52);
    DlcaError error = {0};
    int64_t before = 0, after = 0;
    for (int round = 0; round < 400; round++) {
        const int32_t inputs = 1 + test_random_below(&random, 8), outputs = 1 + test_random_below(&random, 6);
        DlcaCircuit circuit =
            random_circuit(&random, inputs, outputs, test_random_below(&random, 120), (RandomOps)(round % 4));
        DlcaCircuit optimized, result = rewritten(&circuit, 1 + round % 8);
        cr_assert(dlca_circuit_optimize(&optimized, &circuit, &error));
        cr_assert_leq(result.gates, optimized.gates);
        before += optimized.gates;
        after += result.gates;
        dlca_circuit_free(&optimized);
        dlca_circuit_free(&result);
        dlca_circuit_free(&circuit);
    }
    cr_assert_leq(after * 1000, before * 625, "it gains less than it did: %d of %d gates are left", (int)after,
                  (int)before);
}

/* Four-input functions written as a tree of choices, 15 multiplexers: a cut of four inputs sees all of it. */
Test(rewrite, four_input_functions_become_optimal) {
    DlcaStructureUse *uses = dlca_structure_uses(NULL);
    for (uint32_t f = 0; f < 1 << 16; f += 331) {
        DlcaCircuit circuit;
        DlcaError error = {0};
        cr_assert(dlca_circuit_create(&circuit, 4, 1, 16 + 45, &error));
        int32_t made = 0, value[16];
        for (int32_t i = 0; i < 16; i++) {
            circuit.gate[made] = (DlcaGate){0, 0, f >> i & 1 ? DLCA_OP_TRUE : DLCA_OP_FALSE};
            value[i] = 4 + made++;
        }
        for (int32_t k = 0; k < 4; k++) { /* (low & !x) ^ (high & x) */
            for (int32_t i = 0; i < 8 >> k; i++) {
                circuit.gate[made++] = (DlcaGate){value[2 * i], k, DLCA_OP_A_AND_NOT_B};
                circuit.gate[made++] = (DlcaGate){value[2 * i + 1], k, DLCA_OP_AND};
                circuit.gate[made] = (DlcaGate){4 + made - 2, 4 + made - 1, DLCA_OP_XOR};
                value[i] = 4 + made++;
            }
        }
        circuit.output[0] = value[0];
        DlcaCircuit result = rewritten(&circuit, 4);
        cr_assert_eq(dlca_circuit_size(&result).gates, dlca_structure(uses[f].structure)->gates, "table %04x", f);
        dlca_circuit_free(&result);
        dlca_circuit_free(&circuit);
    }
    free(uses);
}

/* A full adder from ANDs, ORs and inverters (and a multiplexer for the carry) is five gates. */
Test(rewrite, a_full_adder_is_five_gates) {
    DlcaGate gates[] = {
        {0, 1, DLCA_OP_AND}, {0, 1, DLCA_OP_NOR}, {3, 4, DLCA_OP_NOR}, /* 5: a ^ b */
        {5, 2, DLCA_OP_AND}, {5, 2, DLCA_OP_NOR}, {6, 7, DLCA_OP_NOR}, /* 8: sum */
        {0, 2, DLCA_OP_AND}, {1, 2, DLCA_OP_AND}, {9, 10, DLCA_OP_OR}, /* majority as an OR of three ANDs */
        {11, 3, DLCA_OP_OR},
    };
    int32_t outputs[] = {8, 12};
    const DlcaCircuit circuit = {3, 2, 10, gates, outputs};
    DlcaCircuit result = rewritten(&circuit, 20);
    cr_assert_eq(result.gates, 5, "%d gates", result.gates);
    dlca_circuit_free(&result);
}

Test(rewrite, the_same_circuit_every_time) {
    TestRandom random = test_random(53);
    DlcaCircuit circuit = random_circuit(&random, 12, 4, 300, REAL_OPS);
    DlcaCircuit once = rewritten(&circuit, 10), twice = rewritten(&circuit, 10);
    cr_assert_eq(once.gates, twice.gates);
    for (int32_t i = 0; i < once.gates; i++) {
        cr_assert(once.gate[i].a == twice.gate[i].a && once.gate[i].b == twice.gate[i].b &&
                  once.gate[i].op == twice.gate[i].op);
    }
    dlca_circuit_free(&once);
    dlca_circuit_free(&twice);
    dlca_circuit_free(&circuit);
}

Test(rewrite, large_circuits) {
    TestRandom random = test_random(54);
    DlcaCircuit circuit = random_circuit(&random, 72, 8, 3000, AND_XOR_OPS);
    DlcaCircuit result = rewritten(&circuit, 2);
    dlca_circuit_free(&result);
    dlca_circuit_free(&circuit);
}
