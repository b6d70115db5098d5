/* program.c - what every trainer does: options, task, model, folder, training, files, a few words at the end.
 *
 * This and the mains are the only places that print. Leaves alone: training itself (loop.h), the files (results.h). */
#include "program.h"

#include "../src/file.h"
#include "log.h"
#include "memory_report.h"
#include "options.h"
#include "progress_line.h"
#include "results.h"
#include "run_folder.h"
#include "setup.h"

#include <signal.h>
#include <string.h>

/* Set by the signal handler, which can reach nothing else. */
static volatile sig_atomic_t stop_signal;

typedef struct Program {
    const DlcaTrainer *trainer;
    DlcaRunOptions *options; /* the trainer's */
    DlcaSetup setup;
    DlcaRunFolder folder;
    DlcaLog log;
    DlcaProgressLine line;
    DlcaTrainResult result;
    int32_t restarts; /* so far, for a model saved on the way */
} Program;

/* ---- signals ---- */

static void remember_signal(int number) {
    stop_signal = number;
}

static void watch_signals(void) {
    struct sigaction stop = {.sa_handler = remember_signal, .sa_flags = (int)SA_RESETHAND};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    /* The first Ctrl-C ends the run after its epoch, a second one ends the program at once. */
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, &stop, NULL);
    /* A reader of the output that went away, or a file-size limit, must not cost the run: the calls report it. */
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL);
}

/* ---- the observer ---- */

static void observe_progress(void *context, const DlcaProgress *progress) {
    Program *program = context;
    program->restarts = progress->restarts;
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

static bool observe_save(void *context, const DlcaModel *model, int64_t epoch, DlcaError *error) {
    const Program *program = context;
    if (program->options->save_every == 0 || epoch % program->options->save_every != 0) {
        return true;
    }
    return dlca_results_write_model(&program->setup.task, model, program->folder.path, epoch, program->restarts, error);
}

/* ---- the parts of a run ---- */

static bool open_files(Program *program, DlcaError *error) {
    char path[PATH_MAX];
    if (!dlca_run_folder_create(&program->folder, program->setup.task.config.task, program->options->out, error)) {
        return false;
    }
    if (!dlca_path_join(path, sizeof path, program->folder.path, "log.csv", error) ||
        !dlca_log_open(&program->log, path, error)) {
        dlca_run_folder_remove(&program->folder);
        return false;
    }
    return true;
}

static bool train(Program *program, DlcaError *error) {
    const DlcaObserver observer = {program, observe_progress, observe_evaluation, observe_stop, observe_save};
    bool good = dlca_train(program->setup.model, &program->setup.task, &program->setup.train, &observer,
                           &program->result, error);
    dlca_progress_line_end(&program->line);
    if (!good && program->log.rows == 0) {
        dlca_log_discard(&program->log);
        dlca_run_folder_remove(&program->folder);
    }
    return good;
}

static bool set_up(Program *program, DlcaError *error) {
    const DlcaTrainer *trainer = program->trainer;
    DlcaTask task = {0};
    if (!trainer->make_task(trainer->values, &task, error)) {
        dlca_task_free(&task);
        return false;
    }
    return dlca_setup_of_task(&program->setup, &task, program->options, error);
}

/* What a trainer has to say and to write before the first epoch. */
static bool introduce(const Program *program, DlcaError *error) {
    const DlcaTrainer *trainer = program->trainer;
    if (trainer->describe && !program->options->quiet) {
        trainer->describe(trainer->values, stdout);
    }
    return !trainer->write || trainer->write(trainer->values, program->folder.path, error);
}

static bool run(Program *program, DlcaError *error) {
    DlcaMemoryPlan plan;
    if (!set_up(program, error) || !dlca_setup_memory(&program->setup, &plan, error)) {
        return false;
    }
    if (program->options->dry_run) {
        dlca_memory_print(&plan, &program->setup.task.config, stdout);
        return true;
    }
    watch_signals();
    if (!open_files(program, error)) {
        return false;
    }
    program->line = dlca_progress_line(program->options->quiet ? NULL : stdout, program->options->log_interval);
    const DlcaRun finished = {.task = &program->setup.task,
                              .model = program->setup.model,
                              .options = program->options,
                              .result = &program->result,
                              .folder = program->folder.path,
                              .arguments = program->trainer->arguments,
                              .values = program->trainer->values};
    if (!introduce(program, error) || !train(program, error) || !dlca_log_close(&program->log, error) ||
        !dlca_results_write(&finished, error)) {
        return false;
    }
    if (!program->options->quiet) {
        if (program->result.interrupted) {
            printf("interrupted: ended after epoch %lld; everything was written\n",
                   (long long)program->result.epochs_run);
        }
        dlca_results_print(&finished, stdout);
    }
    return true;
}

static void release(Program *program) {
    DlcaError ignored;
    dlca_log_close(&program->log, &ignored);
    dlca_setup_free(&program->setup);
}

static int report(const DlcaTrainer *trainer, const DlcaError *error) {
    fprintf(stderr, "%s: %s\n", trainer->arguments->program, error->message);
    return error->kind == DLCA_BAD_INPUT ? DLCA_BAD_INPUT : DLCA_FAILED;
}

int dlca_trainer_program(int argc, char **argv, const DlcaTrainer *trainer) {
    Program program = {.trainer = trainer, .options = trainer->options};
    const char *operands[DLCA_MAX_OPERANDS];
    DlcaRequest request;
    DlcaError error = {0};
    if (!dlca_arguments_parse(trainer->arguments, argc, argv, trainer->values, operands, &request, &error)) {
        return report(trainer, &error);
    }
    if (request == DLCA_REQUEST_VERSION) {
        printf("%s (dlca) %s\n", trainer->arguments->program, DLCA_VERSION);
        return 0;
    }
    if (request == DLCA_REQUEST_HELP) {
        /* the defaults again: options before --help were parsed into the values */
        dlca_arguments_help(trainer->arguments, trainer->defaults, stdout);
        return 0;
    }
    const bool good = run(&program, &error);
    release(&program);
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
                                 .values = &named,
                                 .defaults = &defaults,
                                 .options = &named.options,
                                 .make_task = make_named_task};
    return dlca_trainer_program(argc, argv, &trainer);
}
