/* progress_line.c - draws the progress of a run. Leaves alone: log.csv. */
#include "progress_line.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Ten drawings a second look alive and cost nothing. */
static const double seconds_between_drawings = 0.1;

DlcaProgressLine dlca_progress_line(FILE *out, int64_t interval) {
    const char *terminal = getenv("TERM");
    bool live = out && isatty(fileno(out)) && terminal && strcmp(terminal, "dumb") != 0;
    return (DlcaProgressLine){.out = out, .live = live, .interval = interval, .drawn_at = -1};
}

static void format_time_left(double seconds, char *text, size_t size) {
    long left = seconds > 0 && seconds < 1e9 ? (long)(seconds + 0.5) : 0;
    if (left >= 3600) {
        snprintf(text, size, "%ld:%02ld:%02ld", left / 3600, left / 60 % 60, left % 60);
    } else {
        snprintf(text, size, "%ld:%02ld", left / 60, left % 60);
    }
}

static bool is_training(const DlcaProgress *progress) {
    return !progress->doing || strcmp(progress->doing, "training") == 0;
}

/* A number, or a dash as long as no circuit was judged. */
static void format_judged(const DlcaProgress *progress, double value, int digits, char *text, size_t size) {
    bool judged = progress->judged || progress->hard_accuracy > 0 || progress->hard_loss > 0;
    if (judged) {
        snprintf(text, size, "%.*f", digits, value);
    } else {
        snprintf(text, size, "-");
    }
}

void dlca_progress_format(const DlcaProgress *progress, bool brief, char *text, size_t size) {
    char hard[32], wrong[32], left[32], part[16] = "";
    const double epochs = progress->within ? (double)progress->epoch - 1 + progress->part : (double)progress->epoch;
    double pace = epochs > 0 ? progress->seconds / epochs : 0;
    if (progress->within) {
        snprintf(part, sizeof part, " at %.0f %%", 100 * progress->part);
    }
    format_judged(progress, progress->hard_loss, brief ? 1 : 2, hard, sizeof hard);
    format_judged(progress, progress->wrong_cells, brief ? 1 : 2, wrong, sizeof wrong);
    format_time_left(pace * ((double)progress->epochs - epochs), left, sizeof left);
    bool training = is_training(progress);
    /* The brief one fits into 80 columns. */
    snprintf(text, size,
             brief ? "epoch %" PRId64 "/%" PRId64 "%s  soft %.1f  hard %s  wrong cells %s  %.1f ms  %s%s"
                   : "epoch %" PRId64 "/%" PRId64
                     "%s  soft loss %.3f  hard loss %s  wrong cells %s  %.2f ms/epoch  %s%s",
             progress->epoch, progress->epochs, part, progress->soft_loss, hard, wrong, progress->ms_per_epoch,
             training ? "ETA " : "", training ? left : progress->doing);
}

static int terminal_columns(FILE *out) {
    struct winsize window;
    return ioctl(fileno(out), TIOCGWINSZ, &window) == 0 && window.ws_col > 1 ? window.ws_col : 80;
}

static void draw(DlcaProgressLine *line, const char *text) {
    /* A line that wraps could not be drawn over; the last column stays free, for some terminals wrap there. */
    fprintf(line->out, "\r%.*s\033[K", terminal_columns(line->out) - 1, text);
    fflush(line->out);
    line->shown = true;
}

void dlca_progress_line_show(DlcaProgressLine *line, const DlcaProgress *progress) {
    char text[256];
    if (!line->out) {
        return;
    }
    /* Repairing and checking take place between epochs: a live line says so, a file gets one line per epoch. */
    bool training = is_training(progress), last = progress->epoch == progress->epochs;
    if (line->live) {
        bool due = line->drawn_at < 0 || progress->seconds - line->drawn_at >= seconds_between_drawings;
        if (due || last || !training) {
            dlca_progress_format(progress, true, text, sizeof text);
            draw(line, text);
            line->drawn_at = progress->seconds;
        }
    } else if (training && !progress->within && (last || progress->epoch % line->interval == 0)) {
        dlca_progress_format(progress, false, text, sizeof text);
        fprintf(line->out, "%s\n", text);
        fflush(line->out);
    }
}

void dlca_progress_line_end(DlcaProgressLine *line) {
    if (line->shown) {
        fputc('\n', line->out);
        fflush(line->out);
        line->shown = false;
    }
}
