/* options.c - the table of the trainers' options. Leaves alone: parsing (arguments.c). */
#include "options.h"

#include "../src/backend.h"
#include "../src/parametrization.h"

enum { MOST_EPOCHS = 1000000000, MOST_THREADS = 1024, DEFAULT_SEED = 1, DEFAULT_LOG = 50, DEFAULT_EVAL = 10 };

bool dlca_check_backend_name(const char *name, DlcaError *error) {
    DlcaIsa isa;
    return dlca_backend_find(name, &isa, error) != NULL;
}

static bool parse_gates(const char *name, void *into, DlcaError *error) {
    return dlca_gates_find(name, into, error);
}

static const char *print_gates(const void *value) {
    return dlca_parametrization(*(const DlcaGates *)value)->name;
}

#define AT(field) offsetof(DlcaRunOptions, field)

#define BY_RULE "as the recipe says"
#define REAL_METHOD(option, field, most, unit, text)                                                        \
    {                                                                                                       \
        .name = option, .kind = DLCA_OPTION_REAL, .resume = DLCA_RESUME_FIXED, .value = unit, .help = text, \
        .offset = AT(method.field), .real_maximum = most, .no_default = BY_RULE                             \
    }
#define COUNT_METHOD(option, field, text)                                                                     \
    {                                                                                                         \
        .name = option, .kind = DLCA_OPTION_INTEGER, .resume = DLCA_RESUME_FIXED, .value = "N", .help = text, \
        .offset = AT(method.field), .maximum = MOST_EPOCHS, .no_default = BY_RULE                             \
    }

#define STEPS_METHOD(option, field, least, text, otherwise)                                                   \
    {                                                                                                         \
        .name = option, .kind = DLCA_OPTION_INTEGER, .resume = DLCA_RESUME_FIXED, .value = "N", .help = text, \
        .offset = AT(method.field), .minimum = least, .maximum = DLCA_MAX_STEPS, .no_default = otherwise      \
    }

static const DlcaOption run_options[] = {
    {.name = "epochs",
     .kind = DLCA_OPTION_INTEGER,
     .resume = DLCA_RESUME_KEPT,
     .value = "N",
     .help = "budget in epochs (updates on one batch), restarts included; a run ends earlier when its circuit is exact "
             "and holds",
     .offset = AT(epochs),
     .minimum = 1,
     .maximum = MOST_EPOCHS,
     .no_default = "the task's"},
    {.name = "seed",
     .kind = DLCA_OPTION_INTEGER,
     .resume = DLCA_RESUME_FIXED,
     .value = "S",
     .help = "number that all random draws follow from; the same seed gives the same bytes",
     .offset = AT(seed),
     .minimum = 0,
     .maximum = INT64_MAX},
    {.name = "out",
     .kind = DLCA_OPTION_TEXT,
     .value = "DIR",
     .help = "folder for the run's files, new or empty",
     .offset = AT(out),
     .no_default = "the next free number in results/<task>/"},
    {.name = "threads",
     .kind = DLCA_OPTION_INTEGER,
     .resume = DLCA_RESUME_KEPT,
     .value = "N",
     .help = "threads to work with; the result is the same for any number",
     .offset = AT(threads),
     .minimum = 1,
     .maximum = MOST_THREADS},
    {.name = "backend",
     .kind = DLCA_OPTION_TEXT,
     .resume = DLCA_RESUME_KEPT,
     .value = "NAME",
     .help = "what computes: scalar, avx2, avx512 or neon code, cuda (an NVIDIA device), or auto (a device where one "
             "is and "
             "the work is large enough, else the widest code that this CPU has); the result is the same",
     .offset = AT(backend),
     .check = dlca_check_backend_name},
    {.name = "paper",
     .kind = DLCA_OPTION_FLAG,
     .resume = DLCA_RESUME_FIXED,
     .help = "the published recipe to the letter: every epoch of it, no restart, no repair",
     .offset = AT(paper)},
    {.name = "small",
     .kind = DLCA_OPTION_FLAG,
     .resume = DLCA_RESUME_FIXED,
     .help = "a small model that trains in about a second, for a first look",
     .offset = AT(small)},
    {.name = "frames",
     .kind = DLCA_OPTION_FLAG,
     .resume = DLCA_RESUME_KEPT,
     .help = "write a picture of every step of the final rollout into frames/, not just of the last",
     .offset = AT(frames)},
    {.name = "frame-every",
     .kind = DLCA_OPTION_INTEGER,
     .resume = DLCA_RESUME_KEPT,
     .value = "N",
     .help = "with --frames: steps between pictures",
     .offset = AT(frame_every),
     .minimum = 1,
     .maximum = DLCA_MAX_STEPS},
    {.name = "log-interval",
     .kind = DLCA_OPTION_INTEGER,
     .resume = DLCA_RESUME_KEPT,
     .value = "N",
     .help = "epochs between lines of output, when it does not go to a terminal",
     .offset = AT(log_interval),
     .minimum = 1,
     .maximum = MOST_EPOCHS},
    {.name = "eval-interval",
     .kind = DLCA_OPTION_INTEGER,
     .resume = DLCA_RESUME_FIXED,
     .value = "N",
     .help = "epochs between judgements of the hard circuit, each a row of log.csv",
     .offset = AT(eval_interval),
     .minimum = 1,
     .maximum = MOST_EPOCHS},
    {.name = "all-epochs",
     .kind = DLCA_OPTION_FLAG,
     .resume = DLCA_RESUME_FIXED,
     .help = "go on after an accepted circuit, and keep the smallest accepted",
     .offset = AT(all_epochs)},
    {.name = "save-every",
     .kind = DLCA_OPTION_INTEGER,
     .resume = DLCA_RESUME_KEPT,
     .value = "N",
     .help = "epochs between writes of checkpoint.safetensors, from which --resume goes on; one is also written every "
             "60 s, at the start and at the end; 0: only these",
     .offset = AT(save_every),
     .minimum = 0,
     .maximum = MOST_EPOCHS},
    {.name = "resume",
     .kind = DLCA_OPTION_MAYBE,
     .value = "[DIR]",
     .help =
         "go on with the interrupted run in this folder, to the same bytes as without the interruption; its options "
         "hold, --epochs may grow",
     .offset = AT(resume),
     .no_default = "alone: where results/<task>/latest points"},
    {.name = "checkpoint-every",
     .kind = DLCA_OPTION_INTEGER,
     .resume = DLCA_RESUME_KEPT,
     .value = "K",
     .help = "steps between states that are kept; those between are computed again, with the same result (1 to the "
             "steps of the rollout)",
     .offset = AT(checkpoint_every),
     .minimum = 1,
     .maximum = DLCA_MAX_STEPS,
     .no_default = "all are kept up to 256 MiB"},
    {.name = "dry-run",
     .kind = DLCA_OPTION_FLAG,
     .help = "print the memory that training would take, each buffer with its shape, and end",
     .offset = AT(dry_run)},
    {.name = "batch",
     .kind = DLCA_OPTION_INTEGER,
     .resume = DLCA_RESUME_FIXED,
     .value = "N",
     .help = "method: grids per update",
     .offset = AT(method.batch),
     .minimum = 1,
     .maximum = DLCA_MAX_BATCH,
     .no_default = BY_RULE},
    {.name = "steps",
     .kind = DLCA_OPTION_INTEGER,
     .resume = DLCA_RESUME_FIXED,
     .value = "N",
     .help = "method: steps of the rollout",
     .offset = AT(method.steps),
     .minimum = 1,
     .maximum = DLCA_MAX_STEPS,
     .no_default = "as the task says"},
    {.name = "gates",
     .kind = DLCA_OPTION_PARSED,
     .resume = DLCA_RESUME_FIXED,
     .value = "KIND",
     .help = "method: what a gate's parameters are: softmax16 (a logit for each operation), light (a sigmoid for each "
             "row of the truth table), gumbel (softmax16 with noise), straight-through (softmax16, hard forward)",
     .offset = AT(method.gates),
     .no_default = "softmax16",
     .parse = parse_gates,
     .print = print_gates},
    STEPS_METHOD("steps-min", steps_min, 1, "method: fewest steps of an epoch's rollout, drawn anew for each",
                 "as --steps"),
    STEPS_METHOD("steps-max", steps_max, 1, "method: most steps of it", "as --steps"),
    STEPS_METHOD("hold", hold, 0, "method: further steps of it whose states are compared with the target too", BY_RULE),
    REAL_METHOD("hold-weight", hold_weight, 1000.0, "W",
                "method: weight of all of them together in the loss, where the step before them has 1"),
    REAL_METHOD("damage", damage, 1.0, "P",
                "method: part of the epochs that begin with a grown state, a block of which is randomised"),
    REAL_METHOD("init", init, 100.0, "X", "method: starting logit of pass-through"),
    {.name = "spread",
     .kind = DLCA_OPTION_INTEGER,
     .resume = DLCA_RESUME_FIXED,
     .value = "0|1",
     .help = "method: 1: each perception output starts as a neighbour of its own; 0: all as the same",
     .offset = AT(method.spread),
     .maximum = 1,
     .no_default = BY_RULE},
    {.name = "join",
     .kind = DLCA_OPTION_INTEGER,
     .resume = DLCA_RESUME_FIXED,
     .value = "0|1",
     .help = "method: 1: with --spread, as many perception outputs start as the XOR of two neighbours as it takes for "
             "all cells to be reached; 0: none",
     .offset = AT(method.join),
     .maximum = 1,
     .no_default = BY_RULE},
    {.name = "learn-perception",
     .kind = DLCA_OPTION_INTEGER,
     .resume = DLCA_RESUME_FIXED,
     .value = "0|1",
     .help = "method: 0: the gates of perception stay what they started as; 1: they are trained like all others",
     .offset = AT(method.learn_perception),
     .maximum = 1,
     .no_default = BY_RULE},
    {.name = "paths",
     .kind = DLCA_OPTION_INTEGER,
     .resume = DLCA_RESUME_FIXED,
     .value = "0|1",
     .help = "method: 1: the update network starts handing each channel on; 0: as wires and chance have it",
     .offset = AT(method.paths),
     .maximum = 1,
     .no_default = BY_RULE},
    REAL_METHOD("start-or", start_or, 1.0, "P", "method: part of the update gates that start as OR"),
    REAL_METHOD("start-and", start_and, 1.0, "P", "method: part of them that start as AND"),
    REAL_METHOD("start-xor", start_xor, 1.0, "P", "method: part of them that start as XOR"),
    REAL_METHOD("start-not", start_not, 1.0, "P", "method: part of them that start as NOT"),
    REAL_METHOD("rate", rate, 10.0, "X", "method: learning rate"),
    REAL_METHOD("decay", decay, 1.0, "X", "method: weight decay"),
    REAL_METHOD("harden-first", harden_first, 1.0, "Q",
                "method: probability with which a gate uses its hard operation in an epoch, at first"),
    REAL_METHOD("harden-last", harden_last, 1.0, "Q", "method: the same at the end of the ramp; 0: never"),
    COUNT_METHOD("harden-ramp", harden_ramp, "method: epochs of that ramp"),
    COUNT_METHOD("restart-after", restart_after, "method: epochs of one wiring before a new one is drawn; 0: never"),
    COUNT_METHOD("repair", repair, "method: evaluations of one repair; 0: none"),
    {.name = "patch",
     .kind = DLCA_OPTION_INTEGER,
     .resume = DLCA_RESUME_FIXED,
     .value = "0|1",
     .help = "method: 1: cells of a picture that stay wrong are mended with spare gates; 0: they are not",
     .offset = AT(method.patch),
     .maximum = 1,
     .no_default = BY_RULE},
    {.name = "any-size",
     .kind = DLCA_OPTION_INTEGER,
     .resume = DLCA_RESUME_FIXED,
     .value = "0|1",
     .help = "method: 1: a checkerboard is accepted only when it is right on larger grids of odd sizes too",
     .offset = AT(method.any_size),
     .maximum = 1},
    REAL_METHOD("gate-cost", gate_cost, 1e6, "X", "method: wrong cells that a gate more must be worth in a repair"),
    COUNT_METHOD("repair-every", repair_every, "method: epochs between repairs; 0: at each judgement"),
    {.name = "quiet", .kind = DLCA_OPTION_FLAG, .help = "print nothing but errors", .offset = AT(quiet)},
    {.name = "async",
     .kind = DLCA_OPTION_FLAG,
     .resume = DLCA_RESUME_FIXED,
     .help = "cells take their new state at random, each with probability 0.6 in a step",
     .offset = AT(asynchronous)},
};

DlcaRunOptions dlca_run_options_default(void) {
    return (DlcaRunOptions){
        .seed = DEFAULT_SEED,
        .threads = dlca_cpu_count(),
        .backend = "auto",
        .frame_every = 1,
        .log_interval = DEFAULT_LOG,
        .eval_interval = DEFAULT_EVAL,
        .method = {.init = -1.0,
                   .start_or = -1.0,
                   .start_and = -1.0,
                   .start_xor = -1.0,
                   .start_not = -1.0,
                   .spread = -1,
                   .paths = -1,
                   .join = -1,
                   .learn_perception = -1,
                   .rate = -1.0,
                   .decay = -1.0,
                   .harden_first = -1.0,
                   .harden_last = -1.0,
                   .hold_weight = -1.0,
                   .damage = -1.0,
                   .gate_cost = -1.0,
                   .harden_ramp = -1,
                   .batch = -1,
                   .steps = -1,
                   .steps_min = -1,
                   .steps_max = -1,
                   .hold = -1,
                   .restart_after = -1,
                   .repair = -1,
                   .patch = -1,
                   .repair_every = -1},
    };
}

DlcaArguments dlca_run_arguments(const char *program, const char *summary, bool has_asynchronous) {
    return (DlcaArguments){
        .program = program,
        .operands = "",
        .summary = summary,
        .option = run_options,
        /* --async is the last one of the table */
        .options = (int32_t)(sizeof run_options / sizeof run_options[0]) - !has_asynchronous,
    };
}

static void change(double given, float *value) {
    *value = given >= 0.0 ? (float)given : *value;
}

static void change_count(int64_t given, int32_t *value) {
    *value = given >= 0 ? (int32_t)given : *value;
}

void dlca_method_apply(const DlcaMethodOptions *method, DlcaRecipe *recipe) {
    change(method->init, &recipe->start.pass);
    change(method->start_or, &recipe->start.or_part);
    change(method->start_and, &recipe->start.and_part);
    change(method->start_xor, &recipe->start.xor_part);
    change(method->start_not, &recipe->start.not_part);
    recipe->start.spread = method->spread >= 0 ? method->spread == 1 : recipe->start.spread;
    recipe->start.join = method->join >= 0 ? method->join == 1 : recipe->start.join;
    if (method->learn_perception >= 0) {
        recipe->adamw.fixed_perception = method->learn_perception == 0;
    }
    recipe->start.paths = method->paths >= 0 ? method->paths == 1 : recipe->start.paths;
    change(method->rate, &recipe->adamw.rate);
    change(method->decay, &recipe->adamw.decay);
    change(method->harden_first, &recipe->harden_first);
    change(method->harden_last, &recipe->harden_last);
    change(method->hold_weight, &recipe->hold_weight);
    change(method->damage, &recipe->damage);
    change_count(method->steps_min, &recipe->steps_min);
    change_count(method->steps_max, &recipe->steps_max);
    change_count(method->hold, &recipe->hold);
    recipe->harden_ramp = method->harden_ramp >= 0 ? method->harden_ramp : recipe->harden_ramp;
    recipe->restart_after = method->restart_after >= 0 ? method->restart_after : recipe->restart_after;
    recipe->repair_every = method->repair_every >= 0 ? method->repair_every : recipe->repair_every;
    if (method->patch >= 0) {
        recipe->patch_below = method->patch == 1 ? DLCA_PATCH_BELOW : 0.0;
    }
    recipe->any_size = method->any_size == 1;
    if (method->gate_cost >= 0.0) {
        recipe->repair.gate_cost = method->gate_cost;
        recipe->hurry.gate_cost = method->gate_cost;
    }
    if (method->repair >= 0) {
        recipe->repair.greedy = (int32_t)(method->repair * 3 / 11);
        recipe->repair.annealing = (int32_t)(method->repair - recipe->repair.greedy);
        recipe->repair_below = method->repair == 0 ? 0.0 : recipe->repair_below;
    }
}
