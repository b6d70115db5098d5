/* command.h - what the commands of ./dlca share: the table's entry, parsing, reporting. Leaves alone: the commands. */
#ifndef DLCA_COMMAND_H
#define DLCA_COMMAND_H

#include "../train/arguments.h"

typedef struct DlcaCommand {
    const char *name;
    const char *summary;               /* one line */
    int (*run)(int argc, char **argv); /* argv[0] is the command's name; returns the exit code */
} DlcaCommand;

int dlca_command_simulate(int argc, char **argv);
int dlca_command_inspect(int argc, char **argv);
int dlca_command_circuit(int argc, char **argv);
int dlca_command_bench(int argc, char **argv);
int dlca_command_bench_simulate(int argc, char **argv);
int dlca_command_bench_cuda(int argc, char **argv);
int dlca_command_bench_kernels(int argc, char **argv);
int dlca_command_backends(int argc, char **argv);
int dlca_command_evaluate(int argc, char **argv);
int dlca_command_prove(int argc, char **argv);
int dlca_command_sweep(int argc, char **argv);

/* Parses; when help or the version was asked for, prints it. True when the command is to go on; otherwise *code is what
 * it returns. */
bool dlca_command_parse(const DlcaArguments *arguments, int argc, char **argv, void *values,
                        const char *operand[DLCA_MAX_OPERANDS], int *code);

/* A task's name from a file as a terminal may show it (dlca_make_plain). `plain` [32] is returned. */
const char *dlca_plain_task(const char *task, char plain[32]);

/* Prints the error as one line and returns its exit code. */
int dlca_command_fail(const char *program, const DlcaError *error);

#endif
