/* sweep.c - `dlca sweep`: many trainings of one task, over seeds and settings, in one process.
 *
 * Each training has one thread when there are several at a time, and on a device they share launches; results do not
 * depend on that. After every training
 * sweep.csv is written anew, and a training that takes longer than a minute keeps a checkpoint until it is done, so
 * that an interrupted sweep goes on where it was. Leaves alone: training (train/). */
#include "sweep.h"

#include "../src/file.h"
#include "../src/links.h"
#include "../train/checkpoint.h"
#include "../train/results.h"
#include "../train/run_folder.h"
#include "command.h"

#include <errno.h>
#include <inttypes.h>
#include <omp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t stop_requested;

static void request_stop(int number) {
    stop_requested = number;
}

/* As for a trainer (train/program.c): a second Ctrl-C ends the program at once. */
static void watch_signals(void) {
    struct sigaction stop_once = {.sa_handler = request_stop, .sa_flags = (int)SA_RESETHAND};
    struct sigaction stop = {.sa_handler = request_stop}, before;
    sigaction(SIGINT, &stop_once, NULL);
    sigaction(SIGTERM, &stop, NULL);
    if (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
        sigaction(SIGHUP, &stop, NULL);
    }
}

static void ignore_progress(void *context, const DlcaProgress *progress) {
    (void)context;
    (void)progress;
}

static bool ignore_evaluation(void *context, const DlcaProgress *progress, DlcaError *error) {
    (void)context;
    (void)progress;
    (void)error;
    return true;
}

static bool asked_to_stop(void *context) {
    (void)context;
    return stop_requested != 0;
}

/* A training's checkpoint, in the sweep's folder until it is done. */
typedef struct Member {
    char path[PATH_MAX];
    const DlcaTask *task;
} Member;

/* The first state of all is not worth a file. */
static bool save_member(void *context, const DlcaTrainState *state, DlcaError *error) {
    const Member *member = context;
    static const DlcaModelExtras no_notes = {0}; /* sweep.csv names the options */
    return state->position.epoch == 0 || dlca_checkpoint_write(member->path, member->task, state, &no_notes, error);
}

static bool name_member(Member *member, const char *folder, const SweepRun *run, DlcaError *error) {
    char name[80];
    snprintf(name, sizeof name, "checkpoint-%d-%lld.safetensors", run->setting_index, (long long)run->seed);
    return dlca_path_join(member->path, sizeof member->path, folder, name, error);
}

static void take_result(SweepRun *run, const DlcaSetup *setup, const DlcaTrainResult *result) {
    run->exact = result->hard_exact;
    run->hold_steps = result->hold_steps;
    run->holds = result->hold_steps >= (int64_t)setup->train.recipe.hold_factor * setup->task.config.steps;
    run->exact_epoch = result->exact_epoch;
    run->epochs_run = result->epochs_run;
    run->restarts = result->restarts;
    run->repair_evaluations = result->repair_evaluations;
    run->gates_active = result->gates_active;
    run->gates_optimized = result->gates_optimized;
    run->accuracy = result->hard_accuracy;
    run->seconds_total = result->seconds_total;
    run->seconds_train = result->seconds_train;
    run->seconds_repair = result->seconds_repair;
}

/* From the checkpoint where there is one. A training whose numbers ran away is one that did not succeed. */
static bool train_member(Member *member, const DlcaSetup *setup, DlcaTrainResult *result, DlcaError *error) {
    DlcaTrainState saved = {0};
    DlcaModelExtras extras = {0};
    member->task = &setup->task;
    const DlcaObserver observer = {member, ignore_progress, ignore_evaluation, asked_to_stop, save_member};
    const bool begun = access(member->path, F_OK) == 0;
    const bool good =
        (!begun || (dlca_checkpoint_read(member->path, &saved, &extras, error) &&
                    dlca_checkpoint_fits(&saved, &extras, &setup->task, member->path, error))) &&
        (dlca_train(setup->model, &setup->task, &setup->train, begun ? &saved : NULL, &observer, result, error) ||
         result->diverged);
    dlca_train_state_free(&saved);
    dlca_model_extras_free(&extras);
    return good;
}

typedef struct Sweep {
    SweepOptions options;
    DlcaCrew **crew; /* [crews] of each setting, where trainings share a device: models of one shape */
    int32_t crews;
    int64_t jobs; /* trainings at a time */
    const char *task;
    char command[1024]; /* what makes this sweep another one: task and options, without --out, --jobs and --seeds */
    DlcaRunFolder folder;
    char table[PATH_MAX], circuits[PATH_MAX]; /* sweep.csv, and the folder of the exact runs' circuits */
    SweepRun *runs;
    int64_t count;
    int64_t finished_before; /* runs that were there when the sweep began */
    double began;
} Sweep;

/* <folder>/circuits/<seed>.json, with several settings <setting's number>_<seed>.json */
static bool write_circuit(const Sweep *sweep, const SweepRun *run, const DlcaModel *model, DlcaError *error) {
    char name[64], path[PATH_MAX];
    if (sweep->options.varied > 0) {
        snprintf(name, sizeof name, "%d_%" PRId64 ".json", run->setting_index + 1, run->seed);
    } else {
        snprintf(name, sizeof name, "%" PRId64 ".json", run->seed);
    }
    return dlca_path_join(path, sizeof path, sweep->circuits, name, error) &&
           dlca_results_write_circuit(model, path, error);
}

static DlcaCrew *crew_of(const Sweep *sweep, const SweepRun *run) {
    return sweep->crews > 0 ? sweep->crew[run->setting_index] : NULL;
}

/* Among those of its setting, where there are several at a time. */
static bool train_in_crew(const Sweep *sweep, const SweepRun *run, Member *member, DlcaSetup *setup,
                          DlcaTrainResult *result, DlcaError *error) {
    DlcaCrew *crew = dlca_backend_is_device(setup->train.backend) ? crew_of(sweep, run) : NULL;
    setup->train.crew = crew;
    if (crew) {
        dlca_crew_join(crew);
    }
    const bool good = train_member(member, setup, result, error);
    if (crew) {
        dlca_crew_leave(crew);
    }
    return good;
}

/* One training; *finished stays false when it was interrupted. Leaves run->done alone, which other threads look at. */
static bool train_one(const Sweep *sweep, SweepRun *run, bool *finished, DlcaError *error) {
    DlcaRunOptions run_options;
    char words[SWEEP_WORDS];
    DlcaSetup setup = {0};
    DlcaTrainResult result = {0};
    Member member;
    bool good = name_member(&member, sweep->folder.path, run, error) &&
                sweep_run_options(&sweep->options, run, words, &run_options, error) &&
                dlca_setup_create(&setup, sweep->task, &run_options, error) &&
                train_in_crew(sweep, run, &member, &setup, &result, error);
    if (good && !result.interrupted) {
        take_result(run, &setup, &result);
        good = !run->exact || write_circuit(sweep, run, setup.model, error);
        *finished = good;
    }
    dlca_setup_free(&setup);
    return good;
}

/* When its row is in the table. */
static bool forget_member(const char *folder, const SweepRun *run, DlcaError *error) {
    Member member;
    return name_member(&member, folder, run, error) && dlca_file_remove(member.path, error);
}

/* ---- progress ---- */

static double seconds_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int64_t count_done(const Sweep *sweep) {
    int64_t done = 0;
    for (int64_t i = 0; i < sweep->count; i++) {
        done += sweep->runs[i].done;
    }
    return done;
}

static void print_run(const Sweep *sweep, const SweepRun *run) {
    const int64_t done = count_done(sweep), fresh = done - sweep->finished_before;
    const double left =
        fresh > 0 ? (seconds_now() - sweep->began) / (double)fresh * (double)(sweep->count - done) : 0.0;
    printf("%lld/%lld  %s%sseed %lld: %s, %lld epochs, %.1f s, %lld gates  (about %.0f s left)\n", (long long)done,
           (long long)sweep->count, run->setting, run->setting[0] ? "  " : "", (long long)run->seed,
           !run->exact  ? "not exact"
           : run->holds ? "exact and holding"
                        : "exact, does not hold",
           (long long)run->epochs_run, run->seconds_total, (long long)run->gates_optimized, left);
    fflush(stdout);
}

/* ---- the sweep ---- */

/* As many as asked for; or, on a device, as have room there, up to a number that fills the largest; or one for each
 * processor. */
static int64_t choose_jobs(const Sweep *sweep, const DlcaMemoryPlan *plan) {
    enum { MOST_ON_A_DEVICE = 64 };
    int64_t jobs = dlca_cpu_count();
    if (plan->free_bytes > 0) {
        const int64_t room = (int64_t)(plan->free_bytes / (plan->bytes + 1));
        jobs = room < MOST_ON_A_DEVICE ? room : MOST_ON_A_DEVICE;
    }
    jobs = sweep->options.jobs > 0 ? sweep->options.jobs : jobs;
    return jobs < 1 ? 1 : jobs < sweep->count ? jobs : sweep->count;
}

static bool create_crews(Sweep *sweep, DlcaError *error) {
    const int32_t settings = sweep->runs[sweep->count - 1].setting_index + 1;
    sweep->crew = calloc((size_t)settings, sizeof(DlcaCrew *));
    if (!sweep->crew) {
        return dlca_fail(error, DLCA_FAILED, "no memory for %d settings", settings);
    }
    while (sweep->crews < settings && sweep->jobs > 1) {
        sweep->crew[sweep->crews] = dlca_crew_create(error);
        if (!sweep->crew[sweep->crews]) {
            return false;
        }
        sweep->crews++;
    }
    return true;
}

static bool run_all(Sweep *sweep, DlcaError *error) {
    bool good = true;
    if (sweep->jobs > 1) {
        sweep->options.run.threads = 1;
    }
    omp_set_max_active_levels(2);
#pragma omp parallel for num_threads((int)sweep->jobs) schedule(dynamic)
    for (int64_t i = 0; i < sweep->count; i++) {
        DlcaError trouble;
        bool stop = stop_requested != 0;
#pragma omp critical(sweep)
        stop = stop || !good || sweep->runs[i].done;
        if (stop) {
            continue;
        }
        bool finished = false;
        const bool trained = train_one(sweep, &sweep->runs[i], &finished, &trouble);
#pragma omp critical(sweep)
        {
            sweep->runs[i].done = trained && finished;
            if (sweep->runs[i].done) {
                print_run(sweep, &sweep->runs[i]);
            }
            const bool kept = trained &&
                              sweep_table_save(sweep->table, sweep->command, sweep->runs, sweep->count, &trouble) &&
                              (!finished || forget_member(sweep->folder.path, &sweep->runs[i], &trouble));
            if (good && !kept) {
                good = false;
                *error = trouble;
            }
        }
    }
    return good;
}

/* A folder that holds this sweep's table is gone on with; any other has to be new or empty. */
static bool open_folder(Sweep *sweep, DlcaError *error) {
    char name[64];
    const char *out = sweep->options.run.out;
    snprintf(name, sizeof name, "sweep-%s", sweep->task);
    if (out && dlca_path_join(sweep->table, sizeof sweep->table, out, "sweep.csv", error) &&
        access(sweep->table, F_OK) == 0) {
        snprintf(sweep->folder.path, sizeof sweep->folder.path, "%s", out);
        if (!dlca_refuse_links(out, NULL, error) || !dlca_run_folder_lock(&sweep->folder, error) ||
            !dlca_folder_remove_temporaries(sweep->folder.path, NULL, error)) {
            return false;
        }
    } else if (!dlca_run_folder_create(&sweep->folder, name, out, error) ||
               !dlca_path_join(sweep->table, sizeof sweep->table, sweep->folder.path, "sweep.csv", error)) {
        return false;
    }
    if (!dlca_path_join(sweep->circuits, sizeof sweep->circuits, sweep->folder.path, "circuits", error)) {
        return false;
    }
    if (mkdir(sweep->circuits, 0777) != 0 && errno != EEXIST) {
        return dlca_fail(error, DLCA_FAILED, "%s: cannot be created: %s", sweep->circuits, strerror(errno));
    }
    return dlca_refuse_links(sweep->circuits, NULL, error) &&
           dlca_folder_remove_temporaries(sweep->circuits, NULL, error);
}

/* Options that do not change a run's result or choose which runs there are stay out. */
static void describe_command(Sweep *sweep, int argc, char **argv) {
    static const char *const aside[] = {"--out", "--jobs", "--seeds", "--threads", "--backend", "--save-every"};
    size_t used = (size_t)snprintf(sweep->command, sizeof sweep->command, "dlca " DLCA_VERSION " sweep");
    for (int i = 1; i < argc; i++) {
        bool skip = false;
        for (size_t a = 0; a < sizeof aside / sizeof *aside; a++) {
            const size_t length = strlen(aside[a]);
            if (strncmp(argv[i], aside[a], length) == 0 && (argv[i][length] == '=' || argv[i][length] == '\0')) {
                skip = true;
                i += argv[i][length] == '\0';
                break;
            }
        }
        if (!skip && used < sizeof sweep->command) {
            used += (size_t)snprintf(sweep->command + used, sizeof sweep->command - used, " %s", argv[i]);
        }
    }
}

/* Tries the options, and chooses the backend and what a training takes with all threads: one that has one thread would
 * choose otherwise. */
static bool try_options(Sweep *sweep, DlcaMemoryPlan *plan, DlcaError *error) {
    DlcaSetup tried = {0};
    DlcaRunOptions options = sweep->options.run;
    const bool possible =
        dlca_setup_create(&tried, sweep->task, &options, error) && dlca_setup_memory(&tried, plan, error);
    if (possible && strcmp(options.backend, "auto") == 0) {
        sweep->options.run.backend =
            dlca_backend_is_device(tried.train.backend) ? tried.train.backend : dlca_isa_name(dlca_isa_best());
    }
    dlca_setup_free(&tried);
    return possible;
}

static bool sweep_run(Sweep *sweep, DlcaError *error) {
    DlcaMemoryPlan plan;
    sweep->runs = try_options(sweep, &plan, error) ? sweep_plan(&sweep->options, &sweep->count, error) : NULL;
    sweep->jobs = sweep->runs ? choose_jobs(sweep, &plan) : 0;
    if (!sweep->runs || !create_crews(sweep, error) || !open_folder(sweep, error) ||
        !sweep_table_load(sweep->table, sweep->command, sweep->runs, sweep->count, error)) {
        return false;
    }
    /* The table is there from the start: it says whose checkpoints lie beside it. */
    if (!sweep_table_save(sweep->table, sweep->command, sweep->runs, sweep->count, error)) {
        return false;
    }
    sweep->finished_before = count_done(sweep);
    sweep->began = seconds_now();
    watch_signals();
    if (!run_all(sweep, error)) {
        return false;
    }
    printf("\n");
    if (!sweep_table_print(sweep->runs, sweep->count, stdout, error)) {
        return false;
    }
    printf("\n%s; the circuits of exact runs are in %s/\n", sweep->table, sweep->circuits);
    return true;
}

static const DlcaOption own_options[] = {
    {.name = "seeds",
     .kind = DLCA_OPTION_PARSED,
     .value = "A..B",
     .help = "seeds of the trainings, both ends included",
     .offset = offsetof(SweepOptions, seeds),
     .no_default = "1..10",
     .parse = sweep_parse_seeds},
    {.name = "vary",
     .kind = DLCA_OPTION_PARSED,
     .value = "NAME=v1,v2,...",
     .help = "train with each value of a trainer's option; may be given up to four times, for all combinations",
     .offset = offsetof(SweepOptions, vary),
     .no_default = "nothing varies",
     .parse = sweep_parse_vary},
    {.name = "jobs",
     .kind = DLCA_OPTION_INTEGER,
     .value = "N",
     .help = "trainings at a time; with more than one, each has one thread; on a device they go side by side",
     .offset = offsetof(SweepOptions, jobs),
     .minimum = 1,
     .maximum = 1024,
     .no_default = "one per processor; on a device as many as have room, up to 64"},
};

enum { OWN_OPTIONS = sizeof own_options / sizeof own_options[0], MAX_OPTIONS = 64 };

int dlca_command_sweep(int argc, char **argv) {
    DlcaOption table[MAX_OPTIONS];
    const DlcaArguments trainer = dlca_run_arguments("dlca sweep", "", true);
    int32_t count = 0;
    for (int32_t i = 0; i < trainer.options && count < MAX_OPTIONS - OWN_OPTIONS; i++) {
        if (strcmp(trainer.option[i].name, "seed") != 0 && strcmp(trainer.option[i].name, "resume") != 0) {
            table[count++] = trainer.option[i];
        }
    }
    memcpy(table + count, own_options, sizeof own_options);
    count += OWN_OPTIONS;
    const DlcaArguments arguments = {.program = "dlca sweep",
                                     .operands = "TASK",
                                     .operand_count = 1,
                                     .summary = "Trains a task with many seeds and settings, and counts successes. The "
                                                "same command goes on with an\ninterrupted sweep.",
                                     .option = table,
                                     .options = count};
    const char *operand[DLCA_MAX_OPERANDS];
    Sweep sweep = {.options = {.run = dlca_run_options_default(), .seeds = {1, 10}}};
    DlcaError error = {0};
    int code;
    if (!dlca_command_parse(&arguments, argc, argv, &sweep.options, operand, &code)) {
        return code;
    }
    sweep.task = operand[0];
    describe_command(&sweep, argc, argv);
    const bool good = sweep_run(&sweep, &error);
    dlca_run_folder_release(&sweep.folder);
    for (int32_t i = 0; i < sweep.crews; i++) {
        dlca_crew_free(sweep.crew[i]);
    }
    free(sweep.crew);
    free(sweep.runs);
    if (!good) {
        return dlca_command_fail("dlca sweep", &error);
    }
    return stop_requested ? 128 + (int)stop_requested : 0;
}
