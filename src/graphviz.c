/* graphviz.c - starts `dot` and waits for it, not for long. */
#include "graphviz.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { PATIENCE_MS = 8000, LOOK_EVERY_MS = 5, PIECE = 1 << 16, MOST_BYTES = 1 << 28 };

static bool start(FILE *in, FILE *out, pid_t *child) {
    const char *words[] = {"dot", "-Tsvg", NULL};
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

static bool wait_for(pid_t child) {
    const struct timespec pause = {.tv_nsec = LOOK_EVERY_MS * 1000000L};
    int status = 0;
    for (int waited = 0; waited < PATIENCE_MS; waited += LOOK_EVERY_MS) {
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
    static const char end[] = "</svg>";
    char piece[PIECE];
    size_t size, before = text->size;
    rewind(file);
    while ((size = fread(piece, 1, sizeof piece, file)) > 0 && text->size - before < MOST_BYTES) {
        dlca_text_add_bytes(text, piece, size);
    }
    return !ferror(file) && !text->failed && text->size - before > sizeof end;
}

bool dlca_graphviz_svg(const char *graph, size_t size, DlcaText *svg) {
    FILE *in = tmpfile(), *out = tmpfile();
    pid_t child;
    bool good =
        in && out && fwrite(graph, 1, size, in) == size && fflush(in) == 0 && lseek(fileno(in), 0, SEEK_SET) == 0;
    good = good && start(in, out, &child) && wait_for(child) && read_all(out, svg);
    if (in) {
        fclose(in);
    }
    if (out) {
        fclose(out);
    }
    return good;
}
