/* bench_kernels.c - `dlca bench kernels`: each kernel by itself, beside the epoch that is made of them.
 *
 * A kernel is called again and again on the same rows of one tile, so that what fits into the first-level cache stays
 * there; times the calls of an epoch that tells what the kernels alone would take. What an epoch takes beyond that sum
 * is gathering, bookkeeping and rows that have left the cache meanwhile. All in turn, one thread, ratios of one run.
 * Leaves alone: what whole epochs reach with several threads (bench_passes.h). */
#include "../src/network.h"
#include "../src/tile.h"
#include "bench_case.h"
#include "bench_commit.h"
#include "bench_measure.h"
#include "bench_peak.h"
#include "command.h"

#include <stdio.h>

enum { MOST_PARTS = 64, MOST_ISAS = 4, ITEM_MILLI = 2, FORWARD_SLOTS = 3, BACKWARD_SLOTS = 8 };

typedef enum PartKind {
    UPDATE_FORWARD,
    UPDATE_AGAIN,
    UPDATE_BACKWARD,
    PERCEIVE,
    PERCEIVE_INNER,
    PERCEIVE_BACKWARD
} PartKind;

/* One thread's tile, as tile.c has it. */
typedef struct Place {
    const DlcaKernels *kernels;
    DlcaNetwork network;
    DlcaTileScratch scratch;
    DlcaArena arena;
    float *coefficients, *sums, *patch_gradient; /* [slots][4], the same, [9] wide rows */
} Place;

/* A kernel on rows of one shape. */
typedef struct Part {
    PartKind kind;
    const Place *place;
    int32_t layer; /* of the update network, the first of its shape; `alike` have it */
    int32_t alike;
    double gates; /* of one call */
    double calls; /* in an epoch, of all alike */
    BenchItem *item;
} Part;

static const char *const kind_name[] = {"update, forward",   "update, recomputed", "update, backward",
                                        "perceive, forward", "perceive, inner",    "perceive, backward"};

static int32_t slots_of(PartKind kind) {
    return kind == UPDATE_BACKWARD || kind == PERCEIVE_BACKWARD ? BACKWARD_SLOTS : FORWARD_SLOTS;
}

/* ---- one tile's rows ---- */

static void take_place(Place *place) {
    const size_t slots = (size_t)place->network.slots;
    dlca_tile_scratch_take(&place->scratch, &place->network, &place->arena);
    place->coefficients = dlca_arena_take(&place->arena, slots * 4, sizeof(float));
    place->sums = dlca_arena_take(&place->arena, slots * 4, sizeof(float));
    place->patch_gradient = dlca_arena_take(&place->arena, DLCA_NEIGHBOURS * DLCA_WIDE, sizeof(float));
}

static bool place_create(Place *place, const DlcaModel *model, DlcaIsa isa, DlcaError *error) {
    *place = (Place){.kernels = dlca_kernels_for(isa)};
    if (!dlca_network_create(&place->network, model, error)) {
        return false;
    }
    take_place(place);
    const size_t floats = place->arena.used / sizeof(float);
    if (!dlca_arena_allocate(&place->arena)) {
        return dlca_fail(error, DLCA_FAILED, "no memory for one tile of '%s'", model->config.task);
    }
    take_place(place);
    for (size_t i = 0; i < floats; i++) {
        /* at most a quarter, so that coefficients keep what a layer makes of its own output below 1 */
        ((float *)(void *)place->arena.base)[i] = (float)(1 + i * 37 % 101) / 408.0f;
    }
    return true;
}

static void place_free(Place *place) {
    dlca_network_free(&place->network);
    dlca_arena_free(&place->arena);
}

/* ---- calls as in tile.c, for tiles of which every lane is a cell ---- */

enum { WHOLE = DLCA_TILE / 16 };

static void run_update(const Part *part) {
    const Place *place = part->place;
    const DlcaTrailLayer *layer = &place->network.update[part->layer];
    const float *coefficients = place->coefficients + (size_t)layer->first * 4;
    float *rows = place->scratch.inputs, *kept = place->scratch.activations;
    if (part->kind == UPDATE_FORWARD) {
        place->kernels->forward_layer(layer->brief, layer->gates, coefficients, rows, rows, WHOLE);
    } else if (part->kind == UPDATE_AGAIN) {
        place->kernels->forward_layer(layer->steps, layer->gates, coefficients, rows, kept, WHOLE);
    } else {
        place->kernels->backward_layer(layer->steps, layer->gates, coefficients, rows, place->scratch.gradients[0],
                                       place->scratch.gradients[1], place->sums + (size_t)layer->first * 4, WHOLE);
    }
}

/* Four channels of a tile: rows of 128 lanes. */
static const DlcaLanes wide = {DLCA_WIDE / 16, 16};

static void run_perceive_rows(const Place *place, bool inner, float *out, size_t out_pitch) {
    const DlcaNetwork *network = &place->network;
    const float *in = place->scratch.patch;
    for (int32_t l = 0; l < network->perceive_layers; l++) {
        const DlcaWideLayer *layer = &network->perceive[l];
        const bool last = l + 1 == network->perceive_layers;
        float *to = last ? out : place->scratch.kernel_values + (size_t)layer->first * DLCA_WIDE;
        if (last && inner) {
            return;
        }
        place->kernels->forward_rows(layer->pairs, layer->gates, place->coefficients + (size_t)layer->first * 4, in,
                                     DLCA_WIDE, to, last ? out_pitch : DLCA_WIDE, wide);
        in = to;
    }
}

static void run_perceive_backward(const Place *place, const float *out_gradient, size_t pitch) {
    const DlcaNetwork *network = &place->network;
    for (int32_t l = network->perceive_layers - 1; l >= 0; l--) {
        const DlcaWideLayer *layer = &network->perceive[l];
        const size_t slots = (size_t)layer->first * 4, below = l > 0 ? (size_t)network->perceive[l - 1].first : 0;
        const float *in = l > 0 ? place->scratch.kernel_values + below * DLCA_WIDE : place->scratch.patch;
        float *in_gradient = l > 0 ? place->scratch.kernel_gradients + below * DLCA_WIDE : place->patch_gradient;
        place->kernels->backward_rows(layer->pairs, layer->gates, place->coefficients + slots, in, DLCA_WIDE,
                                      out_gradient, pitch, in_gradient, DLCA_WIDE, wide, place->sums + slots);
        out_gradient = in_gradient;
        pitch = DLCA_WIDE;
    }
}

static void run_part(void *context) {
    const Part *part = context;
    const Place *place = part->place;
    const DlcaNetwork *network = &place->network;
    const size_t pitch = (size_t)network->channels * DLCA_TILE;
    float *outputs = place->scratch.inputs + pitch;
    switch (part->kind) {
    case PERCEIVE:
        if (network->is_tree) {
            place->kernels->forward_tree(&network->tree, place->coefficients, place->scratch.patch, DLCA_WIDE, outputs,
                                         pitch, wide);
        } else {
            run_perceive_rows(place, false, outputs, pitch);
        }
        return;
    case PERCEIVE_INNER:
        if (network->is_tree) {
            place->kernels->forward_tree_inner(&network->tree, place->coefficients, place->scratch.patch, DLCA_WIDE,
                                               place->scratch.kernel_values, DLCA_WIDE, wide);
        } else {
            run_perceive_rows(place, true, outputs, pitch);
        }
        return;
    case PERCEIVE_BACKWARD:
        run_perceive_backward(place, outputs, pitch);
        return;
    default:
        run_update(part);
    }
}

/* ---- the parts of an epoch ---- */

/* A layer of this shape that came before; -1: none. */
static int32_t find_alike(const DlcaNetwork *network, int32_t layer) {
    for (int32_t l = 0; l < layer; l++) {
        if (network->update[l].inputs == network->update[layer].inputs &&
            network->update[l].gates == network->update[layer].gates) {
            return l;
        }
    }
    return -1;
}

static void add_part(Part *parts, int32_t *count, Part part) {
    if (*count < MOST_PARTS) {
        parts[(*count)++] = part;
    }
}

static void add_update(Part *parts, int32_t *count, const Place *place, double tiles, PartKind kind) {
    const DlcaNetwork *network = &place->network;
    const int32_t first = *count;
    for (int32_t l = 0; l < network->update_layers - (kind == UPDATE_AGAIN);
         l++) { /* the last one's output is not used */
        const int32_t alike = find_alike(network, l);
        for (int32_t i = first; i < *count; i++) {
            parts[i].alike += parts[i].layer == alike;
            parts[i].calls += parts[i].layer == alike ? tiles : 0.0;
        }
        if (alike < 0) {
            add_part(parts, count,
                     (Part){.kind = kind,
                            .place = place,
                            .layer = l,
                            .alike = 1,
                            .gates = network->update[l].gates,
                            .calls = tiles});
        }
    }
}

/* tiles: of all steps of an epoch. */
static int32_t list_parts(Part *parts, const Place *place, double tiles) {
    const DlcaNetwork *network = &place->network;
    const double kernels = tiles * network->kernels * network->channels / DLCA_CHUNK; /* whole chunks */
    double gates = 0.0;
    int32_t count = 0;
    for (int32_t l = 0; l < network->perceive_layers; l++) {
        gates += network->perceive[l].gates;
    }
    const double last = network->perceive[network->perceive_layers - 1].gates;
    add_part(parts, &count, (Part){.kind = PERCEIVE, .place = place, .gates = gates, .calls = 2 * kernels});
    add_part(parts, &count, (Part){.kind = PERCEIVE_INNER, .place = place, .gates = gates - last, .calls = kernels});
    add_part(parts, &count, (Part){.kind = PERCEIVE_BACKWARD, .place = place, .gates = gates, .calls = kernels});
    for (PartKind kind = UPDATE_FORWARD; kind <= UPDATE_BACKWARD; kind++) {
        add_update(parts, &count, place, tiles, kind);
    }
    return count;
}

/* ---- one task on one instruction set ---- */

typedef struct Options {
    int64_t rounds;
    const char *task;
} Options;

/* Vectors of sixteen lanes that a call computes for each gate. */
static double vectors_of(const Part *part) {
    return part->kind <= UPDATE_BACKWARD ? WHOLE : wide.vectors;
}

static void print_part(const Part *part, const double *fma_per_second, const BenchItem *epoch, int32_t rounds) {
    double fraction[BENCH_MOST_ROUNDS], share[BENCH_MOST_ROUNDS];
    const double fma = part->gates * slots_of(part->kind) * vectors_of(part) * 16;
    for (int32_t r = 0; r < rounds; r++) {
        fraction[r] = fma / part->item->seconds[r] / fma_per_second[r];
        share[r] = part->calls * part->item->seconds[r] / epoch->seconds[r];
    }
    char rows[48] = "";
    if (part->kind <= UPDATE_BACKWARD) {
        const DlcaTrailLayer *layer = &part->place->network.update[part->layer];
        snprintf(rows, sizeof rows, " %d to %d (%d layer%s)", layer->inputs, layer->gates, part->alike,
                 part->alike == 1 ? "" : "s");
    }
    printf("| %s%s | %.1f %% | %.0f %% |\n", kind_name[part->kind], rows, 100 * bench_spread(share, rounds).median,
           100 * bench_spread(fraction, rounds).median);
}

static void print_parts(const BenchCase *test, DlcaIsa isa, const Part *parts, int32_t count, const BenchPeak *peak,
                        const BenchItem *items, int32_t rounds) {
    const BenchItem *peak_item = &items[count], *epoch = &items[count + 1];
    double per_second[BENCH_MOST_ROUNDS], fraction[BENCH_MOST_ROUNDS], alone[BENCH_MOST_ROUNDS];
    for (int32_t r = 0; r < rounds; r++) {
        per_second[r] = bench_peak_work(peak) / peak_item->seconds[r];
        fraction[r] = test->gates * BENCH_EPOCH_SLOTS / epoch->seconds[r] / per_second[r];
        alone[r] = 0.0;
        for (int32_t i = 0; i < count; i++) {
            alone[r] += parts[i].calls * parts[i].item->seconds[r] / epoch->seconds[r];
        }
    }
    printf("\n%s, batch %d, %s: an epoch of %.2f ms, %.0f %% of the peak\n\n", test->label, test->task.config.batch,
           dlca_isa_name(isa), 1e3 * bench_spread(epoch->seconds, rounds).median,
           100 * bench_spread(fraction, rounds).median);
    printf("| kernel | by itself, of the epoch | of the peak |\n|---|---|---|\n");
    for (int32_t i = 0; i < count; i++) {
        print_part(&parts[i], per_second, epoch, rounds);
    }
    printf("| all | %.1f %% | |\n", 100 * bench_spread(alone, rounds).median);
}

static bool measure(const char *task, DlcaIsa isa, int32_t rounds, DlcaError *error) {
    static Part parts[MOST_PARTS];
    static BenchItem items[MOST_PARTS + 2];
    BenchCase test;
    BenchPeak peak = {0};
    Place place = {0};
    bool good = bench_case_task(&test, task, false, error);
    test.without_judge = true;
    good = good && bench_case_create(&test, isa, 1, error) && place_create(&place, test.model, isa, error) &&
           bench_peak_create(&peak, BENCH_FMA, isa, 1, error);
    if (good) {
        const DlcaConfig *config = &test.task.config;
        const int32_t cells = config->batch * config->height * config->width;
        const int32_t tiles = (cells + DLCA_TILE - 1) / DLCA_TILE * config->steps;
        const int32_t count = list_parts(parts, &place, tiles);
        for (int32_t i = 0; i < count; i++) {
            parts[i].item = &items[i];
            items[i] = (BenchItem){.run = run_part, .context = &parts[i]};
        }
        items[count] = (BenchItem){.run = bench_run_peak, .context = &peak};
        items[count + 1] = (BenchItem){.run = bench_run_backward, .context = &test};
        for (int32_t i = 0; i < count + 2; i++) {
            bench_calibrate(&items[i], ITEM_MILLI / 1e3);
        }
        bench_interleave(items, count + 2, rounds);
        print_parts(&test, isa, parts, count, &peak, items, rounds);
    }
    bench_peak_free(&peak);
    place_free(&place);
    bench_case_free(&test);
    return good;
}

static const DlcaOption kernel_options[] = {
    {.name = "rounds",
     .kind = DLCA_OPTION_INTEGER,
     .value = "N",
     .help = "interleaved repetitions of every measurement",
     .offset = offsetof(Options, rounds),
     .minimum = 1,
     .maximum = BENCH_MOST_ROUNDS},
    {.name = "task",
     .kind = DLCA_OPTION_TEXT,
     .value = "NAME",
     .help = "only this task",
     .offset = offsetof(Options, task),
     .no_default = "checkerboard, lizard and colors"},
};

int dlca_command_bench_kernels(int argc, char **argv) {
    const DlcaArguments arguments = {
        .program = "dlca bench kernels",
        .operands = "",
        .summary = "Measures each kernel by itself and the epochs that are made of them, on one thread.",
        .option = kernel_options,
        .options = sizeof kernel_options / sizeof *kernel_options,
    };
    Options options = {.rounds = 15};
    const char *operands[DLCA_MAX_OPERANDS];
    char cpu[128], commit[64];
    DlcaError error = {0};
    int code;
    if (!dlca_command_parse(&arguments, argc, argv, &options, operands, &code)) {
        return code;
    }
    BenchCase known;
    if (options.task && !bench_case_task(&known, options.task, false, &error)) {
        return dlca_command_fail(arguments.program, &error);
    }
    dlca_cpu_name(cpu, sizeof cpu);
    bench_commit(commit, sizeof commit);
    if (options.task) {
        dlca_task_free(&known.task);
    }
    printf("%s, commit %s\n", cpu, commit);
    const char *const tasks[] = {"checkerboard", "lizard", "colors"};
    const DlcaIsa isas[MOST_ISAS] = {DLCA_ISA_AVX512, DLCA_ISA_AVX2, DLCA_ISA_NEON, DLCA_ISA_SCALAR};
    for (int t = 0; t < (options.task ? 1 : 3); t++) {
        for (int i = 0; i < MOST_ISAS; i++) {
            const bool only_choice = isas[i] != DLCA_ISA_SCALAR || dlca_isa_best() == DLCA_ISA_SCALAR;
            if (dlca_isa_usable(isas[i]) && only_choice &&
                !measure(options.task ? options.task : tasks[t], isas[i], (int32_t)options.rounds, &error)) {
                return dlca_command_fail(arguments.program, &error);
            }
        }
    }
    return 0;
}
