/* other_program.c - starts a program and waits for it, not for long. */
#include "other_program.h"

#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_EVERY_MS = 5, PIECE = 1 << 16, MOST_BYTES = 1 << 28, PATH_BYTES = 512 };

/* Large graphs can take Graphviz hours; a comparison that takes ABC a minute is rare. */
enum { GRAPHVIZ_MS = 8000, ABC_MS = 60000 };

static bool start(const char *const *words, FILE *in, FILE *out, pid_t *child) {
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0) {
        return false;
    }
    const bool good = posix_spawn_file_actions_adddup2(&actions, fileno(in), STDIN_FILENO) == 0 &&
                      posix_spawn_file_actions_adddup2(&actions, fileno(out), STDOUT_FILENO) == 0 &&
                      posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) == 0 &&
                      posix_spawnp(child, words[0], &actions, NULL, (char *const *)(uintptr_t)words, environ) == 0;
    posix_spawn_file_actions_destroy(&actions);
    return good;
}

static bool wait_for(pid_t child, int32_t patience_ms) {
    const struct timespec pause = {.tv_nsec = LOOK_EVERY_MS * 1000000L};
    int status = 0;
    for (int32_t waited = 0; waited < patience_ms; waited += LOOK_EVERY_MS) {
        const pid_t ended = waitpid(child, &status, WNOHANG);
        if (ended == child || (ended < 0 && errno != EINTR)) {
            return ended == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
        }
        nanosleep(&pause, NULL);
    }
    kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return false;
}

static bool read_all(FILE *file, DlcaText *text) {
    char piece[PIECE];
    size_t size;
    rewind(file);
    while ((size = fread(piece, 1, sizeof piece, file)) > 0 && text->size < MOST_BYTES) {
        dlca_text_add_bytes(text, piece, size);
    }
    return !ferror(file) && !text->failed && text->size > 0;
}

/* Input and output are files that have no name, so neither side ever waits for the other. */
bool dlca_other_program(const char *const *words, const char *input, size_t size, int32_t patience_ms,
                        DlcaText *output) {
    FILE *in = tmpfile(), *out = tmpfile();
    pid_t child;
    bool good =
        in && out && fwrite(input, 1, size, in) == size && fflush(in) == 0 && lseek(fileno(in), 0, SEEK_SET) == 0;
    good = good && start(words, in, out, &child) && wait_for(child, patience_ms) && read_all(out, output);
    if (in) {
        fclose(in);
    }
    if (out) {
        fclose(out);
    }
    return good;
}

bool dlca_graphviz_svg(const char *graph, size_t size, DlcaText *svg) {
    const char *const words[] = {"dot", "-Tsvg", NULL};
    return dlca_other_program(words, graph, size, GRAPHVIZ_MS, svg);
}

static DlcaAbcAnswer compare_files(const char *left, const char *right) {
    char command[3 * PATH_BYTES];
    const char *const words[] = {"berkeley-abc", "-c", command, NULL};
    DlcaText output = {0};
    DlcaAbcAnswer answer = DLCA_ABC_NONE;
    snprintf(command, sizeof command, "cec %s %s", left, right);
    if (dlca_other_program(words, "", 0, ABC_MS, &output)) {
        /* Its exit code is 0 whatever it finds. */
        answer = strstr(output.data, "Networks are equivalent")       ? DLCA_ABC_EQUIVALENT
                 : strstr(output.data, "Networks are NOT EQUIVALENT") ? DLCA_ABC_DIFFERENT
                                                                      : DLCA_ABC_NONE;
    }
    dlca_text_free(&output);
    return answer;
}

DlcaAbcAnswer dlca_abc_compare(const DlcaText *left, const DlcaText *right) {
    char folder[] = "/tmp/dlca-XXXXXX", left_path[PATH_BYTES], right_path[PATH_BYTES];
    if (!mkdtemp(folder)) {
        return DLCA_ABC_NONE;
    }
    snprintf(left_path, sizeof left_path, "%s/left.blif", folder);
    snprintf(right_path, sizeof right_path, "%s/right.blif", folder);
    DlcaAbcAnswer answer = DLCA_ABC_NONE;
    if (dlca_file_write(left_path, left->data, left->size, NULL) &&
        dlca_file_write(right_path, right->data, right->size, NULL)) {
        answer = compare_files(left_path, right_path);
    }
    unlink(left_path);
    unlink(right_path);
    rmdir(folder);
    return answer;
}
