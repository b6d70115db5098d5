/* simulate_report.c - what a run says: heading, steps, the table of statistics, progress. */
#include "command.h"
#include "simulate_run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

double dlca_simulate_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void dlca_simulate_print_heading(const DlcaSimulateRun *run, const char *path) {
    const DlcaSimulateOptions *options = &run->options;
    if (options->quiet) {
        return;
    }
    char task[32];
    printf("rule: %s, %s, %d gates, bits per cell: %d\n", path, dlca_plain_task(run->rule.config.task, task),
           run->rule.circuit.gates, run->rule.config.channels);
    printf("%" PRId64 "x%" PRId64 " cells, %s, ", options->width, options->height,
           options->periodic ? "periodic" : "outside reads 0");
    if (options->asynchronous) {
        printf("asynchronous with fire rate %g, ", options->fire_rate);
    } else {
        printf("synchronous, ");
    }
    printf("seed %" PRIu64 "\n", run->seed);
}

/* Of a grid of the target's size. */
static int64_t wrong_cells(const DlcaSimulateRun *run) {
    const DlcaConfig *trained = &run->rule.config;
    const int32_t scored = trained->scored_channels;
    int64_t wrong = 0;
    uint8_t *cell = malloc((size_t)trained->width * (size_t)scored);
    for (int32_t y = 0; cell && y < trained->height; y++) {
        for (int32_t channel = 0; channel < scored; channel++) {
            dlca_planes_get(run->planes, channel, 0, y, trained->width, cell + channel, scored);
        }
        const uint8_t *target = run->rule.target + (int64_t)y * trained->width * scored;
        for (int32_t x = 0; x < trained->width; x++) {
            wrong += memcmp(cell + x * scored, target + x * scored, (size_t)scored) != 0;
        }
    }
    free(cell);
    return wrong;
}

void dlca_simulate_print_step(DlcaSimulateRun *run, const char *note) {
    const int64_t cells = run->options.height * run->options.width, step = dlca_planes_step_count(run->planes);
    const int32_t scored = run->rule.config.scored_channels;
    if (run->options.quiet) {
        return;
    }
    dlca_simulate_end_progress(run);
    if (run->comparable) {
        printf("step %" PRId64 "%s: %" PRId64 " of %" PRId64 " cells wrong\n", step, note, wrong_cells(run), cells);
    } else {
        printf("step %" PRId64 "%s: %" PRId64 " of %" PRId64 " scored bits are 1\n", step, note,
               dlca_planes_count(run->planes, scored).ones, cells * scored);
    }
}

void dlca_simulate_add_statistics(DlcaSimulateRun *run) {
    if (!run->options.statistics) {
        return;
    }
    const DlcaPlanesCount count = dlca_planes_count(run->planes, run->rule.config.scored_channels);
    if (run->statistics.size == 0) {
        dlca_text_add(&run->statistics, "step,live,changed,wrong\n");
    }
    dlca_text_add(&run->statistics, "%" PRId64 ",%" PRId64 ",", dlca_planes_step_count(run->planes), count.live);
    if (run->done > 0) {
        dlca_text_add(&run->statistics, "%" PRId64, count.changed);
    }
    if (run->comparable) {
        dlca_text_add(&run->statistics, ",%" PRId64 "\n", wrong_cells(run));
    } else {
        dlca_text_add(&run->statistics, ",\n");
    }
}

/* ---- progress ---- */

static const double quiet_seconds = 2, live_seconds = 0.25, line_seconds = 10;

static void format_left(double seconds, char *text, size_t size) {
    if (seconds < 90) {
        snprintf(text, size, "%.0f s", seconds);
    } else if (seconds < 90 * 60) {
        snprintf(text, size, "%.0f min", seconds / 60);
    } else {
        snprintf(text, size, "%.1f h", seconds / 3600);
    }
}

void dlca_simulate_show_progress(DlcaSimulateRun *run) {
    const double now = dlca_simulate_now(), spent = now - run->began;
    const bool live = isatty(STDERR_FILENO);
    if (run->options.quiet || run->done == 0 || spent < quiet_seconds ||
        now - run->shown < (live ? live_seconds : line_seconds)) {
        return;
    }
    char left[32];
    const double cells = (double)run->options.width * (double)run->options.height * (double)run->done;
    format_left(spent / (double)run->done * (double)(run->options.steps - run->done), left, sizeof left);
    fflush(stdout);
    fprintf(stderr, "%sstep %" PRId64 " of %" PRId64 ", %.3g Gcell/s, %s left%s", live ? "\r" : "", run->done,
            run->options.steps, cells / spent * 1e-9, left, live ? "   " : "\n");
    run->line_open = live;
    run->shown = now;
}

void dlca_simulate_end_progress(DlcaSimulateRun *run) {
    if (run->line_open) {
        fputc('\n', stderr);
        run->line_open = false;
    }
}
