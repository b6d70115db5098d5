/* prove.c - `dlca prove MODEL`: is its circuit right for every start, and for ever? A start that refutes it is written
 * as a picture and as a state that `dlca simulate --state` replays, and replayed here.
 *
 * Leaves alone: the proof (train/prove.h). */
#include "../train/prove.h"

#include "../gates/sat.h"
#include "../src/image.h"
#include "../src/state_file.h"
#include "command.h"
#include "rule.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PICTURE_PIXELS = 256, GAP = 4, QUIET_SECONDS = 2 };

typedef struct ProveOptions {
    double seconds;
    int64_t seed, steps, width, height;
    const char *counterexample;
} ProveOptions;

static const DlcaOption prove_options[] = {
    {.name = "seconds",
     .kind = DLCA_OPTION_REAL,
     .value = "N",
     .help = "give up after so many seconds (\"not decided\"); 0: never",
     .offset = offsetof(ProveOptions, seconds),
     .real_maximum = 1e9},
    {.name = "steps",
     .kind = DLCA_OPTION_INTEGER,
     .value = "N",
     .help = "steps after which the target must be there",
     .offset = offsetof(ProveOptions, steps),
     .minimum = 1,
     .maximum = 10000,
     .no_default = "trained"},
    {.name = "width",
     .kind = DLCA_OPTION_INTEGER,
     .value = "N",
     .help = "cells; another grid than the trained one needs a task that knows its target there",
     .offset = offsetof(ProveOptions, width),
     .minimum = 1,
     .maximum = 4096,
     .no_default = "trained"},
    {.name = "height",
     .kind = DLCA_OPTION_INTEGER,
     .value = "N",
     .help = "cells",
     .offset = offsetof(ProveOptions, height),
     .minimum = 1,
     .maximum = 4096,
     .no_default = "trained"},
    {.name = "seed",
     .kind = DLCA_OPTION_INTEGER,
     .value = "S",
     .help = "number that the sample starts follow from",
     .offset = offsetof(ProveOptions, seed),
     .maximum = INT64_MAX},
    {.name = "counterexample",
     .kind = DLCA_OPTION_TEXT,
     .value = "FILE.png",
     .help = "where a start that ends wrong is drawn, a panel per channel; FILE.state beside it holds its bits",
     .offset = offsetof(ProveOptions, counterexample)},
};

/* ---- progress ---- */

static void show_progress(void *context, const DlcaProofProgress *progress) {
    bool *line_open = context;
    if (progress->seconds < QUIET_SECONDS || !isatty(STDERR_FILENO)) {
        return;
    }
    fprintf(stderr, "\r%s: %s %d, %" PRId64 " nodes, %" PRId64 " questions, %" PRId64 " clauses, %.0f s ",
            progress->doing, progress->steps > 0 ? "step" : "round", progress->step, progress->nodes,
            progress->questions, progress->clauses, progress->seconds);
    *line_open = true;
}

/* ---- the task ---- */

static bool find_task(const DlcaRule *rule, const ProveOptions *options, DlcaTask *task, DlcaError *error) {
    const DlcaConfig *config = &rule->config;
    if (!dlca_task_find(task, config, error)) {
        return false;
    }
    const int32_t height = options->height ? (int32_t)options->height : config->height;
    const int32_t width = options->width ? (int32_t)options->width : config->width;
    if ((height != config->height || width != config->width) && !dlca_task_resize(task, height, width, error)) {
        return false;
    }
    task->config.steps = options->steps ? (int32_t)options->steps : config->steps;
    return true;
}

/* ---- a start that refutes ---- */

/* Channels beside each other, ink where the bit is 1. */
static bool draw_start(const DlcaConfig *config, const uint8_t *start, const char *path, DlcaError *error) {
    const int32_t cells = config->height * config->width, channels = config->channels;
    const int32_t scale = dlca_picture_scale(config->height, config->width, PICTURE_PIXELS);
    uint8_t *plane = malloc((size_t)cells);
    DlcaPicture all = {0};
    bool good = plane != NULL || dlca_fail(error, DLCA_FAILED, "no memory for a picture of %d cells", cells);
    for (int32_t c = 0; good && c < channels; c++) {
        DlcaPicture panel = {0}, wider = {0};
        for (int32_t cell = 0; cell < cells; cell++) {
            plane[cell] = start[cell * channels + c];
        }
        good = dlca_picture_of_cells(&panel, plane, config->height, config->width, 1, scale, error);
        if (good && c == 0) {
            all = panel;
        } else if (good) {
            good = dlca_picture_beside(&wider, &all, &panel, GAP, error);
            dlca_picture_free(&all);
            dlca_picture_free(&panel);
            all = wider;
        }
    }
    good = good && dlca_png_write(path, &all, error);
    dlca_picture_free(&all);
    free(plane);
    return good;
}

static void set_start(DlcaPlanes *planes, const DlcaConfig *config, const uint8_t *start) {
    for (int32_t c = 0; c < config->channels; c++) {
        for (int32_t y = 0; y < config->height; y++) {
            dlca_planes_set(planes, c, 0, y, config->width,
                            start + (size_t)y * (size_t)config->width * (size_t)config->channels + c, config->channels);
        }
    }
}

/* The start again through another engine than the proof's; cells whose scored bits are wrong at the end. */
static int32_t replay(DlcaPlanes *planes, const DlcaTask *task, int32_t steps) {
    const DlcaConfig *config = &task->config;
    int32_t wrong = 0;
    dlca_planes_run(planes, steps);
    for (int32_t y = 0; y < config->height; y++) {
        for (int32_t x = 0; x < config->width; x++) {
            bool bad = false;
            for (int32_t c = 0; c < config->scored_channels; c++) {
                uint8_t bit;
                dlca_planes_get(planes, c, x, y, 1, &bit, 1);
                bad |= bit != task->target[(y * config->width + x) * config->scored_channels + c];
            }
            wrong += bad;
        }
    }
    return wrong;
}

static bool report_counterexample(const DlcaProof *proof, const DlcaRule *rule, const DlcaTask *task, const char *path,
                                  DlcaError *error) {
    const DlcaConfig *config = &task->config;
    char state[PATH_MAX];
    const size_t length = strlen(path), stem = length > 4 && !strcmp(path + length - 4, ".png") ? length - 4 : length;
    if (snprintf(state, sizeof state, "%.*s.state", (int)stem, path) >= (int)sizeof state) {
        return dlca_fail(error, DLCA_BAD_INPUT, "--counterexample: the name is too long");
    }
    DlcaPlanesSetup setup = dlca_planes_setup(config->height, config->width, config->channels, config->periodic);
    setup.threads = 1;
    DlcaPlanes *planes = dlca_planes_create(&setup, &rule->circuit, error);
    bool good = planes != NULL;
    if (good) {
        set_start(planes, config, proof->counterexample);
        good = draw_start(config, proof->counterexample, path, error) &&
               dlca_state_write(state, planes, config->height, config->width, config->channels, error);
    }
    if (good) {
        printf("start: %s (a panel per channel), %s (for dlca simulate --state)\n", path, state);
        if (task->target) {
            printf("replayed: %d of %d cells wrong after %d steps\n", replay(planes, task, proof->wrong_step),
                   config->height * config->width, proof->wrong_step);
        }
    }
    dlca_planes_free(planes);
    return good;
}

/* ---- the verdict ---- */

static void print_exact(const DlcaProof *proof, const DlcaTask *task) {
    const DlcaConfig *config = &task->config;
    const int64_t starts = dlca_task_starts(task);
    const int32_t bits = config->height * config->width * config->channels;
    if (proof->exact == DLCA_NOT_DECIDED) {
        printf("exact: not decided%s\n",
               config->asynchronous        ? ": with asynchronous updates some firing never gets there"
               : dlca_sat_solver() == NULL ? ": built without a SAT solver (make deps installs CaDiCaL)"
                                           : "");
    } else if (proof->exact == DLCA_REFUTED) {
        printf("exact: refuted: a start is wrong after %d steps\n", proof->wrong_step);
    } else if (starts == 1) {
        printf("exact: proven: right after %d steps from its one start\n", config->steps);
    } else if (starts > 1) {
        printf("exact: proven: right for all %" PRId64 " starts after %d steps\n", starts, config->steps);
    } else {
        printf("exact: proven: right for all 2^%d starts after %d steps\n", bits, config->steps);
    }
}

static void print_hold(const DlcaProof *proof, const DlcaTask *task) {
    const DlcaConfig *config = &task->config;
    if (proof->hold == DLCA_NOT_DECIDED) {
        printf("hold: not decided\n");
    } else if (proof->hold == DLCA_REFUTED) {
        printf("hold: refuted: a start is wrong after %d steps\n", proof->wrong_step);
    } else if (dlca_task_starts(task) == 1) {
        printf("hold: proven: its states repeat every %d steps, all of them right\n", proof->period);
    } else if (dlca_task_starts(task) > 1) {
        printf("hold: proven: every neighbourhood is right, so every further step on any grid\n");
    } else if (config->asynchronous) {
        printf("hold: proven: the target with %d fixed bits of cells stays, whoever fires\n", proof->invariant_bits);
    } else {
        printf("hold: proven: right for ever; from step %d on %d bits of cells are %s\n", proof->invariant_from,
               proof->invariant_bits, proof->period == 1 ? "fixed" : "fixed or alternate");
    }
}

static bool prove(const DlcaRule *rule, const ProveOptions *options, DlcaError *error) {
    DlcaTask task = {0};
    DlcaProof proof = {0};
    bool line_open = false;
    const DlcaProveOptions how = {options->seconds, (uint64_t)options->seed, show_progress, &line_open};
    bool good = find_task(rule, options, &task, error) && dlca_prove_task(&proof, &task, &rule->circuit, &how, error);
    if (line_open) {
        fputc('\n', stderr);
    }
    if (good) {
        print_exact(&proof, &task);
        print_hold(&proof, &task);
        printf("proof: %" PRId64 " nodes, %" PRId64 " questions, %" PRId64 " variables, %" PRId64
               " clauses, %.2f s, solver: %s\n",
               proof.nodes, proof.questions, proof.variables, proof.clauses, proof.seconds,
               dlca_sat_solver() ? dlca_sat_solver() : "none");
        good = !proof.counterexample || report_counterexample(&proof, rule, &task, options->counterexample, error);
    }
    dlca_proof_free(&proof);
    dlca_task_free(&task);
    return good;
}

int dlca_command_prove(int argc, char **argv) {
    const DlcaArguments arguments = {
        .program = "dlca prove",
        .operands = "MODEL",
        .operand_count = 1,
        .summary = "Proves that a model's circuit is right for every start at the trained step, and from then on for\n"
                   "ever; or finds a start that is not. Exit code 0 whatever the verdict.",
        .option = prove_options,
        .options = (int32_t)(sizeof prove_options / sizeof prove_options[0])};
    const char *operand[DLCA_MAX_OPERANDS];
    ProveOptions options = {.seconds = 600, .seed = 1, .counterexample = "counterexample.png"};
    DlcaRule rule = {0};
    DlcaError error = {0};
    int code;
    if (!dlca_command_parse(&arguments, argc, argv, &options, operand, &code)) {
        return code;
    }
    const bool good = dlca_rule_load(&rule, operand[0], &error) && prove(&rule, &options, &error);
    dlca_rule_free(&rule);
    return good ? 0 : dlca_command_fail("dlca prove", &error);
}
