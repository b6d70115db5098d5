/* test_run_files.c - what a run writes and shows: folder, log.csv, summary.json, the progress line. */
#include "../train/log.h"
#include "../train/progress_line.h"
#include "../train/run_folder.h"
#include "../train/summary.h"
#include "scratch.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const DlcaProgress progress_example = {
    .epoch = 50,
    .epochs = 1000,
    .restarts = 1,
    .soft_loss = 12.5,
    .judged = true,
    .hard_loss = 30.25,
    .hard_accuracy = 0.75,
    .wrong_cells = 64,
    .rate = 0.05F,
    .seconds = 2,
    .ms_per_epoch = 15.5,
    .doing = "training",
};

/* ---- the folder ---- */

Test(run_folder, a_given_one_is_new_or_empty) {
    Scratch scratch = scratch_create();
    DlcaRunFolder folder;
    DlcaError error = {0};
    const char *path = scratch_path(&scratch, "run");
    cr_assert(dlca_run_folder_create(&folder, "task", path, &error), "%s", error.message);
    cr_assert(folder.created);
    DlcaRunFolder other;
    cr_assert(!dlca_run_folder_create(&other, "task", path, &error), "somebody works in it");
    cr_assert_eq(error.kind, DLCA_BAD_INPUT);
    cr_assert(strstr(error.message, "in use by process "), "%s", error.message);
    dlca_run_folder_release(&folder);
    cr_assert(dlca_run_folder_create(&folder, "task", path, &error), "an empty one is fine: %s", error.message);
    cr_assert(!folder.created);
    dlca_run_folder_release(&folder);
    char file[600];
    snprintf(file, sizeof file, "%s/file", path);
    scratch_write(file, "x", 1);
    cr_assert(!dlca_run_folder_create(&folder, "task", path, &error));
    cr_assert_eq(error.kind, DLCA_BAD_INPUT);
    cr_assert(strstr(error.message, "--out") && strstr(error.message, "has files in it"), "%s", error.message);
    cr_assert(!dlca_run_folder_create(&folder, "task", file, &error), "a file is no folder");
    cr_assert_eq(error.kind, DLCA_BAD_INPUT);
    snprintf(file, sizeof file, "%s/file/below", path);
    cr_assert(!dlca_run_folder_create(&folder, "task", file, &error), "below a file there is no folder");
    cr_assert_eq(error.kind, DLCA_BAD_INPUT);
    snprintf(file, sizeof file, "%s/file", path);
    unlink(file);
    scratch_remove(&scratch);
}

Test(run_folder, numbers_count_up_and_latest_follows) {
    Scratch scratch = scratch_create();
    DlcaRunFolder folder;
    DlcaError error = {0};
    char link[32] = "";
    cr_assert_eq(chdir(scratch.folder), 0);
    for (int run = 1; run <= 3; run++) {
        char expected[64];
        snprintf(expected, sizeof expected, "results/task/%03d", run);
        cr_assert(dlca_run_folder_create(&folder, "task", NULL, &error), "%s", error.message);
        cr_assert_str_eq(folder.path, expected);
        dlca_run_folder_release(&folder);
    }
    cr_assert_gt(readlink("results/task/latest", link, sizeof link - 1), 0);
    cr_assert_str_eq(link, "003");
    /* A gap is not filled: a number once given may stand in somebody's notes. */
    cr_assert_eq(rmdir("results/task/002"), 0);
    cr_assert(dlca_run_folder_create(&folder, "task", NULL, &error));
    cr_assert_str_eq(folder.path, "results/task/004");
    dlca_run_folder_remove(&folder);
    cr_assert_neq(access("results/task/004", F_OK), 0);
    rmdir("results/task/001");
    rmdir("results/task/003");
    unlink("results/task/latest");
    rmdir("results/task");
    rmdir("results");
    cr_assert_eq(chdir("/"), 0);
    scratch_remove(&scratch);
}

/* ---- log.csv ---- */

Test(run_log, heading_and_rows) {
    Scratch scratch = scratch_create();
    DlcaLog log;
    DlcaError error = {0};
    const char *path = scratch_path(&scratch, "log.csv");
    cr_assert(dlca_log_open(&log, path, &error), "%s", error.message);
    cr_assert(dlca_log_add(&log, &progress_example, &error));
    cr_assert(scratch_holds(path, "epoch,soft_loss,hard_loss,hard_accuracy,lr,seconds\n"
                                  "50,12.5,30.25,0.75,0.0500000007,2.000\n"),
              "a row is in the file as soon as it was added");
    cr_assert(dlca_log_close(&log, &error));
    cr_assert(dlca_log_close(&log, &error), "twice is fine");
    cr_assert(!dlca_log_open(&log, path, &error), "an old one is never overwritten");
    cr_assert_eq(error.kind, DLCA_FAILED);
    scratch_remove(&scratch);
}

#define HEADING "epoch,soft_loss,hard_loss,hard_accuracy,lr,seconds\n"
#define ROW "50,12.5,30.25,0.75,0.0500000007,2.000\n"

Test(run_log, goes_on_behind_the_rows_that_are_counted) {
    Scratch scratch = scratch_create();
    DlcaLog log;
    DlcaError error = {0};
    const char *path = scratch_path(&scratch, "log.csv");
    static const char torn[] = HEADING ROW ROW "70,12.";
    scratch_write(path, torn, sizeof torn - 1);
    cr_assert(!dlca_log_open_again(&log, path, 3, &error), "the third row is not whole");
    cr_assert_eq(error.kind, DLCA_BAD_INPUT);
    cr_assert(strstr(error.message, "log.csv"));
    cr_assert(scratch_holds(path, torn), "refused, and left alone");
    cr_assert(dlca_log_open_again(&log, path, 1, &error), "%s", error.message);
    cr_assert(scratch_holds(path, HEADING ROW));
    cr_assert(dlca_log_add(&log, &progress_example, &error));
    cr_assert_eq(log.rows, 2);
    cr_assert(dlca_log_flush(&log, &error));
    cr_assert(dlca_log_close(&log, &error));
    cr_assert(scratch_holds(path, HEADING ROW ROW));
    scratch_write(path, "something else\n" ROW, sizeof("something else\n" ROW) - 1);
    cr_assert(!dlca_log_open_again(&log, path, 1, &error), "no log of ours");
    scratch_remove(&scratch);
}

Test(run_log, one_that_was_removed_is_noticed) {
    Scratch scratch = scratch_create();
    DlcaLog log;
    DlcaError error = {0};
    const char *path = scratch_path(&scratch, "log.csv");
    cr_assert(dlca_log_open(&log, path, &error));
    cr_assert_eq(unlink(path), 0);
    cr_assert(!dlca_log_add(&log, &progress_example, &error));
    cr_assert_eq(error.kind, DLCA_FAILED);
    cr_assert(strstr(error.message, "was removed"), "%s", error.message);
    dlca_log_close(&log, &error);
    scratch_remove(&scratch);
}

Test(run_log, a_full_disk_is_found_at_once) {
    DlcaLog log;
    DlcaError error = {0};
    log = (DlcaLog){.file = fopen("/dev/full", "w"), .path = "/dev/full"};
    cr_assert_not_null(log.file);
    cr_assert(!dlca_log_add(&log, &progress_example, &error));
    cr_assert_eq(error.kind, DLCA_FAILED);
    cr_assert(strstr(error.message, "/dev/full"));
    fclose(log.file);
}

/* ---- summary.json ---- */

static cJSON *write_and_read_summary(const DlcaTrainResult *result, uint64_t seed) {
    Scratch scratch = scratch_create();
    DlcaError error = {0};
    DlcaTask task = {.config = {.task = "checkerboard",
                                .height = 16,
                                .width = 12,
                                .channels = 8,
                                .steps = 20,
                                .batch = 2,
                                .asynchronous = true}};
    const DlcaSummary summary = {
        .task = &task, .seed = seed, .epochs = 1000, .threads = 3, .peak_rss_bytes = 1 << 20, .result = result};
    const char *path = scratch_path(&scratch, "summary.json");
    cr_assert(dlca_summary_write(path, &summary, &error), "%s", error.message);
    size_t size = 0;
    char *text = (char *)scratch_read(path, &size);
    cJSON *object = cJSON_ParseWithLength(text, size);
    cr_assert_not_null(object);
    cr_assert_eq(text[size - 1], '\n');
    free(text);
    scratch_remove(&scratch);
    return object;
}

static double number(const cJSON *object, const char *name) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    cr_assert(cJSON_IsNumber(item), "%s is no number", name);
    return item->valuedouble;
}

Test(summary, has_exactly_the_documented_fields) {
    const char *const fields[] = {"task",
                                  "variant",
                                  "seed",
                                  "epochs",
                                  "epochs_run",
                                  "exact_epoch",
                                  "soft_loss",
                                  "hard_loss",
                                  "hard_accuracy",
                                  "hard_exact",
                                  "hold_steps",
                                  "proven_exact",
                                  "proven_hold",
                                  "restarts",
                                  "seconds_total",
                                  "seconds_train",
                                  "seconds_repair",
                                  "ms_per_epoch",
                                  "gate_evals_per_second",
                                  "gates_total",
                                  "gates_active",
                                  "gates_patched",
                                  "cells_mended",
                                  "finished_by_clock",
                                  "gates_optimized",
                                  "cells",
                                  "steps",
                                  "batch",
                                  "channels",
                                  "threads",
                                  "backend",
                                  "peak_rss_bytes",
                                  "version"};
    const int count = sizeof fields / sizeof fields[0];
    DlcaTrainResult result = {.epochs_run = 230, .exact_epoch = 180, .hard_exact = true, .backend = "avx2"};
    cJSON *object = write_and_read_summary(&result, 1);
    cr_assert_eq(cJSON_GetArraySize(object), count);
    for (int i = 0; i < count; i++) {
        cr_assert(cJSON_HasObjectItem(object, fields[i]), "%s is missing", fields[i]);
    }
    cJSON_Delete(object);
}

Test(summary, values) {
    DlcaTrainResult result = {.epochs_run = 200,
                              .exact_epoch = 180,
                              .hard_exact = true,
                              .hold_steps = 80,
                              .seconds_train = 3,
                              .hard_accuracy = 1,
                              .backend = "avx2"};
    cJSON *object = write_and_read_summary(&result, 7);
    cr_assert_str_eq(cJSON_GetObjectItem(object, "variant")->valuestring, "async");
    cr_assert_str_eq(cJSON_GetObjectItem(object, "version")->valuestring, DLCA_VERSION);
    cr_assert_eq(number(object, "seed"), 7);
    cr_assert_eq(number(object, "exact_epoch"), 180);
    cr_assert_eq(number(object, "hold_steps"), 80);
    cr_assert_eq(number(object, "ms_per_epoch"), 15);
    cr_assert_eq(number(object, "cells"), 192);
    cr_assert_eq(number(object, "threads"), 3);
    cr_assert(cJSON_IsTrue(cJSON_GetObjectItem(object, "hard_exact")));
    cr_assert(cJSON_IsNull(cJSON_GetObjectItem(object, "proven_exact")));
    cJSON_Delete(object);
    result = (DlcaTrainResult){.exact_epoch = -1};
    object = write_and_read_summary(&result, 7);
    cr_assert(cJSON_IsNull(cJSON_GetObjectItem(object, "exact_epoch")));
    cr_assert(cJSON_IsFalse(cJSON_GetObjectItem(object, "hard_exact")));
    cJSON_Delete(object);
}

Test(summary, a_seed_keeps_all_its_digits) {
    Scratch scratch = scratch_create();
    DlcaError error = {0};
    DlcaTask task = {0};
    DlcaTrainResult result = {0};
    const DlcaSummary summary = {.task = &task, .seed = 9223372036854775807U, .result = &result};
    const char *path = scratch_path(&scratch, "summary.json");
    cr_assert(dlca_summary_write(path, &summary, &error), "%s", error.message);
    size_t size = 0;
    char *text = (char *)scratch_read(path, &size);
    text = realloc(text, size + 1);
    text[size] = '\0';
    cr_assert(strstr(text, "9223372036854775807"), "%s", text);
    free(text);
    scratch_remove(&scratch);
}

Test(summary, a_failed_write_is_reported) {
    DlcaError error = {0};
    DlcaTask task = {0};
    DlcaTrainResult result = {0};
    const DlcaSummary summary = {.task = &task, .result = &result};
    cr_assert(!dlca_summary_write("/nowhere/at/all/summary.json", &summary, &error));
    cr_assert_eq(error.kind, DLCA_FAILED);
    cr_assert_gt(dlca_peak_rss_bytes(), 100000);
}

/* ---- the progress line ---- */

Test(progress, says_what_matters) {
    char text[256];
    dlca_progress_format(&progress_example, false, text, sizeof text);
    cr_assert_str_eq(text, "epoch 50/1000  soft loss 12.500  hard loss 30.25  wrong cells 64.00  15.50 ms/epoch  "
                           "ETA 0:38");
    dlca_progress_format(&progress_example, true, text, sizeof text);
    cr_assert_str_eq(text, "epoch 50/1000  soft 12.5  hard 30.2  wrong cells 64.0  15.5 ms  ETA 0:38");
    DlcaProgress within = progress_example;
    within.epoch = 51;
    within.within = true;
    within.part = 0.25;
    dlca_progress_format(&within, true, text, sizeof text);
    cr_assert(strstr(text, "epoch 51/1000 at 25 %  soft 12.5"), "%s", text);
    DlcaProgress progress = progress_example;
    progress.epoch = progress.epochs;
    progress.soft_loss = progress.hard_loss = progress.wrong_cells = 256;
    progress.doing = "repairing";
    dlca_progress_format(&progress, true, text, sizeof text);
    cr_assert_lt(strlen(text), 80, "%s", text);
    cr_assert(strstr(text, "repairing"));
    progress = (DlcaProgress){.epoch = 1, .epochs = 9, .doing = "training"};
    dlca_progress_format(&progress, true, text, sizeof text);
    cr_assert(strstr(text, "hard -  wrong cells -"), "nothing was judged yet: %s", text);
}

Test(progress, a_file_gets_a_line_per_interval) {
    char text[4096] = "";
    FILE *out = fmemopen(text, sizeof text - 1, "w");
    DlcaProgressLine line = dlca_progress_line(out, 10);
    DlcaProgress progress = progress_example;
    progress.epochs = 25;
    for (progress.epoch = 1; progress.epoch <= 25; progress.epoch++) {
        dlca_progress_line_show(&line, &progress);
    }
    dlca_progress_line_end(&line);
    fclose(out);
    int lines = 0;
    for (const char *at = text; *at; at++) {
        lines += *at == '\n';
    }
    cr_assert_eq(lines, 3, "epochs 10, 20 and the last: %s", text);
    cr_assert(strstr(text, "epoch 25/25"));
    cr_assert(!strchr(text, '\r') && !strchr(text, '\033'));
}

Test(progress, quiet_shows_nothing) {
    DlcaProgressLine line = dlca_progress_line(NULL, 1);
    dlca_progress_line_show(&line, &progress_example);
    dlca_progress_line_end(&line);
    cr_assert(!line.shown);
}
