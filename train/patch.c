/* patch.c - from wrong cells to spare gates that put them right. Top to bottom: what is wrong, what a flip does, a
 * cover by cubes, the gates it takes, one patch, all of them. */
#include "patch.h"

#include "carry.h"
#include "cube.h"
#include "finish.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_CUBES = 16 };

static const size_t MOST_BYTES = (size_t)256 << 20;

/* Where a patch goes: gate `gate` of update layer `layer` hands on its input a or b. */
typedef struct Place {
    int32_t layer, gate;
} Place;

/* An OR of cubes: a signal for a place, from the layer `depth` gates before it. */
typedef struct Cover {
    Place place;
    int32_t depth, cubes;
    DlcaCube cube[MOST_CUBES];
} Cover;

typedef struct Patch {
    DlcaModel *model;
    uint8_t *ops;
    const DlcaTask *task;
    DlcaTrace trace;
    DlcaSpare spare;
    DlcaCarry carry;
    DlcaFinish finish;
    bool *touched;     /* [inputs + gates] a flip reaches it */
    uint64_t *flipped; /* [inputs + gates][steps][words] its value then, where touched */
    uint64_t *useful;  /* [words] of the wrong step: a flip puts bits right and none wrong */
    uint64_t *harmful; /* [steps][words] a flip changes what must stay */
    uint64_t *left;    /* [steps][words] harmful places that a cover does not exclude yet */
} Patch;

/* ---- what is wrong ---- */

static bool target_bit(const Patch *patch, int32_t cell, int32_t channel) {
    return patch->task->target[cell * patch->model->config.scored_channels + channel] != 0;
}

/* Whether the scored bit is wrong, 64 cells of a channel after step `step`, counted from 1. */
static uint64_t wrong_word(const Patch *patch, int32_t step, int32_t channel, size_t word) {
    const uint64_t *signal = dlca_trace_signal(&patch->trace, dlca_spare_output_row(&patch->spare, channel));
    uint64_t target = 0, counted = 0;
    for (int32_t i = 0; i < 64 && (int32_t)word * 64 + i < patch->trace.cells; i++) {
        target |= (uint64_t)target_bit(patch, (int32_t)word * 64 + i, channel) << i;
        counted |= (uint64_t)1 << i;
    }
    return (signal[(size_t)(step - 1) * patch->trace.words + word] ^ target) & counted;
}

static int64_t wrong_cells(const Patch *patch, int32_t step) {
    int64_t wrong = 0;
    for (size_t word = 0; word < patch->trace.words; word++) {
        uint64_t any = 0;
        for (int32_t c = 0; c < patch->model->config.scored_channels; c++) {
            any |= wrong_word(patch, step, c, word);
        }
        wrong += __builtin_popcountll(any);
    }
    return wrong;
}

/* ---- what a flip does ---- */

static const uint64_t *value_of(const Patch *patch, int32_t row) {
    return patch->touched[row] ? patch->flipped + (size_t)row * patch->trace.row
                               : dlca_trace_signal(&patch->trace, row);
}

/* Follows the flip of a gate, in words begin .. end-1, up to where nothing differs. */
static void follow_flip(const Patch *patch, Place place, size_t begin, size_t end) {
    const DlcaTrace *trace = &patch->trace;
    const int32_t row = dlca_trace_row(trace, place.layer, place.gate);
    memset(patch->touched, 0, (size_t)(trace->inputs + trace->gates));
    for (size_t i = begin; i < end; i++) {
        patch->flipped[(size_t)row * trace->row + i] = ~dlca_trace_signal(trace, row)[i];
    }
    patch->touched[row] = true;
    for (int32_t layer = place.layer + 1; layer < patch->model->config.update_layers; layer++) {
        const DlcaLayer *shape = dlca_spare_layer(&patch->spare, layer);
        for (int32_t gate = 0; gate < shape->gates; gate++) {
            const int32_t a = dlca_trace_row(trace, layer - 1, shape->wires[gate]);
            const int32_t b = dlca_trace_row(trace, layer - 1, shape->wires[shape->gates + gate]);
            const int32_t out = dlca_trace_row(trace, layer, gate), op = *dlca_spare_op(&patch->spare, layer, gate);
            if (!patch->spare.live_row[out] || !(patch->touched[a] || patch->touched[b])) {
                continue;
            }
            const uint64_t *in_a = value_of(patch, a), *in_b = value_of(patch, b);
            const uint64_t *before = dlca_trace_signal(trace, out);
            uint64_t *now = patch->flipped + (size_t)out * trace->row, differs = 0;
            for (size_t i = begin; i < end; i++) {
                now[i] = dlca_op_word(op, in_a[i], in_b[i]);
                differs |= now[i] ^ before[i];
            }
            patch->touched[out] = differs != 0;
        }
    }
}

static uint64_t difference(const Patch *patch, int32_t channel, size_t word) {
    const int32_t row = dlca_spare_output_row(&patch->spare, channel);
    return value_of(patch, row)[word] ^ dlca_trace_signal(&patch->trace, row)[word];
}

/* Fills useful, and harmful for the wrong step; false when no cell would gain. */
static bool weigh_last_step(const Patch *patch, Place place, int32_t step) {
    const size_t words = patch->trace.words, at = (size_t)(step - 1) * words;
    follow_flip(patch, place, at, at + words);
    uint64_t any = 0;
    for (size_t word = 0; word < words; word++) {
        uint64_t helps = 0, harms = 0;
        for (int32_t c = 0; c < patch->model->config.scored_channels; c++) {
            const uint64_t wrong = wrong_word(patch, step, c, word), flips = difference(patch, c, at + word);
            helps |= flips & wrong;
            harms |= flips & ~wrong;
        }
        const int32_t rest = patch->trace.cells - (int32_t)word * 64;
        const uint64_t counted = rest >= 64 ? UINT64_MAX : ((uint64_t)1 << rest) - 1;
        patch->useful[word] = helps & ~harms & counted;
        patch->harmful[at + word] = harms & counted;
        any |= patch->useful[word];
    }
    return any != 0;
}

/* Earlier steps must stay as they are, in every channel that matters. */
static void weigh_earlier_steps(const Patch *patch, Place place, int32_t step) {
    const size_t words = patch->trace.words, end = (size_t)(step - 1) * words;
    const uint64_t last = patch->trace.cells % 64 ? ((uint64_t)1 << (patch->trace.cells % 64)) - 1 : UINT64_MAX;
    follow_flip(patch, place, 0, end);
    memset(patch->harmful, 0, end * sizeof *patch->harmful);
    for (int32_t c = 0; c < patch->model->config.channels; c++) {
        for (size_t i = 0;
             patch->spare.live_channel[c] && patch->touched[dlca_spare_output_row(&patch->spare, c)] && i < end; i++) {
            patch->harmful[i] |= difference(patch, c, i) & (i % words == words - 1 ? last : UINT64_MAX);
        }
    }
}

/* ---- a signal: 1 at a cell, 0 where it would do harm ---- */

static int32_t base_layer(const Cover *cover) {
    return cover->place.layer - 1 - cover->depth;
}

/* 1 at the cell in the step, nowhere harmful. */
static bool cover_pivot(const Patch *patch, int32_t step, int32_t pivot, int32_t layer, int32_t most, DlcaCube *cube) {
    const DlcaPlaces places = {0, (size_t)step * patch->trace.words, patch->harmful, patch->left};
    return dlca_cube_find(&patch->trace, layer, &places, (size_t)(step - 1) * patch->trace.words * 64 + (size_t)pivot,
                          most, cube);
}

/* Useful cells that the cube covers too are done with. */
static void forget_covered(const Patch *patch, int32_t step, int32_t layer, const DlcaCube *cube) {
    for (size_t word = 0; word < patch->trace.words; word++) {
        patch->useful[word] &=
            ~dlca_cube_word(&patch->trace, layer, cube, (size_t)(step - 1) * patch->trace.words + word);
    }
}

/* ---- the gates it takes ---- */

/* Whether each layer between finds its gates: no more than one for each two literals, and one for each cube. */
static bool has_room(const Patch *patch, const Cover *cover) {
    int32_t wanted = 0;
    for (int32_t i = 0; i < cover->cubes; i++) {
        wanted += (cover->cube[i].literals + 1) / 2 + 1;
    }
    for (int32_t layer = base_layer(cover) + 1; layer < cover->place.layer; layer++) {
        if (dlca_spare_count(&patch->spare, layer) < wanted) {
            return false;
        }
    }
    return true;
}

/* Returns the gates that are changed. */
static int64_t build(Patch *patch, const Cover *cover) {
    const Place place = cover->place;
    const int64_t before = dlca_spare_taken(&patch->spare);
    DlcaLeaf leaf[MOST_CUBES];
    for (int32_t i = 0; i < cover->cubes; i++) {
        leaf[i] = dlca_cube_build(&patch->spare, base_layer(cover), &cover->cube[i]);
    }
    const DlcaLeaf all = dlca_tree_build(&patch->spare, DLCA_OP_OR, leaf, cover->cubes);
    const DlcaSignal signal = dlca_spare_hand_on(&patch->spare, all.signal, place.layer - 1);
    const DlcaLayer *shape = dlca_spare_layer(&patch->spare, place.layer);
    uint8_t *op = dlca_spare_op(&patch->spare, place.layer, place.gate);
    const bool hands_on_a = dlca_op_uses_a(*op), inverts = *op == DLCA_OP_NOT_A || *op == DLCA_OP_NOT_B;
    shape->wires[hands_on_a ? shape->gates + place.gate : place.gate] = signal.gate;
    *op = inverts != all.inverted ? DLCA_OP_XNOR : DLCA_OP_XOR;
    return dlca_spare_taken(&patch->spare) - before + 1;
}

/* ---- one patch, and all ---- */

static bool hands_on(int op) {
    return dlca_op_uses_a(op) != dlca_op_uses_b(op);
}

/* Cubes for the useful cells of a place, as many as find room; false when none does. */
static bool cover_place(const Patch *patch, int32_t step, Cover *cover) {
    int32_t highest = 0; /* levels of the largest cube */
    for (int32_t cell = 0; cell < patch->trace.cells && cover->cubes < MOST_CUBES; cell++) {
        const int32_t levels = cover->depth - dlca_tree_levels(cover->cubes + 1);
        if (levels < highest || !(patch->useful[cell / 64] >> (cell % 64) & 1)) {
            continue;
        }
        DlcaCube *cube = &cover->cube[cover->cubes];
        const int32_t most = 1 << levels < DLCA_CUBE_LITERALS ? 1 << levels : DLCA_CUBE_LITERALS;
        if (!cover_pivot(patch, step, cell, base_layer(cover), most, cube)) {
            continue;
        }
        cover->cubes++;
        if (!has_room(patch, cover)) {
            cover->cubes--;
            continue;
        }
        highest = dlca_tree_levels(cube->literals) > highest ? dlca_tree_levels(cube->literals) : highest;
        forget_covered(patch, step, base_layer(cover), cube);
    }
    return cover->cubes > 0;
}

/* Few literals first: the earlier layers that more of them need hold signals that say less. */
static bool find_cover(const Patch *patch, int32_t step, Cover *cover) {
    for (int32_t depth = 0; depth < patch->model->config.update_layers; depth++) {
        for (int32_t layer = depth; layer < patch->model->config.update_layers; layer++) {
            for (int32_t gate = 0; gate < dlca_spare_layer(&patch->spare, layer)->gates; gate++) {
                cover->place = (Place){layer, gate};
                cover->depth = depth;
                cover->cubes = 0;
                if (!patch->spare.live_row[dlca_trace_row(&patch->trace, layer, gate)] ||
                    !hands_on(*dlca_spare_op(&patch->spare, layer, gate)) ||
                    !weigh_last_step(patch, cover->place, step)) {
                    continue;
                }
                weigh_earlier_steps(patch, cover->place, step);
                if (cover_place(patch, step, cover)) {
                    return true;
                }
            }
        }
    }
    return false;
}

static bool patch_create(Patch *patch, DlcaModel *model, uint8_t *ops, const DlcaTask *task, int32_t steps,
                         DlcaError *error) {
    *patch = (Patch){.model = model, .ops = ops, .task = task};
    if (!dlca_trace_create(&patch->trace, model, task, steps, error) ||
        !dlca_spare_create(&patch->spare, model, ops, &patch->trace, error) ||
        !dlca_carry_create(&patch->carry, &patch->spare, &patch->trace, task, error) ||
        !dlca_finish_create(&patch->finish, &patch->carry, error)) {
        return false;
    }
    const size_t rows = (size_t)(patch->trace.inputs + patch->trace.gates), words = patch->trace.row;
    patch->touched = malloc(rows);
    patch->flipped = malloc(rows * words * sizeof *patch->flipped);
    patch->useful = malloc(patch->trace.words * sizeof *patch->useful);
    patch->harmful = malloc(words * sizeof *patch->harmful);
    patch->left = malloc(words * sizeof *patch->left);
    if (!patch->touched || !patch->flipped || !patch->useful || !patch->harmful || !patch->left) {
        return dlca_fail(error, DLCA_FAILED, "no memory to mend the last wrong cells");
    }
    return true;
}

static void patch_free(Patch *patch) {
    dlca_finish_free(&patch->finish);
    dlca_carry_free(&patch->carry);
    dlca_spare_free(&patch->spare);
    dlca_trace_free(&patch->trace);
    free(patch->touched);
    free(patch->flipped);
    free(patch->useful);
    free(patch->harmful);
    free(patch->left);
}

/* Whether all steps are right in the end. */
static bool mend(Patch *patch, int32_t first, DlcaPatchLimits limits, DlcaPatchReport *report) {
    int32_t step = first;
    dlca_trace_run(&patch->trace, patch->ops);
    while (step <= patch->trace.steps) {
        const int64_t wrong = wrong_cells(patch, step);
        Cover cover;
        if (wrong == 0) {
            step++;
            continue;
        }
        if (wrong > limits.wrong_most || dlca_carry_pairs(&patch->carry, step) > 0) {
            return false;
        }
        dlca_spare_find(&patch->spare);
        if (!find_cover(patch, step, &cover)) {
            return false;
        }
        report->gates += build(patch, &cover);
        report->patches++;
        dlca_trace_run(&patch->trace, patch->ops);
    }
    return true;
}

/* Steps that fit: all, the trained ones, or 0. A trace and as much for what a flip changes. */
static int32_t steps_that_fit(const DlcaModel *model, int32_t further) {
    const int32_t trained = model->config.steps;
    const size_t row = dlca_trace_bytes(model, 1);
    return 2 * row * (size_t)(trained + further) <= MOST_BYTES ? trained + further
           : 2 * row * (size_t)trained <= MOST_BYTES           ? trained
                                                               : 0;
}

size_t dlca_patch_bytes(const DlcaModel *model, int32_t further) {
    const int32_t steps = steps_that_fit(model, further), cells = model->config.height * model->config.width;
    return 2 * dlca_trace_bytes(model, steps) + dlca_carry_bytes(cells, steps);
}

/* Patches that need no clock; *right: every step is right then. */
static bool patch_model(DlcaModel *model, uint8_t *ops, const DlcaTask *task, DlcaPatchLimits limits, bool *right,
                        DlcaPatchReport *report, DlcaError *error) {
    Patch patch;
    const bool made = patch_create(&patch, model, ops, task, steps_that_fit(model, limits.further), error);
    *right = made && mend(&patch, task->config.steps, limits, report);
    patch_free(&patch);
    return made;
}

/* Likewise with one; *right: the trained step is right. */
static bool finish_model(DlcaModel *model, uint8_t *ops, const DlcaTask *task, DlcaPatchLimits limits, bool *right,
                         DlcaPatchReport *report, DlcaError *error) {
    Patch patch;
    const int32_t steps = task->config.steps;
    const bool made = patch_create(&patch, model, ops, task, steps, error);
    *right = false;
    if (made) {
        dlca_trace_run(&patch.trace, ops);
        *right = wrong_cells(&patch, steps) <= limits.wrong_most &&
                 dlca_finish_run(&patch.finish, steps, &report->gates) && wrong_cells(&patch, steps) == 0;
        report->finished = *right;
    }
    patch_free(&patch);
    return made;
}

bool dlca_patch_run(DlcaModel *model, uint8_t *ops, const DlcaTask *task, DlcaPatchLimits limits,
                    DlcaPatchReport *report, DlcaError *error) {
    *report = (DlcaPatchReport){0};
    if (steps_that_fit(model, limits.further) == 0) {
        return true;
    }
    DlcaPatchReport finish = {0};
    DlcaModel *before = dlca_model_create(&model->config, error);
    bool right = false, done = before != NULL;
    if (done) {
        dlca_model_copy(before, model);
        memcpy(before->ops, ops, (size_t)model->gates);
        done = patch_model(model, ops, task, limits, &right, report, error);
    }
    if (done && !right && limits.clock) {
        done = finish_model(before, before->ops, task, limits, &right, &finish, error);
        if (done && right) {
            dlca_model_copy(model, before);
            memcpy(ops, before->ops, (size_t)model->gates);
            *report = finish;
        }
    }
    dlca_model_free(before);
    return done;
}
