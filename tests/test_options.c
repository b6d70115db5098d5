/* test_options.c - command lines: the parser by its table, the trainers' options, suggestions. */
#include "../src/backend.h"
#include "../train/nearest.h"
#include "../train/options.h"

#include <criterion/criterion.h>
#include <string.h>

enum { MOST_WORDS = 16 };

/* Parses words up to NULL as a trainer's command line. */
static bool parse(DlcaRunOptions *options, DlcaRequest *request, DlcaError *error, char **words) {
    char *argv[MOST_WORDS] = {"train_x"};
    int argc = 1;
    while (words[argc - 1] && argc < MOST_WORDS) {
        argv[argc] = words[argc - 1];
        argc++;
    }
    const DlcaArguments arguments = dlca_run_arguments("train_x", "A test.", true);
    const char *operand[DLCA_MAX_OPERANDS];
    *options = dlca_run_options_default();
    *error = (DlcaError){0};
    return dlca_arguments_parse(&arguments, argc, argv, options, operand, request, error);
}

#define PARSE(...) parse(&options, &request, &error, (char *[]){__VA_ARGS__, NULL})

static void refused(const char *expected, char **words) {
    DlcaRunOptions options;
    DlcaRequest request;
    DlcaError error;
    cr_assert(!parse(&options, &request, &error, words), "'%s' was accepted", words[0]);
    cr_assert_eq(error.kind, DLCA_BAD_INPUT);
    cr_assert(strstr(error.message, expected), "'%s' lacks '%s'", error.message, expected);
    cr_assert(!strchr(error.message, '\n'));
}

#define REFUSED(expected, ...) refused(expected, (char *[]){__VA_ARGS__, NULL})

Test(options, defaults) {
    DlcaRunOptions options;
    DlcaRequest request;
    DlcaError error;
    cr_assert(parse(&options, &request, &error, (char *[]){NULL}));
    cr_assert_eq(request, DLCA_REQUEST_RUN);
    cr_assert_eq(options.epochs, 0);
    cr_assert_eq(options.threads, dlca_cpu_count());
    cr_assert_str_eq(options.backend, "auto");
    cr_assert_null(options.out);
    cr_assert(!options.paper && !options.small && !options.all_epochs && !options.frames && !options.quiet);
    cr_assert_eq(options.frame_every, 1);
    cr_assert_eq(options.save_every, 0);
}

Test(options, every_option_is_stored) {
    DlcaRunOptions options;
    DlcaRequest request;
    DlcaError error;
    cr_assert(PARSE("--epochs", "12", "--seed=9223372036854775807", "--out", "here", "--threads=3", "--backend",
                    "scalar", "--frame-every", "4", "--log-interval=5"),
              "%s", error.message);
    cr_assert_eq(options.epochs, 12);
    cr_assert_eq(options.seed, INT64_MAX);
    cr_assert_str_eq(options.out, "here");
    cr_assert_eq(options.threads, 3);
    cr_assert_str_eq(options.backend, "scalar");
    cr_assert_eq(options.frame_every, 4);
    cr_assert_eq(options.log_interval, 5);
    cr_assert(
        PARSE("--eval-interval", "6", "--save-every=7", "--paper", "--small", "--frames", "--all-epochs", "--quiet"),
        "%s", error.message);
    cr_assert_eq(options.eval_interval, 6);
    cr_assert_eq(options.save_every, 7);
    cr_assert(options.paper && options.small && options.all_epochs && options.frames && options.quiet);
}

Test(options, the_last_one_counts) {
    DlcaRunOptions options;
    DlcaRequest request;
    DlcaError error;
    cr_assert(PARSE("--seed", "1", "--seed", "2"));
    cr_assert_eq(options.seed, 2);
}

Test(options, a_value_that_looks_like_an_option_can_be_given_with_equals) {
    DlcaRunOptions options;
    DlcaRequest request;
    DlcaError error;
    cr_assert(PARSE("--out=--odd"));
    cr_assert_str_eq(options.out, "--odd");
}

Test(options, help_and_version_end_the_parsing) {
    DlcaRunOptions options;
    DlcaRequest request;
    DlcaError error;
    cr_assert(PARSE("--help", "--nonsense"));
    cr_assert_eq(request, DLCA_REQUEST_HELP);
    cr_assert(PARSE("-h"));
    cr_assert_eq(request, DLCA_REQUEST_HELP);
    cr_assert(PARSE("--version"));
    cr_assert_eq(request, DLCA_REQUEST_VERSION);
}

Test(options, unknown_ones_are_named_with_the_nearest) {
    REFUSED("unknown option '--epoch'; did you mean --epochs?", "--epoch", "5");
    REFUSED("did you mean --threads?", "--thread=2");
    REFUSED("did you mean --backend?", "--bakcend", "auto");
    REFUSED("did you mean --help?", "--hlep");
    REFUSED("did you mean --small?", "-small");
    REFUSED("unknown option '--zzzzzzzz'; accepted", "--zzzzzzzz");
    REFUSED("unknown option '-x'", "-x");
    REFUSED("unknown option '--'", "--");
}

Test(options, a_missing_value) {
    REFUSED("--epochs needs a value; accepted: a whole number from 1 to 1000000000", "--epochs");
    REFUSED("--seed needs a value", "--seed", "--quiet");
    REFUSED("--out needs a value", "--out");
    REFUSED("--out: '' is empty", "--out=");
    REFUSED("--seed: '' is empty", "--seed", "");
}

Test(options, not_a_number) {
    REFUSED("--epochs: 'many' is not a whole number", "--epochs", "many");
    REFUSED("--epochs: '10x' is not a whole number", "--epochs", "10x");
    REFUSED("--epochs: '1.5' is not a whole number", "--epochs=1.5");
    REFUSED("--epochs: ' 5' is not a whole number", "--epochs", " 5");
    REFUSED("--epochs: '+5' is not a whole number", "--epochs", "+5");
    REFUSED("--epochs: '0x10' is not a whole number", "--epochs", "0x10");
    REFUSED("--seed: '-' is not a whole number", "--seed", "-");
    REFUSED("--seed: '1e3' is not a whole number", "--seed", "1e3");
}

Test(options, out_of_range) {
    REFUSED("--epochs: '0' is out of range; accepted: a whole number from 1 to", "--epochs", "0");
    REFUSED("--seed: '-1' is out of range", "--seed", "-1");
    REFUSED("--threads: '0' is out of range", "--threads", "0");
    REFUSED("--threads: '1025' is out of range", "--threads", "1025");
    REFUSED("--frame-every: '0' is out of range", "--frame-every", "0");
    REFUSED("--log-interval: '0' is out of range", "--log-interval=0");
    REFUSED("--eval-interval: '0' is out of range", "--eval-interval=0");
    REFUSED("--save-every: '-5' is out of range", "--save-every", "-5");
    REFUSED("--seed: '9223372036854775808' is out of range", "--seed", "9223372036854775808");
    REFUSED("--epochs: '99999999999999999999999' is out of range", "--epochs", "99999999999999999999999");
}

Test(options, a_flag_takes_no_value) {
    REFUSED("--quiet takes no value, but 'yes' was given", "--quiet=yes");
}

Test(options, stray_arguments) {
    REFUSED("unexpected argument 'checkerboard'; train_x takes only options", "checkerboard");
    REFUSED("unexpected argument '-'", "-");
}

Test(options, backends_that_are_not_here) {
    REFUSED("--backend: ", "--backend", "abacus");
    for (int isa = 0; isa < DLCA_ISA_COUNT; isa++) {
        DlcaError error = {0};
        const char *name = dlca_isa_name((DlcaIsa)isa);
        cr_assert_eq(dlca_check_backend_name(name, &error), dlca_isa_usable((DlcaIsa)isa), "%s", name);
        if (!dlca_isa_usable((DlcaIsa)isa)) {
            REFUSED("--backend: ", "--backend", (char *)name);
        }
    }
    cr_assert(dlca_check_backend_name("auto", NULL));
}

/* ---- the kinds that the trainers do not use ---- */

typedef struct Values {
    int32_t pair;
    double real, open;
} Values;

static const DlcaOption value_options[] = {
    {.name = "on", .kind = DLCA_OPTION_SET, .help = "on", .offset = offsetof(Values, pair), .minimum = 1},
    {.name = "no-on", .kind = DLCA_OPTION_SET, .help = "off", .offset = offsetof(Values, pair), .minimum = 0},
    {.name = "real", .kind = DLCA_OPTION_REAL, .offset = offsetof(Values, real), .real_minimum = 0, .real_maximum = 1},
    {.name = "open", .kind = DLCA_OPTION_REAL, .offset = offsetof(Values, open), .real_maximum = 1, .open = true},
};

static bool parse_values(Values *values, const char **operand, DlcaError *error, int argc, char **argv) {
    const DlcaArguments arguments = {
        .program = "x", .operands = "FILE", .operand_count = 1, .summary = "", .option = value_options, .options = 4};
    DlcaRequest request;
    *values = (Values){.pair = -1};
    *error = (DlcaError){0};
    return dlca_arguments_parse(&arguments, argc, argv, values, operand, &request, error);
}

Test(options, reals_pairs_and_operands) {
    Values values;
    DlcaError error;
    const char *operand[DLCA_MAX_OPERANDS];
    cr_assert(parse_values(&values, operand, &error, 7,
                           (char *[]){"x", "--on", "file", "--real", "0", "--open=2.5e-1", "--no-on", NULL}));
    cr_assert_eq(values.pair, 0);
    cr_assert_eq(values.real, 0);
    cr_assert_eq(values.open, 0.25);
    cr_assert_str_eq(operand[0], "file");
    const char *const bad[] = {"--open=0",      "--open=1.1",   "--open=nan", "--open=inf",
                               "--open=0x1p-1", "--open=-0.5",  "--open=1e9", "--open=.",
                               "--open=0.5x",   "--open=1e999", "--open=1-"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cr_assert(!parse_values(&values, operand, &error, 3, (char *[]){"x", "file", (char *)bad[i], NULL}), "%s",
                  bad[i]);
        cr_assert(strstr(error.message, "--open: "), "%s", error.message);
    }
}

Test(options, operands_missing_and_too_many) {
    Values values;
    DlcaError error;
    const char *operand[DLCA_MAX_OPERANDS];
    cr_assert(!parse_values(&values, operand, &error, 1, (char *[]){"x", NULL}));
    cr_assert_str_eq(error.message, "an argument is missing; usage: x FILE [options]");
    cr_assert(!parse_values(&values, operand, &error, 3, (char *[]){"x", "a", "b", NULL}));
    cr_assert_str_eq(error.message, "unexpected argument 'b'; usage: x FILE [options]");
}

Test(options, help_shows_every_option_with_its_default) {
    char text[16384] = "";
    const DlcaArguments arguments = dlca_run_arguments("train_x", "A test.", true);
    DlcaRunOptions options = dlca_run_options_default();
    options.epochs = 777;
    FILE *out = fmemopen(text, sizeof text - 1, "w");
    dlca_arguments_help(&arguments, &options, out);
    fclose(out);
    for (int32_t i = 0; i < arguments.options; i++) {
        char name[64];
        snprintf(name, sizeof name, "  --%s", arguments.option[i].name);
        cr_assert(strstr(text, name), "%s is not in the help", name);
    }
    cr_assert(strstr(text, "(default: 777)"));
    cr_assert(strstr(text, "(default: auto)"));
    cr_assert(strstr(text, "--help") && strstr(text, "--version"));
}

/* ---- suggestions ---- */

Test(nearest, distances) {
    cr_assert_eq(dlca_edit_distance("", ""), 0);
    cr_assert_eq(dlca_edit_distance("", "abc"), 3);
    cr_assert_eq(dlca_edit_distance("kitten", "sitting"), 3);
    cr_assert_eq(dlca_edit_distance("epohcs", "epochs"), 1);
    cr_assert_eq(dlca_edit_distance("ab", "ba"), 1);
}

Test(nearest, words_too_far_are_not_suggested) {
    const char *const names[] = {"seed", "epochs", "frame-every"};
    cr_assert_str_eq(dlca_nearest("sead", names, 3), "seed");
    cr_assert_str_eq(dlca_nearest("frame", names, 3), "frame-every");
    cr_assert_null(dlca_nearest("s", names, 3));
    cr_assert_null(dlca_nearest("", names, 3));
    cr_assert_null(dlca_nearest("wxyz", names, 3));
}

Test(options, what_is_not_given_leaves_the_recipe_alone) {
    static const char *const names[] = {"checkerboard", "life", "lizard", "colors"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        DlcaTask task;
        cr_assert(dlca_task_create(&task, names[i], false, false, false, 1, NULL));
        const DlcaRecipe recipe = dlca_recipe(&task, false);
        DlcaRecipe changed;
        memcpy(&changed, &recipe, sizeof changed); /* padding too, for the comparison */
        const DlcaRunOptions defaults = dlca_run_options_default();
        dlca_method_apply(&defaults.method, &changed);
        cr_assert_eq(memcmp(&changed, &recipe, sizeof recipe), 0, "%s", names[i]);
        cr_assert(recipe.repair_below > 0.0 && recipe.repair_every > 0 && recipe.repair.annealing > 0, "%s", names[i]);
        dlca_task_free(&task);
    }
}

Test(options, a_gate_cost_is_for_many_starts) {
    static const char *const names[] = {"checkerboard", "life", "lizard", "colors"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        DlcaTask task;
        DlcaError error = {0};
        cr_assert(dlca_task_create(&task, names[i], false, false, false, 1, NULL));
        DlcaRecipe recipe = dlca_recipe(&task, false);
        cr_assert(dlca_recipe_check(&recipe, &task, &error), "%s", error.message);
        DlcaRunOptions options = dlca_run_options_default();
        options.method.gate_cost = 3.5;
        dlca_method_apply(&options.method, &recipe);
        cr_assert(recipe.repair.gate_cost == 3.5 && recipe.hurry.gate_cost == 3.5);
        const bool many = !dlca_task_one_start(&task);
        cr_assert_eq(dlca_recipe_check(&recipe, &task, &error), many, "%s", names[i]);
        cr_assert(many || (error.kind == DLCA_BAD_INPUT && strstr(error.message, "--gate-cost 3.5")));
        dlca_task_free(&task);
    }
}
