/* simulate_damage.c - what happens to rectangles of cells between steps. The part outside the grid is left out. */
#include "simulate_run.h"

static bool is_stuck(const DlcaDamage *damage) {
    return damage->kind == DLCA_DAMAGE_STUCK_AT_0 || damage->kind == DLCA_DAMAGE_STUCK_AT_1;
}

bool dlca_simulate_damages_now(const DlcaSimulateRun *run) {
    for (int32_t i = 0; i < run->options.damage.count; i++) {
        if (run->options.damage.item[i].step == run->done) {
            return true;
        }
    }
    return false;
}

int64_t dlca_simulate_steps_to_damage(const DlcaSimulateRun *run) {
    int64_t steps = run->options.steps - run->done;
    for (int32_t i = 0; i < run->options.damage.count; i++) {
        const DlcaDamage *damage = &run->options.damage.item[i];
        const int64_t left = damage->step - run->done;
        if (left <= 0 && is_stuck(damage)) {
            return 1;
        }
        steps = left > 0 && left < steps ? left : steps;
    }
    return steps;
}

/* What becomes of a bit; random ones are drawn in the order of rows, cells, channels. */
static uint8_t damaged(const DlcaDamage *damage, DlcaRandom *random, uint8_t bit) {
    switch (damage->kind) {
    case DLCA_DAMAGE_RANDOM:
        return (uint8_t)dlca_random_below(random, 2);
    case DLCA_DAMAGE_FLIP:
        return !bit;
    case DLCA_DAMAGE_STUCK_AT_0:
        return 0;
    default:
        return 1;
    }
}

static void apply(DlcaSimulateRun *run, const DlcaDamage *damage) {
    const int64_t right = damage->x + (int64_t)damage->width, bottom = damage->y + (int64_t)damage->height;
    DlcaRandom random =
        dlca_random_stream(run->seed, DLCA_RANDOM_DAMAGE, 0, (uint32_t)dlca_planes_step_count(run->planes));
    for (int32_t y = damage->y; y < bottom && y < run->options.height; y++) {
        for (int32_t x = damage->x; x < right && x < run->options.width; x++) {
            for (int32_t channel = 0; channel < run->rule.config.channels; channel++) {
                uint8_t bit;
                dlca_planes_get(run->planes, channel, x, y, 1, &bit, 1);
                bit = damaged(damage, &random, bit);
                dlca_planes_set(run->planes, channel, x, y, 1, &bit, 1);
            }
        }
    }
}

void dlca_simulate_damage(DlcaSimulateRun *run) {
    for (int32_t i = 0; i < run->options.damage.count; i++) {
        const DlcaDamage *damage = &run->options.damage.item[i];
        if (damage->step == run->done) {
            dlca_simulate_print_step(run, ", before the damage");
            apply(run, damage);
            dlca_simulate_print_step(run, ", damaged");
        }
    }
}

void dlca_simulate_keep_stuck(DlcaSimulateRun *run) {
    for (int32_t i = 0; i < run->options.damage.count; i++) {
        const DlcaDamage *damage = &run->options.damage.item[i];
        if (damage->step < run->done && is_stuck(damage)) {
            apply(run, damage);
        }
    }
}
