/* command.c - parsing and reporting for the commands of ./dlca. Leaves alone: the commands. */
#include "command.h"

#include "../src/dlca.h"

int dlca_command_fail(const char *program, const DlcaError *error) {
    fprintf(stderr, "%s: %s\n", program, error->message);
    return error->kind == DLCA_BAD_INPUT ? DLCA_BAD_INPUT : DLCA_FAILED;
}

const char *dlca_plain_task(const char *task, char plain[32]) {
    snprintf(plain, 32, "%.31s", task);
    dlca_make_plain(plain);
    return plain;
}

bool dlca_command_parse(const DlcaArguments *arguments, int argc, char **argv, void *values,
                        const char *operand[DLCA_MAX_OPERANDS], int *code) {
    DlcaRequest request;
    DlcaError error = {0};
    if (!dlca_arguments_parse(arguments, argc, argv, values, operand, &request, &error)) {
        *code = dlca_command_fail(arguments->program, &error);
        return false;
    }
    *code = 0;
    if (request == DLCA_REQUEST_HELP) {
        dlca_arguments_help(arguments, values, stdout);
    } else if (request == DLCA_REQUEST_VERSION) {
        printf("dlca %s\n", DLCA_VERSION);
    }
    return request == DLCA_REQUEST_RUN;
}
