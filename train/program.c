/* program.c - what every trainer does: options, task, model, folder, training, files, a few words at the end.
 *
 * This and the mains are the only places that print. Leaves alone: training itself (loop.h), the files (results.h). */
#include "program.h"

#include "../src/file.h"
#include "checkpoint.h"
#include "log.h"
#include "memory_report.h"
#include "progress_line.h"
#include "results.h"
#include "resume.h"
#include "run_folder.h"
#include "setup.h"
#include "summary.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* Set by the signal handler, which can reach nothing else. */
static volatile sig_atomic_t stop_signal;

typedef struct Program {
    const DlcaTrainer *trainer;
    const char *called;      /* as the user calls this program */
    DlcaRunOptions *options; /* the trainer's */
    void *defaults;          /* the trainer's values before anything was parsed */
    DlcaSetup setup;
    DlcaRunFolder folder;
    DlcaLog log;
    DlcaProgressLine line;
    DlcaTrainResult result;
    DlcaModelExtras notes; /* the options, for every checkpoint */
    bool goes_on;          /* from `saved` */
    DlcaTrainState saved;
    DlcaModelExtras saved_extras; /* texts of options lie in it */
    bool kept;                    /* the folder holds a checkpoint */
} Program;

/* ---- signals ---- */

static void remember_signal(int number) {
    stop_signal = number;
}

static void watch_signals(void) {
    struct sigaction stop_once = {.sa_handler = remember_signal, .sa_flags = (int)SA_RESETHAND};
    struct sigaction stop = {.sa_handler = remember_signal};
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
    /* The first Ctrl-C ends the run after its epoch, a second one ends the program at once. A terminal that closes
     * sends SIGHUP more than once, so that one only ever asks. */
    sigaction(SIGINT, &stop_once, NULL);
    sigaction(SIGTERM, &stop, NULL);
    if (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN) { /* nohup ignores it on purpose */
        sigaction(SIGHUP, &stop, NULL);
    }
    /* A reader of the output that went away, or a file-size limit, must not cost the run: the calls report it. */
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL);
}

/* ---- the observer ---- */

static void observe_progress(void *context, const DlcaProgress *progress) {
    Program *program = context;
    dlca_progress_line_show(&program->line, progress);
}

static bool observe_evaluation(void *context, const DlcaProgress *progress, DlcaError *error) {
    Program *program = context;
    return dlca_log_add(&program->log, progress, error);
}

static bool observe_stop(void *context) {
    (void)context;
    return stop_signal != 0;
}

/* The rows that the checkpoint counts are on disk before it. */
static bool observe_save(void *context, const DlcaTrainState *state, DlcaError *error) {
    Program *program = context;
    char path[PATH_MAX];
    const bool saved = dlca_run_folder_check(&program->folder, error) && dlca_log_flush(&program->log, error) &&
                       dlca_path_join(path, sizeof path, program->folder.path, DLCA_CHECKPOINT_NAME, error) &&
                       dlca_checkpoint_write(path, &program->setup.task, state, &program->notes, error);
    program->kept = program->kept || saved;
    return saved;
}

/* ---- a new run ---- */

static bool make_setup(Program *program, DlcaError *error) {
    const DlcaTrainer *trainer = program->trainer;
    DlcaTask task = {0};
    if (!trainer->make_task(trainer->values, &task, error)) {
        dlca_task_free(&task);
        return false;
    }
    return dlca_setup_of_task(&program->setup, &task, program->options, error);
}

static bool open_log(Program *program, DlcaError *error) {
    char path[PATH_MAX];
    return dlca_path_join(path, sizeof path, program->folder.path, "log.csv", error) &&
           (program->goes_on ? dlca_log_open_again(&program->log, path, program->saved.position.rows, error)
                             : dlca_file_remove(path, error) && dlca_log_open(&program->log, path, error));
}

/* What a trainer has to say and to write before the first epoch. */
static bool introduce(const Program *program, DlcaError *error) {
    const DlcaTrainer *trainer = program->trainer;
    if (trainer->describe && !program->options->quiet) {
        trainer->describe(trainer->values, stdout);
    }
    return !trainer->write || trainer->write(trainer->values, program->folder.path, error);
}

static bool start_new(Program *program, DlcaError *error) {
    const DlcaRunOptions *options = program->options;
    if (!options->resume &&
        !dlca_run_folder_create(&program->folder, program->trainer->task_name, options->out, error)) {
        return false;
    }
    return dlca_run_folder_clean(&program->folder, error) && open_log(program, error) && introduce(program, error);
}

/* ---- a run that goes on ---- */

/* The saved options, and on top of them those of this command line; *saved are the former alone. */
static bool merge_options(Program *program, int argc, char **argv, const char *path, void *saved, DlcaError *error) {
    const DlcaTrainer *trainer = program->trainer;
    const char *operands[DLCA_MAX_OPERANDS];
    DlcaRequest request;
    memcpy(saved, program->defaults, trainer->values_bytes);
    if (!dlca_resume_notes_apply(trainer->arguments, &program->saved_extras, path, saved, error)) {
        return false;
    }
    memcpy(trainer->values, saved, trainer->values_bytes);
    return dlca_arguments_parse(trainer->arguments, argc, argv, trainer->values, operands, &request, error) &&
           dlca_resume_compare(trainer->arguments, saved, trainer->values, program->folder.path, error);
}

/* The budget that was given or the task's own; an earlier end would not be where the run stood. */
static bool check_budget(const Program *program, const void *saved, DlcaError *error) {
    const DlcaTrainer *trainer = program->trainer;
    const size_t at = (size_t)((const char *)program->options - (const char *)trainer->values);
    const DlcaRunOptions *before = (const DlcaRunOptions *)(const void *)((const char *)saved + at);
    const int64_t budget = before->epochs > 0 ? before->epochs : program->setup.task.epochs;
    return program->setup.train.epochs >= budget ||
           dlca_fail(error, DLCA_BAD_INPUT,
                     "--epochs: '%" PRId64 "' is less than the run's budget; accepted: from %" PRId64,
                     program->setup.train.epochs, budget);
}

static bool make_setup_again(Program *program, const void *saved, DlcaError *error) {
    const DlcaTrainer *trainer = program->trainer;
    DlcaTask task = {0};
    if (!trainer->make_task_again) {
        return make_setup(program, error);
    }
    if (!trainer->make_task_again(trainer->values, saved, program->saved.training, &program->saved_extras, &task,
                                  error)) {
        dlca_task_free(&task);
        return false;
    }
    return dlca_setup_of_task(&program->setup, &task, program->options, error);
}

/* Reads the checkpoint and fits options and task to it. Changes no file. */
static bool read_checkpoint(Program *program, int argc, char **argv, DlcaError *error) {
    char path[PATH_MAX];
    void *saved = malloc(program->trainer->values_bytes);
    bool good = saved || dlca_fail(error, DLCA_FAILED, "no memory for the options of a run");
    good = good && dlca_path_join(path, sizeof path, program->folder.path, DLCA_CHECKPOINT_NAME, error) &&
           dlca_checkpoint_read(path, &program->saved, &program->saved_extras, error) &&
           merge_options(program, argc, argv, path, saved, error) && make_setup_again(program, saved, error) &&
           dlca_checkpoint_fits(&program->saved, &program->saved_extras, &program->setup.task, path, error) &&
           check_budget(program, saved, error);
    free(saved);
    return good;
}

/* A summary says that a folder is complete, and it will not be until the run has ended again. */
static bool remove_summary(const Program *program, DlcaError *error) {
    char path[PATH_MAX];
    return dlca_path_join(path, sizeof path, program->folder.path, "summary.json", error) &&
           dlca_file_remove(path, error);
}

static bool go_on(Program *program, DlcaError *error) {
    program->kept = true;
    if (!open_log(program, error) || !dlca_run_folder_clean(&program->folder, error) ||
        !remove_summary(program, error)) {
        return false;
    }
    if (!program->options->quiet) {
        printf("going on after epoch %" PRId64 " in %s\n", program->saved.position.epoch, program->folder.path);
    }
    return true;
}

/* Finds and locks the folder; afterwards options and setup are those of the run in it. */
static bool find_run(Program *program, int argc, char **argv, DlcaError *error) {
    const DlcaRunOptions *options = program->options;
    if (options->out) {
        return dlca_fail(error, DLCA_BAD_INPUT,
                         "--out: '%s' cannot be given with --resume, which goes on in the run's "
                         "own folder; accepted: --resume DIR",
                         options->out);
    }
    return dlca_run_folder_find(&program->folder, program->trainer->task_name, options->resume, &program->goes_on,
                                error) &&
           (options->dry_run || dlca_run_folder_lock(&program->folder, error)) &&
           (program->goes_on ? read_checkpoint(program, argc, argv, error) : make_setup(program, error));
}

/* Whether the run ended and its files are whole: then there is nothing to go on with. */
static bool is_complete(const Program *program) {
    const DlcaTrainPosition *position = &program->saved.position;
    const bool accepted = position->smallest >= 0 && !program->setup.train.all_epochs;
    const bool ended = program->goes_on && (accepted || position->epoch >= program->setup.train.epochs);
    char path[PATH_MAX];
    return ended && dlca_path_join(path, sizeof path, program->folder.path, "summary.json", NULL) &&
           dlca_summary_budget(path) == program->setup.train.epochs;
}

/* ---- training ---- */

static bool train(Program *program, DlcaError *error) {
    const DlcaObserver observer = {program, observe_progress, observe_evaluation, observe_stop, observe_save};
    const bool good = dlca_train(program->setup.model, &program->setup.task, &program->setup.train,
                                 program->goes_on ? &program->saved : NULL, &observer, &program->result, error);
    dlca_progress_line_end(&program->line);
    return good;
}

static void print_interruption(const Program *program) {
    printf("interrupted: the state after epoch %" PRId64 " is saved; go on with: %s --resume %s\n",
           program->result.epochs_run, program->called, program->folder.path);
}

static bool finish(Program *program, DlcaError *error) {
    const DlcaRun finished = {.task = &program->setup.task,
                              .model = program->setup.model,
                              .options = program->options,
                              .result = &program->result,
                              .folder = program->folder.path,
                              .arguments = program->trainer->arguments,
                              .values = program->trainer->values};
    /* Said first: writing the results takes seconds, which a system that shuts down may not grant. */
    if (program->result.interrupted && !program->options->quiet) {
        print_interruption(program);
        fflush(stdout);
    }
    if (!dlca_log_close(&program->log, error) || !dlca_results_write(&finished, error)) {
        return false;
    }
    if (!program->options->quiet) {
        dlca_results_print(&finished, stdout);
    }
    return true;
}

static bool run(Program *program, int argc, char **argv, DlcaError *error) {
    DlcaMemoryPlan plan;
    const bool ready = program->options->resume ? find_run(program, argc, argv, error) : make_setup(program, error);
    if (!ready || !dlca_setup_memory(&program->setup, &plan, error)) {
        return false;
    }
    if (program->setup.backend_note[0] != '\0' && !program->options->quiet) {
        printf("%s\n", program->setup.backend_note);
    }
    if (program->options->dry_run) {
        dlca_memory_print(&plan, &program->setup.task.config, stdout);
        return true;
    }
    if (is_complete(program)) {
        if (!program->options->quiet) {
            printf("%s: the run has ended and is complete, after %" PRId64 " epochs\n", program->folder.path,
                   program->saved.position.epoch);
        }
        return true;
    }
    watch_signals();
    if (!dlca_resume_notes_add(program->trainer->arguments, program->trainer->values, program->defaults,
                               &program->notes, error) ||
        !(program->goes_on ? go_on(program, error) : start_new(program, error))) {
        return false;
    }
    program->line = dlca_progress_line(program->options->quiet ? NULL : stdout, program->options->log_interval);
    return train(program, error) && finish(program, error);
}

/* A run that ended before it had anything to keep leaves nothing. */
static void release(Program *program, bool good) {
    DlcaError ignored;
    if (!good && !program->kept) {
        dlca_log_discard(&program->log);
        dlca_run_folder_remove(&program->folder);
    }
    dlca_log_close(&program->log, &ignored);
    dlca_run_folder_release(&program->folder);
    dlca_setup_free(&program->setup);
    dlca_train_state_free(&program->saved);
    dlca_model_extras_free(&program->saved_extras);
    free(program->defaults);
}

static int report(const DlcaTrainer *trainer, const DlcaError *error) {
    fprintf(stderr, "%s: %s\n", trainer->arguments->program, error->message);
    return error->kind == DLCA_BAD_INPUT ? DLCA_BAD_INPUT : DLCA_FAILED;
}

int dlca_trainer_program(int argc, char **argv, const DlcaTrainer *trainer) {
    Program program = {.trainer = trainer, .called = argv[0], .options = trainer->options};
    const char *operands[DLCA_MAX_OPERANDS];
    DlcaRequest request;
    DlcaError error = {0};
    program.defaults = malloc(trainer->values_bytes);
    if (!program.defaults) {
        dlca_fail(&error, DLCA_FAILED, "no memory for the options of a run");
        return report(trainer, &error);
    }
    memcpy(program.defaults, trainer->values, trainer->values_bytes);
    bool good = dlca_arguments_parse(trainer->arguments, argc, argv, trainer->values, operands, &request, &error);
    if (good && request == DLCA_REQUEST_VERSION) {
        printf("%s (dlca) %s\n", trainer->arguments->program, DLCA_VERSION);
    } else if (good && request == DLCA_REQUEST_HELP) {
        /* the defaults again: options before --help were parsed into the values */
        dlca_arguments_help(trainer->arguments, trainer->defaults, stdout);
    } else if (good) {
        good = run(&program, argc, argv, &error);
    }
    release(&program, good);
    if (!good) {
        return report(trainer, &error);
    }
    return program.result.interrupted ? 128 + (int)stop_signal : 0;
}

/* ---- trainers that have nothing of their own ---- */

typedef struct NamedRun {
    DlcaRunOptions options;
    const char *task_name;
} NamedRun;

static bool make_named_task(void *values, DlcaTask *task, DlcaError *error) {
    const NamedRun *named = values;
    const DlcaRunOptions *options = &named->options;
    return dlca_task_create(task, named->task_name, options->asynchronous, options->small, options->paper,
                            (uint64_t)options->seed, error);
}

/* The help shows the task's own budget as the default of --epochs. */
static DlcaRunOptions defaults_of_task(const char *task_name) {
    DlcaTask task = {0};
    DlcaRunOptions defaults = dlca_run_options_default();
    if (dlca_task_create(&task, task_name, false, false, false, (uint64_t)defaults.seed, NULL)) {
        defaults.epochs = task.epochs;
    }
    dlca_task_free(&task);
    return defaults;
}

int dlca_train_program(int argc, char **argv, const char *task_name) {
    char name[64], summary[160];
    snprintf(name, sizeof name, "train_%s", task_name);
    snprintf(summary, sizeof summary, "Trains a differentiable logic cellular automaton on the task '%s'.", task_name);
    const DlcaArguments arguments = dlca_run_arguments(name, summary, dlca_task_has_asynchronous(task_name));
    const DlcaRunOptions defaults = defaults_of_task(task_name);
    NamedRun named = {.options = dlca_run_options_default(), .task_name = task_name};
    const DlcaTrainer trainer = {.arguments = &arguments,
                                 .task_name = task_name,
                                 .values = &named,
                                 .values_bytes = sizeof named,
                                 .defaults = &defaults,
                                 .options = &named.options,
                                 .make_task = make_named_task};
    return dlca_trainer_program(argc, argv, &trainer);
}
