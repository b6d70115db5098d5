/* bench_simulate.h - what `dlca bench simulate` measures and prints. Leaves alone: the engine (src/planes.h). */
#ifndef DLCA_TOOLS_BENCH_SIMULATE_H
#define DLCA_TOOLS_BENCH_SIMULATE_H

#include "../src/compiled_rule.h"
#include "../src/planes.h"
#include "bench_measure.h"

#include <stdio.h>

typedef enum SimulateEngine { ENGINE_BY_HAND, ENGINE_INTERPRETER, ENGINE_NATIVE, ENGINE_JIT } SimulateEngine;

/* One rule on one grid in one way, and what it reached. */
typedef struct SimulateCase {
    char rule[32];    /* "life" */
    char variant[16]; /* "learned", "optimized", "by hand", "random" */
    int32_t gates;    /* two-input ones of the circuit */
    int32_t channels, side, threads;
    DlcaIsa isa;
    SimulateEngine engine;
    bool asynchronous;
    bool as_learned; /* never the smaller rule that the first steps leave */
    /* ---- filled by bench_simulate_group ---- */
    BenchSpread cells; /* per second */
    double best;       /* the highest of all rounds: what the machine does while nobody else uses it */
    double by_hand;    /* median ratio to the hand-written Life of the same group, 0 without */
    int32_t steps_per_pass;
    double bytes_per_cell; /* that move to and from memory, about; 0 when both states fit into the cache */
} SimulateCase;

enum { SIMULATE_MOST_CASES = 256, SIMULATE_GROUP = 16 };

/* Measures the cases, at most SIMULATE_GROUP, in turn; circuit[i] is case i's rule. Cases that cannot be had (no
 * compiler, no memory) are left with no cells. Ratios are to the case `by_hand`, -1: none. */
void bench_simulate_group(SimulateCase *cases, const DlcaCircuit *const *circuit, int32_t count, int32_t by_hand,
                          int32_t rounds, double seconds);

/* Bytes per second that this many threads move when each reads one array and writes another (read, fetched, written:
 * three bytes for each one copied). */
double bench_simulate_bandwidth(int32_t threads);

const char *bench_simulate_engine_name(SimulateEngine engine);

void bench_simulate_print(const SimulateCase *cases, int32_t count, const double *bandwidth, FILE *out);
void bench_simulate_csv(const SimulateCase *cases, int32_t count, FILE *out);

/* Four panels: cells per second by gates, bits per cell, size and threads; the cases from `first` on, in runs of one
 * `rule`. */
bool bench_simulate_plot(const SimulateCase *cases, int32_t count, const char *path, DlcaError *error);

#endif
