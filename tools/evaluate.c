/* evaluate.c - `dlca evaluate`: what a rule does beyond the step, grid, starts and firing that it was trained for.
 *
 * Leaves alone: running a scenario (scenario.c). */
#include "../gates/text.h"
#include "../src/file.h"
#include "../train/picture_task.h"
#include "command.h"
#include "rule.h"
#include "scenario.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_SCENARIOS = 32, HOLD_STEPS = 1000 };

typedef struct EvaluateOptions {
    int64_t seed;
    int64_t starts;
} EvaluateOptions;

static const DlcaOption evaluate_options[] = {
    {.name = "seed",
     .kind = DLCA_OPTION_INTEGER,
     .value = "S",
     .help = "number that starts, firing and damage follow from",
     .offset = offsetof(EvaluateOptions, seed),
     .maximum = INT64_MAX},
    {.name = "starts",
     .kind = DLCA_OPTION_INTEGER,
     .value = "N",
     .help = "starts of each scenario, rounded up to a multiple of 64",
     .offset = offsetof(EvaluateOptions, starts),
     .minimum = 1,
     .maximum = 65536},
};

/* ---- the scenarios ---- */

typedef struct List {
    Scenario scenario[MAX_SCENARIOS];
    int32_t count;
} List;

static Scenario *add(List *list, const char *name, int64_t steps) {
    Scenario *scenario = &list->scenario[list->count++];
    *scenario = (Scenario){.name = name, .steps = steps};
    return scenario;
}

/* On larger grids order spreads from where it began: steps in proportion to the side, four times what training had. */
static void add_sizes(List *list, const DlcaConfig *config) {
    static const struct {
        const char *name;
        int32_t height, width;
    } sizes[] = {{"grid 32x32", 32, 32}, {"grid 64x64", 64, 64}, {"grid 100x37", 37, 100}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const int32_t side = sizes[i].height > sizes[i].width ? sizes[i].height : sizes[i].width;
        Scenario *scenario =
            add(list, sizes[i].name, 4 * (int64_t)config->steps * (side + config->width - 1) / config->width);
        scenario->height = sizes[i].height;
        scenario->width = sizes[i].width;
        scenario->any_phase = config->asynchronous;
    }
}

static void add_damage(List *list, const DlcaConfig *config) {
    static const struct {
        const char *name;
        ScenarioDamage damage;
    } kinds[] = {{"a block randomised after the trained steps", DAMAGE_BLOCK},
                 {"10 % of the cells randomised", DAMAGE_FLIPS},
                 {"2 % of the cells stuck", DAMAGE_STUCK}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        Scenario *scenario = add(list, kinds[i].name, 10 * (int64_t)config->steps);
        scenario->damage = kinds[i].damage;
        scenario->damage_after = config->steps;
    }
}

static void add_starts(List *list, const DlcaConfig *config) {
    static const struct {
        const char *name;
        ScenarioStart start;
    } kinds[] = {{"start: all bits 0", START_ZEROS},
                 {"start: all bits 1", START_ONES},
                 {"start: one bit in eight", START_SPARSE},
                 {"start: seven bits in eight", START_DENSE}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        add(list, kinds[i].name, 4 * (int64_t)config->steps)->start = kinds[i].start;
    }
}

static void add_firing(List *list, const DlcaConfig *config) {
    static const struct {
        const char *name;
        double rate;
    } rates[] = {
        {"firing rate 0.3", 0.3}, {"firing rate 0.45", 0.45}, {"firing rate 0.8", 0.8}, {"firing rate 1", 1.0}};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        Scenario *scenario =
            add(list, rates[i].name, (int64_t)(6.0 * config->fire_rate / rates[i].rate * config->steps));
        scenario->fire_rate = rates[i].rate;
    }
}

static List list_scenarios(const DlcaTask *task) {
    const DlcaConfig *config = &task->config;
    List list = {0};
    add(&list, "as trained", config->steps);
    add(&list, "further steps", config->steps + HOLD_STEPS);
    add_sizes(&list, config);
    if (task->target) {
        add_damage(&list, config);
    }
    if (task->start == DLCA_START_RANDOM) {
        add_starts(&list, config);
    }
    if (config->asynchronous) {
        add_firing(&list, config);
    }
    return list;
}

/* ---- the table ---- */

static void print_result(const Scenario *scenario, const ScenarioResult *result, int64_t trained) {
    char settled[64], hold[64];
    if (result->settled >= 0) {
        snprintf(settled, sizeof settled, "%" PRId64, result->settled);
    } else {
        snprintf(settled, sizeof settled, "not by %" PRId64, scenario->steps);
    }
    if (scenario->height > 0 || scenario->damage != DAMAGE_NONE) {
        snprintf(hold, sizeof hold, "-"); /* the trained step means nothing there */
    } else if (result->longest_hold < 0) {
        snprintf(hold, sizeof hold, "wrong at %" PRId64, trained);
    } else {
        snprintf(hold, sizeof hold, "%" PRId64 "%s", result->longest_hold,
                 trained + result->longest_hold >= scenario->steps ? " (all looked at)" : "");
    }
    printf("| %-41s | %6" PRId64 " | %5" PRId64 "/%-5" PRId64 " | %11.2f | %14s | %s |\n", scenario->name,
           scenario->steps, result->right_at_end, result->starts, result->wrong_cells_at_end, settled, hold);
    fflush(stdout);
}

/* The task that a rule was trained on, by name, size and channels. */
static bool find_task(const DlcaRule *rule, DlcaTask *task, DlcaError *error) {
    const DlcaConfig *config = &rule->config;
    if (rule->of_picture) {
        return dlca_task_from_picture(task, config, rule->start, rule->target, &rule->palette, error);
    }
    return dlca_task_find(task, config, error);
}

static bool evaluate(const DlcaRule *rule, const EvaluateOptions *options, DlcaError *error) {
    DlcaTask task = {0};
    if (!find_task(rule, &task, error)) {
        return false;
    }
    const List list = list_scenarios(&task);
    printf("| %-41s | %6s | %11s | %11s | %14s | %s |\n|---|---|---|---|---|---|\n", "scenario", "steps", "right",
           "wrong cells", "all right from", "holds after the trained step");
    bool good = true;
    for (int32_t i = 0; good && i < list.count; i++) {
        ScenarioResult result;
        DlcaError reason;
        const bool finite = dlca_task_starts(&task) > 0 && list.scenario[i].height == 0;
        const int64_t most = finite ? dlca_task_starts(&task) : options->starts;
        const int64_t wanted = options->starts < most ? options->starts : most;
        if (scenario_run(&list.scenario[i], &task, &rule->circuit, (uint64_t)options->seed,
                         (int32_t)((wanted + 63) / 64), &result, &reason)) {
            print_result(&list.scenario[i], &result, task.config.steps);
        } else if (reason.kind != DLCA_BAD_INPUT) {
            good = false;
            *error = reason;
        }
    }
    dlca_task_free(&task);
    return good;
}

int dlca_command_evaluate(int argc, char **argv) {
    const DlcaArguments arguments = {.program = "dlca evaluate",
                                     .operands = "MODEL",
                                     .operand_count = 1,
                                     .summary = "Tries a model's circuit beyond its training: further steps, other "
                                                "sizes, damage, other starts and firing rates.",
                                     .option = evaluate_options,
                                     .options = (int32_t)(sizeof evaluate_options / sizeof evaluate_options[0])};
    const char *operand[DLCA_MAX_OPERANDS];
    EvaluateOptions options = {.seed = 1, .starts = 256};
    DlcaRule rule = {0};
    DlcaError error = {0};
    int code;
    if (!dlca_command_parse(&arguments, argc, argv, &options, operand, &code)) {
        return code;
    }
    const bool good = dlca_rule_load(&rule, operand[0], &error) && evaluate(&rule, &options, &error);
    dlca_rule_free(&rule);
    return good ? 0 : dlca_command_fail("dlca evaluate", &error);
}
