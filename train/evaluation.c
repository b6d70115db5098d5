/* evaluation.c - the list of scenarios, and the table of what came of them. */
#include "evaluation.h"

#include <inttypes.h>
#include <stdio.h>

enum { HOLD_STEPS = 1000, BRIEF_HOLD_STEPS = 200 };

/* ---- the scenarios ---- */

static DlcaScenario *add(DlcaEvaluation *list, const char *name, int64_t steps) {
    DlcaScenario *scenario = &list->scenario[list->count++];
    *scenario = (DlcaScenario){.steps = steps};
    snprintf(scenario->name, sizeof scenario->name, "%s", name);
    return scenario;
}

/* On larger grids order spreads from where it began: steps in proportion to the side, four times what training had. */
static void add_size(DlcaEvaluation *list, const DlcaConfig *config, int32_t height, int32_t width) {
    const int32_t side = height > width ? height : width;
    const int32_t trained = config->height < config->width ? config->height : config->width;
    DlcaScenario *scenario = add(list, "", 4 * (int64_t)config->steps * (side + trained - 1) / trained);
    snprintf(scenario->name, sizeof scenario->name, "grid %dx%d", width, height);
    scenario->height = height;
    scenario->width = width;
    scenario->any_phase = config->asynchronous;
}

/* Twice and four times the trained size; one size for all tasks, to compare them; one whose sides have nothing in
 * common with the pattern's period. */
static void add_sizes(DlcaEvaluation *list, const DlcaConfig *config, bool brief) {
    add_size(list, config, 2 * config->height, 2 * config->width);
    if (brief) {
        return;
    }
    add_size(list, config, 4 * config->height, 4 * config->width);
    if (4 * config->height != 64 || 4 * config->width != 64) {
        add_size(list, config, 64, 64);
    }
    add_size(list, config, 37, 100);
}

static void add_damage(DlcaEvaluation *list, const DlcaConfig *config) {
    static const struct {
        const char *name;
        DlcaScenarioDamage damage;
    } kinds[] = {{"damage: a block randomised", DLCA_DAMAGE_BLOCK},
                 {"damage: 10 % of the cells flipped", DLCA_DAMAGE_FLIPS},
                 {"damage: 2 % of the cells stuck", DLCA_DAMAGE_STUCK}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        DlcaScenario *scenario = add(list, kinds[i].name, 6 * (int64_t)config->steps);
        scenario->damage = kinds[i].damage;
        scenario->damage_after = config->steps;
    }
}

static void add_starts(DlcaEvaluation *list, const DlcaConfig *config) {
    static const struct {
        const char *name;
        DlcaScenarioStart start;
    } kinds[] = {{"start: all bits 0", DLCA_STARTS_ZEROS},
                 {"start: all bits 1", DLCA_STARTS_ONES},
                 {"start: one bit in eight is 1", DLCA_STARTS_SPARSE},
                 {"start: seven bits in eight are 1", DLCA_STARTS_DENSE}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        add(list, kinds[i].name, 4 * (int64_t)config->steps)->start = kinds[i].start;
    }
}

/* As many firings of a cell for each rate, four times those of training. */
static void add_firing(DlcaEvaluation *list, const DlcaConfig *config) {
    static const double rates[] = {0.3, 0.45, 0.6, 0.8, 1.0};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        DlcaScenario *scenario = add(list, "", (int64_t)(4.0 * config->fire_rate / rates[i] * config->steps));
        snprintf(scenario->name, sizeof scenario->name, "firing rate %g", rates[i]);
        scenario->fire_rate = rates[i];
    }
}

static void list_scenarios(DlcaEvaluation *list, const DlcaTask *task, bool brief) {
    const DlcaConfig *config = &task->config;
    add(list, "as trained", config->steps);
    add(list, "further steps", config->steps + (brief ? BRIEF_HOLD_STEPS : HOLD_STEPS));
    add_sizes(list, config, brief);
    if (task->target) {
        add_damage(list, config);
    }
    if (task->start == DLCA_START_RANDOM) {
        add_starts(list, config);
    }
    if (config->asynchronous) {
        add_firing(list, config);
    }
}

/* ---- running them ---- */

static bool run_one(const DlcaScenario *scenario, const DlcaTask *task, const DlcaCircuit *rule,
                    const DlcaEvaluationOptions *options, DlcaScenarioResult *result, DlcaError *error) {
    const bool finite = dlca_task_starts(task) > 0 && scenario->height == 0;
    const int64_t most = finite ? dlca_task_starts(task) : options->starts;
    const int64_t wanted = options->starts < most ? options->starts : most;
    return dlca_scenario_run(scenario, task, rule, options->seed, (int32_t)((wanted + 63) / 64), result, error);
}

bool dlca_evaluate(const DlcaTask *task, const DlcaCircuit *rule, const DlcaEvaluationOptions *options,
                   DlcaEvaluation *evaluation, DlcaError *error) {
    *evaluation = (DlcaEvaluation){.trained = task->config.steps};
    list_scenarios(evaluation, task, options->brief);
    const int32_t listed = evaluation->count;
    evaluation->count = 0;
    for (int32_t i = 0; i < listed; i++) {
        const DlcaScenario scenario = evaluation->scenario[i];
        DlcaError reason;
        DlcaScenarioResult *result = &evaluation->result[evaluation->count];
        if (run_one(&scenario, task, rule, options, result, &reason)) {
            evaluation->scenario[evaluation->count++] = scenario;
            if (options->finished) {
                options->finished(options->context, &scenario, result);
            }
        } else if (reason.kind != DLCA_BAD_INPUT) {
            *error = reason;
            return false;
        }
    }
    return true;
}

void dlca_evaluation_free(DlcaEvaluation *evaluation) {
    for (int32_t i = 0; i < evaluation->count; i++) {
        dlca_scenario_result_free(&evaluation->result[i]);
    }
    *evaluation = (DlcaEvaluation){0};
}

/* ---- the table ---- */

static void describe_settled(char into[DLCA_EVALUATION_CELL], int64_t settled) {
    if (settled < 0) {
        snprintf(into, DLCA_EVALUATION_CELL, "no");
    } else {
        snprintf(into, DLCA_EVALUATION_CELL, "from %" PRId64, settled);
    }
}

static void describe_hold(char into[DLCA_EVALUATION_CELL], const DlcaScenario *scenario,
                          const DlcaScenarioResult *result, int32_t trained) {
    if (scenario->height > 0 || scenario->damage != DLCA_DAMAGE_NONE || scenario->fire_rate > 0.0) {
        snprintf(into, DLCA_EVALUATION_CELL, "-"); /* the trained step means nothing there */
    } else if (result->longest_hold < 0) {
        snprintf(into, DLCA_EVALUATION_CELL, "wrong at %d", trained);
    } else {
        snprintf(into, DLCA_EVALUATION_CELL, "%" PRId64 "%s", result->longest_hold,
                 trained + result->longest_hold >= scenario->steps ? " (all)" : "");
    }
}

/* "256/256", and how many are when shifted where that is more. */
static void describe_right(char into[DLCA_EVALUATION_CELL], const DlcaScenarioResult *result) {
    const int used = snprintf(into, DLCA_EVALUATION_CELL, "%" PRId64 "/%" PRId64, result->right_at_end, result->starts);
    if (result->shifted_at_end > result->right_at_end) {
        snprintf(into + used, DLCA_EVALUATION_CELL - (size_t)used, ", shifted %" PRId64, result->shifted_at_end);
    }
}

void dlca_evaluation_words(const DlcaScenario *scenario, const DlcaScenarioResult *result, int32_t trained,
                           DlcaEvaluationWords *words) {
    snprintf(words->steps, sizeof words->steps, "%" PRId64, scenario->steps);
    snprintf(words->wrong, sizeof words->wrong, "%.2f", result->wrong_cells_at_end);
    describe_right(words->right, result);
    describe_settled(words->half, result->half_settled);
    describe_settled(words->all, result->all_settled);
    describe_hold(words->holds, scenario, result, trained);
}
