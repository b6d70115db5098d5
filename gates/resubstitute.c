/* resubstitute.c - the walk: draw a gate, find what may stand in its place, put it there. */
#include "resubstitute.h"

#include "fit.h"
#include "narrow.h"
#include "optimize.h"
#include "tables.h"

#include <stdlib.h>

/* What could replace a gate, and how many gates the circuit loses by it. */
typedef struct Candidate {
    DlcaGate gate, inner;
    bool has_inner;
    int32_t gain;
} Candidate;

/* The circuit may grow by so many gates beyond the smallest seen, to get from one valley to the next; one move in
 * GROW_ONE_IN may do so. Five trained Life circuits of 87 to 156 gates came to 31 to 34 without, 28 with (3e8 checks).
 */
enum { SLACK = 4, GROW_ONE_IN = 3, TRIPLES = 1000 };

typedef struct Walk {
    DlcaTables tables;
    DlcaOptimizer *optimizer;
    uint64_t random;
    int64_t checks;
    uint64_t *on, *off; /* [words] where the drawn gate matters and is 1, and is 0 */
    DlcaFit fit;
    int32_t *others; /* [node] what may be read in its place */
    int32_t others_count;
    uint64_t *signature; /* [others] */
    Candidate best;      /* of the candidates seen */
    int32_t draws;       /* candidates seen that are as good */
} Walk;

static int32_t random_below(Walk *walk, int32_t bound) {
    return (int32_t)((dlca_fit_random(&walk->random) >> 32) * (uint64_t)bound >> 32);
}

/* ---- one move ---- */

/* Keeps the candidate that frees most; equal ones have equal chances. */
static void consider(Walk *walk, Candidate candidate) {
    if (candidate.gain < walk->best.gain) {
        return;
    }
    walk->draws = candidate.gain > walk->best.gain ? 1 : walk->draws + 1;
    if (walk->draws == 1 || random_below(walk, walk->draws) == 0) {
        walk->best = candidate;
    }
}

/* Bits of an operation that matter nowhere are drawn. */
static uint8_t drawn_op(Walk *walk, int ones, int zeros) {
    return (uint8_t)(ones | ((int)(dlca_fit_random(&walk->random) >> 60) & ~zeros));
}

/* True when one node, or none, is enough. */
static bool look_at_single_nodes(Walk *walk) {
    const int constant = dlca_fit_constant(&walk->fit);
    if (constant >= 0) {
        consider(walk, (Candidate){.gate = {0, 0, (uint8_t)constant}, .gain = 1 + walk->tables.freed_count});
        return true;
    }
    bool found = false;
    for (int32_t i = 0; i < walk->others_count; i++) {
        const int32_t a = walk->others[i];
        const uint64_t *row = dlca_tables_row(&walk->tables, a);
        walk->signature[i] = dlca_fit_signature(&walk->fit, row);
        const int op = walk->signature[i] == walk->fit.told ? dlca_fit_one(&walk->fit, row) : -1;
        if (op >= 0) {
            consider(walk,
                     (Candidate){.gate = {a, a, (uint8_t)op}, .gain = 1 + dlca_tables_freed(&walk->tables, &a, 1)});
            found = true;
        }
    }
    walk->checks += 32 * (int64_t)walk->others_count;
    return found;
}

/* Not the pair that is there. Since no node alone is enough, the operation depends on both whatever is drawn. */
static void look_at_pairs(Walk *walk, DlcaGate old) {
    for (int32_t i = 1; i < walk->others_count; i++) {
        const uint64_t missing = walk->fit.told & ~walk->signature[i];
        const int32_t a = walk->others[i];
        for (int32_t j = 0; j < i; j++) {
            const int32_t read[2] = {a, walk->others[j]};
            int ones, zeros;
            if ((missing & ~walk->signature[j]) != 0 || (a == old.a && read[1] == old.b) ||
                (a == old.b && read[1] == old.a) ||
                !dlca_fit_two(&walk->fit, dlca_tables_row(&walk->tables, a), dlca_tables_row(&walk->tables, read[1]),
                              &ones, &zeros)) {
                continue;
            }
            consider(walk, (Candidate){.gate = {a, read[1], drawn_op(walk, ones, zeros)},
                                       .gain = dlca_tables_freed(&walk->tables, read, 2)});
        }
    }
    walk->checks += (int64_t)walk->others_count * (walk->others_count - 1) / 2;
}

/* The drawn gate and another one, new, from three nodes. */
static void look_at_triple(Walk *walk, const int32_t index[3]) {
    int32_t read[3];
    const uint64_t *row[3];
    DlcaFitThree found;
    for (int k = 0; k < 3; k++) {
        read[k] = walk->others[index[k]];
        row[k] = dlca_tables_row(&walk->tables, read[k]);
    }
    const int32_t gain = dlca_tables_freed(&walk->tables, read, 3) - 1;
    walk->checks += 32;
    if (gain < walk->best.gain || !dlca_fit_three(&walk->fit, row, random_below(walk, 15), &found)) {
        return;
    }
    consider(walk,
             (Candidate){.gate = {read[found.outer], DLCA_TABLES_INNER, drawn_op(walk, found.ones, found.zeros)},
                         .inner = {read[(found.outer + 1) % 3], read[(found.outer + 2) % 3], (uint8_t)found.inner},
                         .has_inner = true,
                         .gain = gain});
}

static void look_at_triples(Walk *walk) {
    for (int32_t i = 0; i < TRIPLES; i++) {
        const int32_t index[3] = {random_below(walk, walk->others_count), random_below(walk, walk->others_count),
                                  random_below(walk, walk->others_count)};
        const uint64_t told = walk->signature[index[0]] | walk->signature[index[1]] | walk->signature[index[2]];
        if (told == walk->fit.told && index[0] != index[1] && index[1] != index[2] && index[0] != index[2]) {
            look_at_triple(walk, index);
        }
    }
    walk->checks += 2 * TRIPLES;
}

/* What the drawn gate n could be, in walk->best. */
static void look(Walk *walk, int32_t n, bool may_grow) {
    const DlcaGate old = walk->tables.circuit.gate[n - walk->tables.circuit.inputs];
    dlca_tables_care(&walk->tables, n, walk->on, walk->off);
    dlca_fit_begin(&walk->fit, walk->on, walk->off, walk->tables.words, &walk->random);
    walk->others_count = dlca_tables_independent(&walk->tables, walk->others);
    dlca_tables_take_away(&walk->tables, n);
    walk->best = (Candidate){.gain = may_grow ? -1 : 0};
    walk->draws = 0;
    if (!look_at_single_nodes(walk)) {
        look_at_pairs(walk, old);
        if (walk->others_count > 2 && (may_grow || walk->tables.freed_count > 0)) {
            look_at_triples(walk);
        }
    }
    dlca_tables_bring_back(&walk->tables);
}

static bool move(Walk *walk, bool may_grow, DlcaError *error) {
    const DlcaCircuit *circuit = &walk->tables.circuit;
    const int32_t n = circuit->inputs + random_below(walk, circuit->gates);
    const DlcaGate old = circuit->gate[n - circuit->inputs];
    walk->checks++;
    if (!dlca_op_uses_a(old.op) || !dlca_op_uses_b(old.op)) {
        return true;
    }
    look(walk, n, may_grow);
    if (walk->draws == 0) {
        return true;
    }
    dlca_tables_put(&walk->tables, n, walk->best.gate, walk->best.has_inner ? &walk->best.inner : NULL);
    const DlcaCircuit *tidy = dlca_optimizer_run(walk->optimizer, circuit, error);
    if (tidy) {
        dlca_tables_set(&walk->tables, tidy);
    }
    return tidy != NULL;
}

/* ---- the walk ---- */

static bool room_to_grow(const Walk *walk, int32_t fewest) {
    const DlcaCircuit *circuit = &walk->tables.circuit;
    return dlca_circuit_size(circuit).gates < fewest + SLACK && circuit->inputs + circuit->gates < walk->tables.room;
}

/* `best` is narrow, as the walk's circuit is. */
static bool walk_on(Walk *walk, const DlcaResubstitution *options, DlcaCircuit *best, DlcaError *error) {
    int32_t fewest = dlca_circuit_size(best).gates;
    while (walk->checks < options->checks && walk->tables.circuit.gates > 0 && fewest > options->enough) {
        const bool may_grow = room_to_grow(walk, fewest) && random_below(walk, GROW_ONE_IN) == 0;
        if (!move(walk, may_grow, error)) {
            return false;
        }
        const int32_t gates = dlca_circuit_size(&walk->tables.circuit).gates;
        if (gates < fewest) {
            dlca_circuit_free(best);
            fewest = gates;
            if (!dlca_circuit_copy(best, &walk->tables.circuit, error)) {
                return false;
            }
        }
    }
    return true;
}

static void release(Walk *walk) {
    dlca_tables_free(&walk->tables);
    dlca_optimizer_free(walk->optimizer);
    free(walk->on);
    free(walk->off);
    free(walk->others);
    free(walk->signature);
}

/* Input i over all assignments: bit i of the assignment's number. */
static void count_through(DlcaTables *tables) {
    static const uint64_t within[6] = {0xaaaaaaaaaaaaaaaau, 0xccccccccccccccccu, 0xf0f0f0f0f0f0f0f0u,
                                       0xff00ff00ff00ff00u, 0xffff0000ffff0000u, 0xffffffff00000000u};
    for (int32_t i = 0; i < tables->circuit.inputs; i++) {
        for (int32_t w = 0; w < tables->words; w++) {
            dlca_tables_row(tables, i)[w] = i < 6 ? within[i] : 0 - (uint64_t)(w >> (i - 6) & 1);
        }
    }
    dlca_tables_evaluate(tables);
}

static bool reserve(Walk *walk, const DlcaCircuit *circuit, DlcaError *error) {
    const int32_t words = circuit->inputs <= 6 ? 1 : 1 << (circuit->inputs - 6);
    walk->optimizer = dlca_optimizer_create(error);
    if (!walk->optimizer || !dlca_tables_create(&walk->tables, circuit, SLACK + 2, words, error)) {
        return false;
    }
    walk->on = malloc((size_t)words * sizeof *walk->on);
    walk->off = malloc((size_t)words * sizeof *walk->off);
    walk->others = malloc(((size_t)walk->tables.room + 1) * sizeof *walk->others);
    walk->signature = malloc(((size_t)walk->tables.room + 1) * sizeof *walk->signature);
    if (!walk->on || !walk->off || !walk->others || !walk->signature) {
        return dlca_fail(error, DLCA_FAILED, "no memory to search among circuits of %d gates", circuit->gates);
    }
    count_through(&walk->tables);
    return true;
}

static bool resubstitute_narrow(DlcaCircuit *best, const DlcaResubstitution *options, DlcaError *error) {
    /* never 0, from which xorshift does not move */
    Walk walk = {.random = (options->seed + 1) * 0x9e3779b97f4a7c15u | 1};
    const bool done = reserve(&walk, best, error) && walk_on(&walk, options, best, error);
    release(&walk);
    return done;
}

/* `to` is the optimized circuit and becomes a smaller one. */
static bool improve(DlcaCircuit *to, const DlcaResubstitution *options, DlcaError *error) {
    DlcaNarrow narrow;
    DlcaCircuit best = {0}, wide = {0};
    if (!dlca_narrow_create(&narrow, to, error)) {
        return false;
    }
    bool done = true;
    if (narrow.circuit.gates > 0 && narrow.circuit.inputs <= DLCA_RESUBSTITUTE_MOST_INPUTS) {
        done = dlca_circuit_copy(&best, &narrow.circuit, error) && resubstitute_narrow(&best, options, error) &&
               dlca_narrow_widen(&narrow, &best, to, &wide, error);
        if (done) {
            dlca_circuit_free(to);
            *to = wide;
        }
    }
    dlca_circuit_free(&best);
    dlca_narrow_free(&narrow);
    return done;
}

bool dlca_circuit_resubstitute(DlcaCircuit *to, const DlcaCircuit *from, const DlcaResubstitution *options,
                               DlcaError *error) {
    if (!dlca_circuit_optimize(to, from, error)) {
        return false;
    }
    const bool done = improve(to, options, error);
    if (!done) {
        dlca_circuit_free(to);
    }
    return done;
}
