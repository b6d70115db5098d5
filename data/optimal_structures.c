/* optimal_structures.c - finds, for every function of four inputs, a circuit of as few two-input gates as possible, and
 * prints gates/optimal_structures_table.h. Not part of the build:
 *
 *   gcc -std=c17 -O2 data/optimal_structures.c -o /tmp/optimal
 *   /tmp/optimal > gates/optimal_structures_table.h
 *
 * Functions are tables of 16 bits, bit i the value at inputs (i&1, i>>1&1, i>>2&1, i>>3&1). Inverters are free, so all
 * gates may be normal (0 at inputs 0, 0), and functions count up to permuting and inverting inputs and inverting the
 * output: 222 classes. All chains of 1, 2, 3, ... gates are tried in turn; a class gets the first chain that makes it,
 * so its length is the least. The numbers of classes that need 0 to 7 gates, 2 2 5 20 34 75 72 12, are those of Knuth,
 * The Art of Computer Programming 4A, section 7.1.2, table 1. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { INPUTS = 4, MOST_GATES = 7, CLASSES = 222, OPS = 5 };

typedef struct Gate {
    int op, a, b;
} Gate;

static const int normal_ops[OPS] = {1, 2, 4, 6, 7}; /* AND, A AND NOT B, NOT A AND B, XOR, OR */

static uint16_t class_of[1 << 16]; /* the least function of the class */
static int8_t cost[1 << 16];       /* [class] gates, -1 unknown */
static Gate chain_of[1 << 16][MOST_GATES];
static int missing = CLASSES;

static uint16_t function[INPUTS + MOST_GATES];
static int reads[INPUTS + MOST_GATES];
static Gate chain[MOST_GATES];

static uint16_t apply(int op, uint16_t a, uint16_t b) {
    switch (op) {
    case 1:
        return a & b;
    case 2:
        return a & (uint16_t)~b;
    case 4:
        return (uint16_t)~a & b;
    case 6:
        return a ^ b;
    default:
        return a | b;
    }
}

static uint16_t permuted(uint16_t f, const int *place, int inverted) {
    uint16_t result = 0;
    for (int i = 0; i < 16; i++) {
        int from = 0;
        for (int k = 0; k < INPUTS; k++) {
            from |= ((i >> place[k] & 1) ^ (inverted >> k & 1)) << k;
        }
        result |= (uint16_t)((f >> from & 1) << i);
    }
    return result;
}

static uint16_t least_of_class(uint16_t f) {
    uint16_t least = 0xffff;
    for (int code = 0; code < 256; code++) {
        const int place[INPUTS] = {code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6 & 3};
        int seen = 0;
        for (int k = 0; k < INPUTS; k++) {
            seen |= 1 << place[k];
        }
        for (int inverted = 0; seen == 15 && inverted < 16; inverted++) {
            const uint16_t g = permuted(f, place, inverted), not_g = (uint16_t)~g;
            least = g < least ? g : least;
            least = not_g < least ? not_g : least;
        }
    }
    return least;
}

static void note(uint16_t f, int gates) {
    const uint16_t class = class_of[f];
    if (cost[class] < 0) {
        cost[class] = (int8_t)gates;
        memcpy(chain_of[class], chain, (size_t)gates * sizeof *chain);
        missing--;
    }
}

/* Gate `at` of `gates`. In a chain where a gate does not read the one before it, the two could change places: only the
 * order of ascending (b, a, op) is tried. Every gate must be read, so those that are not yet may be at most one more
 * than the gates to come. */
static void extend(int at, int gates, int unread) {
    const int nodes = INPUTS + at;
    for (int b = 1; b < nodes; b++) {
        for (int a = 0; a < b; a++) {
            const int still_unread = unread - (a >= INPUTS && !reads[a]) - (b >= INPUTS && !reads[b]) + 1;
            if (still_unread > gates - at) {
                continue;
            }
            for (int o = 0; o < OPS && missing > 0; o++) {
                const Gate gate = {normal_ops[o], a, b};
                const Gate last = at > 0 ? chain[at - 1] : gate;
                const bool reads_last = at > 0 && b == nodes - 1;
                if (at > 0 && !reads_last &&
                    (b < last.b || (b == last.b && (a < last.a || (a == last.a && gate.op <= last.op))))) {
                    continue;
                }
                /* Inputs may be permuted and inverted, so the first gate is AND or XOR of inputs 0 and 1. */
                if (at == 0 && !(a == 0 && b == 1 && (gate.op == 1 || gate.op == 6))) {
                    continue;
                }
                function[nodes] = apply(gate.op, function[a], function[b]);
                chain[at] = gate;
                if (at + 1 == gates) {
                    note(function[nodes], gates);
                    continue;
                }
                const uint16_t inverse = (uint16_t)~function[nodes];
                bool old = function[nodes] == 0;
                for (int n = 0; n < nodes && !old; n++) {
                    old = function[n] == function[nodes] || function[n] == inverse;
                }
                if (!old) {
                    reads[a]++, reads[b]++;
                    extend(at + 1, gates, still_unread);
                    reads[a]--, reads[b]--;
                }
            }
        }
    }
}

static void print_class(uint16_t f) {
    printf("    {0x%04x, %d, {", f, cost[f]);
    for (int i = 0; i < cost[f]; i++) {
        printf("%s{%d, %d, %d}", i ? ", " : "", chain_of[f][i].op, chain_of[f][i].a, chain_of[f][i].b);
    }
    printf("%s}},\n", cost[f] == 0 ? "{0, 0, 0}" : "");
}

int main(void) {
    const uint16_t inputs[INPUTS] = {0xaaaa, 0xcccc, 0xf0f0, 0xff00};
    memcpy(function, inputs, sizeof inputs);
    memset(cost, -1, sizeof cost);
    for (int f = 0; f < 1 << 16; f++) {
        class_of[f] = least_of_class((uint16_t)f);
    }
    note(0, 0);
    note(inputs[0], 0);
    for (int gates = 1; gates <= MOST_GATES && missing > 0; gates++) {
        extend(0, gates, 0);
        fprintf(stderr, "%d gates: %d classes left\n", gates, missing);
    }
    printf("/* optimal_structures_table.h - written by data/optimal_structures.c; see there. Each line: function, "
           "number of\n"
           " * gates, gates as {op, a, b}. Nodes 0 to 3 are the inputs, 4, 5, ... the gates. */\n"
           "/* clang-format off */\n");
    for (int f = 0; f < 1 << 16; f++) {
        if (class_of[f] == f) {
            print_class((uint16_t)f);
        }
    }
    return missing != 0;
}
