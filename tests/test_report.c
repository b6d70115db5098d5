/* test_report.c - the report: escaping, columns of the log, recorded rollouts, and a page from hostile names.
 *
 * Whether the page is well-formed for a browser is test_report_page.py's. */
#include "../src/simulation.h"
#include "../train/report.h"
#include "../train/report_chart.h"
#include "../train/report_circuit.h"
#include "../train/report_log.h"
#include "../train/report_rollout.h"
#include "../train/report_text.h"
#include "scratch.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void assert_escaped(const char *given, const char *expected) {
    DlcaText text = {0};
    dlca_text_add(&text, "%s", "");
    dlca_report_escape(&text, given);
    cr_assert_str_eq(text.data, expected);
    dlca_text_free(&text);
}

Test(report, nothing_that_is_escaped_is_markup) {
    assert_escaped("", "");
    assert_escaped("plain text", "plain text");
    assert_escaped("<b onclick='x'>&\"", "&lt;b onclick=&#39;x&#39;&gt;&amp;&quot;");
    assert_escaped("a\nb\x7f\x01", "a?b??");
    assert_escaped("\xc3\xa9 \xe2\x86\x96 \xf0\x9f\x98\x80", "\xc3\xa9 \xe2\x86\x96 \xf0\x9f\x98\x80");
    assert_escaped("\xff\xc3<\xe2\x86", "??&lt;??");
}

Test(report, bytes_as_base64) {
    static const char *const given[] = {"", "f", "fo", "foo", "foobar"};
    static const char *const expected[] = {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYmFy"};
    for (int i = 0; i < 5; i++) {
        DlcaText text = {0};
        dlca_text_add(&text, "%s", "");
        dlca_report_base64(&text, (const uint8_t *)given[i], strlen(given[i]));
        cr_assert_str_eq(text.data, expected[i]);
        dlca_text_free(&text);
    }
}

Test(report, the_columns_of_a_log) {
    Scratch scratch = scratch_create();
    static const char log[] =
        "epoch,soft_loss,hard_loss,hard_accuracy,lr,seconds\n10,4,8,0.5,0.1,1\n20,2,4,0.75,0.1,2\n"
        "30,1,2,0.875,0.1,3\n40,0,0,1,0.1,4\n";
    DlcaLogColumns columns;
    DlcaError error = {0};
    scratch_write(scratch_path(&scratch, "log.csv"), log, sizeof log - 1);
    cr_assert(dlca_log_columns_read(&columns, scratch.folder, 100, &error), "%s", error.message);
    cr_assert_eq(columns.rows, 4);
    cr_assert(columns.epoch[1] == 20 && columns.soft_loss[0] == 4 && columns.hard_loss[2] == 2);
    cr_assert_float_eq(columns.wrong_percent[2], 12.5, 1e-9);
    dlca_log_columns_free(&columns);
    cr_assert(dlca_log_columns_read(&columns, scratch.folder, 2, &error), "%s", error.message);
    cr_assert(columns.rows == 2 && columns.epoch[0] == 15 && columns.hard_loss[1] == 1, "means of neighbours");
    dlca_log_columns_free(&columns);
    scratch_write(scratch_path(&scratch, "log.csv"), log, 51);
    cr_assert(dlca_log_columns_read(&columns, scratch.folder, 2, &error) && columns.rows == 0);
    dlca_log_columns_free(&columns);
    scratch_write(scratch_path(&scratch, "log.csv"), "epoch\nnonsense\n", 15);
    cr_assert_not(dlca_log_columns_read(&columns, scratch.folder, 2, &error));
    scratch_remove(&scratch);
}

/* ---- a run ---- */

typedef struct Example {
    DlcaTask task;
    DlcaModel *model;
    DlcaCircuit rule;
} Example;

/* Every gate passes a or computes as its number says: a rule that does something. */
static Example example(const char *name) {
    Example made = {0};
    DlcaCircuit whole;
    cr_assert(dlca_task_create(&made.task, name, false, true, false, 1, NULL));
    made.model = dlca_model_create(&made.task.config, NULL);
    cr_assert_not_null(made.model);
    dlca_model_wire(made.model, 1, 0);
    for (int64_t gate = 0; gate < made.model->gates; gate++) {
        made.model->ops[gate] = (uint8_t)(gate % 7 == 0 ? gate % DLCA_OPS : DLCA_OP_A);
    }
    made.model->has_ops = true;
    cr_assert(dlca_model_circuit(made.model, made.model->ops, &whole, NULL));
    cr_assert(dlca_circuit_copy(&made.rule, &whole, NULL));
    dlca_circuit_free(&whole);
    return made;
}

static void example_free(Example *made) {
    dlca_circuit_free(&made->rule);
    dlca_model_free(made->model);
    dlca_task_free(&made->task);
}

Test(report, a_recorded_rollout_is_the_simulation) {
    Example made = example("checkerboard");
    const DlcaConfig *config = &made.task.config;
    const DlcaSimulationSetup setup = {
        config->height, config->width, config->channels, config->periodic, false, 1.0, 9};
    DlcaRolloutRecord record;
    DlcaSimulation simulation;
    DlcaError error = {0};
    uint8_t bits[8 * 8 * 8];
    cr_assert(dlca_rollout_record(&record, &made.task, &made.rule, 9, 5, &error), "%s", error.message);
    cr_assert_eq(record.steps, config->steps + 5);
    cr_assert_eq(record.starts, 64);
    cr_assert_eq(record.frame_bytes, 8);
    cr_assert(dlca_simulation_create(&simulation, &setup, &made.rule, &error));
    cr_assert(dlca_task_start(&made.task, 9, DLCA_RANDOM_SIMULATE, 0, 0, bits));
    dlca_simulation_set(&simulation, bits);
    for (int32_t step = 0; step <= record.steps; step++) {
        int wrong = 0;
        dlca_simulation_get(&simulation, 1, bits);
        for (int i = 0; i < 64; i++) {
            cr_assert_eq(record.frames[step * 8 + i / 8] >> (i % 8) & 1, bits[i]);
            wrong += bits[i] != made.task.target[i];
        }
        cr_assert_geq(record.most_wrong[step], wrong);
        cr_assert(record.mean_wrong[step] >= 0 && record.mean_wrong[step] <= record.most_wrong[step]);
        dlca_simulation_step(&simulation);
    }
    dlca_simulation_free(&simulation);
    dlca_rollout_record_free(&record);
    example_free(&made);
}

Test(report, the_target_of_life_goes_on) {
    Example made = example("life");
    DlcaRolloutRecord record;
    DlcaError error = {0};
    cr_assert(dlca_rollout_record(&record, &made.task, &made.rule, 3, 4, &error), "%s", error.message);
    cr_assert_eq(record.steps, 5);
    cr_assert_eq(memcmp(record.targets, record.targets + record.frame_bytes, record.frame_bytes), 0);
    dlca_rollout_record_free(&record);
    example_free(&made);
}

/* The whole page as text, from a run that was never judged; free() it. */
static char *page_of(Example *made, const char *folder) {
    const DlcaRunOptions options = dlca_run_options_default();
    const DlcaArguments arguments = dlca_run_arguments("program", "summary", true);
    DlcaTrainResult result = {.exact_epoch = -1, .backend = "scalar", .gates_total = made->model->gates};
    const DlcaRun run = {&made->task, made->model, &options, &result, folder, &arguments, &options};
    const DlcaSummary summary = {.task = &made->task, .seed = 1, .epochs = 10, .threads = 1, .result = &result};
    char path[600];
    DlcaError error = {0};
    size_t size;
    snprintf(path, sizeof path, "%s/log.csv", folder);
    scratch_write(path, "epoch,soft_loss,hard_loss,hard_accuracy,lr,seconds\n", 51);
    cr_assert(dlca_report_write(&run, &summary, &made->rule, &error), "%s", error.message);
    snprintf(path, sizeof path, "%s/report.html", folder);
    char *bytes = (char *)scratch_read(path, &size);
    char *text = realloc(bytes, size + 1);
    cr_assert_not_null(text);
    text[size] = '\0';
    return text;
}

Test(report, hostile_names_stay_text) {
    Scratch scratch = scratch_create();
    Example made = example("checkerboard");
    strcpy(made.task.config.task, "</title><script>'\"&\xff");
    char *page = page_of(&made, scratch.folder);
    cr_assert_null(strstr(page, "</title><script>"));
    cr_assert_not_null(strstr(page, "&lt;/title&gt;&lt;script&gt;&#39;&quot;&amp;?"));
    free(page);
    example_free(&made);
    scratch_remove(&scratch);
}

Test(report, the_page_asks_nobody_else) {
    Scratch scratch = scratch_create();
    Example made = example("colors");
    char *page = page_of(&made, scratch.folder);
    cr_assert_null(strstr(page, "http"));
    cr_assert_null(strstr(page, "src="));
    cr_assert_null(strstr(page, "url("));
    cr_assert_not_null(strstr(page, "nothing was measured"));
    cr_assert_not_null(strstr(page, "too many for a drawing"));
    free(page);
    example_free(&made);
    scratch_remove(&scratch);
}

Test(report, small_circuits_are_drawn) {
    DlcaCircuit circuit;
    DlcaText text = {0};
    DlcaError error = {0};
    cr_assert(dlca_circuit_create(&circuit, 18, 2, 3, NULL));
    circuit.gate[0] = (DlcaGate){.a = 1, .b = 8, .op = DLCA_OP_XOR};
    circuit.gate[1] = (DlcaGate){.a = 18, .b = 17, .op = DLCA_OP_AND};
    circuit.gate[2] = (DlcaGate){.a = 0, .b = 0, .op = DLCA_OP_TRUE};
    circuit.output[0] = 19;
    circuit.output[1] = 20;
    cr_assert(dlca_report_circuit(&text, &circuit, 2, 1, &error), "%s", error.message);
    cr_assert_not_null(strstr(text.data, "upper left cell, channel 1"));
    cr_assert_not_null(strstr(text.data, "own cell, channel 0"));
    cr_assert_not_null(strstr(text.data, "lower right cell, channel 1"));
    cr_assert_null(strstr(text.data, "upper left cell, channel 0"), "TRUE reads nothing");
    cr_assert_not_null(strstr(text.data, "new value of channel 1"));
    dlca_text_free(&text);
    dlca_circuit_free(&circuit);
}

Test(report, charts_of_difficult_numbers) {
    static const double x[] = {1, 2, 3}, zeros[] = {0, 0, 0}, spread[] = {1e-30, 1e300, 0};
    for (int logarithmic = 0; logarithmic < 2; logarithmic++) {
        for (int32_t points = 0; points <= 3; points++) {
            const DlcaChart chart = {.style = "",
                                     .title = "<",
                                     .x_name = ">",
                                     .logarithmic = logarithmic != 0,
                                     .points = points,
                                     .x = x,
                                     .lines = 2,
                                     .line = {{"zeros", "soft", zeros}, {"spread", "hard", spread}}};
            DlcaText text = {0};
            dlca_report_chart(&text, &chart);
            cr_assert_null(strstr(text.data, "nan"));
            cr_assert_null(strstr(text.data, "inf"));
            cr_assert_leq(text.size, 5000);
            dlca_text_free(&text);
        }
    }
}
