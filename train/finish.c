/* finish.c - cubes for what is wrong, signals by the clock, channels forced. */
#include "finish.h"

#include "cube.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_CUBES = 64 };

bool dlca_finish_create(DlcaFinish *finish, DlcaCarry *carry, DlcaError *error) {
    const size_t words = carry->trace->words;
    *finish = (DlcaFinish){.carry = carry};
    if (!dlca_force_create(&finish->force, carry->spare, error)) {
        return false;
    }
    finish->wrong = malloc(words * sizeof *finish->wrong);
    finish->harmful = malloc(words * sizeof *finish->harmful);
    finish->left = malloc(words * sizeof *finish->left);
    if (!finish->wrong || !finish->harmful || !finish->left) {
        dlca_finish_free(finish);
        return dlca_fail(error, DLCA_FAILED, "no memory for the last wrong cells");
    }
    return true;
}

void dlca_finish_free(DlcaFinish *finish) {
    dlca_force_free(&finish->force);
    free(finish->wrong);
    free(finish->harmful);
    free(finish->left);
    *finish = (DlcaFinish){0};
}

/* ---- the last step ---- */

/* Cells of a channel that should be `value` after the step and are not, and those that should not be; whether there are
 * wrong ones. */
static bool find_wrong(const DlcaFinish *finish, int32_t steps, int32_t channel, bool value) {
    const DlcaTrace *trace = finish->carry->trace;
    const uint64_t *is = dlca_trace_signal(trace, dlca_spare_output_row(finish->carry->spare, channel)) +
                         (size_t)(steps - 1) * trace->words;
    const int32_t scored = trace->model->config.scored_channels;
    bool any = false;
    memset(finish->wrong, 0, trace->words * sizeof *finish->wrong);
    memset(finish->harmful, 0, trace->words * sizeof *finish->harmful);
    for (int32_t cell = 0; cell < trace->cells; cell++) {
        const bool target = finish->carry->task->target[cell * scored + channel] != 0;
        const uint64_t bit = (uint64_t)1 << (cell % 64);
        const bool wrong = target == value && ((is[cell / 64] & bit) != 0) != value;
        finish->wrong[cell / 64] |= wrong ? bit : 0;
        finish->harmful[cell / 64] |= target != value ? bit : 0;
        any |= wrong;
    }
    return any;
}

/* Cubes over the inputs that are 1 in each wrong cell and in no harmful one, and in the last step alone; their number,
 * 0 where there are none. */
static int32_t cover_wrong(const DlcaFinish *finish, const DlcaClock *clock, int32_t steps, DlcaCube *cube) {
    const DlcaTrace *trace = finish->carry->trace;
    const DlcaPlaces places = {(size_t)(steps - 1) * trace->words, trace->words, finish->harmful, finish->left};
    int32_t cubes = 0;
    for (int32_t cell = 0; cell < trace->cells; cell++) {
        if (!(finish->wrong[cell / 64] >> (cell % 64) & 1)) {
            continue;
        }
        if (cubes == MOST_CUBES ||
            !dlca_cube_find(trace, -1, &places, (size_t)cell, DLCA_CUBE_LITERALS - 1, &cube[cubes])) {
            return 0;
        }
        for (size_t word = 0; word < trace->words; word++) {
            finish->wrong[word] &= ~dlca_cube_word(trace, -1, &cube[cubes], places.first + word);
        }
        cube[cubes].literal[cube[cubes].literals++] = (DlcaLiteral){clock->last, false};
        cubes++;
    }
    return cubes;
}

/* Forces the channel where one of the signals is 1. A tree of many is late, and only gates after it can be forced:
 * where there is no way they are forced in two parts, and so on. */
static bool force_any(DlcaFinish *finish, int32_t channel, bool value, const DlcaLeaf *leaf, int32_t count) {
    DlcaLeaf tree[MOST_CUBES];
    memcpy(tree, leaf, (size_t)count * sizeof *leaf);
    const DlcaSignal when = dlca_tree_build(finish->carry->spare, DLCA_OP_OR, tree, count).signal;
    if (dlca_force_run(&finish->force, channel, value, when)) {
        return true;
    }
    return count > 1 && !finish->carry->spare->full && force_any(finish, channel, value, leaf, count / 2) &&
           force_any(finish, channel, value, leaf + count / 2, count - count / 2);
}

static bool put_right(DlcaFinish *finish, int32_t channel, bool value, const DlcaCube *cube, int32_t cubes) {
    DlcaLeaf leaf[MOST_CUBES];
    for (int32_t i = 0; i < cubes; i++) {
        leaf[i] = dlca_cube_build(finish->carry->spare, -1, &cube[i]);
    }
    return force_any(finish, channel, value, leaf, cubes);
}

/* All scored channels, both values. The cubes are those of the circuit before: what is changed here changes nothing
 * that is perceived until the last step. */
static bool correct(DlcaFinish *finish, const DlcaClock *clock, int32_t steps) {
    DlcaCube *cube = malloc(MOST_CUBES * sizeof *cube);
    bool good = cube != NULL;
    for (int32_t c = 0; good && c < finish->carry->spare->model->config.scored_channels; c++) {
        for (int value = 0; good && value < 2; value++) {
            if (find_wrong(finish, steps, c, value)) {
                const int32_t cubes = cover_wrong(finish, clock, steps, cube);
                good = cubes > 0 && put_right(finish, c, value, cube, cubes);
            }
        }
    }
    free(cube);
    return good;
}

/* ---- and after it ---- */

static void stay(DlcaFinish *finish, const DlcaClock *clock) {
    DlcaSpare *spare = finish->carry->spare;
    const DlcaSignal done = {-1, clock->done};
    for (int32_t c = 0; c < spare->model->config.scored_channels; c++) {
        const DlcaSignal self = {-1, c};
        dlca_force_run(&finish->force, c, true, dlca_spare_gate(spare, done, self, DLCA_OP_AND));
        dlca_force_run(&finish->force, c, false, dlca_spare_gate(spare, done, self, DLCA_OP_A_AND_NOT_B));
    }
}

bool dlca_finish_run(DlcaFinish *finish, int32_t steps, int64_t *gates) {
    DlcaSpare *spare = finish->carry->spare;
    DlcaClock clock = {0};
    if (!dlca_carry_run(finish->carry, steps, gates) || !dlca_clock_build(&clock, finish->carry, steps, gates)) {
        return false;
    }
    const int64_t before = dlca_spare_taken(spare);
    const bool right = correct(finish, &clock, steps);
    if (right) {
        stay(finish, &clock);
    }
    *gates += dlca_spare_taken(spare) - before;
    dlca_trace_run(finish->carry->trace, spare->ops);
    return right;
}
