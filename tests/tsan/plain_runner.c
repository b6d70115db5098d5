/* plain_runner.c - runs the Criterion tests where Criterion's own runner cannot: under the thread sanitizer.
 *
 * Criterion starts each test in a process that shares memory at a fixed address with it, in a range that the thread
 * sanitizer keeps for itself, so its runner stops before the first test. This one walks the same table of tests, forks
 * once for each, and prints the same closing line. It stands in for the few functions that the assertions call. Leaves
 * alone: parameterized tests and theories (it reports them as failed, so that none is passed over unseen).
 *
 * Under valgrind it stands in for Criterion's because that one's processes take minutes there.
 *
 * Arguments: only tests whose "suite/name" contains one of them are run, none: all; but none that contains what stands
 * behind a '-'. */
#include <criterion/criterion.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Seconds; far more than the slowest test takes under valgrind on a busy machine. */
enum { TEST_FAILED = 97, HANGS_AFTER = 3600 };

extern struct criterion_test *__start_cr_tst[], *__stop_cr_tst[];
extern struct criterion_suite *__start_cr_sts[] __attribute__((weak)), *__stop_cr_sts[] __attribute__((weak));

static const struct criterion_test *current;

/* ---- what the assertions and the test trampolines call ---- */

void cri_asserts_passed_incr(void) {
}

void criterion_send_assert(struct criterion_assert_stats *stats) {
    fprintf(stderr, "%s:%u: assertion failed: %s\n", stats->file, stats->line, stats->message ? stats->message : "");
    exit(TEST_FAILED);
}

void criterion_abort_test(void) {
    exit(TEST_FAILED);
}

static const struct criterion_test_extra_data *suite_data(const char *name) {
    for (struct criterion_suite **suite = __start_cr_sts; suite < __stop_cr_sts; suite++) {
        if (*suite && strcmp((*suite)->name, name) == 0) {
            return (*suite)->data;
        }
    }
    return NULL;
}

void criterion_internal_test_setup(void) {
    const struct criterion_test_extra_data *suite = suite_data(current->category);
    if (suite && suite->init) {
        suite->init();
    }
    if (current->data->init) {
        current->data->init();
    }
}

void criterion_internal_test_main(void (*function)(void)) {
    function();
}

void criterion_internal_test_teardown(void) {
    const struct criterion_test_extra_data *suite = suite_data(current->category);
    if (current->data->fini) {
        current->data->fini();
    }
    if (suite && suite->fini) {
        suite->fini();
    }
}

/* ---- the runner ---- */

static bool wanted(const struct criterion_test *test, int count, char **names) {
    char identifier[512];
    snprintf(identifier, sizeof identifier, "%s/%s", test->category, test->name);
    bool chosen = false, named = false;
    for (int i = 0; i < count; i++) {
        if (names[i][0] == '-' && strstr(identifier, names[i] + 1)) {
            return false;
        }
        named = named || names[i][0] != '-';
        chosen = chosen || (names[i][0] != '-' && strstr(identifier, names[i]));
    }
    return chosen || !named;
}

static bool run(const struct criterion_test *test) {
    if (test->data->kind_ != CR_TEST_NORMAL) {
        fprintf(stderr, "%s/%s: parameterized tests cannot run here\n", test->category, test->name);
        return false;
    }
    current = test;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        alarm(test->data->timeout > 0 ? (unsigned)test->data->timeout * 4 + 1 : HANGS_AFTER);
        test->test();
        exit(0);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) {
        return false;
    }
    if (WIFSIGNALED(status)) {
        return WTERMSIG(status) == test->data->signal;
    }
    return test->data->signal == 0 && WEXITSTATUS(status) == test->data->exit_code;
}

int main(int argc, char **argv) {
    int tested = 0, failing = 0;
    for (struct criterion_test **test = __start_cr_tst; test < __stop_cr_tst; test++) {
        if (!*test || (*test)->data->disabled || !wanted(*test, argc - 1, argv + 1)) {
            continue;
        }
        tested++;
        if (!run(*test)) {
            failing++;
            fprintf(stderr, "[FAIL] %s::%s\n", (*test)->category, (*test)->name);
        }
    }
    printf("[====] Synthesis: Tested: %d | Passing: %d | Failing: %d | Crashing: 0\n", tested, tested - failing,
           failing);
    return failing != 0;
}
