/* dlca.c - ./dlca: the table of commands. Leaves alone: what they do (one file each). */
#include "../src/dlca.h"
#include "../train/nearest.h"
#include "command.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

static const DlcaCommand commands[] = {
    {"simulate", "run a model's circuit: any size, any number of steps, damage, pictures", dlca_command_simulate},
    {"inspect", "what a model or circuit file holds, and whether it is sound", dlca_command_inspect},
    {"circuit", "make a circuit small, verify it, write it for other programs", dlca_command_circuit},
    {"bench", "how much of the machine's arithmetic peak training reaches", dlca_command_bench},
    {"evaluate", "try a circuit beyond its training: steps, sizes, damage, starts, firing", dlca_command_evaluate},
    {"prove", "prove a circuit right for every start and for ever, or find a start that is not", dlca_command_prove},
    {"sweep", "train a task with many seeds and settings, and count successes", dlca_command_sweep},
    {"backends", "the instruction sets that this program and this CPU have", dlca_command_backends},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void print_help(void) {
    printf("usage: dlca COMMAND [arguments]\n"
           "Works with what the trainers made (model.safetensors, circuit.json).\n\ncommands:\n");
    for (size_t i = 0; i < COMMANDS; i++) {
        printf("  %-12s%s\n", commands[i].name, commands[i].summary);
    }
    printf("\n  dlca COMMAND --help   the command's options\n  dlca --version        the version\n");
}

static int refuse(const char *what, const char *word) {
    const char *names[COMMANDS];
    for (size_t i = 0; i < COMMANDS; i++) {
        names[i] = commands[i].name;
    }
    DlcaError error;
    const char *nearest = word ? dlca_nearest(word, names, COMMANDS) : NULL;
    if (nearest) {
        dlca_fail(&error, DLCA_BAD_INPUT, "%s '%s'; did you mean %s? (dlca --help lists all)", what, word, nearest);
    } else {
        dlca_fail(&error, DLCA_BAD_INPUT, "%s%s%s%s; accepted are those that dlca --help lists", what, word ? " '" : "",
                  word ? word : "", word ? "'" : "");
    }
    return dlca_command_fail("dlca", &error);
}

static int run_command(int argc, char **argv) {
    if (argc < 2) {
        return refuse("a command is missing", NULL);
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        print_help();
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("dlca %s\n", DLCA_VERSION);
        return 0;
    }
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(argv[1], commands[i].name) == 0) {
            return commands[i].run(argc - 1, argv + 1);
        }
    }
    return refuse(argv[1][0] == '-' ? "unknown option" : "unknown command", argv[1]);
}

/* What was printed but could not be written, on a full disk, must not pass for success. */
static int check_output(int code) {
    if (code == 0 && (fflush(stdout) != 0 || ferror(stdout))) {
        fprintf(stderr, "dlca: the output cannot be written: %s\n", strerror(errno));
        return DLCA_FAILED;
    }
    return code;
}

int main(int argc, char **argv) {
    /* A file that may not grow further is an error of the write, not the end of the program. */
    signal(SIGXFSZ, SIG_IGN);
    return check_output(run_command(argc, argv));
}
