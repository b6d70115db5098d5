/* dlca.h - the public interface of dlca: differentiable logic-gate cellular automata, trained and hardened.
 *
 * A cell holds C bits. Its update rule is a circuit of two-input gates over its 3x3 neighbourhood. While training, a
 * state is a real in [0,1] per bit and each gate a softmax over the 16 boolean operations; the whole rollout is
 * differentiated through time. Afterwards every gate takes one operation and the rule is a boolean circuit.
 * Method: Miotti, Niklasson, Randazzo, Mordvintsev, "Differentiable Logic Cellular Automata" (2025), arXiv 2506.04912.
 *
 * Conventions. Grids are row-major: cell = y * width + x. Neighbour n = 3 * (dy + 1) + (dx + 1), 4 is the cell itself.
 * Buffers are owned by whoever created them unless said otherwise. A function that can fail takes a DlcaError last and
 * returns false or NULL; see gates/error.h. No global state; a model may be read by many threads at once. */
#ifndef DLCA_H
#define DLCA_H

#include "../gates/circuit.h"
#include "../gates/error.h"
#include "../gates/ops.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DLCA_VERSION "0.1.0"

enum {
    DLCA_NEIGHBOURS = 9,
    DLCA_CENTRE = 4,
    DLCA_MAX_LAYERS = 64,
    DLCA_MAX_CHANNELS = 1024,
    DLCA_MAX_KERNELS = 1024,
    DLCA_MAX_LAYER_GATES = 65536,
    DLCA_MAX_SIDE = 65536,
    DLCA_MAX_STEPS = 1000000,
    DLCA_MAX_BATCH = 65536
};

/* ---- configuration: everything that gives a model its shape and meaning ---- */

typedef enum DlcaWiring { DLCA_WIRING_UNIQUE, DLCA_WIRING_RANDOM } DlcaWiring;

/* What a gate's parameters are; see parametrization.h. */
typedef enum DlcaGates {
    DLCA_GATES_SOFTMAX16,
    DLCA_GATES_LIGHT,
    DLCA_GATES_GUMBEL,
    DLCA_GATES_STRAIGHT_THROUGH,
    DLCA_GATES_COUNT
} DlcaGates;

typedef struct DlcaConfig {
    char task[32];                     /* "checkerboard", ...; names the run folder */
    int32_t height, width;             /* cells of the training grid */
    int32_t channels;                  /* C, bits of a cell */
    int32_t scored_channels;           /* S <= C, the first ones, compared with the target */
    int32_t kernels;                   /* K, perception kernels */
    int32_t perceive_layers;           /* >= 1 */
    int32_t perceive[DLCA_MAX_LAYERS]; /* gates of one kernel in each layer, such as 8, 4, 2 */
    int32_t update_layers;             /* >= 1 */
    int32_t update[DLCA_MAX_LAYERS];   /* gates of each layer; the last is C */
    int32_t steps;                     /* T, steps of the trained rollout */
    int32_t batch;                     /* B, grids per update */
    bool periodic;                     /* the grid wraps; otherwise outside reads 0 */
    bool asynchronous;                 /* each cell takes its new state with probability fire_rate */
    double fire_rate;                  /* (0, 1] */
    DlcaWiring wiring;
    DlcaGates gates;
    uint64_t seed;
} DlcaConfig;

/* All limits above, sums and products of sizes included, with a message that names the field. */
bool dlca_config_check(const DlcaConfig *config, DlcaError *error);

/* ---- model: wires and logits ---- */

typedef struct DlcaLayer {
    bool perceive;
    int32_t kernels; /* K for a perception layer, 1 for an update layer */
    int32_t inputs;  /* rows that it reads: 9, then the previous layer's gates; first update layer: C + C*out*K */
    int32_t gates;   /* per kernel */
    int64_t first;   /* its first gate in logits, [kernel][gate] from there */
    int32_t *wires;  /* [2][gates]: input a of each gate, then input b; shared by all kernels */
} DlcaLayer;

typedef struct DlcaModel {
    DlcaConfig config;
    int32_t layers;   /* perceive_layers + update_layers */
    DlcaLayer *layer; /* [layers], perception first */
    int64_t gates;    /* of all layers and kernels: 3040 for the checkerboard */
    float *logits;    /* [gates][16], 64-byte aligned */
    uint8_t *ops;     /* [gates] the operations of the circuit that was kept; valid when has_ops */
    bool has_ops;
} DlcaModel;

/* One allocation, zeroed; wires are all 0 until dlca_model_wire. NULL on a bad configuration or no memory. */
DlcaModel *dlca_model_create(const DlcaConfig *config, DlcaError *error);
void dlca_model_free(DlcaModel *model);

/* Wires, logits and operations of a model of the same shape. */
void dlca_model_copy(DlcaModel *to, const DlcaModel *from);

/* Draws the wiring from (seed, restart): restart 0 is the first wiring of a run, each restart draws a new one. The
 * first perception layer has wiring of its own kind: gate i pairs neighbour i (skipping the centre) as a with the
 * centre as b; gates beyond 8 go round again. */
void dlca_model_wire(DlcaModel *model, uint64_t seed, uint32_t restart);

/* What the gates compute before the first update. */
typedef struct DlcaGateStart {
    float pass;  /* logit of the operation that a gate starts with, where the others have 0 (the paper: 10, A
                    everywhere), or what comes to that in the configuration's parametrization */
    bool spread; /* each perception output starts as a neighbour of its own, corners first, instead of all alike */
    bool join;   /* with `spread`, where that many neighbours do not reach every cell in the model's steps: so many
                    outputs more than one start as the XOR of two */
    bool paths;  /* the update network hands each channel on, from a neighbour, instead of input A everywhere */
    float or_part, and_part, xor_part, not_part; /* parts of the update gates that start with OR, AND, XOR, NOT A and
                                                    not with A; together at most 1 */
} DlcaGateStart;

/* Fills the logits; what is drawn follows from (seed, restart). After dlca_model_wire. */
bool dlca_model_start(DlcaModel *model, const DlcaGateStart *start, uint64_t seed, uint32_t restart, DlcaError *error);

/* Perception outputs that `join` has start as the XOR of two neighbours; -1: no memory to count them. */
int32_t dlca_start_joins(const DlcaConfig *config);

/* ops[gate] = the most probable operation, the lowest index among equals. */
void dlca_model_argmax(const DlcaModel *model, uint8_t *ops);

/* Gates of the soft network that one cell evaluates in one step: C * K * sum(perceive) + sum(update). */
int64_t dlca_model_cell_gates(const DlcaModel *model);

/* The rule as a circuit with 9*C inputs (neighbour * C + channel) and C outputs, not optimized: each kernel's gates
 * once per channel. `ops` [model->gates]. */
bool dlca_model_circuit(const DlcaModel *model, const uint8_t *ops, DlcaCircuit *circuit, DlcaError *error);

/* ---- random numbers: counter-based, so that any draw can be made anywhere, in any order ---- */

typedef enum DlcaPurpose {
    DLCA_RANDOM_WIRING = 1,
    DLCA_RANDOM_START = 2,       /* training starts */
    DLCA_RANDOM_FIRE = 3,        /* training fire masks */
    DLCA_RANDOM_JUDGE_START = 4, /* starts that the hard circuit is judged on */
    DLCA_RANDOM_JUDGE_FIRE = 5,
    DLCA_RANDOM_FRESH_START = 6, /* starts that a result is accepted or reported on */
    DLCA_RANDOM_FRESH_FIRE = 7,
    DLCA_RANDOM_SIMULATE = 8,
    DLCA_RANDOM_DAMAGE = 9,
    DLCA_RANDOM_REPAIR = 10,
    DLCA_RANDOM_HARDEN = 11,
    DLCA_RANDOM_SAMPLE = 12,
    DLCA_RANDOM_STEPS = 13,        /* how many steps an epoch trains */
    DLCA_RANDOM_TRAIN_DAMAGE = 14, /* whether and how its start is damaged */
    DLCA_RANDOM_GUMBEL = 15,       /* noise of the logits */
    DLCA_RANDOM_GATE_START = 16    /* what gates start as */
} DlcaPurpose;

/* Philox 4x32 with 10 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011): 128 random bits for
 * each (seed, purpose, major, minor, index). Callers use major for the epoch, minor for the step, index for the cell.
 */
void dlca_random(uint64_t seed, DlcaPurpose purpose, uint32_t major, uint32_t minor, uint32_t index, uint32_t out[4]);

/* A stream on top of it, for code that draws in sequence. */
typedef struct DlcaRandom {
    uint64_t seed;
    DlcaPurpose purpose;
    uint32_t major, minor, index;
    uint32_t buffer[4];
    int32_t left;
} DlcaRandom;
DlcaRandom dlca_random_stream(uint64_t seed, DlcaPurpose purpose, uint32_t major, uint32_t minor);
uint32_t dlca_random_u32(DlcaRandom *stream);
uint64_t dlca_random_u64(DlcaRandom *stream);
uint32_t dlca_random_below(DlcaRandom *stream, uint32_t bound); /* uniform in 0..bound-1, bound >= 1, no bias */
double dlca_random_unit(DlcaRandom *stream);                    /* uniform in [0, 1), 53 bits */

/* 1 where the cell fires at this step: unit(seed, purpose, epoch, step, cell) < rate, 32 bits of resolution.
 * mask [height*width]. */
void dlca_fire_mask(uint64_t seed, DlcaPurpose purpose, uint32_t epoch, uint32_t step, double rate, int32_t cells,
                    uint8_t *mask);

/* ---- the hard side: 64 grids at once, one per bit of a word ---- */

/* A grid of cells whose states are words: bit s of every word belongs to start s. Planes [channel][cell]. */
typedef struct DlcaHardGrid DlcaHardGrid;

DlcaHardGrid *dlca_hard_create(int32_t height, int32_t width, int32_t channels, bool periodic, DlcaError *error);
void dlca_hard_free(DlcaHardGrid *grid);

/* The rule that the next steps use, until another is set; `circuit` has 9*channels inputs and `channels` outputs,
 * passes dlca_circuit_check, and is not needed afterwards. Memory grows to the largest rule, so it can fail. */
bool dlca_hard_set_rule(DlcaHardGrid *grid, const DlcaCircuit *circuit, DlcaError *error);

/* planes [channel][cell] of 64 starts each. */
void dlca_hard_set_state(DlcaHardGrid *grid, const uint64_t *planes);
void dlca_hard_get_state(const DlcaHardGrid *grid, uint64_t *planes);

/* One step. fire [cell] words: bit s set where the cell of start s takes its new state; NULL: all do. */
void dlca_hard_step(DlcaHardGrid *grid, const uint64_t *fire);

/* How far 64 grids are from a target. */
typedef struct DlcaHardScore {
    uint64_t wrong_starts; /* bit s: start s has a wrong scored bit */
    int64_t wrong_bits;    /* over all counted starts, cells and scored channels */
    int64_t wrong_cells;   /* cells with at least one wrong scored bit, over all counted starts */
} DlcaHardScore;

/* Compares with target [S][cell] words (usually all 0 or all 1, the same for every start); only the starts whose bit is
 * set in `counted` count. */
DlcaHardScore dlca_hard_compare(const DlcaHardGrid *grid, const uint64_t *target, int32_t scored_channels,
                                uint64_t counted);

/* ---- CPU features ---- */

typedef enum DlcaIsa { DLCA_ISA_SCALAR, DLCA_ISA_AVX2, DLCA_ISA_AVX512, DLCA_ISA_NEON, DLCA_ISA_COUNT } DlcaIsa;
const char *dlca_isa_name(DlcaIsa isa);      /* "scalar", "avx2", "avx512", "neon" */
bool dlca_isa_built(DlcaIsa isa);            /* this program has kernels for it */
bool dlca_isa_usable(DlcaIsa isa);           /* built, and this CPU and operating system run it */
DlcaIsa dlca_isa_best(void);                 /* the widest usable one */
int32_t dlca_cpu_count(void);                /* processors this process may use */
void dlca_cpu_name(char *name, size_t size); /* as the system gives it, "unknown" otherwise */

#endif
