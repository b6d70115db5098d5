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
 * behind a '-'. TEST_JOBS of the environment says how many run at a time (1). A test of ten seconds or more is told
 * with its time. */
#include <criterion/criterion.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Seconds; HANGS_AFTER is far more than the slowest test takes under valgrind on a busy machine. */
enum { TEST_FAILED = 97, HANGS_AFTER = 3600, SLOW = 10, MOST_JOBS = 64 };

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

/* A test in a process of its own. */
typedef struct Running {
    pid_t process; /* 0: none */
    const struct criterion_test *test;
    time_t since;
} Running;

static time_t seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static bool start(Running *running, const struct criterion_test *test) {
    if (test->data->kind_ != CR_TEST_NORMAL) {
        fprintf(stderr, "%s/%s: parameterized tests cannot run here\n", test->category, test->name);
        return false;
    }
    current = test;
    fflush(NULL);
    *running = (Running){.process = fork(), .test = test, .since = seconds_now()};
    if (running->process == 0) {
        alarm(test->data->timeout > 0 ? (unsigned)test->data->timeout * 4 + 1 : HANGS_AFTER);
        test->test();
        exit(0);
    }
    return running->process > 0;
}

static bool ended_well(const struct criterion_test *test, int status) {
    if (WIFSIGNALED(status)) {
        return WTERMSIG(status) == test->data->signal;
    }
    return test->data->signal == 0 && WEXITSTATUS(status) == test->data->exit_code;
}

/* Waits until one of them ends, and makes its place free; whether it passed. */
static bool wait_for_one(Running *running, int jobs) {
    int status = 0;
    const pid_t process = wait(&status);
    for (int i = 0; i < jobs; i++) {
        if (running[i].process != process) {
            continue;
        }
        const struct criterion_test *test = running[i].test;
        const long took = (long)(seconds_now() - running[i].since);
        running[i].process = 0;
        if (took >= SLOW) {
            fprintf(stderr, "[SLOW] %s::%s: %ld s\n", test->category, test->name, took);
        }
        if (!ended_well(test, status)) {
            fprintf(stderr, "[FAIL] %s::%s\n", test->category, test->name);
            return false;
        }
        return true;
    }
    fprintf(stderr, "a process ended that is no test\n");
    return false;
}

static Running *free_place(Running *running, int jobs) {
    for (int i = 0; i < jobs; i++) {
        if (running[i].process <= 0) {
            return &running[i];
        }
    }
    return NULL;
}

static int jobs_wanted(void) {
    const char *text = getenv("TEST_JOBS");
    const long jobs = text ? strtol(text, NULL, 10) : 1;
    return jobs < 1 ? 1 : jobs > MOST_JOBS ? MOST_JOBS : (int)jobs;
}

int main(int argc, char **argv) {
    Running running[MOST_JOBS] = {0};
    const int jobs = jobs_wanted();
    int tested = 0, failing = 0, open = 0;
    for (struct criterion_test **test = __start_cr_tst; test < __stop_cr_tst; test++) {
        if (!*test || (*test)->data->disabled || !wanted(*test, argc - 1, argv + 1)) {
            continue;
        }
        for (; open == jobs; open--) {
            failing += !wait_for_one(running, jobs);
        }
        const bool started = start(free_place(running, jobs), *test);
        tested++;
        open += started;
        failing += !started;
    }
    for (; open > 0; open--) {
        failing += !wait_for_one(running, jobs);
    }
    printf("[====] Synthesis: Tested: %d | Passing: %d | Failing: %d | Crashing: 0\n", tested, tested - failing,
           failing);
    return failing != 0;
}
