/* sweep_plan.c - which trainings a sweep consists of. Leaves alone: running them. */
#include "sweep.h"

#include <stdlib.h>
#include <string.h>

static bool parse_number(const char *text, const char *end, int64_t *number) {
    const size_t length = (size_t)(end - text);
    if (length == 0 || length > 18 || strspn(text, "0123456789") < length) {
        return false;
    }
    *number = strtoll(text, NULL, 10);
    return true;
}

bool sweep_parse_seeds(const char *text, void *into, DlcaError *error) {
    SweepSeeds *seeds = into;
    const char *dots = strstr(text, "..");
    const char *end = text + strlen(text);
    const bool good = dots ? parse_number(text, dots, &seeds->first) && parse_number(dots + 2, end, &seeds->last)
                           : parse_number(text, end, &seeds->first) && parse_number(text, end, &seeds->last);
    if (!good) {
        return dlca_fail(error, DLCA_BAD_INPUT,
                         "'%s' is not a range of seeds; accepted: A..B with whole numbers from 0", text);
    }
    if (seeds->last < seeds->first || seeds->last - seeds->first >= 1000000) {
        return dlca_fail(error, DLCA_BAD_INPUT, "'%s' is reversed or longer than a million; accepted: A..B with A <= B",
                         text);
    }
    return true;
}

/* `into` points at options->vary. */
bool sweep_parse_vary(const char *text, void *into, DlcaError *error) {
    SweepOptions *options = (SweepOptions *)((char *)into - offsetof(SweepOptions, vary));
    const char *equals = strchr(text, '=');
    if (options->varied == SWEEP_MAX_VARIED) {
        return dlca_fail(error, DLCA_BAD_INPUT, "at most %d options can vary", SWEEP_MAX_VARIED);
    }
    SweepVary *vary = &options->vary[options->varied];
    if (!equals || equals == text || equals[1] == '\0' || (size_t)(equals - text) >= sizeof vary->name) {
        return dlca_fail(error, DLCA_BAD_INPUT,
                         "'%s' names no values; accepted: NAME=v1,v2,... with a trainer's option", text);
    }
    *vary = (SweepVary){0};
    memcpy(vary->name, text, (size_t)(equals - text));
    for (const char *at = equals + 1; *at;) {
        const size_t length = strcspn(at, ",");
        if (length == 0 || length >= sizeof vary->value[0] || vary->values == SWEEP_MAX_VALUES) {
            return dlca_fail(error, DLCA_BAD_INPUT, "'%s' has an empty or too long value, or more than %d", text,
                             SWEEP_MAX_VALUES);
        }
        memcpy(vary->value[vary->values++], at, length);
        at += length + (at[length] == ',');
    }
    options->varied++;
    return true;
}

/* "--name=value" through the trainers' own table, so that names, ranges and messages are theirs. */
static bool apply(DlcaRunOptions *run, char *argument, DlcaError *error) {
    char empty[] = "", *argv[] = {empty, argument};
    const DlcaArguments arguments = dlca_run_arguments("dlca sweep", "", true);
    const char *operands[DLCA_MAX_OPERANDS];
    DlcaRequest request = DLCA_REQUEST_RUN;
    if (!dlca_arguments_parse(&arguments, 2, argv, run, operands, &request, error)) {
        return false;
    }
    return request == DLCA_REQUEST_RUN ||
           dlca_fail(error, DLCA_BAD_INPUT, "--vary: %s cannot vary; accepted: a trainer's option with a value",
                     argument + 2);
}

bool sweep_run_options(const SweepOptions *options, const SweepRun *run, char words[SWEEP_WORDS],
                       DlcaRunOptions *result, DlcaError *error) {
    *result = options->run;
    for (const char *at = run->setting; *at;) {
        const size_t length = strcspn(at, " ");
        char *word = words;
        words += snprintf(words, SWEEP_TEXT, "--%.*s", (int)length, at) + 1;
        if (!apply(result, word, error)) {
            return false;
        }
        at += length + (at[length] == ' ');
    }
    result->seed = run->seed;
    return true;
}

/* The `index`-th combination of varied values, the last option fastest. */
static void describe_setting(const SweepOptions *options, int32_t index, char text[SWEEP_TEXT]) {
    int32_t choice[SWEEP_MAX_VARIED];
    for (int32_t v = options->varied - 1; v >= 0; v--) {
        choice[v] = index % options->vary[v].values;
        index /= options->vary[v].values;
    }
    text[0] = '\0';
    for (int32_t v = 0; v < options->varied; v++) {
        const size_t used = strlen(text);
        snprintf(text + used, SWEEP_TEXT - used, "%s%s=%s", used ? " " : "", options->vary[v].name,
                 options->vary[v].value[choice[v]]);
    }
}

SweepRun *sweep_plan(const SweepOptions *options, int64_t *count, DlcaError *error) {
    const int64_t seeds = options->seeds.last - options->seeds.first + 1;
    int32_t settings = 1;
    for (int32_t v = 0; v < options->varied; v++) {
        settings *= options->vary[v].values;
    }
    *count = seeds * settings;
    SweepRun *runs = calloc((size_t)*count, sizeof *runs);
    if (!runs) {
        dlca_fail(error, DLCA_FAILED, "no memory for %lld runs", (long long)*count);
        return NULL;
    }
    for (int64_t i = 0; i < *count; i++) {
        runs[i].setting_index = (int32_t)(i / seeds);
        runs[i].seed = options->seeds.first + i % seeds;
        describe_setting(options, runs[i].setting_index, runs[i].setting);
        DlcaRunOptions tried;
        char words[SWEEP_WORDS];
        if (i % seeds == 0 && !sweep_run_options(options, &runs[i], words, &tried, error)) {
            free(runs);
            return NULL;
        }
    }
    return runs;
}
